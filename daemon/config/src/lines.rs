//! How an analog line of an exchange behaves: when a call is answered, how it is dialled.

use std::collections::BTreeMap;

use serde::Deserialize;
use units::LineId;

use crate::fault::place;
use crate::spans::{Wrong, one_of};
use crate::{Config, Fault};

/// What counts as an answer, by name: the reversal of the line, or that the number was sent.
const ANSWERS: [(&str, bool); 2] = [("sent", false), ("reversal", true)];
/// How a number is sent, by name.
const DIALS: [(&str, bool); 2] = [("tone", false), ("pulse", true)];
/// Analog ports of a box.
const PORTS: std::ops::RangeInclusive<u16> = 1..=64;

/// An exchange line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeLine {
    /// Its number on the case.
    pub line: u16,
    /// When a call that goes out counts as answered: `sent` or `reversal`.
    pub answer: Option<String>,
    /// How its number is sent: `tone` or `pulse`.
    pub dial: Option<String>,
    /// Nothing is dialled before dial tone.
    #[serde(default)]
    pub wait_dial_tone: bool,
}

impl ExchangeLine {
    /// What is decided of the line.
    fn decided(&self) -> Result<bearer::ExchangeLine, Wrong> {
        if !PORTS.contains(&self.line) {
            let what = format!("{} is no exchange line", self.line);
            return Err(("line", what, "use the number on the case, 1 to 64".to_owned()));
        }
        Ok(bearer::ExchangeLine {
            reversal: one_of("answer", &ANSWERS, self.answer.as_ref())?.unwrap_or_default(),
            pulses: one_of("dial", &DIALS, self.dial.as_ref())?.unwrap_or_default(),
            dial_tone: self.wait_dial_tone,
        })
    }
}

impl Config {
    pub(crate) fn check_lines(&self, text: &str) -> Result<(), Fault> {
        let mut seen = BTreeMap::new();
        for (index, line) in self.line.iter().enumerate() {
            if let Err((field, what, remedy)) = line.decided() {
                return Err(Fault::in_table(text, ("line", index, field), &what, &remedy));
            }
            let own = ("line", index, "line");
            if let Some(first) = seen.insert(line.line, place("line", index, "line")) {
                let what = format!("line {} is described by {first} already", line.line);
                return Err(Fault::in_table(text, own, &what, "describe each line once"));
            }
            if self.extension.iter().any(|extension| extension.telephone == Some(line.line)) {
                let what = format!("a telephone is at port {}", line.line);
                let remedy = "name a port that an exchange line is at";
                return Err(Fault::in_table(text, own, &what, remedy));
            }
        }
        Ok(())
    }

    /// What is decided of the exchange lines that the document names; it was checked.
    pub(crate) fn lines(&self) -> Vec<(LineId, bearer::ExchangeLine)> {
        let decided =
            |line: &ExchangeLine| Some((LineId::of_analog(line.line), line.decided().ok()?));
        self.line.iter().filter_map(decided).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str =
        "[box]\nname = \"x\"\n[[extension]]\nnumber = \"801\"\ntelephone = 1\n[[line]]\n";

    fn config(line: &str) -> Result<Config, Fault> {
        Config::parse(&format!("{REST}{line}"))
    }

    #[test]
    fn a_line_that_is_only_named_is_as_usual() {
        let usual = (LineId::of_analog(5), bearer::ExchangeLine::default());
        assert_eq!(config("line = 5\n").expect("good").lines(), [usual]);
    }

    #[test]
    fn every_setting_of_an_exchange_line_reaches_it() {
        let text = "line = 5\nanswer = \"reversal\"\ndial = \"pulse\"\nwait_dial_tone = true\n\
                    [[line]]\nline = 6\nanswer = \"sent\"\ndial = \"tone\"\n";
        let all = bearer::ExchangeLine { reversal: true, pulses: true, dial_tone: true };
        let usual = bearer::ExchangeLine::default();
        let config = config(text).expect("good");
        assert_eq!(config.lines(), [(LineId::of_analog(5), all), (LineId::of_analog(6), usual)]);
        let table = crate::directory(&config, text, |_| None).expect("no flows");
        assert_eq!(table.exchange_line(LineId::of_analog(5)), all);
        assert_eq!(table.exchange_line(LineId::of_analog(7)), usual);
    }

    #[test]
    fn what_an_exchange_line_cannot_be_is_told_with_field_and_remedy() {
        for (text, line, field, remedy) in [
            ("line = 0", 7, "line[1].line", "1 to 64"),
            ("line = 65", 7, "line[1].line", "1 to 64"),
            ("line = 1", 7, "line[1].line", "an exchange line is at"),
            ("line = 5\nanswer = \"busy\"", 8, "line[1].answer", "\"reversal\""),
            ("line = 5\ndial = \"morse\"", 8, "line[1].dial", "\"pulse\""),
            ("line = 5\n[[line]]\nline = 5", 9, "line[2].line", "once"),
        ] {
            let fault = config(text).expect_err(text);
            assert_eq!((fault.line, fault.field.as_str()), (line, field), "{text}");
            assert!(fault.remedy.contains(remedy), "{text}: {}", fault.remedy);
        }
    }
}
