//! Keeps digits from others: from the other side at once, from a recording without exception.
//!
//! ```text
//!  Muter     ──────────────► as it comes; silent from the 6th to 12th millisecond of a digit on
//!  Cleaner   ─► 48 ms of delay ─► silent from before a digit's first sample until behind its last
//! ```

use units::media::BLOCK_SAMPLES;

use crate::{Event, Receiver};

/// Blocks for which [`Cleaner`] holds sound back: 48 ms.
pub const DELAY: usize = 24;
/// Blocks in a row that look like a digit until the sound is muted.
const SURE: u8 = 2;
/// Blocks for which it stays so: a digit may look like none for a moment.
const HOLD: u8 = 4;

/// Listens for digits and mutes what looks like one, without delay.
///
/// The sound is silent from the second block on whose last 8 ms look like a digit. Speech that does
/// is muted too, for 8 ms and more.
#[derive(Clone, Debug, Default)]
pub struct Muter {
    receiver: Receiver,
    suspected: u8,
    hold: u8,
}

impl Muter {
    /// Hears nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { receiver: Receiver::new(), suspected: 0, hold: 0 }
    }

    /// Takes 2 ms in, and silences them if they are part of a digit.
    pub fn push(&mut self, samples: &mut [i16; BLOCK_SAMPLES]) -> Option<Event> {
        let event = self.receiver.push(samples);
        if self.receiver.suspects() {
            self.suspected = (self.suspected + 1).min(SURE);
        } else {
            self.suspected = 0;
        }
        if self.suspected == SURE || matches!(event, Some(Event::Begin(_))) {
            self.hold = HOLD;
        }
        if self.hold > 0 {
            self.hold -= 1;
            *samples = [0; BLOCK_SAMPLES];
        }
        event
    }
}

/// Listens for digits and takes them out of sound that it holds back for [`DELAY`] blocks.
///
/// Nothing is silenced but digits that were told, so that speech passes whole.
#[derive(Clone, Debug)]
pub struct Cleaner {
    receiver: Receiver,
    held: [[i16; BLOCK_SAMPLES]; DELAY],
    next: usize,
}

impl Default for Cleaner {
    fn default() -> Self {
        Self::new()
    }
}

impl Cleaner {
    /// Hears nothing yet; what comes out first is silence.
    #[must_use]
    pub const fn new() -> Self {
        Self { receiver: Receiver::new(), held: [[0; BLOCK_SAMPLES]; DELAY], next: 0 }
    }

    /// Takes 2 ms in and puts those of 48 ms ago in their place. What is told is of the newest.
    pub fn push(&mut self, samples: &mut [i16; BLOCK_SAMPLES]) -> Option<Event> {
        let event = self.receiver.push(samples);
        if matches!(event, Some(Event::Begin(_))) {
            self.held = [[0; BLOCK_SAMPLES]; DELAY];
        }
        let now = if self.receiver.has_digit() { [0; BLOCK_SAMPLES] } else { *samples };
        *samples = core::mem::replace(&mut self.held[self.next], now);
        self.next = (self.next + 1) % DELAY;
        event
    }
}
