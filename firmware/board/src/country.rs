//! What a country does differently on lines. Each value names its source; a country file holds
//! overrides only, what it does not say is the default here.

use std::collections::BTreeMap;

use serde::Deserialize;
use units::Law;

use crate::level::{self, LevelEntry};
use crate::tone::{self, Told, ToneEntry};

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Recommendation and clause, or national standard.
    pub source: String,
}

impl<T> Sourced<T> {
    fn new(value: T, source: &str) -> Self {
        Self { value, source: source.into() }
    }
}

/// A country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Country {
    /// Law of the samples on its lines.
    pub law: Sourced<Law>,
    /// Ringing of telephones: milliseconds on, off, on, off, ...
    pub ringing_ms: Sourced<Vec<u16>>,
    /// The same for calls of the house; `None`: as for all.
    pub ringing_inside_ms: Option<Sourced<Vec<u16>>>,
    /// The same for calls from outside; `None`: as for all.
    pub ringing_outside_ms: Option<Sourced<Vec<u16>>>,
    /// Milliseconds for which the loop may be open to count as a flash: least and most.
    pub flash_ms: Sourced<[u16; 2]>,
    /// How telephones are told who calls.
    pub caller_id: CallerEntry,
    /// The feeding of a telephone is reversed while somebody whom it called has answered.
    pub reversal: Sourced<bool>,
    /// Tones that the box sends and hears, by name.
    pub tones: BTreeMap<String, ToneEntry>,
    /// Relative levels of its national transmission plan, by what they are of: `telephone`,
    /// `trunk`.
    pub levels: BTreeMap<String, LevelEntry>,
}

/// How who calls is sent to a telephone on hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CallerId {
    /// Not at all.
    None,
    /// In FSK of Bell 202.
    Bell202,
    /// In FSK of V.23.
    V23,
    /// In digits, before the first ring.
    Dtmf,
}

impl CallerId {
    /// Whether it is a message in FSK.
    #[must_use]
    pub const fn is_fsk(self) -> bool {
        matches!(self, Self::Bell202 | Self::V23)
    }
}

/// How telephones are told who calls, all of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallerEntry {
    /// In what form.
    pub value: CallerId,
    /// A message comes before the first ring; else in the first long pause. Digits always do.
    #[serde(default)]
    pub before_ring: bool,
    /// The line is reversed before what comes before the first ring, until the ring.
    #[serde(default)]
    pub reversal: bool,
    /// The alerting signal of two tones goes before a message before the first ring.
    #[serde(default)]
    pub alert: bool,
    /// What the digits begin with, `A` or `D`, and end with, `C` or `#`.
    #[serde(default = "around")]
    pub digits: [char; 2],
    /// Where it comes from.
    pub source: String,
}

const fn around() -> [char; 2] {
    ['D', 'C']
}

impl CallerEntry {
    /// The longest pause of these rings has room for a message with a number of this length.
    fn has_room(steps_ms: &[u16]) -> bool {
        steps_ms.iter().skip(1).step_by(2).max().is_some_and(|ms| *ms >= ROOM_MS)
    }

    fn check(&self) -> Result<(), String> {
        let fsk = self.value.is_fsk();
        if !fsk && (self.before_ring || self.alert) {
            return Err("caller_id: before_ring and alert are for messages in FSK".into());
        }
        if fsk && !self.before_ring && (self.reversal || self.alert) {
            return Err("caller_id: reversal and alert go with before_ring".into());
        }
        if !matches!(self.digits, ['A' | 'D', 'C' | '#']) {
            return Err("caller_id.digits: \"A\" or \"D\", then \"C\" or \"#\"".into());
        }
        Ok(())
    }
}

/// Room for a message with a number of 20 digits: 600 ms, 735 bits at 1200 a second, 200 ms.
const ROOM_MS: u16 = 1413;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overrides {
    #[serde(default)]
    #[expect(dead_code, reason = "for people who read the file")]
    title: String,
    law: Option<Sourced<LawName>>,
    ringing_ms: Option<Sourced<Vec<u16>>>,
    ringing_inside_ms: Option<Sourced<Vec<u16>>>,
    ringing_outside_ms: Option<Sourced<Vec<u16>>>,
    flash_ms: Option<Sourced<[u16; 2]>>,
    caller_id: Option<CallerEntry>,
    reversal: Option<Sourced<bool>>,
    #[serde(default)]
    tone: BTreeMap<String, ToneEntry>,
    #[serde(default)]
    level: BTreeMap<String, LevelEntry>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LawName {
    A,
    Mu,
}

impl Default for Country {
    fn default() -> Self {
        Self {
            law: Sourced::new(Law::A, "ITU-T G.711 clause 3"),
            ringing_ms: Sourced::new(vec![1000, 4000], "ETSI ES 203 021-3 annex"),
            flash_ms: Sourced::new([50, 500], "ETSI ES 201 970"),
            ringing_inside_ms: None,
            ringing_outside_ms: None,
            caller_id: CallerEntry {
                value: CallerId::None,
                before_ring: false,
                reversal: false,
                alert: false,
                digits: around(),
                source: "no national standard is known".into(),
            },
            reversal: Sourced::new(false, "ETSI ES 201 970: an option"),
            tones: BTreeMap::new(),
            levels: BTreeMap::new(),
        }
    }
}

/// Reads a country file.
///
/// # Errors
/// A sentence that names the field.
pub(crate) fn parse(text: &str) -> Result<Country, String> {
    let overrides: Overrides =
        toml::from_str(text).map_err(|fault| fault.to_string().trim_end().replace('\n', " "))?;
    let mut country = Country::default();
    if let Some(law) = overrides.law {
        let value = match law.value {
            LawName::A => Law::A,
            LawName::Mu => Law::Mu,
        };
        country.law = Sourced { value, source: law.source };
    }
    country.ringing_ms = overrides.ringing_ms.unwrap_or(country.ringing_ms);
    country.ringing_inside_ms = overrides.ringing_inside_ms;
    country.ringing_outside_ms = overrides.ringing_outside_ms;
    country.reversal = overrides.reversal.unwrap_or(country.reversal);
    country.flash_ms = overrides.flash_ms.unwrap_or(country.flash_ms);
    country.caller_id = overrides.caller_id.unwrap_or(country.caller_id);
    country.tones = overrides.tone;
    country.levels = overrides.level;
    country.check()?;
    Ok(country)
}

impl Country {
    /// The tones that tell why a call failed, at most three, each with the causes of which it does.
    #[must_use]
    pub fn failures(&self) -> Vec<Told<'_>> {
        tone::failures(&self.tones)
    }

    fn check(&self) -> Result<(), String> {
        let sources = [
            &self.law.source,
            &self.ringing_ms.source,
            &self.flash_ms.source,
            &self.caller_id.source,
            &self.reversal.source,
        ];
        let rings = || [&self.ringing_inside_ms, &self.ringing_outside_ms].into_iter().flatten();
        let tones = self.tones.values().map(|tone| &tone.source);
        let levels = self.levels.values().map(|level| &level.source);
        let sources = sources.into_iter().chain(rings().map(|ringing| &ringing.source));
        if sources.chain(tones).chain(levels).any(|source| source.len() < 4) {
            return Err("source: every value names the document it is from".into());
        }
        self.caller_id.check()?;
        let between = self.caller_id.value.is_fsk() && !self.caller_id.before_ring;
        for Sourced { value: ringing, .. } in rings().chain([&self.ringing_ms]) {
            if ringing.is_empty()
                || ringing.len() > 8
                || ringing.len() % 2 == 1
                || ringing.contains(&0)
            {
                return Err("ringing_ms: 1 to 4 pairs of milliseconds on and off".into());
            }
            if between && !CallerEntry::has_room(ringing) {
                return Err(format!("caller_id: no pause of ringing_ms has {ROOM_MS} ms for it"));
            }
        }
        if self.flash_ms.value[0] >= self.flash_ms.value[1] {
            return Err("flash_ms: the least is below the most".into());
        }
        tone::check(&self.tones)?;
        level::check(&self.levels)
    }
}
