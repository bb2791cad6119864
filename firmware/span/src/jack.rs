//! An audio jack as a line with one channel: it answers by itself, and a button may call from it.
//!
//! ```text
//!  handset, door   Place ──► Attention (two beeps) ──► Answered ──► Called
//!  paging          Place ──► Answered, two beeps ───────────────► Called
//!  button          Pressed ─► Offered ──► Calling ── Release ──► Parked (busy tone) ──► Idle
//!  no device       Layer1 down ──► Out: the call ends, the next ones too, with cause 27
//! ```
//!
//! Nobody hangs a jack up: the other end does, or the button.

use std::collections::VecDeque;

use bearer::{Calling, Dialling, Indication, Request};
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Digits, Duration, Instant, LegId, LineId, Mint, Party, PortId};

use crate::event::{Input, Output, Usage};

/// From a call's coming until an intercom answers: as long as the attention tone.
pub const ATTENTION: Duration = Duration::from_millis(600);
/// How long whoever pressed the button hears that the call is over.
pub const PARKED: Duration = Duration::from_secs(3);

/// How a jack answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answering {
    /// Behind the attention tone: an intercom. Whoever is there is heard from then on.
    AfterTone,
    /// At once; tone and voice come out: loudspeakers.
    AtOnce,
}

/// What the jack is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Free.
    Idle,
    /// A call comes and beeps.
    Attention { leg: LegId, until: Instant },
    /// In a call that came.
    Called { leg: LegId },
    /// In a call of its button.
    Calling { leg: LegId },
    /// The call of its button is over, which is told by a tone.
    Parked { leg: LegId, cause: Cause, until: Instant },
    /// Its device does not sound.
    Out,
}

machine::names!(State {
    Idle => "Idle",
    Attention { .. } => "Attention",
    Called { .. } => "Called",
    Calling { .. } => "Calling",
    Parked { .. } => "Parked",
    Out => "Out",
});

impl State {
    /// The leg that it carries.
    const fn leg(self) -> Option<LegId> {
        match self {
            Self::Idle | Self::Out => None,
            Self::Attention { leg, .. }
            | Self::Called { leg }
            | Self::Calling { leg }
            | Self::Parked { leg, .. } => Some(leg),
        }
    }
}

/// One jack.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Jack {
    line: LineId,
    port: PortId,
    mint: Mint,
    answering: Answering,
    state: State,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

impl Jack {
    /// A jack that is free. `mint` makes the ids of the legs that it begins.
    #[must_use]
    pub const fn new(line: LineId, port: PortId, mint: Mint, answering: Answering) -> Self {
        Self { line, port, mint, answering, state: State::Idle, outputs: VecDeque::new() }
    }

    /// The leg that it has, if any.
    #[must_use]
    pub const fn leg(&self) -> Option<LegId> {
        self.state.leg()
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let busy = u8::from(self.state.leg().is_some());
        let blocked = u8::from(self.state == State::Out);
        Usage { busy, channels: 1, blocked, ..Usage::default() }
    }

    fn tell(&mut self, indication: Indication) {
        self.outputs.push_back(Output::Indication(indication));
    }

    fn released(&mut self, leg: LegId, cause: Cause, by: Party) {
        self.tell(Indication::Released { leg, cause, by });
    }

    /// A call comes to a free jack.
    fn called(&mut self, now: Instant, leg: LegId) {
        self.tell(Indication::Channel { leg, port: self.port });
        match self.answering {
            Answering::AfterTone => {
                self.tell(Indication::Alerting { leg, in_band: false });
                self.outputs.push_back(Output::Attention(self.port));
                self.state = State::Attention { leg, until: now + ATTENTION };
            }
            Answering::AtOnce => {
                self.outputs.push_back(Output::Attention(self.port));
                self.answered(leg);
            }
        }
    }

    fn answered(&mut self, leg: LegId) {
        self.state = State::Called { leg };
        self.tell(Indication::Answered { leg });
    }

    fn request(&mut self, now: Instant, request: Request) {
        let leg = request.leg();
        match (request, self.state) {
            (Request::Place { .. }, State::Idle) => self.called(now, leg),
            (Request::Place { .. }, State::Out) => {
                self.released(leg, Cause::DESTINATION_OUT_OF_ORDER, Party::Network);
            }
            (Request::Place { .. }, _) => self.released(leg, Cause::USER_BUSY, Party::Called),
            (Request::Release { cause, .. }, State::Calling { leg: own }) if own == leg => {
                self.state = State::Parked { leg, cause, until: now + PARKED };
            }
            (Request::Release { cause, .. }, state) if state.leg() == Some(leg) => {
                self.state = State::Idle;
                self.released(leg, cause, Party::Box);
            }
            (
                Request::MoreDigits { .. }
                | Request::Digits { .. }
                | Request::Proceed { .. }
                | Request::Alert { .. }
                | Request::Progress { .. }
                | Request::Answer { .. }
                | Request::Notify { .. }
                | Request::Ask { .. }
                | Request::Release { .. },
                _,
            ) => {}
        }
    }

    fn pressed(&mut self, calls: Digits) {
        match self.state {
            State::Idle if !calls.is_empty() => {
                let leg = self.mint.leg();
                self.state = State::Calling { leg };
                self.tell(Indication::Offered {
                    leg,
                    line: self.line,
                    port: self.port,
                    calling: Calling::default(),
                    called: calls,
                    dialling: Dialling::Own,
                });
            }
            State::Attention { leg, .. } | State::Called { leg } => {
                self.state = State::Idle;
                self.released(leg, Cause::NORMAL_CLEARING, Party::Called);
            }
            State::Calling { leg } => {
                self.state = State::Idle;
                self.released(leg, Cause::NORMAL_CLEARING, Party::Caller);
            }
            State::Parked { leg, cause, .. } => {
                self.state = State::Idle;
                self.released(leg, cause, Party::Box);
            }
            State::Idle | State::Out => {}
        }
    }

    fn device(&mut self, up: bool) {
        match (self.state, up) {
            (State::Out, true) => self.state = State::Idle,
            (state, false) => {
                self.state = State::Out;
                if let Some(leg) = state.leg() {
                    self.released(leg, Cause::DESTINATION_OUT_OF_ORDER, Party::Network);
                }
            }
            (_, true) => {}
        }
    }
}

impl Machine for Jack {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Request(request) => self.request(now, request),
            Input::Pressed { calls } => self.pressed(calls),
            Input::Layer1 { up, .. } => self.device(up),
            Input::Say { .. }
            | Input::Frame(_)
            | Input::FrameBackup(_)
            | Input::Hook { .. }
            | Input::Cas { .. }
            | Input::Mf { .. }
            | Input::Exchange(_) => {}
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.state {
            State::Attention { leg, until } if now >= until => self.answered(leg),
            State::Parked { leg, cause, until } if now >= until => {
                self.state = State::Idle;
                self.released(leg, cause, Party::Box);
            }
            State::Idle
            | State::Attention { .. }
            | State::Called { .. }
            | State::Calling { .. }
            | State::Parked { .. }
            | State::Out => {}
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Attention { until, .. } | State::Parked { until, .. } => Some(until),
            State::Idle | State::Called { .. } | State::Calling { .. } | State::Out => None,
        }
    }
}

impl Restore for Jack {
    const VERSION: u16 = 1;

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

const NO_TIMER: &str = "no timer runs in this state";
const NOT_A_JACK: &str = "a jack has neither a D channel nor a hook";

impl Survey for Jack {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = Input::NAMES;
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("*", "frame", NOT_A_JACK),
        ("*", "off hook", NOT_A_JACK),
        ("*", "on hook", NOT_A_JACK),
        ("*", "cas", NOT_A_JACK),
        ("*", "mf", NOT_A_JACK),
        ("*", "exchange", NOT_A_JACK),
        ("Idle", "timeout", NO_TIMER),
        ("Called", "timeout", NO_TIMER),
        ("Calling", "timeout", NO_TIMER),
        ("Out", "timeout", NO_TIMER),
    ];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        input.name()
    }
}

#[cfg(any(test, feature = "check"))]
pub mod check {
    //! Drives jacks for the property test over all machines.

    use bearer::Service;
    use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
    use units::BoxId;

    use super::*;
    use crate::event::Frame;

    /// Runs one jack through `steps` random stimuli; even seeds are intercoms, odd ones paging.
    ///
    /// # Errors
    /// What differed after a restore.
    pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
        let mut random = Random::new(seed);
        let line = LineId::of_jack(1);
        let answering = [Answering::AfterTone, Answering::AtOnce][usize::from(seed % 2 == 1)];
        let jack = Jack::new(line, PortId(30), Mint::new(BoxId(1), 1, 1), answering);
        restored_behaves_the_same(jack, steps, move |jack, _| {
            let leg = jack.state.leg().unwrap_or(LegId(77));
            let (calling, called) = (Calling::default(), Digits::new());
            let asked = Input::Request(match random.below(12) {
                11 => Request::Notify { leg, what: 1 },
                10 => Request::Ask { leg, service: Service::Identify },
                9 => Request::Digits { leg, digits: Digits::new(), complete: false },
                7 => return Stimulus::Input(Input::Say { leg, elements: Frame::new() }),
                0 | 1 => Request::Place { leg: LegId(78), line, calling, called },
                2 => Request::Proceed { leg },
                3 => Request::Alert { leg },
                4 => Request::Progress { leg },
                5 => Request::Answer { leg },
                6 => Request::MoreDigits { leg },
                _ => Request::Release { leg, cause: Cause::NORMAL_CLEARING },
            });
            let number = if random.one_in(4) { "" } else { "801" };
            match random.below(8) {
                0..=3 => Stimulus::Input(asked),
                4 => Stimulus::Input(Input::Layer1 { of: 0, up: !random.one_in(4) }),
                5 => {
                    let calls = Digits::parse(number).unwrap_or_default();
                    Stimulus::Input(Input::Pressed { calls })
                }
                6 => Stimulus::Timeout,
                _ => Stimulus::Wait(Duration::from_millis(random.below(600))),
            }
        })
    }
}

#[cfg(test)]
#[path = "jack_tests.rs"]
mod tests;
