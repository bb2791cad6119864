//! The disk thread: everything that may wait for a disk. The spool, what the daemon published,
//! prompts on their way into locked memory, captures.
//!
//! ```text
//!  control ── Task ──► disk ── Done ──► control
//!  state/  spool · boot · published/<hash> · current · captures/span-N-….pcap
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use engine::Clip;
use limits::{PROMPT_MEMORY, PROMPT_OCTETS, PROMPTS, SPOOL_OCTETS};
use link::Outcome;
use sha2::{Digest, Sha256};
use units::{ContentHash, SpanId, Utc};

use crate::event_log::{EventLog, errno};
use crate::pcap;
use crate::spool::{Spool, Storage};
use crate::task::{Current, Done, Known, PromptFault, Task};

/// The folders of a core.
#[derive(Clone, Debug)]
pub struct Folders {
    /// What must outlive the process.
    pub state: PathBuf,
    /// Where prompts are, by hash: `<hash>.alaw`; the first that has one counts.
    pub prompts: Vec<PathBuf>,
}

#[derive(Debug)]
struct SpoolFile(File);

impl Storage for SpoolFile {
    fn read_at(&mut self, at: u64, room: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(room, at)
    }

    fn write_at(&mut self, at: u64, octets: &[u8]) -> io::Result<()> {
        self.0.write_all_at(octets, at)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
}

/// The disk of a core.
#[derive(Debug)]
pub struct Disk {
    folders: Folders,
    log: EventLog<SpoolFile>,
    captures: BTreeMap<SpanId, File>,
    clips: BTreeMap<ContentHash, Clip>,
    clip_octets: usize,
}

/// Writes a whole file so that after a power cut it is the old or the new one.
fn replace(path: &Path, octets: &[u8]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = File::create(&fresh)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn open_spool(path: &Path, fresh: u64) -> io::Result<Spool<SpoolFile>> {
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    if file.metadata()?.len() < SPOOL_OCTETS {
        // Really allocated, so that a disk that fills up later takes nothing from the spool.
        let length = libc::off_t::try_from(SPOOL_OCTETS).unwrap_or(libc::off_t::MAX);
        nix::fcntl::posix_fallocate(&file, 0, length)?;
        file.sync_all()?;
    }
    Spool::open(SpoolFile(file), fresh)
}

impl Disk {
    /// Opens or makes the state folder.
    ///
    /// # Errors
    /// What the disk says, with the path that it says it of.
    pub fn open(folders: Folders, fresh: u64) -> Result<(Self, Known), (PathBuf, io::Error)> {
        let state = folders.state.clone();
        let at = |path: PathBuf| move |fault| (path, fault);
        for folder in [state.clone(), state.join("published"), state.join("captures")] {
            fs::create_dir_all(&folder).map_err(at(folder))?;
        }
        let boot_path = state.join("boot");
        let boot = fs::read_to_string(&boot_path).ok().and_then(|t| t.trim().parse::<u32>().ok());
        let boot = boot.unwrap_or(0).wrapping_add(1);
        replace(&boot_path, format!("{boot}\n").as_bytes()).map_err(at(boot_path))?;
        let spool_path = state.join("spool");
        let spool = open_spool(&spool_path, fresh).map_err(at(spool_path))?;
        let mut log = EventLog::new(spool);
        let origins = log.origins().map_err(at(state.join("spool")))?;
        let spool = log.spool();
        let known = Known {
            boot,
            spool: spool.identity(),
            acknowledged: spool.acknowledged(),
            last: spool.last_number(),
            current: read_current(&state.join("current")),
            origins,
        };
        let (captures, clips) = (BTreeMap::new(), BTreeMap::new());
        Ok((Self { folders, log, captures, clips, clip_octets: 0 }, known))
    }

    /// Does one task; `done` gets what came of it.
    pub fn perform(&mut self, task: Task, mut done: impl FnMut(Done)) {
        match task {
            Task::Append { at, detail, origin } => self.log.append(at, detail, origin, done),
            Task::Acknowledge(number) => self.log.acknowledge(number, done),
            Task::Read { from, count } => self.log.read(from, count, done),
            Task::Keep { token, hash, octets } => {
                let outcome = self.keep(hash, &octets);
                done(Done::Command { token, outcome });
            }
            Task::Fetch(hash) => done(Done::Fetched(hash, self.fetch(hash))),
            Task::SetCurrent(current) => {
                let text = format!("{} {}\n", current.table, current.generation);
                let path = self.folders.state.join("current");
                if let Err(fault) = replace(&path, text.as_bytes()) {
                    done(Done::Fault(errno(&fault)));
                }
            }
            Task::LoadPrompt(hash) => done(Done::Prompt(hash, self.load_prompt(hash))),
            Task::Capture { span, at, on, token } => {
                let outcome = self.capture(span, at, on);
                done(Done::Capturing(span, self.captures.contains_key(&span)));
                done(Done::Command { token, outcome });
            }
            Task::Captured { span, at, sent, network, frame } => {
                if let Some(file) = self.captures.get_mut(&span)
                    && let Err(fault) = file.write_all(&pcap::packet(at, sent, network, &frame))
                {
                    self.captures.remove(&span);
                    done(Done::Capturing(span, false));
                    done(Done::Fault(errno(&fault)));
                }
            }
        }
    }

    /// Makes safe what is not: when there is nothing else to do.
    pub fn settle(&mut self, done: impl FnMut(Done)) {
        self.log.settle(done);
    }

    fn published(&self, hash: ContentHash) -> PathBuf {
        self.folders.state.join("published").join(hash.to_string())
    }

    fn keep(&self, hash: ContentHash, octets: &[u8]) -> Outcome {
        if hash_of(octets) != hash {
            return Outcome::WrongHash;
        }
        match replace(&self.published(hash), octets) {
            Ok(()) => Outcome::Done,
            Err(fault) => Outcome::Disk(errno(&fault)),
        }
    }

    /// A published document, if it is there and whole.
    #[must_use]
    pub fn fetch(&self, hash: ContentHash) -> Option<Vec<u8>> {
        let octets = fs::read(self.published(hash)).ok()?;
        (hash_of(&octets) == hash).then_some(octets)
    }

    fn load_prompt(&mut self, hash: ContentHash) -> Result<Clip, PromptFault> {
        if let Some(clip) = self.clips.get(&hash) {
            return Ok(clip);
        }
        let whole = |folder: &PathBuf| {
            let octets = fs::read(folder.join(format!("{hash}.alaw"))).ok()?;
            (hash_of(&octets) == hash).then_some(octets)
        };
        let octets = self.folders.prompts.iter().find_map(whole).ok_or(PromptFault::Missing)?;
        let total = self.clip_octets + octets.len();
        if octets.len() > PROMPT_OCTETS || total > PROMPT_MEMORY || self.clips.len() >= PROMPTS {
            return Err(PromptFault::Full);
        }
        // The line thread may read it at any later moment, so it is never given back; the limits
        // above bound what that costs. All memory of the process is locked (`realtime`).
        let clip: Clip = Box::leak(octets.into_boxed_slice());
        self.clip_octets = total;
        self.clips.insert(hash, clip);
        Ok(clip)
    }

    /// Where captures and recordings go.
    #[must_use]
    pub fn captures(&self) -> PathBuf {
        self.folders.state.join("captures")
    }

    fn capture(&mut self, span: SpanId, at: Utc, on: bool) -> Outcome {
        if !on {
            return if self.captures.remove(&span).is_some() {
                Outcome::Done
            } else {
                Outcome::NotFound
            };
        }
        if self.captures.contains_key(&span) {
            return Outcome::Done;
        }
        let name = format!("span-{}-{}.pcap", span.0, at.0 / 1_000_000);
        let path = self.captures().join(name);
        let started = File::create(path).and_then(|mut file| {
            file.write_all(&pcap::head())?;
            Ok(file)
        });
        match started {
            Ok(file) => {
                self.captures.insert(span, file);
                Outcome::Done
            }
            Err(fault) => Outcome::Disk(errno(&fault)),
        }
    }
}

fn read_current(path: &Path) -> Option<Current> {
    let text = fs::read_to_string(path).ok()?;
    let (table, generation) = text.trim().split_once(' ')?;
    Some(Current { table: ContentHash::parse(table)?, generation: generation.parse().ok()? })
}

/// The name of a document or prompt.
#[must_use]
pub fn hash_of(octets: &[u8]) -> ContentHash {
    ContentHash(Sha256::digest(octets).into())
}

#[cfg(test)]
#[path = "disk_tests.rs"]
mod tests;
