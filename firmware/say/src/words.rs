//! The words that all languages have, and how words are put in a row.

use units::Digits;

use crate::{Fault, LARGEST, Word, Words};

/// 0 to 10.
pub(crate) const DIGITS: &[Word] = &[
    "say-0", "say-1", "say-2", "say-3", "say-4", "say-5", "say-6", "say-7", "say-8", "say-9",
    "say-10",
];
/// Keys beside the digits: * # A B C D.
const KEYS: &[Word] = &["say-star", "say-hash", "say-a", "say-b", "say-c", "say-d"];
/// Monday to Sunday.
pub(crate) const WEEKDAYS: &[Word] = &[
    "say-monday",
    "say-tuesday",
    "say-wednesday",
    "say-thursday",
    "say-friday",
    "say-saturday",
    "say-sunday",
];
/// Words that every language says somewhere.
const COMMON: &[Word] = &[
    "say-minus",
    "say-hundred",
    "say-thousand",
    "say-am",
    "say-pm",
    "say-day",
    "say-hour",
    "say-minute",
    "say-second",
    "say-unknown",
];
/// Said in place of what nobody knows.
pub const UNKNOWN: Word = "say-unknown";

/// What every language has.
pub(crate) const SHARED: &[&[Word]] = &[DIGITS, KEYS, WEEKDAYS, COMMON];

/// Words on their way.
#[derive(Debug, Default)]
pub(crate) struct Voice {
    words: Words,
    full: bool,
}

impl Voice {
    pub(crate) fn say(&mut self, word: Word) {
        self.full |= self.words.push(word).is_err();
    }

    pub(crate) fn begun(&self) -> bool {
        !self.words.is_empty()
    }

    /// The last word becomes another.
    pub(crate) fn turn(&mut self, into: impl FnOnce(Word) -> Word) {
        if let Some(last) = self.words.last_mut() {
            *last = into(last);
        }
    }

    /// One of a row of words; nothing if there is none.
    pub(crate) fn of(&mut self, row: &[Word], index: u64) {
        if let Some(word) = usize::try_from(index).ok().and_then(|index| row.get(index)) {
            self.say(word);
        }
    }

    pub(crate) fn digit(&mut self, digit: u64) {
        self.of(DIGITS, digit);
    }

    pub(crate) fn digits(&mut self, digits: &Digits, one: Word) {
        for digit in digits.as_slice() {
            match digit.ascii() {
                b'1' => self.say(one),
                octet @ b'0'..=b'9' => self.digit(u64::from(octet - b'0')),
                b'*' => self.of(KEYS, 0),
                b'#' => self.of(KEYS, 1),
                letter => self.of(KEYS, u64::from(letter.wrapping_sub(b'A')) + 2),
            }
        }
    }

    /// "Minus" if it is; what there is without the sign.
    pub(crate) fn sign(&mut self, number: i64) -> u64 {
        if number < 0 {
            self.say("say-minus");
        }
        number.unsigned_abs()
    }

    pub(crate) fn words(self) -> Result<Words, Fault> {
        if self.full { Err(Fault::Full) } else { Ok(self.words) }
    }
}

/// Days, hours, minutes and seconds.
pub(crate) fn parts(seconds: u32) -> [(u64, Word); 4] {
    let seconds = u64::from(seconds);
    [
        (seconds / 86_400, "say-day"),
        (seconds / 3600 % 24, "say-hour"),
        (seconds / 60 % 60, "say-minute"),
        (seconds % 60, "say-second"),
    ]
}

/// Refuses what has no words.
pub(crate) fn sayable(number: i64, least: i64) -> Result<(), Fault> {
    if (least..=LARGEST).contains(&number) { Ok(()) } else { Err(Fault::Range) }
}
