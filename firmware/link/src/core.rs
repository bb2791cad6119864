//! The core itself as it is now.

use serde::{Deserialize, Serialize};
use units::Utc;

/// How the core woke up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Waking {
    /// There was nothing to go on with.
    #[default]
    Clean,
    /// It went on with the calls of the process before.
    WentOn {
        /// How many.
        calls: u16,
    },
    /// The machine had been started anew; calls of before left their records.
    AfterPowerCut {
        /// How many.
        calls: u16,
    },
    /// The journal was set aside.
    SetAside(crate::JournalTrouble),
}

/// What the journal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalStatus {
    /// Octets of all that goes on.
    pub live: u32,
    /// Octets written to the area in use.
    pub used: u32,
    /// Octets of an area.
    pub room: u32,
    /// Changes kept since the journal was made.
    pub changes: u64,
    /// Since the last one, in milliseconds.
    pub age_ms: u64,
}

/// The core.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreStatus {
    /// How many times it has started.
    pub boot: u32,
    /// When it started.
    pub started: Utc,
    /// Calls that it carries.
    pub calls: u16,
    /// How it woke up.
    pub waking: Waking,
    /// How long it took from reading the journal to the first order, in microseconds.
    pub waking_us: u32,
    /// The journal; `None`: nothing is kept.
    pub journal: Option<JournalStatus>,
}
