//! Octets one by one until a message is whole.

use serde::{Deserialize, Serialize};

use crate::{Fault, Message, Octets};

/// Collects a message.
///
/// ```text
///   begin() ─► type ─► length ─► so many octets ─► checksum ─► the message
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Assembler {
    octets: Octets,
    open: bool,
}

impl Assembler {
    /// Waits for a mark.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: Octets::new(), open: false }
    }

    /// The mark was heard: the next octet is a type.
    pub fn begin(&mut self) {
        self.octets.clear();
        self.open = true;
    }

    /// An octet was heard. What comes without a mark before it is seizure or speech.
    pub fn octet(&mut self, octet: u8) -> Option<Result<Message, Fault>> {
        if !self.open {
            return None;
        }
        // Room for the longest message, so that none is refused.
        let _ = self.octets.push(octet);
        let whole = self.octets.get(1).map(|length| usize::from(*length) + 3)?;
        if self.octets.len() < whole {
            return None;
        }
        self.open = false;
        Some(Message::parse(&self.octets))
    }

    /// The transmission ended, or an octet came broken. What had begun is lost.
    pub fn end(&mut self) -> Option<Fault> {
        let begun = core::mem::take(&mut self.open) && !self.octets.is_empty();
        begun.then_some(Fault::Cut)
    }
}
