//! Phase by phase: what each makes of every input.

use bearer::Indication;
use engine::Tone;
use machine::{Machine, Restore, SnapshotFault, Survey};
use units::{Cause, Digits, Instant, Party};

use super::{Call, HOWLER, Phase};
use crate::app::{Action, Notice};
use crate::event::{Input, Media, Output};

impl Call {
    fn routing(&mut self, now: Instant, input: Input) {
        match input {
            Input::Route(route) => self.routed(now, route),
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(cause) => self.clear(now, cause, Party::Box),
            Input::Digit(..)
            | Input::Played(..)
            | Input::App(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn dialling(&mut self, now: Instant, input: Input) {
        match input {
            Input::Digit(_, digit) => self.dialled(now, digit),
            Input::Route(route) => self.routed(now, route),
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(cause) => self.clear(now, cause, Party::Box),
            Input::Played(..)
            | Input::App(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn overlap(&mut self, now: Instant, input: Input) {
        match input {
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(cause) => self.clear(now, cause, Party::Box),
            Input::Digit(..)
            | Input::Played(..)
            | Input::App(_)
            | Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn in_flow(&mut self, now: Instant, input: Input) {
        match input {
            Input::App(action) => self.act(now, action),
            Input::Digit(_, digit) => self.say(Output::App(Notice::Digit(digit))),
            Input::Played(_, token) => self.say(Output::App(Notice::Played { token })),
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(cause) => self.clear(now, cause, Party::Box),
            Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn asking(&mut self, now: Instant, input: Input) {
        match input {
            Input::Route(route) => self.asked(now, route),
            Input::App(Action::StopRinging) => self.phase = Phase::InFlow,
            Input::App(Action::Release { cause }) | Input::Clear(cause) => {
                self.clear(now, cause, Party::Box);
            }
            Input::Line(indication) => self.line_says(now, indication),
            Input::App(_)
            | Input::Digit(..)
            | Input::Played(..)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn ringing(&mut self, now: Instant, input: Input) {
        match input {
            Input::Line(indication) => self.line_says(now, indication),
            Input::App(Action::StopRinging) if self.flow.is_some() => self.stop_ringing(),
            Input::App(Action::Release { cause }) | Input::Clear(cause) => {
                self.clear(now, cause, Party::Box);
            }
            // `#` says that the number is whole.
            Input::Digit(_, digit) if self.dialled_in_band => {
                let complete = digit.ascii() == b'#';
                let mut digits = Digits::new();
                if !complete {
                    let _ = digits.push(digit);
                }
                self.dials_on(digits, complete);
            }
            Input::App(_)
            | Input::Digit(..)
            | Input::Played(..)
            | Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn deflecting(&mut self, now: Instant, input: Input) {
        match input {
            Input::Line(indication) => self.line_says(now, indication),
            Input::App(Action::StopRinging) => self.stop_deflecting(),
            Input::App(Action::Release { cause }) | Input::Clear(cause) => {
                self.clear(now, cause, Party::Box);
            }
            Input::App(_)
            | Input::Digit(..)
            | Input::Played(..)
            | Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn talking(&mut self, now: Instant, input: Input) {
        match input {
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(cause) => self.clear(now, cause, Party::Box),
            Input::App(_)
            | Input::Digit(..)
            | Input::Played(..)
            | Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn pin(&mut self, now: Instant, input: Input, wrong: u8) {
        match input {
            Input::Digit(_, digit) => self.pin_digit(now, digit, wrong),
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(cause) => self.clear(now, cause, Party::Box),
            Input::App(_)
            | Input::Played(..)
            | Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn conferring(&mut self, now: Instant, input: Input) {
        match input {
            Input::Voice { gain_db, muted } => self.set_voice(gain_db, muted),
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(cause) => self.clear(now, cause, Party::Box),
            Input::App(_)
            | Input::Digit(..)
            | Input::Played(..)
            | Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }

    fn clearing(&mut self, now: Instant, input: Input) {
        match input {
            Input::Line(indication) => self.line_says(now, indication),
            Input::Clear(_)
            | Input::App(_)
            | Input::Digit(..)
            | Input::Played(..)
            | Input::Route(_)
            | Input::Said { .. }
            | Input::Identify
            | Input::Voice { .. }
            | Input::Found(_)
            | Input::Interrupted => {}
        }
    }
}

impl Machine for Call {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Interrupted => return self.interrupted(),
            Input::Identify => return self.identify(),
            Input::Found(finding) => return self.found(finding),
            Input::Said { leg, elements } => return self.said(leg, elements),
            _ => {}
        }
        match self.phase {
            Phase::New => {
                if let Input::Line(indication) = input {
                    self.new_call(now, indication);
                }
            }
            Phase::Routing => self.routing(now, input),
            Phase::Dialling { .. } => self.dialling(now, input),
            Phase::Overlap => self.overlap(now, input),
            Phase::InFlow => self.in_flow(now, input),
            Phase::Asking => self.asking(now, input),
            Phase::Ringing { .. } => self.ringing(now, input),
            Phase::Deflecting { .. } => self.deflecting(now, input),
            Phase::Talking => self.talking(now, input),
            Phase::Pin { wrong, .. } => self.pin(now, input, wrong),
            Phase::Conferring => self.conferring(now, input),
            Phase::Clearing { .. } | Phase::Howling { .. } => self.clearing(now, input),
            Phase::Ended => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.phase {
            Phase::Dialling { until } if now >= until => self.dialling_ended(now),
            Phase::Deflecting { until } if now >= until => self.deflecting_ended(now),
            Phase::Pin { until, wrong } if now >= until => self.pin_ended(now, wrong),
            Phase::Ringing { until: Some(until) } if now >= until => {
                self.clear(now, Cause::NO_ANSWER, Party::Box);
            }
            Phase::Clearing { until } if now >= until && self.may_howl() => {
                self.tell_end();
                self.phase = Phase::Howling { until: now + HOWLER };
                if let Some(port) = self.port() {
                    self.media(Media::Tone(port, Tone::Howler));
                }
            }
            Phase::Clearing { until } | Phase::Howling { until } if now >= until => {
                // A line that never says that its leg is gone must not keep the call, nor its tone.
                if let Some(port) = self.port() {
                    self.media(Media::Silence(port));
                }
                self.caller = None;
                self.other = None;
                self.perhaps_ended();
            }
            _ => {}
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self.phase {
            Phase::Dialling { until }
            | Phase::Clearing { until }
            | Phase::Howling { until }
            | Phase::Pin { until, .. }
            | Phase::Deflecting { until } => Some(until),
            Phase::Ringing { until } => until,
            Phase::New
            | Phase::Routing
            | Phase::Overlap
            | Phase::InFlow
            | Phase::Asking
            | Phase::Talking
            | Phase::Conferring
            | Phase::Ended => None,
        }
    }
}

impl Restore for Call {
    const VERSION: u16 = 6;
    const OLDEST: u16 = 5;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, self, room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        if octets.first_chunk() == Some(&Self::OLDEST.to_be_bytes()) {
            // No call of then is in a conference, which stands behind all that it had.
            let octets = [octets, &[0]].concat();
            return machine::restore(Self::OLDEST, Self::VERSION, &octets);
        }
        machine::restore(Self::OLDEST, Self::VERSION, octets)
    }
}

const NO_TIMER: &str = "no timer runs in this state";

impl Survey for Call {
    const STATES: &'static [&'static str] = Phase::NAMES;
    const INPUTS: &'static [&'static str] = &[
        "offered",
        "line digits",
        "channel",
        "alerting",
        "progress",
        "answered",
        "notified",
        "said",
        "charge",
        "served",
        "released",
        "digit",
        "played",
        "app",
        "route",
        "clear",
        "identify",
        "voice",
        "found",
        "interrupted",
        "timeout",
    ];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("New", "timeout", NO_TIMER),
        ("Routing", "timeout", NO_TIMER),
        ("Overlap", "timeout", NO_TIMER),
        ("InFlow", "timeout", NO_TIMER),
        ("Asking", "timeout", NO_TIMER),
        ("Talking", "timeout", NO_TIMER),
        ("Conferring", "timeout", NO_TIMER),
        ("Ended", "timeout", NO_TIMER),
    ];

    fn state(&self) -> &'static str {
        self.phase.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Line(indication) => match indication {
                Indication::Offered { .. } => "offered",
                Indication::Digits { .. } => "line digits",
                Indication::Channel { .. } => "channel",
                Indication::Alerting { .. } => "alerting",
                Indication::Progress { .. } => "progress",
                Indication::Answered { .. } => "answered",
                Indication::Notified { .. } => "notified",
                Indication::Charge { .. } => "charge",
                Indication::Served { .. } => "served",
                Indication::Released { .. } => "released",
            },
            Input::Said { .. } => "said",
            Input::Digit(..) => "digit",
            Input::Played(..) => "played",
            Input::App(_) => "app",
            Input::Route(_) => "route",
            Input::Clear(_) => "clear",
            Input::Identify => "identify",
            Input::Voice { .. } => "voice",
            Input::Found(_) => "found",
            Input::Interrupted => "interrupted",
        }
    }
}
