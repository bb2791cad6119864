//! Frames as octets (Q.921 clauses 2 and 3), between the flags and without the FCS.
//!
//! ```text
//!           8   7   6   5   4   3   2   1
//! octet 1 │         SAPI          │C/R│ 0 │
//! octet 2 │            TEI            │ 1 │
//! octet 3 │           N(S)            │ 0 │  I
//!         │ 0   0   0   0 │ S   S │ 0   1 │  S: RR 00, RNR 01, REJ 10
//!         │ M   M   M │P/F│ M   M │ 1   1 │  U
//! octet 4 │           N(R)            │P/F│  I and S
//! ```

use heapless::VecView;

use crate::event::{Frame, Role};
use crate::fault::MdlError;

/// Sequence numbers count modulo 128 (Q.921 3.5.2.1).
pub const MODULUS: u8 = 128;

const SABME: u8 = 0x6F;
const DM: u8 = 0x0F;
const UI: u8 = 0x03;
const DISC: u8 = 0x43;
const UA: u8 = 0x63;
const FRMR: u8 = 0x87;
const XID: u8 = 0xAF;
const RR: u8 = 0x01;
const RNR: u8 = 0x05;
const REJ: u8 = 0x09;
/// P/F in the control field of a U frame.
const POLL: u8 = 0x10;
/// Octets of information of an FRMR (Q.921 figure 6).
const FRMR_INFORMATION: usize = 5;

/// Why a frame is not for the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Too short, or the address has not two octets (Q.921 2.9): dropped without a word.
    Invalid,
    /// For another SAPI.
    OtherSapi(u8),
    /// For another TEI.
    OtherTei(u8),
    /// A frame rejection condition (Q.921 3.6.11, 5.8.5).
    Rejected(MdlError),
}

/// A frame whose address and control field are there.
#[derive(Clone, Copy, Debug)]
pub struct View<'a>(&'a [u8]);

impl<'a> View<'a> {
    /// # Errors
    /// [`Unusable::Invalid`] if there are fewer than three octets, or the extension bits do not
    /// say two octets of address.
    pub const fn new(octets: &'a [u8]) -> Result<Self, Unusable> {
        match octets {
            [sapi, tei, _, ..] if *sapi & 1 == 0 && *tei & 1 == 1 => Ok(Self(octets)),
            _ => Err(Unusable::Invalid),
        }
    }

    /// The service access point: 0 for call control, 63 for management.
    #[must_use]
    pub const fn sapi(&self) -> u8 {
        self.0[0] >> 2
    }

    /// The command/response bit as it stands.
    #[must_use]
    pub const fn cr(&self) -> bool {
        self.0[0] & 2 != 0
    }

    /// The terminal endpoint.
    #[must_use]
    pub const fn tei(&self) -> u8 {
        self.0[1] >> 1
    }

    /// The first octet of the control field.
    #[must_use]
    pub const fn control(&self) -> u8 {
        self.0[2]
    }

    /// What follows the first octet of the control field.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        &self.0[3..]
    }

    /// The name of the frame's type, `"other"` for those that Q.921 5 gives no procedure to here.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.control() {
            control if control & 1 == 0 => "I",
            RR => "RR",
            RNR => "RNR",
            REJ => "REJ",
            control => match control & !POLL {
                SABME => "SABME",
                DM => "DM",
                DISC => "DISC",
                UA => "UA",
                FRMR => "FRMR",
                _ => "other",
            },
        }
    }
}

/// N(R), P/F and direction of an RR, RNR or REJ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supervisory {
    /// A command (P) or a response (F).
    pub command: bool,
    /// The next N(S) expected.
    pub nr: u8,
    /// P or F.
    pub pf: bool,
}

/// A frame of SAPI 0 and TEI 0 that has a meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repr<'a> {
    /// Set asynchronous balanced mode extended.
    Sabme {
        /// Poll.
        p: bool,
    },
    /// Disconnect.
    Disc {
        /// Poll.
        p: bool,
    },
    /// Unnumbered acknowledgement.
    Ua {
        /// Final.
        f: bool,
    },
    /// Disconnected mode.
    Dm {
        /// Final.
        f: bool,
    },
    /// Frame reject; only ever received (Q.921 5.8.6).
    Frmr {
        /// Final.
        f: bool,
        /// The rejected control field and why.
        reason: [u8; FRMR_INFORMATION],
    },
    /// Information.
    I {
        /// The number of this frame.
        ns: u8,
        /// The next N(S) expected.
        nr: u8,
        /// Poll.
        p: bool,
        /// A message of layer 3.
        information: &'a [u8],
    },
    /// Receive ready.
    Rr(Supervisory),
    /// Receive not ready.
    Rnr(Supervisory),
    /// Reject.
    Rej(Supervisory),
    /// Unnumbered information.
    Ui {
        /// Poll.
        p: bool,
        /// A message of layer 3 or of management.
        information: &'a [u8],
    },
    /// Exchange identification.
    Xid {
        /// A command or a response.
        command: bool,
        /// P or F.
        pf: bool,
        /// Parameters.
        information: &'a [u8],
    },
}

impl<'a> Repr<'a> {
    /// Reads a frame that `from` sent.
    ///
    /// # Errors
    /// Any [`Unusable`].
    pub fn parse(octets: &'a [u8], from: Role) -> Result<Self, Unusable> {
        let view = View::new(octets)?;
        if view.sapi() != 0 {
            return Err(Unusable::OtherSapi(view.sapi()));
        }
        if view.tei() != 0 {
            return Err(Unusable::OtherTei(view.tei()));
        }
        // Q.921 3.3.2: commands of the user have C/R = 0, of the network 1.
        let command = view.cr() == (from == Role::Network);
        let control = view.control();
        if control & 3 == 3 {
            Self::unnumbered(&view, command)
        } else {
            Self::numbered(&view, command)
        }
    }

    fn numbered(view: &View<'a>, command: bool) -> Result<Self, Unusable> {
        let [second, information @ ..] = view.rest() else { return Err(Unusable::Invalid) };
        let (nr, pf) = (second >> 1, second & 1 == 1);
        let supervisory = Supervisory { command, nr, pf };
        let frame = match view.control() {
            control if control & 1 == 0 => {
                if !command {
                    return Err(Unusable::Rejected(MdlError::L));
                }
                if information.len() > limits::N201 {
                    return Err(Unusable::Rejected(MdlError::O));
                }
                return Ok(Self::I { ns: control >> 1, nr, p: pf, information });
            }
            RR => Self::Rr(supervisory),
            RNR => Self::Rnr(supervisory),
            REJ => Self::Rej(supervisory),
            _ => return Err(Unusable::Rejected(MdlError::L)),
        };
        if information.is_empty() { Ok(frame) } else { Err(Unusable::Rejected(MdlError::N)) }
    }

    fn unnumbered(view: &View<'a>, command: bool) -> Result<Self, Unusable> {
        let information = view.rest();
        let pf = view.control() & POLL != 0;
        let frame = match (view.control() & !POLL, command) {
            (SABME, true) => Self::Sabme { p: pf },
            (DISC, true) => Self::Disc { p: pf },
            (UA, false) => Self::Ua { f: pf },
            (DM, false) => Self::Dm { f: pf },
            (FRMR, false) => {
                let reason = information.try_into().map_err(|_| Unusable::Rejected(MdlError::N))?;
                return Ok(Self::Frmr { f: pf, reason });
            }
            (UI | XID, _) if information.len() > limits::N201 => {
                return Err(Unusable::Rejected(MdlError::O));
            }
            (UI, true) => return Ok(Self::Ui { p: pf, information }),
            (XID, _) => return Ok(Self::Xid { command, pf, information }),
            _ => return Err(Unusable::Rejected(MdlError::L)),
        };
        if information.is_empty() { Ok(frame) } else { Err(Unusable::Rejected(MdlError::M)) }
    }

    /// The frame as `from` sends it. `None` if the information is longer than N201.
    #[must_use]
    pub fn emit(&self, from: Role) -> Option<Frame> {
        let mut frame = Frame::new();
        self.write(from, frame.as_mut_view())?;
        Some(frame)
    }

    /// Appends the frame as `from` sends it. `None` if the information is longer than N201, or
    /// there is no room.
    pub fn write(&self, from: Role, room: &mut VecView<u8>) -> Option<()> {
        let unnumbered = |control: u8, pf: bool| control | if pf { POLL } else { 0 };
        let numbered = |n: u8, pf: bool| (n % MODULUS) << 1 | u8::from(pf);
        let (command, control, second, information): (bool, u8, Option<u8>, &[u8]) = match self {
            Self::Sabme { p } => (true, unnumbered(SABME, *p), None, &[]),
            Self::Disc { p } => (true, unnumbered(DISC, *p), None, &[]),
            Self::Ua { f } => (false, unnumbered(UA, *f), None, &[]),
            Self::Dm { f } => (false, unnumbered(DM, *f), None, &[]),
            Self::Frmr { f, reason } => (false, unnumbered(FRMR, *f), None, reason),
            Self::I { ns, nr, p, information } => {
                (true, numbered(*ns, false), Some(numbered(*nr, *p)), information)
            }
            Self::Rr(s) => (s.command, RR, Some(numbered(s.nr, s.pf)), &[]),
            Self::Rnr(s) => (s.command, RNR, Some(numbered(s.nr, s.pf)), &[]),
            Self::Rej(s) => (s.command, REJ, Some(numbered(s.nr, s.pf)), &[]),
            Self::Ui { p, information } => (true, unnumbered(UI, *p), None, information),
            Self::Xid { command, pf, information } => {
                (*command, unnumbered(XID, *pf), None, information)
            }
        };
        if information.len() > limits::N201 {
            return None;
        }
        let cr = u8::from(command == (from == Role::Network)) << 1;
        match second {
            None => room.extend_from_slice(&[cr, 1, control]).ok()?,
            Some(second) => room.extend_from_slice(&[cr, 1, control, second]).ok()?,
        }
        room.extend_from_slice(information).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn frames_stand_on_the_wire_as_q_921_3_draws_them() {
        let user = |repr: Repr<'_>| repr.emit(Role::User).expect("fits");
        let network = |repr: Repr<'_>| repr.emit(Role::Network).expect("fits");
        assert_eq!(user(Repr::Sabme { p: true }), [0x00, 0x01, 0x7F]);
        assert_eq!(network(Repr::Sabme { p: true }), [0x02, 0x01, 0x7F]);
        assert_eq!(network(Repr::Ua { f: true }), [0x00, 0x01, 0x73]);
        assert_eq!(user(Repr::Dm { f: false }), [0x02, 0x01, 0x0F]);
        assert_eq!(user(Repr::Disc { p: true }), [0x00, 0x01, 0x53]);
        let rr = Supervisory { command: false, nr: 5, pf: true };
        assert_eq!(user(Repr::Rr(rr)), [0x02, 0x01, 0x01, 0x0B]);
        assert_eq!(user(Repr::Rnr(rr)), [0x02, 0x01, 0x05, 0x0B]);
        assert_eq!(network(Repr::Rej(rr)), [0x00, 0x01, 0x09, 0x0B]);
        let i = Repr::I { ns: 127, nr: 1, p: false, information: &[8, 9] };
        assert_eq!(user(i), [0x00, 0x01, 0xFE, 0x02, 8, 9]);
    }

    #[test]
    fn a_frame_rejection_condition_has_its_code() {
        let rejected = |octets: &[u8]| match Repr::parse(octets, Role::Network) {
            Err(Unusable::Rejected(code)) => Some(code),
            _ => None,
        };
        assert_eq!(rejected(&[2, 1, 0x7F, 0]), Some(MdlError::M));
        assert_eq!(rejected(&[2, 1, 0x01, 0, 0]), Some(MdlError::N));
        assert_eq!(rejected(&[0, 1, 0x87, 0]), Some(MdlError::N));
        assert_eq!(rejected(&[2, 1, 0xEF]), Some(MdlError::L));
        assert_eq!(rejected(&[0, 1, 0x00, 0]), Some(MdlError::L), "an I frame is a command");
        let mut long = [0; 4 + limits::N201 + 1];
        long[..2].copy_from_slice(&[2, 1]);
        assert_eq!(rejected(&long), Some(MdlError::O));
        assert_eq!(Repr::parse(&[2, 1], Role::User), Err(Unusable::Invalid));
        assert_eq!(Repr::parse(&[3, 1, 0x7F], Role::User), Err(Unusable::Invalid));
        assert_eq!(Repr::parse(&[0xFC, 0xFF, 3, 0], Role::User), Err(Unusable::OtherSapi(63)));
        assert_eq!(Repr::parse(&[0, 0xFF, 3, 0], Role::User), Err(Unusable::OtherTei(127)));
    }

    proptest! {
        #[test]
        fn what_can_be_read_is_written_back_octet_for_octet(
            mut octets in proptest::collection::vec(any::<u8>(), 0..300),
            address in any::<bool>(),
            network in any::<bool>(),
        ) {
            if address && octets.len() > 2 {
                octets[0] &= 2;
                octets[1] = 1;
            }
            let from = if network { Role::Network } else { Role::User };
            if let Ok(repr) = Repr::parse(&octets, from) {
                let written = repr.emit(from).expect("was a frame");
                prop_assert_eq!(written.as_slice(), &octets[..]);
            }
        }
    }
}
