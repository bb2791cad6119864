//! The bearer capability (Q.931 4.5.5): what the channel is to carry.

use heapless::{Vec, VecView};
use serde::{Deserialize, Serialize};
use units::Law;

/// A bearer capability. Circuit mode at 64 kbit/s is understood, the rest is kept as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bearer {
    /// Speech.
    Speech {
        /// The law of octet 5, if the element says.
        law: Option<Law>,
    },
    /// 3.1 kHz audio: speech, modems and fax.
    Audio {
        /// The law of octet 5, if the element says.
        law: Option<Law>,
    },
    /// Unrestricted digital information at 64 kbit/s.
    Unrestricted,
    /// Anything else, from octet 3 on: for the layer above to refuse with cause 65.
    Other(Vec<u8, 12, u8>),
}

const SPEECH: u8 = 0x80;
const UNRESTRICTED: u8 = 0x88;
const AUDIO: u8 = 0x90;
/// Circuit mode, 64 kbit/s.
const CIRCUIT_64K: u8 = 0x90;
const MU_LAW: u8 = 0xA2;
const A_LAW: u8 = 0xA3;

impl Bearer {
    /// Speech in A-law, as E1 lines carry it.
    pub const SPEECH: Self = Self::Speech { law: Some(Law::A) };

    /// Whether a telephone can take the call.
    #[must_use]
    pub const fn is_audible(&self) -> bool {
        matches!(self, Self::Speech { .. } | Self::Audio { .. })
    }

    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        let law = |rest: &[u8]| match rest {
            [] => Some(None),
            [MU_LAW] => Some(Some(Law::Mu)),
            [A_LAW] => Some(Some(Law::A)),
            _ => None,
        };
        let known = match content {
            [SPEECH, CIRCUIT_64K, rest @ ..] => law(rest).map(|law| Self::Speech { law }),
            [AUDIO, CIRCUIT_64K, rest @ ..] => law(rest).map(|law| Self::Audio { law }),
            [UNRESTRICTED, CIRCUIT_64K] => Some(Self::Unrestricted),
            [] | [_] => return None,
            _ => None,
        };
        known.or_else(|| Vec::from_slice(content).ok().map(Self::Other))
    }

    pub(crate) fn write(&self, out: &mut VecView<u8>) -> Option<()> {
        let (capability, law) = match self {
            Self::Speech { law } => (SPEECH, *law),
            Self::Audio { law } => (AUDIO, *law),
            Self::Unrestricted => (UNRESTRICTED, None),
            Self::Other(content) => return out.extend_from_slice(content).ok(),
        };
        match law {
            None => out.extend_from_slice(&[capability, CIRCUIT_64K]),
            Some(Law::A) => out.extend_from_slice(&[capability, CIRCUIT_64K, A_LAW]),
            Some(Law::Mu) => out.extend_from_slice(&[capability, CIRCUIT_64K, MU_LAW]),
        }
        .ok()
    }
}
