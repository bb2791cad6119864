//! The chain of hashes, the proof at the end of a file, and what follows from them.

use sha2::{Digest, Sha256};

use crate::file::{HEADER, Shape, header, read_header};
use crate::{SECOND, Step, opus};

/// A hash of the chain.
pub type Hash = [u8; 32];

/// The chunk that holds the proof.
const CHUNK: &[u8; 4] = b"rmpf";
const VERSION: u8 = 2;
/// Version, mark, two octets of nothing, when it began, blocks that never came, muted blocks.
const FIXED: usize = 20;
/// Of version 1, which knew of no muted blocks.
const FIXED_1: usize = 16;
/// The name of a chunk and its length.
const CHUNK_HEAD: usize = 8;
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

pub(crate) const fn law_octet(shape: &Shape) -> u8 {
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proof {
    /// When it began, in microseconds of UTC.
    pub begun_us: u64,
    /// Its end was lost with the power.
    pub cut: bool,
    /// Blocks of 2 ms that never came and are silence.
    pub missing: u32,
    /// Blocks of 2 ms that are silent because a key was heard.
    pub muted: u32,
    /// Its seconds, one that is not full included.
    pub seconds: usize,
    /// The hash of each second, and of Opus perhaps of the rest of its last.
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
        octets.extend(self.muted.to_le_bytes());
        octets.extend(self.hashes.iter().flatten());
        octets
    }

    fn read(octets: &[u8]) -> Option<Self> {
        let body = octets.strip_prefix(CHUNK)?;
        let length = u32::from_le_bytes(body.get(..4)?.try_into().ok()?);
        let body = body.get(4..)?;
        if body.len() != usize::try_from(length).ok()? {
            return None;
        }
        let begun_us = u64::from_le_bytes(body.get(4..12)?.try_into().ok()?);
        let four = |at: usize| body.get(at..at + 4)?.try_into().map(u32::from_le_bytes).ok();
        let missing = four(12)?;
        let (muted, fixed) = match body[0] {
            1 => (0, FIXED_1),
            VERSION => (four(FIXED_1)?, FIXED),
            _ => return None,
        };
        let (hashes, rest) = body[fixed..].as_chunks();
        let (seconds, cut) = (hashes.len(), body[1] == 1);
        let known = rest.is_empty() && body[1] <= 1;
        known.then(|| Self { begun_us, cut, missing, muted, seconds, hashes: hashes.to_vec() })
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
    /// It still goes on, or has not been mended since the power went; or somebody took its end
    /// away, if no chain file is beside it.
    Open {
        /// The second that would come next, counted from 1.
        second: usize,
    },
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
    verify_by(octets.len() as u64, |at, room| part(octets, at, room)).and_then(|verdict| verdict)
}

/// Fills the room with what stands there.
pub(crate) fn part(octets: &[u8], at: u64, room: &mut [u8]) -> Result<(), Fault> {
    let from = usize::try_from(at).map_err(|_| Fault::Foreign)?;
    let there = octets.get(from..).and_then(|behind| behind.get(..room.len()));
    room.copy_from_slice(there.ok_or(Fault::Foreign)?);
    Ok(())
}

/// Judges a file of so many octets that `read` brings piece by piece, a second at most: `read(at,
/// room)` fills the room with what stands there.
///
/// # Errors
/// What `read` says; inside, [`Fault::Foreign`].
pub fn verify_by<E>(
    length: u64,
    mut read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
) -> Result<Result<Verdict, Fault>, E> {
    const HEAD: u64 = HEADER as u64;
    let mut head = [0; HEADER];
    if length < HEAD {
        return Ok(Err(Fault::Foreign));
    }
    read(0, &mut head)?;
    if head.starts_with(b"OggS") {
        return opus::verify_by(length, read);
    }
    let Some((law, sound)) = read_header(&head) else { return Ok(Err(Fault::Foreign)) };
    let seconds = |octets: u64| usize::try_from(octets / SECOND as u64).unwrap_or(usize::MAX);
    let Some(behind) = (length - HEAD).checked_sub(u64::from(sound)) else {
        // The header tells of more than there is: octets were taken away.
        return Ok(Ok(Verdict::Changed { second: seconds(length - HEAD) + 1 }));
    };
    let sound = sound as usize;
    let all = sound.div_ceil(SECOND);
    let most = CHUNK_HEAD + FIXED + all * size_of::<Hash>();
    let end = match usize::try_from(behind) {
        Ok(0) => return Ok(Ok(Verdict::Open { second: seconds(sound as u64) + 1 })),
        Ok(behind) if behind <= most => behind,
        _ => return Ok(Ok(Verdict::Changed { second: all + 1 })),
    };
    let mut proof = vec![0; end];
    read(HEAD + sound as u64, &mut proof)?;
    let Some(proof) = Proof::read(&proof) else {
        return Ok(Ok(Verdict::Changed { second: all + 1 }));
    };
    let mut hash = first(&Shape { law, begun_us: proof.begun_us });
    let (mut second, mut at) = ([0; SECOND], 0);
    for index in 0..all {
        let octets = (sound - at).min(SECOND);
        read(HEAD + at as u64, &mut second[..octets])?;
        hash = next(&hash, &second[..octets]);
        at += octets;
        if proof.hashes.get(index) != Some(&hash) {
            return Ok(Ok(Verdict::Changed { second: index + 1 }));
        }
    }
    Ok(Ok(if proof.cut { Verdict::Cut(proof) } else { Verdict::Whole(proof) }))
}

/// Closes a recording that was cut: what is to be done with its file, and its proof. `file` and
/// `chain` are as they were found.
///
/// # Errors
/// [`Fault::NoChain`]: nothing tells what was recorded.
pub fn mend(file: &[u8], chain: &[u8]) -> Result<(Vec<Step>, Proof), Fault> {
    if chain.starts_with(b"OggS") {
        return opus::mend(file, chain);
    }
    let head = chain.get(..CHAIN_HEAD).filter(|head| head.starts_with(CHAIN));
    let head = head.ok_or(Fault::NoChain)?;
    let law = if head[8] == b'A' { units::Law::A } else { units::Law::Mu };
    let begun_us = head[9..].try_into().map(u64::from_le_bytes).map_err(|_| Fault::NoChain)?;
    let shape = Shape { law, begun_us };
    let (told, _): (&[Entry], _) = chain[CHAIN_HEAD..].as_chunks();
    let sound = file.get(HEADER..).unwrap_or_default();
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
    let seconds = hashes.len();
    let proof = Proof { begun_us, cut: true, seconds, hashes, ..Proof::default() };
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
