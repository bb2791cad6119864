//! Hears octets.

use units::media::BLOCK_SAMPLES;

use crate::BIT_RATE;
use crate::table::{DOWN, LOW_PASS, TAPS, TURN};

/// Samples of a bit.
const BIT: f32 = 8000.0 / BIT_RATE;
/// Samples over which turns are averaged.
const MEAN: usize = 5;
/// Mean square of the turned-down signal of -40 dBm0: weaker is silence. A sine of amplitude a
/// keeps a quarter of a squared there.
const MIN_POWER: f32 = 13_000.0;
/// ... and of -43 dBm0: one that is there may weaken so far.
const KEEP_POWER: f32 = 6_500.0;
/// A block that holds so much less than those before it is the end: 15 dB.
const END: f32 = 0.03;
/// How much of the level a new block is.
const LEVEL_SHARE: f32 = 1.0 / 16.0;
/// Mean turns (sines of angles) between which a steady mark lies: 1060 and 1400 Hz.
const MARK_TURNS: (f32, f32) = (-0.48, -0.23);
/// Bits of mark in a row that stand before a message; between its octets are 10 at most
/// (EN 300 659-1 6.2.3).
const MARK_BITS: f32 = 25.0;

/// What the receiver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The mark that stands before a message: the next octet is its first.
    Mark,
    /// An octet.
    Octet(u8),
    /// Something that began as an octet ended without a stop bit.
    Broken,
    /// Nothing is sent any more.
    Lost,
}

/// Where in an octet it is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    /// Nothing is sent.
    Silence,
    /// A mark, for so many samples; told or not yet.
    Mark { samples: f32, told: bool },
    /// A space that follows no mark that was heard.
    Space,
    /// Samples since the edge of the start bit, bits taken so far, from the least significant on.
    Octet { since: f32, taken: u8, octet: u8 },
}

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Demodulator {
    /// Place in [`DOWN`].
    turn: usize,
    /// The last samples, turned down, in a ring.
    past: [[f32; 2]; TAPS],
    newest: usize,
    /// The last sample behind the filter.
    last: [f32; 2],
    /// Sum of squares of this block, and the mean square of those before.
    energy: f32,
    level: f32,
    /// The last turns, in a ring, and the mean before this sample's.
    turns: [f32; MEAN],
    turn_next: usize,
    mean: f32,
    place: Place,
}

impl Default for Demodulator {
    fn default() -> Self {
        Self::new()
    }
}

impl Demodulator {
    /// Hears nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            turn: 0,
            past: [[0.0; 2]; TAPS],
            newest: 0,
            last: [0.0; 2],
            energy: 0.0,
            level: 0.0,
            turns: [0.0; MEAN],
            turn_next: 0,
            mean: 0.0,
            place: Place::Silence,
        }
    }

    /// Whether it hears something that may be a transmission.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.place != Place::Silence
    }

    /// Takes 2 ms of linear samples at 8 kHz in. At most one thing happens in as many.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Event> {
        let mut said = None;
        self.energy = 0.0;
        for sample in samples {
            let mean = self.step(f32::from(*sample));
            let before = core::mem::replace(&mut self.mean, mean);
            said = said.or(self.judge(before, mean));
        }
        let power = self.energy / 16.0;
        if self.place == Place::Silence {
            if power >= MIN_POWER {
                (self.place, self.level) = (Place::Space, power);
            }
        } else if said.is_none() && power < KEEP_POWER.max(self.level * END) {
            self.place = Place::Silence;
            said = Some(Event::Lost);
        } else {
            self.level += (power - self.level) * LEVEL_SHARE;
        }
        said
    }

    /// The mean turn, sines of angles: above zero a space, below a mark.
    fn step(&mut self, sample: f32) -> f32 {
        let [cos, sin] = DOWN[self.turn];
        self.turn = (self.turn + 1) % TURN;
        self.newest = (self.newest + 1) % TAPS;
        self.past[self.newest] = [sample * cos, sample * sin];
        let (newer, older) = self.past.split_at(self.newest + 1);
        let mut now = [0.0; 2];
        // The filter is symmetric: its order does not matter.
        for (tap, part) in LOW_PASS.iter().zip(older.iter().chain(newer)) {
            now = [now[0] + tap * part[0], now[1] + tap * part[1]];
        }
        let last = core::mem::replace(&mut self.last, now);
        let (power, before) = (square(now), square(last));
        self.energy += power;
        let turn = (now[1] * last[0] - now[0] * last[1]) / (0.5 * (power + before) + 1.0);
        self.turns[self.turn_next] = turn;
        self.turn_next = (self.turn_next + 1) % MEAN;
        self.turns.iter().sum::<f32>() / 5.0
    }

    fn judge(&mut self, before: f32, mean: f32) -> Option<Event> {
        let space = mean > 0.0;
        match self.place {
            Place::Silence => None,
            Place::Space => {
                if !space {
                    self.place = Place::Mark { samples: 0.0, told: false };
                }
                None
            }
            Place::Mark { .. } if space => {
                // Where between the two samples it crossed zero.
                let since = mean / (mean - before).max(mean);
                self.place = Place::Octet { since, taken: 0, octet: 0 };
                None
            }
            Place::Mark { samples, told } => {
                let tell = !told && samples >= MARK_BITS * BIT;
                let steady = told || (MARK_TURNS.0..MARK_TURNS.1).contains(&mean);
                let samples = if steady { samples + 1.0 } else { 0.0 };
                self.place = Place::Mark { samples, told: told || tell };
                tell.then_some(Event::Mark)
            }
            Place::Octet { since, taken, octet } => self.octet(since + 1.0, taken, octet, before),
        }
    }

    /// `taken`: 0 while the start bit is awaited, 9 when only the stop bit is missing.
    fn octet(&mut self, since: f32, taken: u8, octet: u8, before: f32) -> Option<Event> {
        let middle = (f32::from(taken) + 0.5) * BIT;
        self.place = Place::Octet { since, taken, octet };
        if since < middle {
            return None;
        }
        // Between this sample and the one before lies the middle of the bit.
        let late = (since - middle).min(1.0);
        let space = self.mean * (1.0 - late) + before * late > 0.0;
        match (taken, space) {
            // A start bit too short to be one.
            (0, false) => {
                self.place = Place::Mark { samples: 0.0, told: false };
                None
            }
            (9, space) => {
                let mark = Place::Mark { samples: 0.0, told: false };
                self.place = if space { Place::Space } else { mark };
                Some(if space { Event::Broken } else { Event::Octet(octet) })
            }
            (0, true) => {
                self.place = Place::Octet { since, taken: 1, octet };
                None
            }
            (_, space) => {
                let bit = if space { 0 } else { 0x80 };
                self.place = Place::Octet { since, taken: taken + 1, octet: octet >> 1 | bit };
                None
            }
        }
    }
}

fn square(value: [f32; 2]) -> f32 {
    value[0] * value[0] + value[1] * value[1]
}
