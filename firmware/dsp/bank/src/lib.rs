//! Eight frequencies in windows that slide by 2 ms: what detectors of tones have in common.
//!
//! ```text
//!  16 samples ─► sums with sine and cosine, phases counted from the first sample ever: S
//!   S + S ─► P   P + P ─► 8 ms (even weights): B   three of B ─► 12 ms (1 2 3 3 2 1): W
//! ```
//!
//! Nothing is added up for longer than a window, so that nothing that came is remembered longer.
//! As phases do not turn with the window, a window's product with an earlier one's conjugate tells
//! at once how far off its place a frequency is.

#![no_std]

mod angle;
mod table;

pub use angle::{cos, short, sin};
use table::HALF;
pub use table::Table;
use units::media::BLOCK_SAMPLES;

/// Samples of a step.
const STEP: usize = 16;
const _: () = assert!(STEP == BLOCK_SAMPLES, "a step is a block");

/// Cosine and sine parts of each frequency.
type Vectors = [[f32; 8]; 2];

const NOTHING: Vectors = [[0.0; 8]; 2];
/// Weights of the longer window's steps by age, squared.
const SQUARES: [f32; 6] = [1.0, 4.0, 9.0, 9.0, 4.0, 1.0];
/// A sine of amplitude 1 gives a vector of length `STEP / 2 * 12` and a mean square of 1 / 2.
const POWER: f32 = 0.5 / (96.0 * 96.0);
/// Weighted sum of squares to mean square: 28 is the sum of [`SQUARES`].
const ENERGY: f32 = 1.0 / (16.0 * 28.0);
/// Part of its power that a window loses for an angle of 1, squared, that a frequency drifts.
const LOSS: f32 = 0.12;

/// What one channel's last steps were.
#[derive(Clone, Debug)]
pub struct Bank {
    table: &'static Table,
    turned: Vectors,
    step: Vectors,
    pairs: [Vectors; 2],
    fours: [Vectors; 4],
    windows: [Vectors; 8],
    energy: [f32; 8],
    count: usize,
}

fn sum(a: &Vectors, b: &Vectors) -> Vectors {
    let mut result = *a;
    for (result, b) in result.iter_mut().zip(b) {
        for (result, b) in result.iter_mut().zip(b) {
            *result += b;
        }
    }
    result
}

fn powers(vectors: &Vectors, scale: f32) -> [f32; 8] {
    core::array::from_fn(|k| {
        (vectors[0][k] * vectors[0][k] + vectors[1][k] * vectors[1][k]) * scale
    })
}

impl Bank {
    /// Nothing came yet.
    #[must_use]
    pub const fn new(table: &'static Table) -> Self {
        Self {
            table,
            turned: [[1.0; 8], [0.0; 8]],
            step: NOTHING,
            pairs: [NOTHING; 2],
            fours: [NOTHING; 4],
            windows: [NOTHING; 8],
            energy: [0.0; 8],
            count: 0,
        }
    }

    /// Takes 2 ms in, with the sum of their squares.
    pub fn push(&mut self, samples: &[f32; STEP], energy: f32) {
        self.count = self.count.wrapping_add(1);
        let n = self.count;
        let step = self.turn(&sums(self.table, samples));
        let pair = sum(&step, &self.step);
        let four = sum(&pair, &self.pairs[n & 1]);
        let older = sum(&self.fours[n.wrapping_sub(1) & 3], &self.fours[n.wrapping_sub(2) & 3]);
        self.windows[n & 7] = sum(&four, &older);
        self.step = step;
        self.pairs[n & 1] = pair;
        self.fours[n & 3] = four;
        self.energy[n & 7] = energy;
    }

    /// Counts phases from the first sample ever.
    #[inline(never)]
    fn turn(&mut self, sums: &Vectors) -> Vectors {
        let (mut step, mut next) = (NOTHING, NOTHING);
        let ([cos, sin], by) = (&self.turned, &self.table.turn);
        for k in 0..8 {
            step[0][k] = sums[0][k] * cos[k] - sums[1][k] * sin[k];
            step[1][k] = sums[0][k] * sin[k] + sums[1][k] * cos[k];
            let re = cos[k] * by[0][k] - sin[k] * by[1][k];
            let im = cos[k] * by[1][k] + sin[k] * by[0][k];
            // Rounding would let the length drift: one Newton step back to 1.
            let gain = 1.5 - 0.5 * (re * re + im * im);
            next[0][k] = re * gain;
            next[1][k] = im * gain;
        }
        self.turned = next;
        step
    }

    /// Mean square of the longer window, weighted as it is.
    #[must_use]
    pub fn energy(&self) -> f32 {
        let mut sum = 0.0;
        for (age, square) in SQUARES.iter().enumerate() {
            sum += square * self.energy[self.count.wrapping_sub(age) & 7];
        }
        sum * ENERGY
    }

    /// Mean square of each frequency in the longer window.
    #[must_use]
    pub fn powers(&self) -> [f32; 8] {
        powers(&self.windows[self.count & 7], POWER)
    }

    /// Mean square of the last 8 ms, and of each frequency in them.
    #[must_use]
    pub fn short(&self) -> (f32, [f32; 8]) {
        let last = |age| self.energy[self.count.wrapping_sub(age) & 7];
        let energy = last(0) + last(1) + last(2) + last(3);
        (energy / 64.0, powers(&self.fours[self.count & 3], 0.5 / (32.0 * 32.0)))
    }

    /// The same of the last 4 ms.
    #[must_use]
    pub fn shortest(&self) -> (f32, [f32; 8]) {
        let last = |age| self.energy[self.count.wrapping_sub(age) & 7];
        let pair = &self.pairs[self.count & 1];
        ((last(0) + last(1)) / 32.0, powers(pair, 0.5 / (16.0 * 16.0)))
    }

    /// By which angle the phase of frequency `k` drifted in so many steps, at most 7: cosine and
    /// sine, with any length.
    #[must_use]
    pub fn drift(&self, k: usize, steps: usize) -> (f32, f32) {
        let now = &self.windows[self.count & 7];
        let before = &self.windows[self.count.wrapping_sub(steps.min(7)) & 7];
        let re = now[0][k] * before[0][k] + now[1][k] * before[1][k];
        let im = now[1][k] * before[0][k] - now[0][k] * before[1][k];
        (re, im)
    }
}

/// By how much more power a frequency has than the longer window sees of it, if it drifts by the
/// angle of this cosine and sine in four steps: two sincs of 8 and 6 ms in outline.
#[must_use]
pub fn unseen(cos: f32, sin: f32) -> f32 {
    let length = libm::sqrtf(cos * cos + sin * sin);
    let far = if length > 0.0 { 1.0 - cos / length } else { 0.0 };
    // The angle, squared.
    let square = far * (2.0 + far / 3.0);
    1.0 / (1.0 - LOSS * square)
}

/// Sum of products, in lanes that the machine has.
#[must_use]
pub fn dot(a: &[f32; STEP], b: &[f32; STEP]) -> f32 {
    let mut lanes = [0.0; 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += a * b;
        }
    }
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

/// Sums with cosine and negative sine, phases counted from the middle of the step.
fn sums(table: &Table, samples: &[f32; STEP]) -> Vectors {
    let (mut even, mut odd) = ([0.0; HALF], [0.0; HALF]);
    for n in 0..HALF {
        let (later, earlier) = (samples[HALF + n], samples[HALF - 1 - n]);
        even[n] = later + earlier;
        odd[n] = earlier - later;
    }
    [project(&even, &table.cos), project(&odd, &table.sin)]
}

/// Kept by itself: the compiler finds the machine's lanes in it, and not in what it grows into.
#[inline(never)]
fn project(values: &[f32; HALF], table: &[[f32; 8]; HALF]) -> [f32; 8] {
    let mut sums = [0.0; 8];
    for (value, row) in values.iter().zip(table) {
        for (sum, factor) in sums.iter_mut().zip(row) {
            *sum += value * factor;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use core::f32::consts::TAU;

    static TABLE: Table = Table::new([697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0]);

    fn fed(hz: f32, blocks: u16) -> Bank {
        let mut bank = Bank::new(&TABLE);
        let mut phase = 0.0;
        for _ in 0..blocks {
            let block = [(); STEP].map(|()| {
                phase = (phase + hz / 8000.0) % 1.0;
                10_000.0 * (phase * TAU).sin()
            });
            bank.push(&block, dot(&block, &block));
        }
        bank
    }

    #[test]
    fn a_sine_in_its_place_has_all_the_power_even_after_ten_minutes() {
        for blocks in [50, 60_000] {
            let bank = fed(1209.0, blocks);
            assert!((bank.powers()[4] / 50e6 - 1.0).abs() < 0.03);
            assert!((bank.energy() / 50e6 - 1.0).abs() < 0.03);
            assert!(bank.powers()[..4].iter().all(|power| *power < 50e6 * 0.01));
        }
    }

    #[test]
    fn a_sine_off_its_place_drifts_and_what_the_window_misses_is_known() {
        for off in [-30.0, -12.0, 0.0, 12.0, 30.0] {
            let bank = fed(1209.0 + off, 50);
            let (cos, sin) = bank.drift(4, 4);
            let hz = sin.atan2(cos) / TAU * 125.0;
            assert!((hz - off).abs() < 1.0, "{off} Hz: {hz}");
            let power = bank.powers()[4] * unseen(cos, sin);
            assert!((power / 50e6 - 1.0).abs() < 0.12, "{off} Hz: {power}");
        }
    }
}
