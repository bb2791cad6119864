//! Noise that is known by its seed, tones, and octets of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use g711::{decode_a, encode_a};

use crate::fft::{Complex, transform, unit};

/// Period of the noise in samples: 1.024 s.
pub const PERIOD: usize = 8192;
/// Root mean square of the noise: -15 dBm0.
const NOISE_RMS: f32 = 2870.0;
/// The telephone band in bins of 8000 / 8192 Hz: 300 to 3400 Hz.
const BAND: std::ops::Range<usize> = 307..3482;

/// A sequence of numbers known by its seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(1))
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let y = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        y ^ (y >> 31)
    }

    /// From 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From 0 to `limit` - 1.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit.max(1)
    }
}

/// One period of noise of the telephone band, the same for the same seed: a sum of sines of equal
/// level and random phase, so that it repeats without a seam.
#[must_use]
pub fn noise(seed: u64) -> Vec<f32> {
    let mut random = Random::new(seed);
    let mut bins = vec![Complex::default(); PERIOD];
    for k in BAND {
        let bin = unit(random.uniform());
        bins[k] = bin;
        bins[PERIOD - k] = Complex { re: bin.re, im: -bin.im };
    }
    transform(&mut bins, true);
    let power: f32 = bins.iter().map(|bin| bin.re * bin.re).sum::<f32>() / 8192.0;
    let gain = NOISE_RMS / power.sqrt();
    bins.iter().map(|bin| bin.re * gain).collect()
}

/// As [`noise_octets`], made once for each seed: in real time there is none for it.
#[must_use]
pub fn shared_noise(seed: u64) -> Rc<[u8]> {
    thread_local! {
        static MADE: RefCell<HashMap<u64, Rc<[u8]>>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        made.entry(seed).or_insert_with(|| noise_octets(seed).into()).clone()
    })
}

/// One period of noise in A-law. Played by the number of the sample on the city's clock, so that
/// the lag at which it is found is the delay.
#[must_use]
pub fn noise_octets(seed: u64) -> Vec<u8> {
    noise(seed).into_iter().map(|sample| encode_a(clip(sample))).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "clamped")]
fn clip(sample: f32) -> i16 {
    sample.clamp(-32768.0, 32767.0) as i16
}

/// A-law octets as samples.
#[must_use]
pub fn samples(octets: &[u8]) -> Vec<f32> {
    octets.iter().map(|octet| f32::from(decode_a(*octet))).collect()
}

/// What an exchange's tone of 450 Hz is doing, by its cadence.
#[derive(Clone, Debug, Default)]
pub struct ToneEar {
    pending: Vec<f32>,
    on: bool,
    /// Milliseconds of the present state.
    run_ms: u32,
    last_on_ms: u32,
    busy_rounds: u32,
}

/// Milliseconds of one decision.
const STEP_MS: u32 = 20;

impl ToneEar {
    /// Takes samples in.
    pub fn push(&mut self, octets: &[u8]) {
        self.pending.extend(samples(octets));
        while self.pending.len() >= 160 {
            let step: Vec<f32> = self.pending.drain(..160).collect();
            self.step(is_450(&step));
        }
    }

    fn step(&mut self, on: bool) {
        if on == self.on {
            self.run_ms = self.run_ms.saturating_add(STEP_MS);
            if self.run_ms > 1000 {
                self.busy_rounds = 0;
            }
            return;
        }
        // Busy and congestion: equal times on and off of 0.35 or 0.7 s.
        if on {
            let equal = self.run_ms.abs_diff(self.last_on_ms) <= 60;
            let length = (280..=770).contains(&self.run_ms);
            self.busy_rounds = if equal && length { self.busy_rounds + 1 } else { 0 };
        } else {
            self.last_on_ms = self.run_ms;
        }
        self.on = on;
        self.run_ms = STEP_MS;
    }

    /// The tone has been there for 400 ms at least: dial tone, or the start of ring-back.
    #[must_use]
    pub const fn steady(&self) -> bool {
        self.on && self.run_ms >= 400
    }

    /// Two rounds of busy tone have been heard.
    #[must_use]
    pub const fn busy(&self) -> bool {
        self.busy_rounds >= 2
    }
}

/// Whether 20 ms hold a 450 Hz sine, alone and above -35 dBm0.
fn is_450(samples: &[f32]) -> bool {
    let (mut re, mut im, mut energy) = (0.0f32, 0.0f32, 0.0f32);
    for (n, sample) in samples.iter().enumerate() {
        let turn = unit(crate::fft::ratio(n * 9, 160));
        re += sample * turn.re;
        im += sample * turn.im;
        energy += sample * sample;
    }
    // A sine of amplitude A: energy 80 A^2, vector 80 A.
    let tone = (re * re + im * im) / 80.0;
    energy / 160.0 > 82_000.0 && tone > 0.8 * energy
}

#[cfg(test)]
mod tests {
    use super::*;
    use dsp_tone::{CHINA_BUSY, CHINA_CONGESTION, CHINA_DIAL, CHINA_RING_BACK, Generator, Tone};

    fn listen(tone: &Tone, seconds: usize) -> ToneEar {
        let mut generator = Generator::new(tone);
        let mut ear = ToneEar::default();
        for _ in 0..seconds * 500 {
            let mut block = [0; 16];
            generator.fill(&mut block);
            ear.push(&block.map(encode_a));
        }
        ear
    }

    #[test]
    fn the_tones_of_an_exchange_are_told_apart() {
        assert!(listen(&CHINA_DIAL, 2).steady() && !listen(&CHINA_DIAL, 2).busy());
        assert!(listen(&CHINA_BUSY, 3).busy());
        assert!(listen(&CHINA_CONGESTION, 4).busy());
        assert!(!listen(&CHINA_RING_BACK, 21).busy());
        let mut ear = ToneEar::default();
        for _ in 0..10 {
            ear.push(&noise_octets(5));
        }
        assert!(!ear.steady() && !ear.busy());
    }

    #[test]
    fn noise_repeats_by_its_seed_at_minus_15_dbm0() {
        assert_eq!(noise(3), noise(3));
        assert_ne!(noise(3), noise(4));
        let octets = samples(&noise_octets(3));
        let mean = octets.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / 8192.0;
        let db = 10.0 * (mean / 260_524_900.0).log10();
        assert!((db + 15.0).abs() < 0.2, "{db}");
    }
}
