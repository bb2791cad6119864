//! What a country's R2 does: bits of the line signals, times, meanings of the register signals.
//! Each value names its source. The files hold no code: whoever knows the machines reads them.

use std::collections::BTreeMap;

use serde::Deserialize;
use units::Category;

use crate::country::Sourced;

/// A variant of R2.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct R2 {
    /// For people.
    pub title: String,
    /// Line signals.
    pub line: R2Line,
    /// Registers.
    pub register: R2Register,
    /// Meanings of backward signals of group A by number.
    pub a: BTreeMap<String, R2Meaning>,
    /// The same of group B.
    pub b: BTreeMap<String, R2Meaning>,
    /// The same of group C.
    #[serde(default)]
    pub c: BTreeMap<String, R2Meaning>,
    /// Categories of a caller by the signal of group II (KA) that tells them.
    #[serde(default)]
    pub category: BTreeMap<String, R2Caller>,
    /// The same by the signal behind "complete" where that is another list (KD).
    #[serde(default)]
    pub service: BTreeMap<String, R2Caller>,
}

/// What a signal says of a caller.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct R2Caller {
    /// The word of a category ([`units::Category::word`]).
    pub means: String,
    /// Where it comes from.
    pub source: String,
}

impl R2Caller {
    /// The category.
    #[must_use]
    pub fn category(&self) -> Option<Category> {
        Category::of_word(&self.means)
    }
}

/// Line signals: bits a, b, c, d as four digits; times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct R2Line {
    /// Bits that are looked at.
    pub mask: Sourced<String>,
    /// Idle, released, clear-forward.
    pub idle: Sourced<String>,
    /// Seizure.
    pub seize: Sourced<String>,
    /// Seizing acknowledged, blocked.
    pub acknowledge: Sourced<String>,
    /// Answered.
    pub answer: Sourced<String>,
    /// Clear-back.
    pub clear_back: Sourced<String>,
    /// Forced release by the called end.
    pub forced_release: Option<Sourced<String>>,
    /// How long a change stays to be one.
    pub recognition_ms: Sourced<u16>,
    /// How long a seizure waits.
    pub acknowledge_ms: Sourced<u16>,
    /// A shorter clear-back is a unit of charge; 0: there are none.
    pub metering_ms: Sourced<u16>,
}

/// Registers: signals by number, times in milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct R2Register {
    /// The caller's category.
    pub category: Sourced<u8>,
    /// The group II signal behind "complete".
    pub service: Sourced<u8>,
    /// Ends the called number.
    pub end_of_called: Option<Sourced<u8>>,
    /// Ends the calling number.
    pub end_of_calling: Sourced<u8>,
    /// The calling number may not be shown.
    pub restricted: Option<Sourced<u8>>,
    /// The longest forward signal.
    pub forward_ms: Sourced<u16>,
    /// The longest silence of the outgoing register.
    pub silence_ms: Sourced<u16>,
    /// The longest wait of the incoming register.
    pub between_ms: Sourced<u16>,
    /// The pause that ends a number of unknown length.
    pub digits_end_ms: Sourced<u16>,
}

/// What a backward signal means.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct R2Meaning {
    /// The meaning.
    pub means: R2Means,
    /// Of a signal that fails: the cause (Q.850).
    pub cause: Option<u8>,
    /// Where it comes from.
    pub source: String,
}

/// Meanings of backward signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum R2Means {
    /// The next digit.
    Next,
    /// The digit before the last again, or that before it, or that before that.
    Back1,
    /// ...
    Back2,
    /// ...
    Back3,
    /// The called number from its first digit.
    First,
    /// The caller's category, then its digits.
    Caller,
    /// The caller's category, and "next" means its digits from then on.
    CallerThenNext,
    /// The caller's category, and group C from then on.
    CallerInC,
    /// The next digit of the caller.
    NextCalling,
    /// The next digit, and group A from then on.
    NextInA,
    /// The called number from its first digit, and group A from then on.
    FirstInA,
    /// Address complete: group II, then group B.
    Complete,
    /// Address complete: through, without group B.
    Through,
    /// The call cannot be.
    Fails,
    /// Group B: free, charged.
    Free,
    /// Group B: free, not charged.
    FreeNoCharge,
}

/// Reads a file of a variant.
///
/// # Errors
/// A sentence that names the field.
pub(crate) fn parse(text: &str) -> Result<R2, String> {
    let r2: R2 =
        toml::from_str(text).map_err(|fault| fault.to_string().trim_end().replace('\n', " "))?;
    r2.check()?;
    Ok(r2)
}

/// Bits of four digits, a first.
#[must_use]
pub fn bits(text: &str) -> Option<u8> {
    let digits = text.len() == 4 && text.bytes().all(|c| matches!(c, b'0' | b'1'));
    u8::from_str_radix(text, 2).ok().filter(|_| digits)
}

impl R2 {
    fn check(&self) -> Result<(), String> {
        let line = &self.line;
        let all = [
            ("mask", &line.mask),
            ("idle", &line.idle),
            ("seize", &line.seize),
            ("acknowledge", &line.acknowledge),
            ("answer", &line.answer),
            ("clear_back", &line.clear_back),
        ];
        let forced = line.forced_release.as_ref().map(|bits| ("forced_release", bits));
        for (name, sourced) in all.into_iter().chain(forced) {
            if bits(&sourced.value).is_none() {
                return Err(format!("line.{name}: four bits a, b, c, d, such as \"1001\""));
            }
        }
        let register = &self.register;
        let optional = [&register.end_of_called, &register.restricted];
        let signals = [&register.category, &register.service, &register.end_of_calling];
        for signal in signals.into_iter().chain(optional.into_iter().flatten()) {
            if !(1..=15).contains(&signal.value) || signal.source.len() < 4 {
                return Err("register: a signal is 1 to 15 and names its source".into());
            }
        }
        for (name, group) in [("a", &self.a), ("b", &self.b), ("c", &self.c)] {
            for (number, meaning) in group {
                let at = format!("{name}.{number}");
                if !number.parse().is_ok_and(|number: u8| (1..=15).contains(&number)) {
                    return Err(format!("{at}: a signal is 1 to 15"));
                }
                let cause = meaning.cause.is_some_and(|cause| (1..=127).contains(&cause));
                if (meaning.means == R2Means::Fails) != cause {
                    return Err(format!(
                        "{at}.cause: 1 to 127, where a call fails and nowhere else"
                    ));
                }
                if meaning.source.len() < 4 {
                    return Err(format!("{at}.source: every value names the document it is from"));
                }
            }
        }
        for (name, group) in [("category", &self.category), ("service", &self.service)] {
            for (number, caller) in group {
                let at = format!("{name}.{number}");
                if !number.parse().is_ok_and(|number: u8| (1..=15).contains(&number)) {
                    return Err(format!("{at}: a signal is 1 to 15"));
                }
                if caller.category().is_none() {
                    let words = Category::ALL.map(Category::word).join(", ");
                    return Err(format!("{at}.means: one of {words}"));
                }
                if caller.source.len() < 4 {
                    return Err(format!("{at}.source: every value names the document it is from"));
                }
            }
        }
        let has = |group: &BTreeMap<String, R2Meaning>, means| {
            group.values().any(|meaning| meaning.means == means)
        };
        if !has(&self.a, R2Means::Next) || !has(&self.a, R2Means::Complete) {
            return Err("a: one signal means \"next\" and one \"complete\"".into());
        }
        if !has(&self.b, R2Means::Free) {
            return Err("b: one signal means \"free\"".into());
        }
        Ok(())
    }
}
