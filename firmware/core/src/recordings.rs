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
//!
//! Before the disk is full, recordings end: what else writes there needs the rest.

mod files;
mod judge;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Duration;

use engine::Tapped;
use files::{Files, mend, mend_all, settled};
use heapless::spsc::{Consumer, Producer, Queue};
use judge::status;
pub use judge::verify;
use link::{Outcome, RecordingId};
use nix::sys::eventfd::EventFd;
use recorder::{Proof, Recorder, SECOND, Shape, Terms};
use units::{ContentHash, Utc};

use crate::realtime;
use crate::task::{Done, Kept};

/// A block of a tap, and which block of the line it is.
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
        /// What file, and whether keys stand in it.
        terms: Terms,
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
fn ring() -> Option<(Producer<'static, Numbered>, Consumer<'static, Numbered>)> {
    let ring: &'static mut MutexGuard<'static, Ring> = Box::leak(Box::new(RING.try_lock().ok()?));
    Some(ring.split())
}

/// How often the thread looks; the ring holds two seconds of all taps.
const LOOK: Duration = Duration::from_millis(50);

/// One that goes on.
#[derive(Debug)]
struct Running {
    /// Its path, without ending.
    path: PathBuf,
    begun_us: u64,
    terms: Terms,
    /// Octets at most.
    octets: usize,
    /// Once its first block has come.
    recorder: Option<(Recorder, Files)>,
}

impl Running {
    /// Takes a block; `true` when it has all that was wanted.
    fn take(&mut self, number: u64, block: &Tapped) -> io::Result<bool> {
        let (recorder, files) = match &mut self.recorder {
            Some(recorder) => recorder,
            none => {
                let shape = Shape { law: block.law, begun_us: self.begun_us };
                let (recorder, begin) = Recorder::begin(shape, self.terms);
                let mut files = Files::new(&self.path, recorder.format());
                files.apply(&begin)?;
                none.insert((recorder, files))
            }
        };
        files.apply_all(&recorder.push(number, &block.came, &block.sent))?;
        Ok(recorder.sound() >= self.octets)
    }

    /// Closes it: what it came to, and what the disk said.
    fn end(mut self) -> (Option<Kept>, Option<io::Error>) {
        let Some((recorder, mut files)) = self.recorder.take() else { return (None, None) };
        let (steps, proof) = recorder.end();
        match files.apply_all(&steps) {
            Ok(()) => (kept(&proof), None),
            Err(fault) => (self.rescue(), Some(fault)),
        }
    }

    /// What the disk took before it took no more.
    fn rescue(&self) -> Option<Kept> {
        mend(&self.path).ok().and_then(|proof| kept(&proof))
    }
}

fn kept(proof: &Proof) -> Option<Kept> {
    Some(Kept {
        begun: Utc(proof.begun_us.cast_signed()),
        seconds: u32::try_from(proof.seconds).unwrap_or(u32::MAX),
        missing: proof.missing,
        cut: proof.cut,
        hash: ContentHash(*proof.last()?),
    })
}

/// The ends of the thread of recordings, and itself.
pub type Recorders = (Producer<'static, Numbered>, Sender<Take>, JoinHandle<()>);

/// Starts the thread of recordings, which writes to this folder; `alone`: no other core writes
/// there, what is open was cut. It ends when its sender is gone.
///
/// # Errors
/// A sentence: it runs already, or the system has no thread.
pub fn start(
    folder: PathBuf,
    done: Sender<Done>,
    bell: Arc<EventFd>,
    alone: bool,
) -> Result<Recorders, String> {
    let (taps, blocks) = ring().ok_or("recordings are started twice")?;
    let (to, takes) = channel();
    let recordings = Recordings {
        folder,
        blocks,
        later: VecDeque::new(),
        takes,
        done,
        bell,
        log: crate::log::log,
        alone,
        judging: None,
        room: free_room,
        ask_in: 0,
        full: false,
    };
    let thread = recordings.run().map_err(|fault| format!("thread: {fault}"))?;
    Ok((taps, to, thread))
}

/// Everything that the thread has.
struct Recordings {
    folder: PathBuf,
    blocks: Consumer<'static, Numbered>,
    takes: Receiver<Take>,
    /// What is done when the blocks before it are written.
    later: VecDeque<Take>,
    done: Sender<Done>,
    bell: Arc<EventFd>,
    log: fn(&str),
    /// No other core writes there: what is open was cut.
    alone: bool,
    /// The file that is being judged.
    judging: Option<JoinHandle<()>>,
    /// Octets of free room where they lie; `None`: the system does not say.
    room: fn(&Path) -> Option<u64>,
    /// Turns until that is asked again.
    ask_in: u32,
    /// There was too little.
    full: bool,
}

/// Octets of free room for those who are no administrators.
fn free_room(folder: &Path) -> Option<u64> {
    let found = nix::sys::statvfs::statvfs(folder).ok()?;
    Some(found.blocks_available().saturating_mul(found.fragment_size()))
}

/// Turns between two looks at the room: a second.
const ASK_EVERY: u32 = 20;

impl Recordings {
    /// Runs until control is gone.
    fn run(mut self) -> io::Result<JoinHandle<()>> {
        realtime::thread("recordings").spawn(move || {
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
        self.look_at_room(running);
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

    /// Ends all recordings when the disk is nearly full: the rest is for records and the system.
    fn look_at_room(&mut self, running: &mut BTreeMap<u32, Running>) {
        self.ask_in = self.ask_in.saturating_sub(1);
        if self.ask_in > 0 {
            return;
        }
        self.ask_in = ASK_EVERY;
        self.full = (self.room)(&self.folder).is_some_and(|free| free < limits::RECORDING_RESERVE);
        if !self.full {
            return;
        }
        for (tap, one) in std::mem::take(running) {
            let (kept, fault) = one.end();
            let fault = fault.unwrap_or_else(|| io::Error::from_raw_os_error(libc::ENOSPC));
            self.closed(tap, kept, Some(fault));
        }
    }

    /// Begins what is to be begun, at once: it was said before the first block of its tap came.
    /// What else is wanted waits until the blocks before it are written.
    fn begin(&mut self, running: &mut BTreeMap<u32, Running>) -> bool {
        loop {
            match self.takes.try_recv() {
                Ok(Take::Begin { tap, name, begun_us, most, terms, token }) => {
                    if self.full {
                        self.refuse(tap, token);
                        continue;
                    }
                    let path = self.folder.join(name);
                    let octets = most.map_or(usize::MAX, |most| usize::from(most) * SECOND);
                    let one = Running { path, begun_us, terms, octets, recorder: None };
                    running.insert(tap, one);
                    self.answer(token, Outcome::Done);
                }
                Ok(take) => self.later.push_back(take),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    /// There is no room for another.
    fn refuse(&self, tap: u32, token: Option<u32>) {
        self.answer(token, Outcome::Disk(libc::ENOSPC));
        self.tell(Done::Taken { tap, kept: None, fault: Some(libc::ENOSPC) });
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
        let path = self.folder.join(name);
        let (done, bell) = (self.done.clone(), self.bell.clone());
        let begun = realtime::thread("judge").spawn(move || {
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

/// A ring that nobody reads.
#[cfg(test)]
pub(crate) fn no_taps() -> Producer<'static, Numbered> {
    let ring: &'static mut Queue<Numbered, 2> = Box::leak(Box::default());
    ring.split().0
}

#[cfg(test)]
#[path = "recordings_tests.rs"]
mod tests;
