//! What went over the wire, and what differs between two of them.

use std::collections::BTreeMap;

use q921::Role;
use q921::wire::Repr;
use q931::wire::{Kind, id};

/// Frames in their order: whether the network sent it, and its octets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capture {
    frames: Vec<(bool, Vec<u8>)>,
}

/// One message of layer 3.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Message {
    from_network: bool,
    kind: u8,
    reference: u16,
    /// Each element: its identifier and its octets.
    elements: Vec<(u8, Vec<u8>)>,
    octets: usize,
}

fn message(from_network: bool, octets: &[u8]) -> Option<Message> {
    let [8, 2, high, low, kind, rest @ ..] = octets else { return None };
    let mut elements = vec![];
    let mut left = rest;
    while let [id, behind @ ..] = left {
        if id & 0x80 != 0 {
            elements.push((*id, vec![]));
            left = behind;
            continue;
        }
        let [length, behind @ ..] = behind else { return None };
        let (content, behind) = behind.split_at_checked(usize::from(*length))?;
        elements.push((*id, content.to_vec()));
        left = behind;
    }
    let reference = u16::from_be_bytes([*high, *low]) & 0x7FFF;
    Some(Message { from_network, kind: *kind, reference, elements, octets: octets.len() })
}

/// Where ours and libpri's differ, and why neither is made as the other is. Any other difference
/// is a failure.
const KNOWN: [(Kind, u8, &str); 5] = [
    (Kind::Setup, id::SENDING_COMPLETE, "a single octet may stand anywhere (4.5.1): ours is first"),
    (Kind::Connect, id::CHANNEL, "libpri repeats it; it belongs to the first response (5.2.3.1)"),
    (Kind::Disconnect, id::CAUSE, "the location: libpri's is always a private network"),
    (
        Kind::Release,
        id::CAUSE,
        "libpri repeats it; it belongs to the first clearing message (3.1.9)",
    ),
    (Kind::ReleaseComplete, id::CAUSE, "the same (3.1.10)"),
];

/// What a comparison found.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    pub(crate) messages: usize,
    /// Messages that are the same octet for octet.
    pub(crate) same: usize,
    /// Octets of layer 3 of each.
    pub(crate) octets: [usize; 2],
    /// Frames of layer 2 of each.
    pub(crate) frames: [usize; 2],
    /// Differences in words, each with how often.
    pub(crate) differences: BTreeMap<String, usize>,
}

impl Capture {
    pub(crate) fn push(&mut self, from_network: bool, frame: &[u8]) {
        self.frames.push((from_network, frame.to_vec()));
    }

    /// The messages of each direction, in its order.
    fn messages(&self) -> Result<[Vec<Message>; 2], String> {
        let mut all = [vec![], vec![]];
        for (from_network, frame) in &self.frames {
            let role = if *from_network { Role::Network } else { Role::User };
            let repr = Repr::parse(frame, role).map_err(|fault| format!("{fault:?}"))?;
            if let Repr::I { information, .. } = repr {
                let message = message(*from_network, information);
                let message = message.ok_or_else(|| format!("no message: {information:02x?}"))?;
                all[usize::from(*from_network)].push(message);
            }
        }
        Ok(all)
    }

    /// Compares the messages of ours with theirs.
    ///
    /// # Errors
    /// If types come in another order, or another number of them, in either direction; if a message
    /// differs otherwise than is known.
    pub(crate) fn compare(&self, theirs: &Self) -> Result<Compared, String> {
        let mut compared =
            Compared { frames: [self.frames.len(), theirs.frames.len()], ..Compared::default() };
        let (ours, theirs) = (self.messages()?, theirs.messages()?);
        for (ours, theirs) in ours.iter().zip(&theirs) {
            if ours.len() != theirs.len() {
                return Err(format!("{} messages, libpri {}", ours.len(), theirs.len()));
            }
            for (at, (our, their)) in ours.iter().zip(theirs).enumerate() {
                if our.kind != their.kind {
                    let from = if our.from_network { "network" } else { "user" };
                    return Err(format!(
                        "message {at} of the {from} is {:#04x}, libpri's {:#04x}",
                        our.kind, their.kind
                    ));
                }
                compared.messages += 1;
                compared.octets[0] += our.octets;
                compared.octets[1] += their.octets;
                compared.same += usize::from(our.elements == their.elements);
                for difference in differences(our, their)? {
                    *compared.differences.entry(difference).or_default() += 1;
                }
            }
        }
        Ok(compared)
    }
}

/// Where two messages of one type differ, in words.
///
/// # Errors
/// If that is not known.
fn differences(our: &Message, their: &Message) -> Result<Vec<String>, String> {
    let kind = Kind::from_code(our.kind);
    if our.reference != their.reference {
        let (our, their) = (our.reference, their.reference);
        return Err(format!("{}: call reference {our}, libpri's {their}", kind.name()));
    }
    let mut all = vec![];
    let (mut ours, mut theirs) = (our.elements.clone(), their.elements.clone());
    for (_, id, why) in KNOWN.iter().filter(|(known, ..)| *known == kind) {
        let named = |elements: &mut Vec<(u8, Vec<u8>)>| {
            let at = elements.iter().position(|(other, _)| other == id)?;
            Some((at, elements.remove(at).1))
        };
        if named(&mut ours) != named(&mut theirs) {
            all.push(format!("{}: element {id:#04x}: {why}", kind.name()));
        }
    }
    if ours == theirs {
        Ok(all)
    } else {
        Err(format!("{}: {ours:02x?}, libpri's {theirs:02x?}", kind.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(messages: &[&[u8]]) -> Capture {
        let mut capture = Capture::default();
        for (ns, information) in (0..).zip(messages) {
            let repr = Repr::I { ns, nr: 0, p: false, information };
            capture.push(true, &repr.emit(Role::Network).expect("short enough"));
        }
        capture
    }

    const SETUP: &[u8] = &[8, 2, 0, 7, 5, 0xA1, 0x18, 3, 0xA9, 0x83, 0x9F];
    const RELEASE: &[u8] = &[8, 2, 0, 7, 0x4D];

    #[test]
    fn another_order_or_number_of_messages_is_no_match() {
        let ours = capture(&[SETUP, RELEASE]);
        assert!(ours.compare(&capture(&[SETUP, RELEASE])).is_ok());
        assert!(ours.compare(&capture(&[RELEASE, SETUP])).is_err());
        assert!(ours.compare(&capture(&[SETUP])).is_err());
        assert!(ours.compare(&capture(&[])).is_err());
    }

    #[test]
    fn what_is_known_to_differ_is_told_and_anything_else_is_a_failure() {
        let ours = capture(&[SETUP]);
        let later: &[u8] = &[8, 2, 0, 7, 5, 0x18, 3, 0xA9, 0x83, 0x9F, 0xA1];
        let compared = ours.compare(&capture(&[later])).expect("only the order");
        assert_eq!((compared.messages, compared.same, compared.differences.len()), (1, 0, 1));
        let same = ours.compare(&ours).expect("the same");
        assert_eq!((same.same, same.differences.len()), (1, 0));
        let channel: &[u8] = &[8, 2, 0, 7, 5, 0xA1, 0x18, 3, 0xA9, 0x83, 0x9E];
        let reference: &[u8] = &[8, 2, 0, 9, 5, 0xA1, 0x18, 3, 0xA9, 0x83, 0x9F];
        let more: &[u8] = &[8, 2, 0, 7, 5, 0xA1, 0x18, 3, 0xA9, 0x83, 0x9F, 0x28, 1, 65];
        for other in [channel, reference, more] {
            assert!(ours.compare(&capture(&[other])).is_err(), "{other:02x?}");
        }
    }
}
