//! The control socket: JSON lines in, JSON lines out, to everybody.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use hal_socket::Instance;
use serde_json::{Value, json};

use crate::Error;
use crate::command::Command;

/// Octets of the longest command.
const MOST_COMMAND: usize = 1 << 16;
/// Octets that wait for a slow client before it is cut off.
const MOST_WAITING: usize = 1 << 22;
/// Clients at once.
const MOST_CLIENTS: usize = 16;

struct Client {
    stream: UnixStream,
    input: Vec<u8>,
    output: Vec<u8>,
}

/// The listener and all who are connected.
pub struct Control {
    path: PathBuf,
    listener: UnixListener,
    clients: Vec<Client>,
    _instance: Instance,
}

impl Control {
    /// Listens in `folder` as the city at a span; a socket of a dead one is replaced.
    ///
    /// # Errors
    /// If another city lives in that folder, or the system refuses.
    pub fn open(folder: &Path, span: usize) -> Result<Self, Error> {
        let name = if span == 1 { "city".to_owned() } else { format!("city-{span}") };
        let path = &folder.join(format!("{name}.sock"));
        let shown = path.display();
        let instance =
            Instance::claim(folder, &name).map_err(|fault| Error::new(fault.to_string()))?;
        let _ = std::fs::remove_file(path);
        let listener = UnixListener::bind(path)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .map_err(|error| Error::new(format!("cannot listen at {shown}: {error}")))?;
        Ok(Self { path: path.to_owned(), listener, clients: Vec::new(), _instance: instance })
    }

    /// For waiting.
    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let clients = self.clients.iter().map(|client| client.stream.as_fd());
        std::iter::once(self.listener.as_fd()).chain(clients)
    }

    /// Sends an event to everybody.
    pub fn broadcast(&mut self, event: &Value) {
        let line = format!("{event}\n");
        for client in &mut self.clients {
            client.output.extend_from_slice(line.as_bytes());
        }
        self.flush();
    }

    fn flush(&mut self) {
        self.clients.retain_mut(|client| {
            while !client.output.is_empty() {
                match client.stream.write(&client.output) {
                    Ok(0) => return false,
                    Ok(count) => {
                        client.output.drain(..count);
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => return false,
                }
            }
            client.output.len() < MOST_WAITING
        });
    }

    /// Lets new clients in and gives the commands that have come.
    pub fn commands(&mut self) -> Vec<Command> {
        while self.clients.len() < MOST_CLIENTS {
            let Ok((stream, _)) = self.listener.accept() else { break };
            if stream.set_nonblocking(true).is_ok() {
                self.clients.push(Client { stream, input: Vec::new(), output: Vec::new() });
            }
        }
        let mut commands = Vec::new();
        self.clients.retain_mut(|client| client.read(&mut commands));
        self.flush();
        commands
    }
}

impl Client {
    /// Reads what is there; `false` if the client is to go.
    fn read(&mut self, commands: &mut Vec<Command>) -> bool {
        let mut room = [0; 4096];
        // What was said before the goodbye counts.
        let mut stays = true;
        loop {
            match self.stream.read(&mut room) {
                Ok(0) => {
                    stays = false;
                    break;
                }
                Ok(count) => self.input.extend_from_slice(&room[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return false,
            }
            if self.input.len() > MOST_COMMAND {
                return false;
            }
        }
        while let Some(end) = self.input.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = self.input.drain(..=end).collect();
            if line.trim_ascii().is_empty() {
                continue;
            }
            match serde_json::from_slice(&line) {
                Ok(command) => commands.push(command),
                Err(error) => {
                    let why = json!({"event": "refused", "why": error.to_string()});
                    self.output.extend_from_slice(format!("{why}\n").as_bytes());
                }
            }
        }
        stays
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
