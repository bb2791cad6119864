//! The thread that writes recordings: blocks from the line thread, seconds to the disk.
//!
//! ```text
//!   line thread ── ring of blocks ──►┐
//!   control ── Take: begin, end ────►│ a recorder for each tap ── steps ──► NAME.wav, NAME.chain
//!                Done ◄──────────────┘
//! ```
//!
//! What the power cut short is closed when the core starts.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::thread::JoinHandle;
use std::time::Duration;

use engine::Tapped;
use heapless::spsc::Consumer;
use link::Outcome;
use nix::sys::eventfd::EventFd;
use recorder::{Recorder, SECOND, Shape, Step};

use crate::task::Done;

/// A block of a tap, and the tick that it is of.
pub type Numbered = (u64, Tapped);

/// What the thread shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// Write what comes from a tap.
    Begin {
        /// The tap.
        tap: u8,
        /// The file's name, without folder and ending.
        name: String,
        /// When it begins, in microseconds of UTC.
        begun_us: u64,
        /// How long.
        seconds: u16,
        /// The command's.
        token: u32,
    },
    /// Close the file of a tap before its time.
    End {
        /// The tap.
        tap: u8,
        /// The command's.
        token: u32,
    },
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
            fs::write(&self.wav, wav)?;
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

    fn end(mut self) -> io::Result<()> {
        let Some(recorder) = self.recorder.take() else { return Ok(()) };
        self.files.apply_all(&recorder.end().0)
    }
}

/// Everything that the thread has.
pub(crate) struct Recordings {
    pub(crate) folder: PathBuf,
    pub(crate) blocks: Consumer<'static, Numbered>,
    pub(crate) takes: Receiver<Take>,
    pub(crate) done: Sender<Done>,
    pub(crate) bell: Arc<EventFd>,
    pub(crate) log: fn(&str),
    /// No other core writes there: what is open was cut.
    pub(crate) alone: bool,
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
            for (_, one) in running {
                drop(one.end());
            }
        })
    }

    /// Works off what waits; `false` when nobody is there any more.
    fn turn(&mut self, running: &mut BTreeMap<u8, Running>) -> bool {
        loop {
            self.drain(running);
            match self.takes.try_recv() {
                Ok(Take::Begin { tap, name, begun_us, seconds, token }) => {
                    let files = Files::new(&self.folder.join(name));
                    let octets = usize::from(seconds) * SECOND;
                    running.insert(tap, Running { files, begun_us, octets, recorder: None });
                    self.tell(Done::Command { token, outcome: Outcome::Done });
                }
                Ok(Take::End { tap, token }) => {
                    let ended = running.remove(&tap).map(Running::end);
                    let outcome = match ended {
                        None => Outcome::NotFound,
                        Some(Ok(())) => Outcome::Done,
                        Some(Err(fault)) => Outcome::Disk(fault.raw_os_error().unwrap_or(0)),
                    };
                    self.tell(Done::Taken(tap));
                    self.tell(Done::Command { token, outcome });
                }
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn drain(&mut self, running: &mut BTreeMap<u8, Running>) {
        while let Some((number, block)) = self.blocks.dequeue() {
            let Some(one) = running.get_mut(&block.tap) else { continue };
            let ended = match one.take(number, &block) {
                Ok(false) => continue,
                Ok(true) => running.remove(&block.tap).map_or(Ok(()), Running::end),
                Err(fault) => {
                    running.remove(&block.tap);
                    Err(fault)
                }
            };
            if let Err(fault) = ended {
                (self.log)(&format!("a recording cannot be written: {fault}"));
            }
            self.tell(Done::Taken(block.tap));
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
            Ok(seconds) => log(&format!("recording {name} was cut; {seconds} s of it are kept")),
            Err(fault) => log(&format!("recording {name} cannot be closed: {fault}")),
        }
    }
}

fn mend(chain: &Path) -> Result<usize, String> {
    let mut files = Files::new(chain);
    let read = |path: &Path| fs::read(path).map_err(|fault| fault.to_string());
    let (steps, proof) = recorder::mend(&read(&files.wav)?, &read(chain)?)
        .map_err(|_| "its chain is damaged".to_owned())?;
    files.apply_all(&steps).map_err(|fault| fault.to_string())?;
    Ok(proof.hashes.len())
}

/// Judges a file for a person: `ringmain-core verify FILE`.
///
/// # Errors
/// A sentence: it is not what was recorded, or no recording.
pub fn verify(path: &Path) -> Result<String, String> {
    let octets = fs::read(path).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let hash = |proof: &recorder::Proof| {
        proof.last().map(|last| last.map(|octet| format!("{octet:02x}")).concat())
    };
    match recorder::verify(&octets) {
        Ok(recorder::Verdict::Whole(proof)) => Ok(format!(
            "whole: {} s, blocks that never came {}, hash {}",
            proof.hashes.len(),
            proof.missing,
            hash(&proof).unwrap_or_default()
        )),
        Ok(recorder::Verdict::Cut(proof)) => Ok(format!(
            "cut: the power went; {} s are kept as they were recorded, hash {}",
            proof.hashes.len(),
            hash(&proof).unwrap_or_default()
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
pub(crate) fn no_taps() -> heapless::spsc::Producer<'static, Numbered> {
    let ring: &'static mut heapless::spsc::Queue<Numbered, 2> = Box::leak(Box::default());
    ring.split().0
}

#[cfg(test)]
#[path = "recordings_tests.rs"]
mod tests;
