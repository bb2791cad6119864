//! Unix sockets of whole datagrams (`SOCK_SEQPACKET`), none of which ever blocks.
//!
//! The standard library's stream and listener carry them once they are made: one read is one
//! datagram, a read of nothing is the end.

use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::socket::{
    AddressFamily, Backlog, MsgFlags, SockFlag, SockType, UnixAddr, bind, connect, getsockopt,
    listen, send, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;
use units::Duration;

use crate::Instance;

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A datagram of so many octets.
    Datagram(usize),
    /// Nothing now.
    Nothing,
    /// The other side is gone.
    End,
}

fn unconnected() -> Result<OwnedFd, Errno> {
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    socket(AddressFamily::Unix, SockType::SeqPacket, flags, None)
}

/// Connects to the one who listens at `path`, or fails at once.
///
/// # Errors
/// What the operating system says; `ENOENT` and `ECONNREFUSED` mean that nobody listens.
pub fn dial(path: &Path) -> Result<UnixStream, Errno> {
    let fd = unconnected()?;
    connect(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
    Ok(UnixStream::from(fd))
}

/// Listens at `path`. With the [`Instance`] claimed, a socket that is there is a dead one's, and is
/// replaced.
///
/// # Errors
/// What the operating system says.
pub fn offer(path: &Path, _claimed: &Instance) -> Result<UnixListener, Errno> {
    // If it cannot be removed, binding says why.
    let _ = std::fs::remove_file(path);
    let fd = unconnected()?;
    bind(fd.as_raw_fd(), &UnixAddr::new(path)?)?;
    listen(&fd, Backlog::new(4)?)?;
    Ok(UnixListener::from(fd))
}

/// Takes the next connection, if one waits.
///
/// # Errors
/// What the operating system says.
pub fn accept(listener: &UnixListener) -> io::Result<Option<UnixStream>> {
    match listener.accept() {
        Ok((stream, _)) => {
            stream.set_nonblocking(true)?;
            Ok(Some(stream))
        }
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a datagram, if one waits; what does not fit `room` is lost.
pub fn read(mut stream: &UnixStream, room: &mut [u8]) -> Reading {
    match stream.read(room) {
        Ok(0) => Reading::End,
        Ok(length) => Reading::Datagram(length),
        Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
            Reading::Nothing
        }
        Err(_) => Reading::End,
    }
}

/// What became of a datagram to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giving {
    /// It went, whole.
    Sent,
    /// The other side's queue is full now.
    Later,
    /// The other side is gone.
    End,
}

/// Sends a datagram, whole or not at all.
pub fn give(stream: &UnixStream, datagram: &[u8]) -> Giving {
    match send(stream.as_raw_fd(), datagram, MsgFlags::MSG_NOSIGNAL) {
        Ok(_) => Giving::Sent,
        Err(Errno::EAGAIN | Errno::EINTR | Errno::ENOBUFS) => Giving::Later,
        Err(_) => Giving::End,
    }
}

/// Sends a datagram; if the other side's queue is full it is lost. `false`: the other side is gone.
pub fn write(stream: &UnixStream, datagram: &[u8]) -> bool {
    give(stream, datagram) != Giving::End
}

/// Asks for room for datagrams that were sent and not read yet, in octets.
pub fn set_send_room(stream: &UnixStream, octets: usize) {
    // The system gives what it allows.
    let _ = setsockopt(stream, sockopt::SndBuf, &octets);
}

/// The process at the other end.
#[must_use]
pub fn peer(stream: &UnixStream) -> Option<i32> {
    getsockopt(stream, sockopt::PeerCredentials).ok().map(|peer| peer.pid())
}

/// Waits until `stream` has something to read, at most `patience`.
pub fn wait(stream: &UnixStream, patience: Duration) {
    if !patience.is_zero() {
        let mut fds = [PollFd::new(stream.as_fd(), PollFlags::POLLIN)];
        // An error or a signal is seen by the read that follows.
        let _ = ppoll(&mut fds, Some(TimeSpec::from(patience)), None);
    }
}
