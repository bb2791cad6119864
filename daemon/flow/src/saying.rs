//! What is said in a flow: `{ digits = "caller" }`, `{ money = 1250, currency = "CNY" }`.

use std::collections::BTreeMap;

use ivr::{Manner, Saying, Source};
use say::{Currency, Date, Language, Time, What};
use units::Digits;

use crate::document::Scalar;

/// What may be said, and what stands beside it.
const KINDS: &[(&str, Option<&str>)] = &[
    ("digits", None),
    ("telephone", None),
    ("number", None),
    ("ordinal", None),
    ("money", Some("currency")),
    ("date", None),
    ("time", Some("hours")),
    ("duration", None),
];

/// What is wrong, and what to do.
type Wrong = (String, String);

/// The entries of one item as what they mean.
///
/// # Errors
/// What is wrong, and what to do.
pub(crate) fn saying(entries: &BTreeMap<String, Scalar>) -> Result<Saying, Wrong> {
    let kinds = || KINDS.iter().map(|(kind, _)| *kind).collect::<Vec<_>>().join(", ");
    let mut there = KINDS.iter().filter(|(kind, _)| entries.contains_key(*kind));
    let (Some((kind, beside)), None) = (there.next(), there.next()) else {
        let what = "what is said has one of these, and only one".into();
        return Err((what, format!("write one of: {}", kinds())));
    };
    let foreign = |key: &&String| key.as_str() != *kind && Some(key.as_str()) != *beside;
    if let Some(key) = entries.keys().find(foreign) {
        return Err((format!("`{kind}` has no `{key}` beside it"), "leave it out".into()));
    }
    let (value, beside) = (&entries[*kind], beside.and_then(|beside| entries.get(beside)));
    let saying = match *kind {
        "digits" => of_call(value, Manner::Digits)?,
        "telephone" => of_call(value, Manner::Telephone)?,
        "number" => of_call(value, Manner::Number)?,
        "ordinal" => of_call(value, Manner::Ordinal)?,
        "money" => money(value, beside)?,
        "date" => date(value)?,
        "time" => time(value, beside)?,
        _ => duration(value)?,
    };
    sayable(saying)
}

/// A constant that has no words is told now, not to the caller.
fn sayable(saying: Saying) -> Result<Saying, Wrong> {
    let Saying::Fixed(what) = &saying else { return Ok(saying) };
    if Language::ALL.into_iter().all(|language| say::say(what, language).is_ok()) {
        return Ok(saying);
    }
    let remedy = format!("numbers go to {}, ordinals from 1", say::LARGEST);
    Err(("there are no words for it".into(), remedy))
}

/// What the call knows, or a constant.
fn of_call(value: &Scalar, manner: Manner) -> Result<Saying, Wrong> {
    let text = match value {
        Scalar::Number(number) if manner == Manner::Number => {
            return Ok(Saying::Fixed(What::Number(*number)));
        }
        Scalar::Number(number) if manner == Manner::Ordinal => {
            return Ok(Saying::Fixed(What::Ordinal(*number)));
        }
        Scalar::Number(number) => number.to_string(),
        Scalar::Text(text) => match text.as_str() {
            "caller" => return Ok(Saying::Of(Source::Caller, manner)),
            "called" => return Ok(Saying::Of(Source::Called, manner)),
            "entered" => return Ok(Saying::Of(Source::Entered, manner)),
            _ => text.clone(),
        },
    };
    let digits = Digits::parse(&text).filter(|digits| !digits.is_empty());
    digits.map(|digits| Saying::Fixed(manner.what(&digits))).ok_or_else(|| {
        let remedy = "write \"caller\", \"called\", \"entered\" or digits";
        (format!("`{text}` is nothing that a call knows, and no number"), remedy.into())
    })
}

fn money(value: &Scalar, currency: Option<&Scalar>) -> Result<Saying, Wrong> {
    let Scalar::Number(minor) = value else {
        return Err(("money is a number".into(), "give minor units: 1250 is 12.50".into()));
    };
    let code = match currency {
        Some(Scalar::Text(code)) => code.as_str(),
        _ => "",
    };
    let currency = Currency::of(code).ok_or_else(|| {
        let known: Vec<_> = Currency::ALL.iter().map(|currency| currency.code()).collect();
        let what = format!("`{code}` is no currency that is known");
        (what, format!("write currency = one of {}", known.join(", ")))
    })?;
    Ok(Saying::Fixed(What::Money { minor: *minor, currency }))
}

fn date(value: &Scalar) -> Result<Saying, Wrong> {
    let wrong = || ("this is no day".into(), "write \"now\" or \"2026-11-23\"".into());
    let Scalar::Text(text) = value else { return Err(wrong()) };
    if text == "now" {
        return Ok(Saying::Today);
    }
    let mut parts = text.splitn(3, '-');
    let mut part = || parts.next()?.parse::<u16>().ok();
    let (year, month, day) = (part(), part(), part());
    let small = |part: Option<u16>| part.and_then(|part| u8::try_from(part).ok());
    let found = year.zip(small(month)).zip(small(day));
    let date = found.and_then(|((year, month), day)| Date::new(year, month, day));
    date.map(|date| Saying::Fixed(What::Date(date))).ok_or_else(wrong)
}

fn time(value: &Scalar, hours: Option<&Scalar>) -> Result<Saying, Wrong> {
    let day = match hours {
        None | Some(Scalar::Number(12)) => false,
        Some(Scalar::Number(24)) => true,
        Some(_) => return Err(("hours is 12 or 24".into(), "write 12 or 24".into())),
    };
    let wrong = || ("this is no time".into(), "write \"now\" or \"14:05\"".into());
    let Scalar::Text(text) = value else { return Err(wrong()) };
    if text == "now" {
        return Ok(if day { Saying::Now24 } else { Saying::Now12 });
    }
    let (hour, minute) = text.split_once(':').ok_or_else(wrong)?;
    let numbers = hour.parse().ok().zip(minute.parse().ok());
    let time = numbers.and_then(|(hour, minute)| Time::new(hour, minute)).ok_or_else(wrong)?;
    Ok(Saying::Fixed(if day { What::Time24(time) } else { What::Time12(time) }))
}

fn duration(value: &Scalar) -> Result<Saying, Wrong> {
    let seconds = match value {
        Scalar::Number(seconds) => u32::try_from(*seconds).ok(),
        Scalar::Text(_) => None,
    };
    let wrong = || ("this is no duration".into(), "give whole seconds, not below 0".into());
    seconds.map(|seconds| Saying::Fixed(What::Duration(seconds))).ok_or_else(wrong)
}
