//! Unix seqpacket sockets and the rule of one instance, as every program of a box uses them.
//!
//! A program that listens first takes the lock of its name ([`Instance::claim`]): a second one is
//! told the process that has it. With the lock held, a socket file found there is a dead one's and
//! is removed.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, SockFlag, SockType, UnixAddr, accept4, bind, connect,
    getsockopt, listen, recv, send, setsockopt, socket, sockopt,
};

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
    _lock: Flock<File>,
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
        held.set_len(0).map_err(io)?;
        held.rewind().map_err(io)?;
        writeln!(held, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _lock: held })
    }
}

fn packet_socket() -> nix::Result<OwnedFd> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    socket(AddressFamily::Unix, SockType::SeqPacket, flags, None)
}

/// A socket that waits for connections.
#[derive(Debug)]
pub struct Listener {
    fd: OwnedFd,
}

impl Listener {
    /// Listens at `path`. Call it with the program's [`Instance`] claimed: whatever file is there
    /// belongs to nobody.
    ///
    /// # Errors
    /// What the system says.
    pub fn bind(path: &Path, _claimed: &Instance) -> io::Result<Self> {
        match std::fs::remove_file(path) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
            _ => {}
        }
        let fd = packet_socket()?;
        bind(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
        listen(&fd, Backlog::new(8)?)?;
        Ok(Self { fd })
    }

    /// The next connection, if one waits.
    #[must_use]
    pub fn accept(&self) -> Option<Packets> {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let raw = accept4(self.fd.as_raw_fd(), flags).ok()?;
        Packets::adopt(raw)
    }
}

impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// What came of an attempt to receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A datagram of this length.
    Datagram(usize),
    /// Nothing is there now.
    Nothing,
    /// The other side is gone.
    Closed,
}

/// What came of an attempt to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Sent.
    Sent,
    /// The socket's buffer is full now.
    Later,
    /// The other side is gone.
    Closed,
}

/// One connection; datagrams keep their bounds. Never blocks but in [`Packets::wait`].
#[derive(Debug)]
pub struct Packets {
    fd: OwnedFd,
}

impl Packets {
    #[expect(unsafe_code, reason = "accept4 of nix 0.31 gives a bare number")]
    fn adopt(raw: i32) -> Option<Self> {
        use std::os::fd::FromRawFd;
        if raw < 0 {
            return None;
        }
        // SAFETY: accept4 has just made this descriptor and nobody else knows it.
        Some(Self { fd: unsafe { OwnedFd::from_raw_fd(raw) } })
    }

    /// Connects to a listener.
    ///
    /// # Errors
    /// What the system says: nobody listens, no such path.
    pub fn connect(path: &Path) -> io::Result<Self> {
        let fd = packet_socket()?;
        connect(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
        Ok(Self { fd })
    }

    /// Room for what is sent and not yet taken, in octets.
    pub fn set_send_buffer(&self, octets: usize) {
        let _ = setsockopt(&self.fd, sockopt::SndBuf, &octets);
    }

    /// Sends one datagram.
    pub fn send(&self, datagram: &[u8]) -> Given {
        match send(self.fd.as_raw_fd(), datagram, MsgFlags::MSG_NOSIGNAL | MsgFlags::MSG_DONTWAIT) {
            Ok(_) => Given::Sent,
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ENOBUFS) => Given::Later,
            Err(_) => Given::Closed,
        }
    }

    /// Receives one datagram into `room`; what does not fit is cut off.
    pub fn receive(&self, room: &mut [u8]) -> Taken {
        match recv(self.fd.as_raw_fd(), room, MsgFlags::MSG_DONTWAIT) {
            Ok(0) => Taken::Closed,
            Ok(length) => Taken::Datagram(length),
            Err(Errno::EAGAIN | Errno::EINTR) => Taken::Nothing,
            Err(_) => Taken::Closed,
        }
    }

    /// Waits until there is something to receive; `false` after `millis` milliseconds without.
    #[must_use]
    pub fn wait(&self, millis: u16) -> bool {
        let mut fds = [PollFd::new(self.fd.as_fd(), PollFlags::POLLIN)];
        poll(&mut fds, PollTimeout::from(millis)).is_ok_and(|ready| ready > 0)
    }

    /// The process and user at the other end.
    #[must_use]
    pub fn peer(&self) -> Option<(i32, u32)> {
        let peer = getsockopt(&self.fd, sockopt::PeerCredentials).ok()?;
        Some((peer.pid(), peer.uid()))
    }
}

impl AsRawFd for Packets {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl AsFd for Packets {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_instance_is_told_the_process_of_the_first() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = Instance::claim(dir.path(), "x").expect("free");
        match Instance::claim(dir.path(), "x") {
            Err(ClaimFault::Running { pid, .. }) => {
                assert_eq!(u32::try_from(pid).expect("a process"), std::process::id());
            }
            other => panic!("{other:?}"),
        }
        drop(first);
        Instance::claim(dir.path(), "x").expect("free again");
    }

    #[test]
    fn datagrams_keep_their_bounds_and_a_stale_socket_is_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("s");
        let instance = Instance::claim(dir.path(), "x").expect("free");
        drop(Listener::bind(&path, &instance).expect("binds"));
        let listener = Listener::bind(&path, &instance).expect("replaces the stale one");
        let near = Packets::connect(&path).expect("connects");
        let far = listener.accept().expect("waits");
        assert_eq!(near.send(b"one"), Given::Sent);
        assert_eq!(near.send(b"three"), Given::Sent);
        let mut room = [0; 16];
        assert!(far.wait(1000));
        assert_eq!(far.receive(&mut room), Taken::Datagram(3));
        assert_eq!(far.receive(&mut room), Taken::Datagram(5));
        assert_eq!(far.receive(&mut room), Taken::Nothing);
        assert_eq!(far.peer().map(|(pid, _)| pid), i32::try_from(std::process::id()).ok());
        drop(near);
        assert_eq!(far.receive(&mut room), Taken::Closed);
    }
}
