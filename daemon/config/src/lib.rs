//! The configuration of a box: one typed TOML document.
//!
//! ```text
//!  text ── parse ──► Config ── check ──► Config that can be put in force
//!             │                   │
//!             └──── Fault: line, field, what is wrong, what to do
//! ```
//!
//! Every field is described once, in [`FIELDS`]; the reference in the documentation and the help of
//! the console are made from it.

mod conferences;
mod directory;
mod fault;
mod fields;
mod jacks;
mod lines;
mod recordings;
mod spans;
#[cfg(test)]
mod tests;
mod trunks;
mod zone;

use serde::Deserialize;
use units::Digits;

pub use conferences::Conference;
pub use directory::directory;
use fault::place;
pub use fault::{Fault, locate};
pub use fields::{FIELDS, Field, reference};
pub use jacks::check_jacks;
pub use lines::ExchangeLine;
pub use recordings::{Format, Keys, Recordings};
pub use spans::Span;

/// The language that people are spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// The whole document.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// This box.
    #[serde(rename = "box")]
    pub this_box: ThisBox,
    /// How calls are recorded, and how long recordings are kept.
    #[serde(default)]
    pub recordings: Recordings,
    /// Numbers that callers from outside reach.
    #[serde(default)]
    pub number: Vec<Number>,
    /// Telephones and audio jacks.
    #[serde(default)]
    pub extension: Vec<Extension>,
    /// Ways out.
    #[serde(default)]
    pub trunk: Vec<Trunk>,
    /// Numbers under which several talk to each other.
    #[serde(default)]
    pub conference: Vec<Conference>,
    /// Spans that are not as the Recommendations have them.
    #[serde(default)]
    pub span: Vec<Span>,
    /// Exchange lines that are not as usual.
    #[serde(default)]
    pub line: Vec<ExchangeLine>,
}

/// This box.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThisBox {
    /// What people call it.
    pub name: String,
    /// The language of the console and of alarms.
    #[serde(default)]
    pub language: Language,
    /// The time zone, as the tz database names it, by which flows tell day and time.
    #[serde(default = "utc")]
    pub zone: String,
    /// What callers hear who wait with music: sounds that people brought, by name.
    #[serde(default)]
    pub music: Vec<String>,
}

fn utc() -> String {
    "UTC".into()
}

/// A number that callers from outside reach.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Number {
    /// As the exchange delivers it.
    pub called: String,
    /// The flow that answers ...
    #[serde(default)]
    pub flow: String,
    /// ... or the conference that it leads into, by its number.
    #[serde(default)]
    pub conference: String,
    /// Whether its calls are recorded.
    #[serde(default)]
    pub record: bool,
    /// Whether keys of its callers are heard by nobody else.
    #[serde(default)]
    pub mute_keys: bool,
}

/// A telephone or an audio jack.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// Its number.
    pub number: String,
    /// The telephone port on the case.
    pub telephone: Option<u16>,
    /// The jack: what is printed beside it, or `audio N`.
    pub jack: Option<String>,
    /// The number that the jack's button calls.
    #[serde(default)]
    pub calls: String,
    /// The number that the telephone calls by itself when it is lifted ...
    #[serde(default)]
    pub hotline: String,
    /// ... and after how many seconds without a digit.
    #[serde(default)]
    pub hotline_after: u8,
    /// The telephone's line is reversed while somebody whom it called has answered; without, as in
    /// its country.
    pub reversal: Option<bool>,
    /// Whether its calls are recorded.
    #[serde(default)]
    pub record: bool,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trunk {
    /// What is dialled first.
    pub prefix: String,
    /// Through which span, or spans in the order in which they are tried ...
    #[serde(default, deserialize_with = "trunks::one_or_more")]
    pub span: Vec<u16>,
    /// ... or which exchange lines, by the numbers on the case.
    #[serde(default, deserialize_with = "trunks::one_or_more")]
    pub line: Vec<u16>,
    /// The number that calls reach which come in on the exchange lines.
    #[serde(default)]
    pub reaches: String,
    /// How many of the first digits are not sent.
    #[serde(default)]
    pub strip: u8,
    /// How many digits a number has at least, the prefix included.
    #[serde(default = "three")]
    pub at_least: u8,
    /// Whether callers from outside may use it.
    #[serde(default)]
    pub open: bool,
    /// The number shown to those called.
    #[serde(default)]
    pub show: String,
    /// Whether calls over its lines are recorded, both ways.
    #[serde(default)]
    pub record: bool,
    /// Whether keys of those who are outside are heard by nobody else.
    #[serde(default)]
    pub mute_keys: bool,
}

const fn three() -> u8 {
    3
}

impl Config {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// The first [`Fault`]: line, field, what is wrong and what to do.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let config: Self = toml::from_str(text).map_err(|fault| Fault::of_toml(text, &fault))?;
        config.check(text)?;
        Ok(config)
    }

    fn check(&self, text: &str) -> Result<(), Fault> {
        if zone::offsets(&self.this_box.zone).is_none() {
            let line = text.lines().position(|line| line.trim_start().starts_with("zone"));
            let what = format!("there is no time zone `{}`", self.this_box.zone);
            let remedy = "use a name of the tz database, such as Asia/Shanghai";
            return Err(Fault::new(line.map_or(0, |line| line + 1), "box.zone", &what, remedy));
        }
        let mut seen = std::collections::BTreeMap::new();
        let numbers =
            self.number.iter().enumerate().map(|(i, n)| ("number", i, "called", &n.called));
        let extensions =
            self.extension.iter().enumerate().map(|(i, e)| ("extension", i, "number", &e.number));
        let trunks = self.trunk.iter().enumerate().map(|(i, t)| ("trunk", i, "prefix", &t.prefix));
        let conferences = self.conference.iter().enumerate();
        let conferences = conferences.map(|(i, c)| ("conference", i, "number", &c.number));
        let all = numbers.chain(extensions).chain(trunks).chain(conferences);
        for (table, index, field, value) in all {
            let own = (table, index, field);
            if value.is_empty() || Digits::parse(value).is_none() {
                let what = format!("`{value}` is not 1 to 32 digits");
                return Err(Fault::in_table(text, own, &what, "use the digits 0-9, * and #"));
            }
            if let Some(first) = seen.insert(value.clone(), place(table, index, field)) {
                let what = format!("`{value}` is used by {first} already");
                return Err(Fault::in_table(text, own, &what, "give each number once"));
            }
        }
        self.check_recordings(text)?;
        self.check_ports(text)?;
        self.check_trunks(text)?;
        self.check_conferences(text)?;
        self.check_spans(text)?;
        self.check_lines(text)?;
        self.check_extensions(text)
    }

    fn check_ports(&self, text: &str) -> Result<(), Fault> {
        let mut ports = std::collections::BTreeSet::new();
        for (index, extension) in self.extension.iter().enumerate() {
            let own = ("extension", index, "telephone");
            let Some(port) = extension.telephone else { continue };
            if port == 0 || port > 64 {
                let what = format!("{port} is no telephone port");
                return Err(Fault::in_table(
                    text,
                    own,
                    &what,
                    "use the number on the case, from 1",
                ));
            }
            if !ports.insert(port) {
                let what = format!("telephone {port} has an extension already");
                return Err(Fault::in_table(text, own, &what, "give each telephone one extension"));
            }
        }
        Ok(())
    }
}
