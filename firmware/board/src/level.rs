//! How loud ports are if their own fields do not say it: the transmission plan.
//!
//! ```text
//!   two wires ──► Li dBr ──► 0 dBr inside ──► Lo dBr ──► two wires
//!                 gain −Li                    gain Lo
//! ```
//!
//! A relative level says how much louder a sound is at a point than where it is 0 dBr, which is
//! everywhere inside and on digital lines. The card's own wires are taken to be at 0 dBr.

use std::collections::BTreeMap;

use serde::Deserialize;
use units::{Gain, GainFrom};

use crate::country::Country;
use crate::gain::Db;

/// Which transmission plan the analog ports follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LevelPlan {
    /// None: what the fields of a port do not say is 0 dB.
    #[default]
    None,
    /// What Q.552 has for the line of a telephone, [`ITU_TELEPHONE`].
    Itu,
    /// The country's.
    Country,
}

/// Relative levels at two wires.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelEntry {
    /// Of what comes in, in dBr (Q.552: Li).
    pub input_dbr: Db,
    /// Of what goes out, in dBr (Q.552: Lo).
    pub output_dbr: Db,
    /// Where they come from.
    pub source: String,
}

/// Li and Lo of a telephone's line, in tenths of dBr: within what Q.552 2.2.4 leaves to countries
/// (from memory: 0 to 2 and -8 to 0 dBr), and what makers set where nothing else is asked for
/// (KEYMILE SUPM1 manual, 2015, 5.8).
const ITU_TELEPHONE: (i16, i16) = (0, -70);

const KINDS: &[&str] = &["telephone", "trunk"];

/// That the levels of a country can be.
pub(crate) fn check(levels: &BTreeMap<String, LevelEntry>) -> Result<(), String> {
    match levels.keys().find(|kind| !KINDS.contains(&kind.as_str())) {
        Some(kind) => Err(format!("level.{kind}: levels are of {}", KINDS.join(", "))),
        None => Ok(()),
    }
}

impl LevelPlan {
    /// That the country has one, if it is asked for.
    pub(crate) fn check(self, country: &Country) -> Result<(), String> {
        if self == Self::Country && country.levels.is_empty() {
            let remedy = "choose none or itu, or give the ports gain_in_db and gain_out_db";
            return Err(format!("plan: the country file has no [level.telephone]; {remedy}"));
        }
        Ok(())
    }

    /// The gain of an analog port whose own fields say this, and who says so of each direction.
    pub(crate) fn gain(
        self,
        country: &Country,
        kind: &str,
        own: [Option<Db>; 2],
    ) -> (Gain, [GainFrom; 2]) {
        let planned = match self {
            Self::None => None,
            Self::Itu => (kind == "telephone").then_some((ITU_TELEPHONE, GainFrom::Itu)),
            Self::Country => country.levels.get(kind).map(|level| {
                ((level.input_dbr.tenths(), level.output_dbr.tenths()), GainFrom::Country)
            }),
        };
        let planned = planned.map(|((input, output), from)| ([-input, output], from));
        let of = |at: usize| match (own[at], planned) {
            (Some(db), _) => (db.tenths(), GainFrom::Board),
            (None, Some((tenths, from))) => (tenths[at], from),
            (None, None) => (0, GainFrom::Nothing),
        };
        let ((coming_tenths, came), (going_tenths, went)) = (of(0), of(1));
        (Gain { coming_tenths, going_tenths }, [came, went])
    }
}
