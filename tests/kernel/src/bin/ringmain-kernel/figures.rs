//! What the tests have measured, and the one line that tells it at the end of all.

use std::collections::BTreeMap;

/// Figures by test, part of it and name: `suite`, `card-cost`, `syscalls_per_tick`.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    found: BTreeMap<(String, String, String), String>,
    verdicts: Vec<(String, bool)>,
}

impl Figures {
    /// Takes what is in a line `RESULT part ok name=figure name=figure`.
    pub(crate) fn line(&mut self, test: &str, line: &str) {
        let Some((part, rest)) = line.strip_prefix("RESULT ").and_then(|rest| rest.split_once(' '))
        else {
            return;
        };
        for (name, figure) in rest.split_whitespace().filter_map(|word| word.split_once('=')) {
            let key = (test.to_owned(), part.to_owned(), name.to_owned());
            self.found.insert(key, figure.to_owned());
        }
    }

    /// Takes what became of a test.
    pub(crate) fn verdict(&mut self, test: &str, good: bool) {
        self.verdicts.push((test.to_owned(), good));
    }

    fn of(&self, test: &str, part: &str, name: &str) -> &str {
        let key = (test.to_owned(), part.to_owned(), name.to_owned());
        self.found.get(&key).map_or("?", String::as_str)
    }

    /// Whether all tests that are meant passed, and there are some.
    fn all(&self, meant: impl Fn(&str) -> bool) -> &str {
        let mut own = self.verdicts.iter().filter(|(test, _)| meant(test)).peekable();
        match (own.peek().is_some(), own.all(|(_, good)| *good)) {
            (false, _) => "?",
            (true, true) => "ok",
            (true, false) => "FAILED",
        }
    }

    /// The last line of all tests; a figure that nobody told is a question mark.
    pub(crate) fn last_line(&self, minutes: f32) -> String {
        format!(
            "kernel: calls={} bad_octets={} dahdi_syscalls_per_tick={} ticks_late={} arm64={} \
             raspi={} tdmoe={} minutes={minutes:.1}",
            self.of("calls", "calls", "calls"),
            self.of("calls", "calls", "bad_octets"),
            self.of("suite", "card-cost", "syscalls_per_tick"),
            self.of("calls", "calls", "ticks_late"),
            self.all(|test| test.ends_with("-arm64")),
            self.all(|test| matches!(test, "pi" | "rppal")),
            self.all(|test| test == "tdmoe"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_is_made_of_what_the_tests_told() {
        let mut figures = Figures::default();
        figures.line("calls", "RESULT calls ok calls=106 bad_octets=0 ticks_late=2");
        figures.line("suite", "RESULT card-cost ok syscalls_per_tick=5.2");
        for (test, good) in [("a-arm64", true), ("b-arm64", false), ("pi", true), ("tdmoe", true)] {
            figures.verdict(test, good);
        }
        assert_eq!(
            figures.last_line(1.26),
            "kernel: calls=106 bad_octets=0 dahdi_syscalls_per_tick=5.2 ticks_late=2 \
             arm64=FAILED raspi=ok tdmoe=ok minutes=1.3"
        );
    }

    #[test]
    fn what_nobody_told_is_a_question_mark() {
        let mut figures = Figures::default();
        figures.line("calls-short", "RESULT calls ok calls=16");
        figures.line("calls", "calls=3");
        assert!(figures.last_line(0.0).starts_with("kernel: calls=? bad_octets=? "));
    }
}
