//! A DTMF receiver by the rules of Q.24.
//!
//! ```text
//!  16 samples ─► 8 sums with a sine and cosine of each frequency      every 2 ms
//!                  the last eight, weighted ─► a window of 16 ms for each frequency
//!                    loudest row and column ─► level, twist, share of all energy: a hit?
//!                    turn of phase in 8 ms ──► frequency within 2.5 %?
//!                      twelve hits in a row ─► digit begins;  twelve misses ─► it ends
//! ```
//!
//! Two digits of at least 40 ms with 40 ms between them are two digits; a sound of 23 ms is none,
//! and a gap of 10 ms does not split a digit (Q.24 annex A, the strictest of each column).
//! The share of energy makes it deaf to speech: a voice that holds two of the eight frequencies
//! has harmonics elsewhere.
#![no_std]

mod table;
#[cfg(test)]
mod tests;

use table::{STEP, TABLE, WINDOW, dot};
use units::Digit;
use units::media::BLOCK_SAMPLES;

/// Hits in a row that begin a digit: a tone of 26 ms at least, of 40 ms always.
const BEGIN_HITS: u8 = 12;
/// Misses in a row that end one.
const END_MISSES: u8 = 12;
/// Misses in a row that a digit not yet begun may have.
const CANDIDATE_MISSES: u8 = 4;
/// Mean square of a sine of -36 dBm0: each of the two must be louder.
const MIN_POWER: f32 = 65_400.0;
/// High group over low group at most: 10^(0.6), +6 dB. Q.24 asks to accept +4 dB.
const MAX_HIGH: f32 = 3.98;
/// Low group over high group at most: 10 dB. Q.24 asks to accept 8 dB.
const MAX_LOW: f32 = 10.0;
/// Share of the window's energy that lies in the two.
const SHARE: f32 = 0.72;
/// How much louder than its neighbours the loudest of a group is: 3 dB.
const CLEAR: f32 = 2.0;
/// Farthest from its nominal value that a frequency is accepted: between 1.5 and 3.5 %.
const OFF_FREQUENCY: f32 = 0.025;

/// What the receiver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A digit is being sent; said 26 to 36 ms after its first sample.
    Begin(Digit),
    /// It is over.
    End(Digit),
}

/// Sum of one step or window with cosine and sine of each frequency.
type Vectors = [[f32; 8]; 2];

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// The last [`WINDOW`] steps of 2 ms, `newest` the last.
    steps: [Vectors; WINDOW],
    energy: [f32; WINDOW],
    newest: usize,
    /// The windows that ended 2, 4, 6 and 8 ms ago, in a ring.
    past: [Vectors; 4],
    past_next: usize,
    candidate: Option<u8>,
    hits: u8,
    misses: u8,
    digit: Option<u8>,
    digit_misses: u8,
}

impl Receiver {
    /// Hears nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            steps: [[[0.0; 8]; 2]; WINDOW],
            energy: [0.0; WINDOW],
            newest: 0,
            past: [[[0.0; 8]; 2]; 4],
            past_next: 0,
            candidate: None,
            hits: 0,
            misses: 0,
            digit: None,
            digit_misses: 0,
        }
    }

    /// Takes 2 ms of linear samples at 8 kHz in.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Event> {
        self.newest = (self.newest + 1) % WINDOW;
        self.step(samples);
        let window = self.window();
        let heard = self.hear(&window);
        self.past[self.past_next] = window;
        self.past_next = (self.past_next + 1) % self.past.len();
        self.judge(heard)
    }

    fn step(&mut self, samples: &[i16; BLOCK_SAMPLES]) {
        let mut sums = [[0.0; 8]; 2];
        let mut energy = 0.0;
        for (sample, (cos, sin)) in samples.iter().zip(TABLE.cos.iter().zip(&TABLE.sin)) {
            let value = f32::from(*sample);
            energy += value * value;
            for k in 0..8 {
                sums[0][k] += value * cos[k];
                sums[1][k] += value * sin[k];
            }
        }
        self.steps[self.newest] = sums;
        self.energy[self.newest] = energy;
    }

    /// The last eight steps as one window, phases counted from its newest step.
    fn window(&self) -> Vectors {
        let mut window = [[0.0; 8]; 2];
        for age in 0..WINDOW {
            let [re, im] = &self.steps[(self.newest + WINDOW - age) % WINDOW];
            let [turn_re, turn_im] = &TABLE.turns[age];
            for k in 0..8 {
                window[0][k] += re[k] * turn_re[k] - im[k] * turn_im[k];
                window[1][k] += re[k] * turn_im[k] + im[k] * turn_re[k];
            }
        }
        window
    }

    /// The place of the digit in [`Digit::ALL`] that the window holds.
    fn hear(&self, window: &Vectors) -> Option<u8> {
        let energies: f32 = (0..WINDOW)
            .map(|age| {
                let weight = TABLE.weights[age];
                weight * weight * self.energy[(self.newest + WINDOW - age) % WINDOW]
            })
            .sum();
        // Mean square over the window, weighted as the window is.
        let total = energies * TABLE.energy_scale;
        if total < 2.0 * MIN_POWER {
            return None;
        }
        let mut power = [0.0; 8];
        for (k, power) in power.iter_mut().enumerate() {
            *power = dot(window, window, k).0 * TABLE.power_scale;
        }
        let (row, low) = loudest(&power[..4])?;
        let (column, high) = loudest(&power[4..])?;
        let loud = low >= MIN_POWER && high >= MIN_POWER;
        let twist = high <= low * MAX_HIGH && low <= high * MAX_LOW;
        let share = low + high >= total * SHARE;
        let right = self.on_frequency(window, row) && self.on_frequency(window, column + 4);
        (loud && twist && share && right).then(|| u8::try_from(row * 4 + column).unwrap_or(0))
    }

    /// Whether the phase of frequency `k` turned in the last 8 ms as it should, within
    /// [`OFF_FREQUENCY`].
    fn on_frequency(&self, window: &Vectors, k: usize) -> bool {
        let before = &self.past[self.past_next];
        let (re, im) = dot(window, before, k);
        let [turn_re, turn_im] = TABLE.turn_8_ms[k];
        let (cos, sin) = (re * turn_re - im * turn_im, re * turn_im + im * turn_re);
        // |angle| <= limit, without an arc tangent: the limits are below 180 degrees.
        let [limit_cos, limit_sin] = TABLE.limit[k];
        let side = sin.abs();
        // The angle between (cos, side) and the limit must not be beyond it.
        side * limit_cos - cos * limit_sin <= 0.0 && (cos != 0.0 || side != 0.0)
    }

    fn judge(&mut self, heard: Option<u8>) -> Option<Event> {
        if let Some(digit) = self.digit {
            if heard == Some(digit) {
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
        if self.hits < BEGIN_HITS {
            return None;
        }
        self.digit = self.candidate.take();
        (self.hits, self.misses, self.digit_misses) = (0, 0, 0);
        self.digit.and_then(name).map(Event::Begin)
    }

    /// Counts hits of the same digit.
    fn collect(&mut self, heard: Option<u8>) {
        if heard.is_some() && heard == self.candidate {
            self.hits = self.hits.saturating_add(1);
            self.misses = 0;
            return;
        }
        if heard.is_none() && self.candidate.is_some() && self.misses < CANDIDATE_MISSES {
            self.misses += 1;
            return;
        }
        self.candidate = heard;
        self.hits = u8::from(heard.is_some());
        self.misses = 0;
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

/// The loudest of four and its power, if it is clearly so.
fn loudest(power: &[f32]) -> Option<(usize, f32)> {
    let mut best = (0, 0.0);
    for (k, now) in power.iter().enumerate() {
        if *now > best.1 {
            best = (k, *now);
        }
    }
    let clear = power.iter().enumerate().all(|(k, now)| k == best.0 || now * CLEAR < best.1);
    clear.then_some(best)
}

const _: () = assert!(STEP == BLOCK_SAMPLES, "a step is a block");
