//! A new program takes the place of the running one while calls go on.
//!
//! ```text
//!   old                                              new
//!   starts it, goes on ─────────────────────────────► reads the board file
//!   ◄────────────────────────────────────── Ready ───
//!   control, disk, daemon's socket end; sound goes on
//!   ─── Go, the lock ───────────────────────────────► journal, spool, orders for the engine
//!   ◄─────────────────────────────────────── Give ───
//!   line thread ends between two ticks
//!   ─── Cards, those that can be handed ────────────► line thread begins
//!   becomes the one who stands for it                 pins begin
//! ```
//!
//! Until `Ready` nothing has changed: a program that does not start, or does not say it in time, is
//! ended and refused. After it a failure is as a kill: the old program starts itself anew.
//!
//! Whoever watches over the core knows the old process. It stays as one that does nothing but wait
//! for the new, hand signals on and end as it ends.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use hal_card::Card;
use hal_socket::{Handing, Instance};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use units::{Duration, Instant};

use crate::clock::monotonic;

/// How long a new program may take until it is ready.
const READY: Duration = Duration::from_secs(20);
/// How long each side waits for the other's next word.
const NEXT: Duration = Duration::from_secs(10);
/// How long the new program waits for the old one's pins.
const PINS: Duration = Duration::from_secs(2);

const GO: u8 = b'g';
const CARDS: u8 = b'c';

/// The option with which a new program is started.
pub const TAKE_OVER: &str = "--take-over";
/// The option with which the old one becomes the one who stands for it.
pub const STAND_FOR: &str = "--stand-for";

/// A new program that has been started and is awaited.
#[derive(Debug)]
pub struct Upgrade {
    child: Child,
    channel: Handing,
    /// Of the command that asked for it.
    pub token: u32,
    until: Instant,
}

/// How far a new program is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is awaited.
    Awaited,
    /// It can take over.
    Ready,
    /// It ended, or took too long: a sentence.
    Failed(String),
}

impl Upgrade {
    /// Starts `program` with our own arguments.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(program: &Path, token: u32) -> io::Result<Self> {
        let (channel, theirs) = Handing::pair()?;
        let child = Command::new(program)
            .args(own_arguments())
            .arg(TAKE_OVER)
            .arg(theirs.number().to_string())
            .spawn()?;
        Ok(Self { child, channel, token, until: monotonic() + READY })
    }

    /// How far it is.
    pub fn look(&mut self) -> Progress {
        if self.channel.hear(Duration::ZERO).is_some() {
            return Progress::Ready;
        }
        match self.child.try_wait() {
            Ok(Some(status)) => Progress::Failed(format!("it ended with {status}")),
            Err(fault) => Progress::Failed(fault.to_string()),
            Ok(None) if monotonic() >= self.until => {
                Progress::Failed(format!("it was not ready within {} s", READY.as_millis() / 1000))
            }
            Ok(None) => Progress::Awaited,
        }
    }

    /// Ends it.
    pub fn cancel(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Tells it to go on with the journal, which nobody writes to any more, and waits until it
    /// wants the cards.
    ///
    /// # Errors
    /// It does not get that far.
    pub fn go(&self, lockstep: bool, instance: &Instance) -> io::Result<()> {
        self.channel.say(&[GO, u8::from(lockstep)], &[instance.as_fd()])?;
        let word = self.channel.hear(NEXT);
        word.map(drop).ok_or_else(|| io::Error::other("the new program did not go on"))
    }

    /// Hands over what can be handed of the cards, which are used no more, and becomes the one who
    /// stands for the new program. Returns only if that cannot be.
    pub fn give(self, cards: Vec<Box<dyn Card + Send>>, program: &Path) -> io::Error {
        let mut word = vec![CARDS];
        let mut files: Vec<OwnedFd> = vec![];
        for (index, card) in (0u8..).zip(cards) {
            // Others are closed here, and opened anew by the new program.
            if let Some(file) = card.hand_over() {
                word.push(index);
                files.push(file);
            }
        }
        let borrowed: Vec<BorrowedFd<'_>> = files.iter().map(AsFd::as_fd).collect();
        if let Err(fault) = self.channel.say(&word, &borrowed) {
            return fault;
        }
        let pid = self.child.id().to_string();
        exec(program, [STAND_FOR.into(), pid])
    }
}

impl AsFd for Upgrade {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.channel.as_fd()
    }
}

/// What this program was called with, without what was meant for one start only.
fn own_arguments() -> Vec<String> {
    let mut all = std::env::args().skip(1);
    let mut own = vec![];
    while let Some(word) = all.next() {
        if word == TAKE_OVER {
            let _ = all.next();
        } else {
            own.push(word);
        }
    }
    own
}

/// The file that this program was started from: what stands there now may be a newer one.
///
/// # Errors
/// What the system says.
pub fn own_program() -> io::Result<PathBuf> {
    std::env::current_exe()
}

/// Becomes another program; returns only if that cannot be.
fn exec(program: &Path, arguments: impl IntoIterator<Item = String>) -> io::Error {
    let words = || -> io::Result<Vec<CString>> {
        let mut all = vec![CString::new(program.as_os_str().as_bytes())?];
        for argument in arguments {
            all.push(CString::new(argument)?);
        }
        Ok(all)
    };
    match words() {
        Ok(words) => match nix::unistd::execv(&words[0], &words) {
            Ok(never) => match never {},
            Err(errno) => errno.into(),
        },
        Err(fault) => fault,
    }
}

/// Starts ourselves anew in this process, as after a kill. Returns only if that cannot be.
#[must_use]
pub fn begin_anew(program: &Path) -> io::Error {
    exec(program, own_arguments())
}

/// The new program's end.
#[derive(Debug)]
pub struct Taking {
    channel: Handing,
    lock: Option<OwnedFd>,
    /// Whether time moves only by blocks.
    pub lockstep: bool,
}

impl Taking {
    /// Says that this program can take over, and waits until it shall.
    ///
    /// # Errors
    /// A sentence: nobody is there who hands over.
    pub fn begin(number: i32) -> Result<Self, String> {
        let fault = |what: &dyn std::fmt::Display| format!("{TAKE_OVER} {number}: {what}");
        let channel = Handing::inherited(number).map_err(|f| fault(&f))?;
        // Whoever watches over the core ends the one who stands for us, and means us.
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL).map_err(|f| fault(&f))?;
        channel.say(b"r", &[]).map_err(|f| fault(&f))?;
        let word = channel.hear(NEXT).ok_or_else(|| fault(&"nobody hands over"))?;
        let lockstep = word.octets.get(1) == Some(&1);
        Ok(Self { channel, lock: word.files.into_iter().next(), lockstep })
    }

    /// The right to be the one core of this folder.
    ///
    /// # Errors
    /// A sentence: it was not handed over.
    pub fn instance(&mut self) -> Result<Instance, String> {
        let lock = self.lock.take().ok_or("the lock was not handed over")?;
        Instance::adopt(lock).map_err(|fault| fault.to_string())
    }

    /// Asks for the cards: the files of those that can be handed, by their numbers.
    ///
    /// # Errors
    /// A sentence: the old program is gone.
    pub fn cards(&self) -> Result<BTreeMap<usize, OwnedFd>, String> {
        self.channel.say(b"g", &[]).map_err(|fault| fault.to_string())?;
        let word = self.channel.hear(NEXT).ok_or("the cards were not handed over")?;
        let numbers = word.octets.iter().skip(1).map(|number| usize::from(*number));
        Ok(numbers.zip(word.files).collect())
    }

    /// Waits until the old program has let its pins go.
    pub fn wait_for_pins(&self) {
        // Its end of the channel is closed with everything else that it had.
        let _ = self.channel.hear(PINS);
    }
}

/// Waits for the process that took over, hands signals on to it, and gives back how it ended.
#[must_use]
pub fn stand_for(pid: i32) -> u8 {
    let child = Pid::from_raw(pid);
    let mut signals = SigSet::empty();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGCHLD] {
        signals.add(signal);
    }
    if signals.thread_block().is_err() {
        return 1;
    }
    let ended = |status| match status {
        WaitStatus::Exited(_, code) => Some(u8::try_from(code).unwrap_or(1)),
        WaitStatus::Signaled(_, signal, _) => {
            Some(128u8.saturating_add(u8::try_from(signal as i32).unwrap_or(0)))
        }
        _ => None,
    };
    loop {
        match waitpid(child, Some(WaitPidFlag::WNOHANG)).map(ended) {
            Ok(Some(code)) => return code,
            Ok(None) => {}
            Err(_) => return 1,
        }
        match signals.wait() {
            Ok(Signal::SIGCHLD) | Err(_) => {}
            Ok(signal) => drop(kill(child, signal)),
        }
    }
}
