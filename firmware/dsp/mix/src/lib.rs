//! A conference: each party hears the sum of all others, and not itself.
//!
//! ```text
//!   say: samples ─► silence is nothing ─► gain ─┬──────────► sum of all ─┐
//!                                               └─► kept ──────── − ─────┴─► limit ─► hear
//! ```
//!
//! Whole numbers all the way, so that a sum less one's own is exact: of one party that speaks, the
//! others hear every sample as it came. The work of a block grows with the parties, not with their
//! square.
//!
//! The limit looks at no sample that is to come: where a sum is louder than 16 bits can carry, the
//! gain of that listener falls at once, so far that the sample just fits, and rises slowly. So
//! nothing wraps, and only the first peak of a loud moment is flattened.
#![no_std]

#[cfg(test)]
mod tests;

use limits::ROOM_PARTIES;
use units::media::BLOCK_SAMPLES;

/// Gain of a party at least, in dB.
pub const GAIN_MIN_DB: i8 = -20;
/// Gain of a party at most, in dB.
pub const GAIN_MAX_DB: i8 = 12;

/// Samples of one block, 16 bits at 8 kHz.
pub type Block = [i16; BLOCK_SAMPLES];

/// What an idle channel may carry: A-law has no zero, its smallest values are 8 and -8. Of many
/// silent parties they would make a constant that is heard.
const SILENCE: u16 = 8;
/// Gains are in 1/4096.
const GAIN_BITS: u32 = 12;
const UNITY: i32 = 1 << GAIN_BITS;
/// What a listener's gain rises by with each block: 20 dB in a second.
const RISE: f32 = 1.004_616;
/// The largest sample.
const CEILING: f32 = i16::MAX as f32;

type Sum = [i32; BLOCK_SAMPLES];

/// One party, as it is heard and as it hears.
#[derive(Clone, Copy, Debug)]
struct Party {
    /// In 1/4096; 0: muted.
    gain: i32,
    /// What it says in this block.
    said: Sum,
    /// Of what it hears; 1 while nothing is too loud.
    limit: f32,
}

const NOBODY: Party = Party { gain: UNITY, said: [0; BLOCK_SAMPLES], limit: 1.0 };

/// The parties of one conference, numbered from 0.
#[derive(Clone, Debug)]
pub struct Mix {
    parties: [Party; ROOM_PARTIES],
    count: usize,
    sum: Sum,
}

impl Default for Mix {
    fn default() -> Self {
        Self::new()
    }
}

impl Mix {
    /// Without parties.
    #[must_use]
    pub const fn new() -> Self {
        Self { parties: [NOBODY; ROOM_PARTIES], count: 0, sum: [0; BLOCK_SAMPLES] }
    }

    /// How many parties there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// One more party, heard as it speaks: its number is [`Self::count`] before. `false` if there
    /// are [`ROOM_PARTIES`] already.
    pub fn join(&mut self) -> bool {
        let Some(place) = self.parties.get_mut(self.count) else { return false };
        *place = NOBODY;
        self.count += 1;
        true
    }

    /// A party goes; the last one takes its number. Without that party nothing happens.
    pub const fn leave(&mut self, party: usize) {
        if party < self.count {
            self.count -= 1;
            self.parties.swap(party, self.count);
        }
    }

    /// How loud a party is heard, in dB from [`GAIN_MIN_DB`] to [`GAIN_MAX_DB`] (what lies beyond
    /// is brought to the nearer one); `None`: not at all.
    #[expect(clippy::cast_possible_truncation, reason = "less than 5 times 4096")]
    pub fn gain(&mut self, party: usize, db: Option<i8>) {
        let Some(party) = self.parties[..self.count].get_mut(party) else { return };
        party.gain = db.map_or(0, |db| {
            let db = f32::from(db.clamp(GAIN_MIN_DB, GAIN_MAX_DB));
            libm::roundf(libm::powf(10.0, db / 20.0) * UNITY as f32) as i32
        });
    }

    /// Begins a block with what all hear beside the parties.
    pub fn begin(&mut self, beside: Option<&Block>) {
        self.sum = beside.map_or([0; BLOCK_SAMPLES], |block| block.map(i32::from));
    }

    /// A party says a block: all of them once after [`Self::begin`], before anybody hears.
    pub fn say(&mut self, party: usize, block: &Block) {
        let Some(party) = self.parties[..self.count].get_mut(party) else { return };
        let loudest = block.iter().fold(0, |most, sample| most.max(sample.unsigned_abs()));
        if loudest <= SILENCE || party.gain == 0 {
            party.said = [0; BLOCK_SAMPLES];
            return;
        }
        let half = 1 << (GAIN_BITS - 1);
        for ((said, sum), sample) in party.said.iter_mut().zip(&mut self.sum).zip(block) {
            *said = (i32::from(*sample) * party.gain + half) >> GAIN_BITS;
            *sum += *said;
        }
    }

    /// What a party hears of this block: all but itself. Nothing without that party.
    #[expect(clippy::cast_possible_truncation, reason = "the limit is 16 bits")]
    pub fn hear(&mut self, party: usize, block: &mut Block) {
        let Some(party) = self.parties[..self.count].get_mut(party) else {
            *block = [0; BLOCK_SAMPLES];
            return;
        };
        let mut others = self.sum;
        let mut fits = party.limit >= 1.0;
        for (sum, said) in others.iter_mut().zip(&party.said) {
            *sum -= said;
            fits &= *sum == i32::from(*sum as i16);
        }
        if fits {
            *block = others.map(|sample| sample as i16);
        } else {
            party.limited(&others, block);
        }
    }
}

impl Party {
    #[expect(clippy::cast_precision_loss, reason = "64 samples of 18 bits are exact")]
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and little is beyond")]
    fn limited(&mut self, others: &Sum, block: &mut Block) {
        let before = self.limit;
        for (to, sample) in block.iter_mut().zip(others) {
            let sample = *sample as f32;
            let loud = libm::fabsf(sample);
            if loud * self.limit > CEILING {
                self.limit = CEILING / loud;
            }
            *to = (sample * self.limit) as i16;
        }
        if self.limit >= before {
            self.limit = (self.limit * RISE).min(1.0);
        }
    }
}
