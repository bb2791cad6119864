//! Octets as a script: what is asked of them is there, zeros behind their end.

use std::time::Duration;

/// Octets that are read from their beginning.
#[derive(Clone, Debug)]
pub struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    /// Reads these.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }

    /// Nothing is left.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next octet.
    pub fn octet(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::from(self.octet()) % bound.max(1)
    }

    /// True in one of two cases.
    pub fn flag(&mut self) -> bool {
        self.octet() & 1 == 1
    }

    /// One of `choices`, which is not empty.
    pub fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    /// A number of two octets.
    pub fn word(&mut self) -> u16 {
        u16::from_be_bytes([self.octet(), self.octet()])
    }

    /// A number of eight octets, or a small one, or one near the largest.
    pub fn long(&mut self) -> u64 {
        match self.octet() & 3 {
            0 => u64::from(self.octet()),
            1 => u64::MAX - u64::from(self.octet()),
            2 => u64::from(self.word()),
            _ => (0..4).fold(0, |sum, _| sum << 16 | u64::from(self.word())),
        }
    }

    /// At most `most` octets: their number comes first.
    pub fn some(&mut self, most: usize) -> &'a [u8] {
        let wanted = usize::from(self.octet()).min(most).min(self.0.len());
        let (some, rest) = self.0.split_at(wanted);
        self.0 = rest;
        some
    }

    /// All that is left.
    #[must_use]
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Some time: from microseconds to most of an hour.
    pub fn time(&mut self) -> Duration {
        let octet = self.octet();
        Duration::from_micros((u64::from(octet & 7) + 1) << (octet >> 3))
    }
}
