//! The tones of a country.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use units::Cause;

/// A tone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToneEntry {
    /// One or two frequencies at once, or up to three in turn, in hertz.
    pub hz: Vec<u16>,
    /// Each time on has the next of the frequencies.
    #[serde(default)]
    pub in_turn: bool,
    /// By what its one frequency is modulated, in hertz: E.180 supplement 2 writes `400×25`.
    pub modulated_hz: Option<u16>,
    /// How deeply, in percent; [`DEPTH_PERCENT`] if nothing is said.
    pub depth_percent: Option<u8>,
    /// Milliseconds on, off, on, off, ...; empty: for as long as it is needed.
    #[serde(default)]
    pub cadence_ms: Vec<u16>,
    /// Causes (Q.850) of failed calls whose callers hear it instead of busy tone; special
    /// information tone has [`INFORMED`] if nothing is said, all others none.
    causes: Option<Vec<u8>>,
    /// Where it comes from.
    pub source: String,
}

/// The depth of a modulation if nothing is said of it: the supplement tells none, and Asterisk and
/// DAHDI take this for every tone that it writes so.
const DEPTH_PERCENT: u8 = 90;

/// Causes whose callers hear special information tone if nothing is said: a number that does not
/// exist or was changed, and a line that is out of order (E.180, E.182; from memory).
const INFORMED: &[u8] = &[1, 22, 27];

/// Names of tones (ITU-T E.180).
pub(crate) const TONES: &[&str] = &[
    "dial",
    "ringback",
    "busy",
    "congestion",
    "unobtainable",
    "waiting",
    "howler",
    "special_dial",
    SPECIAL_INFORMATION,
];

const SPECIAL_INFORMATION: &str = "special_information";

/// Names of tones that may tell why a call failed.
const FAILURES: &[&str] = &["unobtainable", "congestion", SPECIAL_INFORMATION];

/// A tone that tells why a call failed, with the causes of which it does.
pub type Told<'a> = (&'a ToneEntry, Vec<Cause>);

/// Those of the tones that tell why a call failed.
pub(crate) fn failures(tones: &BTreeMap<String, ToneEntry>) -> Vec<Told<'_>> {
    let told = FAILURES.iter().filter_map(|name| Some((name, tones.get(*name)?)));
    let of = |(name, tone): (&&str, _)| {
        let causes = causes(name, tone).iter().filter_map(|cause| Cause::new(*cause));
        (tone, causes.collect::<Vec<_>>())
    };
    told.map(of).filter(|(_, causes)| !causes.is_empty()).collect()
}

fn causes<'a>(name: &str, tone: &'a ToneEntry) -> &'a [u8] {
    match &tone.causes {
        Some(causes) => causes,
        None if name == SPECIAL_INFORMATION => INFORMED,
        None => &[],
    }
}

impl ToneEntry {
    /// By what it is modulated, in hertz, and how deeply, of 1; `None`: not at all.
    #[must_use]
    pub fn modulation(&self) -> Option<(f32, f32)> {
        let depth = f32::from(self.depth_percent.unwrap_or(DEPTH_PERCENT)) / 100.0;
        self.modulated_hz.map(|hz| (f32::from(hz), depth))
    }

    fn check(&self, field: &str) -> Result<(), String> {
        let most = if self.in_turn { 2..=3 } else { 1..=2 };
        if !most.contains(&self.hz.len()) {
            return Err(format!("{field}.hz: one or two frequencies, or two or three in turn"));
        }
        if self.hz.iter().any(|hz| !(200..=3400).contains(hz)) {
            return Err(format!("{field}.hz: not 200 to 3400"));
        }
        if let Some(hz) = self.modulated_hz
            && (self.hz.len() > 1 || !(13..=60).contains(&hz))
        {
            let what = "13 to 60, and of one frequency only";
            return Err(format!("{field}.modulated_hz: {what}"));
        }
        match (self.modulated_hz, self.depth_percent) {
            (None, Some(_)) => {
                return Err(format!("{field}.depth_percent: goes with modulated_hz"));
            }
            (Some(_), Some(depth)) if !(1..=100).contains(&depth) => {
                return Err(format!("{field}.depth_percent: not 1 to 100"));
            }
            _ => {}
        }
        if self.cadence_ms.len() > 8 || self.cadence_ms.len() % 2 == 1 {
            return Err(format!("{field}.cadence_ms: up to 4 pairs of on and off"));
        }
        let wrong = |(on, ms): (bool, &u16)| *ms == 0 && (on || !self.in_turn);
        if [true, false].into_iter().cycle().zip(&self.cadence_ms).any(wrong) {
            return Err(format!("{field}.cadence_ms: 0 only for off, of tones in turn"));
        }
        if self.in_turn && self.cadence_ms.is_empty() {
            return Err(format!("{field}.cadence_ms: tones in turn have one"));
        }
        Ok(())
    }
}

/// That the tones of a country can be.
pub(crate) fn check(tones: &BTreeMap<String, ToneEntry>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (name, tone) in tones {
        if !TONES.contains(&name.as_str()) {
            return Err(format!("tone.{name}: tones are {}", TONES.join(", ")));
        }
        tone.check(&format!("tone.{name}"))?;
        if tone.causes.is_some() && !FAILURES.contains(&name.as_str()) {
            let names = FAILURES.join(", ");
            return Err(format!("tone.{name}.causes: only of {names}"));
        }
        for cause in causes(name, tone) {
            if Cause::new(*cause).is_none() {
                return Err(format!("tone.{name}.causes: {cause} is not 1 to 127"));
            }
            if !seen.insert(*cause) {
                return Err(format!(
                    "tone.{name}.causes: {cause} is there twice; one tone tells it"
                ));
            }
        }
    }
    Ok(())
}
