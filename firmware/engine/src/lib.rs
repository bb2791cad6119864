//! Moves one block of every port each tick: who hears whom, prompts, tones, keys.
//!
//! ```text
//!            octets in ──► linear ──┬──► keys (DTMF) ──► Notice
//!   port p                          │
//!            octets out ◄─ linear ◄─┴─ what p hears: another port, clips, a tone, nothing
//! ```
//!
//! Inside, sound is linear; a port's law is met only at the port. A-law through linear and back is
//! the identity, so a path between two A-law ports hands every octet through as it came.
//!
//! Everything is allocated when the engine is made. `tick` runs on the line thread.

mod command;
mod port;
#[cfg(test)]
mod tests;
mod tones;

use heapless::Deque;
use units::media::BLOCK_SAMPLES;
use units::{Law, LinearBlock, PortId};

pub use command::{Clip, Command, Notice, Tone};
use port::{Port, Queued, Source};

/// Notices that one tick can bring: a key and an end of clips for every port.
const NOTICES: usize = 2 * limits::PORTS;

/// The octets of one port in one tick.
pub type Octets = [u8; BLOCK_SAMPLES];

/// The switching matrix and all that is heard and listened for in it.
#[derive(Debug)]
pub struct Engine {
    ports: Vec<Port>,
    notices: Deque<Notice, NOTICES>,
    refused: u64,
}

impl Engine {
    /// An engine with one port for each law given, all silent.
    #[must_use]
    pub fn new(laws: &[Law]) -> Self {
        let ports = laws.iter().take(limits::PORTS).map(|law| Port::new(*law)).collect();
        Self { ports, notices: Deque::new(), refused: 0 }
    }

    /// Commands that named a port that is not there, or a clip too many.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Changes what ports hear, from the next tick on.
    pub fn command(&mut self, command: Command) {
        let done = match command {
            Command::Join(a, b) => self.join(a, b),
            Command::Silence(port) => self.port(port, Port::silence),
            Command::Tone(port, tone) => self.port(port, |port| port.tone(tone)),
            Command::Listen(port, on) => self.port(port, |port| port.listen(on)),
            Command::Play { port, token, clip, last } => {
                let mut taken = false;
                self.port(port, |port| taken = port.play(Queued { token, clip, last })) && taken
            }
        };
        self.refused += u64::from(!done);
    }

    fn port(&mut self, port: PortId, change: impl FnOnce(&mut Port)) -> bool {
        self.ports.get_mut(usize::from(port.0)).map(change).is_some()
    }

    fn join(&mut self, a: PortId, b: PortId) -> bool {
        let exists = |port: PortId| usize::from(port.0) < self.ports.len();
        let both = a != b && exists(a) && exists(b);
        both && self.port(a, |port| port.hear(b)) && self.port(b, |port| port.hear(a))
    }

    /// One tick: `rx` and `tx` hold one block for each port.
    pub fn tick(&mut self, rx: &[Octets], tx: &mut [Octets]) {
        for (index, (port, octets)) in self.ports.iter_mut().zip(rx).enumerate() {
            // A port that nobody hears and that does nothing costs nothing.
            if port.source == Source::Silence && !port.listening {
                port.heard = LinearBlock::SILENCE;
                continue;
            }
            if let Some(digit) = port.take(octets) {
                push(&mut self.notices, Notice::Digit(port_id(index), digit));
            }
        }
        let mut block = LinearBlock::SILENCE;
        for index in 0..self.ports.len().min(tx.len()) {
            let source = self.ports[index].source;
            match source {
                Source::Port(other) => block = self.ports[usize::from(other.0)].heard,
                Source::Silence => {
                    tx[index] = [self.ports[index].law.idle(); BLOCK_SAMPLES];
                    continue;
                }
                Source::Tone | Source::Clips => {
                    if let Some(token) = self.ports[index].make(&mut block) {
                        push(&mut self.notices, Notice::Played(port_id(index), token));
                    }
                }
            }
            g711::encode_block(self.ports[index].law, &block.samples, &mut tx[index]);
        }
    }

    /// What the ticks and commands so far brought, oldest first.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }
}

fn push(notices: &mut Deque<Notice, NOTICES>, notice: Notice) {
    // It is drained after every tick and holds what one tick can bring.
    let _ = notices.push_back(notice);
}

fn port_id(index: usize) -> PortId {
    PortId(u16::try_from(index).unwrap_or(u16::MAX))
}
