//! Time as a value. No function in the firmware asks what time it is: it is told.

use core::fmt;
use core::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

pub use core::time::Duration;

/// A point on the box's monotonic clock, in microseconds, disciplined to the elected line clock.
///
/// Only meaningful within one boot of one box: a journalled instant names both beside it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
pub struct Instant(pub u64);

impl Instant {
    /// The beginning of the clock.
    pub const ZERO: Self = Self(0);

    /// The instant `ms` milliseconds after the beginning of the clock.
    #[must_use]
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1000)
    }

    /// Whole milliseconds since the beginning of the clock.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1000
    }

    /// Time from `earlier` to `self`; zero if `earlier` is the later one.
    #[must_use]
    pub fn saturating_since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }

    /// The earlier of two optional instants; `None` means never.
    #[must_use]
    pub fn earliest(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        match (a, b) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    fn add(self, after: Duration) -> Self {
        let micros = after.as_secs().saturating_mul(1_000_000);
        Self(self.0.saturating_add(micros).saturating_add(u64::from(after.subsec_micros())))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, after: Duration) {
        *self = *self + after;
    }
}

impl Sub for Instant {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.saturating_since(earlier)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// A count of audio samples at the rate of the stream that it measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Samples(pub u64);

/// Coordinated universal time: microseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Utc(pub i64);

/// The mapping from the box's monotonic clock to UTC, as last measured.
///
/// Machines keep [`Instant`]s; a wall-clock time is computed when a record leaves the core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UtcMapping {
    /// An instant of the monotonic clock ...
    pub at: Instant,
    /// ... and what UTC was then.
    pub utc: Utc,
}

impl UtcMapping {
    /// UTC at `instant`, which may lie before or after the measurement.
    #[must_use]
    pub fn utc(&self, instant: Instant) -> Utc {
        let delta = i128::from(instant.0) - i128::from(self.at.0);
        Utc(i64::try_from(i128::from(self.utc.0) + delta).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utc_maps_instants_before_and_after_the_measurement() {
        let map = UtcMapping { at: Instant::from_millis(10), utc: Utc(1_000_000) };
        assert_eq!(map.utc(Instant::from_millis(11)), Utc(1_001_000));
        assert_eq!(map.utc(Instant::from_millis(9)), Utc(999_000));
    }

    #[test]
    fn an_instant_never_wraps() {
        assert_eq!(Instant(u64::MAX) + Duration::from_secs(1), Instant(u64::MAX));
        assert_eq!(Instant(3) - Instant(5), Duration::ZERO);
    }
}
