//! Messages as octets, and back.

use heapless::Vec;
use serde::{Deserialize, Serialize};
use units::{Digit, Digits};

use crate::Fault;

/// Octets of a message at most: type, length, 255, checksum.
pub const OCTETS: usize = 258;
/// A message from its type to its checksum.
pub type Octets = Vec<u8, OCTETS>;
/// A name in the characters of the country (EN 300 659-3 5.4.7: 50 at most).
pub type Name = Vec<u8, 50, u8>;

// EN 300 659-3 5.2: types of messages; of SDMF, GR-30.
const SDMF_CALL: u8 = 0x04;
const SDMF_WAITING: u8 = 0x06;
const MDMF_CALL: u8 = 0x80;
const MDMF_WAITING: u8 = 0x82;
// EN 300 659-3 5.3: types of parameters.
const TIME: u8 = 0x01;
const NUMBER: u8 = 0x02;
const NUMBER_ABSENT: u8 = 0x04;
const NAME: u8 = 0x07;
const NAME_ABSENT: u8 = 0x08;
const INDICATOR: u8 = 0x0B;
const FIRST_CALLED: u8 = 0x12;
const MESSAGES: u8 = 0x13;
// EN 300 659-3 5.4.4: reasons of absence.
const UNAVAILABLE: u8 = b'O';
const WITHHELD: u8 = b'P';

/// Which form a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// Single data message format: time and number.
    Sdmf,
    /// Multiple data message format: parameters.
    Mdmf,
}

/// A number or name, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told<T> {
    /// It was sent.
    Is(T),
    /// The caller does not want it to be seen.
    Withheld,
    /// The exchange does not know it.
    Unavailable,
}

/// Local time at the exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// A call is coming.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// When.
    pub at: Option<At>,
    /// Who.
    pub number: Option<Told<Digits>>,
    /// What they are called; not in SDMF.
    pub name: Option<Told<Name>>,
    /// Whom they dialled at first, before a diversion; not in SDMF.
    pub first_called: Option<Digits>,
}

/// The lamp of waiting messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// It shines.
    pub on: bool,
    /// How many messages wait; not in SDMF.
    pub messages: Option<u8>,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Message {
    /// Call set-up (EN 300 659-3 5.2.1).
    Call(Call),
    /// Message waiting indicator (EN 300 659-3 5.2.2).
    Waiting(Waiting),
}

impl Message {
    /// Reads a message from its type to its checksum.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(octets: &[u8]) -> Result<Self, Fault> {
        let (head, rest) = octets.split_first_chunk::<2>().ok_or(Fault::Cut)?;
        let (_, body) = rest.split_last().ok_or(Fault::Cut)?;
        if body.len() != usize::from(head[1]) {
            return Err(Fault::Length);
        }
        if octets.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet)) != 0 {
            return Err(Fault::Checksum);
        }
        match head[0] {
            SDMF_CALL => sdmf_call(body).map(Self::Call),
            SDMF_WAITING => match body {
                b"BBB" => Ok(Self::Waiting(Waiting { on: true, messages: None })),
                b"ooo" => Ok(Self::Waiting(Waiting { on: false, messages: None })),
                _ => Err(Fault::Parameter(INDICATOR)),
            },
            MDMF_CALL => mdmf_call(body).map(Self::Call),
            MDMF_WAITING => mdmf_waiting(body).map(Self::Waiting),
            other => Err(Fault::Type(other)),
        }
    }

    /// The octets of it. `None` if the format cannot say it: SDMF wants a time and a number.
    #[must_use]
    pub fn emit(&self, format: Format) -> Option<Octets> {
        let mut octets = Octets::new();
        let kind = match (self, format) {
            (Self::Call(_), Format::Sdmf) => SDMF_CALL,
            (Self::Call(_), Format::Mdmf) => MDMF_CALL,
            (Self::Waiting(_), Format::Sdmf) => SDMF_WAITING,
            (Self::Waiting(_), Format::Mdmf) => MDMF_WAITING,
        };
        octets.extend([kind, 0]);
        match (self, format) {
            (Self::Call(call), Format::Sdmf) => {
                octets.extend_from_slice(&call.at?.digits()).ok()?;
                match call.number.as_ref()? {
                    Told::Is(number) => push_digits(&mut octets, number)?,
                    Told::Withheld => octets.push(WITHHELD).ok()?,
                    Told::Unavailable => octets.push(UNAVAILABLE).ok()?,
                }
            }
            (Self::Call(call), Format::Mdmf) => call.emit(&mut octets)?,
            (Self::Waiting(waiting), Format::Sdmf) => {
                let lamp = if waiting.on { b"BBB" } else { b"ooo" };
                octets.extend_from_slice(lamp).ok()?;
            }
            (Self::Waiting(waiting), Format::Mdmf) => {
                parameter(&mut octets, INDICATOR, &[if waiting.on { 0xFF } else { 0 }])?;
                if let Some(count) = waiting.messages {
                    parameter(&mut octets, MESSAGES, &[count])?;
                }
            }
        }
        octets[1] = u8::try_from(octets.len() - 2).ok()?;
        let sum = octets.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet));
        octets.push(sum.wrapping_neg()).ok()?;
        Some(octets)
    }
}

impl Call {
    fn emit(&self, octets: &mut Octets) -> Option<()> {
        if let Some(at) = self.at {
            parameter(octets, TIME, &at.digits())?;
        }
        match &self.number {
            Some(Told::Is(number)) => digits_parameter(octets, NUMBER, number)?,
            Some(Told::Withheld) => parameter(octets, NUMBER_ABSENT, &[WITHHELD])?,
            Some(Told::Unavailable) => parameter(octets, NUMBER_ABSENT, &[UNAVAILABLE])?,
            None => {}
        }
        match &self.name {
            Some(Told::Is(name)) => parameter(octets, NAME, name)?,
            Some(Told::Withheld) => parameter(octets, NAME_ABSENT, &[WITHHELD])?,
            Some(Told::Unavailable) => parameter(octets, NAME_ABSENT, &[UNAVAILABLE])?,
            None => {}
        }
        match &self.first_called {
            Some(number) => digits_parameter(octets, FIRST_CALLED, number),
            None => Some(()),
        }
    }
}

impl At {
    fn digits(self) -> [u8; 8] {
        let two = |value: u8| [b'0' + value / 10 % 10, b'0' + value % 10];
        let [m, d, h, n] = [self.month, self.day, self.hour, self.minute].map(two);
        [m[0], m[1], d[0], d[1], h[0], h[1], n[0], n[1]]
    }

    fn parse(digits: [u8; 8]) -> Option<Self> {
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let two = |place: usize| (digits[place] - b'0') * 10 + (digits[place + 1] - b'0');
        let at = Self { month: two(0), day: two(2), hour: two(4), minute: two(6) };
        let right = (1..=12).contains(&at.month)
            && (1..=31).contains(&at.day)
            && at.hour < 24
            && at.minute < 60;
        right.then_some(at)
    }
}

fn parameter(octets: &mut Octets, kind: u8, value: &[u8]) -> Option<()> {
    octets.extend_from_slice(&[kind, u8::try_from(value.len()).ok()?]).ok()?;
    octets.extend_from_slice(value).ok()
}

fn push_digits(octets: &mut Octets, digits: &Digits) -> Option<()> {
    digits.as_slice().iter().try_for_each(|digit| octets.push(digit.ascii()).ok())
}

fn digits_parameter(octets: &mut Octets, kind: u8, digits: &Digits) -> Option<()> {
    octets.extend_from_slice(&[kind, u8::try_from(digits.len()).ok()?]).ok()?;
    push_digits(octets, digits)
}

/// Digits, `*` and `#`; spaces and hyphens, which some exchanges put in, are left out.
fn digits(value: &[u8], kind: u8) -> Result<Digits, Fault> {
    let mut digits = Digits::new();
    for octet in value.iter().filter(|octet| !matches!(octet, b' ' | b'-')) {
        let digit = Digit::new(*octet).filter(|digit| !digit.ascii().is_ascii_alphabetic());
        let pushed = digit.map(|digit| digits.push(digit));
        pushed.and_then(Result::ok).ok_or(Fault::Parameter(kind))?;
    }
    if digits.is_empty() { Err(Fault::Parameter(kind)) } else { Ok(digits) }
}

fn absence<T>(value: &[u8], kind: u8) -> Result<Told<T>, Fault> {
    match value {
        [WITHHELD] => Ok(Told::Withheld),
        [UNAVAILABLE] => Ok(Told::Unavailable),
        _ => Err(Fault::Parameter(kind)),
    }
}

fn sdmf_call(body: &[u8]) -> Result<Call, Fault> {
    let (time, number) = body.split_first_chunk::<8>().ok_or(Fault::Parameter(TIME))?;
    let at = Some(At::parse(*time).ok_or(Fault::Parameter(TIME))?);
    let number = absence(number, NUMBER_ABSENT)
        .or_else(|_: Fault| digits(number, NUMBER).map(Told::Is))
        .map(Some)?;
    Ok(Call { at, number, ..Call::default() })
}

/// Each parameter by type and value, in order.
fn parameters(
    mut body: &[u8],
    mut each: impl FnMut(u8, &[u8]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    while let Some((&kind, rest)) = body.split_first() {
        let (&length, rest) = rest.split_first().ok_or(Fault::Length)?;
        let (value, rest) = rest.split_at_checked(length.into()).ok_or(Fault::Length)?;
        each(kind, value)?;
        body = rest;
    }
    Ok(())
}

/// Puts a value where none is yet.
fn once<T>(place: &mut Option<T>, value: T, kind: u8) -> Result<(), Fault> {
    if place.replace(value).is_some() { Err(Fault::Parameter(kind)) } else { Ok(()) }
}

fn mdmf_call(body: &[u8]) -> Result<Call, Fault> {
    let mut call = Call::default();
    parameters(body, |kind, value| match kind {
        TIME => {
            let time = <[u8; 8]>::try_from(value).ok().and_then(At::parse);
            once(&mut call.at, time.ok_or(Fault::Parameter(kind))?, kind)
        }
        NUMBER => once(&mut call.number, Told::Is(digits(value, kind)?), kind),
        NUMBER_ABSENT => once(&mut call.number, absence(value, kind)?, kind),
        NAME => {
            let name = Name::from_slice(value).map_err(|_| Fault::Parameter(kind))?;
            once(&mut call.name, Told::Is(name), kind)
        }
        NAME_ABSENT => once(&mut call.name, absence(value, kind)?, kind),
        FIRST_CALLED => once(&mut call.first_called, digits(value, kind)?, kind),
        _ => Ok(()),
    })?;
    Ok(call)
}

fn mdmf_waiting(body: &[u8]) -> Result<Waiting, Fault> {
    let (mut on, mut messages) = (None, None);
    parameters(body, |kind, value| match (kind, value) {
        (INDICATOR, [0xFF]) => once(&mut on, true, kind),
        (INDICATOR, [0]) => once(&mut on, false, kind),
        (MESSAGES, [count]) => once(&mut messages, *count, kind),
        (INDICATOR | MESSAGES, _) => Err(Fault::Parameter(kind)),
        _ => Ok(()),
    })?;
    Ok(Waiting { on: on.ok_or(Fault::Parameter(INDICATOR))?, messages })
}
