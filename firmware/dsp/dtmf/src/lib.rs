//! A DTMF receiver by the rules of Q.24 and ES 201 235-3.
//!
//! ```text
//!  16 samples ─► dial tone, if there is one, out ─► 8 sums with a sine and cosine of each
//!                frequency                                                     every 2 ms
//!                  the last eight, weighted ─► a window of 12 ms for each frequency
//!                    loudest row and column ─► level, twist, share of all energy: a hit?
//!                    turn of phase in 8 ms ──► frequency within 2.5 %?
//!                      thirteen hits ─► digit begins;  twelve misses ─► it ends
//! ```
//!
//! Two digits of at least 40 ms with 40 ms between them are two digits; a sound of 23 ms is none,
//! and a gap of 10 ms does not split a digit (Q.24 annex A, the strictest of each column).
//! The share of energy makes it deaf to speech: a voice that holds two of the eight frequencies
//! has harmonics elsewhere.
//!
//! [`Hush`] keeps digits from being heard by others.
#![no_std]

mod dial;
mod mute;
#[cfg(test)]
mod tests;

use dial::DialTone;
use dsp_bank::{Bank, Table, unseen};
use units::Digit;
use units::media::BLOCK_SAMPLES;

pub use mute::{Hush, Muter};

/// Hits in a row that begin a digit: a tone of 28 ms at least, of 36 ms always.
const BEGIN_HITS: u8 = 13;
/// Misses in a row that end one.
const END_MISSES: u8 = 12;
/// Misses in a row that a digit not yet begun may have.
const CANDIDATE_MISSES: u8 = 4;
/// Mean square of a sine of -38.5 dBm0: each of the two must be louder.
const MIN_POWER: f32 = 36_800.0;
/// High group over low group at most: 7.5 dB. Q.24 asks to accept +4 dB.
const MAX_HIGH: f32 = 4.2;
/// Low group over high group at most: 11.5 dB. Q.24 asks to accept 8 dB.
const MAX_LOW: f32 = 10.6;
/// Share of the window's energy that the two seem to have at least, before it is known how far off
/// their places they are.
const LEAST_SHARE: f32 = 0.5;
/// Share of the window's energy that lies in the two.
const SHARE: f32 = 0.81;
/// ... and in the mean of all hits.
const MEAN_SHARE: f32 = 0.87;
/// Hits over which that mean goes at most.
const MOST_HITS: u8 = 16;
/// Hits from which on the window is full of a digit.
const FILLED: u8 = 8;
/// Louder over quieter within a digit: 4.3 dB.
const EVEN: f32 = 2.7;
/// How much louder than its neighbours the loudest of a group is: 3 dB.
const CLEAR: f32 = 2.0;
/// Farthest from its nominal value that a frequency is accepted: between 1.5 and 3.5 %.
const OFF_FREQUENCY: f32 = 0.024;

/// Rows, then columns, in hertz (Q.23 table 1).
const HZ: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];
static TABLE: Table = Table::new(HZ);
/// Cosine and sine of the farthest turn of phase that is accepted in 8 ms: what a table of
/// [`OFF_FREQUENCY`] of each frequency turns in four steps of 2 ms.
static LIMITS: [[f32; 2]; 8] = Table::angles(HZ, OFF_FREQUENCY as f64 * 64.0);

/// What the receiver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A digit is being sent; said 28 to 38 ms after its first sample.
    Begin(Digit),
    /// It is over.
    End(Digit),
}

/// What a window holds.
#[derive(Clone, Copy, Debug)]
struct Heard {
    /// Of the digit in [`Digit::ALL`].
    place: u8,
    share: f32,
    power: [f32; 2],
}

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Receiver {
    dial: DialTone,
    bank: Bank,
    candidate: Option<u8>,
    hits: u8,
    /// Sum of their shares.
    shares: f32,
    /// Least and most power of each frequency since the window was full of it.
    least: [f32; 2],
    most: [f32; 2],
    misses: u8,
    digit: Option<u8>,
    digit_misses: u8,
}

impl Receiver {
    /// Hears nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            dial: DialTone::new(),
            bank: Bank::new(&TABLE),
            candidate: None,
            hits: 0,
            shares: 0.0,
            least: [f32::MAX; 2],
            most: [0.0; 2],
            misses: 0,
            digit: None,
            digit_misses: 0,
        }
    }

    /// Takes 2 ms of linear samples at 8 kHz in.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Event> {
        let mut samples = samples.map(f32::from);
        let energy = self.dial.push(&mut samples);
        self.bank.push(&samples, energy);
        let heard = self.hear();
        self.judge(heard)
    }

    /// Whether the last 8 ms look like a digit, be it one or not.
    #[must_use]
    pub fn suspects(&self) -> bool {
        let (total, power) = self.bank.short();
        if total < MIN_POWER {
            return false;
        }
        let (low, high) = (most(&power[..4]), most(&power[4..]));
        let twist = high <= low * MAX_HIGH && low <= high * MAX_LOW;
        twist && low + high >= total * SHARE
    }

    /// Whether a digit is being sent, as far as is told.
    #[must_use]
    pub const fn has_digit(&self) -> bool {
        self.digit.is_some()
    }

    /// The digit that the window holds.
    fn hear(&self) -> Option<Heard> {
        // Mean square over the window, weighted as the window is.
        let total = self.bank.energy();
        if total < 2.0 * MIN_POWER {
            return None;
        }
        let power = self.bank.powers();
        let (low, high) = (most(&power[..4]), most(&power[4..]));
        let loud = low >= MIN_POWER && high >= MIN_POWER;
        let twist = high <= low * MAX_HIGH && low <= high * MAX_LOW;
        if !loud || !twist || low + high < total * LEAST_SHARE {
            return None;
        }
        let (row, column) = (clear(&power[..4], low)?, clear(&power[4..], high)?);
        // A window sees less of what is off its place.
        let low = low * self.on_frequency(row)?;
        let high = high * self.on_frequency(column + 4)?;
        let share = (low + high) / total;
        let place = u8::try_from(row * 4 + column).unwrap_or(0);
        (share >= SHARE).then_some(Heard { place, share: share.min(1.0), power: [low, high] })
    }

    /// By how much more power a frequency has than the window sees, if its phase drifted in the
    /// last 8 ms by no more than [`OFF_FREQUENCY`] makes it.
    fn on_frequency(&self, k: usize) -> Option<f32> {
        let (cos, sin) = self.bank.drift(k, 4);
        // |angle| <= limit, without an arc tangent: the limits are below 180 degrees.
        let [limit_cos, limit_sin] = LIMITS[k];
        let side = sin.abs();
        // The angle between (cos, side) and the limit must not be beyond it.
        if side * limit_cos - cos * limit_sin > 0.0 || (cos == 0.0 && side == 0.0) {
            return None;
        }
        Some(unseen(cos, side))
    }

    fn judge(&mut self, heard: Option<Heard>) -> Option<Event> {
        if let Some(digit) = self.digit {
            if heard.is_some_and(|heard| heard.place == digit) {
                self.digit_misses = 0;
                return None;
            }
            self.digit_misses += 1;
            self.collect(heard);
            if self.digit_misses < END_MISSES {
                return None;
            }
            self.digit = None;
            return name(digit).map(Event::End);
        }
        self.collect(heard);
        let even = (0..2).all(|k| self.most[k] <= self.least[k] * EVEN);
        if self.hits < BEGIN_HITS || self.shares < f32::from(self.hits) * MEAN_SHARE || !even {
            return None;
        }
        self.digit = self.candidate;
        self.digit_misses = 0;
        self.forget(None);
        self.digit.and_then(name).map(Event::Begin)
    }

    fn forget(&mut self, candidate: Option<u8>) {
        (self.candidate, self.hits, self.shares, self.misses) = (candidate, 0, 0.0, 0);
        (self.least, self.most) = ([f32::MAX; 2], [0.0; 2]);
    }

    /// Counts hits of the same digit.
    fn collect(&mut self, heard: Option<Heard>) {
        let Some(heard) = heard else {
            if self.candidate.is_some() && self.misses < CANDIDATE_MISSES {
                self.misses += 1;
            } else {
                self.forget(None);
            }
            return;
        };
        if self.candidate != Some(heard.place) {
            self.forget(Some(heard.place));
        }
        self.misses = 0;
        if self.hits >= FILLED {
            for (k, power) in heard.power.into_iter().enumerate() {
                self.least[k] = self.least[k].min(power);
                self.most[k] = self.most[k].max(power);
            }
        }
        if self.hits < MOST_HITS {
            self.hits += 1;
            self.shares += heard.share;
        } else {
            self.shares += heard.share - self.shares / f32::from(MOST_HITS);
        }
    }
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

fn name(place: u8) -> Option<Digit> {
    Digit::ALL.get(usize::from(place)).copied()
}

fn most(power: &[f32]) -> f32 {
    power.iter().copied().fold(0.0, f32::max)
}

/// The place of the loudest of four, if it is clearly so.
fn clear(power: &[f32], most: f32) -> Option<usize> {
    let best = power.iter().position(|now| *now >= most)?;
    let clear = power.iter().enumerate().all(|(k, now)| k == best || now * CLEAR < most);
    clear.then_some(best)
}
