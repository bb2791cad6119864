//! The core's socket as the daemon speaks to it: for what a daemon does not ask.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

use link::chunk::{Cutter, Joiner, MESSAGE, Progress};
use link::{Down, Outcome, Up};

/// How long the core has for an answer.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// A connection to the core in the place of the daemon.
#[derive(Debug)]
pub struct Core {
    stream: UnixStream,
    joiner: Joiner<Vec<u8>>,
    serial: u16,
}

impl Core {
    /// Connects and says hello.
    ///
    /// # Errors
    /// Nobody is there, or does not want us.
    pub fn connect(socket: &Path) -> Result<Self, String> {
        let stream = hal_socket::dial(socket).map_err(|errno| errno.to_string())?;
        let joiner = Joiner::new(vec![0; MESSAGE]);
        let mut core = Self { stream, joiner, serial: 0 };
        core.send(&Down::Hello { oldest: link::OLDEST, newest: link::VERSION })?;
        match core.wait("hello", |up| matches!(up, Up::SnapshotEnd | Up::Refused { .. }))? {
            Up::SnapshotEnd => Ok(core),
            other => Err(format!("the core says {other:?}")),
        }
    }

    /// Sends a message.
    ///
    /// # Errors
    /// The core is gone.
    pub fn send(&mut self, message: &Down<'_>) -> Result<(), String> {
        self.serial = self.serial.wrapping_add(1);
        let (mut body, mut room) = (vec![0; MESSAGE], vec![0; limits::LINK_DATAGRAM]);
        let octets = link::encode(message, &mut body).map_err(|fault| format!("{fault:?}"))?;
        let mut cutter = Cutter::new(octets, self.serial).ok_or("too long")?;
        while let Some(datagram) = cutter.next(&mut room) {
            if !hal_socket::write(&self.stream, datagram) {
                return Err("the core is gone".into());
            }
        }
        Ok(())
    }

    /// Lets the control thread do nothing for a while; it must have been started with tests
    /// allowed.
    ///
    /// # Errors
    /// It refuses, or does not come back.
    pub fn stall(&mut self, ms: u32) -> Result<(), String> {
        let token = 77;
        self.send(&Down::Stall { token, ms })?;
        let done = self.wait("its word", |up| matches!(up, Up::Done { token: 77, .. }))?;
        match done {
            Up::Done { outcome: Outcome::Done, .. } => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }

    /// Takes what the core says until `wanted`.
    ///
    /// # Errors
    /// It does not say it.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&Up) -> bool) -> Result<Up, String> {
        let begin = Instant::now();
        let mut room = vec![0; limits::LINK_DATAGRAM];
        while begin.elapsed() < PATIENCE {
            hal_socket::wait(&self.stream, units::Duration::from_millis(100));
            let length = match hal_socket::read(&self.stream, &mut room) {
                hal_socket::Reading::Datagram(length) => length,
                hal_socket::Reading::Nothing => continue,
                hal_socket::Reading::End => return Err("the core hangs up".into()),
            };
            let Progress::Message(message) = self.joiner.take(&room[..length]) else { continue };
            let up = link::decode_up(message).map_err(|fault| format!("{fault:?}"))?;
            if wanted(&up) {
                return Ok(up);
            }
        }
        Err(format!("the core does not say {what}"))
    }
}
