//! The circuit: persistence of bits, timers, saving.

use heapless::Deque;
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::Instant;

use crate::event::{Code, Condition, Input, Output, Shown};
use crate::timers::Timing;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    /// The far end lets no call come, or has not shown yet that it does.
    Blocked,
    /// Free both ways.
    Idle,
    /// We let no call come.
    LocallyBlocked,
    /// We seized; no answer yet.
    Seizing { until: Instant },
    /// Our call is over before the seizure was acknowledged: it is cleared when it is.
    Abandoning,
    /// Both ends seized.
    DoubleSeizure { until: Instant },
    /// Our seizure is acknowledged.
    Seized,
    /// The called party answered.
    Answered,
    /// It hung up, or this is a unit of charge.
    Metering { until: Instant },
    /// It hung up.
    ClearBack,
    /// We cleared forward; the far end has not shown idle. `until`: it shows that it seizes; when
    /// it still does then, it is not clearing after a double seizure but means it.
    ClearingForward { until: Option<Instant> },
    /// The far end placed a call; we acknowledged.
    SeizedIn,
    /// Our party answered.
    AnsweredIn,
    /// We send a unit of charge.
    MeteringIn { until: Instant },
    /// Our party hung up, or we ended the call by force.
    ClearedBackIn,
    /// Idle is shown long enough before we seize.
    Guard { until: Instant, ours: bool },
}

machine::names!(State {
    Blocked => "Blocked",
    Idle => "Idle",
    LocallyBlocked => "LocallyBlocked",
    Seizing { .. } => "Seizing",
    Abandoning => "Abandoning",
    DoubleSeizure { .. } => "DoubleSeizure",
    Seized => "Seized",
    Answered => "Answered",
    Metering { .. } => "Metering",
    ClearBack => "ClearBack",
    ClearingForward { .. } => "ClearingForward",
    SeizedIn => "SeizedIn",
    AnsweredIn => "AnsweredIn",
    MeteringIn { .. } => "MeteringIn",
    ClearedBackIn => "ClearedBackIn",
    Guard { .. } => "Guard",
});

/// Bits that may become what the far end shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Candidate {
    bits: u8,
    until: Instant,
}

/// One both-way circuit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Circuit {
    pub(crate) code: Code,
    pub(crate) timing: Timing,
    pub(crate) state: State,
    /// What the far end shows, once it has.
    pub(crate) seen: Option<u8>,
    candidate: Option<Candidate>,
    /// What we show.
    sent: u8,
    pub(crate) lost: bool,
    /// Block when free.
    pub(crate) block: bool,
    /// The far end placed a call and shows what no caller shows; by then it is over.
    pub(crate) no_caller: Option<Instant>,
    #[serde(skip)]
    outputs: Deque<Output, 8>,
}

impl Circuit {
    /// Shows idle and waits for the far end to do so. [`Self::bits`] are to be sent.
    #[must_use]
    pub const fn new(code: Code, timing: Timing) -> Self {
        Self {
            code,
            timing,
            state: State::Blocked,
            seen: None,
            candidate: None,
            sent: code.idle,
            lost: false,
            block: false,
            no_caller: None,
            outputs: Deque::new(),
        }
    }

    /// Whether a call may be placed on it.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.state == State::Idle && !self.lost
    }

    /// Whether nobody uses it, because nobody can or because one end does not want it.
    #[must_use]
    pub const fn is_blocked(&self) -> bool {
        matches!(self.state, State::Blocked | State::LocallyBlocked)
    }

    /// What it is doing.
    #[must_use]
    pub const fn condition(&self) -> Condition {
        match self.state {
            State::Blocked => Condition::FarBlocked,
            State::Idle => Condition::Idle,
            State::LocallyBlocked => Condition::Blocked,
            State::Seizing { .. } => Condition::Seizing,
            State::Abandoning => Condition::Unacknowledged,
            State::DoubleSeizure { .. } => Condition::DoubleSeizure,
            State::Seized => Condition::Seized,
            State::Answered | State::Metering { .. } => Condition::Answered,
            State::ClearBack => Condition::ClearedBack,
            State::ClearingForward { .. } => Condition::Clearing,
            State::SeizedIn => Condition::SeizedIn,
            State::AnsweredIn | State::MeteringIn { .. } => Condition::AnsweredIn,
            State::ClearedBackIn => Condition::ClearedBackIn,
            State::Guard { .. } => Condition::Guard,
        }
    }

    /// Whether the far end shows bits that the code does not have.
    #[must_use]
    pub fn is_strange(&self) -> bool {
        self.seen.is_some_and(|bits| self.code.read(bits) == Shown::Other)
    }

    /// The bits that it sends.
    #[must_use]
    pub const fn bits(&self) -> u8 {
        self.sent
    }

    /// Goes on in a new process: the bits that come will be told anew. A unit of charge that had
    /// begun may have ended long ago: whether it was one or a clear-back is still to be seen.
    pub fn go_on(&mut self, now: Instant) {
        self.candidate = None;
        if let State::Metering { until } = &mut self.state {
            *until = now + self.timing.metering;
        }
    }

    pub(crate) fn say(&mut self, output: Output) {
        // Four at most come from one input, and the queue is drained between.
        let _ = self.outputs.push_back(output);
    }

    pub(crate) fn send(&mut self, bits: u8) {
        if self.sent != bits {
            self.sent = bits;
            self.say(Output::Send(bits));
        }
    }

    fn bits_came(&mut self, now: Instant, bits: u8) {
        let bits = bits & self.code.mask;
        if self.lost {
            return;
        }
        if self.seen == Some(bits) {
            // Q.422 3.2.1: it did not last.
            self.candidate = None;
        } else if self.candidate.is_none_or(|candidate| candidate.bits != bits) {
            self.candidate = Some(Candidate { bits, until: now + self.timing.recognition });
        }
    }
}

impl Machine for Circuit {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Bits(bits) => self.bits_came(now, bits),
            Input::Lost => {
                self.lost = true;
                self.candidate = None;
            }
            Input::Found => self.lost = false,
            Input::Seize
            | Input::Answer
            | Input::ClearBack
            | Input::ForceRelease
            | Input::Meter
            | Input::ClearForward
            | Input::Block
            | Input::Unblock => self.ordered(now, input),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let Some(candidate) = self.candidate.filter(|candidate| now >= candidate.until) {
            self.candidate = None;
            self.seen = Some(candidate.bits);
            self.shown(now, self.code.read(candidate.bits));
        }
        self.timer(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let state = match self.state {
            State::Seizing { until }
            | State::DoubleSeizure { until }
            | State::Metering { until }
            | State::MeteringIn { until }
            | State::Guard { until, .. }
            | State::ClearingForward { until: Some(until) } => Some(until),
            State::Blocked
            | State::Idle
            | State::LocallyBlocked
            | State::Abandoning
            | State::Seized
            | State::Answered
            | State::ClearBack
            | State::ClearingForward { until: None }
            | State::SeizedIn
            | State::AnsweredIn
            | State::ClearedBackIn => None,
        };
        let line = Instant::earliest(self.no_caller, self.candidate.map(|c| c.until));
        Instant::earliest(state, line)
    }
}

impl Restore for Circuit {
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

impl Survey for Circuit {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = &[
        "bits",
        "lost",
        "found",
        "seize",
        "answer",
        "clear back",
        "force release",
        "meter",
        "clear forward",
        "block",
        "unblock",
        "timeout",
    ];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Bits(_) => "bits",
            Input::Lost => "lost",
            Input::Found => "found",
            Input::Seize => "seize",
            Input::Answer => "answer",
            Input::ClearBack => "clear back",
            Input::ForceRelease => "force release",
            Input::Meter => "meter",
            Input::ClearForward => "clear forward",
            Input::Block => "block",
            Input::Unblock => "unblock",
        }
    }
}
