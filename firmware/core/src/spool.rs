//! The events' spool on disk: numbered, checksummed, preallocated, bounded.
//!
//! ```text
//!  0        512      1024                                                    SPOOL_OCTETS
//!  │ head A │ head B │ record │ record │ …  free  … │ record │ record │ record │
//!                             ▲ next                ▲ tail (oldest not acknowledged)
//! ```
//!
//! A record is never split: if it does not fit before the end of the file, a filler takes the rest
//! and the record begins behind the heads. The heads are written in turn, the valid one with the
//! higher serial counts; they only say where the tail is, so a head that was not written yet means
//! that events are sent twice, which is harmless. A torn record at the end is recognised by its
//! checksum and was never acknowledged to anybody.
//!
//! When room runs short detail events are refused first ([`SpoolFault::Short`]); the reserve is for
//! records ([`SpoolFault::Full`] when even that is used).

use std::io;

use limits::{SPOOL_OCTETS, SPOOL_RESERVE};

/// Where the spool lives: a file in the product, memory with faults in the simulator.
pub trait Storage {
    /// Fills `room` from `at`.
    ///
    /// # Errors
    /// What the disk says.
    fn read_at(&mut self, at: u64, room: &mut [u8]) -> io::Result<()>;

    /// Writes `octets` at `at`.
    ///
    /// # Errors
    /// What the disk says.
    fn write_at(&mut self, at: u64, octets: &[u8]) -> io::Result<()>;

    /// Returns when everything written is safe.
    ///
    /// # Errors
    /// What the disk says.
    fn sync(&mut self) -> io::Result<()>;
}

const HEAD: u64 = 512;
const FIRST: u64 = 2 * HEAD;
/// Magic, four zeros, serial, acknowledged, tail, identity, checksum.
const HEAD_OCTETS: usize = 4 + 4 + 8 + 8 + 8 + 8 + 4;
const HEAD_MAGIC: u32 = 0x524D_5348;
const RECORD_MAGIC: u32 = 0x524D_5352;
const FILLER_MAGIC: u32 = 0x524D_5346;
/// Magic, length, number, checksum.
const RECORD_HEAD: usize = 4 + 4 + 8 + 4;
/// Octets of one event at most.
pub const EVENT_OCTETS: usize = 4096;

/// Why an event was not taken.
#[derive(Debug)]
pub enum SpoolFault {
    /// Room is short and the event is a detail.
    Short,
    /// There is no room at all.
    Full,
    /// Larger than [`EVENT_OCTETS`].
    TooLong,
    /// The disk said no.
    Disk(io::Error),
}

/// One event in the spool: its number and where its record stands.
#[derive(Clone, Copy, Debug)]
struct Place {
    at: u64,
}

/// The spool.
#[derive(Debug)]
pub struct Spool<S> {
    storage: S,
    /// Numbers `acknowledged + 1 ..` stand here, in order.
    places: std::collections::VecDeque<Place>,
    acknowledged: u64,
    next_at: u64,
    /// The tail that the head on disk is known to say: nothing behind it may be overwritten.
    safe_tail: u64,
    head_serial: u64,
    identity: u64,
    /// Events of this spool that were dropped as details.
    dropped: u64,
}

/// CRC-32 (ISO-HDLC) over all parts.
fn crc32(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}

fn be32(octets: &[u8], at: usize) -> u32 {
    octets.get(at..at + 4).and_then(|o| o.try_into().ok()).map_or(0, u32::from_be_bytes)
}

fn be64(octets: &[u8], at: usize) -> u64 {
    octets.get(at..at + 8).and_then(|o| o.try_into().ok()).map_or(0, u64::from_be_bytes)
}

impl<S: Storage> Spool<S> {
    /// Opens the spool of `storage`, which is [`SPOOL_OCTETS`] long, zeros if it is new. A new one
    /// gets the identity `fresh`: numbers begin again with it.
    ///
    /// # Errors
    /// What the disk says. Damage is no error: what cannot be believed is left out.
    pub fn open(mut storage: S, fresh: u64) -> io::Result<Self> {
        let mut best: Option<[u64; 4]> = None;
        for at in [0, HEAD] {
            let mut head = [0; HEAD_OCTETS];
            storage.read_at(at, &mut head)?;
            let check = be32(&head, HEAD_OCTETS - 4);
            let valid = be32(&head, 0) == HEAD_MAGIC && check == crc32(&[&head[..HEAD_OCTETS - 4]]);
            let found = [8, 16, 24, 32].map(|at| be64(&head, at));
            if valid && best.is_none_or(|best| found[0] > best[0]) {
                best = Some(found);
            }
        }
        let [head_serial, acknowledged, tail, identity] = best.unwrap_or([0, 0, FIRST, fresh]);
        let mut spool = Self {
            storage,
            places: std::collections::VecDeque::new(),
            acknowledged,
            next_at: tail,
            safe_tail: tail,
            head_serial,
            identity,
            dropped: 0,
        };
        spool.scan()?;
        if best.is_none() {
            spool.write_head()?;
            spool.sync()?;
        }
        Ok(spool)
    }

    /// Finds the records from the tail on, until one is not believable.
    fn scan(&mut self) -> io::Result<()> {
        let mut wrapped = false;
        loop {
            let wanted = self.last_number() + 1;
            match self.read_record(self.next_at)? {
                Some((number, body)) if number == wanted => {
                    self.places.push_back(Place { at: self.next_at });
                    self.next_at += (RECORD_HEAD + body.len()) as u64;
                }
                Some((0, _)) if !wrapped => {
                    self.next_at = FIRST;
                    wrapped = true;
                }
                _ => return Ok(()),
            }
        }
    }

    /// The record at `at`; number 0 for a filler or the end of the file.
    fn read_record(&mut self, at: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        if at + RECORD_HEAD as u64 > SPOOL_OCTETS {
            return Ok(Some((0, Vec::new())));
        }
        let mut head = [0; RECORD_HEAD];
        self.storage.read_at(at, &mut head)?;
        let length = be32(&head, 4) as usize;
        match be32(&head, 0) {
            FILLER_MAGIC if be32(&head, 16) == crc32(&[&head[..16]]) => {
                return Ok(Some((0, Vec::new())));
            }
            RECORD_MAGIC if length <= EVENT_OCTETS => {}
            _ => return Ok(None),
        }
        if at + (RECORD_HEAD + length) as u64 > SPOOL_OCTETS {
            return Ok(None);
        }
        let mut body = vec![0; length];
        self.storage.read_at(at + RECORD_HEAD as u64, &mut body)?;
        let right = be32(&head, 16) == crc32(&[&head[..16], &body]);
        Ok(right.then(|| (be64(&head, 8), body)))
    }

    /// The number of the newest event, acknowledged or not; 0 if there never was one.
    #[must_use]
    pub fn last_number(&self) -> u64 {
        self.acknowledged + self.places.len() as u64
    }

    /// The highest number that was acknowledged.
    #[must_use]
    pub const fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// Detail events refused since the spool was opened.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The storage, for those who test what it does.
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// As [`Self::into_storage`], to make it ill.
    #[cfg(test)]
    pub(crate) fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    /// Which spool this is: numbers of another one say nothing here.
    #[must_use]
    pub const fn identity(&self) -> u64 {
        self.identity
    }

    fn tail(&self) -> u64 {
        self.places.front().map_or(self.next_at, |place| place.at)
    }

    /// Octets that may still be written. The gap at the end of the file counts as used.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.free_before(self.tail())
    }

    fn free_before(&self, tail: u64) -> u64 {
        let (room, next) = (SPOOL_OCTETS - FIRST, self.next_at);
        let used = if next >= tail { next - tail } else { room - (tail - next) };
        // One octet stays free, so that a full spool does not look empty.
        (room - used).saturating_sub(1)
    }

    /// Returns when all events so far are safe.
    ///
    /// # Errors
    /// What the disk says.
    pub fn sync(&mut self) -> io::Result<()> {
        self.storage.sync()?;
        self.safe_tail = self.tail();
        Ok(())
    }

    /// Keeps an event; gives back its number. A record is safe on disk when this returns; a detail
    /// is when the next record is.
    ///
    /// # Errors
    /// Any [`SpoolFault`]; the event is then not in the spool.
    pub fn append(&mut self, event: &[u8], is_record: bool) -> Result<u64, SpoolFault> {
        if event.len() > EVENT_OCTETS {
            return Err(SpoolFault::TooLong);
        }
        let octets = (RECORD_HEAD + event.len()) as u64;
        let gap =
            if self.next_at + octets > SPOOL_OCTETS { SPOOL_OCTETS - self.next_at } else { 0 };
        let need = octets + gap;
        if !is_record && self.free() < need + SPOOL_RESERVE {
            self.dropped += 1;
            return Err(SpoolFault::Short);
        }
        if self.free() < need {
            return Err(SpoolFault::Full);
        }
        // A head that is not on disk yet may still point at what would be overwritten.
        if self.free_before(self.safe_tail) < need {
            self.sync().map_err(SpoolFault::Disk)?;
        }
        let number = self.last_number() + 1;
        self.write_record(number, event, gap).map_err(SpoolFault::Disk)?;
        let at = if gap > 0 { FIRST } else { self.next_at };
        self.places.push_back(Place { at });
        self.next_at = at + octets;
        if is_record {
            self.sync().map_err(SpoolFault::Disk)?;
        }
        Ok(number)
    }

    fn write_record(&mut self, number: u64, event: &[u8], gap: u64) -> io::Result<()> {
        let mut at = self.next_at;
        if gap >= RECORD_HEAD as u64 {
            let mut filler = [0; RECORD_HEAD];
            filler[..4].copy_from_slice(&FILLER_MAGIC.to_be_bytes());
            let check = crc32(&[&filler[..16]]);
            filler[16..].copy_from_slice(&check.to_be_bytes());
            self.storage.write_at(at, &filler)?;
        }
        if gap > 0 {
            at = FIRST;
        }
        let mut record = Vec::with_capacity(RECORD_HEAD + event.len());
        record.extend(RECORD_MAGIC.to_be_bytes());
        record.extend(u32::try_from(event.len()).unwrap_or(u32::MAX).to_be_bytes());
        record.extend(number.to_be_bytes());
        let check = crc32(&[&record, event]);
        record.extend(check.to_be_bytes());
        record.extend(event);
        self.storage.write_at(at, &record)
    }

    /// The event of this number; `None` if it is acknowledged, not there yet, or damaged.
    ///
    /// # Errors
    /// What the disk says.
    pub fn read(&mut self, number: u64) -> io::Result<Option<Vec<u8>>> {
        let index = number.checked_sub(self.acknowledged + 1);
        let place = index
            .and_then(|index| usize::try_from(index).ok())
            .and_then(|index| self.places.get(index).copied());
        let Some(place) = place else { return Ok(None) };
        let record = self.read_record(place.at)?;
        Ok(record.filter(|(found, _)| *found == number).map(|(_, body)| body))
    }

    /// All events up to `number` are safe elsewhere.
    ///
    /// # Errors
    /// What the disk says; the events are forgotten all the same.
    pub fn acknowledge(&mut self, number: u64) -> io::Result<()> {
        let number = number.min(self.last_number());
        if number <= self.acknowledged {
            return Ok(());
        }
        while self.acknowledged < number && self.places.pop_front().is_some() {
            self.acknowledged += 1;
        }
        self.write_head()
    }

    fn write_head(&mut self) -> io::Result<()> {
        self.head_serial += 1;
        let tail = self.tail();
        let mut head = Vec::with_capacity(HEAD_OCTETS);
        head.extend(HEAD_MAGIC.to_be_bytes());
        head.extend([0; 4]);
        head.extend(self.head_serial.to_be_bytes());
        head.extend(self.acknowledged.to_be_bytes());
        head.extend(tail.to_be_bytes());
        head.extend(self.identity.to_be_bytes());
        let check = crc32(&[&head]);
        head.extend(check.to_be_bytes());
        self.storage.write_at((self.head_serial % 2) * HEAD, &head)
    }
}

#[cfg(test)]
#[path = "spool_tests.rs"]
mod tests;
