//! The daemon's end of the link to the core.

use std::io;
use std::path::Path;

use hal_socket::{Given, Packets, Taken};
use link::chunk::{Cutter, Joiner, MESSAGE, Progress};
use link::{Down, Up};
use tokio::io::unix::AsyncFd;

/// A connection to the core.
pub(crate) struct CoreLink {
    socket: AsyncFd<Packets>,
    joiner: Joiner<Vec<u8>>,
    room: Vec<u8>,
    serial: u16,
    garbage: u64,
}

impl CoreLink {
    /// Connects and says hello.
    pub(crate) async fn connect(path: &Path) -> io::Result<Self> {
        let packets = Packets::connect(path)?;
        packets.set_send_buffer(1 << 20);
        let mut link = Self {
            socket: AsyncFd::register(packets)?,
            joiner: Joiner::new(vec![0; MESSAGE]),
            room: vec![0; limits::LINK_DATAGRAM],
            serial: 0,
            garbage: 0,
        };
        link.send(&Down::Hello { oldest: link::OLDEST, newest: link::VERSION }).await?;
        Ok(link)
    }

    /// Datagrams that were no message of the link.
    pub(crate) const fn garbage(&self) -> u64 {
        self.garbage
    }

    /// Sends a message, waiting for room.
    pub(crate) async fn send(&mut self, message: &Down<'_>) -> io::Result<()> {
        let mut body = vec![0; MESSAGE];
        let octets = link::encode(message, &mut body)
            .map_err(|_| io::Error::other("the message is too long for the link"))?;
        self.serial = self.serial.wrapping_add(1);
        let Some(mut cutter) = Cutter::new(octets, self.serial) else {
            return Err(io::Error::other("the message is too long for the link"));
        };
        let mut room = vec![0; limits::LINK_DATAGRAM];
        while let Some(datagram) = cutter.next(&mut room) {
            loop {
                match self.socket.get_ref().send(datagram) {
                    Given::Sent => break,
                    Given::Later => self.socket.writable().await?.clear_ready(),
                    Given::Closed => return Err(io::ErrorKind::BrokenPipe.into()),
                }
            }
        }
        Ok(())
    }

    /// The next message, or `None` if nothing waits.
    pub(crate) fn take(&mut self) -> io::Result<Option<Up>> {
        loop {
            let length = match self.socket.get_ref().receive(&mut self.room) {
                Taken::Datagram(length) => length,
                Taken::Nothing => return Ok(None),
                Taken::Closed => return Err(io::ErrorKind::UnexpectedEof.into()),
            };
            match self.joiner.take(&self.room[..length]) {
                Progress::Incomplete => {}
                Progress::Garbage => self.garbage += 1,
                Progress::Message(message) => match link::decode_up(message) {
                    Ok(message) => return Ok(Some(message)),
                    Err(_) => self.garbage += 1,
                },
            }
        }
    }

    /// Waits until something may be there to take.
    pub(crate) async fn ready(&self) -> io::Result<()> {
        self.socket.readable().await?.clear_ready();
        Ok(())
    }
}
