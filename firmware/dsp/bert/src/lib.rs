//! The pseudo-random test pattern of length 2^15 - 1 (O.151 2.1) and the meter that counts its
//! errors at the other end.
//!
//! ```text
//!          ┌─────────── xor ◄──┬──────┐
//!          ▼                   │      │
//!  stage   1  2  3  …  13  14 ─┘  15 ─┴─ not ─► line, first bit of an octet first
//!
//!  meter   Searching ── 64 bits in a row as the 15 before them foretell ──► Locked
//!                    ◄── more than a fifth of 1000 bits wrong ────────────
//! ```
//!
//! The meter follows octets of one channel, whatever delay they had; what is lost or doubled on the
//! way shows as a loss of the pattern.
#![no_std]

/// Stages of the shift register.
const STAGES: u32 = 15;
const MASK: u16 = (1 << STAGES) - 1;
/// Bits that come as foretold before the meter believes that it has found the pattern: by chance
/// once in 10^19.
const CONFIDENCE: u32 = 64;
/// Bits after which the meter looks whether it still has the pattern.
const WINDOW: u32 = 1000;
/// Wrong ones among them that mean that it has not.
const TOO_MANY: u32 = WINDOW / 5;

/// The next bit of the register, not inverted yet: the sum of stages 14 and 15.
const fn advance(register: u16) -> u16 {
    let bit = (register >> (STAGES - 1) ^ register >> (STAGES - 2)) & 1;
    (register << 1 | bit) & MASK
}

/// Makes the pattern.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    register: u16,
}

impl Default for Pattern {
    fn default() -> Self {
        Self { register: MASK }
    }
}

impl Pattern {
    /// The next octet.
    pub fn octet(&mut self) -> u8 {
        let mut octet = 0;
        for _ in 0..8 {
            self.register = advance(self.register);
            // O.151 2.1: the line carries the sequence inverted.
            octet = octet << 1 | u8::from(self.register & 1 == 0);
        }
        octet
    }
}

/// What a meter counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Bits that were compared.
    pub bits: u64,
    /// Wrong ones among them.
    pub errors: u64,
    /// Times that the pattern was lost after it had been found.
    pub losses: u32,
}

/// Counts errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meter {
    register: u16,
    /// Searching: bits in a row that came as foretold. Locked: bits of the window.
    seen: u32,
    /// Locked: wrong ones in the window.
    wrong: u32,
    locked: bool,
    count: Count,
}

impl Meter {
    /// Takes an octet of the line in.
    pub fn push(&mut self, octet: u8) {
        for place in (0..8).rev() {
            let bit = u16::from(octet >> place & 1 == 0);
            if self.locked { self.compare(bit) } else { self.search(bit) }
        }
    }

    /// Whether the pattern is there.
    #[must_use]
    pub const fn is_locked(&self) -> bool {
        self.locked
    }

    /// What was counted since the last question.
    pub const fn take(&mut self) -> Count {
        let count = self.count;
        self.count = Count { bits: 0, errors: 0, losses: 0 };
        count
    }

    fn search(&mut self, bit: u16) {
        let foretold = advance(self.register) & 1;
        self.register = (self.register << 1 | bit) & MASK;
        // All zeros foretell zeros for ever, and no register of the pattern is zero.
        self.seen = if bit == foretold && self.register != 0 { self.seen + 1 } else { 0 };
        if self.seen == CONFIDENCE {
            (self.locked, self.seen, self.wrong) = (true, 0, 0);
        }
    }

    fn compare(&mut self, bit: u16) {
        // The register runs by itself: one wrong bit of the line is one error.
        self.register = advance(self.register);
        let wrong = self.register & 1 != bit;
        self.count.bits += 1;
        self.count.errors += u64::from(wrong);
        self.wrong += u32::from(wrong);
        self.seen += 1;
        if self.wrong > TOO_MANY {
            (self.locked, self.seen) = (false, 0);
            self.count.losses += 1;
        } else if self.seen == WINDOW {
            (self.seen, self.wrong) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    fn octets(count: usize) -> Vec<u8> {
        let mut pattern = Pattern::default();
        (0..count).map(|_| pattern.octet()).collect()
    }

    /// Bits that a meter needs before it compares.
    const LOCK: u64 = 128;

    // O.151 2.1
    #[test]
    fn the_pattern_repeats_after_32767_bits_and_has_15_ones_in_a_row_at_most_inverted() {
        let octets = octets(2 * 32_767);
        let bits: Vec<bool> = octets
            .iter()
            .flat_map(|octet| (0..8).rev().map(move |n| octet >> n & 1 == 1))
            .collect();
        let (first, rest) = bits.split_at(32_767);
        assert_eq!(first, &rest[..32_767]);
        assert!((1..32_767).filter(|n| 32_767 % n == 0).all(|n| first[..32_767 - n] != first[n..]));
        let longest = |wanted: bool| {
            let run = |runs: (usize, usize), bit: &bool| {
                let now = if *bit == wanted { runs.0 + 1 } else { 0 };
                (now, runs.1.max(now))
            };
            bits.iter().fold((0, 0), run).1
        };
        // The register has fourteen zeros and fifteen ones in a row; the line has them inverted.
        assert_eq!((longest(true), longest(false)), (14, 15));
        assert_eq!(first.iter().filter(|bit| !**bit).count(), 16_384);
    }

    #[test]
    fn a_clean_line_has_no_errors_from_any_place_of_the_pattern_on() {
        let octets = octets(6000);
        for begin in [0, 1, 77, 4001] {
            let mut meter = Meter::default();
            octets[begin..].iter().for_each(|octet| meter.push(*octet));
            let count = meter.take();
            assert!(meter.is_locked());
            assert_eq!((count.errors, count.losses), (0, 0));
            assert!(count.bits + LOCK >= 8 * (6000 - begin as u64), "{count:?}");
        }
    }

    #[test]
    fn each_wrong_bit_is_one_error() {
        let mut octets = octets(6000);
        let places = [(1000, 0), (1000, 7), (1001, 3), (2500, 5), (5999, 1)];
        places.iter().for_each(|(octet, bit)| octets[*octet] ^= 1 << bit);
        let mut meter = Meter::default();
        octets.iter().for_each(|octet| meter.push(*octet));
        assert_eq!(meter.take().errors, places.len() as u64);
        assert_eq!(meter.take(), Count::default(), "it begins anew");
    }

    #[test]
    fn an_octet_that_is_lost_is_a_loss_of_the_pattern_which_is_found_again() {
        let mut octets = octets(6000);
        octets.remove(3000);
        let mut meter = Meter::default();
        octets.iter().for_each(|octet| meter.push(*octet));
        assert!(meter.is_locked());
        assert_eq!(meter.take().losses, 1);
    }

    #[test]
    fn nothing_else_is_taken_for_the_pattern() {
        for other in [0xFFu8, 0x00, 0xD5, 0x55, 0x7E, 0xAA] {
            let mut meter = Meter::default();
            (0..60_000).for_each(|_| meter.push(other));
            assert!(!meter.is_locked(), "{other:#x}");
        }
        let mut meter = Meter::default();
        // As good as noise.
        (0..60_000u32).for_each(|n| meter.push(n.wrapping_mul(2_654_435_761).to_be_bytes()[0]));
        assert!(!meter.is_locked());
    }
}
