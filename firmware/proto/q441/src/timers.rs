//! Times of registers. Variants override them as data.

use serde::{Deserialize, Serialize};
use units::Duration;

/// How long is what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// A forward signal is sent so long at most: 15 s, within 3 (Q.476 5.5.1).
    pub forward_most: Duration,
    /// No forward signal is sent so long at most: 24 s or more (Q.476 5.5.1).
    pub silence_most: Duration,
    /// Between two forward signals: 8 to 24 s (Q.476 5.5.2); also how long one may stay.
    pub between_most: Duration,
    /// After so long without a further digit a number whose length is not known is complete.
    pub digits_end: Duration,
    /// A backward signal sent as a pulse: 150 ms, within 50 (Q.442 4.3.1).
    pub pulse: Duration,
    /// Forward signals are not looked at for so long after a pulse: 300 ms, within 100
    /// (Q.442 4.3.2).
    pub after_pulse: Duration,
    /// By when a far end would be heard that still sends, after an interruption of our own.
    pub settle: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            forward_most: Duration::from_secs(15),
            silence_most: Duration::from_secs(24),
            between_most: Duration::from_secs(15),
            digits_end: Duration::from_secs(4),
            pulse: Duration::from_millis(150),
            after_pulse: Duration::from_millis(300),
            settle: Duration::from_millis(200),
        }
    }
}
