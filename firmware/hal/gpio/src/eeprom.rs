//! The memory by which a Raspberry Pi HAT tells who it is (raspberrypi/hats, "ID EEPROM data format
//! specification").
//!
//! ```text
//!   header   "R-Pi", version, reserved, number of atoms (2), octets in all (4)
//!   atom     type (2), count (2), octets of data + 2 (4), data, CRC-16 of all before it (2)
//!   data of type 1: UUID (16), product id (2), version (2), lengths of vendor and product (1, 1),
//!            vendor, product
//! ```
//!
//! Numbers are little-endian. Anything may stand in the memory of a board: whatever it is, parsing
//! ends, within bounds, with an [`Identity`] or with a [`Malformed`].

#[cfg(test)]
mod tests;

use heapless::String;

use crate::{Fault, Memory};

/// Octets that are read at most: a 24C32 has so many.
pub const OCTETS: usize = 4096;
/// Atoms that are looked at, at most.
const ATOMS: u16 = 32;
const SIGNATURE: &[u8; 4] = b"R-Pi";
const HEADER: usize = 12;
/// Type, count and length of an atom.
const ATOM_HEADER: usize = 8;
const VENDOR: u16 = 1;
/// What stands before the two strings.
const VENDOR_FIXED: usize = 22;

/// The longest vendor or product string, in octets.
pub const STRING: usize = 255;

/// Who the board is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Of this very board; shown in the order of RFC 9562.
    pub uuid: u128,
    /// The product, as its maker numbers it.
    pub product_id: u16,
    /// Its version, as its maker numbers it.
    pub product_version: u16,
    /// Its maker. Octets that are no printable ASCII are shown as `?`.
    pub vendor: String<STRING>,
    /// Its name. Octets that are no printable ASCII are shown as `?`.
    pub product: String<STRING>,
}

impl Identity {
    /// The UUID as people write it.
    #[must_use]
    pub fn uuid_text(&self) -> String<36> {
        let mut text = String::new();
        for (index, digit) in (0..32u32).rev().map(|n| self.uuid >> (4 * n) & 0xF).enumerate() {
            // 32 digits and four dashes fit.
            if matches!(index, 8 | 12 | 16 | 20) {
                let _ = text.push('-');
            }
            let digit = u32::try_from(digit).ok().and_then(|digit| char::from_digit(digit, 16));
            let _ = text.push(digit.unwrap_or('0'));
        }
        text
    }
}

/// Why a memory does not tell who the board is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It does not begin as it should: empty, or of another make.
    #[error("it does not begin with R-Pi: blank, or not a HAT's")]
    NoSignature,
    /// A version of the format that nobody knows.
    #[error("format version {0} is not known (1 and 2 are)")]
    Version(u8),
    /// It ends before what it promises.
    #[error("it ends before what it promises")]
    Short,
    /// The check sequence of an atom is wrong.
    #[error("the check sequence of atom {0} is wrong")]
    Crc(u16),
    /// There is no vendor information among the atoms.
    #[error("there is no vendor information in it")]
    NoVendor,
}

/// Why a board was not recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// The memory cannot be read.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// It was read and makes no sense.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// Reads a memory and tells who the board is. Reads no more than its header promises.
///
/// # Errors
/// [`Unknown`]: the bus's fault, or what is wrong with the contents.
pub fn read(memory: &mut impl Memory) -> Result<Identity, Unknown> {
    let mut octets = [0; OCTETS];
    let there = memory.octets().min(OCTETS);
    if there < HEADER {
        return Err(Malformed::Short.into());
    }
    memory.read(0, &mut octets[..HEADER])?;
    let promised = header(&octets[..HEADER])?.octets.min(there).max(HEADER);
    memory.read(HEADER, &mut octets[HEADER..promised])?;
    Ok(parse(&octets[..promised])?)
}

struct Header {
    atoms: u16,
    octets: usize,
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(octets.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(octets: &[u8], at: usize) -> Option<usize> {
    let number = u32::from_le_bytes(octets.get(at..at.checked_add(4)?)?.try_into().ok()?);
    usize::try_from(number).ok()
}

fn header(octets: &[u8]) -> Result<Header, Malformed> {
    if octets.get(..4) != Some(SIGNATURE) {
        return Err(Malformed::NoSignature);
    }
    let version = *octets.get(4).ok_or(Malformed::Short)?;
    if !matches!(version, 1 | 2) {
        return Err(Malformed::Version(version));
    }
    let atoms = u16_at(octets, 6).ok_or(Malformed::Short)?;
    Ok(Header { atoms, octets: u32_at(octets, 8).ok_or(Malformed::Short)? })
}

/// Who the board with these contents is.
///
/// # Errors
/// [`Malformed`]. Atoms after the vendor information are not looked at.
pub fn parse(octets: &[u8]) -> Result<Identity, Malformed> {
    let header = header(octets)?;
    let octets = octets.get(..header.octets).unwrap_or(octets);
    let mut rest = octets.get(HEADER..).ok_or(Malformed::Short)?;
    for number in 0..header.atoms.min(ATOMS) {
        let length = u32_at(rest, 4).ok_or(Malformed::Short)?;
        let end = ATOM_HEADER.checked_add(length).ok_or(Malformed::Short)?;
        let atom = rest.get(..end).ok_or(Malformed::Short)?;
        // The check sequence is part of the length.
        let body = atom.len().checked_sub(2).filter(|body| *body >= ATOM_HEADER);
        let (body, check) = atom.split_at(body.ok_or(Malformed::Short)?);
        if check != crc(body).to_le_bytes() {
            return Err(Malformed::Crc(number));
        }
        if u16_at(body, 0) == Some(VENDOR) {
            return vendor(&body[ATOM_HEADER..]).ok_or(Malformed::Short);
        }
        rest = rest.get(end..).unwrap_or(&[]);
    }
    Err(Malformed::NoVendor)
}

fn vendor(data: &[u8]) -> Option<Identity> {
    let (fixed, strings) = data.split_at_checked(VENDOR_FIXED)?;
    let uuid = u128::from_le_bytes(fixed[..16].try_into().ok()?);
    let (vendor, rest) = strings.split_at_checked(usize::from(fixed[20]))?;
    let product = rest.get(..usize::from(fixed[21]))?;
    Some(Identity {
        uuid,
        product_id: u16_at(fixed, 16)?,
        product_version: u16_at(fixed, 18)?,
        vendor: printable(vendor),
        product: printable(product),
    })
}

fn printable(octets: &[u8]) -> String<STRING> {
    let shown = |octet: &u8| if (b' '..=b'~').contains(octet) { char::from(*octet) } else { '?' };
    octets.iter().take(STRING).map(shown).collect()
}

/// The contents of a memory that tells `identity`, with other atoms (type and data) after it.
///
/// `None` if it has more than [`OCTETS`] or more atoms than are looked at.
#[must_use]
pub fn build(identity: &Identity, others: &[(u16, &[u8])]) -> Option<Vec<u8>> {
    let mut data = identity.uuid.to_le_bytes().to_vec();
    data.extend(identity.product_id.to_le_bytes());
    data.extend(identity.product_version.to_le_bytes());
    data.push(u8::try_from(identity.vendor.len()).ok()?);
    data.push(u8::try_from(identity.product.len()).ok()?);
    data.extend(identity.vendor.as_bytes());
    data.extend(identity.product.as_bytes());
    let mut octets = SIGNATURE.to_vec();
    let atoms = u16::try_from(others.len().checked_add(1)?).ok().filter(|n| *n <= ATOMS)?;
    octets.extend([1, 0]);
    octets.extend(atoms.to_le_bytes());
    octets.extend([0; 4]);
    let all = std::iter::once((VENDOR, &data[..])).chain(others.iter().copied());
    for (count, (kind, data)) in (0u16..).zip(all) {
        let begin = octets.len();
        octets.extend(kind.to_le_bytes());
        octets.extend(count.to_le_bytes());
        octets.extend(u32::try_from(data.len().checked_add(2)?).ok()?.to_le_bytes());
        octets.extend(data);
        let check = crc(&octets[begin..]);
        octets.extend(check.to_le_bytes());
    }
    let length = u32::try_from(octets.len()).ok()?;
    octets[8..12].copy_from_slice(&length.to_le_bytes());
    (octets.len() <= OCTETS).then_some(octets)
}

/// CRC-16 of the polynomial 0x8005, bits reflected, beginning with zero.
fn crc(octets: &[u8]) -> u16 {
    octets.iter().fold(0, |crc, octet| {
        (0..8).fold(crc ^ u16::from(*octet), |crc: u16, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xA001 } else { 0 }
        })
    })
}
