//! Makes octets out of others: bits turned over, octets put in, taken out and doubled, parts of
//! two joined.

use machine::check::Random;

/// Octets at the edges of what numbers mean.
const EDGES: [u8; 12] = [0, 1, 2, 7, 8, 0x10, 0x1F, 0x20, 0x7F, 0x80, 0xFE, 0xFF];

/// A pool of octets and what is made of them, the same for the same seed.
#[derive(Debug)]
pub struct Mutator {
    random: Random,
    pool: Vec<Vec<u8>>,
    longest: usize,
}

/// Octets in the pool; later ones replace others.
const POOL: usize = 8192;

impl Mutator {
    /// Begins with these.
    #[must_use]
    pub fn new(seed: u64, pool: Vec<Vec<u8>>, longest: usize) -> Self {
        Self { random: Random::new(seed), pool, longest }
    }

    /// These were worth it.
    pub fn keep(&mut self, octets: Vec<u8>) {
        if self.pool.len() < POOL {
            self.pool.push(octets);
        } else {
            let place = self.index(self.pool.len());
            self.pool[place] = octets;
        }
    }

    /// All that is worth it so far.
    #[must_use]
    pub fn pool(&self) -> &[Vec<u8>] {
        &self.pool
    }

    fn index(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.below(bound as u64)).unwrap_or(0)
    }

    fn octet(&mut self) -> u8 {
        if self.random.one_in(3) { *self.random.pick(&EDGES) } else { self.random.octet() }
    }

    fn chosen(&mut self) -> Vec<u8> {
        if self.pool.is_empty() || self.random.one_in(200) {
            let length = self.index(self.longest);
            return (0..length).map(|_| self.random.octet()).collect();
        }
        // Later ones are deeper: half of the choices are among the last eighth.
        let all = self.pool.len();
        let from = if self.random.one_in(2) { all - all.div_ceil(8) } else { 0 };
        let place = from + self.index(all - from);
        self.pool[place].clone()
    }

    /// New octets.
    pub fn mutation(&mut self) -> Vec<u8> {
        let mut octets = self.chosen();
        let times = 1 << self.random.below(4);
        for _ in 0..1 + self.random.below(times) {
            self.change(&mut octets);
        }
        octets.truncate(self.longest);
        octets
    }

    fn change(&mut self, octets: &mut Vec<u8>) {
        let length = octets.len();
        let at = self.index(length.max(1));
        let count = 1 + self.index(8);
        match self.random.below(9) {
            0 if length > 0 => octets[at] ^= 1 << self.random.below(8),
            1 if length > 0 => octets[at] = self.octet(),
            2 if length > 0 => {
                let by = 1 + self.random.octet() % 4;
                let up = self.random.one_in(2);
                octets[at] =
                    if up { octets[at].wrapping_add(by) } else { octets[at].wrapping_sub(by) };
            }
            3 if length > 0 => drop(octets.drain(at..(at + count).min(length))),
            4 if length > 0 => {
                let part = octets[at..(at + 4 * count).min(length)].to_vec();
                let to = self.index(length + 1);
                drop(octets.splice(to..to, part));
            }
            5 if length > 0 => octets.truncate(at + 1),
            // A part of another, in place of or between what is there.
            6 | 7 => {
                let other = self.chosen();
                let begin = self.index(other.len().max(1));
                let end = (begin + 1 + self.index(40)).min(other.len());
                let part = other.get(begin..end).unwrap_or_default().to_vec();
                let until = if self.random.one_in(2) { at } else { (at + part.len()).min(length) };
                drop(octets.splice(at.min(length)..until.min(length).max(at.min(length)), part));
            }
            _ => {
                let new: Vec<u8> = (0..count).map(|_| self.octet()).collect();
                let at = at.min(length);
                drop(octets.splice(at..at, new));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_octets_and_none_too_long() {
        let made = |seed| {
            let mut mutator = Mutator::new(seed, vec![vec![1, 2, 3], vec![9; 40]], 50);
            (0..500).map(|_| mutator.mutation()).collect::<Vec<_>>()
        };
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
        assert!(made(1).iter().all(|octets| octets.len() <= 50));
    }
}
