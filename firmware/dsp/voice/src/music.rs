//! Music, speech, a tone or nothing? What a caller hears in place of ring-back.
//!
//! Words come and go: their loudness moves with each syllable, their colour with each sound. A
//! melody is held. Four measures of 4 s tell them apart: how loudness resembles itself 160 ms
//! later, how far it spreads, how much of the time is pause, and how much the colour (the turn from
//! sample to sample) moves from frame to frame. Their weights were fitted to the prompts of five
//! languages and the five pieces of music that Debian has for Asterisk, with noise 20 to 60 dB
//! below, by logistic regression.
//!
//! ```text
//!  16 samples ─► 20 ms: loudness, colour ─► 4 s of both, each second ─► weighed ─► twice the same?
//! ```

use dsp_bank::dot;
use units::media::BLOCK_SAMPLES;

use crate::earlier;

/// Steps of 2 ms in a frame of 20 ms, and frames of a second and of all that is looked at.
const STEPS: u8 = 10;
const SECOND: usize = 50;
const FRAMES: usize = 4 * SECOND;
/// Samples of a frame.
const SAMPLES: f32 = 160.0;
/// Mean square below which it is nothing: -41 dBm0.
const LEAST: f32 = 20_000.0;
/// Mean square that is added to every frame, so that digital silence has a colour.
const FLOOR: f32 = 20.0;
/// Part of the mean that every frame has at least: below it is the noise of the line. 17 dB.
const NOISE: f32 = 0.02;
/// Frames 160 ms apart.
const APART: usize = 8;
/// Below this part of the mean a frame is a pause, above it it has a colour: 13 dB.
const PAUSE: f32 = 0.05;
/// Frames of 100 ms. A colour that moves less than this from one to another within 0.5 dB is a
/// tone's.
const GROUP: usize = 5;
const STILL: f32 = 0.002;
const EVEN: f32 = 1.12;
/// Weights of the four measures, in order, and where music begins.
const WEIGHTS: [f32; 4] = [3.93, -8.11, 8.42, -138.81];
const BEGIN: f32 = 21.88;
/// Closer to the border it is not known: odds of one to seven.
const UNSURE: f32 = 2.0;

/// What it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing above -41 dBm0.
    Silence,
    /// Somebody speaks.
    Speech,
    /// Somebody plays or sings.
    Music,
    /// A tone, steady or in a cadence.
    Tone,
}

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Music {
    last: [f32; 2],
    steps: u8,
    energy: f32,
    product: f32,
    /// Mean squares and colours, oldest at `at`.
    powers: [f32; FRAMES],
    colours: [f32; FRAMES],
    at: usize,
    /// Frames that are there.
    there: usize,
    before: Option<Kind>,
}

impl Default for Music {
    fn default() -> Self {
        Self::new()
    }
}

impl Music {
    /// Nothing came yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            last: [0.0; 2],
            steps: 0,
            energy: 0.0,
            product: 0.0,
            powers: [0.0; FRAMES],
            colours: [0.0; FRAMES],
            at: 0,
            there: 0,
            before: None,
        }
    }

    /// Takes 2 ms of linear samples at 8 kHz in. Each second from the fifth on tells what the last
    /// ones were, if two of them agree.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Kind> {
        let samples = samples.map(f32::from);
        let (one, _) = earlier(&samples, self.last);
        self.last = [samples[14], samples[15]];
        self.energy += dot(&samples, &samples);
        self.product += dot(&samples, &one);
        self.steps += 1;
        if self.steps < STEPS {
            return None;
        }
        self.steps = 0;
        let power = core::mem::take(&mut self.energy) / SAMPLES + FLOOR;
        self.powers[self.at] = power;
        self.colours[self.at] = core::mem::take(&mut self.product) / (SAMPLES * power);
        self.at = (self.at + 1) % FRAMES;
        self.there = (self.there + 1).min(FRAMES);
        if !self.at.is_multiple_of(SECOND) || self.there < FRAMES {
            return None;
        }
        let kind = self.judge();
        let before = core::mem::replace(&mut self.before, kind);
        kind.filter(|_| before == kind)
    }

    /// What the last 4 s were, if it is plain.
    fn judge(&self) -> Option<Kind> {
        let frames = FRAMES as f32;
        let mean = self.powers.iter().sum::<f32>() / frames;
        if mean < LEAST {
            return Some(Kind::Silence);
        }
        let order = |n: usize| (self.at + n) % FRAMES;
        let loudness: [f32; FRAMES] =
            core::array::from_fn(|n| libm::log2f(self.powers[order(n)].max(mean * NOISE)));
        let middle = loudness.iter().sum::<f32>() / frames;
        let spread = loudness.iter().map(|now| (now - middle) * (now - middle)).sum::<f32>();
        let later = loudness.iter().zip(&loudness[APART..]);
        let alike = later.map(|(now, then)| (now - middle) * (then - middle)).sum::<f32>();
        // Both as means, of so many.
        let spread = spread / frames;
        let alike = alike / (frames - APART as f32) / (spread + 1e-9);
        let pauses = self.powers.iter().filter(|power| **power < mean * PAUSE).count();
        if self.is_tone(mean) {
            return Some(Kind::Tone);
        }
        let moves = self.moves(mean * PAUSE);
        let measures = [alike, libm::sqrtf(spread), pauses as f32 / frames, moves];
        let weighed = measures.iter().zip(WEIGHTS).map(|(measure, weight)| measure * weight);
        match weighed.sum::<f32>() + BEGIN {
            UNSURE.. => Some(Kind::Music),
            odds if odds <= -UNSURE => Some(Kind::Speech),
            _ => None,
        }
    }

    /// How much the colour moves from one frame to the next, where both are loud.
    fn moves(&self, loud: f32) -> f32 {
        let (mut sum, mut count) = (0.0, 0_u8);
        for n in 1..FRAMES {
            let (before, now) = ((self.at + n - 1) % FRAMES, (self.at + n) % FRAMES);
            if self.powers[before] > loud && self.powers[now] > loud {
                sum += (self.colours[now] - self.colours[before]).abs();
                count += 1;
            }
        }
        sum / f32::from(count.max(1))
    }

    /// Whether the loud tenths of a second are mostly alike. Two frequencies beat within one.
    fn is_tone(&self, mean: f32) -> bool {
        let mut groups = [(0.0, 0.0); FRAMES / GROUP];
        for (n, group) in groups.iter_mut().enumerate() {
            let frames = (0..GROUP).map(|frame| (self.at + n * GROUP + frame) % FRAMES);
            for frame in frames {
                group.0 += self.powers[frame];
                group.1 += self.powers[frame] * self.colours[frame];
            }
        }
        let (mut loud, mut even, mut moves) = (0_u8, 0_u8, 0.0);
        let mut compare = |(one, first): (f32, f32), (two, second): (f32, f32)| {
            if one.min(two) < mean * (GROUP as f32 * PAUSE) {
                return;
            }
            loud += 1;
            if one.max(two) < one.min(two) * EVEN {
                even += 1;
                moves += (first / one - second / two).abs();
            }
        };
        // A cadence of 100 ms is like itself 200 ms later.
        groups.windows(2).for_each(|pair| compare(pair[0], pair[1]));
        groups.windows(3).for_each(|pair| compare(pair[0], pair[2]));
        even > 0 && u16::from(even) * 3 >= u16::from(loud) && moves < STILL * f32::from(even)
    }
}
