//! Mandarin.

use crate::calendar::Time;
use crate::words::{Voice, WEEKDAYS, parts, sayable};
use crate::{Currency, Fault, LARGEST, What, Word};

const YAO: Word = "say-yao";
const LIANG: Word = "say-liang";
const WAN: Word = "say-wan";
const YI: Word = "say-yi";

/// The words that only Mandarin has.
pub(crate) const WORDS: &[&[Word]] = &[&[
    YAO,
    LIANG,
    WAN,
    YI,
    "say-ordinal",
    "say-yuan",
    "say-jiao",
    "say-fen",
    "say-us-dollar",
    "say-us-cent",
    "say-euro",
    "say-euro-cent",
    "say-pound",
    "say-penny",
    "say-hk-dollar",
    "say-yen",
    "say-year",
    "say-month",
    "say-date",
    "say-o-clock",
    "say-exactly",
    "say-minute-of-hour",
]];

pub(crate) fn say(voice: &mut Voice, what: &What) -> Result<(), Fault> {
    match what {
        What::Digits(digits) => voice.digits(digits, "say-1"),
        What::Telephone(digits) => voice.digits(digits, YAO),
        What::Number(number) => {
            sayable(*number, -LARGEST)?;
            let size = voice.sign(*number);
            cardinal(voice, size);
        }
        What::Ordinal(number) => {
            sayable(*number, 1)?;
            voice.say("say-ordinal");
            let size = number.unsigned_abs();
            // 第十, as at the head of a number.
            whole(voice, size, false);
        }
        What::Money { minor, currency } => {
            sayable(minor / i64::try_from(currency.minor()).unwrap_or(1), -LARGEST)?;
            let size = voice.sign(*minor);
            money(voice, size, *currency);
        }
        What::Date(date) => {
            let year = u64::from(date.year());
            for place in [1000, 100, 10, 1] {
                voice.digit(year / place % 10);
            }
            voice.say("say-year");
            cardinal(voice, date.month().into());
            voice.say("say-month");
            cardinal(voice, date.day().into());
            voice.say("say-date");
            voice.of(WEEKDAYS, date.weekday().into());
        }
        What::Time12(time) => {
            voice.say(if time.hour() < 12 { "say-am" } else { "say-pm" });
            let hour = if time.hour() > 12 { time.hour() - 12 } else { time.hour() };
            clock(voice, hour, *time);
        }
        What::Time24(time) => clock(voice, time.hour(), *time),
        What::Duration(seconds) => {
            for (count, unit) in parts(*seconds).into_iter().filter(|(count, _)| *count > 0) {
                counted(voice, count, unit);
            }
            if *seconds == 0 {
                counted(voice, 0, "say-second");
            }
        }
    }
    Ok(())
}

/// 0 to 999 999 999 999.
fn cardinal(voice: &mut Voice, number: u64) {
    whole(voice, number, false);
}

/// So many of something: 两 if it is two.
fn counted(voice: &mut Voice, number: u64, unit: Word) {
    if number == 2 {
        voice.say(LIANG);
    } else {
        cardinal(voice, number);
    }
    voice.say(unit);
}

/// Groups of four digits: 亿, 万, the rest. `said`: something stands before it.
fn whole(voice: &mut Voice, number: u64, mut said: bool) {
    if number == 0 {
        return voice.digit(0);
    }
    let groups = [(100_000_000, Some(YI)), (10_000, Some(WAN)), (1, None)];
    // A gap: places that are zero between what was said and what comes.
    let mut gap = false;
    for (size, unit) in groups {
        let group = number / size % 10_000;
        if group == 0 {
            gap = true;
            continue;
        }
        if said && (gap || group < 1000) {
            voice.digit(0);
        }
        match unit {
            Some(_) if group == 2 => voice.say(LIANG),
            _ => four(voice, group, said),
        }
        if let Some(unit) = unit {
            voice.say(unit);
        }
        (said, gap) = (true, false);
    }
}

/// 1 to 9999. `said`: something stands before it, so that 10 is 一十.
fn four(voice: &mut Voice, group: u64, said: bool) {
    let places = [(1000, "say-thousand"), (100, "say-hundred"), (10, "say-10")];
    let (mut begun, mut gap) = (false, false);
    for (size, unit) in places {
        let digit = group / size % 10;
        if digit == 0 {
            gap = begun;
            continue;
        }
        if gap {
            voice.digit(0);
        }
        match digit {
            2 if size == 1000 => voice.say(LIANG),
            1 if size == 10 && !begun && !said => {}
            _ => voice.digit(digit),
        }
        voice.say(unit);
        (begun, gap) = (true, false);
    }
    let last = group % 10;
    if last > 0 {
        if gap {
            voice.digit(0);
        }
        voice.digit(last);
    }
}

/// The major unit and the minor one.
fn units(currency: Currency) -> (Word, Word) {
    match currency {
        Currency::Cny => ("say-yuan", "say-fen"),
        Currency::Usd => ("say-us-dollar", "say-us-cent"),
        Currency::Eur => ("say-euro", "say-euro-cent"),
        Currency::Gbp => ("say-pound", "say-penny"),
        Currency::Hkd => ("say-hk-dollar", "say-fen"),
        Currency::Jpy => ("say-yen", "say-fen"),
    }
}

fn money(voice: &mut Voice, minor: u64, currency: Currency) {
    let (one, cent) = units(currency);
    let (whole, rest) = (minor / currency.minor(), minor % currency.minor());
    if whole > 0 || rest == 0 {
        counted(voice, whole, one);
    }
    if rest == 0 {
        return;
    }
    if !matches!(currency, Currency::Cny | Currency::Hkd) {
        return counted(voice, rest, cent);
    }
    let (tenths, hundredths) = (rest / 10, rest % 10);
    if tenths > 0 {
        counted(voice, tenths, "say-jiao");
    } else if whole > 0 {
        voice.digit(0);
    }
    if hundredths > 0 {
        counted(voice, hundredths, "say-fen");
    }
}

fn clock(voice: &mut Voice, hour: u8, time: Time) {
    counted(voice, hour.into(), "say-o-clock");
    match time.minute() {
        0 => voice.say("say-exactly"),
        minute => {
            if minute < 10 {
                voice.digit(0);
            }
            cardinal(voice, minute.into());
            voice.say("say-minute-of-hour");
        }
    }
}
