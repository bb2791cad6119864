//! A line of an exchange at an analog port, the exchange behind it and those who call on it.
//!
//! ```text
//!   Quiet ── somebody calls ──► Rings ── the box closes the loop ──► Talks ──► Over (busy tone)
//!     │                           └── gives up ──► Quiet                         │ loop open
//!     └── the box closes the loop ──► Dialled ── the number is whole ──► Talks   ▼
//!                                        └── busy ──► Over                     Quiet
//! ```
//!
//! Fault model. Callers come at any moment, also while the box is about to seize the line; give up
//! at any moment; are announced in FSK, or not. The called are busy, answer, or break the loop.
//! The loop stays as it was while the core is dead, and opens with the power.

use engine::Ear;
use machine::check::Random;
use units::{Digit, LineId, PortId};

/// What happens at it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// Somebody calls.
    Call,
    Ring(bool),
    /// Who calls is told.
    Announce,
    GiveUp,
    /// The current in the loop is as the loop.
    Current,
    DialTone,
    /// So many digits, and no more came.
    Dialled(usize),
    /// The other one hangs up: with busy tone, or the loop broken first.
    HangUp {
        broken: bool,
    },
    Busy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Quiet,
    Rings,
    Dialled,
    Talks,
    Over,
}

/// Somebody who called on the line.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) number: String,
    /// Who it is was told to a core that lived, whole.
    pub(crate) told: bool,
    /// The box took the call.
    pub(crate) taken: bool,
}

/// An exchange line.
#[derive(Debug)]
pub(crate) struct ExchangeLine {
    pub(crate) line: LineId,
    pub(crate) port: PortId,
    pub(crate) state: State,
    /// The box has closed it.
    pub(crate) looped: bool,
    /// What the box listens for.
    pub(crate) ear: Ear,
    pub(crate) rings: bool,
    /// Changes with the state: what was planned before is void.
    pub(crate) generation: u32,
    digits: String,
    /// Numbers that came whole.
    pub(crate) dialled: Vec<String>,
    pub(crate) callers: Vec<Caller>,
    /// How many have called.
    called: u32,
    pub(crate) random: Random,
}

impl ExchangeLine {
    pub(crate) fn new(seed: u64, (line, port): (LineId, PortId)) -> Self {
        Self {
            line,
            port,
            state: State::Quiet,
            looped: false,
            ear: Ear::Nothing,
            rings: false,
            generation: 0,
            digits: String::new(),
            dialled: vec![],
            callers: vec![],
            called: 0,
            random: Random::new(seed ^ 0xF0 ^ u64::from(line.0) << 32),
        }
    }

    /// All that ended was found in order: it need not be remembered.
    pub(crate) fn settle(&mut self) {
        self.dialled.clear();
        self.callers.clear();
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.generation += 1;
    }

    /// Somebody calls; what follows, each after so many milliseconds. `None`: the line is in use.
    pub(crate) fn call(&mut self) -> Option<Vec<(u64, Act)>> {
        if self.state != State::Quiet || self.looped {
            return None;
        }
        self.enter(State::Rings);
        self.called += 1;
        let number = format!("139{:02}{:05}", self.line.0 % 100, self.called);
        self.callers.push(Caller { number, told: false, taken: false });
        let mut plan = vec![(0, Act::Ring(true))];
        for ring in 0..12 {
            plan.push((1000 + 5000 * ring, Act::Ring(false)));
            plan.push((5000 + 5000 * ring, Act::Ring(true)));
        }
        if self.random.one_in(2) {
            plan.push((1600, Act::Announce));
        }
        plan.push((500 + self.random.below(40_000), Act::GiveUp));
        Some(plan)
    }

    /// What a message in FSK says of who calls: MDMF, EN 300 659-3 5.2.
    pub(crate) fn message(&self) -> Vec<u8> {
        let number = self.callers.last().map_or("", |caller| caller.number.as_str());
        let length = u8::try_from(number.len()).unwrap_or(0);
        let mut octets = vec![0x80, length + 2, 2, length];
        octets.extend(number.bytes());
        let sum = octets.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet));
        octets.push(sum.wrapping_neg());
        octets
    }

    /// The caller has had enough; whether it rang.
    pub(crate) fn give_up(&mut self) -> bool {
        let rang = self.state == State::Rings;
        if rang {
            self.enter(State::Quiet);
        }
        rang
    }

    /// The box closes the loop or opens it: what follows.
    pub(crate) fn loop_is(&mut self, closed: bool) -> Vec<(u64, Act)> {
        if std::mem::replace(&mut self.looped, closed) == closed {
            return vec![];
        }
        let mut plan = match (self.state, closed) {
            (State::Rings, true) => {
                if let Some(caller) = self.callers.last_mut() {
                    caller.taken = true;
                }
                self.enter(State::Talks);
                vec![(500 + self.random.below(60_000), self.end())]
            }
            (State::Quiet, true) => {
                self.enter(State::Dialled);
                self.digits.clear();
                vec![(300, Act::DialTone)]
            }
            (State::Dialled | State::Talks | State::Over, false) => {
                self.enter(State::Quiet);
                vec![]
            }
            _ => vec![],
        };
        plan.push((2, Act::Current));
        plan
    }

    fn end(&mut self) -> Act {
        Act::HangUp { broken: self.random.one_in(3) }
    }

    /// The box sends a digit.
    pub(crate) fn key(&mut self, digit: Digit) -> Vec<(u64, Act)> {
        if self.state != State::Dialled {
            return vec![];
        }
        self.digits.push(char::from(digit.ascii()));
        vec![(2500, Act::Dialled(self.digits.len()))]
    }

    /// The number may be whole.
    pub(crate) fn number(&mut self, digits: usize) -> Vec<(u64, Act)> {
        if self.state != State::Dialled || self.digits.len() != digits {
            return vec![];
        }
        self.dialled.push(std::mem::take(&mut self.digits));
        if self.random.one_in(3) {
            self.enter(State::Over);
            return vec![(700, Act::Busy)];
        }
        self.enter(State::Talks);
        vec![(1000 + self.random.below(40_000), self.end())]
    }

    /// The other one hung up.
    pub(crate) fn over(&mut self) {
        self.enter(State::Over);
    }
}
