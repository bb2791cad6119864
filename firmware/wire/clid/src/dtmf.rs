//! Numbers in DTMF, before the first ring (EN 300 659-1 annex B, YD/T 1277).
//!
//! ```text
//!   D number C      A number #      start and stop are those of the country
//!   B 10 C          the number is withheld          B 00 C          it is not available
//!   A number D other number B information C         parts, each with its letter
//! ```

use serde::{Deserialize, Serialize};
use units::{Digit, Digits};

use crate::{Fault, Told};

/// How the country sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dtmf {
    start: Digit,
    stop: Digit,
}

const A: u8 = b'A';
const B: u8 = b'B';
const C: u8 = b'C';
const D: u8 = b'D';
const HASH: u8 = b'#';

const fn digit(ascii: u8) -> Digit {
    match Digit::new(ascii) {
        Some(digit) => digit,
        None => Digit::ALL[0],
    }
}

impl Dtmf {
    /// China: `D`, number, `C`.
    pub const CHINA: Self = Self { start: digit(D), stop: digit(C) };

    /// `None` unless it starts with `A` or `D` and stops with `C` or `#`.
    #[must_use]
    pub const fn new(start: Digit, stop: Digit) -> Option<Self> {
        match (start.ascii(), stop.ascii()) {
            (A | D, C | HASH) => Some(Self { start, stop }),
            _ => None,
        }
    }

    /// The digits to send. `None` if the number has others than 0 to 9, or too many.
    #[must_use]
    pub fn emit(self, number: &Told<Digits>) -> Option<Digits> {
        let mut sent = Digits::new();
        let information = |text: &str| Digits::parse(text);
        let (start, value) = match number {
            Told::Is(number) if number.is_empty() => return None,
            Told::Is(number) => (self.start, number.clone()),
            Told::Withheld => (digit(B), information("10")?),
            Told::Unavailable => (digit(B), information("00")?),
        };
        sent.push(start).ok()?;
        for digit in value.as_slice() {
            if !digit.ascii().is_ascii_digit() {
                return None;
            }
            sent.push(*digit).ok()?;
        }
        sent.push(self.stop).ok()?;
        Some(sent)
    }
}

/// Collects digits until a number is whole, whatever the country's start and stop.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Collector {
    /// The letter of the part that is coming.
    part: Option<Digit>,
    digits: Digits,
    /// Of the calling party; of the diverting one.
    calling: Option<Digits>,
    other: Option<Digits>,
    information: Option<Digits>,
}

impl Collector {
    /// Nothing has come.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A digit was heard. What comes before a letter is not ours.
    pub fn digit(&mut self, digit: Digit) -> Option<Result<Told<Digits>, Fault>> {
        match (digit.ascii(), self.part) {
            (A | B | D, _) => {
                if let Err(fault) = self.close() {
                    *self = Self::default();
                    return Some(Err(fault));
                }
                self.part = Some(digit);
                None
            }
            (C | HASH, Some(_)) => {
                let closed = self.close();
                let whole = core::mem::take(self);
                Some(closed.and_then(|()| whole.told()))
            }
            (b'0'..=b'9', Some(part)) => {
                let pushed = self.digits.push(digit);
                pushed.err().map(|_| {
                    *self = Self::default();
                    Err(Fault::Parameter(part.ascii()))
                })
            }
            (_, None) => None,
            (_, Some(part)) => {
                *self = Self::default();
                Some(Err(Fault::Parameter(part.ascii())))
            }
        }
    }

    /// The line went quiet or rang in the middle.
    pub fn end(&mut self) -> Option<Fault> {
        core::mem::take(self).part.map(|_| Fault::Cut)
    }

    /// Keeps the part that has come.
    fn close(&mut self) -> Result<(), Fault> {
        let Some(part) = self.part.take() else { return Ok(()) };
        let digits = core::mem::take(&mut self.digits);
        let place = match part.ascii() {
            A => &mut self.calling,
            B => &mut self.information,
            _ => &mut self.other,
        };
        let again = place.replace(digits).is_some();
        if again { Err(Fault::Parameter(part.ascii())) } else { Ok(()) }
    }

    /// Who calls: the part `A`, else `D`, else what the information says.
    fn told(self) -> Result<Told<Digits>, Fault> {
        let number = [self.calling, self.other].into_iter().flatten().find(|n| !n.is_empty());
        if let Some(number) = number {
            return Ok(Told::Is(number));
        }
        let Some(information) = self.information else { return Ok(Told::Unavailable) };
        let withheld = Digits::parse("10").is_some_and(|ten| ten == information);
        Ok(if withheld { Told::Withheld } else { Told::Unavailable })
    }
}
