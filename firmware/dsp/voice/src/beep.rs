//! One steady sine: what an answering machine says when it wants to hear.
//!
//! The sums of products of samples with those one and two earlier tell whether a sound is one sine,
//! of any frequency: then the second follows from the first.

use dsp_bank::dot;
use units::media::BLOCK_SAMPLES;

use crate::{Event, earlier};

/// Steps of a window: 20 ms.
const WINDOW: u8 = 10;
/// Windows that make a beep: 140 ms.
const ENOUGH: u8 = 7;
/// Mean square of a sine of -40 dBm0.
const LEAST: f32 = 26_000.0;
/// Share of the energy that a sine has at least: noise is in the energy, and in neither product.
const SHARE: f32 = 0.96;
/// How far the turn from sample to sample may be from its mean so far, squared: 23 Hz.
const STEADY: f32 = 0.018 * 0.018;
/// Cosine of the turn of 350 and of 2600 Hz: between them beeps lie.
const BETWEEN: (f32, f32) = (-0.454, 0.962);
/// Louder over quieter of neighbouring windows: 2 dB.
const EVEN: f32 = 1.6;

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Beep {
    last: [f32; 2],
    sums: [f32; 3],
    steps: u8,
    before: f32,
    /// Sum of the cosines of the turn, of the windows counted.
    turn: f32,
    count: u8,
}

impl Default for Beep {
    fn default() -> Self {
        Self::new()
    }
}

impl Beep {
    /// Nothing came yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: [0.0; 2], sums: [0.0; 3], steps: 0, before: 0.0, turn: 0.0, count: 0 }
    }

    /// Takes 2 ms of linear samples at 8 kHz in. A beep begins when it has been there for 140 ms.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Event> {
        let samples = samples.map(f32::from);
        let (one, two) = earlier(&samples, self.last);
        self.last = [samples[14], samples[15]];
        let now = [dot(&samples, &samples), dot(&samples, &one), dot(&samples, &two)];
        for (sum, now) in self.sums.iter_mut().zip(now) {
            *sum += now;
        }
        self.steps += 1;
        if self.steps < WINDOW {
            return None;
        }
        self.steps = 0;
        let [energy, first, second] = core::mem::take(&mut self.sums);
        // The energy that a sine of these two products has.
        let root = libm::sqrtf(second * second + 8.0 * first * first);
        let sine = 0.5 * (root - second);
        self.window(energy, sine >= energy * SHARE, first / (sine + 1.0))
    }

    fn window(&mut self, energy: f32, pure: bool, turn: f32) -> Option<Event> {
        let placed = turn > BETWEEN.0 && turn < BETWEEN.1;
        let mean = self.turn / f32::from(self.count.max(1));
        let off = turn - mean;
        // A cosine moves by the sine times what the angle moves by.
        let steady = off * off < STEADY * (1.0 - mean * mean);
        let even = energy < self.before * EVEN && self.before < energy * EVEN;
        let loud = energy > LEAST * 160.0;
        self.before = energy;
        if loud && pure && placed && (self.count == 0 || (steady && even)) {
            if self.count < u8::MAX {
                self.count += 1;
                self.turn += turn;
            }
            return (self.count == ENOUGH).then_some(Event::Begin);
        }
        let count = core::mem::replace(&mut self.count, 0);
        self.turn = 0.0;
        (count >= ENOUGH).then_some(Event::End)
    }
}
