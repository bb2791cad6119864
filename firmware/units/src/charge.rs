//! What a call costs, as the network tells it: pulses of a meter, or money (Q.956.2).

use core::fmt;

use serde::{Deserialize, Serialize};

/// The name of a currency as the network writes it: 1 to 10 printable characters of IA5
/// (Q.956.2 2.2, annex A: `Currency`), such as `EUR`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "[u8; 10]", into = "[u8; 10]")]
pub struct Currency {
    /// Zeros behind the name.
    octets: [u8; Self::MOST],
}

impl Currency {
    /// Characters of a name at most.
    pub const MOST: usize = 10;

    /// `None` unless there are 1 to 10 characters, all printable ones of IA5 (0x20 to 0x7E).
    #[must_use]
    pub fn new(name: &[u8]) -> Option<Self> {
        let printable = name.iter().all(|octet| (0x20..0x7F).contains(octet));
        let mut octets = [0; Self::MOST];
        octets.get_mut(..name.len())?.copy_from_slice(name);
        (printable && !name.is_empty()).then_some(Self { octets })
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.octets.iter().position(|octet| *octet == 0).unwrap_or(Self::MOST);
        core::str::from_utf8(&self.octets[..end]).unwrap_or("")
    }
}

impl TryFrom<[u8; Currency::MOST]> for Currency {
    type Error = &'static str;

    fn try_from(octets: [u8; Self::MOST]) -> Result<Self, Self::Error> {
        let end = octets.iter().position(|octet| *octet == 0).unwrap_or(Self::MOST);
        Self::new(&octets[..end])
            .filter(|currency| currency.octets == octets)
            .ok_or("a currency is 1 to 10 printable characters, zeros behind")
    }
}

impl From<Currency> for [u8; Currency::MOST] {
    fn from(currency: Currency) -> Self {
        currency.octets
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a call costs so far, or in all. `Units(0)` is free of charge; nothing told is no `Charge`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Charge {
    /// Pulses of a meter.
    Units(u32),
    /// Money.
    Money {
        /// Of one unit of the currency.
        thousandths: u64,
        /// Which.
        currency: Currency,
    },
}

impl Charge {
    /// Free of charge.
    pub const FREE: Self = Self::Units(0);

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_free(self) -> bool {
        matches!(self, Self::Units(0) | Self::Money { thousandths: 0, .. })
    }

    /// Both together. What cannot be added is not: of pulses and money, or of two currencies,
    /// `self` is left; of something and nothing the something.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        match (self, more) {
            (Self::Units(one), Self::Units(two)) => Self::Units(one.saturating_add(two)),
            (
                Self::Money { thousandths: one, currency },
                Self::Money { thousandths: two, currency: other },
            ) if currency == other => {
                Self::Money { thousandths: one.saturating_add(two), currency }
            }
            (one, two) if one.is_free() => two,
            (one, _) => one,
        }
    }
}

impl fmt::Display for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Units(0) => f.write_str("free of charge"),
            Self::Units(1) => f.write_str("1 unit"),
            Self::Units(units) => write!(f, "{units} units"),
            Self::Money { thousandths, currency } => {
                let (whole, rest) = (thousandths / 1000, thousandths % 1000);
                if rest % 10 == 0 {
                    write!(f, "{whole}.{:02} {currency}", rest / 10)
                } else {
                    write!(f, "{whole}.{rest:03} {currency}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    fn money(thousandths: u64, currency: &str) -> Charge {
        let currency = Currency::new(currency.as_bytes()).expect("a currency");
        Charge::Money { thousandths, currency }
    }

    #[test]
    fn a_currency_is_one_to_ten_printable_characters() {
        assert_eq!(Currency::new(b"EUR").expect("a name").as_str(), "EUR");
        assert_eq!(Currency::new(b"ABCDEFGHIJ").expect("a name").as_str(), "ABCDEFGHIJ");
        for bad in [&b""[..], b"ABCDEFGHIJK", b"EU\0", b"EU\x1b", b"\xE2\x82"] {
            assert_eq!(Currency::new(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn octets_from_outside_are_a_currency_or_refused() {
        let octets = |name: &[u8]| {
            let mut octets = [0; Currency::MOST];
            octets[..name.len()].copy_from_slice(name);
            octets
        };
        let eur = Currency::try_from(octets(b"EUR")).expect("a name");
        assert_eq!(<[u8; Currency::MOST]>::from(eur), octets(b"EUR"));
        assert!(Currency::try_from(octets(b"")).is_err());
        assert!(Currency::try_from(octets(b"EUR\0X")).is_err(), "something behind the zeros");
        assert!(Currency::try_from(octets(b"\x07")).is_err());
    }

    #[test]
    fn costs_read_as_people_write_them() {
        assert_eq!(Charge::FREE.to_string(), "free of charge");
        assert_eq!(Charge::Units(1).to_string(), "1 unit");
        assert_eq!(Charge::Units(12).to_string(), "12 units");
        assert_eq!(money(3450, "EUR").to_string(), "3.45 EUR");
        assert_eq!(money(3, "EUR").to_string(), "0.003 EUR");
        assert_eq!(money(12_000, "CNY").to_string(), "12.00 CNY");
    }

    #[test]
    fn what_cannot_be_added_is_not() {
        assert_eq!(Charge::Units(3).and(Charge::Units(4)), Charge::Units(7));
        assert_eq!(Charge::Units(u32::MAX).and(Charge::Units(1)), Charge::Units(u32::MAX));
        assert_eq!(money(100, "EUR").and(money(50, "EUR")), money(150, "EUR"));
        assert_eq!(money(100, "EUR").and(money(50, "CNY")), money(100, "EUR"));
        assert_eq!(Charge::Units(3).and(money(50, "CNY")), Charge::Units(3));
        assert_eq!(Charge::FREE.and(money(50, "CNY")), money(50, "CNY"));
    }
}
