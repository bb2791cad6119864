//! One FXO port: our end of a line of an exchange (ES 203 021, TBR 21; YD/T 1277 for who calls).
//!
//! ```text
//!         caller in DTMF          ring                offered after who calls, or the second ring
//!  Idle ───────────────► Announced ───► Ringing ─── Answer ──► Talking ──┐ busy tone, reversal,
//!   │ ▲                                   │ no more rings        ▲       │ loop broken, Release
//!   │ └───────────────────────────────────┘                      │       ▼
//!   │ Place      dial tone               all sent       reversal │     Guard ──► Idle
//!   └──────► Seized ───► Tones / Pulses ───────► Sent ───────────┘       ▲
//!              └──────────────┴───────────────────┴──────────────────────┘
//! ```

mod event;
mod states;

use clid::Told;
use heapless::Deque;
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Digits, Duration, Instant};

pub use event::{Ear, Input, Output, Why};

/// Times and habits of a line. Countries and exchanges override them as data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// A shorter ringing current is none (ES 203 021-3 4.4).
    pub ring_min: Duration,
    /// A longer pause between rings is the end of the call. China: 4 s off.
    pub ring_gap: Duration,
    /// How long who calls is awaited after the first ring.
    pub caller_wait: Duration,
    /// How long who calls is remembered before the first ring (DTMF).
    pub announced: Duration,
    /// How long dial tone is awaited.
    pub dial_tone: Duration,
    /// Without dial tone the number is sent all the same.
    pub blind: bool,
    /// Pulses instead of tones: 60 ms open, 40 ms closed.
    pub pulses: bool,
    /// A digit in tones, on and off (Q.24: 40 ms each at least).
    pub tone_on: Duration,
    /// The pause behind it.
    pub tone_off: Duration,
    /// The exchange reverses the line on answer, and again on release.
    pub reversal: bool,
    /// A longer break of the current is a release (ES 203 021-3 4.8: 250 ms and more).
    pub break_min: Duration,
    /// What the line does so soon after our own change is our own doing.
    pub settle: Duration,
    /// The loop stays open so long after a call.
    pub guard: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ring_min: Duration::from_millis(150),
            ring_gap: Duration::from_secs(6),
            caller_wait: Duration::from_millis(3500),
            announced: Duration::from_secs(10),
            dial_tone: Duration::from_secs(5),
            blind: true,
            pulses: false,
            tone_on: Duration::from_millis(80),
            tone_off: Duration::from_millis(80),
            reversal: false,
            break_min: Duration::from_millis(350),
            settle: Duration::from_millis(400),
            guard: Duration::from_millis(1500),
        }
    }
}

/// What the line is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Open, quiet.
    Idle,
    /// Open; who calls has been told, and no ring has come.
    Announced { until: Instant },
    /// Open; it rings.
    Ringing { on: bool, first: bool, offered: bool, until: Instant },
    /// Open; it rings and nobody wants it.
    Ignored { until: Instant },
    /// Closed; dial tone is awaited.
    Seized { until: Instant },
    /// Closed; the number is being sent in tones.
    Tones { until: Instant },
    /// The number is being sent in pulses: digits sent, pulses left of this one, open now.
    Pulses { place: u8, left: u8, open: bool, until: Instant },
    /// Closed; the number has been sent.
    Sent { alerted: bool },
    /// Closed; both can talk.
    Talking,
    /// Open; the exchange needs a moment.
    Guard { until: Instant },
}

machine::names!(State {
    Idle => "Idle",
    Announced { .. } => "Announced",
    Ringing { .. } => "Ringing",
    Ignored { .. } => "Ignored",
    Seized { .. } => "Seized",
    Tones { .. } => "Tones",
    Pulses { .. } => "Pulses",
    Sent { .. } => "Sent",
    Talking => "Talking",
    Guard { .. } => "Guard",
});

/// One port that an exchange feeds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fxo {
    timing: Timing,
    state: State,
    /// Who calls, while it rings or is about to.
    caller: Option<Told<Digits>>,
    /// What is dialled.
    number: Digits,
    /// The loop is closed and no current has flowed since.
    broken: Option<Instant>,
    /// What the line does before is our own doing.
    settled: Instant,
    /// The exchange has reversed the line on answer.
    reversed: bool,
    #[serde(skip)]
    outputs: Deque<Output, { 4 + units::number::MAX_DIGITS }>,
}

impl Fxo {
    /// A port with its loop open.
    #[must_use]
    pub const fn new(timing: Timing) -> Self {
        Self {
            timing,
            state: State::Idle,
            caller: None,
            number: Digits::new(),
            broken: None,
            settled: Instant::ZERO,
            reversed: false,
            outputs: Deque::new(),
        }
    }

    /// Changes its times and habits; only while [`Self::is_idle`], or a call meets two of them.
    pub const fn configure(&mut self, timing: Timing) {
        self.timing = timing;
    }

    /// Its times and habits.
    #[must_use]
    pub const fn timing(&self) -> Timing {
        self.timing
    }

    /// Whether a call may go out by it now.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle)
    }

    /// What it does must be said anew to fresh hardware: whether the loop is closed, and what is
    /// listened for.
    #[must_use]
    pub const fn wires(&self) -> (bool, Ear) {
        match self.state {
            State::Idle | State::Announced { .. } | State::Ringing { .. } => (false, Ear::Caller),
            State::Ignored { .. } | State::Guard { .. } => (false, Ear::Nothing),
            State::Pulses { open, .. } => (!open, Ear::Tones),
            State::Seized { .. } | State::Tones { .. } | State::Sent { .. } | State::Talking => {
                (true, Ear::Tones)
            }
        }
    }

    fn say(&mut self, output: Output) {
        // A number and three more at most come from one input, and the queue is drained between.
        let _ = self.outputs.push_back(output);
    }
}

impl Machine for Fxo {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match self.state {
            State::Idle => self.idle(now, input),
            State::Announced { .. } => self.announced(now, input),
            State::Ringing { .. } => self.ringing(now, input),
            State::Ignored { .. } => self.ignored(now, input),
            State::Seized { .. } => self.seized(now, input),
            State::Tones { .. } | State::Pulses { .. } => self.sending(now, input),
            State::Sent { alerted } => self.sent(now, alerted, input),
            State::Talking => self.talking(now, input),
            State::Guard { .. } => self.guarding(now, input),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.broken.is_some_and(|since| now >= since + self.timing.break_min) {
            return self.release(now, Some(Why::Broken));
        }
        if self.until().is_some_and(|until| now >= until) {
            self.over(now);
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        Instant::earliest(self.until(), self.broken.map(|since| since + self.timing.break_min))
    }
}

impl Restore for Fxo {
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

impl Survey for Fxo {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = Input::NAMES;
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] =
        &[("Idle", "timeout", NO_TIMER)];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        input.name()
    }
}
