//! A map by the keys of records. Their numbers are minted here or small, and their tables are
//! bounded, so mixing once is enough; nothing is walked in the order of the map.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::transaction::Key;

pub(crate) type Map<T> = HashMap<Key, T, BuildHasherDefault<Mix>>;

/// Fibonacci hashing (Knuth 6.4): the high bits of a product with 2^64 divided by the golden ratio.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix(u64);

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        // The table uses the low bits for the place, the high ones to tell keys apart.
        self.0.rotate_left(32)
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u64((*octet).into());
        }
    }

    fn write_u8(&mut self, octet: u8) {
        self.write_u64(octet.into());
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}
