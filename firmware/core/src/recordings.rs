//! The thread that writes recordings: blocks from the line thread, seconds to the disk.
//!
//! ```text
//!   line thread ── ring of blocks ──►┐
//!   control ── Take: begin, end ────►│ a recorder for each tap ── steps ──► NAME.wav, NAME.chain
//!                Done ◄──────────────┘
//! ```
//!
//! What the power cut short is closed when the core starts. A file is judged on a thread of its
//! own: an hour takes a while to read, and what is being recorded must not wait.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use engine::Tapped;
use heapless::spsc::{Consumer, Producer, Queue};
use link::{Outcome, RecordingId, RecordingStatus};
use nix::sys::eventfd::EventFd;
use recorder::{Proof, Recorder, SECOND, Shape, Step};
use units::{ContentHash, Utc};

use crate::task::{Done, Kept};

/// A block of a tap, and the tick that it is of.
pub type Numbered = (u64, Tapped);

/// What the thread shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// Write what comes from a tap.
    Begin {
        /// The tap.
        tap: u32,
        /// The file's name, without folder and ending.
        name: String,
        /// When it begins, in microseconds of UTC.
        begun_us: u64,
        /// How many seconds at most.
        most: Option<u16>,
        /// The command's, if it is one.
        token: Option<u32>,
    },
    /// Close the file of a tap before its time.
    End {
        /// The tap.
        tap: u32,
        /// The command's, if it is one.
        token: Option<u32>,
    },
    /// Close what another process began, if it is open still, and tell what it came to.
    Settle {
        /// Which.
        id: RecordingId,
        /// The file's name, without folder and ending.
        name: String,
    },
    /// Tell what a file is.
    Judge {
        /// Which.
        id: RecordingId,
        /// Its name, without folder and ending.
        name: String,
        /// The question's.
        token: u32,
    },
}

type Ring = Queue<Numbered, { limits::TAP_RING }>;

/// It has memory of its own from the start: a thread's stack has no room to make it.
static RING: Mutex<Ring> = Mutex::new(Queue::new());

const _: () = assert!(
    size_of::<Numbered>() * limits::TAP_RING <= 4 << 20,
    "two seconds of all taps take 4 MiB of locked memory at most"
);

/// Both ends of the ring of blocks; `None`: they have been given away.
pub(crate) fn ring() -> Option<(Producer<'static, Numbered>, Consumer<'static, Numbered>)> {
    let ring: &'static mut MutexGuard<'static, Ring> = Box::leak(Box::new(RING.try_lock().ok()?));
    Some(ring.split())
}

/// How often the thread looks; the ring holds two seconds of all taps.
const LOOK: Duration = Duration::from_millis(50);

/// The files of a recording.
#[derive(Debug)]
struct Files {
    wav: PathBuf,
    chain: PathBuf,
    wav_file: Option<File>,
    chain_file: Option<File>,
}

impl Files {
    fn new(path: &Path) -> Self {
        let (wav, chain) = (path.with_extension("wav"), path.with_extension("chain"));
        Self { wav, chain, wav_file: None, chain_file: None }
    }

    fn apply(&mut self, step: &Step) -> io::Result<()> {
        let open = |path: &Path| OpenOptions::new().append(true).open(path);
        if let Step::Create(wav, chain) = step {
            // Nothing that was recorded is ever written over.
            File::create_new(&self.wav)?.write_all(wav)?;
            fs::write(&self.chain, chain)?;
        }
        let wav = match &mut self.wav_file {
            Some(file) => file,
            none => none.insert(open(&self.wav)?),
        };
        let chain = match &mut self.chain_file {
            Some(file) => file,
            none => none.insert(open(&self.chain)?),
        };
        match step {
            Step::Create(..) => Ok(()),
            Step::Append(octets) => wav.write_all(octets),
            Step::Chain(entry) => chain.write_all(entry),
            Step::Sync => wav.sync_data().and_then(|()| chain.sync_data()),
            // An appending file writes at its end wherever it is told to.
            Step::Header(header) => {
                OpenOptions::new().write(true).open(&self.wav)?.write_all_at(header, 0)
            }
            Step::Cut { length } => wav.set_len(u64::try_from(*length).unwrap_or(0)),
            Step::Close => wav.sync_all().and_then(|()| fs::remove_file(&self.chain)),
        }
    }

    fn apply_all(&mut self, steps: &[Step]) -> io::Result<()> {
        steps.iter().try_for_each(|step| self.apply(step))
    }
}

/// One that goes on.
#[derive(Debug)]
struct Running {
    files: Files,
    begun_us: u64,
    /// Octets at most.
    octets: usize,
    /// Once its first block has come.
    recorder: Option<Recorder>,
}

impl Running {
    /// Takes a block; `true` when it has all that was wanted.
    fn take(&mut self, number: u64, block: &Tapped) -> io::Result<bool> {
        let recorder = match &mut self.recorder {
            Some(recorder) => recorder,
            none => {
                let shape = Shape { law: block.law, begun_us: self.begun_us };
                let (recorder, begin) = Recorder::begin(shape);
                self.files.apply(&begin)?;
                none.insert(recorder)
            }
        };
        self.files.apply_all(&recorder.push(number, &block.came, &block.sent))?;
        Ok(recorder.sound() >= self.octets)
    }

    /// Closes it: what it came to, and what the disk said.
    fn end(mut self) -> (Option<Kept>, Option<io::Error>) {
        let Some(recorder) = self.recorder.take() else { return (None, None) };
        let (steps, proof) = recorder.end();
        match self.files.apply_all(&steps) {
            Ok(()) => (kept(&proof), None),
            Err(fault) => (self.rescue(), Some(fault)),
        }
    }

    /// What the disk took before it took no more.
    fn rescue(&self) -> Option<Kept> {
        mend(&self.files.chain).ok().and_then(|proof| kept(&proof))
    }
}

fn kept(proof: &Proof) -> Option<Kept> {
    Some(Kept {
        begun: Utc(proof.begun_us.cast_signed()),
        seconds: u32::try_from(proof.hashes.len()).unwrap_or(u32::MAX),
        missing: proof.missing,
        cut: proof.cut,
        hash: ContentHash(*proof.last()?),
    })
}

/// Everything that the thread has.
pub(crate) struct Recordings {
    pub(crate) folder: PathBuf,
    pub(crate) blocks: Consumer<'static, Numbered>,
    pub(crate) takes: Receiver<Take>,
    /// What is done when the blocks before it are written.
    pub(crate) later: VecDeque<Take>,
    pub(crate) done: Sender<Done>,
    pub(crate) bell: Arc<EventFd>,
    pub(crate) log: fn(&str),
    /// No other core writes there: what is open was cut.
    pub(crate) alone: bool,
    /// The file that is being judged.
    pub(crate) judging: Option<JoinHandle<()>>,
}

impl Recordings {
    /// Runs until control is gone.
    pub(crate) fn start(mut self) -> io::Result<JoinHandle<()>> {
        std::thread::Builder::new().name("recordings".into()).spawn(move || {
            if self.alone {
                mend_all(&self.folder, self.log);
            }
            let mut running = BTreeMap::new();
            while self.turn(&mut running) {
                std::thread::park_timeout(LOOK);
            }
            for (tap, one) in running {
                self.end(tap, one);
            }
        })
    }

    /// Works off what waits; `false` when nobody is there any more.
    fn turn(&mut self, running: &mut BTreeMap<u32, Running>) -> bool {
        let alive = self.begin(running);
        self.drain(running);
        while let Some(take) = self.later.pop_front() {
            match take {
                // That was done at once.
                Take::Begin { .. } => {}
                Take::End { tap, token } => {
                    let outcome = match running.remove(&tap) {
                        None => Outcome::NotFound,
                        Some(one) => self.end(tap, one),
                    };
                    self.answer(token, outcome);
                }
                Take::Settle { id, name } => {
                    let kept = settled(&self.folder.join(name));
                    self.tell(Done::Settled(id, kept));
                }
                Take::Judge { id, name, token } => self.judge(id, &name, token),
            }
        }
        alive
    }

    /// Begins what is to be begun, at once: it was said before the first block of its tap came.
    /// What else is wanted waits until the blocks before it are written.
    fn begin(&mut self, running: &mut BTreeMap<u32, Running>) -> bool {
        loop {
            match self.takes.try_recv() {
                Ok(Take::Begin { tap, name, begun_us, most, token }) => {
                    let files = Files::new(&self.folder.join(name));
                    let octets = most.map_or(usize::MAX, |most| usize::from(most) * SECOND);
                    running.insert(tap, Running { files, begun_us, octets, recorder: None });
                    self.answer(token, Outcome::Done);
                }
                Ok(take) => self.later.push_back(take),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn answer(&self, token: Option<u32>, outcome: Outcome) {
        if let Some(token) = token {
            self.tell(Done::Command { token, outcome });
        }
    }

    /// Closes the file of a tap and tells so.
    fn end(&self, tap: u32, one: Running) -> Outcome {
        let (kept, fault) = one.end();
        self.closed(tap, kept, fault)
    }

    fn closed(&self, tap: u32, kept: Option<Kept>, fault: Option<io::Error>) -> Outcome {
        if let Some(fault) = &fault {
            (self.log)(&format!("a recording cannot be written: {fault}"));
        }
        let fault = fault.map(|fault| fault.raw_os_error().unwrap_or(0));
        self.tell(Done::Taken { tap, kept, fault });
        fault.map_or(Outcome::Done, Outcome::Disk)
    }

    fn drain(&mut self, running: &mut BTreeMap<u32, Running>) {
        while let Some((number, block)) = self.blocks.dequeue() {
            if !running.contains_key(&block.tap) {
                self.begin(running);
            }
            let Some(one) = running.get_mut(&block.tap) else { continue };
            let taken = one.take(number, &block);
            if matches!(taken, Ok(false)) {
                continue;
            }
            let Some(one) = running.remove(&block.tap) else { continue };
            match taken {
                Ok(_) => self.end(block.tap, one),
                Err(fault) => self.closed(block.tap, one.rescue(), Some(fault)),
            };
        }
    }

    fn judge(&mut self, id: RecordingId, name: &str, token: u32) {
        if self.judging.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return self.tell(Done::Command { token, outcome: Outcome::Full });
        }
        let path = self.folder.join(name).with_extension("wav");
        let (done, bell) = (self.done.clone(), self.bell.clone());
        let begun = std::thread::Builder::new().name("judge".into()).spawn(move || {
            let told = match status(id, &path) {
                Ok(status) => Done::Judged { token, status },
                Err(fault) => {
                    let outcome = Outcome::Disk(fault.raw_os_error().unwrap_or(0));
                    Done::Command { token, outcome }
                }
            };
            let _ = done.send(told);
            let _ = bell.write(1);
        });
        match begun {
            Ok(thread) => self.judging = Some(thread),
            Err(_) => self.tell(Done::Command { token, outcome: Outcome::Full }),
        }
    }

    fn tell(&self, done: Done) {
        let _ = self.done.send(done);
        // A full bell has been rung already.
        let _ = self.bell.write(1);
    }
}

/// Closes every recording that was cut, and says so.
fn mend_all(folder: &Path, log: fn(&str)) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let chains = entries.map(|entry| entry.path());
    for path in chains.filter(|path| path.extension().is_some_and(|end| end == "chain")) {
        let mended = mend(&path);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match mended {
            Ok(proof) => {
                let seconds = proof.hashes.len();
                log(&format!("recording {name} was cut; {seconds} s of it are kept"));
            }
            Err(fault) => log(&format!("recording {name} cannot be closed: {fault}")),
        }
    }
}

fn mend(chain: &Path) -> Result<Proof, String> {
    let mut files = Files::new(chain);
    let read = |path: &Path| fs::read(path).map_err(|fault| fault.to_string());
    let (steps, proof) = recorder::mend(&read(&files.wav)?, &read(chain)?)
        .map_err(|_| "its chain is damaged".to_owned())?;
    files.apply_all(&steps).map_err(|fault| fault.to_string())?;
    Ok(proof)
}

/// What is left of a recording of a process that is gone.
fn settled(path: &Path) -> Option<Kept> {
    let Files { wav, chain, .. } = Files::new(path);
    if chain.exists()
        && let Err(fault) = mend(&chain)
    {
        crate::log::log(&format!("{} cannot be closed: {fault}", path.display()));
    }
    match judged(&wav) {
        Ok(Ok(recorder::Verdict::Whole(proof) | recorder::Verdict::Cut(proof))) => kept(&proof),
        _ => None,
    }
}

/// Reads a file from end to end, a second at a time.
fn judged(path: &Path) -> io::Result<Result<recorder::Verdict, recorder::Fault>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    recorder::verify_by(length, |at, room| file.read_exact_at(room, at))
}

fn status(id: RecordingId, path: &Path) -> io::Result<RecordingStatus> {
    use link::Verdict;
    let found = match judged(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {
            return Ok(RecordingStatus { id, verdict: Verdict::Missing, seconds: 0, hash: None });
        }
        found => found?,
    };
    let (verdict, proof) = match found {
        Ok(recorder::Verdict::Whole(proof)) => (Verdict::Whole, Some(proof)),
        Ok(recorder::Verdict::Cut(proof)) => (Verdict::Cut, Some(proof)),
        Ok(recorder::Verdict::Changed { second }) => {
            let second = u32::try_from(second).unwrap_or(u32::MAX);
            (Verdict::Changed { second }, None)
        }
        Ok(recorder::Verdict::Open) => (Verdict::Open, None),
        Err(_) => (Verdict::Foreign, None),
    };
    let kept = proof.as_ref().and_then(kept);
    let (seconds, hash) = kept.map_or((0, None), |kept| (kept.seconds, Some(kept.hash)));
    Ok(RecordingStatus { id, verdict, seconds, hash })
}

/// Judges a file for a person: `ringmain-core verify FILE`.
///
/// # Errors
/// A sentence: it is not what was recorded, or no recording.
pub fn verify(path: &Path) -> Result<String, String> {
    let found = judged(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let hash =
        |proof: &Proof| proof.last().map(|last| ContentHash(*last).to_string()).unwrap_or_default();
    match found {
        Ok(recorder::Verdict::Whole(proof)) => Ok(format!(
            "whole: {} s, blocks that never came {}, hash {}",
            proof.hashes.len(),
            proof.missing,
            hash(&proof)
        )),
        Ok(recorder::Verdict::Cut(proof)) => Ok(format!(
            "cut: the power went; {} s are kept as they were recorded, hash {}",
            proof.hashes.len(),
            hash(&proof)
        )),
        Ok(recorder::Verdict::Open) => Ok("open: it still goes on".into()),
        Ok(recorder::Verdict::Changed { second }) => {
            Err(format!("changed: from second {second} on it is not what was recorded"))
        }
        Err(_) => Err("no recording of Ringmain's".into()),
    }
}

/// A ring that nobody reads.
#[cfg(test)]
pub(crate) fn no_taps() -> Producer<'static, Numbered> {
    let ring: &'static mut Queue<Numbered, 2> = Box::leak(Box::default());
    ring.split().0
}

#[cfg(test)]
#[path = "recordings_tests.rs"]
mod tests;
