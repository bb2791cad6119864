//! The elements of a message one by one, with code sets and shifts (Q.931 4.5.1 to 4.5.4), and
//! which identifiers Q.931 knows.

use heapless::VecView;

/// Identifiers of codeset 0 (table 4-3).
pub mod id {
    /// Sending complete; a single octet.
    pub const SENDING_COMPLETE: u8 = 0xA1;
    /// Bearer capability.
    pub const BEARER: u8 = 0x04;
    /// Cause.
    pub const CAUSE: u8 = 0x08;
    /// Call state.
    pub const CALL_STATE: u8 = 0x14;
    /// Channel identification.
    pub const CHANNEL: u8 = 0x18;
    /// Facility (Q.932 8.2.3); what it says is none of call control's business.
    pub const FACILITY: u8 = 0x1C;
    /// Progress indicator.
    pub const PROGRESS: u8 = 0x1E;
    /// Notification indicator.
    pub const NOTIFICATION: u8 = 0x27;
    /// Display.
    pub const DISPLAY: u8 = 0x28;
    /// Connected number (Q.951.5).
    pub const CONNECTED: u8 = 0x4C;
    /// Calling party number.
    pub const CALLING: u8 = 0x6C;
    /// Called party number.
    pub const CALLED: u8 = 0x70;
    /// Restart indicator.
    pub const RESTART: u8 = 0x79;
}

/// Elements that are recognised and not used: call identity, segmented message, facility,
/// network-specific facilities, date/time, keypad, signal, information rate, delays, packet
/// parameters, sub-addresses, redirection, transit network, compatibility, user-user and others.
const IGNORED: Set = set(&[
    0x00, 0x10, 0x16, 0x1C, 0x20, 0x29, 0x2C, 0x32, 0x34, 0x40, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
    0x4D, 0x6D, 0x71, 0x73, 0x74, 0x75, 0x76, 0x78, 0x7B, 0x7C, 0x7D, 0x7E, 0x7F,
]);

/// Identifiers of elements of several octets: a bit for each.
pub(crate) type Set = u128;

/// These.
pub(crate) const fn set(ids: &[u8]) -> Set {
    let mut set = 0;
    let mut at = 0;
    while at < ids.len() {
        set |= 1 << ids[at];
        at += 1;
    }
    set
}

/// Whether an identifier is among them.
pub(crate) const fn has(set: Set, id: u8) -> bool {
    id < 0x80 && set >> id & 1 == 1
}

/// Whether an identifier is known and of no use here.
pub(crate) const fn is_ignored(id: u8) -> bool {
    // Single octets: shift, more data, congestion level and repeat indicator.
    has(IGNORED, id) || matches!(id, 0x90..=0x9F | 0xA0 | 0xB0..=0xBF | 0xD0..=0xDF)
}

/// Whether a message must not be acted on if this element of it is unknown (4.5.1).
pub(crate) const fn must_be_comprehended(id: u8) -> bool {
    id & 0xF0 == 0
}

/// Appends an element: its identifier, the length of its content, and that.
#[inline]
pub(crate) fn write(
    id: u8,
    out: &mut VecView<u8>,
    content: impl FnOnce(&mut VecView<u8>) -> Option<()>,
) -> Option<()> {
    out.extend_from_slice(&[id, 0]).ok()?;
    let begin = out.len();
    content(out)?;
    let length = u8::try_from(out.len() - begin).ok()?;
    *out.get_mut(begin - 1)? = length;
    Some(())
}

/// One element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// 0 to 7.
    pub codeset: u8,
    /// The identifier; of a single octet element of type 2 the whole octet, of type 1 too.
    pub id: u8,
    /// Without identifier and length.
    pub content: &'a [u8],
    /// The length is longer than the message.
    pub cut_off: bool,
}

/// Walks through the elements of a message.
pub(crate) struct Elements<'a> {
    rest: &'a [u8],
    locked: u8,
    once: Option<u8>,
}

impl<'a> Elements<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { rest: octets, locked: 0, once: None }
    }

    /// 4.5.3 and 4.5.4: a locking shift leads only upwards.
    fn shift(&mut self, octet: u8) {
        let codeset = octet & 7;
        if octet & 8 != 0 {
            self.once = Some(codeset);
        } else if codeset > self.locked {
            self.locked = codeset;
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        loop {
            let (&id, rest) = self.rest.split_first()?;
            if id & 0xF0 == 0x90 {
                self.rest = rest;
                self.shift(id);
                continue;
            }
            let codeset = self.once.take().unwrap_or(self.locked);
            if id & 0x80 != 0 {
                self.rest = rest;
                return Some(Element { codeset, id, content: &[], cut_off: false });
            }
            let Some((&length, rest)) = rest.split_first() else {
                self.rest = &[];
                return Some(Element { codeset, id, content: &[], cut_off: true });
            };
            let length = usize::from(length);
            let cut_off = length > rest.len();
            let (content, rest) = rest.split_at(length.min(rest.len()));
            self.rest = rest;
            return Some(Element { codeset, id, content, cut_off });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    fn walk(octets: &[u8]) -> Vec<(u8, u8, usize)> {
        Elements::new(octets).map(|e| (e.codeset, e.id, e.content.len())).collect()
    }

    // Q.931 4.5.3, 4.5.4
    #[test]
    fn a_non_locking_shift_holds_for_one_element_and_a_locking_one_for_the_rest() {
        let octets = [0x9E, 0x01, 1, 7, 0x28, 1, 65, 0x96, 0x01, 0, 0x90, 0x02, 0];
        assert_eq!(walk(&octets), [(6, 1, 1), (0, 0x28, 1), (6, 1, 0), (6, 2, 0)]);
    }

    #[test]
    fn an_element_that_is_longer_than_the_message_is_cut_off() {
        let elements: Vec<_> = Elements::new(&[0xA1, 0x08, 5, 1]).collect();
        assert_eq!(elements.len(), 2);
        assert!(!elements[0].cut_off && elements[1].cut_off);
        assert_eq!(walk(&[0x08]), [(0, 8, 0)]);
    }
}
