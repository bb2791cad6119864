//! Numbers, money, dates, times and digits as the words that a caller hears, one prompt each.
//!
//! ```text
//!  What::Number(2005) ──► say ──► Mandarin: say-liang say-thousand say-0 say-5
//!                                 English:  say-2 say-thousand say-and say-5
//! ```
//!
//! A word is the name of a prompt. Every word of a language stands in its [`Language::words`]: who
//! has these prompts can say everything. No clock, no sound, no choice of language in here.
//!
//! Mandarin: 两 before 千, 万, 亿 and what is counted (两元, 两点), 二 before 十 and 百 (二百, of the
//! two that are heard the one of schoolbooks); 十 without 一 only at the head of a number.
//! English is that of the voice, British: "and" behind hundreds, the day before the month.
#![no_std]

#[cfg(test)]
extern crate std;

mod calendar;
mod english;
mod mandarin;
#[cfg(test)]
mod reader;
#[cfg(test)]
mod tests;
pub mod words;

pub use calendar::{Date, Local, Time};
use serde::{Deserialize, Serialize};
use units::Digits;

/// The name of a prompt that is one word.
pub type Word = &'static str;

/// What one thing said is made of.
pub type Words = heapless::Vec<Word, { limits::SAID_WORDS }>;

/// The most words of a day.
pub const DATE_WORDS: usize = 13;

/// The most words of a time of the day.
pub const TIME_WORDS: usize = 8;

/// The most words of what is said of digits, one by one or as a number.
pub const DIGITS_WORDS: usize = units::number::MAX_DIGITS;

/// The largest number that can be said, either side of zero.
pub const LARGEST: i64 = 999_999_999_999;

/// A language that has rules here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Language {
    /// `zh`
    Mandarin,
    /// `en`
    English,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Mandarin, Self::English];

    /// As documents write it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Mandarin => "zh",
            Self::English => "en",
        }
    }

    /// The language of a code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Every word that [`say`] may use.
    pub fn words(self) -> impl Iterator<Item = Word> {
        let own: &[&[Word]] = match self {
            Self::Mandarin => mandarin::WORDS,
            Self::English => english::WORDS,
        };
        words::SHARED.iter().chain(own).copied().flatten().copied()
    }
}

/// Money of a country (ISO 4217).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Currency {
    /// Yuan: 元, 角, 分.
    Cny,
    /// Dollars of the United States.
    Usd,
    /// Euros.
    Eur,
    /// Pounds sterling.
    Gbp,
    /// Dollars of Hong Kong.
    Hkd,
    /// Yen, which has no smaller unit.
    Jpy,
}

impl Currency {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Cny, Self::Usd, Self::Eur, Self::Gbp, Self::Hkd, Self::Jpy];

    /// Its code in ISO 4217.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Usd => "USD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Hkd => "HKD",
            Self::Jpy => "JPY",
        }
    }

    /// The currency of a code.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|currency| currency.code() == code)
    }

    /// Minor units of one major unit.
    #[must_use]
    pub const fn minor(self) -> u64 {
        match self {
            Self::Jpy => 1,
            Self::Cny | Self::Usd | Self::Eur | Self::Gbp | Self::Hkd => 100,
        }
    }
}

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// One digit after the other.
    Digits(Digits),
    /// As `Digits`; in Mandarin 1 is yāo, as in telephone numbers.
    Telephone(Digits),
    /// How many: up to [`LARGEST`] either side of zero.
    Number(i64),
    /// Which in a row: 1 to [`LARGEST`].
    Ordinal(i64),
    /// An amount.
    Money {
        /// In minor units; up to [`LARGEST`] major ones either side of zero.
        minor: i64,
        /// Of this money.
        currency: Currency,
    },
    /// Day of the week, day, month and year.
    Date(Date),
    /// Time of the day by 12 hours, before or after noon.
    Time12(Time),
    /// Time of the day by 24 hours.
    Time24(Time),
    /// How long, in seconds: days, hours, minutes, seconds, as far as there are any.
    Duration(u32),
}

/// Why something cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Beyond [`LARGEST`], or an ordinal below 1.
    Range,
    /// More words than [`limits::SAID_WORDS`].
    Full,
}

/// The words of something, in the order in which they are spoken.
///
/// # Errors
/// [`Fault::Range`] outside of what [`What`] says.
pub fn say(what: &What, language: Language) -> Result<Words, Fault> {
    let mut voice = words::Voice::default();
    match language {
        Language::Mandarin => mandarin::say(&mut voice, what)?,
        Language::English => english::say(&mut voice, what)?,
    }
    voice.words()
}

const _: () =
    assert!(limits::SAID_WORDS >= units::number::MAX_DIGITS, "a number's digits can be said");
