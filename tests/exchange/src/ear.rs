//! Listening for what is known: noise by its seed, a prompt by its first second.

use std::path::Path;

use crate::Error;
use crate::fft::Template;
use crate::sound::{PERIOD, noise, samples};

/// Correlation from which a noise is the one expected.
pub const MATCH: f32 = 0.8;
/// Correlation from which a prompt is recognised.
const PROMPT_MATCH: f32 = 0.7;
/// Samples of the window in which a prompt is looked for.
const PROMPT_WINDOW: usize = 16384;
/// Samples of the prompt that are looked for: its first second.
const PROMPT_SAMPLES: usize = 8000;
/// Samples of the shortest prompt: a quarter of a second.
const PROMPT_LEAST: usize = 2000;
/// Samples between two looks: a quarter and half a second.
const NOISE_STEP: u64 = 2000;
const PROMPT_STEP: u64 = 4000;

/// What a look for noise found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// With the noise expected.
    pub correlation: f32,
    /// With our own noise: an echo, or a bridge to the wrong party.
    pub other: f32,
    /// Samples from the city's sample sent to the sample received, below one period.
    pub delay: u64,
}

/// Looks for one noise and makes sure that another is not there.
pub struct NoiseEar {
    expected: Template,
    own: Template,
    /// The last period of samples, by the number of the sample.
    ring: Vec<f32>,
    heard: u64,
    next_look: u64,
}

impl NoiseEar {
    /// Looks for noise of seed `expected`; sends `own` itself.
    #[must_use]
    pub fn new(own: u64, expected: u64) -> Self {
        Self {
            expected: Template::new(&noise(expected), PERIOD),
            own: Template::new(&noise(own), PERIOD),
            ring: vec![0.0; PERIOD],
            heard: 0,
            next_look: 0,
        }
    }

    /// Takes octets in whose first is sample `at` of the city's clock; says what it found when
    /// it looked.
    pub fn push(&mut self, at: u64, octets: &[u8]) -> Option<Match> {
        let period = PERIOD as u64;
        for (sample, number) in samples(octets).into_iter().zip(at..) {
            self.ring[usize::try_from(number % period).unwrap_or(0)] = sample;
        }
        let count = octets.len() as u64;
        self.heard += count;
        if self.heard < period || at < self.next_look {
            return None;
        }
        self.next_look = at + NOISE_STEP;
        // In the ring a sample lies at its number modulo the period, as it does in the noise: the
        // lag is the delay.
        let fit = self.expected.fit(&self.ring);
        let other = self.own.fit(&self.ring);
        Some(Match {
            correlation: fit.correlation,
            other: other.correlation,
            delay: fit.lag as u64,
        })
    }
}

/// Where a prompt was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Number of its first sample on the city's clock.
    pub at: u64,
    /// How well it fits.
    pub correlation: f32,
}

/// Looks for a prompt by its first second.
pub struct PromptEar {
    template: Template,
    length: usize,
    window: Vec<f32>,
    next_look: u64,
    best: f32,
}

impl PromptEar {
    /// From a headerless A-law file.
    ///
    /// # Errors
    /// If it cannot be read or is too short.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let octets = std::fs::read(path)
            .map_err(|error| Error::new(format!("cannot read {}: {error}", path.display())))?;
        Self::new(&octets)
            .ok_or_else(|| Error::new(format!("{} is shorter than 250 ms", path.display())))
    }

    /// From A-law octets; `None` if they are too few.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        let length = octets.len().min(PROMPT_SAMPLES);
        (length >= PROMPT_LEAST).then(|| Self {
            template: Template::new(&samples(&octets[..length]), PROMPT_WINDOW),
            length,
            window: Vec::new(),
            next_look: 0,
            best: 0.0,
        })
    }

    /// The best correlation so far, for the report of a failure.
    #[must_use]
    pub const fn best(&self) -> f32 {
        self.best
    }

    /// Takes octets in whose first is sample `at` of the city's clock.
    pub fn push(&mut self, at: u64, octets: &[u8]) -> Option<Found> {
        self.window.extend(samples(octets));
        let end = at + octets.len() as u64;
        if self.window.len() < self.length || end < self.next_look {
            return None;
        }
        self.next_look = end + PROMPT_STEP;
        let surplus = self.window.len().saturating_sub(PROMPT_WINDOW);
        self.window.drain(..surplus);
        let start = end - self.window.len() as u64;
        let mut window = self.window.clone();
        window.resize(PROMPT_WINDOW, 0.0);
        let fit = self.template.fit(&window);
        // What is not wholly in yet will fit better at the next look.
        if fit.lag + self.length > self.window.len() {
            return None;
        }
        self.best = self.best.max(fit.correlation);
        let found = Found { at: start + fit.lag as u64, correlation: fit.correlation };
        (fit.correlation >= PROMPT_MATCH).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::cast_possible_truncation, reason = "small numbers")]

    use super::*;
    use crate::sound::{Random, noise_octets};
    use g711::encode_a;

    fn play(ear: &mut NoiseEar, octets: impl Fn(u64) -> u8, blocks: u64) -> Option<Match> {
        (0..blocks)
            .filter_map(|block| {
                let at = block * 16;
                let heard: Vec<u8> = (at..at + 16).map(&octets).collect();
                ear.push(at, &heard)
            })
            .last()
    }

    #[test]
    fn noise_is_known_by_its_seed_and_its_lag_is_the_delay() {
        for delay in [0, 1, 48, 4000] {
            let two = noise_octets(2);
            let sent = |n: u64| two[((n + 8192 - delay) % 8192) as usize];
            let found = play(&mut NoiseEar::new(1, 2), sent, 1000).unwrap();
            assert!(found.correlation > 0.99 && found.other < 0.15, "{found:?}");
            assert_eq!(found.delay, delay);
        }
    }

    #[test]
    fn the_wrong_noise_silence_and_a_tone_do_not_match() {
        let one = noise_octets(1);
        let own = play(&mut NoiseEar::new(1, 2), |n| one[(n % 8192) as usize], 1000).unwrap();
        assert!(own.correlation < 0.15 && own.other > 0.99, "{own:?}");
        let silence = play(&mut NoiseEar::new(1, 2), |_| 0xD5, 1000).unwrap();
        assert!(silence.correlation < 0.1);
        let mut random = Random::new(9);
        let noise: Vec<u8> = (0..16000).map(|_| encode_a(random.below(9999) as i16)).collect();
        let other = play(&mut NoiseEar::new(1, 2), |n| noise[n as usize], 1000).unwrap();
        assert!(other.correlation < 0.15, "{other:?}");
    }

    #[test]
    fn a_prompt_is_found_at_its_first_sample_and_in_no_other_sound() {
        let prompt: Vec<u8> = [noise_octets(7), noise_octets(8)].concat();
        for start in [100u64, 5003, 20001] {
            let mut ear = PromptEar::new(&prompt).unwrap();
            let mut found = None;
            for at in (0..40000u64).step_by(16) {
                let heard: Vec<u8> = (at..at + 16)
                    .map(|n| {
                        let index = n.checked_sub(start).and_then(|i| usize::try_from(i).ok());
                        index.and_then(|i| prompt.get(i).copied()).unwrap_or(0xD5)
                    })
                    .collect();
                found = ear.push(at, &heard);
                if found.is_some() {
                    break;
                }
            }
            let found = found.unwrap();
            assert_eq!(found.at, start);
            assert!(found.correlation > 0.95);
        }
        let mut ear = PromptEar::new(&prompt).unwrap();
        let other = noise_octets(9);
        let none = (0..40000u64).step_by(16).all(|at| {
            let heard: Vec<u8> = (at..at + 16).map(|n| other[(n % 8192) as usize]).collect();
            ear.push(at, &heard).is_none()
        });
        assert!(none && ear.best() < 0.2);
    }
}
