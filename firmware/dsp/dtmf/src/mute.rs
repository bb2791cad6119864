//! Keeps digits from the other side at once: silent from the 6th to 12th millisecond of a digit on.
//! Recordings, which can wait, have them silenced from before their first sample (`recorder`).

use units::media::BLOCK_SAMPLES;

use crate::{Event, Receiver};

/// Blocks in a row that look like a digit until the sound is muted.
const SURE: u8 = 2;
/// Blocks for which it stays so: a digit may look like none for a moment.
const HOLD: u8 = 4;

/// Says when sound is to be silent so that nobody hears a digit in it, without delay.
///
/// It is silent from the second block on whose last 8 ms look like a digit. Speech that does is
/// muted too, for 8 ms and more.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hush {
    suspected: u8,
    hold: u8,
}

impl Hush {
    /// Whether the block is to be silent that `receiver` took in last and said `event` of.
    pub fn push(&mut self, receiver: &Receiver, event: Option<Event>) -> bool {
        if receiver.suspects() {
            self.suspected = (self.suspected + 1).min(SURE);
        } else {
            self.suspected = 0;
        }
        if self.suspected == SURE || matches!(event, Some(Event::Begin(_))) {
            self.hold = HOLD;
        }
        let silent = self.hold > 0;
        self.hold = self.hold.saturating_sub(1);
        silent
    }
}

/// Listens for digits and mutes what looks like one, as [`Hush`] says.
#[derive(Clone, Debug, Default)]
pub struct Muter {
    receiver: Receiver,
    hush: Hush,
}

impl Muter {
    /// Hears nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { receiver: Receiver::new(), hush: Hush { suspected: 0, hold: 0 } }
    }

    /// Takes 2 ms in, and silences them if they are part of a digit.
    pub fn push(&mut self, samples: &mut [i16; BLOCK_SAMPLES]) -> Option<Event> {
        let event = self.receiver.push(samples);
        if self.hush.push(&self.receiver, event) {
            *samples = [0; BLOCK_SAMPLES];
        }
        event
    }
}
