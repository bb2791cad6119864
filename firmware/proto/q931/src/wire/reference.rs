//! The call reference (Q.931 4.3): which call of the D channel a message belongs to.

use heapless::VecView;
use serde::{Deserialize, Serialize};

/// A call reference as it stands in a message.
///
/// Two ends choose values of their own, so a value alone names nothing: the flag tells whose it
/// is. [`Self::is_the_receivers`] together with the value is the key of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CallReference {
    /// 0 is the global call reference; else 1 to 32767, or 127 in one octet.
    pub value: u16,
    /// The flag: set in messages to the end that chose the value.
    pub flag: bool,
    /// One octet or two (2 is what primary access uses).
    pub octets: u8,
}

impl CallReference {
    /// The largest value in two octets.
    pub const MAX: u16 = 0x7FFF;

    /// A value of two octets in messages of the end that chose it. The value is cut to 15 bits.
    #[must_use]
    pub const fn new(value: u16) -> Self {
        Self { value: value & Self::MAX, flag: false, octets: 2 }
    }

    /// Whether it names the whole interface and no call (4.3).
    #[must_use]
    pub const fn is_global(self) -> bool {
        self.value == 0
    }

    /// Whether the end that reads the message chose the value.
    #[must_use]
    pub const fn is_the_receivers(self) -> bool {
        self.flag
    }

    /// The same call in a message the other way.
    #[must_use]
    pub const fn answered(self) -> Self {
        Self { flag: !self.flag, ..self }
    }

    /// Reads it from the second octet of a message on, and gives what follows.
    pub(crate) fn parse(octets: &[u8]) -> Option<(Self, &[u8])> {
        let (length, rest) = octets.split_first()?;
        match (length, rest) {
            (1, [one, rest @ ..]) => {
                let value = u16::from(one & 0x7F);
                Some((Self { value, flag: one & 0x80 != 0, octets: 1 }, rest))
            }
            (2, [high, low, rest @ ..]) => {
                let value = u16::from_be_bytes([high & 0x7F, *low]);
                Some((Self { value, flag: high & 0x80 != 0, octets: 2 }, rest))
            }
            // 5.8.3.1: another length, or spare bits that are not 0: not for us.
            _ => None,
        }
    }

    pub(crate) fn write(self, out: &mut VecView<u8>) -> Option<()> {
        let flag = u8::from(self.flag) << 7;
        let [high, low] = self.value.to_be_bytes();
        if self.octets == 1 {
            out.extend_from_slice(&[1, low & 0x7F | flag]).ok()
        } else {
            out.extend_from_slice(&[2, high & 0x7F | flag, low]).ok()
        }
    }
}
