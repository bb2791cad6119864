//! What a pin can do, whoever drives it.

use crate::Fault;

/// The level of a pin, after any inversion that the board file asks for: high is active.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Level {
    /// Inactive.
    #[default]
    Low,
    /// Active.
    High,
}

impl Level {
    /// Whether it is high.
    #[must_use]
    pub const fn is_high(self) -> bool {
        matches!(self, Self::High)
    }
}

impl From<bool> for Level {
    fn from(high: bool) -> Self {
        if high { Self::High } else { Self::Low }
    }
}

impl std::ops::Not for Level {
    type Output = Self;

    fn not(self) -> Self {
        Self::from(!self.is_high())
    }
}

/// A change of level at an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Edge {
    /// It became high.
    Rising,
    /// It became low.
    Falling,
}

impl Edge {
    /// The level after it.
    #[must_use]
    pub const fn level(self) -> Level {
        match self {
            Self::Rising => Level::High,
            Self::Falling => Level::Low,
        }
    }
}

/// A pin that we drive. It keeps its level until it is set again or dropped.
pub trait Output: Send {
    /// Drives the pin.
    ///
    /// # Errors
    /// The pin's place and why.
    fn set(&mut self, level: Level) -> Result<(), Fault>;
}

/// A pin that somebody else drives.
pub trait Input: Send {
    /// Its level now.
    ///
    /// # Errors
    /// The pin's place and why.
    fn level(&mut self) -> Result<Level, Fault>;

    /// The next change since it was opened, in their order, or `None` if there is none that has
    /// not been told. Never waits. Edges shorter than the driver sees are lost; the level is not.
    ///
    /// # Errors
    /// The pin's place and why.
    fn poll_edge(&mut self) -> Result<Option<Edge>, Fault>;
}

impl<T: Output + ?Sized> Output for Box<T> {
    fn set(&mut self, level: Level) -> Result<(), Fault> {
        (**self).set(level)
    }
}

impl<T: Input + ?Sized> Input for Box<T> {
    fn level(&mut self) -> Result<Level, Fault> {
        (**self).level()
    }

    fn poll_edge(&mut self) -> Result<Option<Edge>, Fault> {
        (**self).poll_edge()
    }
}

/// How a pin is wired, from the board file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Wiring {
    /// Low voltage means active.
    pub active_low: bool,
    /// A resistor inside the chip (inputs only).
    pub bias: Bias,
}

/// A resistor inside the chip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bias {
    /// As the boot loader left it, or none.
    #[default]
    AsIs,
    /// Towards the supply.
    PullUp,
    /// Towards ground.
    PullDown,
}
