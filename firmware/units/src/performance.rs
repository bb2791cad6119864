//! How good a span was, by the terms of G.826.

use serde::{Deserialize, Serialize};

/// Seconds of an interval (M.2120).
pub const QUARTER_S: u16 = 900;

/// What one direction came to in an interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quality {
    /// Errored seconds, the severely errored ones included.
    pub errored: u32,
    /// Severely errored seconds.
    pub severe: u32,
    /// Errored blocks of seconds that are not severely errored (background block errors).
    pub background: u64,
    /// Seconds of unavailable time; nothing else is counted in them.
    pub unavailable: u32,
}

impl Quality {
    /// Both together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            errored: self.errored + other.errored,
            severe: self.severe + other.severe,
            background: self.background + other.background,
            unavailable: self.unavailable + other.unavailable,
        }
    }
}

/// An interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// When it began, in quarters of an hour since 1970 (UTC).
    pub quarter: i64,
    /// Seconds measured, [`QUARTER_S`] at most in a quarter; fewer if the box began in it.
    pub seconds: u32,
    /// What we received.
    pub near: Quality,
    /// What the far side says that it received.
    pub far: Quality,
    /// Frames dropped or repeated by the elastic store.
    pub slips: u64,
}

impl Interval {
    /// Both together, with the earlier beginning.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            quarter: self.quarter.min(other.quarter),
            seconds: self.seconds + other.seconds,
            near: self.near.and(other.near),
            far: self.far.and(other.far),
            slips: self.slips + other.slips,
        }
    }
}
