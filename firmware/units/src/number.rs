//! Digits as people dial them.

use core::fmt;

use heapless::Vec;
use serde::{Deserialize, Serialize};

/// The most digits of one number or entry. Q.931 allows longer; E.164 has 15, and codes add some.
pub const MAX_DIGITS: usize = 32;

/// One DTMF digit (Q.23): `0` to `9`, `*`, `#`, `A` to `D`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Digit(u8);

impl Digit {
    /// All sixteen, in the order of the rows and columns of the key pad (Q.23 table 1).
    pub const ALL: [Self; 16] = {
        let keys = *b"123A456B789C*0#D";
        let mut all = [Self(0); 16];
        let mut i = 0;
        while i < 16 {
            all[i] = Self(keys[i]);
            i += 1;
        }
        all
    };

    /// `None` unless `ascii` is one of the sixteen; lower-case letters count as upper.
    #[must_use]
    pub const fn new(ascii: u8) -> Option<Self> {
        match ascii {
            b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D' => Some(Self(ascii)),
            b'a'..=b'd' => Some(Self(ascii.to_ascii_uppercase())),
            _ => None,
        }
    }

    /// The digit as ASCII.
    #[must_use]
    pub const fn ascii(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Digit {
    type Error = &'static str;

    fn try_from(ascii: u8) -> Result<Self, Self::Error> {
        Self::new(ascii).ok_or("a digit is one of 0-9 * # A-D")
    }
}

impl From<Digit> for u8 {
    fn from(digit: Digit) -> Self {
        digit.0
    }
}

impl fmt::Display for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", char::from(self.0))
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A number or an entry: at most [`MAX_DIGITS`] digits.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Digits(Vec<Digit, MAX_DIGITS, u8>);

impl Digits {
    /// No digits yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// `None` if a character is no digit or there are more than [`MAX_DIGITS`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut digits = Self::new();
        for octet in text.bytes() {
            digits.push(Digit::new(octet)?).ok()?;
        }
        Some(digits)
    }

    /// Adds a digit at the end.
    ///
    /// # Errors
    /// Gives the digit back if there are [`MAX_DIGITS`] already.
    #[inline]
    pub fn push(&mut self, digit: Digit) -> Result<(), Digit> {
        self.0.push(digit)
    }

    /// The digits in order.
    #[must_use]
    pub fn as_slice(&self) -> &[Digit] {
        &self.0
    }

    /// How many digits there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `self` begins with all digits of `prefix`.
    #[must_use]
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }

    /// What follows the first `count` digits.
    #[must_use]
    pub fn skip(&self, count: usize) -> Self {
        Self(self.0.iter().skip(count).copied().collect())
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|digit| write!(f, "{digit}"))
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Digits that must not be seen (a card number, a PIN): no way to print or to serialise them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Masked(Digits);

impl Masked {
    /// Hides `digits`.
    #[must_use]
    pub const fn new(digits: Digits) -> Self {
        Self(digits)
    }

    /// For the one place that compares or looks them up.
    #[must_use]
    pub const fn reveal(&self) -> &Digits {
        &self.0
    }
}

impl fmt::Debug for Masked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} masked digits", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_back_as_it_was_written() {
        let number = Digits::parse("010*#a").expect("digits");
        assert_eq!(number.as_slice().len(), 6);
        assert_eq!(number.skip(2), Digits::parse("0*#A").expect("digits"));
        assert!(number.starts_with(&Digits::parse("010").expect("digits")));
        assert!(Digits::parse("12x").is_none());
        assert!(Digits::parse(core::str::from_utf8(&[b'1'; 33]).expect("ascii")).is_none());
    }
}
