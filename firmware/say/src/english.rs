//! English.

use crate::calendar::{Date, Time};
use crate::words::{DIGITS, Voice, WEEKDAYS, parts, sayable};
use crate::{Currency, Fault, LARGEST, What, Word};

/// 11 to 19.
const TEENS: &[Word] =
    &["say-11", "say-12", "say-13", "say-14", "say-15", "say-16", "say-17", "say-18", "say-19"];
/// 20 to 90.
const TENS: &[Word] =
    &["say-20", "say-30", "say-40", "say-50", "say-60", "say-70", "say-80", "say-90"];
const MONTHS: &[Word] = &[
    "say-january",
    "say-february",
    "say-march",
    "say-april",
    "say-may",
    "say-june",
    "say-july",
    "say-august",
    "say-september",
    "say-october",
    "say-november",
    "say-december",
];
/// The last word of a number and what it becomes in a row.
const ORDINALS: &[(Word, Word)] = &[
    ("say-1", "say-1st"),
    ("say-2", "say-2nd"),
    ("say-3", "say-3rd"),
    ("say-4", "say-4th"),
    ("say-5", "say-5th"),
    ("say-6", "say-6th"),
    ("say-7", "say-7th"),
    ("say-8", "say-8th"),
    ("say-9", "say-9th"),
    ("say-10", "say-10th"),
    ("say-11", "say-11th"),
    ("say-12", "say-12th"),
    ("say-13", "say-13th"),
    ("say-14", "say-14th"),
    ("say-15", "say-15th"),
    ("say-16", "say-16th"),
    ("say-17", "say-17th"),
    ("say-18", "say-18th"),
    ("say-19", "say-19th"),
    ("say-20", "say-20th"),
    ("say-30", "say-30th"),
    ("say-40", "say-40th"),
    ("say-50", "say-50th"),
    ("say-60", "say-60th"),
    ("say-70", "say-70th"),
    ("say-80", "say-80th"),
    ("say-90", "say-90th"),
    ("say-hundred", "say-hundredth"),
    ("say-thousand", "say-thousandth"),
    ("say-million", "say-millionth"),
    ("say-billion", "say-billionth"),
];
const ORDINAL_WORDS: [Word; ORDINALS.len()] = {
    let mut words = [""; ORDINALS.len()];
    let mut index = 0;
    while index < ORDINALS.len() {
        words[index] = ORDINALS[index].1;
        index += 1;
    }
    words
};
/// One of something and more of it.
const PLURALS: &[(Word, Word)] = &[
    ("say-day", "say-days"),
    ("say-hour", "say-hours"),
    ("say-minute", "say-minutes"),
    ("say-second", "say-seconds"),
    ("say-dollar", "say-dollars"),
    ("say-cent", "say-cents"),
    ("say-euro", "say-euros"),
    ("say-pound", "say-pounds"),
    ("say-penny", "say-pence"),
    ("say-hk-dollar", "say-hk-dollars"),
];

/// The words that only English has.
pub(crate) const WORDS: &[&[Word]] = &[
    TEENS,
    TENS,
    MONTHS,
    &ORDINAL_WORDS,
    &[
        "say-and",
        "say-oh",
        "say-million",
        "say-billion",
        "say-the",
        "say-of",
        "say-days",
        "say-hours",
        "say-minutes",
        "say-seconds",
        "say-dollar",
        "say-dollars",
        "say-cent",
        "say-cents",
        "say-euro",
        "say-euros",
        "say-pound",
        "say-pounds",
        "say-penny",
        "say-pence",
        "say-hk-dollar",
        "say-hk-dollars",
        "say-yuan",
        "say-fen",
        "say-yen",
    ],
];

pub(crate) fn say(voice: &mut Voice, what: &What) -> Result<(), Fault> {
    match what {
        What::Digits(digits) | What::Telephone(digits) => voice.digits(digits, "say-1"),
        What::Number(number) => {
            sayable(*number, -LARGEST)?;
            let size = voice.sign(*number);
            cardinal(voice, size);
        }
        What::Ordinal(number) => {
            sayable(*number, 1)?;
            ordinal(voice, number.unsigned_abs());
        }
        What::Money { minor, currency } => {
            sayable(minor / i64::try_from(currency.minor()).unwrap_or(1), -LARGEST)?;
            let size = voice.sign(*minor);
            money(voice, size, *currency);
        }
        What::Date(date) => day(voice, *date),
        What::Time12(time) => {
            let hour = match time.hour() % 12 {
                0 => 12,
                hour => hour,
            };
            cardinal(voice, hour.into());
            minutes(voice, *time);
            voice.say(if time.hour() < 12 { "say-am" } else { "say-pm" });
        }
        What::Time24(time) => {
            if (1..10).contains(&time.hour()) {
                voice.say("say-oh");
            }
            cardinal(voice, time.hour().into());
            minutes(voice, *time);
            if time.minute() == 0 {
                voice.say("say-hundred");
                voice.say("say-hours");
            }
        }
        What::Duration(seconds) => duration(voice, *seconds),
    }
    Ok(())
}

/// 0 to 999 999 999 999.
fn cardinal(voice: &mut Voice, number: u64) {
    if number == 0 {
        return voice.digit(0);
    }
    let groups = [
        (1_000_000_000, Some("say-billion")),
        (1_000_000, Some("say-million")),
        (1000, Some("say-thousand")),
        (1, None),
    ];
    for (size, unit) in groups {
        let group = number / size % 1000;
        if group == 0 {
            continue;
        }
        if group >= 100 {
            voice.digit(group / 100);
            voice.say("say-hundred");
        }
        let rest = group % 100;
        if rest > 0 {
            // "One thousand and five", "two hundred and six thousand".
            if group >= 100 || (unit.is_none() && number >= 1000) {
                voice.say("say-and");
            }
            two(voice, rest);
        }
        if let Some(unit) = unit {
            voice.say(unit);
        }
    }
}

/// 1 to 99.
fn two(voice: &mut Voice, number: u64) {
    match number {
        ..=10 => voice.of(DIGITS, number),
        11..=19 => voice.of(TEENS, number - 11),
        _ => {
            voice.of(TENS, number / 10 - 2);
            let ones = number % 10;
            if ones > 0 {
                voice.digit(ones);
            }
        }
    }
}

fn ordinal(voice: &mut Voice, number: u64) {
    cardinal(voice, number);
    voice.turn(|last| ORDINALS.iter().find(|(word, _)| *word == last).map_or(last, |it| it.1));
}

/// So many of something.
fn counted(voice: &mut Voice, number: u64, unit: Word) {
    cardinal(voice, number);
    let plural = PLURALS.iter().find(|(one, _)| *one == unit && number != 1);
    voice.say(plural.map_or(unit, |(_, many)| many));
}

/// The major unit and the minor one.
fn units(currency: Currency) -> (Word, Word) {
    match currency {
        Currency::Cny => ("say-yuan", "say-fen"),
        Currency::Usd => ("say-dollar", "say-cent"),
        Currency::Eur => ("say-euro", "say-cent"),
        Currency::Gbp => ("say-pound", "say-penny"),
        Currency::Hkd => ("say-hk-dollar", "say-cent"),
        Currency::Jpy => ("say-yen", "say-fen"),
    }
}

fn money(voice: &mut Voice, minor: u64, currency: Currency) {
    let (one, cent) = units(currency);
    let (whole, rest) = (minor / currency.minor(), minor % currency.minor());
    if whole > 0 || rest == 0 {
        counted(voice, whole, one);
    }
    if whole > 0 && rest > 0 {
        voice.say("say-and");
    }
    if rest > 0 {
        counted(voice, rest, cent);
    }
}

/// "Monday the twenty-third of November twenty twenty-six".
fn day(voice: &mut Voice, date: Date) {
    voice.of(WEEKDAYS, date.weekday().into());
    voice.say("say-the");
    ordinal(voice, date.day().into());
    voice.say("say-of");
    voice.of(MONTHS, u64::from(date.month()) - 1);
    year(voice, date.year().into());
}

/// In pairs, but "two thousand and five" and "nineteen hundred".
fn year(voice: &mut Voice, year: u64) {
    let (pair, rest) = (year / 100, year % 100);
    if pair < 10 || (pair % 10 == 0 && rest < 10) {
        return cardinal(voice, year);
    }
    two(voice, pair);
    match rest {
        0 => voice.say("say-hundred"),
        1..=9 => {
            voice.say("say-oh");
            voice.digit(rest);
        }
        _ => two(voice, rest),
    }
}

/// "Oh five", "thirty"; nothing on the hour.
fn minutes(voice: &mut Voice, time: Time) {
    match u64::from(time.minute()) {
        0 => {}
        minute @ 1..=9 => {
            voice.say("say-oh");
            voice.digit(minute);
        }
        minute => two(voice, minute),
    }
}

fn duration(voice: &mut Voice, seconds: u32) {
    let parts = parts(seconds);
    let last = parts.iter().rposition(|(count, _)| *count > 0);
    let Some(last) = last else { return counted(voice, 0, "say-second") };
    for (index, (count, unit)) in parts.into_iter().enumerate() {
        if count == 0 {
            continue;
        }
        if index == last && voice.begun() {
            voice.say("say-and");
        }
        counted(voice, count, unit);
    }
}
