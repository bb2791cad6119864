//! The register of the end that a call reaches.

use heapless::Deque;
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Digit, Instant, MfSignal};

use crate::event::{IncomingInput as Input, IncomingOutput as Output, Presented};
use crate::variant::{Ask, Variant, Verdict, Wants};

/// What the next forward signal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Part {
    Called,
    Category,
    Calling,
    Service,
}

/// What the backward signal that is sent means, for when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Then {
    /// The next forward signal is this.
    Hear(Part),
    /// The call goes through.
    Through,
    /// It does not.
    Rejected,
    /// The far end spoke nonsense.
    Fail,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Silent both ways; a forward signal is awaited.
    Waiting { until: Instant },
    /// A backward signal is sent, and the end of the forward one awaited.
    Answering { then: Then, until: Instant },
    /// The last forward signal is there; the owner decides.
    Deciding { until: Instant },
    /// The far end has fallen silent before it was told.
    Abandoned { until: Instant },
    /// "Complete" is sent by itself (Q.442).
    Pulsing { until: Instant },
    /// Forward signals are not looked at yet.
    Guarding { until: Instant },
    /// The work is done.
    Done,
    /// The last signal is sent again after an interruption; the far end may have had it.
    Settling { then: Then, until: Instant },
}

machine::names!(State {
    Waiting { .. } => "Waiting",
    Answering { .. } => "Answering",
    Deciding { .. } => "Deciding",
    Abandoned { .. } => "Abandoned",
    Pulsing { .. } => "Pulsing",
    Guarding { .. } => "Guarding",
    Done => "Done",
    Settling { .. } => "Settling",
});

/// Hears from the far end who calls whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Incoming {
    variant: Variant,
    wants: Wants,
    state: State,
    part: Part,
    /// The caller was asked for.
    asked: bool,
    /// All of the called number is there.
    complete: bool,
    group_c: bool,
    presented: Presented,
    sent: Option<MfSignal>,
    /// The forward signal that is there.
    forward: Option<MfSignal>,
    #[serde(skip)]
    outputs: Deque<Output, 4>,
}

fn digit(signal: MfSignal) -> Option<Digit> {
    match signal.number() {
        number @ 1..=9 => Digit::new(b'0' + number),
        10 => Digit::new(b'0'),
        _ => None,
    }
}

impl Incoming {
    /// For one call, from the acknowledgement of its seizure on.
    #[must_use]
    pub fn new(now: Instant, variant: Variant, wants: Wants) -> Self {
        Self {
            state: State::Waiting { until: now + variant.timing.between_most },
            variant,
            wants,
            part: Part::Called,
            asked: false,
            complete: false,
            group_c: false,
            presented: Presented::default(),
            sent: None,
            forward: None,
            outputs: Deque::new(),
        }
    }

    /// What it sends now.
    #[must_use]
    pub const fn sends(&self) -> Option<MfSignal> {
        self.sent
    }

    fn say(&mut self, output: Output) {
        // Two at most come from one input, and the queue is drained between.
        let _ = self.outputs.push_back(output);
    }

    fn send(&mut self, signal: Option<MfSignal>) {
        if self.sent != signal {
            self.sent = signal;
            self.say(Output::Send(signal));
        }
    }

    fn done(&mut self, output: Output) {
        self.send(None);
        self.state = State::Done;
        self.say(output);
    }

    fn answer(&mut self, now: Instant, signal: Option<MfSignal>, then: Then) {
        match signal {
            Some(_) => {
                let until = now + self.variant.timing.between_most;
                self.state = State::Answering { then, until };
                self.send(signal);
            }
            // The variant has no signal for it.
            None => self.done(Output::Failed(Cause::NETWORK_OUT_OF_ORDER)),
        }
    }

    fn nonsense(&mut self, now: Instant) {
        self.answer(now, self.variant.failure(self.group_c), Then::Fail);
    }

    /// A forward signal is there: take it in and answer.
    fn heard(&mut self, now: Instant, signal: MfSignal) {
        match self.part {
            Part::Called => self.called(now, signal),
            Part::Category => {
                self.presented.category = Some(signal);
                self.ask_calling(now);
            }
            Part::Calling => self.calling(now, signal),
            Part::Service => {
                // Q.474
                self.presented.service = Some(signal);
                let until = now + self.variant.timing.between_most;
                self.state = State::Deciding { until };
                self.say(Output::Complete(self.presented.clone()));
            }
        }
    }

    fn called(&mut self, now: Instant, signal: MfSignal) {
        match digit(signal) {
            Some(digit) => {
                // What is longer than any number is left out.
                let _ = self.presented.called.push(digit);
            }
            // Q.473
            None if signal == MfSignal::LAST => self.complete = true,
            None => return self.nonsense(now),
        }
        let count = self.presented.called.len();
        let known = self.wants.called > 0 && count >= usize::from(self.wants.called);
        self.complete |= known || count >= units::number::MAX_DIGITS;
        let after = usize::from(self.wants.caller_after);
        let in_time = self.complete || (after > 0 && count >= after);
        if self.wants.caller && !self.asked && in_time {
            return self.ask_caller(now);
        }
        if self.complete { self.finish(now) } else { self.ask_called(now) }
    }

    fn ask_called(&mut self, now: Instant) {
        let ask = if self.group_c { Ask::NextInA } else { Ask::Next };
        let signal = self.variant.signal(ask, self.group_c);
        self.group_c = false;
        self.answer(now, signal, Then::Hear(Part::Called));
    }

    fn ask_caller(&mut self, now: Instant) {
        self.asked = true;
        for ask in [Ask::Caller, Ask::CallerThenNext, Ask::CallerInC] {
            if let Some(signal) = self.variant.signal(ask, false) {
                self.answer(now, Some(signal), Then::Hear(Part::Category));
                self.group_c = ask == Ask::CallerInC;
                return;
            }
        }
        // Nobody can be asked.
        if self.complete { self.finish(now) } else { self.ask_called(now) }
    }

    fn ask_calling(&mut self, now: Instant) {
        let ask = if self.group_c {
            Ask::NextCalling
        } else if self.variant.a.contains(&Ask::Caller) {
            Ask::Caller
        } else {
            Ask::Next
        };
        let signal = self.variant.signal(ask, self.group_c);
        self.answer(now, signal, Then::Hear(Part::Calling));
    }

    fn calling(&mut self, now: Instant, signal: MfSignal) {
        let full = match digit(signal) {
            Some(digit) => self.presented.calling.push(digit).is_err(),
            None if Some(signal) == self.variant.restricted => {
                self.presented.restricted = true;
                true
            }
            None if signal == self.variant.end_of_calling || signal == MfSignal::LAST => true,
            None => return self.nonsense(now),
        };
        match (full, self.complete) {
            (false, _) => self.ask_calling(now),
            (true, true) => self.finish(now),
            (true, false) => self.ask_called(now),
        }
    }

    fn finish(&mut self, now: Instant) {
        let signal = self.variant.signal(Ask::Complete, self.group_c);
        self.group_c = false;
        self.answer(now, signal, Then::Hear(Part::Service));
    }

    fn waiting(&mut self, now: Instant, input: Input) {
        match input {
            Input::Heard(Some(signal)) => self.heard(now, signal),
            Input::Reject(_) => self.pulse_failure(now),
            Input::Heard(None) | Input::Accept { .. } | Input::Interrupted => {}
        }
    }

    /// Q.442: a signal by itself tells a far end that has fallen silent that it is over.
    fn pulse_failure(&mut self, now: Instant) {
        match self.variant.failure(self.group_c) {
            Some(signal) => {
                self.complete = false;
                self.pulse(now, signal);
            }
            None => self.done(Output::Done(false)),
        }
    }

    fn pulse(&mut self, now: Instant, signal: MfSignal) {
        self.state = State::Pulsing { until: now + self.variant.timing.pulse };
        self.send(Some(signal));
    }

    fn answering(&mut self, now: Instant, then: Then, input: Input) {
        match input {
            Input::Heard(None) => {
                self.send(None);
                match then {
                    Then::Hear(part) => {
                        self.part = part;
                        self.state = State::Waiting { until: now + self.patience() };
                    }
                    Then::Through => self.done(Output::Done(true)),
                    Then::Rejected => self.done(Output::Done(false)),
                    Then::Fail => self.done(Output::Failed(Cause::NETWORK_OUT_OF_ORDER)),
                }
            }
            Input::Heard(Some(_))
            | Input::Accept { .. }
            | Input::Reject(_)
            | Input::Interrupted => {}
        }
    }

    /// How long a forward signal is awaited.
    fn patience(&self) -> units::Duration {
        let open = self.part == Part::Called && self.wants.called == 0;
        if open && !self.presented.called.is_empty() {
            self.variant.timing.digits_end
        } else {
            self.variant.timing.between_most
        }
    }

    fn deciding(&mut self, now: Instant, until: Instant, input: Input) {
        match input {
            Input::Accept { charged } => {
                let verdict = if charged { Verdict::Free } else { Verdict::FreeNoCharge };
                self.answer(now, self.variant.verdict(verdict), Then::Through);
            }
            Input::Reject(cause) => {
                let signal = self.variant.verdict(Verdict::Fails(cause));
                self.answer(now, signal, Then::Rejected);
            }
            // It has given up: the line will say so.
            Input::Heard(None) => self.state = State::Abandoned { until },
            Input::Heard(Some(_)) | Input::Interrupted => {}
        }
    }

    fn abandoned(&mut self, input: Input) {
        match input {
            Input::Accept { .. } => self.done(Output::Done(true)),
            Input::Reject(_) => self.done(Output::Done(false)),
            Input::Heard(_) | Input::Interrupted => {}
        }
    }

    /// A digit may have been missed or be said twice: no number is better than a wrong one.
    fn interrupted(&mut self, now: Instant) {
        match self.state {
            State::Waiting { .. } | State::Answering { then: Then::Hear(_), .. } => {
                self.pulse_failure(now);
            }
            State::Answering { then, .. } | State::Settling { then, .. } => {
                let until = now + self.variant.timing.settle;
                self.state = State::Settling { then, until };
            }
            State::Deciding { .. }
            | State::Abandoned { .. }
            | State::Pulsing { .. }
            | State::Guarding { .. }
            | State::Done => {}
        }
    }

    fn settling(&mut self, now: Instant, then: Then, input: Input) {
        if let Input::Heard(Some(_)) = input {
            let until = now + self.variant.timing.between_most;
            self.state = State::Answering { then, until };
        }
    }

    /// Nobody spoke in time.
    fn nobody(&mut self, now: Instant) {
        let open = self.part == Part::Called && !self.presented.called.is_empty();
        let signal = self.variant.signal(Ask::Complete, self.group_c);
        match signal {
            Some(signal) if open => {
                // Q.442, Q.471: all digits have come, as far as anybody can tell.
                self.complete = true;
                self.group_c = false;
                self.part = Part::Service;
                self.pulse(now, signal);
            }
            // Q.476 5.5.2
            Some(_) | None => self.done(Output::Failed(Cause::INVALID_NUMBER_FORMAT)),
        }
    }
}

impl Machine for Incoming {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        if let Input::Heard(signal) = input {
            self.forward = signal;
        }
        if input == Input::Interrupted {
            return self.interrupted(now);
        }
        match self.state {
            State::Waiting { .. } => self.waiting(now, input),
            State::Settling { then, .. } => self.settling(now, then, input),
            State::Answering { then, .. } => self.answering(now, then, input),
            State::Deciding { until } => self.deciding(now, until, input),
            State::Abandoned { .. } => self.abandoned(input),
            // Nobody is listened to.
            State::Pulsing { .. } | State::Guarding { .. } | State::Done => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.state {
            State::Waiting { until } if now >= until => self.nobody(now),
            State::Answering { until, .. }
            | State::Deciding { until }
            | State::Abandoned { until }
                if now >= until =>
            {
                self.done(Output::Failed(Cause::NETWORK_OUT_OF_ORDER));
            }
            State::Settling { then, until } if now >= until => {
                // It is silent: it had the signal.
                self.answering(now, then, Input::Heard(None));
            }
            State::Pulsing { until } if now >= until => {
                self.send(None);
                if self.complete {
                    self.state = State::Guarding { until: now + self.variant.timing.after_pulse };
                } else {
                    self.done(Output::Done(false));
                }
            }
            State::Guarding { until } if now >= until => {
                self.state = State::Waiting { until: now + self.variant.timing.between_most };
                if let Some(signal) = self.forward {
                    self.heard(now, signal);
                }
            }
            State::Waiting { .. }
            | State::Answering { .. }
            | State::Deciding { .. }
            | State::Abandoned { .. }
            | State::Pulsing { .. }
            | State::Guarding { .. }
            | State::Settling { .. }
            | State::Done => {}
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Waiting { until }
            | State::Answering { until, .. }
            | State::Deciding { until }
            | State::Abandoned { until }
            | State::Pulsing { until }
            | State::Guarding { until }
            | State::Settling { until, .. } => Some(until),
            State::Done => None,
        }
    }
}

impl Restore for Incoming {
    const VERSION: u16 = 2;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, self, room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        machine::restore(Self::OLDEST, Self::VERSION, octets)
    }
}

impl Survey for Incoming {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] =
        &["signal", "silence", "accept", "reject", "interrupted", "timeout"];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] =
        &[("Done", "timeout", "no timer runs in this state")];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Heard(Some(_)) => "signal",
            Input::Heard(None) => "silence",
            Input::Accept { .. } => "accept",
            Input::Reject(_) => "reject",
            Input::Interrupted => "interrupted",
        }
    }
}
