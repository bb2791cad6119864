//! What happens at a loop and what the exchange does to it.

use units::Duration;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Current began or ceased to flow.
    Hook {
        /// It flows: the handset is lifted.
        off_hook: bool,
    },
    /// The exchange wants the telephone to ring.
    Ring {
        /// As calls from outside do.
        outside: bool,
    },
    /// The exchange wants it to stop.
    StopRinging,
    /// The exchange is done with the one who lifted the handset.
    Release,
    /// The other party answered: the feeding is reversed until the release (answer supervision).
    Answered,
}

/// What the machine wants, or tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ringing current on or off.
    Ringing(bool),
    /// A group of rings is over, and it is quiet for so long.
    Pause(Duration),
    /// Feeding reversed or normal.
    Reversed(bool),
    /// The handset was lifted from idle: somebody wants to dial.
    Seized,
    /// The handset was lifted while it rang.
    Answered,
    /// The handset was hung up.
    HungUp,
    /// The loop was opened for a moment on purpose.
    Flash,
    /// The port is free again.
    Idle,
}
