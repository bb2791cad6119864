//! A socket at which one other side may be connected.

use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use hal_socket::{Instance, Reading};

use crate::say;

/// A listener, and who came last.
pub(crate) struct Endpoint {
    path: PathBuf,
    listener: UnixListener,
    stream: Option<UnixStream>,
    /// Block sent last to the one who is connected.
    sent: u64,
    /// Block that it answered last.
    answered: u64,
}

impl Endpoint {
    /// Listens at `name` in `dir`.
    pub(crate) fn open(dir: &Path, name: &str, claimed: &Instance) -> Result<Self, String> {
        let path = dir.join(name);
        let listener = hal_socket::offer(&path, claimed)
            .map_err(|errno| format!("cannot listen at {}: {errno}", path.display()))?;
        Ok(Self { path, listener, stream: None, sent: 0, answered: 0 })
    }

    /// Lets the next one in, in place of a dead one only; `true` if somebody came.
    pub(crate) fn welcome(&mut self) -> bool {
        if self.stream.is_some() {
            return false;
        }
        match hal_socket::accept(&self.listener) {
            Ok(Some(stream)) => {
                self.stream = Some(stream);
                self.sent = 0;
                self.answered = 0;
                say(&format!("{} is connected", self.path.display()));
                true
            }
            Ok(None) => false,
            Err(error) => {
                say(&format!("{}: {error}", self.path.display()));
                false
            }
        }
    }

    pub(crate) const fn connected(&self) -> bool {
        self.stream.is_some()
    }

    pub(crate) const fn stream(&self) -> Option<&UnixStream> {
        self.stream.as_ref()
    }

    /// Whether somebody is connected who has not answered the last block.
    pub(crate) const fn owes(&self) -> bool {
        self.stream.is_some() && self.answered < self.sent
    }

    pub(crate) fn drop_peer(&mut self, why: &str) {
        if self.stream.take().is_some() {
            say(&format!("{} {why}", self.path.display()));
        }
    }

    /// The next datagram, if one waits.
    pub(crate) fn read(&mut self, room: &mut [u8]) -> Option<usize> {
        // What has answered the last block has nothing more to say: saves a call.
        if self.sent > 0 && self.answered >= self.sent {
            return None;
        }
        match hal_socket::read(self.stream.as_ref()?, room) {
            Reading::Datagram(length) => Some(length),
            Reading::Nothing => None,
            Reading::End => {
                self.drop_peer("has gone");
                None
            }
        }
    }

    /// Notes which block the other side has answered.
    pub(crate) const fn answer(&mut self, sequence: u64) {
        if sequence <= self.sent && sequence > self.answered {
            self.answered = sequence;
        }
    }

    /// Sends block `sequence`.
    pub(crate) fn write(&mut self, sequence: u64, datagram: &[u8]) {
        let Some(stream) = &self.stream else { return };
        if hal_socket::write(stream, datagram) {
            self.sent = sequence;
        } else {
            self.drop_peer("has gone");
        }
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
