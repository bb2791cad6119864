//! When a sound stopped and when it came back, to the octet, on a line that changes none.
//!
//! ```text
//!            found            an octet is another
//!  nothing ────────► sounding ◄──────────────────► lost
//!                              8 octets in a row
//! ```

use std::collections::HashMap;
use std::rc::Rc;

use crate::exact::{WINDOW, places};
use crate::sound::{PERIOD, shared_noise};

/// What became of the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is there for the first time, so many samples late.
    Found {
        /// Samples between sender and listener.
        delay: u64,
    },
    /// It is gone from this sample on, by the city's clock.
    Lost {
        /// The first that is missing.
        at: u64,
    },
    /// It is there again.
    Back {
        /// The first sample that was missing, by the city's clock.
        lost_at: u64,
        /// How many were.
        samples: u64,
    },
}

/// Listens for a noise and for its gaps.
#[derive(Clone, Debug)]
pub struct Gaps {
    noise: Rc<[u8]>,
    places: Rc<HashMap<u64, usize>>,
    window: u64,
    delay: Option<u64>,
    lost_at: Option<u64>,
}

impl Gaps {
    /// For the noise of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let (noise, places) = (shared_noise(seed), places(seed));
        Self { noise, places, window: 0, delay: None, lost_at: None }
    }

    /// Whether it was heard up to the last octet.
    #[must_use]
    pub const fn sounds(&self) -> bool {
        self.delay.is_some() && self.lost_at.is_none()
    }

    /// Octets whose first is sample `at` of the city's clock; the last change in them.
    pub fn push(&mut self, at: u64, octets: &[u8]) -> Option<Change> {
        let mut change = None;
        for (octet, number) in octets.iter().zip(at..) {
            self.window = self.window << 8 | u64::from(*octet);
            if self.sounds() {
                if !self.fits(number, *octet) {
                    self.lost_at = Some(number);
                    change = Some(Change::Lost { at: number });
                    self.window = 0;
                }
            } else if let Some(place) = self.places.get(&self.window) {
                let period = PERIOD as u64;
                let delay = (number % period + period - (*place as u64 % period)) % period;
                self.delay = Some(delay);
                let back = number + 1 - WINDOW as u64;
                change = Some(match self.lost_at.take() {
                    None => Change::Found { delay },
                    Some(lost_at) => {
                        Change::Back { lost_at, samples: back.saturating_sub(lost_at) }
                    }
                });
            }
        }
        change
    }

    fn fits(&self, number: u64, octet: u8) -> bool {
        let period = PERIOD as u64;
        let place = (number + period - self.delay.unwrap_or(0)) % period;
        usize::try_from(place).is_ok_and(|place| self.noise[place] == octet)
    }
}

#[cfg(test)]
mod tests {
    use crate::sound::noise_octets;

    use super::*;

    #[test]
    fn a_gap_is_told_when_the_sound_is_back_even_with_another_delay() {
        let noise = noise_octets(7);
        let mut gaps = Gaps::new(7);
        let mut changes = vec![];
        for at in (16_000..20_000u64).step_by(16) {
            let octet = |number: u64| match number {
                17_000..18_000 => 0xD5,
                18_000.. => noise[usize::try_from((number - 132) % 8192).expect("small")],
                _ => noise[usize::try_from((number - 100) % 8192).expect("small")],
            };
            let octets: Vec<u8> = (at..at + 16).map(octet).collect();
            changes.extend(gaps.push(at, &octets));
            if at == 17_504 {
                assert!(!gaps.sounds());
            }
        }
        let lost = Change::Lost { at: 17_000 };
        let back = Change::Back { lost_at: 17_000, samples: 1000 };
        assert_eq!(changes, [Change::Found { delay: 100 }, lost, back]);
        assert!(gaps.sounds());
    }

    #[test]
    fn another_sound_is_never_taken_for_it() {
        let mut gaps = Gaps::new(7);
        let other = noise_octets(8);
        assert!(other.chunks(16).all(|octets| gaps.push(0, octets).is_none()));
        assert!(!gaps.sounds());
    }
}
