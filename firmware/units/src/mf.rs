//! The fifteen signals of the register code R2 (Q.441 table 6), by number and direction.

use core::fmt;

use serde::{Deserialize, Serialize};

/// Who sends a register signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MfDirection {
    /// The outgoing register: 1380 to 1980 Hz.
    Forward,
    /// The incoming register: 1140 to 540 Hz.
    Backward,
}

impl MfDirection {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Forward => Self::Backward,
            Self::Backward => Self::Forward,
        }
    }
}

/// One register signal by its number, 1 to 15 (Q.441 table 6).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct MfSignal(u8);

impl MfSignal {
    /// Signals of one direction.
    pub const COUNT: usize = 15;
    /// The first signal.
    pub const FIRST: Self = Self(1);
    /// The last one, which ends numbers.
    pub const LAST: Self = Self(15);

    /// `None` unless `number` is 1 to 15.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number >= 1 && number <= 15 { Some(Self(number)) } else { None }
    }

    /// Its number, 1 to 15.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Its place in a table of all, 0 to 14.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize - 1
    }

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=15).map(Self)
    }
}

impl TryFrom<u8> for MfSignal {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        Self::new(number).ok_or("a register signal is 1 to 15")
    }
}

impl From<MfSignal> for u8 {
    fn from(signal: MfSignal) -> Self {
        signal.0
    }
}

impl fmt::Display for MfSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for MfSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
