//! Ways out: one line, or several that are tried in their order.

use std::fmt;

use call::{Lines, Target};
use serde::Deserializer;
use serde::de::{SeqAccess, Visitor};
use units::{Digits, LineId, SpanId};

use crate::{Config, Fault, Trunk};

/// Numbers on the case of exchange lines.
const LINES: std::ops::RangeInclusive<u16> = 1..=64;

struct OneOrMore;

impl<'de> Visitor<'de> for OneOrMore {
    type Value = Vec<u16>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number on the case, or several: [1, 2]")
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        // What is no number of a port is refused later, with its place.
        Ok(vec![u16::try_from(value).unwrap_or(u16::MAX)])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut all = vec![];
        while let Some(value) = seq.next_element::<i64>()? {
            all.push(u16::try_from(value).unwrap_or(u16::MAX));
        }
        Ok(all)
    }
}

/// `5` as well as `[5, 6]`.
pub(crate) fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u16>, D::Error> {
    from.deserialize_any(OneOrMore)
}

/// A field that is wrong: its name, what is wrong, what to do.
type Wrong = (&'static str, String, &'static str);

/// The first that stands there twice.
fn twice(all: &[u16]) -> Option<u16> {
    all.iter().enumerate().find(|(at, one)| all[..*at].contains(one)).map(|(_, one)| *one)
}

impl Trunk {
    fn wrong(&self) -> Result<(), Wrong> {
        if let Some(line) = self.line.iter().find(|line| !LINES.contains(line)) {
            let what = format!("{line} is no exchange line of a trunk");
            return Err(("line", what, "use the number on the case, 1 to 64"));
        }
        if !self.line.is_empty() && !self.span.is_empty() {
            let what = "a trunk has lines or spans, not both".to_owned();
            return Err(("line", what, "leave `line` or `span` out"));
        }
        let reaches = Digits::parse(&self.reaches).filter(|_| !self.line.is_empty());
        if !self.reaches.is_empty() && reaches.is_none() {
            let what = format!("`{}` cannot be reached", self.reaches);
            return Err(("reaches", what, "use digits, beside `line`"));
        }
        let spans = 1..=u16::try_from(limits::SPANS).unwrap_or(u16::MAX);
        let no_span = self.span.iter().find(|span| !spans.contains(span)).copied();
        if let Some(span) = no_span.or((self.line.is_empty() && self.span.is_empty()).then_some(0))
        {
            let what = format!("{span} is no span");
            return Err(("span", what, "use the number on the case, 1 to 16"));
        }
        for (field, all) in [("line", &self.line), ("span", &self.span)] {
            if all.len() > limits::TRUNK_LINES {
                let what = format!("{} are more than a trunk has", all.len());
                return Err((field, what, "name 16 at most"));
            }
            if let Some(one) = twice(all) {
                return Err((field, format!("{one} is named twice"), "name each once"));
            }
        }
        if usize::from(self.strip) > self.prefix.len() {
            let what = format!("{} digits are more than the prefix has", self.strip);
            return Err(("strip", what, "strip at most the prefix"));
        }
        if Digits::parse(&self.show).is_none() {
            let what = format!("`{}` is no number", self.show);
            return Err(("show", what, "use digits, or leave it out"));
        }
        Ok(())
    }

    /// Its lines, in the order in which they are tried; it was checked.
    pub(crate) fn lines(&self) -> Lines {
        let span = |span: &u16| u8::try_from(*span).ok().map(|span| LineId::of_span(SpanId(span)));
        let line = |line: &u16| LineId::of_analog(*line);
        self.span.iter().filter_map(span).chain(self.line.iter().map(line)).collect()
    }

    /// Where it leads; it was checked.
    pub(crate) fn target(&self) -> Target {
        let (strip, at_least) = (self.strip, self.at_least);
        let show = Digits::parse(&self.show).unwrap_or_default();
        let lines = self.lines();
        match lines[..] {
            [line] => Target::Trunk { line, strip, at_least, show },
            _ => Target::Trunks { lines, strip, at_least, show },
        }
    }
}

impl Config {
    pub(crate) fn check_trunks(&self, text: &str) -> Result<(), Fault> {
        for (index, trunk) in self.trunk.iter().enumerate() {
            if let Err((field, what, remedy)) = trunk.wrong() {
                return Err(Fault::in_table(text, ("trunk", index, field), &what, remedy));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(trunk: &str) -> (String, Result<Config, Fault>) {
        let text = format!("[box]\nname = \"x\"\n[[trunk]]\nprefix = \"0\"\n{trunk}\n");
        let config = Config::parse(&text);
        (text, config)
    }

    fn table(trunk: &str) -> call::Directory {
        let (text, config) = config(trunk);
        crate::directory(&config.expect("good"), &text, |_| None).expect("no flows")
    }

    #[test]
    fn several_lines_or_spans_are_tried_in_their_order() {
        for (trunk, wanted) in [
            ("line = [6, 5]", vec![LineId::of_analog(6), LineId::of_analog(5)]),
            ("span = [2, 1]", vec![LineId::of_span(SpanId(2)), LineId::of_span(SpanId(1))]),
        ] {
            let table = table(trunk);
            let [call::Entry { target: Target::Trunks { lines, .. }, .. }] = &table.entries[..]
            else {
                panic!("{table:?}")
            };
            assert_eq!(lines[..], wanted[..]);
        }
        let one = table("span = [3]");
        assert!(matches!(one.entries[0].target, Target::Trunk { line: LineId(3), .. }), "{one:?}");
    }

    #[test]
    fn each_line_of_a_trunk_reaches_its_number() {
        let table = table("line = [5, 6]\nreaches = \"801\"");
        for line in [5, 6] {
            assert_eq!(table.reached_by(LineId::of_analog(line)).to_string(), "801");
        }
    }

    #[test]
    fn what_lines_of_a_trunk_cannot_be_is_told_with_field_and_remedy() {
        for (trunk, field, remedy) in [
            ("line = [5, 65]", "trunk[1].line", "1 to 64"),
            ("line = -1", "trunk[1].line", "1 to 64"),
            ("line = [5, 5]", "trunk[1].line", "once"),
            ("line = [5]\nspan = [1]", "trunk[1].line", "leave"),
            ("line = []", "trunk[1].span", "1 to 16"),
            ("span = [1, 17]", "trunk[1].span", "1 to 16"),
            ("span = [1, 2, 1]", "trunk[1].span", "once"),
            (
                "line = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]",
                "trunk[1].line",
                "16 at most",
            ),
        ] {
            let fault = config(trunk).1.expect_err(trunk);
            assert_eq!(fault.field, field, "{trunk}: {fault}");
            assert!(fault.remedy.contains(remedy) && fault.line > 0, "{trunk}: {fault}");
        }
    }
}
