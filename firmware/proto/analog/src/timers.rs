//! Times of a loop. Countries override them as data.

use serde::{Deserialize, Serialize};
use units::Duration;

use crate::Cadence;

/// How long is what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timing {
    /// How calls of the house ring.
    pub inside: Cadence,
    /// How calls from outside ring.
    pub outside: Cadence,
    /// A break shorter than this is a bounce.
    pub flash_min: Duration,
    /// A break longer than this is a hang-up.
    pub flash_max: Duration,
}

impl Timing {
    /// How a call rings.
    #[must_use]
    pub const fn cadence(&self, outside: bool) -> &Cadence {
        if outside { &self.outside } else { &self.inside }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            inside: Cadence::USUAL,
            outside: Cadence::USUAL,
            flash_min: Duration::from_millis(80),
            flash_max: Duration::from_millis(500),
        }
    }
}
