//! One FXS port.

use heapless::Deque;
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::Instant;

use crate::{Input, Output, Timing};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// On hook, quiet.
    Idle,
    /// On hook, at an even step of the cadence with ringing current.
    Ringing { outside: bool, step: u8, until: Instant },
    /// Off hook.
    Lifted,
    /// On hook for a moment: bounce, flash or hang-up is not known yet.
    Breaking { since: Instant },
    /// Off hook, and nobody is interested any more.
    Parked,
}

machine::names!(State {
    Idle => "Idle",
    Ringing { .. } => "Ringing",
    Lifted => "Lifted",
    Breaking { .. } => "Breaking",
    Parked => "Parked",
});

/// One port that feeds a telephone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fxs {
    timing: Timing,
    state: State,
    reversed: bool,
    #[serde(skip)]
    outputs: Deque<Output, 8>,
}

impl Fxs {
    /// A port with its handset on hook.
    #[must_use]
    pub const fn new(timing: Timing) -> Self {
        Self { timing, state: State::Idle, reversed: false, outputs: Deque::new() }
    }

    /// How long is what.
    #[must_use]
    pub const fn timing(&self) -> Timing {
        self.timing
    }

    /// Other times from the next edge on.
    pub const fn configure(&mut self, timing: Timing) {
        self.timing = timing;
    }

    /// Whether a call may ring it now.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.state == State::Idle
    }

    fn say(&mut self, output: Output) {
        // Four at most come from one input, and the queue is drained between.
        let _ = self.outputs.push_back(output);
    }

    fn become_idle(&mut self) {
        if core::mem::take(&mut self.reversed) {
            self.say(Output::Reversed(false));
        }
        self.state = State::Idle;
        self.say(Output::Idle);
    }

    fn idle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Hook { off_hook: true } => {
                self.state = State::Lifted;
                self.say(Output::Seized);
            }
            Input::Ring { outside } => {
                let until = now + self.timing.cadence(outside).step(0);
                self.state = State::Ringing { outside, step: 0, until };
                self.say(Output::Ringing(true));
            }
            Input::Hook { off_hook: false }
            | Input::StopRinging
            | Input::Release
            | Input::Answered => {}
        }
    }

    fn ringing(&mut self, on: bool, input: Input) {
        match input {
            Input::Hook { off_hook: true } => {
                if on {
                    self.say(Output::Ringing(false));
                }
                self.state = State::Lifted;
                self.say(Output::Answered);
            }
            Input::StopRinging | Input::Release => {
                if on {
                    self.say(Output::Ringing(false));
                }
                self.become_idle();
            }
            Input::Hook { off_hook: false } | Input::Ring { .. } | Input::Answered => {}
        }
    }

    fn lifted(&mut self, now: Instant, input: Input) {
        match input {
            Input::Hook { off_hook: false } => self.state = State::Breaking { since: now },
            Input::Release => {
                if core::mem::take(&mut self.reversed) {
                    self.say(Output::Reversed(false));
                }
                self.state = State::Parked;
            }
            Input::Answered => {
                if !core::mem::replace(&mut self.reversed, true) {
                    self.say(Output::Reversed(true));
                }
            }
            Input::Hook { off_hook: true } | Input::Ring { .. } | Input::StopRinging => {}
        }
    }

    fn breaking(&mut self, now: Instant, since: Instant, input: Input) {
        match input {
            Input::Hook { off_hook: true } => {
                self.state = State::Lifted;
                if now - since >= self.timing.flash_min {
                    self.say(Output::Flash);
                }
            }
            Input::Release => self.become_idle(),
            Input::Hook { off_hook: false }
            | Input::Ring { .. }
            | Input::StopRinging
            | Input::Answered => {}
        }
    }

    fn parked(&mut self, input: Input) {
        match input {
            Input::Hook { off_hook: false } => self.become_idle(),
            Input::Hook { off_hook: true }
            | Input::Ring { .. }
            | Input::StopRinging
            | Input::Release
            | Input::Answered => {}
        }
    }
}

impl Machine for Fxs {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match self.state {
            State::Idle => self.idle(now, input),
            State::Ringing { step, .. } => self.ringing(step.is_multiple_of(2), input),
            State::Lifted => self.lifted(now, input),
            State::Breaking { since } => self.breaking(now, since, input),
            State::Parked => self.parked(input),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        match self.state {
            State::Ringing { outside, step, until } if now >= until => {
                let cadence = self.timing.cadence(outside);
                let (step, pause) = (cadence.next(step), cadence.pause());
                let length = cadence.step(step);
                self.state = State::Ringing { outside, step, until: now + length };
                self.say(Output::Ringing(step.is_multiple_of(2)));
                if step == pause {
                    self.say(Output::Pause(length));
                }
            }
            State::Breaking { since } if now >= since + self.timing.flash_max => {
                self.say(Output::HungUp);
                self.become_idle();
            }
            State::Ringing { .. }
            | State::Breaking { .. }
            | State::Idle
            | State::Lifted
            | State::Parked => {}
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Ringing { until, .. } => Some(until),
            State::Breaking { since } => Some(since + self.timing.flash_max),
            State::Idle | State::Lifted | State::Parked => None,
        }
    }
}

impl Restore for Fxs {
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

const NO_TIMER: &str = "no timer runs in this state";

impl Survey for Fxs {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] =
        &["off hook", "on hook", "ring", "stop ringing", "release", "answered", "timeout"];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("Idle", "timeout", NO_TIMER),
        ("Lifted", "timeout", NO_TIMER),
        ("Parked", "timeout", NO_TIMER),
    ];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Hook { off_hook: true } => "off hook",
            Input::Hook { off_hook: false } => "on hook",
            Input::Ring { .. } => "ring",
            Input::StopRinging => "stop ringing",
            Input::Release => "release",
            Input::Answered => "answered",
        }
    }
}
