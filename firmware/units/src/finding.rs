//! What is found in the sound of a call beside words and keys: who or what is there.

use serde::{Deserialize, Serialize};

/// One thing that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Finding {
    /// A fax machine calls (CNG, T.30 4).
    FaxCalls,
    /// A modem calls (V.25 2).
    ModemCalls,
    /// A fax machine or an old modem answers (CED, T.30 4; ANS, V.25 3).
    FaxAnswers,
    /// A modem answers: the phase of its tone turns over (V.25 3) or its level trembles (V.8 4).
    ModemAnswers,
    /// A fax machine says what it can do (T.30 5.3.1).
    FaxTalks,
    /// Three tones: an announcement follows that says why there is no call (E.180 6).
    Announcement,
    /// A person answered.
    Person,
    /// A machine answered.
    Machine,
    /// A machine has beeped: it records.
    Recording,
    /// Whoever answered said nothing for 4 s.
    Nobody,
    /// Music: in place of ring-back, or who was called has put the call on hold.
    Music,
}

impl Finding {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::FaxCalls,
        Self::ModemCalls,
        Self::FaxAnswers,
        Self::ModemAnswers,
        Self::FaxTalks,
        Self::Announcement,
        Self::Person,
        Self::Machine,
        Self::Recording,
        Self::Nobody,
        Self::Music,
    ];

    /// Whether it says what the call was, so that its record keeps it.
    #[must_use]
    pub const fn is_kept(self) -> bool {
        match self {
            Self::FaxCalls
            | Self::ModemCalls
            | Self::FaxAnswers
            | Self::ModemAnswers
            | Self::Announcement
            | Self::Machine => true,
            Self::FaxTalks | Self::Person | Self::Recording | Self::Nobody | Self::Music => false,
        }
    }
}

/// Several of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings(u16);

impl Findings {
    /// Adds one; `false`: it was in.
    pub const fn insert(&mut self, finding: Finding) -> bool {
        let bit = 1 << finding as u16;
        let new = self.0 & bit == 0;
        self.0 |= bit;
        new
    }

    /// Those that are in, in order.
    pub fn iter(self) -> impl Iterator<Item = Finding> {
        Finding::ALL.into_iter().filter(move |finding| self.0 & (1 << *finding as u16) != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_found_is_in_once_and_in_order() {
        let mut found = Findings::default();
        assert!(found.insert(Finding::Machine));
        assert!(found.insert(Finding::FaxCalls));
        assert!(!found.insert(Finding::Machine));
        assert!(found.iter().eq([Finding::FaxCalls, Finding::Machine]));
        for finding in Finding::ALL {
            found.insert(finding);
        }
        assert!(found.iter().eq(Finding::ALL));
    }
}
