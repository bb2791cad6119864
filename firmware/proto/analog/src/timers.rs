//! Times of a loop. Countries override them as data.

use serde::{Deserialize, Serialize};
use units::Duration;

/// How long is what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// Ringing current on. China: 1 s (YD/T 1070, GB 3378).
    pub ring_on: Duration,
    /// Ringing current off. China: 4 s.
    pub ring_off: Duration,
    /// A break shorter than this is a bounce.
    pub flash_min: Duration,
    /// A break longer than this is a hang-up.
    pub flash_max: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            ring_on: Duration::from_secs(1),
            ring_off: Duration::from_secs(4),
            flash_min: Duration::from_millis(80),
            flash_max: Duration::from_millis(500),
        }
    }
}
