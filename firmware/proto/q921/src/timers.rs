//! T200 (an answer is awaited) and T203 (the link is silent). They never run together.

use serde::{Deserialize, Serialize};
use units::{Duration, Instant};

/// The timers of one link: when each expires, if it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Timers {
    pub(crate) t200: Option<Instant>,
    pub(crate) t203: Option<Instant>,
}

impl Timers {
    pub(crate) fn start_t200(&mut self, now: Instant, after: Duration) {
        *self = Self { t200: Some(now + after), t203: None };
    }

    pub(crate) fn start_t203(&mut self, now: Instant, after: Duration) {
        *self = Self { t200: None, t203: Some(now + after) };
    }

    pub(crate) fn stop(&mut self) {
        *self = Self::default();
    }

    pub(crate) fn next(&self) -> Option<Instant> {
        Instant::earliest(self.t200, self.t203)
    }
}
