//! The operations that mean something here, and their arguments.

use heapless::{Vec, VecView};
use units::Digits;

use crate::Profile;
use crate::ber::{
    self, BOOLEAN, ENUMERATED, INTEGER, NULL, OBJECT, OCTET_STRING, Reader, SEQUENCE, tag,
};
use crate::charge::Advice;
use crate::tariff::Tariff;

/// A name as it comes, in a character set that is not told here (ISO 8859-1 unless agreed
/// otherwise); 1 to 50 octets.
pub type Name = Vec<u8, 50, u8>;

/// A name of QSIG, and whether it may be shown (ECMA-164 6.5.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// It may.
    Allowed(Name),
    /// It may not.
    Restricted,
    /// Nobody knows it.
    Unavailable,
}

/// What one side asks the other to do, or tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Service {
    /// What the call costs (EN 300 182-1).
    Charge(Advice),
    /// What it will cost (AOC-S).
    Tariff(Tariff),
    /// Note who calls: malicious call identification (EN 300 130-1).
    Identify,
    /// Send the caller elsewhere before the answer: call deflection (EN 300 207-1).
    Deflect(Digits),
    /// A number for the call, by which another call can be joined with it (EN 300 369-1).
    LinkId,
    /// Join the call with the one of this number, and leave us out.
    Transfer(i32),
    /// The far side was transferred; whether the new one has answered.
    Transferred {
        /// It has.
        active: bool,
    },
    /// Who calls (QSIG, ECMA-164).
    CallingName(Shown),
    /// Who is called, while it rings.
    CalledName(Shown),
    /// Who answered.
    ConnectedName(Shown),
    /// Something else.
    Unknown,
}

/// `{itu-t identified-organization etsi(0) 369 operations-and-errors(1)}`.
const TRANSFER: [u8; 5] = [0x04, 0x00, 0x82, 0x71, 0x01];
/// `{iso identified-organization ecma(12) private-isdn-signalling-domain(9)}`.
const QSIG: [u8; 3] = [0x2B, 0x0C, 0x09];

/// The name of an operation: local, or local within a domain that is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Local(i32),
    Transfer(u8),
    Qsig(u8),
    Other,
}

impl Operation {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        if let Some(number) = reader.number(INTEGER) {
            return Some(Self::Local(number));
        }
        let (last, domain) = reader.take(OBJECT)?.split_last()?;
        Some(match domain {
            _ if domain == TRANSFER => Self::Transfer(*last),
            _ if domain == QSIG => Self::Qsig(*last),
            _ => Self::Other,
        })
    }

    pub(crate) fn write(self, out: &mut VecView<u8>) -> Option<()> {
        let object = |out: &mut VecView<u8>, domain: &[u8], last| {
            ber::write(out, OBJECT, |out| {
                out.extend_from_slice(domain).ok()?;
                out.push(last).ok()
            })
        };
        match self {
            Self::Local(number) => ber::write_number(out, INTEGER, number),
            Self::Transfer(last) => object(out, &TRANSFER, last),
            Self::Qsig(last) => object(out, &QSIG, last),
            Self::Other => None,
        }
    }
}

impl Service {
    pub(crate) fn parse(profile: Profile, operation: Operation, argument: &[u8]) -> Option<Self> {
        let charge = |money, last| Advice::parse(argument, money, last).map(Self::Charge);
        let operation = match (profile, operation) {
            // In a private network the numbers of local operations are QSIG's.
            (Profile::Private, Operation::Local(number)) => {
                u8::try_from(number).map_or(Operation::Other, Operation::Qsig)
            }
            (_, operation) => operation,
        };
        match operation {
            Operation::Local(3) => Some(Self::Identify),
            Operation::Local(13) => deflection(argument).map(Self::Deflect),
            Operation::Local(31 | 32) => Tariff::parse(argument).map(Self::Tariff),
            Operation::Local(33) => charge(true, false),
            Operation::Local(34) => charge(false, false),
            Operation::Local(35) => charge(true, true),
            Operation::Local(36) => charge(false, true),
            Operation::Transfer(1) => Reader::new(argument).number(INTEGER).map(Self::Transfer),
            Operation::Transfer(4) => Some(Self::LinkId),
            Operation::Transfer(5) => {
                transferred(argument).map(|active| Self::Transferred { active })
            }
            Operation::Qsig(0) => name(argument).map(Self::CallingName),
            Operation::Qsig(1) => name(argument).map(Self::CalledName),
            Operation::Qsig(2) => name(argument).map(Self::ConnectedName),
            Operation::Local(_)
            | Operation::Transfer(_)
            | Operation::Qsig(_)
            | Operation::Other => Some(Self::Unknown),
        }
    }

    pub(crate) const fn operation(&self) -> Operation {
        use units::Charge::Money;
        match self {
            Self::Charge(Advice { charge, last }) => {
                let money = matches!(charge, Some(Money { .. }));
                Operation::Local(match (money, *last) {
                    (true, false) => 33,
                    (false, false) => 34,
                    (true, true) => 35,
                    (false, true) => 36,
                })
            }
            Self::Tariff(Tariff::Special(_)) => Operation::Local(32),
            Self::Tariff(_) => Operation::Local(31),
            Self::Identify => Operation::Local(3),
            Self::Deflect(_) => Operation::Local(13),
            Self::Transfer(_) => Operation::Transfer(1),
            Self::LinkId => Operation::Transfer(4),
            Self::Transferred { .. } => Operation::Transfer(5),
            Self::CallingName(_) => Operation::Qsig(0),
            Self::CalledName(_) => Operation::Qsig(1),
            Self::ConnectedName(_) => Operation::Qsig(2),
            Self::Unknown => Operation::Other,
        }
    }

    pub(crate) fn write_argument(&self, out: &mut VecView<u8>) -> Option<()> {
        match self {
            Self::Charge(advice) => advice.write(out),
            Self::Tariff(tariff) => tariff.write(out),
            Self::Identify | Self::LinkId => Some(()),
            Self::Deflect(number) => write_deflection(number, out),
            Self::Transfer(link) => ber::write_number(out, INTEGER, *link),
            Self::Transferred { active } => ber::write(out, SEQUENCE, |out| {
                ber::write_number(out, ENUMERATED, i32::from(*active))
            }),
            Self::CallingName(name) | Self::CalledName(name) | Self::ConnectedName(name) => {
                write_name(name, out)
            }
            Self::Unknown => None,
        }
    }
}

/// The state of a call that was transferred: an enumerated value (EN 300 369-1 annex).
fn transferred(argument: &[u8]) -> Option<bool> {
    Some(Reader::new(argument).open(SEQUENCE)?.number(ENUMERATED)? == 1)
}

/// The first number of an address: unknown, public or of another plan (EN 300 196-1 annex).
fn deflection(argument: &[u8]) -> Option<Digits> {
    let mut address = Reader::new(argument).open(SEQUENCE)?.open(SEQUENCE)?;
    let (kind, content) = address.next()?;
    let digits = match kind {
        0x80 | 0x81 | 0x88 => content,
        // Public and private numbers: the type before the digits.
        0xA1 | 0xA5 => {
            let mut number = Reader::new(content);
            number.take(ENUMERATED)?;
            number.next()?.1
        }
        _ => return None,
    };
    Digits::parse(core::str::from_utf8(digits).ok()?)
}

fn write_deflection(number: &Digits, out: &mut VecView<u8>) -> Option<()> {
    let digits = |out: &mut VecView<u8>| {
        number.as_slice().iter().try_for_each(|digit| out.push(digit.ascii()).ok())
    };
    ber::write(out, SEQUENCE, |out| {
        ber::write(out, SEQUENCE, |out| ber::write(out, tag(0), digits))?;
        // The caller's number may be shown there.
        ber::write_octets(out, BOOLEAN, &[0xFF])
    })
}

/// A name alone, or the first of a sequence (ECMA-164 6.5.1).
fn name(argument: &[u8]) -> Option<Shown> {
    let mut reader = Reader::new(argument);
    let mut reader = reader.open(SEQUENCE).unwrap_or(reader);
    let (kind, content) = reader.next()?;
    let name = |octets: &[u8]| {
        let name = Name::from_slice(octets).ok().filter(|name| !name.is_empty())?;
        Some(Shown::Allowed(name))
    };
    match kind {
        0x80 => name(content),
        0xA1 => name(Reader::new(content).take(OCTET_STRING)?),
        0x82 | 0xA3 | 0x87 => Some(Shown::Restricted),
        0x84 | NULL => Some(Shown::Unavailable),
        _ => None,
    }
}

fn write_name(name: &Shown, out: &mut VecView<u8>) -> Option<()> {
    match name {
        Shown::Allowed(name) => ber::write_octets(out, tag(0), name),
        Shown::Restricted => ber::write_octets(out, tag(7), &[]),
        Shown::Unavailable => ber::write_octets(out, tag(4), &[]),
    }
}
