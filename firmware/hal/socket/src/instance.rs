//! One instance of a program in a folder: a locked file with the process of the holder.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

/// Why a program cannot take its place.
#[derive(Debug)]
pub enum ClaimFault {
    /// Another instance runs.
    Running {
        /// Its process.
        pid: i32,
        /// The lock that it holds.
        lock: PathBuf,
    },
    /// The folder cannot be written to.
    Io {
        /// What was tried.
        path: PathBuf,
        /// What came of it.
        source: io::Error,
    },
}

impl fmt::Display for ClaimFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Running { pid, lock } => write!(
                f,
                "it runs already as process {pid} (lock {}); stop that one first",
                lock.display()
            ),
            Self::Io { path, source } => write!(f, "{}: {source}", path.display()),
        }
    }
}

impl std::error::Error for ClaimFault {}

/// The right to be the one instance of a program in a run folder; ends with the process.
#[derive(Debug)]
pub struct Instance {
    lock: Flock<File>,
}

impl Instance {
    /// Takes the lock `<folder>/<name>.lock` and writes our process into it.
    ///
    /// # Errors
    /// [`ClaimFault::Running`] with the process of the first instance.
    pub fn claim(folder: &Path, name: &str) -> Result<Self, ClaimFault> {
        let lock = folder.join(format!("{name}.lock"));
        let io = |source| ClaimFault::Io { path: lock.clone(), source };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&lock)
            .map_err(io)?;
        let mut held =
            match Flock::lock(file.try_clone().map_err(io)?, FlockArg::LockExclusiveNonblock) {
                Ok(held) => held,
                Err((_, Errno::EWOULDBLOCK)) => {
                    let mut text = String::new();
                    let _ = file.read_to_string(&mut text);
                    let pid = text.trim().parse().unwrap_or(0);
                    return Err(ClaimFault::Running { pid, lock });
                }
                Err((_, errno)) => return Err(io(errno.into())),
            };
        sign(&mut held).map_err(io)?;
        Ok(Self { lock: held })
    }

    /// Goes on with the lock of a process that handed its file over.
    ///
    /// # Errors
    /// What the system says.
    pub fn adopt(file: OwnedFd) -> io::Result<Self> {
        // The same open file as the other's: it is locked already, and stays so.
        let held = Flock::lock(File::from(file), FlockArg::LockExclusiveNonblock);
        let mut held = held.map_err(|(_, errno)| errno)?;
        sign(&mut held)?;
        Ok(Self { lock: held })
    }
}

impl AsFd for Instance {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.lock.as_fd()
    }
}

/// Writes our process into the lock.
fn sign(lock: &mut File) -> io::Result<()> {
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())
}
