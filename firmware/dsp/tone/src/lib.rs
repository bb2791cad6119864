//! Tones that an exchange sends: one or two sines in a cadence, and digits of two.
//!
//! ```text
//!   ring-back   ████____________████____________      450 Hz, 1 s on, 4 s off
//!   busy        █_█_█_█_█_█_█_█_█_█_█_█_█_█_█_█_      450 Hz, 0.35 s on, 0.35 s off
//! ```
//!
//! Each sine is a phasor turned by one complex multiplication a sample; nothing is allocated and
//! no function of a sine is called after the tone was made.
#![no_std]

mod digits;
mod phasor;
#[cfg(test)]
mod tests;

use phasor::Phasor;
use units::Dbm0;

pub use digits::{DigitSender, TooMany, frequencies};

/// Samples a millisecond.
const SAMPLES_PER_MS: u32 = 8;
/// Times on and off that a cadence has at most.
pub const CADENCE: usize = 8;

/// One sine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Its frequency in hertz, below 4000.
    pub hz: f32,
    /// Its level.
    pub level: Dbm0,
}

/// What a tone is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// One sine or two added.
    pub parts: [Option<Part>; 2],
    /// Milliseconds on, off, on, off ...; ends at the first 0 and begins anew. All 0: always on.
    pub cadence_ms: [u16; CADENCE],
}

impl Tone {
    /// One sine in a cadence of at most two times on and off.
    #[must_use]
    pub const fn single(hz: f32, level: Dbm0, on_off_ms: [u16; 4]) -> Self {
        let [a, b, c, d] = on_off_ms;
        Self { parts: [Some(Part { hz, level }), None], cadence_ms: [a, b, c, d, 0, 0, 0, 0] }
    }
}

/// The level at which our tones go out.
const CHINA_LEVEL: Dbm0 = Dbm0(-10.0);

/// Dial tone in China: 450 Hz without a pause (GB/T 3380).
pub const CHINA_DIAL: Tone = Tone::single(450.0, CHINA_LEVEL, [0; 4]);
/// Ring-back tone in China: 1 s on, 4 s off.
pub const CHINA_RING_BACK: Tone = Tone::single(450.0, CHINA_LEVEL, [1000, 4000, 0, 0]);
/// Busy tone in China: 0.35 s on, 0.35 s off.
pub const CHINA_BUSY: Tone = Tone::single(450.0, CHINA_LEVEL, [350, 350, 0, 0]);
/// Congestion tone in China: 0.7 s on, 0.7 s off.
pub const CHINA_CONGESTION: Tone = Tone::single(450.0, CHINA_LEVEL, [700, 700, 0, 0]);
/// Howler of China (GB 3380): 950 Hz without pause, as loud as samples carry without clipping.
pub const CHINA_HOWLER: Tone = Tone::single(950.0, Dbm0(-3.0), [0; 4]);

/// Plays a tone from its beginning, without end.
#[derive(Clone, Debug)]
pub struct Generator {
    phasors: [Option<Phasor>; 2],
    cadence: [u32; CADENCE],
    steps: usize,
    step: usize,
    /// Samples left of the present step.
    left: u32,
}

impl Generator {
    /// At the first sample of `tone`.
    #[must_use]
    pub fn new(tone: &Tone) -> Self {
        let cadence = tone.cadence_ms.map(|ms| u32::from(ms) * SAMPLES_PER_MS);
        let steps = cadence.iter().position(|samples| *samples == 0).unwrap_or(CADENCE);
        Self {
            phasors: tone.parts.map(|part| part.map(|part| Phasor::new(part.hz, part.level))),
            cadence,
            steps,
            step: 0,
            left: cadence[0],
        }
    }

    /// The next samples, at 8 kHz.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = if self.on() { phasor::sum(&mut self.phasors) } else { 0 };
        }
    }

    /// Steps the cadence by a sample.
    fn on(&mut self) -> bool {
        if self.steps == 0 {
            return true;
        }
        if self.left == 0 {
            self.step = (self.step + 1) % self.steps;
            self.left = self.cadence[self.step];
        }
        self.left -= 1;
        self.step & 1 == 0
    }
}
