//! The journal: every change of state in memory that outlives the process.
//!
//! ```text
//!  0        64       4096                                                   the end
//!  │ head A │ head B │ checkpoint │ change │ change │ … free │  the other area      │
//!                    ▲ area 0                       ▲ committed
//! ```
//!
//! A record is `length, sequence, time, body, checksum`; sequences rise by one. The heads are
//! written in turn and say which area is live and how much of it is committed. When a change does
//! not fit, what is live is written to the other area as one checkpoint, the change behind it, and
//! then the heads turn to it: a crash at any moment finds one area whole.
//!
//! Up to the committed octet everything must be right, or nothing is believed
//! ([`Refusal::Damaged`]). Behind it stands at most a change that was never told to be kept: it is
//! taken if it is whole and left if it is torn.

mod head;
#[cfg(test)]
mod tests;

use std::fmt;

use units::Instant;

use crate::map::Map;
use crate::transaction::{Entry, Key, Transaction, entries};
use head::Head;

/// The format that this release writes and the newest that it reads.
pub const FORMAT: u16 = 1;
/// The oldest format that this release reads.
const OLDEST: u16 = 1;
/// Octets before the areas.
const AREAS: usize = 4096;
/// Length, sequence, time; then the body and its checksum.
const RECORD_HEAD: usize = 4 + 8 + 8;
const CHECK: usize = 4;
/// No journal counts so far: beyond are numbers that nobody wrote.
const ENDLESS: u64 = 1 << 63;
/// Where the number of crashes stands, outside of the heads: it is written by a dying process.
const CRASHES: usize = 256;
/// Where the number of restores stands that did not come to their end.
const UNFINISHED: usize = 257;

/// Why a journal is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Of a format that this release does not read.
    Format {
        /// The format found.
        found: u16,
        /// The oldest and the newest that this release reads.
        oldest: u16,
        /// See `oldest`.
        newest: u16,
    },
    /// Octets are not as they were written.
    Damaged,
    /// Too small to hold anything.
    TooSmall,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format { found, oldest, newest } => {
                write!(f, "its format is {found}, this release reads {oldest} to {newest}")
            }
            Self::Damaged => f.write_str("its octets are not as they were written"),
            Self::TooSmall => f.write_str("it is too small"),
        }
    }
}

/// What is live does not fit the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// Where a live record's octets stand in the live area.
#[derive(Clone, Copy, Debug)]
struct Place {
    begin: usize,
    length: usize,
}

/// The journal in memory of type `M`: a mapped file in the product.
#[derive(Debug)]
pub struct Journal<M> {
    memory: M,
    head: Head,
    live: Map<Place>,
    live_octets: usize,
    /// When the last change was.
    at: Instant,
    checkpoints: u64,
}

/// A journal as it was found.
#[derive(Debug)]
pub struct Opened<M> {
    /// It, ready for the next change.
    pub journal: Journal<M>,
    /// Octets behind the committed ones were torn and left.
    pub torn: bool,
}

impl<M: AsRef<[u8]> + AsMut<[u8]>> Journal<M> {
    /// An empty journal in this memory, whatever was in it.
    ///
    /// # Errors
    /// [`Full`] if the memory is too small for anything.
    pub fn fresh(mut memory: M) -> Result<Self, Full> {
        if area_octets(memory.as_ref()) < 1024 {
            return Err(Full);
        }
        // Areas too: changes of a journal before would follow the first checkpoint of this one.
        memory.as_mut().fill(0);
        let mut journal = Self {
            memory,
            head: Head::default(),
            live: Map::default(),
            live_octets: 0,
            at: Instant::ZERO,
            checkpoints: 0,
        };
        journal.checkpoint()?;
        Ok(journal)
    }

    /// Reads the journal in this memory; `None` if there never was one (its heads are zeros).
    ///
    /// # Errors
    /// Any [`Refusal`], with the memory.
    pub fn open(memory: M) -> Result<Option<Opened<M>>, (M, Refusal)> {
        let octets = memory.as_ref();
        if area_octets(octets) < 1024 {
            return Err((memory, Refusal::TooSmall));
        }
        if octets[..CRASHES].iter().all(|octet| *octet == 0) {
            return Ok(None);
        }
        let head = match Head::newest(octets) {
            Ok(head) => head,
            Err(refusal) => return Err((memory, refusal)),
        };
        let mut journal = Self {
            memory,
            head,
            live: Map::default(),
            live_octets: 0,
            at: Instant::ZERO,
            checkpoints: 0,
        };
        match journal.replay() {
            Ok(torn) => {
                journal.wipe();
                Ok(Some(Opened { journal, torn }))
            }
            Err(refusal) => Err((journal.memory, refusal)),
        }
    }

    fn area(&self, which: u8) -> usize {
        AREAS + usize::from(which & 1) * area_octets(self.memory.as_ref())
    }

    /// The record at an offset of the live area, whatever the heads say: its sequence, its time,
    /// where its body begins and ends.
    fn record(&self, offset: usize) -> Option<(u64, Instant, usize, usize)> {
        let octets = self.memory.as_ref();
        let (begin, size) = (self.area(self.head.area), area_octets(octets));
        let area = octets.get(begin..begin + size)?;
        let head = area.get(offset..offset.checked_add(RECORD_HEAD)?)?;
        let length = usize::try_from(u32::from_be_bytes(head[..4].try_into().ok()?)).ok()?;
        let body = offset + RECORD_HEAD;
        let end = body.checked_add(length)?;
        let check = area.get(end..end.checked_add(CHECK)?)?;
        let right = crc32fast::hash(&area[offset..end]).to_be_bytes();
        if length == 0 || check != right.as_slice() {
            return None;
        }
        let sequence = u64::from_be_bytes(head[4..12].try_into().ok()?);
        if sequence >= ENDLESS {
            return None;
        }
        let at = u64::from_be_bytes(head[12..20].try_into().ok()?);
        Some((sequence, Instant(at), begin + body, begin + end))
    }

    /// Reads the live area from its checkpoint on. `true`: something torn is behind it.
    fn replay(&mut self) -> Result<bool, Refusal> {
        let committed = usize::try_from(self.head.committed).map_err(|_| Refusal::Damaged)?;
        let last = self.head.sequence;
        let mut offset = 0;
        let mut expected = None;
        while let Some((sequence, at, begin, end)) = self.record(offset) {
            if expected.is_some_and(|expected| expected != sequence) || at < self.at {
                break;
            }
            // The first octet keeps an empty transaction from being an empty record.
            let body = self.memory.as_ref()[begin + 1..end].to_vec();
            if !self.take_in(&body, begin + 1) {
                return Err(Refusal::Damaged);
            }
            (self.at, expected) = (at, Some(sequence + 1));
            offset += RECORD_HEAD + (end - begin) + CHECK;
        }
        let found = expected.map_or(0, |next| next - 1);
        if offset < committed || found < last {
            return Err(Refusal::Damaged);
        }
        let torn = self.looks_begun(offset, found + 1);
        (self.head.committed, self.head.sequence) = (offset as u64, found);
        Ok(torn)
    }

    /// Clears all that is not live. A power cut may leave whole records behind a torn one, and in
    /// the other area: in front of them changes of the same length and number may come to stand.
    fn wipe(&mut self) {
        let begin = self.area(self.head.area);
        let other = self.area(self.head.area ^ 1);
        let size = area_octets(self.memory.as_ref());
        let live = usize::try_from(self.head.committed).map_or(size, |used| used.min(size));
        for stale in [begin + live..begin + size, other..other + size] {
            // What is clear already stays untouched: it need not go to the disk again.
            for page in self.memory.as_mut()[stale].chunks_mut(4096) {
                if page.iter().fold(0, |all, octet| all | octet) != 0 {
                    page.fill(0);
                }
            }
        }
    }

    /// Whether the next change was begun at an offset and did not become whole.
    fn looks_begun(&self, offset: usize, sequence: u64) -> bool {
        let begin = self.area(self.head.area) + offset;
        let octets = self.memory.as_ref();
        octets.get(begin + 4..begin + 12) == Some(sequence.to_be_bytes().as_slice())
    }

    fn take_in(&mut self, octets: &[u8], begin: usize) -> bool {
        for entry in entries(octets) {
            match entry {
                None => return false,
                Some((Entry::Forget(key), _)) => self.drop_live(key),
                Some((Entry::Put(key, record), at)) => {
                    let place = Place { begin: begin + at, length: record.len() };
                    self.live_octets += place.length;
                    if let Some(before) = self.live.insert(key, place) {
                        self.live_octets -= before.length;
                    }
                }
            }
        }
        true
    }

    fn drop_live(&mut self, key: Key) {
        if let Some(place) = self.live.remove(&key) {
            self.live_octets -= place.length;
        }
    }

    /// Every record, by key.
    pub fn records(&self) -> impl Iterator<Item = (Key, &[u8])> {
        let octets = self.memory.as_ref();
        let mut live: Vec<_> = self.live.iter().collect();
        live.sort_unstable_by_key(|(key, _)| **key);
        live.into_iter()
            .map(|(key, place)| (*key, &octets[place.begin..place.begin + place.length]))
    }

    /// Keeps a change that happened at `at`. It outlives the process when this returns.
    ///
    /// # Errors
    /// [`Full`] if what is live fills an area; the journal is as before.
    pub fn append(&mut self, at: Instant, change: &Transaction) -> Result<(), Full> {
        let needed = RECORD_HEAD + 1 + change.octets().len() + CHECK;
        let size = area_octets(self.memory.as_ref());
        let room = |journal: &Self| {
            usize::try_from(journal.head.committed).is_ok_and(|used| used + needed <= size)
        };
        self.at = self.at.max(at);
        if !room(self) {
            self.checkpoint()?;
            if !room(self) {
                return Err(Full);
            }
        }
        let begin = self.write(self.head.area, self.head.committed, change.octets())?;
        // Cannot be wrong: it was written by a transaction.
        self.take_in(change.octets(), begin);
        self.head.committed += needed as u64;
        self.head.sequence += 1;
        self.commit();
        Ok(())
    }

    /// Writes a record at an offset of an area; gives back where its entries begin.
    fn write(&mut self, area: u8, offset: u64, entries: &[u8]) -> Result<usize, Full> {
        let start = self.area(area) + usize::try_from(offset).map_err(|_| Full)?;
        let length = u32::try_from(1 + entries.len()).map_err(|_| Full)?;
        let (sequence, at) = (self.head.sequence + 1, self.at.0);
        let end = start + RECORD_HEAD + 1 + entries.len();
        let limit = self.area(area) + area_octets(self.memory.as_ref());
        if end + CHECK > limit {
            return Err(Full);
        }
        let room = &mut self.memory.as_mut()[start..end + CHECK];
        room[..4].copy_from_slice(&length.to_be_bytes());
        room[4..12].copy_from_slice(&sequence.to_be_bytes());
        room[12..20].copy_from_slice(&at.to_be_bytes());
        room[RECORD_HEAD] = 0;
        let body = RECORD_HEAD + 1 + entries.len();
        room[RECORD_HEAD + 1..body].copy_from_slice(entries);
        let check = crc32fast::hash(&room[..body]).to_be_bytes();
        room[body..].copy_from_slice(&check);
        Ok(start + RECORD_HEAD + 1)
    }

    fn commit(&mut self) {
        // The record must stand in memory before the head that says so: whoever maps the file
        // after the process died sees both in this order.
        std::sync::atomic::fence(std::sync::atomic::Ordering::Release);
        self.head.serial += 1;
        let head = self.head;
        head.write(self.memory.as_mut());
    }

    /// Writes all that is live to the other area and turns to it.
    fn checkpoint(&mut self) -> Result<(), Full> {
        let other = (self.head.area & 1) ^ 1;
        let mut all = Transaction::new();
        for (key, octets) in self.records() {
            all.put(key, octets);
        }
        let needed = RECORD_HEAD + 1 + all.octets().len() + CHECK;
        let begin = self.write(other, 0, all.octets())?;
        self.live.clear();
        self.live_octets = 0;
        self.take_in(all.octets(), begin);
        self.head.area = other;
        self.head.committed = needed as u64;
        self.head.sequence += 1;
        self.commit();
        self.checkpoints += 1;
        Ok(())
    }

    /// When the last change was.
    #[must_use]
    pub const fn at(&self) -> Instant {
        self.at
    }

    /// Changes kept since the journal was made.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.head.sequence
    }

    /// Octets of all records, of the live area as far as it is written, and of an area.
    #[must_use]
    pub fn sizes(&self) -> (usize, u64, usize) {
        (self.live_octets, self.head.committed, area_octets(self.memory.as_ref()))
    }

    /// Times that what is live was written anew since the journal was opened.
    #[must_use]
    pub const fn checkpoints(&self) -> u64 {
        self.checkpoints
    }

    /// How often the process crashed, and how often it did not finish to restore, since it last
    /// was well.
    #[must_use]
    pub fn troubles(&self) -> (u8, u8) {
        let octets = self.memory.as_ref();
        (octets[CRASHES], octets[UNFINISHED])
    }

    /// A restore begins.
    pub fn restoring(&mut self) {
        let unfinished = &mut self.memory.as_mut()[UNFINISHED];
        *unfinished = unfinished.saturating_add(1);
    }

    /// A restore came to its end. Crashes soon after it still count, by [`Self::crash_mark`].
    pub fn restored(&mut self) {
        self.memory.as_mut()[UNFINISHED] = 0;
    }

    /// What was restored runs well.
    pub fn is_well(&mut self) {
        self.memory.as_mut()[CRASHES..=UNFINISHED].fill(0);
    }

    /// Where the number of crashes stands in the memory, for the hand of a dying process.
    #[must_use]
    pub const fn crash_mark() -> usize {
        CRASHES
    }

    /// The memory, for those who test what becomes of it.
    pub fn into_memory(self) -> M {
        self.memory
    }
}

/// Octets of one area.
fn area_octets(memory: &[u8]) -> usize {
    memory.len().saturating_sub(AREAS) / 2
}
