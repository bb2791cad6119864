//! The daemon's end of the link: one connection at a time on a seqpacket socket.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;

use hal_socket::{Giving, Instance, Reading};
use link::chunk::{Cutter, Joiner, MESSAGE, Progress};
use link::{Down, Up};

/// Datagrams that wait for the socket; a daemon that reads so slowly is let go and asks again.
const WAITING: usize = 4096;
/// Datagrams taken in one turn, so that a talkative daemon does not hold up calls.
const TURN: usize = 64;

/// What a turn brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// A daemon connected.
    Came,
    /// The daemon is gone.
    Went,
}

#[derive(Debug)]
struct Connection {
    stream: UnixStream,
    joiner: Joiner<Vec<u8>>,
    waiting: VecDeque<Vec<u8>>,
}

/// The socket and who is connected.
#[derive(Debug)]
pub struct Server {
    listener: UnixListener,
    daemon: Option<Connection>,
    serial: u16,
    garbage: u64,
}

impl Server {
    /// Listens at `path`.
    ///
    /// # Errors
    /// What the system says.
    pub fn bind(path: &Path, instance: &Instance) -> io::Result<Self> {
        let listener = hal_socket::offer(path, instance)?;
        Ok(Self { listener, daemon: None, serial: 0, garbage: 0 })
    }

    /// What to wait on: new connections, and words of the daemon if there is one.
    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let daemon = self.daemon.iter().map(|daemon| daemon.stream.as_fd());
        std::iter::once(self.listener.as_fd()).chain(daemon)
    }

    /// Whether datagrams wait for room in the socket.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.daemon.as_ref().is_some_and(|daemon| !daemon.waiting.is_empty())
    }

    /// Datagrams that were no message of the link.
    #[must_use]
    pub const fn garbage(&self) -> u64 {
        self.garbage
    }

    /// Takes new connections. A second daemon is told who the first is, and let go.
    pub fn accept(&mut self) -> Option<Turn> {
        let stream = hal_socket::accept(&self.listener).ok()??;
        hal_socket::set_send_room(&stream, 1 << 20);
        if let Some(daemon) = &self.daemon {
            let connected =
                hal_socket::peer(&daemon.stream).and_then(|pid| u32::try_from(pid).ok());
            let (oldest, newest) = (link::OLDEST, link::VERSION);
            for datagram in datagrams(&Up::Refused { oldest, newest, connected }, 0) {
                let _ = hal_socket::give(&stream, &datagram);
            }
            return None;
        }
        let joiner = Joiner::new(vec![0; MESSAGE]);
        self.daemon = Some(Connection { stream, joiner, waiting: VecDeque::new() });
        Some(Turn::Came)
    }

    /// Hands what the daemon says to `heard`.
    pub fn receive(&mut self, mut heard: impl FnMut(Down<'_>)) -> Option<Turn> {
        let mut room = vec![0; limits::LINK_DATAGRAM];
        for _ in 0..TURN {
            let daemon = self.daemon.as_mut()?;
            let length = match hal_socket::read(&daemon.stream, &mut room) {
                Reading::Datagram(length) => length,
                Reading::Nothing => return None,
                Reading::End => {
                    self.daemon = None;
                    return Some(Turn::Went);
                }
            };
            match daemon.joiner.take(&room[..length]) {
                Progress::Incomplete => {}
                Progress::Garbage => self.garbage += 1,
                Progress::Message(message) => match link::decode_down(message) {
                    Ok(message) => heard(message),
                    Err(_) => self.garbage += 1,
                },
            }
        }
        None
    }

    /// Sends a message, now or when there is room.
    pub fn send(&mut self, message: &Up) -> Option<Turn> {
        self.serial = self.serial.wrapping_add(1);
        let serial = self.serial;
        let daemon = self.daemon.as_mut()?;
        daemon.waiting.extend(datagrams(message, serial));
        if daemon.waiting.len() > WAITING {
            self.daemon = None;
            return Some(Turn::Went);
        }
        self.flush()
    }

    /// Sends what waits, as far as there is room.
    pub fn flush(&mut self) -> Option<Turn> {
        let daemon = self.daemon.as_mut()?;
        while let Some(datagram) = daemon.waiting.front() {
            match hal_socket::give(&daemon.stream, datagram) {
                Giving::Sent => {
                    daemon.waiting.pop_front();
                }
                Giving::Later => return None,
                Giving::End => {
                    self.daemon = None;
                    return Some(Turn::Went);
                }
            }
        }
        None
    }
}

/// A message as the datagrams that carry it.
fn datagrams(message: &Up, serial: u16) -> Vec<Vec<u8>> {
    let (mut body, mut room) = (vec![0; MESSAGE], vec![0; limits::LINK_DATAGRAM]);
    // Every `Up` is far smaller than `MESSAGE`; one that is not would be a defect found by tests.
    let Ok(octets) = link::encode(message, &mut body) else { return vec![] };
    let Some(mut cutter) = Cutter::new(octets, serial) else { return vec![] };
    let mut all = vec![];
    while let Some(datagram) = cutter.next(&mut room) {
        all.push(datagram.to_vec());
    }
    all
}
