//! Digits as a line carries them, and who hears them.

use std::f64::consts::TAU;

use dsp_dtmf::{Event, Receiver};
use dsp_tone::frequencies;
use progress_test::{Random, amplitude, line};
use spandsp_peer::dtmf::Receiver as Peer;
use units::Digit;
use units::media::BLOCK_SAMPLES;

/// How digits are sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Level of each group in dBm0.
    pub low: f64,
    /// ...
    pub high: f64,
    /// How far each is from its frequency, as a part of it.
    pub off_low: f64,
    /// ...
    pub off_high: f64,
    /// Milliseconds on and off.
    pub on_ms: f64,
    /// ...
    pub off_ms: f64,
    /// White noise, 0 to 4 kHz, so many decibels below the two together.
    pub noise_db: Option<f64>,
    /// Dial tone beneath it: hertz of each part, and the level of each in dBm0.
    pub dial: Option<(&'static [f64], f64)>,
}

impl Sent {
    /// As Q.24 is tested: 40 ms on and off.
    pub const USUAL: Self = Self {
        low: -10.0,
        high: -10.0,
        off_low: 0.0,
        off_high: 0.0,
        on_ms: 40.0,
        off_ms: 40.0,
        noise_db: None,
        dial: None,
    };

    /// All sixteen digits through A-law, at any phase of each block.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "counts of samples"
    )]
    pub fn digits(&self, seed: u64) -> Vec<i16> {
        let mut random = Random(seed);
        let mut sound: Vec<f64> = vec![];
        let quiet = |ms: f64, random: &mut Random, sound: &mut Vec<f64>| {
            let count = (ms * 8.0) as usize + (random.uniform() * 16.0) as usize;
            sound.extend(std::iter::repeat_n(0.0, count));
        };
        quiet(if self.dial.is_some() { 500.0 } else { 40.0 }, &mut random, &mut sound);
        for digit in Digit::ALL {
            let (low, high) = frequencies(digit);
            let (low, high) =
                (f64::from(low) * (1.0 + self.off_low), f64::from(high) * (1.0 + self.off_high));
            let (one, other) = (random.uniform() * TAU, random.uniform() * TAU);
            sound.extend((0..(self.on_ms * 8.0) as usize).map(|n| {
                let t = n as f64 / 8000.0 * TAU;
                amplitude(self.low) * (t * low + one).sin()
                    + amplitude(self.high) * (t * high + other).sin()
            }));
            quiet(self.off_ms, &mut random, &mut sound);
        }
        quiet(60.0, &mut random, &mut sound);
        let together =
            10.0 * (10.0_f64.powf(self.low / 10.0) + 10.0_f64.powf(self.high / 10.0)).log10();
        let noise = self.noise_db.map_or(0.0, |db| amplitude(together - db) / 2.0_f64.sqrt());
        if let Some((hz, level)) = self.dial {
            for (n, sample) in sound.iter_mut().enumerate() {
                let t = n as f64 / 8000.0 * TAU;
                *sample += hz.iter().map(|hz| amplitude(level) * (t * hz).sin()).sum::<f64>();
            }
        }
        sound.into_iter().map(|sample| line(sample + noise * random.normal())).collect()
    }
}

/// What ours hears.
#[must_use]
pub fn ours(sound: &[i16]) -> Vec<u8> {
    let mut receiver = Receiver::new();
    let blocks = sound.as_chunks::<BLOCK_SAMPLES>().0.iter();
    blocks
        .filter_map(|block| match receiver.push(block) {
            Some(Event::Begin(digit)) => Some(digit.ascii()),
            _ => None,
        })
        .collect()
}

/// What spandsp hears.
#[must_use]
pub fn theirs(sound: &[i16], filter: bool) -> Vec<u8> {
    let Some(mut receiver) = Peer::new(filter) else { return vec![] };
    let mut heard = vec![];
    for block in sound.chunks(160) {
        receiver.push(block);
        heard.extend(receiver.digits());
    }
    heard
}

/// Digits of [`Sent::digits`] that are missing or too many.
#[must_use]
pub fn wrong(heard: &[u8]) -> usize {
    let wanted: Vec<u8> = Digit::ALL.iter().map(|digit| digit.ascii()).collect();
    // The longest common part tells what is missing and what was put in.
    let mut row = vec![0_usize; wanted.len() + 1];
    for one in heard {
        let mut before = 0;
        for (k, other) in wanted.iter().enumerate() {
            let above = row[k + 1];
            row[k + 1] = if one == other { before + 1 } else { above.max(row[k]) };
            before = above;
        }
    }
    let common = row[wanted.len()];
    (wanted.len() - common) + (heard.len() - common)
}

/// Digits wrong of `16 * seeds`: ours, spandsp's, spandsp's with its filter.
#[must_use]
pub fn errors(sent: &Sent, seeds: u64) -> [usize; 3] {
    let mut sum = [0; 3];
    for seed in 0..seeds {
        let sound = sent.digits(seed);
        sum[0] += wrong(&ours(&sound));
        sum[1] += wrong(&theirs(&sound, false));
        sum[2] += wrong(&theirs(&sound, true));
    }
    sum
}
