//! Conferences: their numbers, and the numbers from outside that lead into them.

use call::{Pin, Target, Terms};
use serde::Deserialize;
use units::Digits;

use crate::{Config, Fault, Number};

/// A number under which several parties talk to each other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conference {
    /// What is dialled.
    pub number: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// What is asked of whoever enters; empty: nothing.
    #[serde(default)]
    pub pin: String,
    /// How many may be in it.
    #[serde(default = "all")]
    pub most: u16,
    /// Whether it is heard when somebody comes or goes.
    #[serde(default = "yes")]
    pub tones: bool,
}

/// [`limits::ROOM_PARTIES`], as a document may name it.
const MOST: u8 = 64;
const _: () = assert!(MOST as usize == limits::ROOM_PARTIES, "what the core takes");
/// Digits of a pin at most.
const PIN: usize = 12;

const fn all() -> u16 {
    MOST as u16
}

const fn yes() -> bool {
    true
}

impl Conference {
    /// Where it leads; it was checked.
    pub(crate) fn target(&self) -> Target {
        let digits = |text: &str| Digits::parse(text).unwrap_or_default();
        Target::Conference(Terms {
            number: digits(&self.number),
            pin: Pin(digits(&self.pin)),
            most: u8::try_from(self.most).unwrap_or(MOST),
            tones: self.tones,
        })
    }
}

impl Config {
    /// The conference with this number.
    #[must_use]
    pub fn conference(&self, number: &str) -> Option<&Conference> {
        self.conference.iter().find(|conference| conference.number == number)
    }

    pub(crate) fn check_conferences(&self, text: &str) -> Result<(), Fault> {
        for (index, conference) in self.conference.iter().enumerate() {
            let wrong = |field, what: &str, remedy| {
                Err(Fault::in_table(text, ("conference", index, field), what, remedy))
            };
            let number = &conference.number;
            if let Some(at) = self.trunk.iter().position(|t| number.starts_with(&t.prefix)) {
                let what = format!("`{number}` begins with the prefix of trunk[{}]", at + 1);
                return wrong("number", &what, "use a number that no way out begins like");
            }
            let digits = conference.pin.bytes().all(|octet| octet.is_ascii_digit());
            if !digits || conference.pin.len() > PIN {
                let what = "the pin is not 1 to 12 of the digits 0-9";
                return wrong("pin", what, "use digits that every telephone has, or leave it out");
            }
            let least = u16::try_from(limits::ROOM_PARTIES_MIN).unwrap_or(u16::MAX);
            if !(least..=u16::from(MOST)).contains(&conference.most) {
                let what = format!("{} is not how many may meet", conference.most);
                return wrong("most", &what, "use 3 to 64, or leave it out");
            }
        }
        let mut numbers = self.number.iter().enumerate();
        numbers.try_for_each(|(index, number)| self.check_number(text, index, number))
    }

    /// A number from outside leads to a flow or to a conference.
    fn check_number(&self, text: &str, index: usize, number: &Number) -> Result<(), Fault> {
        let wrong = |field, what: &str, remedy| {
            Err(Fault::in_table(text, ("number", index, field), what, remedy))
        };
        match (number.flow.is_empty(), number.conference.is_empty()) {
            (true, true) => {
                wrong("flow", "the number leads nowhere", "name a flow or a conference")
            }
            (false, false) => {
                let what = "the number has a flow and a conference";
                wrong("conference", what, "leave one of them out")
            }
            (true, false) if self.conference(&number.conference).is_none() => {
                let what = format!("there is no conference `{}`", number.conference);
                wrong("conference", &what, "name the number of a [[conference]]")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use call::{Origin, Route, Whole};

    use super::*;

    fn config(more: &str) -> (String, Result<Config, Fault>) {
        let text = format!(
            "[box]\nname = \"x\"\n[[extension]]\nnumber = \"801\"\ntelephone = 1\n\
             [[trunk]]\nprefix = \"0\"\nspan = 1\n{more}\n"
        );
        let config = Config::parse(&text);
        (text, config)
    }

    #[test]
    fn a_conference_is_reached_inside_and_from_outside_by_the_numbers_that_name_it() {
        let (text, config) = config(
            "[[conference]]\nnumber = \"880\"\nname = \"Monday\"\npin = \"1234\"\nmost = 12\n\
             tones = false\n[[conference]]\nnumber = \"881\"\n\
             [[number]]\ncalled = \"95580\"\nconference = \"880\"\n",
        );
        let config = config.expect("good");
        assert_eq!(config.conference("880").map(|one| one.name.as_str()), Some("Monday"));
        let table = crate::directory(&config, &text, |_| None).expect("no flows");
        let digits = |text: &str| Digits::parse(text).expect("digits");
        let terms = |called: &str, inside| match table.route(&digits(called), inside, Whole::Yes) {
            Route::Confer { terms, .. } => Some(terms),
            _ => None,
        };
        let (number, pin) = (digits("880"), Pin(digits("1234")));
        let wanted = Terms { number, pin, most: 12, tones: false };
        assert_eq!(terms("880", true), Some(wanted.clone()));
        assert_eq!(terms("95580", false), Some(wanted));
        assert_eq!((terms("880", false), terms("881", false)), (None, None));
        let usual = terms("881", true).expect("there");
        assert_eq!((usual.most, usual.tones, usual.pin), (64, true, Pin::default()));
        let outside = table.entries.iter().filter(|entry| entry.origin == Origin::Anybody);
        assert_eq!(outside.count(), 1);
    }

    #[test]
    fn what_a_conference_cannot_be_is_told_with_field_and_remedy() {
        let one = |fields: &str| format!("[[conference]]\nnumber = \"880\"\n{fields}");
        let number = |fields: &str| one(&format!("[[number]]\ncalled = \"95580\"\n{fields}"));
        for (text, field, remedy) in [
            ("[[conference]]\nnumber = \"801\"".into(), "conference[1].number", "once"),
            ("[[conference]]\nnumber = \"0\"".into(), "conference[1].number", "once"),
            ("[[conference]]\nnumber = \"0880\"".into(), "conference[1].number", "begins"),
            ("[[conference]]\nnumber = \"\"".into(), "conference[1].number", "digits"),
            (one("pin = \"12#\""), "conference[1].pin", "leave"),
            (one("pin = \"1234567890123\""), "conference[1].pin", "leave"),
            (one("most = 2"), "conference[1].most", "3 to 64"),
            (one("most = 65"), "conference[1].most", "3 to 64"),
            (number(""), "number[1].flow", "a conference"),
            (number("conference = \"999\""), "number[1].conference", "[[conference]]"),
            (number("flow = \"main\"\nconference = \"880\""), "number[1].conference", "leave"),
        ] {
            let fault = config(&text).1.expect_err(&text);
            assert_eq!(fault.field, field, "{text}: {fault}");
            assert!(fault.remedy.contains(remedy) && fault.line > 0, "{text}: {fault}");
        }
    }
}
