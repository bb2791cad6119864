//! What a detector of busy tones must pass over, and what it must hear: made from seeds, not
//! stored.
//!
//! ```text
//!  speech  espeak-ng, eight languages, sentences drawn by lot ────────────┐
//!  music   melodies, chords, bells, organs, drums, colour ring-back ──────┼─► A-law ─► detectors
//!  tones   of five countries, ±10 % of cadence, −35 to −5 dBm0, in noise ─┘
//! ```
//!
//! Every stretch of speech and music goes by the detectors of all countries at once: a release by
//! any of them is a false one.

pub mod music;
pub mod speech;
pub mod tones;

use dsp_progress::{Detector, Plan};
use units::media::BLOCK_SAMPLES;
use units::{CallTone, Law};

/// A sequence of numbers that repeats with its seed.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next one, from 0 to less than 1.
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        // 32 bits are enough, and go into an f64 without loss.
        f64::from(u32::try_from((x ^ (x >> 31)) >> 32).unwrap_or(0)) / 4_294_967_296.0
    }

    /// The next one between two.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// One of these.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a short list"
    )]
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[(self.uniform() * of.len() as f64) as usize % of.len()]
    }

    /// A normal one by the sum of twelve.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// Amplitude of a sine of this level.
#[must_use]
pub fn amplitude(dbm0: f64) -> f64 {
    22_827.0 * 10.0_f64.powf(dbm0 / 20.0)
}

/// One sample as the line carries it.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "clamped to 16 bits")]
pub fn line(sample: f64) -> i16 {
    let octet = g711::encode(Law::A, sample.clamp(-32_768.0, 32_767.0) as i16);
    g711::decode(Law::A, octet)
}

/// Brings samples to this mean level where they are not silent, through the law of the line.
pub fn level(samples: &mut [f64], dbm0: f64) {
    let loud: Vec<f64> = samples.iter().map(|s| s * s).filter(|square| *square > 100.0).collect();
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let mean = loud.iter().sum::<f64>() / (loud.len().max(1) as f64);
    let gain = amplitude(dbm0) / 2.0_f64.sqrt() / mean.sqrt().max(1.0);
    for sample in samples {
        *sample = f64::from(line(*sample * gain));
    }
}

const COUNTRIES: [(&str, &str); 5] = [
    ("cn", include_str!("../../../boards/country/cn.toml")),
    ("de", include_str!("../../../boards/country/de.toml")),
    ("fr", include_str!("../../../boards/country/fr.toml")),
    ("gb", include_str!("../../../boards/country/gb.toml")),
    ("us", include_str!("../../../boards/country/us.toml")),
];

/// The countries with tones, China first.
#[must_use]
pub fn countries() -> Vec<board::Country> {
    let country = |(name, text): &(&str, &str)| {
        let read = |file: &str| match file {
            "x.toml" => Ok(format!("name = \"x\"\ntitle = \"X\"\ncountry = \"{name}\"\n")),
            _ => Ok((*text).to_owned()),
        };
        board::read(&read, "x").map(|board| board.in_country)
    };
    COUNTRIES.iter().map(country).filter_map(Result::ok).collect()
}

/// The detectors of all countries, side by side.
#[derive(Clone, Debug)]
pub struct All(Vec<Detector>);

impl Default for All {
    fn default() -> Self {
        Self(countries().iter().map(|country| Detector::new(&plan(country))).collect())
    }
}

/// What the box listens for in a country.
#[must_use]
pub fn plan(country: &board::Country) -> Plan {
    ringmain_core::country::progress(country)
}

impl All {
    /// Takes samples in; the tones that would release a call, with the place of the country.
    pub fn releases(&mut self, samples: &[f64]) -> Vec<(usize, usize, CallTone)> {
        let mut said = vec![];
        for (n, block) in samples.as_chunks::<BLOCK_SAMPLES>().0.iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, reason = "samples of 16 bits")]
            let block = block.map(|sample| sample as i16);
            for (country, detector) in self.0.iter_mut().enumerate() {
                let tone = detector.push(&block).filter(|tone| tone.ends());
                said.extend(tone.map(|tone| (n, country, tone)));
            }
        }
        said
    }
}
