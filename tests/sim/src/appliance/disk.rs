//! The disk of the box: the product's spool on storage in memory, the documents that the daemon
//! published, prompts of known length.
//!
//! Fault model. A sector of 512 octets is written whole or not at all. When the power goes, each
//! sector of each write since the last sync is kept or lost, one by one, in any order; what was
//! synced stays. The box must keep every record whose append returned. Documents and the boot
//! counter are replaced whole and synced (as the product does by writing a file beside and renaming
//! it). The disk is slow now and then, and may stand still for seconds. That it refuses to write,
//! or fills up, is for the tests of the spool.

use std::collections::{BTreeMap, VecDeque};
use std::io;

use engine::Clip;
use limits::SPOOL_OCTETS;
use link::Outcome;
use machine::check::Random;
use ringmain_core::disk::hash_of;
use ringmain_core::event_log::EventLog;
use ringmain_core::spool::{Spool, Storage};
use ringmain_core::task::{Current, Done, Known, PromptFault, Task};
use units::{ContentHash, Instant};

use crate::check::Violation;

const SECTOR: usize = 512;

/// Storage that remembers what a power cut may take away.
#[derive(Debug)]
pub(crate) struct Memory {
    octets: Vec<u8>,
    /// Sectors before the writes since the last sync, oldest first.
    before: Vec<(usize, Vec<u8>, Vec<u8>)>,
}

impl Memory {
    fn new() -> Self {
        let octets = vec![0; usize::try_from(SPOOL_OCTETS).unwrap_or(0)];
        Self { octets, before: vec![] }
    }

    /// The power goes.
    fn cut(mut self, random: &mut Random) -> Self {
        let writes = std::mem::take(&mut self.before);
        for (at, old, _) in writes.iter().rev() {
            self.octets[*at..*at + old.len()].copy_from_slice(old);
        }
        for (at, _, new) in writes {
            if random.one_in(2) {
                self.octets[at..at + new.len()].copy_from_slice(&new);
            }
        }
        self
    }

    fn range(at: u64, length: usize) -> io::Result<std::ops::Range<usize>> {
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let end = at.checked_add(length).filter(|end| *end as u64 <= SPOOL_OCTETS);
        end.map(|end| at..end).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
}

impl Storage for Memory {
    fn read_at(&mut self, at: u64, room: &mut [u8]) -> io::Result<()> {
        room.copy_from_slice(&self.octets[Self::range(at, room.len())?]);
        Ok(())
    }

    fn write_at(&mut self, at: u64, octets: &[u8]) -> io::Result<()> {
        let range = Self::range(at, octets.len())?;
        let mut place = range.start;
        while place < range.end {
            // Up to the end of the sector.
            let end = range.end.min((place / SECTOR + 1) * SECTOR);
            let new = &octets[place - range.start..end - range.start];
            self.before.push((place, self.octets[place..end].to_vec(), new.to_vec()));
            self.octets[place..end].copy_from_slice(new);
            place = end;
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.before.clear();
        Ok(())
    }
}

/// The disk thread of the box and what it works on.
#[derive(Debug)]
pub(crate) struct Disk {
    log: Option<EventLog<Memory>>,
    documents: BTreeMap<ContentHash, Vec<u8>>,
    prompts: BTreeMap<ContentHash, Clip>,
    current: Option<Current>,
    boot: u32,
    /// It does nothing until then.
    pub(crate) stands_until: Instant,
    /// It works, or will soon.
    pub(crate) busy: bool,
    /// Not done yet.
    pub(crate) queue: VecDeque<Task>,
}

/// The spool of a new disk gets this identity.
const IDENTITY: u64 = 77;

fn open(storage: Memory) -> Option<EventLog<Memory>> {
    // Memory does not fail.
    Spool::open(storage, IDENTITY).ok().map(EventLog::new)
}

impl Disk {
    fn spool(&self) -> Option<&Spool<Memory>> {
        self.log.as_ref().map(EventLog::spool)
    }

    pub(crate) fn new(prompts: BTreeMap<ContentHash, Clip>) -> Self {
        Self {
            log: open(Memory::new()),
            documents: BTreeMap::new(),
            prompts,
            current: None,
            boot: 0,
            stands_until: Instant::ZERO,
            busy: false,
            queue: VecDeque::new(),
        }
    }

    /// What the core finds when it starts.
    pub(crate) fn start(&mut self) -> Result<Known, Violation> {
        self.boot += 1;
        let origins = self.log.as_mut().map(EventLog::origins).transpose();
        let origins = origins.map_err(|fault| Violation::new("memory reads", fault.to_string()))?;
        let spool = self.spool();
        Ok(Known {
            boot: self.boot,
            spool: spool.map_or(0, Spool::identity),
            acknowledged: spool.map_or(0, Spool::acknowledged),
            last: spool.map_or(0, Spool::last_number),
            current: self.current,
            origins: origins.unwrap_or_default(),
        })
    }

    pub(crate) fn fetch(&self, hash: ContentHash) -> Option<Vec<u8>> {
        self.documents.get(&hash).cloned()
    }

    /// The core is gone; `power`: and with it what was not synced.
    pub(crate) fn stop(&mut self, power: bool, random: &mut Random) {
        self.queue.clear();
        let Some(storage) = self.log.take().map(EventLog::into_storage) else { return };
        let storage = if power { storage.cut(random) } else { storage };
        self.log = open(storage);
    }

    pub(crate) fn last_number(&self) -> u64 {
        self.spool().map_or(0, Spool::last_number)
    }

    pub(crate) fn identity(&self) -> u64 {
        self.spool().map_or(0, Spool::identity)
    }

    /// Whether there is something to do.
    pub(crate) fn wants(&self) -> bool {
        !self.queue.is_empty() || self.log.as_ref().is_some_and(EventLog::unsettled)
    }

    /// Does the oldest task; if there is none, makes safe what is not.
    pub(crate) fn perform(&mut self) -> Vec<Done> {
        let mut all = vec![];
        let Some(log) = &mut self.log else { return all };
        match self.queue.pop_front() {
            None => log.settle(|done| all.push(done)),
            Some(Task::Append { at, detail, origin }) => {
                log.append(at, detail, origin, |done| all.push(done));
            }
            Some(Task::Acknowledge(number)) => log.acknowledge(number, |done| all.push(done)),
            Some(Task::Read { from, count }) => log.read(from, count, |done| all.push(done)),
            Some(task) => all.extend(self.document(task)),
        }
        all
    }

    fn document(&mut self, task: Task) -> Option<Done> {
        match task {
            Task::Keep { token, hash, octets } => {
                let right = hash_of(&octets) == hash;
                let outcome = if right { Outcome::Done } else { Outcome::WrongHash };
                self.documents.insert(hash, octets);
                Some(Done::Command { token, outcome })
            }
            Task::Fetch(hash) => Some(Done::Fetched(hash, self.fetch(hash))),
            Task::SetCurrent(current) => {
                self.current = Some(current);
                None
            }
            Task::LoadPrompt(hash) => {
                let clip = self.prompts.get(&hash).copied().ok_or(PromptFault::Missing);
                Some(Done::Prompt(hash, clip))
            }
            // Nobody captures here; the rest is the log's.
            Task::Capture { .. }
            | Task::Captured { .. }
            | Task::Append { .. }
            | Task::Acknowledge(_)
            | Task::Read { .. } => None,
        }
    }
}
