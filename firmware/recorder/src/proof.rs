//! The chain of hashes, the proof at the end of a file, and what follows from them.

use sha2::{Digest, Sha256};

use crate::file::{HEADER, Shape, header, read_header};
use crate::{SECOND, Step};

/// A hash of the chain.
pub type Hash = [u8; 32];

/// The chunk that holds the proof.
const CHUNK: &[u8; 4] = b"rmpf";
const VERSION: u8 = 1;
/// Version, mark, two octets of nothing, when it began, blocks that never came.
const FIXED: usize = 16;
/// What the chain file begins with.
const CHAIN: &[u8; 8] = b"rmchain1";
/// The law and the time in it.
const CHAIN_HEAD: usize = 17;

/// What the chain file has of a second: its octets, and the hash.
pub type Entry = [u8; 2 + size_of::<Hash>()];

pub(crate) fn entry(octets: &[u8], hash: &Hash) -> Entry {
    let mut entry = [0; size_of::<Entry>()];
    // A second has 16,000 of them at most.
    let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
    entry[..2].copy_from_slice(&length.to_le_bytes());
    entry[2..].copy_from_slice(hash);
    entry
}

pub(crate) fn first(shape: &Shape) -> Hash {
    let mut hash = Sha256::new();
    hash.update(b"ringmain recording 1");
    hash.update([law_octet(shape)]);
    hash.update(shape.begun_us.to_le_bytes());
    hash.finalize().into()
}

pub(crate) fn next(before: &Hash, octets: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(octets);
    hash.finalize().into()
}

const fn law_octet(shape: &Shape) -> u8 {
    match shape.law {
        units::Law::A => b'A',
        units::Law::Mu => b'U',
    }
}

/// The beginning of a chain file.
pub(crate) fn chain_head(shape: &Shape) -> Vec<u8> {
    let mut octets = CHAIN.to_vec();
    octets.push(law_octet(shape));
    octets.extend(shape.begun_us.to_le_bytes());
    octets
}

/// What the end of a recording says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// When it began, in microseconds of UTC.
    pub begun_us: u64,
    /// Its end was lost with the power.
    pub cut: bool,
    /// Blocks of 2 ms that never came and are silence.
    pub missing: u32,
    /// The hash of each second.
    pub hashes: Vec<Hash>,
}

impl Proof {
    /// The last hash: that of the whole.
    #[must_use]
    pub fn last(&self) -> Option<&Hash> {
        self.hashes.last()
    }

    pub(crate) fn chunk(&self) -> Vec<u8> {
        let length = FIXED + self.hashes.len() * size_of::<Hash>();
        let mut octets = CHUNK.to_vec();
        octets.extend(u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
        octets.extend([VERSION, u8::from(self.cut), 0, 0]);
        octets.extend(self.begun_us.to_le_bytes());
        octets.extend(self.missing.to_le_bytes());
        octets.extend(self.hashes.iter().flatten());
        octets
    }

    fn read(octets: &[u8]) -> Option<Self> {
        let body = octets.strip_prefix(CHUNK)?;
        let length = u32::from_le_bytes(body.get(..4)?.try_into().ok()?);
        let body = body.get(4..)?;
        if body.len() != usize::try_from(length).ok()? || body.first() != Some(&VERSION) {
            return None;
        }
        let begun_us = u64::from_le_bytes(body.get(4..12)?.try_into().ok()?);
        let missing = u32::from_le_bytes(body.get(12..FIXED)?.try_into().ok()?);
        let (hashes, rest) = body[FIXED..].as_chunks();
        let known = rest.is_empty() && body[1] <= 1;
        known.then(|| Self { begun_us, cut: body[1] == 1, missing, hashes: hashes.to_vec() })
    }
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it was recorded, from its beginning to its end.
    Whole(Proof),
    /// As it was recorded, but its end was lost with the power.
    Cut(Proof),
    /// Somebody changed it: from this second on, counted from 1, it is not what was recorded.
    Changed {
        /// The second.
        second: usize,
    },
    /// It still goes on, or has not been mended since the power went.
    Open,
}

/// Why a file cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is no recording of ours.
    Foreign,
    /// Its chain is of another recording, or none.
    NoChain,
}

/// Judges a file.
///
/// # Errors
/// [`Fault::Foreign`].
pub fn verify(octets: &[u8]) -> Result<Verdict, Fault> {
    let (law, sound) = read_header(octets).ok_or(Fault::Foreign)?;
    let sound = usize::try_from(sound).map_err(|_| Fault::Foreign)?;
    let body = &octets[HEADER..];
    let Some((sound, end)) = body.split_at_checked(sound) else {
        // The header tells of more than there is: octets were taken away.
        return Ok(Verdict::Changed { second: body.len() / SECOND + 1 });
    };
    if end.is_empty() {
        return Ok(Verdict::Open);
    }
    let seconds = sound.chunks(SECOND);
    let Some(proof) = Proof::read(end) else {
        return Ok(Verdict::Changed { second: seconds.len() + 1 });
    };
    let mut hash = first(&Shape { law, begun_us: proof.begun_us });
    let mut hashes = proof.hashes.iter();
    for (index, second) in sound.chunks(SECOND).enumerate() {
        hash = next(&hash, second);
        if hashes.next() != Some(&hash) {
            return Ok(Verdict::Changed { second: index + 1 });
        }
    }
    if hashes.next().is_some() {
        return Ok(Verdict::Changed { second: sound.len() / SECOND + 1 });
    }
    Ok(if proof.cut { Verdict::Cut(proof) } else { Verdict::Whole(proof) })
}

/// Closes a recording that was cut: what is to be done with its file, and its proof. `wav` and
/// `chain` are as they were found.
///
/// # Errors
/// [`Fault::NoChain`]: nothing tells what was recorded.
pub fn mend(wav: &[u8], chain: &[u8]) -> Result<(Vec<Step>, Proof), Fault> {
    let head = chain.get(..CHAIN_HEAD).filter(|head| head.starts_with(CHAIN));
    let head = head.ok_or(Fault::NoChain)?;
    let law = if head[8] == b'A' { units::Law::A } else { units::Law::Mu };
    let begun_us = head[9..].try_into().map(u64::from_le_bytes).map_err(|_| Fault::NoChain)?;
    let shape = Shape { law, begun_us };
    let (told, _): (&[Entry], _) = chain[CHAIN_HEAD..].as_chunks();
    let sound = wav.get(HEADER..).unwrap_or_default();
    let (mut hash, mut hashes, mut length) = (first(&shape), vec![], 0);
    for told in told {
        let octets = usize::from(u16::from_le_bytes([told[0], told[1]]));
        let Some(second) = sound.get(length..length + octets) else { break };
        hash = next(&hash, second);
        if told[2..] != hash {
            break;
        }
        hashes.push(hash);
        length += octets;
    }
    let proof = Proof { begun_us, cut: true, missing: 0, hashes };
    let end = proof.chunk();
    let sound = u32::try_from(length).unwrap_or(u32::MAX);
    let behind = u32::try_from(end.len()).unwrap_or(u32::MAX);
    let steps = vec![
        Step::Cut { length: HEADER + length },
        Step::Append(end),
        Step::Header(header(law, sound, behind)),
        Step::Close,
    ];
    Ok((steps, proof))
}
