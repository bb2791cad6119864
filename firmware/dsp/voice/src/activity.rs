//! Whether somebody speaks.
//!
//! The quiet is what two measures do not fall below for long: the energy, and that of the
//! difference from sample to sample, in which hisses count and hum does not. Speech is what is
//! louder than its quiet in either.

use dsp_bank::dot;
use units::media::BLOCK_SAMPLES;

use crate::{Event, FRAME, earlier};

/// Parts of the past in which the least is remembered, and frames of each: 1.6 s together.
const PARTS: usize = 8;
const PART: u8 = 20;
/// Louder than the quiet by so much, in power, it is speech: 4.5 dB, beside the 1.5 dB by which
/// the least of many frames lies below their mean.
const OVER: f32 = 4.0;
/// ... and goes on being it above 2.5 dB.
const STILL: f32 = 2.5;
/// Frames that begin it, and that end it.
const BEGIN: u8 = 2;
const END: u8 = 18;
/// Mean square below which nothing is speech: -58 dBm0 of noise; and of its difference.
const LEAST: f32 = 410.0;
const LEAST_DIFFERENCE: f32 = 200.0;

/// The least of the last seconds.
#[derive(Clone, Debug)]
struct Quiet {
    smooth: f32,
    parts: [f32; PARTS],
    least: f32,
}

impl Quiet {
    const fn new() -> Self {
        Self { smooth: 0.0, parts: [f32::MAX; PARTS], least: f32::MAX }
    }

    /// How much louder the present is than the quiet.
    fn push(&mut self, energy: f32, next: Option<usize>, floor: f32) -> f32 {
        self.smooth = 0.5 * (self.smooth + energy);
        self.least = self.least.min(self.smooth);
        if let Some(next) = next {
            self.parts[next] = self.least;
            self.least = self.smooth;
        }
        let quiet = self.parts.iter().copied().fold(self.least, f32::min);
        self.smooth / quiet.max(floor)
    }
}

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Activity {
    last: [f32; 2],
    steps: u8,
    energy: f32,
    difference: f32,
    low: Quiet,
    high: Quiet,
    frames: u8,
    part: usize,
    speaks: bool,
    count: u8,
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl Activity {
    /// Nothing came yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            last: [0.0; 2],
            steps: 0,
            energy: 0.0,
            difference: 0.0,
            low: Quiet::new(),
            high: Quiet::new(),
            frames: 0,
            part: 0,
            speaks: false,
            count: 0,
        }
    }

    /// Whether somebody speaks; for 180 ms after the last sound that was like it too.
    #[must_use]
    pub const fn speaks(&self) -> bool {
        self.speaks
    }

    /// Takes 2 ms of linear samples at 8 kHz in.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Event> {
        let samples = samples.map(f32::from);
        let (one, _) = earlier(&samples, self.last);
        self.last = [samples[14], samples[15]];
        let (energy, product) = (dot(&samples, &samples), dot(&samples, &one));
        self.energy += energy;
        // Square of the difference: both squares less twice the product.
        self.difference += energy + dot(&one, &one) - 2.0 * product;
        self.steps += 1;
        if self.steps < FRAME {
            return None;
        }
        self.steps = 0;
        let energy = core::mem::take(&mut self.energy) / 80.0;
        let difference = core::mem::take(&mut self.difference).max(0.0) / 80.0;
        self.frame(energy, difference)
    }

    fn frame(&mut self, energy: f32, difference: f32) -> Option<Event> {
        self.frames += 1;
        let mut next = None;
        if self.frames == PART {
            self.frames = 0;
            self.part = (self.part + 1) % PARTS;
            next = Some(self.part);
        }
        let low = self.low.push(energy, next, LEAST / 4.0);
        let high = self.high.push(difference, next, LEAST_DIFFERENCE / 4.0);
        let over = if self.speaks { STILL } else { OVER };
        let loud = self.low.smooth > LEAST && low > over
            || self.high.smooth > LEAST_DIFFERENCE && high > over;
        if loud == self.speaks {
            self.count = 0;
            return None;
        }
        self.count += 1;
        if self.count < if self.speaks { END } else { BEGIN } {
            return None;
        }
        self.count = 0;
        self.speaks = loud;
        Some(if loud { Event::Begin } else { Event::End })
    }
}
