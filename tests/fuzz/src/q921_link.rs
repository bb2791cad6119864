//! One end of a data link through a script: a peer that is sometimes right.

use q921::wire::{MODULUS, Repr, Supervisory};
use q921::{Config, Frame, Input, Link, Message, Output, Role};

use crate::beside::drive;
use crate::script::Script;

/// What the peer knows of the link: the next frame that it sends, and the next that it expects.
#[derive(Clone, Copy, Debug, Default)]
struct Peer {
    next: u8,
    expects: u8,
}

impl Peer {
    fn hear(&mut self, output: &Output, from: Role) {
        let Output::Transmit(frame) = output else { return };
        match Repr::parse(frame, from).expect("a link sends frames that can be read") {
            Repr::I { ns, nr, .. } => {
                self.expects = (ns + 1) % MODULUS;
                self.next = nr;
            }
            Repr::Rr(s) | Repr::Rnr(s) | Repr::Rej(s) => self.next = s.nr,
            Repr::Sabme { .. } | Repr::Ua { .. } => *self = Self::default(),
            Repr::Disc { .. }
            | Repr::Dm { .. }
            | Repr::Frmr { .. }
            | Repr::Ui { .. }
            | Repr::Xid { .. } => {}
        }
    }

    fn frame(self, op: u8, script: &mut Script<'_>, from: Role) -> Frame {
        let octet = script.octet();
        // Mostly right; the rest of the octet says how wrong.
        let off = |bits: u8, number: u8| match bits {
            0..=5 => number,
            6 => (number + 1) % MODULUS,
            _ => number.wrapping_sub(1) % MODULUS,
        };
        let (nr, ns) = (off(octet & 7, self.expects), off(octet >> 3 & 7, self.next));
        let (flag, command) = (octet & 0x40 != 0, octet & 0x80 != 0);
        let s = Supervisory { command, nr, pf: flag };
        let information = script.some(if op == 40 { limits::N201 } else { 5 });
        let repr = match op {
            30..=47 => Repr::I { ns, nr, p: flag, information },
            48..=59 => Repr::Rr(s),
            60..=65 => Repr::Rnr(s),
            66..=70 => Repr::Rej(s),
            71..=73 => Repr::Sabme { p: flag },
            74..=80 => Repr::Ua { f: flag },
            81..=84 => Repr::Dm { f: flag },
            85..=88 => Repr::Disc { p: flag },
            89 => Repr::Frmr { f: flag, reason: [0; 5] },
            _ => Repr::Ui { p: flag, information },
        };
        repr.emit(from).unwrap_or_default()
    }
}

/// A link hears anything; restored from its snapshot it says the same. All that it sends can be
/// read.
pub fn q921_link(data: &[u8]) {
    let mut script = Script::new(data);
    let role = script.pick(&[Role::User, Role::Network]);
    let config = Config { k: script.pick(&[7, 1, 2, 32, 0, 255]), ..Config::new(role) };
    let mut peer = Peer::default();
    drive(Link::new(config), &mut script, |link, op, script, said| {
        said.iter().for_each(|output| peer.hear(output, role));
        assert!(link.unacknowledged() <= limits::D_QUEUE);
        match op {
            0..=4 => Input::EstablishRequest,
            5 => Input::ReleaseRequest,
            6..=7 => Input::ReceiverBusy,
            8..=9 => Input::ReceiverReady,
            10 => Input::PersistentDeactivation,
            11..=26 => {
                let message = script.some(if op == 11 { limits::N201 } else { 4 });
                Input::DataRequest(Message::from_slice(message).unwrap_or_default())
            }
            27..=29 => {
                let octets = script.some(limits::FRAME_OCTETS);
                Input::Frame(Frame::from_slice(octets).unwrap_or_default())
            }
            _ => Input::Frame(peer.frame(op, script, role.peer())),
        }
    });
}
