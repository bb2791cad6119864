//! How ringing current comes and goes, over and over.
//!
//! ```text
//!   on │ off │ on │ off ───────────── │ on …        400, 200, 400, 2000 (United Kingdom)
//!   0    1     2    3 the pause         0
//! ```

use serde::{Deserialize, Serialize};
use units::Duration;

/// Steps of a cadence at most: four times on and off.
pub const STEPS: usize = 8;

/// Ringing current on, off, on, off, …, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cadence {
    /// Behind the last one stand zeros.
    steps_ms: [u16; STEPS],
}

impl Cadence {
    /// 1 s on, 4 s off: China (GB 3380), and most of Europe.
    pub const USUAL: Self = Self { steps_ms: [1000, 4000, 0, 0, 0, 0, 0, 0] };

    /// One to four pairs of on and off, none of them 0; `None` if it is something else.
    #[must_use]
    pub fn new(steps_ms: &[u16]) -> Option<Self> {
        let right = !steps_ms.is_empty()
            && steps_ms.len() <= STEPS
            && steps_ms.len().is_multiple_of(2)
            && !steps_ms.contains(&0);
        let mut cadence = Self { steps_ms: [0; STEPS] };
        cadence.steps_ms.iter_mut().zip(steps_ms).for_each(|(to, ms)| *to = *ms);
        right.then_some(cadence)
    }

    fn steps(&self) -> impl Iterator<Item = u16> {
        // What was read from a journal may be anything: then it is not of this kind.
        let whole = self.steps_ms.iter().take_while(|ms| **ms > 0).count() & !1;
        let of = if whole == 0 { Self::USUAL } else { *self };
        of.steps_ms.into_iter().take(whole.max(2))
    }

    /// How long a step is; behind the last the first comes again. Even ones ring.
    #[must_use]
    pub fn step(&self, step: u8) -> Duration {
        let place = usize::from(step) % self.steps().count();
        Duration::from_millis(self.steps().nth(place).map_or(1000, u64::from))
    }

    /// The step behind `step`.
    #[must_use]
    pub fn next(&self, step: u8) -> u8 {
        let next = step.saturating_add(1);
        if usize::from(next) < self.steps().count() { next } else { 0 }
    }

    /// The pause between two groups of rings: the first of the longest.
    #[must_use]
    pub fn pause(&self) -> u8 {
        let longest = self.steps().skip(1).step_by(2).max();
        let mut numbered = (0..).zip(self.steps()).skip(1).step_by(2);
        numbered.find(|(_, ms)| Some(*ms) == longest).map_or(1, |(step, _)| step)
    }
}
