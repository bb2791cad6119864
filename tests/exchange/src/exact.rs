//! Listening octet by octet, for lines that change none: to find a noise or a prompt costs next to
//! nothing, and every octet counts.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;

use crate::Error;
use crate::sound::{PERIOD, shared_noise};

/// Octets by which a place is recognised.
pub(crate) const WINDOW: usize = 8;
/// Octets of a prompt that are looked for.
const PROMPT: usize = 64;
/// Different octets among them, so that no silence is taken for a prompt.
const VARIETY: usize = 24;

/// Compares what is heard with a noise.
#[derive(Clone, Debug)]
pub struct Exact {
    noise: Rc<[u8]>,
    places: Rc<HashMap<u64, usize>>,
    window: u64,
    delay: Option<u64>,
    left: u64,
    /// Octets compared.
    pub octets: u64,
    /// Of them, those that were others than the far end sent.
    pub bad: u64,
}

impl Exact {
    /// The next `samples` octets of the noise of this seed, from when it was found.
    #[must_use]
    pub fn new(seed: u64, samples: u64) -> Self {
        let (noise, places) = (shared_noise(seed), places(seed));
        Self { noise, places, window: 0, delay: None, left: samples, octets: 0, bad: 0 }
    }

    /// Whether all have been compared.
    #[must_use]
    pub const fn done(&self) -> bool {
        self.left == 0
    }

    /// Octets whose first is sample `at` of the city's clock; the delay, when the noise was found.
    pub fn push(&mut self, at: u64, octets: &[u8]) -> Option<u64> {
        let period = PERIOD as u64;
        for (octet, number) in octets.iter().zip(at..) {
            if let Some(delay) = self.delay {
                let sent = (number + period - delay) % period;
                if self.left > 0 {
                    self.left -= 1;
                    self.octets += 1;
                    let sent = self.noise[usize::try_from(sent).unwrap_or(0)];
                    self.bad += u64::from(sent != *octet);
                }
                continue;
            }
            self.window = self.window << 8 | u64::from(*octet);
            if let Some(place) = self.places.get(&self.window) {
                let delay = (number % period + period - (*place as u64 % period)) % period;
                self.delay = Some(delay);
                return Some(delay);
            }
        }
        None
    }
}

/// Where each window of a noise ends. Made once: in real time there is none for it.
pub(crate) fn places(seed: u64) -> Rc<HashMap<u64, usize>> {
    thread_local! {
        static MADE: RefCell<HashMap<u64, Rc<HashMap<u64, usize>>>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        let make = || {
            let noise = shared_noise(seed);
            let around: Vec<u8> =
                noise.iter().chain(noise.iter().take(WINDOW - 1)).copied().collect();
            let places = around.windows(WINDOW).enumerate();
            Rc::new(places.map(|(place, octets)| (key(octets), place + WINDOW - 1)).collect())
        };
        made.entry(seed).or_insert_with(make).clone()
    })
}

fn key(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |key, octet| key << 8 | u64::from(*octet))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path)
        .map_err(|error| Error::new(format!("cannot read {}: {error}", path.display())))
}

/// Looks for a prompt by the first of its octets that are no silence.
#[derive(Clone, Debug)]
pub struct ExactPrompt {
    wanted: Vec<u8>,
    /// Where they are in the prompt.
    offset: u64,
    tail: Vec<u8>,
}

impl ExactPrompt {
    /// From a headerless A-law file.
    ///
    /// # Errors
    /// It cannot be read or is silence.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::new(&read(path)?).ok_or_else(|| Error::new(format!("{} is silence", path.display())))
    }

    /// From A-law octets; `None` if they are silence.
    #[must_use]
    pub fn new(octets: &[u8]) -> Option<Self> {
        let varied = |window: &[u8]| {
            let mut seen = [false; 256];
            window.iter().for_each(|octet| seen[usize::from(*octet)] = true);
            seen.iter().filter(|seen| **seen).count() >= VARIETY
        };
        let offset = octets.windows(PROMPT).position(varied)?;
        let wanted = octets[offset..offset + PROMPT].to_vec();
        Some(Self { wanted, offset: offset as u64, tail: vec![] })
    }

    /// As [`Self::open`]; all of it from there to its end must be heard, octet by octet.
    ///
    /// # Errors
    /// It cannot be read or is silence.
    pub fn whole(path: &Path) -> Result<Self, Error> {
        let octets = read(path)?;
        let mut ear = Self::open(path)?;
        ear.wanted = octets.into_iter().skip(usize::try_from(ear.offset).unwrap_or(0)).collect();
        Ok(ear)
    }

    /// Octets whose first is sample `at` of the city's clock; the prompt's first sample, if it is
    /// there.
    pub fn push(&mut self, at: u64, octets: &[u8]) -> Option<u64> {
        let before = self.tail.len() as u64;
        self.tail.extend_from_slice(octets);
        let found = self.tail.windows(self.wanted.len()).position(|window| window == self.wanted);
        let first = found.map(|place| (at + place as u64).saturating_sub(before + self.offset));
        let surplus = self.tail.len().saturating_sub(self.wanted.len() - 1);
        self.tail.drain(..surplus);
        first
    }
}

#[cfg(test)]
mod tests {
    use crate::sound::noise_octets;

    use super::*;

    #[test]
    fn a_noise_is_found_at_its_delay_and_each_wrong_octet_is_counted() {
        let noise = noise_octets(7);
        let mut exact = Exact::new(7, 1000);
        let heard = |number: u64| noise[usize::try_from((number - 100) % 8192).expect("small")];
        let mut found = None;
        for at in (5000..8000).step_by(16) {
            let mut octets: Vec<u8> = (at..at + 16).map(heard).collect();
            if at == 5000 + 16 * 20 {
                octets[3] ^= 1;
            }
            found = exact.push(at, &octets).or(found);
        }
        assert_eq!(found, Some(100));
        assert_eq!((exact.octets, exact.bad, exact.done()), (1000, 1, true));
    }

    #[test]
    fn another_noise_is_not_taken_for_the_one_expected() {
        let mut exact = Exact::new(7, 1000);
        let found = noise_octets(8).chunks(16).find_map(|octets| exact.push(0, octets));
        assert_eq!(found, None);
    }

    #[test]
    fn a_prompt_is_found_at_its_first_sample() {
        let prompt: Vec<u8> = [vec![0xD5; 300], noise_octets(3)[..2000].to_vec()].concat();
        let mut ear = ExactPrompt::new(&prompt).expect("no silence");
        let line: Vec<u8> = [vec![0xD5; 1000], prompt].concat();
        let found = line.chunks(16).zip((0..).step_by(16)).find_map(|(o, at)| ear.push(at, o));
        assert_eq!(found, Some(1000));
        assert!(ExactPrompt::new(&[0xD5; 9000]).is_none());
    }
}
