//! A port as the release before wrote it: one ring and one pause, and no others.

use serde::Deserialize;
use units::{Duration, Instant};

use crate::fxs::State;
use crate::{Cadence, Fxs, Timing};

/// To be read inside of what held a port, and turned into one of today.
#[derive(Clone, Debug, Deserialize)]
pub struct Before {
    timing: Times,
    state: Was,
    reversed: bool,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Times {
    ring_on: Duration,
    ring_off: Duration,
    flash_min: Duration,
    flash_max: Duration,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Was {
    Idle,
    Ringing { on: bool, until: Instant },
    Lifted,
    Breaking { since: Instant },
    Parked,
}

impl From<Before> for Fxs {
    fn from(Before { timing, state, reversed }: Before) -> Self {
        let Times { ring_on, ring_off, flash_min, flash_max } = timing;
        let ms = |time: Duration| u16::try_from(time.as_millis()).unwrap_or(u16::MAX);
        let cadence = Cadence::new(&[ms(ring_on), ms(ring_off)]).unwrap_or(Cadence::USUAL);
        let state = match state {
            Was::Idle => State::Idle,
            Was::Ringing { on, until } => {
                State::Ringing { outside: false, step: u8::from(!on), until }
            }
            Was::Lifted => State::Lifted,
            Was::Breaking { since } => State::Breaking { since },
            Was::Parked => State::Parked,
        };
        let timing = Timing { inside: cadence, outside: cadence, flash_min, flash_max };
        Self::read(timing, state, reversed)
    }
}
