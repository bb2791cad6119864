//! An Ogg Opus file (RFC 7845) with its proof in a stream of its own.
//!
//! ```text
//!   sound  OpusHead ·          OpusTags  second 1 ·       second 2 ·       …  (end)
//!   proof  ·        rmchain2 · ·         ·        hash 1  ·        hash 2  …  ·     rmpf
//! ```
//!
//! A page holds a second; the page behind it its hash, over all octets of the page, which is
//! `hash n` of the chain. `hash 0` is over the three pages in front. Every page of the proof can be
//! made again from what it says, so a file is as it was written or is not.

use sha2::{Digest, Sha256};
use units::Law;
use units::media::BLOCK_SAMPLES;

use crate::coder::{Coder, FRAME};
use crate::file::Shape;
use crate::mute::Octets;
use crate::ogg::{BEGIN, END, LONGEST_HEAD, Place, first, page, read};
use crate::proof::{Fault, Hash, Proof, Verdict, law_octet, next, part};
use crate::take::{Step, Tally};

/// Opus counts at 48 kHz, whatever it is made from (RFC 7845 4).
const GRANULES: u64 = 6;
const SECOND: u64 = 48_000;
/// Frames of a second.
const FRAMES: usize = 50;
const RATE_HZ: u32 = 8000;
/// What the stream of the proof begins with; law and time follow.
const CHAIN: &[u8; 8] = b"rmchain2";
/// What its last packet begins with.
const PROOF: &[u8; 5] = b"rmpf\x02";
/// Of this length: mark, blocks that never came, muted blocks.
const PROOF_OCTETS: usize = 16;

/// The streams of a file: their numbers should be no other file's.
const fn serials(begun_us: u64) -> [u32; 2] {
    let [a, b, c, d, ..] = begun_us.to_le_bytes();
    let number = u32::from_le_bytes([a, b, c, d]);
    [number & !1, number | 1]
}

/// The pages in front of the sound, `skip` granules of which come before it.
fn heads(shape: &Shape, skip: u16) -> Vec<u8> {
    let [sound, proof] = serials(shape.begun_us);
    let mut head = b"OpusHead\x01\x02".to_vec();
    head.extend(skip.to_le_bytes());
    head.extend(RATE_HZ.to_le_bytes());
    head.extend([0; 3]);
    let mut chain = CHAIN.to_vec();
    chain.push(law_octet(shape));
    chain.extend(shape.begun_us.to_le_bytes());
    let mut tags = b"OpusTags".to_vec();
    let vendor = b"Ringmain";
    tags.extend([u8::try_from(vendor.len()).unwrap_or(0), 0, 0, 0]);
    tags.extend(vendor);
    tags.extend([0; 4]);
    let place = |flags, serial, sequence| Place { flags, granule: 0, serial, sequence };
    let mut octets = page(place(BEGIN, sound, 0), [&head[..]]);
    octets.extend(page(place(BEGIN, proof, 0), [&chain[..]]));
    octets.extend(page(place(0, sound, 1), [&tags[..]]));
    octets
}

fn first_hash(heads: &[u8]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(b"ringmain recording 2");
    hash.update(heads);
    hash.finalize().into()
}

/// The page behind a second, and that behind all.
fn hash_page(place: Place, hash: &Hash, index: usize) -> Vec<u8> {
    let sequence = sequence(index).saturating_sub(1);
    page(Place { flags: 0, sequence, serial: place.serial | 1, ..place }, [&hash[..]])
}

/// A page without sound that ends its stream: of a file that was cut.
fn end_page(serial: u32, granule: u64, seconds: usize) -> Vec<u8> {
    page(Place { flags: END, granule, serial, sequence: sequence(seconds) }, [])
}

fn proof_page(proof: &Proof, serial: u32, granule: u64) -> Vec<u8> {
    let mut packet = PROOF.to_vec();
    packet.extend([u8::from(proof.cut), 0, 0]);
    packet.extend(proof.missing.to_le_bytes());
    packet.extend(proof.muted.to_le_bytes());
    let sequence = sequence(proof.hashes.len()).saturating_sub(1);
    page(Place { flags: END, granule, serial: serial | 1, sequence }, [&packet[..]])
}

/// Which page of the sound a second is, from 0.
fn sequence(second: usize) -> u32 {
    u32::try_from(second + 2).unwrap_or(u32::MAX)
}

/// Writes such a file.
#[derive(Debug)]
pub(crate) struct Writer {
    shape: Shape,
    coder: Coder,
    /// Samples by which sound is late in the file.
    late: usize,
    /// The frame that fills, left and right in turn.
    frame: Vec<i16>,
    /// The second that fills.
    packets: Vec<Vec<u8>>,
    blocks: usize,
    hash: Hash,
    hashes: Vec<Hash>,
}

impl Writer {
    /// `None`: there is no Opus here.
    pub(crate) fn begin(shape: Shape) -> Option<(Self, Step)> {
        let (coder, late) = Coder::new()?;
        let heads = heads(&shape, skip(late));
        let writer = Self {
            shape,
            coder,
            late,
            frame: Vec::with_capacity(2 * FRAME),
            packets: Vec::with_capacity(FRAMES + 1),
            blocks: 0,
            hash: first_hash(&heads),
            hashes: vec![],
        };
        Some((writer, Step::Create(heads.clone(), heads)))
    }

    pub(crate) const fn blocks(&self) -> usize {
        self.blocks
    }

    pub(crate) fn take(&mut self, sides: &[Octets; 2], steps: &mut Vec<Step>) {
        let mut linear = [[0; BLOCK_SAMPLES]; 2];
        for (samples, octets) in linear.iter_mut().zip(sides) {
            g711::decode_block(self.shape.law, octets, samples);
        }
        self.blocks += 1;
        let [left, right] = linear;
        self.frame.extend(left.into_iter().zip(right).flat_map(|(left, right)| [left, right]));
        if let Ok(frame) = self.frame[..].try_into() {
            self.packets.push(self.coder.packet(frame));
            self.frame.clear();
        }
        if self.packets.len() == FRAMES {
            let granule = SECOND * (self.hashes.len() as u64 + 1);
            self.write_second(0, granule, steps);
        }
    }

    fn write_second(&mut self, flags: u8, granule: u64, steps: &mut Vec<Step>) {
        let [serial, _] = serials(self.shape.begun_us);
        let index = self.hashes.len();
        let place = Place { flags, granule, serial, sequence: sequence(index) };
        let mut octets = page(place, self.packets.iter().map(|packet| &packet[..]));
        self.packets.clear();
        self.hash = next(&self.hash, &octets);
        self.hashes.push(self.hash);
        octets.extend(hash_page(place, &self.hash, index));
        steps.extend([Step::Append(octets), Step::Sync]);
    }

    pub(crate) fn end(mut self, tally: Tally, mut steps: Vec<Step>) -> (Vec<Step>, Proof) {
        let samples = self.blocks * BLOCK_SAMPLES;
        let all = if samples == 0 { 0 } else { (samples + self.late).div_ceil(FRAME) };
        let mut made = self.hashes.len() * FRAMES + self.packets.len();
        while made < all {
            self.frame.resize(2 * FRAME, 0);
            let Ok(frame) = self.frame[..].try_into() else { break };
            self.packets.push(self.coder.packet(frame));
            self.frame.clear();
            made += 1;
        }
        let skip = skip(self.late);
        let granule = u64::from(skip) + GRANULES * samples as u64;
        if !self.packets.is_empty() {
            self.write_second(END, granule, &mut steps);
        }
        let [serial, _] = serials(self.shape.begun_us);
        let Tally { missing, muted } = tally;
        let (begun_us, seconds) = (self.shape.begun_us, seconds(granule, skip));
        let proof = Proof { begun_us, cut: false, missing, muted, seconds, hashes: self.hashes };
        steps.push(Step::Append(proof_page(&proof, serial, granule)));
        steps.push(Step::Close);
        (steps, proof)
    }
}

/// Granules in front of the first sample.
fn skip(late: usize) -> u16 {
    u16::try_from(late as u64 * GRANULES).unwrap_or(u16::MAX)
}

/// Seconds of sound until there, one that is not full included.
fn seconds(granule: u64, skip: u16) -> usize {
    let granules = granule.saturating_sub(skip.into());
    usize::try_from(granules.div_ceil(SECOND)).unwrap_or(usize::MAX)
}

/// What the pages in front tell.
struct Heads {
    shape: Shape,
    skip: u16,
    octets: Vec<u8>,
}

/// Reads the pages in front; `None`: they are not ours.
fn read_heads(octets: &[u8]) -> Option<Heads> {
    let (_, head, page) = first(octets)?;
    let (_, chain, _) = first(&octets[page.len()..])?;
    let skip = u16::from_le_bytes(head.get(10..12)?.try_into().ok()?);
    let chain = chain.strip_prefix(CHAIN)?;
    let law = if *chain.first()? == b'A' { Law::A } else { Law::Mu };
    let begun_us = u64::from_le_bytes(chain.get(1..)?.try_into().ok()?);
    let shape = Shape { law, begun_us };
    let own = heads(&shape, skip);
    octets.starts_with(&own).then_some(Heads { shape, skip, octets: own })
}

/// Octets of the three pages in front, of any file.
fn heads_length() -> usize {
    heads(&Shape { law: Law::A, begun_us: 0 }, 0).len()
}

/// Reads a file page by page.
struct Reading<R> {
    read: R,
    at: u64,
    length: u64,
}

impl<E, R: FnMut(u64, &mut [u8]) -> Result<(), E>> Reading<R> {
    fn take(&mut self, most: usize) -> Result<Vec<u8>, E> {
        let left = usize::try_from(self.length - self.at).unwrap_or(usize::MAX);
        let mut room = vec![0; left.min(most)];
        (self.read)(self.at, &mut room)?;
        Ok(room)
    }

    /// The next page, which is passed; empty if there is no whole one.
    fn page(&mut self) -> Result<Vec<u8>, E> {
        let head = self.take(LONGEST_HEAD)?;
        let Some((_, _, length)) = read(&head) else { return Ok(vec![]) };
        let mut page = self.take(length)?;
        if page.len() < length {
            page.clear();
        }
        self.at += page.len() as u64;
        Ok(page)
    }
}

/// How far a file is as it was written.
struct Walk {
    hashes: Vec<Hash>,
    hash: Hash,
    /// Where the last second that is as it was ends, and the time there.
    end: u64,
    granule: u64,
    /// It is the last.
    ended: bool,
}

fn walk<E, R: FnMut(u64, &mut [u8]) -> Result<(), E>>(
    reading: &mut Reading<R>,
    heads: &Heads,
) -> Result<Walk, E> {
    let [serial, _] = serials(heads.shape.begun_us);
    let mut walk = Walk {
        hashes: vec![],
        hash: first_hash(&heads.octets),
        end: heads.octets.len() as u64,
        granule: heads.skip.into(),
        ended: false,
    };
    loop {
        reading.at = walk.end;
        let page = reading.page()?;
        let Some((place, body, _)) = first(&page) else { return Ok(walk) };
        let index = walk.hashes.len();
        if place.serial != serial || place.sequence != sequence(index) || body.is_empty() {
            return Ok(walk);
        }
        let hash = next(&walk.hash, &page);
        let wanted = hash_page(place, &hash, index);
        if walk.ended || reading.page()? != wanted {
            return Ok(walk);
        }
        walk.hashes.push(hash);
        (walk.hash, walk.end, walk.granule) = (hash, reading.at, place.granule);
        walk.ended = place.flags & END != 0;
    }
}

/// As [`crate::verify_by`], of such a file.
pub(crate) fn verify_by<E>(
    length: u64,
    read: impl FnMut(u64, &mut [u8]) -> Result<(), E>,
) -> Result<Result<Verdict, Fault>, E> {
    let mut reading = Reading { read, at: 0, length };
    let front = reading.take(heads_length())?;
    let Some(heads) = read_heads(&front) else { return Ok(Err(Fault::Foreign)) };
    let mut walk = walk(&mut reading, &heads)?;
    let second = walk.hashes.len() + 1;
    let changed = Ok(Ok(Verdict::Changed { second }));
    if walk.end == length {
        return Ok(Ok(Verdict::Open { second }));
    }
    let [serial, _] = serials(heads.shape.begun_us);
    reading.at = walk.end;
    let mut behind = reading.page()?;
    let cut = behind == end_page(serial, walk.granule, walk.hashes.len());
    if cut {
        behind = reading.page()?;
    }
    let Some(mut proof) = read_proof(&behind) else { return changed };
    proof.begun_us = heads.shape.begun_us;
    proof.seconds = seconds(walk.granule, heads.skip);
    proof.hashes = std::mem::take(&mut walk.hashes);
    let whole = !cut && (walk.ended || proof.hashes.is_empty());
    let own = proof_page(&proof, serial, walk.granule);
    let good = behind == own && reading.at == length;
    Ok(Ok(match proof.cut {
        true if good && cut && !walk.ended => Verdict::Cut(proof),
        false if good && whole => Verdict::Whole(proof),
        _ => Verdict::Changed { second },
    }))
}

/// What the last packet tells.
fn read_proof(page: &[u8]) -> Option<Proof> {
    let (_, body, _) = first(page)?;
    let body: &[u8; PROOF_OCTETS] = body.try_into().ok()?;
    let known = body.starts_with(PROOF) && body[5] <= 1;
    let four = |at: usize| body[at..at + 4].try_into().map(u32::from_le_bytes).ok();
    let (missing, muted) = (four(8)?, four(12)?);
    known.then(|| Proof { missing, muted, cut: body[5] == 1, ..Proof::default() })
}

/// As [`crate::mend`], of such a file; `chain` holds its heads.
pub(crate) fn mend(file: &[u8], chain: &[u8]) -> Result<(Vec<Step>, Proof), Fault> {
    let heads = read_heads(chain).ok_or(Fault::NoChain)?;
    let mut steps = vec![];
    let (length, whole) = (file.len() as u64, file.starts_with(&heads.octets));
    let mut reading = Reading { read: |at, room: &mut [u8]| part(file, at, room), at: 0, length };
    let walk = if whole { walk(&mut reading, &heads).ok() } else { None };
    let [serial, _] = serials(heads.shape.begun_us);
    let (mut proof, mut granule, mut ended) = (Proof::default(), heads.skip.into(), false);
    if let Some(walk) = walk {
        steps.push(Step::Cut { length: usize::try_from(walk.end).unwrap_or(0) });
        (proof.hashes, granule, ended) = (walk.hashes, walk.granule, walk.ended);
    } else {
        steps.extend([Step::Cut { length: 0 }, Step::Append(heads.octets.clone())]);
    }
    proof.begun_us = heads.shape.begun_us;
    proof.seconds = seconds(granule, heads.skip);
    // Its last page of sound may be there without the proof: then nothing is missing.
    proof.cut = !ended;
    if !ended {
        steps.push(Step::Append(end_page(serial, granule, proof.hashes.len())));
    }
    steps.extend([Step::Append(proof_page(&proof, serial, granule)), Step::Close]);
    Ok((steps, proof))
}
