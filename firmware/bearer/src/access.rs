//! What an administrator decides of a primary access.

use heapless::Vec;
use serde::{Deserialize, Serialize};
use units::{Duration, Slots};

/// Which side of the interface the box is (Q.931 1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The subscriber: the far end is an exchange.
    #[default]
    User,
    /// The exchange: the far end is a private exchange on a tie line.
    Network,
}

/// Which free channel a call that the box places takes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hunt {
    /// The lowest.
    Up,
    /// The highest.
    Down,
}

impl Hunt {
    /// So that calls of both sides seldom meet (Q.931 5.7): the user from above.
    #[must_use]
    pub const fn usual(side: Side) -> Self {
        match side {
            Side::User => Self::Down,
            Side::Network => Self::Up,
        }
    }
}

/// What kind of exchange the far end is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Switch {
    /// A public one: supplementary services as ETSI has them.
    #[default]
    Etsi,
    /// One of a private network: QSIG (ECMA-143, ECMA-164).
    Qsig,
}

/// What the numbers that the box sends are said to be (Q.931 4.5.8, 4.5.10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberKind {
    /// As dialled.
    #[default]
    Unknown,
    /// With country code.
    International,
    /// With area code.
    National,
    /// Without.
    Subscriber,
}

/// The timers that can be set: of Q.921 (200, 203) and Q.931, by their numbers.
pub const TIMERS: [u16; 16] =
    [200, 203, 301, 302, 303, 304, 305, 306, 308, 309, 310, 313, 316, 317, 321, 322];

/// What is decided of a primary access. Its default is what Q.931 and Q.921 say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// Which side the box is.
    pub side: Side,
    /// The channels that carry calls.
    pub channels: Slots,
    /// Which is taken first; `None`: [`Hunt::usual`].
    pub hunt: Option<Hunt>,
    /// What the numbers that it sends are.
    pub numbers: NumberKind,
    /// Its callers are of the house, and may call out: a private exchange behind the box.
    pub inside: bool,
    /// Numbers go out and come in digit by digit (Q.931 5.1.3, 5.2.4): one that comes in and leads
    /// out elsewhere is awaited until it is whole.
    pub overlap: bool,
    /// What kind of exchange the far end is.
    pub switch: Switch,
    /// Callers who lead out again on the span they came in on are sent there by the exchange
    /// (EN 300 207-1), if they were not answered.
    pub deflect: bool,
    /// Two calls of the span that were joined here are joined by the exchange (EN 300 369-1).
    pub transfer: bool,
    /// Timers that differ from the Recommendation: number and milliseconds.
    pub timers: Vec<(u16, u32), { TIMERS.len() }>,
}

impl Default for Access {
    fn default() -> Self {
        Self {
            side: Side::default(),
            channels: Slots::ALL,
            hunt: None,
            numbers: NumberKind::default(),
            inside: false,
            overlap: false,
            switch: Switch::default(),
            deflect: false,
            transfer: false,
            timers: Vec::new(),
        }
    }
}

impl Access {
    /// A timer, if it is set.
    #[must_use]
    pub fn timer(&self, number: u16) -> Option<Duration> {
        let set = self.timers.iter().find(|(of, _)| *of == number)?;
        Some(Duration::from_millis(u64::from(set.1)))
    }
}

/// What a D channel does in a group that has two (Q.931 Annex F).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DChannel {
    /// Messages go over it.
    Active,
    /// It is up, and would carry them.
    Standby,
    /// It is asked for again and again.
    OutOfService,
    /// It is held down until the other one is in use.
    MaintenanceBusy,
}

impl DChannel {
    /// Whether its data link is up.
    #[must_use]
    pub const fn is_up(self) -> bool {
        matches!(self, Self::Active | Self::Standby)
    }
}
