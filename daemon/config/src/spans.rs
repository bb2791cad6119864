//! How a span with a D channel behaves: its side, channels, numbers and timers.

use std::collections::BTreeMap;

use bearer::{Access, Hunt, NumberKind, Side, Switch, TIMERS};
use serde::Deserialize;
use units::{LineId, Slots, SpanId, Timeslot};

use crate::fault::place;
use crate::{Config, Fault};

/// The sides by their names in the document.
const SIDES: [(&str, Side); 2] = [("user", Side::User), ("network", Side::Network)];
/// Which channel is taken first, by name.
const HUNTS: [(&str, Hunt); 2] = [("up", Hunt::Up), ("down", Hunt::Down)];
/// What the numbers sent are, by name.
const NUMBERS: [(&str, NumberKind); 4] = [
    ("unknown", NumberKind::Unknown),
    ("international", NumberKind::International),
    ("national", NumberKind::National),
    ("subscriber", NumberKind::Subscriber),
];
/// Whose the callers of a span are, by name: of the house, or not.
const CALLERS: [(&str, bool); 2] = [("outside", false), ("inside", true)];
/// What kinds of exchange there are, by name.
const SWITCHES: [(&str, Switch); 2] = [("etsi", Switch::Etsi), ("qsig", Switch::Qsig)];
/// How long a timer may be set to run, in seconds.
const SECONDS: std::ops::RangeInclusive<f64> = 0.2..=600.0;

/// A span with a D channel.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Its number on the case.
    pub number: u8,
    /// `user`, or `network` for a private exchange at the far end.
    pub side: Option<String>,
    /// The channels that carry calls: `1-15, 17-31`.
    pub channels: Option<String>,
    /// Which free channel a call that goes out takes first: `up` or `down`.
    pub hunt: Option<String>,
    /// What the numbers sent are said to be.
    pub numbers: Option<String>,
    /// Whose its callers are: `outside`, or `inside` for a private exchange behind the box.
    pub callers: Option<String>,
    /// Numbers come in digit by digit.
    #[serde(default)]
    pub overlap: bool,
    /// What kind of exchange the far end is: `etsi` or `qsig`.
    pub switch: Option<String>,
    /// The exchange sends callers elsewhere who lead out again.
    #[serde(default)]
    pub deflect: bool,
    /// The exchange joins two calls of the span that talk to each other.
    #[serde(default)]
    pub transfer: bool,
    /// Timers in seconds, by their names: `t309 = 90`.
    #[serde(default)]
    pub timers: BTreeMap<String, f64>,
}

/// A field that is wrong: its name, what is wrong, what to do.
pub(crate) type Wrong = (&'static str, String, String);

pub(crate) fn one_of<T: Copy>(
    field: &'static str,
    names: &[(&str, T)],
    value: Option<&String>,
) -> Result<Option<T>, Wrong> {
    let Some(value) = value else { return Ok(None) };
    match names.iter().find(|(name, _)| name == value) {
        Some((_, meant)) => Ok(Some(*meant)),
        None => {
            let all: Vec<_> = names.iter().map(|(name, _)| format!("\"{name}\"")).collect();
            Err((field, format!("`{value}` is not known"), format!("use {}", all.join(" or "))))
        }
    }
}

fn slots(text: &str) -> Result<Slots, Wrong> {
    let wrong = |part: &str| {
        let what = format!("`{}` is no time slot or range of them", part.trim());
        ("channels", what, "write slots from 1 to 31, as in \"1-15, 17-31\"".to_owned())
    };
    let slot = |text: &str| text.trim().parse().ok().and_then(Timeslot::new);
    let mut all = Slots::default();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Some(first), Some(last)) = (slot(first), slot(last)) else { return Err(wrong(part)) };
        if first > last {
            return Err(wrong(part));
        }
        for slot in Timeslot::all().filter(|slot| (first..=last).contains(slot)) {
            all.insert(slot);
        }
    }
    Ok(all)
}

fn timer(name: &str, seconds: f64) -> Result<(u16, u32), Wrong> {
    let number = name.strip_prefix('t').and_then(|number| number.parse().ok());
    let Some(number) = number.filter(|number| TIMERS.contains(number)) else {
        let all: Vec<_> = TIMERS.iter().map(|number| format!("t{number}")).collect();
        return Err((
            "timers",
            format!("there is no timer `{name}`"),
            format!("use {}", all.join(", ")),
        ));
    };
    if !SECONDS.contains(&seconds) {
        let what = format!("{name} cannot run {seconds} s");
        return Err(("timers", what, "use 0.2 to 600 seconds".to_owned()));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the range was checked"
    )]
    Ok((number, (seconds * 1000.0).round() as u32))
}

impl Span {
    /// What is decided of the span.
    fn access(&self) -> Result<Access, Wrong> {
        if self.number == 0 || usize::from(self.number) > limits::SPANS {
            let what = format!("{} is no span", self.number);
            return Err((
                "number",
                what,
                format!("use the number on the case, 1 to {}", limits::SPANS),
            ));
        }
        let usual = Access::default();
        let mut access = Access {
            side: one_of("side", &SIDES, self.side.as_ref())?.unwrap_or(usual.side),
            channels: self.channels.as_deref().map(slots).transpose()?.unwrap_or(usual.channels),
            hunt: one_of("hunt", &HUNTS, self.hunt.as_ref())?,
            numbers: one_of("numbers", &NUMBERS, self.numbers.as_ref())?.unwrap_or(usual.numbers),
            inside: one_of("callers", &CALLERS, self.callers.as_ref())?.unwrap_or(usual.inside),
            overlap: self.overlap,
            switch: one_of("switch", &SWITCHES, self.switch.as_ref())?.unwrap_or(usual.switch),
            deflect: self.deflect,
            transfer: self.transfer,
            ..usual
        };
        for (name, seconds) in &self.timers {
            // There are as many places as timers.
            let _ = access.timers.push(timer(name, *seconds)?);
        }
        Ok(access)
    }
}

impl Config {
    pub(crate) fn check_spans(&self, text: &str) -> Result<(), Fault> {
        let mut seen = BTreeMap::new();
        for (index, span) in self.span.iter().enumerate() {
            if let Err((field, what, remedy)) = span.access() {
                return Err(Fault::in_table(text, ("span", index, field), &what, &remedy));
            }
            let own = ("span", index, "number");
            if let Some(first) = seen.insert(span.number, place("span", index, "number")) {
                let what = format!("span {} is described by {first} already", span.number);
                return Err(Fault::in_table(text, own, &what, "describe each span once"));
            }
        }
        Ok(())
    }

    /// What is decided of the spans that the document names; it was checked.
    pub(crate) fn accesses(&self) -> Vec<(LineId, Access)> {
        let decided =
            |span: &Span| Some((LineId::of_span(SpanId(span.number)), span.access().ok()?));
        self.span.iter().filter_map(decided).collect()
    }

    /// The spans whose calls end when the documents change from `before` to this: their side of the
    /// interface changes.
    #[must_use]
    pub fn interrupts(&self, before: &Self) -> Vec<SpanId> {
        let side = |config: &Self, span: SpanId| {
            let line = LineId::of_span(span);
            let decided = config.accesses().into_iter().find(|(of, _)| *of == line);
            decided.map_or_else(Side::default, |(_, access)| access.side)
        };
        let mut named: Vec<_> =
            self.span.iter().chain(&before.span).map(|span| SpanId(span.number)).collect();
        named.sort_unstable();
        named.dedup();
        named.retain(|span| side(self, *span) != side(before, *span));
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "[box]\nname = \"x\"\n";

    fn config(span: &str) -> Result<Config, Fault> {
        Config::parse(&format!("{REST}[[span]]\nnumber = 2\n{span}"))
    }

    fn access(span: &str) -> Access {
        let [(line, access)] = &config(span).expect("good").accesses()[..] else { panic!("one") };
        assert_eq!(*line, LineId::of_span(SpanId(2)));
        access.clone()
    }

    #[test]
    fn a_span_that_is_only_named_is_as_the_recommendation_has_it() {
        assert_eq!(access(""), Access::default());
    }

    #[test]
    fn every_setting_of_a_span_reaches_its_line() {
        let text = "side = \"network\"\nchannels = \"1-3, 31\"\nhunt = \"down\"\n\
                    numbers = \"national\"\ncallers = \"inside\"\noverlap = true\n\
                    switch = \"qsig\"\ndeflect = true\ntransfer = true\n\
                    timers = { t309 = 6, t200 = 1.5 }\n";
        let access = access(text);
        let slots: Vec<_> = access.channels.iter().map(Timeslot::get).collect();
        assert_eq!((access.side, slots), (Side::Network, vec![1, 2, 3, 31]));
        assert_eq!((access.hunt, access.numbers), (Some(Hunt::Down), NumberKind::National));
        assert!(access.inside && access.overlap && access.deflect && access.transfer);
        assert_eq!(access.switch, Switch::Qsig);
        let timer = |number| access.timer(number).map(|time| time.as_millis());
        assert_eq!([200, 309, 303].map(timer), [Some(1500), Some(6000), None]);
    }

    #[test]
    fn what_a_span_cannot_be_is_told_with_field_and_remedy() {
        for (text, field, remedy) in [
            ("side = \"exchange\"", "side", "\"network\""),
            ("channels = \"1-32\"", "channels", "1 to 31"),
            ("channels = \"9-3\"", "channels", "1 to 31"),
            ("channels = \"\"", "channels", "1 to 31"),
            ("hunt = \"left\"", "hunt", "\"up\""),
            ("numbers = \"long\"", "numbers", "subscriber"),
            ("callers = \"all\"", "callers", "\"inside\""),
            ("switch = \"5ess\"", "switch", "\"qsig\""),
            ("timers = { t999 = 1 }", "timers", "t309"),
            ("timers = { t309 = 0 }", "timers", "600"),
        ] {
            let fault = config(text).expect_err(text);
            assert_eq!((fault.line, fault.field), (5, format!("span[1].{field}")), "{text}");
            assert!(fault.remedy.contains(remedy), "{text}: {}", fault.remedy);
        }
        let fault = config("[[span]]\nnumber = 2\n").expect_err("twice");
        assert_eq!((fault.line, fault.field.as_str()), (6, "span[2].number"));
        assert!(Config::parse(&format!("{REST}[[span]]\nnumber = 17\n")).is_err());
    }

    #[test]
    fn only_another_side_interrupts_calls() {
        let usual = Config::parse(REST).expect("good");
        let network = config("side = \"network\"").expect("good");
        let named =
            config("side = \"user\"\nchannels = \"1\"\ntimers = { t309 = 6 }").expect("good");
        assert_eq!(named.interrupts(&usual), []);
        assert_eq!(network.interrupts(&named), [SpanId(2)]);
        assert_eq!(usual.interrupts(&network), [SpanId(2)]);
    }
}
