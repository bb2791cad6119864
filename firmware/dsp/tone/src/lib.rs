//! Tones that an exchange sends: sines in a cadence, and digits of two.
//!
//! ```text
//!   ring-back   ████____________████____________      450 Hz, 1 s on, 4 s off
//!   busy        █_█_█_█_█_█_█_█_█_█_█_█_█_█_█_█_      450 Hz, 0.35 s on, 0.35 s off
//!   modulated   ▁▃▆█▆▃▁▃▆█▆▃▁___                      400 Hz, louder and quieter by 25 Hz
//!   in turn     ▂▂▅▅██______▂▂▅▅██______              950, 1400, 1800 Hz, then a pause
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
/// Sines that a tone has at most.
pub const PARTS: usize = 3;

/// One sine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Its frequency in hertz, below 4000.
    pub hz: f32,
    /// Its level.
    pub level: Dbm0,
}

/// How the sines of a tone become one sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// All at once.
    Added,
    /// The first alone, louder and quieter: what E.180 supplement 2 writes as `400×25`. The level
    /// of the sine is then that of the whole tone, its two sidebands included.
    Modulated {
        /// How often a second, in hertz.
        hz: f32,
        /// By how much of itself, from above 0 to 1; each sideband has half of it, in amplitude.
        depth: f32,
    },
    /// One after the other, each time on of the cadence the next (special information tone,
    /// E.180); each begins at zero.
    InTurn,
}

/// What a tone is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tone {
    /// Its sines.
    pub parts: [Option<Part>; PARTS],
    /// How they are heard.
    pub form: Form,
    /// Milliseconds on, off, on, off ...; ends behind the last that is not 0 and begins anew. A
    /// time off of 0 is none. All 0: always on.
    pub cadence_ms: [u16; CADENCE],
}

impl Tone {
    /// One sine in a cadence of at most two times on and off.
    #[must_use]
    pub const fn single(hz: f32, level: Dbm0, on_off_ms: [u16; 4]) -> Self {
        let [a, b, c, d] = on_off_ms;
        Self {
            parts: [Some(Part { hz, level }), None, None],
            form: Form::Added,
            cadence_ms: [a, b, c, d, 0, 0, 0, 0],
        }
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
/// Unobtainable tone in China: three short, one long.
pub const CHINA_UNOBTAINABLE: Tone = Tone {
    cadence_ms: [100, 100, 100, 100, 100, 100, 400, 400],
    ..Tone::single(450.0, CHINA_LEVEL, [0; 4])
};
/// Howler of China (GB 3380): 950 Hz without pause, as loud as samples carry without clipping.
pub const CHINA_HOWLER: Tone = Tone::single(950.0, Dbm0(-3.0), [0; 4]);

/// Plays a tone from its beginning, without end.
#[derive(Clone, Debug)]
pub struct Generator {
    phasors: [Option<Phasor>; PARTS],
    join: Join,
    cadence: [u32; CADENCE],
    steps: usize,
    step: usize,
    /// Samples left of the present step.
    left: u32,
}

/// [`Form`], with what it needs from sample to sample.
#[derive(Clone, Copy, Debug)]
enum Join {
    Added,
    /// What makes it louder and quieter.
    Modulated(Phasor),
    /// Which sine it is now.
    InTurn(usize),
}

impl Generator {
    /// At the first sample of `tone`.
    #[must_use]
    pub fn new(tone: &Tone) -> Self {
        let cadence = tone.cadence_ms.map(|ms| u32::from(ms) * SAMPLES_PER_MS);
        let steps = cadence.iter().rposition(|samples| *samples > 0).map_or(0, |last| last + 1);
        let mut phasors = tone.parts.map(|part| part.map(|part| Phasor::new(part.hz, part.level)));
        let join = match tone.form {
            Form::Added => Join::Added,
            Form::Modulated { hz, depth } => {
                let depth = depth.clamp(0.0, 1.0);
                // Of a power of 1 the carrier has so much: the sidebands have the rest.
                let carrier = 1.0 / libm::sqrtf(1.0 + depth * depth / 2.0);
                phasors[1..].fill(None);
                phasors.iter_mut().flatten().for_each(|phasor| phasor.scale(carrier));
                Join::Modulated(Phasor::of_amplitude(hz, depth))
            }
            Form::InTurn => Join::InTurn(0),
        };
        Self { phasors, join, cadence, steps, step: 0, left: cadence[0] }
    }

    /// The next samples, at 8 kHz.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = if self.on() { self.sample() } else { 0 };
        }
    }

    fn sample(&mut self) -> i16 {
        match &mut self.join {
            Join::Added => phasor::sum(&mut self.phasors),
            Join::Modulated(wave) => {
                // From its quietest on: it does not begin with a click.
                let loud = 1.0 - wave.step_cos();
                phasor::clip(self.phasors[0].as_mut().map_or(0.0, Phasor::step) * loud)
            }
            Join::InTurn(now) => {
                phasor::clip(self.phasors[*now].as_mut().map_or(0.0, Phasor::step))
            }
        }
    }

    /// Steps the cadence by a sample.
    fn on(&mut self) -> bool {
        if self.steps == 0 {
            return true;
        }
        // One of the steps is not empty.
        while self.left == 0 {
            self.step = (self.step + 1) % self.steps;
            self.left = self.cadence[self.step];
            if self.step & 1 == 0 {
                self.begin();
            }
        }
        self.left -= 1;
        self.step & 1 == 0
    }

    /// A time on begins.
    fn begin(&mut self) {
        match &mut self.join {
            Join::Added => return,
            Join::Modulated(wave) => wave.restart(),
            Join::InTurn(now) => {
                let count = self.phasors.iter().flatten().count().max(1);
                *now = self.step / 2 % count;
            }
        }
        self.phasors.iter_mut().flatten().for_each(Phasor::restart);
    }
}
