//! The cause (Q.931 4.5.12, Q.850 2.2): why, said by whom, and what it is about.

use heapless::{Vec, VecView};
use serde::{Deserialize, Serialize};
use units::Cause;

use super::small::Location;

/// Octets of diagnostics: the element has 32 at most (Q.850 2.2.1).
pub const DIAGNOSTICS: usize = 27;

/// A cause element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseElement {
    /// Who generated it.
    pub location: Location,
    /// Why. A cause of another coding standard than ITU-T reads as 31.
    pub cause: Cause,
    /// What the cause is about: identifiers of elements, or a message type (Q.850 table 1).
    pub diagnostics: Vec<u8, DIAGNOSTICS, u8>,
}

impl CauseElement {
    /// A cause without diagnostics.
    #[must_use]
    pub const fn new(location: Location, cause: Cause) -> Self {
        Self { location, cause, diagnostics: Vec::new() }
    }

    /// A cause about something; more than [`DIAGNOSTICS`] octets are cut off.
    #[must_use]
    pub fn about(location: Location, cause: Cause, diagnostics: &[u8]) -> Self {
        let diagnostics = diagnostics.iter().copied().take(DIAGNOSTICS).collect();
        Self { location, cause, diagnostics }
    }

    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        let (first, mut rest) = content.split_first()?;
        if first & 0x80 == 0 {
            // Octet 3a, the recommendation: only its presence matters.
            let (recommendation, after) = rest.split_first()?;
            if recommendation & 0x80 == 0 {
                return None;
            }
            rest = after;
        }
        let (value, diagnostics) = rest.split_first()?;
        let cause = Cause::new(value & 0x7F)?;
        let itu = first & 0x60 == 0;
        let cause = if itu { cause } else { Cause::NORMAL_UNSPECIFIED };
        Some(Self::about(Location::from_code(*first), cause, diagnostics))
    }

    pub(crate) fn write(&self, out: &mut VecView<u8>) -> Option<()> {
        out.extend_from_slice(&[0x80 | self.location.code(), 0x80 | self.cause.get()]).ok()?;
        out.extend_from_slice(&self.diagnostics).ok()
    }
}
