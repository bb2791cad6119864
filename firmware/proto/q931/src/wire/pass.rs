//! Elements that are none of call control's business: they go from the message of one interface
//! into that of another as they stand.

use heapless::{Vec, VecView};

use super::element::{self, Element, Elements, Set, has, set};
use super::{Bearer, Head, Message};

/// What the channel of a call that is passed on is to carry.
#[must_use]
pub fn bearer(elements: &[u8]) -> Option<Bearer> {
    let of = Elements::new(elements).find(|element| element.id == element::id::BEARER)?;
    Bearer::parse(of.content)
}

/// Bearer capability, notification, display, connected number and sub-addresses, redirecting
/// number, low and high layer compatibility, user-user. What a message has of its own (the calling
/// number, the cause) is not among them, nor what only the next exchange understands (facility).
const PASSED_ON: Set = set(&[0x04, 0x27, 0x28, 0x4C, 0x4D, 0x6D, 0x71, 0x74, 0x7C, 0x7D, 0x7E]);

/// The contents of the bearer capability for speech in A-law.
const SPEECH: [u8; 3] = [0x80, 0x90, 0xA3];

/// Whether an element is for the other side. Speech is what every call carries unless somebody says
/// otherwise.
pub(super) fn is_passed_on(element: &Element<'_>) -> bool {
    let usual = || element.id == element::id::BEARER && element.content == SPEECH;
    element.codeset == 0 && has(PASSED_ON, element.id) && !element.cut_off && !usual()
}

/// The elements of a message, or of a part of one.
pub fn elements(octets: &[u8]) -> impl Iterator<Item = Element<'_>> {
    Elements::new(octets)
}

impl<'a> Head<'a> {
    /// The contents of the facility elements (Q.932 8.2.3), those that are whole.
    pub fn facilities(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let whole = |element: &Element<'_>| {
            element.codeset == 0 && element.id == element::id::FACILITY && !element.cut_off
        };
        Elements::new(self.elements).filter(whole).map(|element| element.content)
    }

    /// The elements that the other side of a call shall hear of, as many as have room.
    #[must_use]
    pub fn passed_on(&self) -> Vec<u8, { limits::ELEMENTS }, u8> {
        let mut passed = Vec::new();
        for element in self.elements().filter(is_passed_on) {
            if element.content.len() + 2 <= passed.capacity() - passed.len() {
                let length = u8::try_from(element.content.len()).unwrap_or(u8::MAX);
                let _ = passed.extend_from_slice(&[element.id, length]);
                let _ = passed.extend_from_slice(element.content);
            }
        }
        passed
    }
}

impl Message {
    /// As [`Self::write`], with elements of others between its own, all in ascending order. One
    /// that the message has itself, or for which there is no room, is left out.
    pub fn write_with(&self, others: &[u8], out: &mut VecView<u8>) -> Option<()> {
        if others.is_empty() {
            return self.write(out);
        }
        let own = self.emit()?;
        let head = Head::parse(&own).ok()?;
        let mut room = limits::N201 - own.len();
        out.extend_from_slice(own.get(..own.len() - head.elements.len())?).ok()?;
        let mut others = Elements::new(others).peekable();
        let mut put = |out: &mut VecView<u8>, below: u8, has: bool| -> Option<()> {
            while let Some(other) = others.next_if(|other| other.id <= below) {
                let size = other.content.len() + 2;
                if !(has && other.id == below) && size <= room {
                    room -= size;
                    element::write(other.id, out, |out| out.extend_from_slice(other.content).ok())?;
                }
            }
            Some(())
        };
        for element in head.elements() {
            if element.id & 0x80 != 0 {
                out.push(element.id).ok()?;
                continue;
            }
            put(out, element.id, true)?;
            element::write(element.id, out, |out| out.extend_from_slice(element.content).ok())?;
        }
        put(out, 0x7F, false)
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec as List;

    use super::*;
    use crate::wire::{CallReference, Kind, Octets};

    fn connect() -> Message {
        let mut message = Message::new(CallReference::new(5), Kind::Connect);
        message.progress =
            Some(crate::wire::Progress { location: crate::wire::Location::User, description: 8 });
        message.display = Vec::from_slice(b"own").ok();
        message
    }

    fn with(others: &[u8]) -> List<(u8, List<u8>)> {
        let mut octets = Octets::new();
        connect().write_with(others, octets.as_mut_view()).expect("room");
        let head = Head::parse(&octets).expect("a message");
        head.elements().map(|element| (element.id, element.content.to_vec())).collect()
    }

    #[test]
    fn what_is_passed_on_stands_in_order_between_what_a_message_says_itself() {
        let own = [(0x1E, vec![0x80, 0x88]), (0x28, b"own".to_vec())];
        assert_eq!(with(&[]), own);
        let others = [0x14, 1, 7, 0x28, 2, b'n', b'o', 0x4C, 1, 0x80, 0x7E, 2, 4, b'x'];
        let [progress, display] = own;
        let wanted =
            [(0x14, vec![7]), progress, display, (0x4C, vec![0x80]), (0x7E, vec![4, b'x'])];
        assert_eq!(with(&others), wanted);
    }

    #[test]
    fn only_what_is_the_other_sides_business_is_passed_on_and_only_whole() {
        let octets = [
            8, 1, 5, 5, 0xA1, 0x04, 1, 0x80, 0x6D, 2, 0x80, 1, 0x1C, 1, 0x91, 0x9E, 0x28, 1, 65,
            0x7D, 1, 0x91, 0x7E, 9, 4,
        ];
        let head = Head::parse(&octets).expect("a message");
        assert_eq!(bearer(&head.passed_on()), None, "of one octet");
        assert_eq!(head.passed_on(), [0x04, 1, 0x80, 0x6D, 2, 0x80, 1, 0x7D, 1, 0x91]);
    }

    #[test]
    fn a_message_notes_whether_it_has_something_for_others() {
        let notes = |elements: &[u8]| {
            let octets = [&[8, 1, 5, 5], elements].concat();
            let head = Head::parse(&octets).expect("a message");
            let received = head.message();
            assert_eq!(received.for_others, !head.passed_on().is_empty());
            assert_eq!(received.for_services, head.facilities().count() > 0);
            (received.for_others, received.for_services)
        };
        assert_eq!(
            notes(&[0x04, 3, 0x80, 0x90, 0xA3, 0x18, 1, 0x8A, 0x70, 1, 0x80]),
            (false, false)
        );
        assert_eq!(notes(&[0x04, 3, 0x88, 0x90, 0xA3]), (true, false));
        assert_eq!(notes(&[0x1C, 1, 0x91, 0x1C, 2, 0x91]), (false, true));
        assert_eq!(notes(&[0x7E, 2, 4, b'x', 0x1C, 2, 0x91]), (true, false));
        assert_eq!(notes(&[0x96, 0x1C, 1, 0x91, 0x7E, 1, 4]), (false, false), "another codeset");
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let long = [&[0x7E, 198][..], &[4; 198]].concat();
        assert_eq!(with(&long).len(), 3);
        let mut message = connect();
        message.display = Vec::from_slice(&[b'a'; 80]).ok();
        let mut octets = Octets::new();
        message.write_with(&long, octets.as_mut_view()).expect("room");
        assert_eq!(Head::parse(&octets).expect("a message").elements().count(), 2);
    }
}
