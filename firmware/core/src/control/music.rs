//! What callers hear who wait.
//!
//! ```text
//!   a jack of role music that sounds ──► Hear        first
//!   the pieces of the table          ──► Play, Play  two rounds ahead, one more at each end
//!   neither                          ──► ring-back tone, never silence
//! ```
//!
//! Who waits at another port begins with another piece.

use engine::{Command, Tone};
use units::{CallId, PortId};

use super::sounds::Hears;
use super::{Control, Key, Order, Said};

/// The token of a round of music. A prompt may have the same; its port does not wait with music.
pub(super) const MUSIC: u16 = u16::MAX;

impl Control {
    /// A port waits with music.
    pub(super) fn hear_music(&mut self, call: CallId, port: PortId) {
        self.changed(port, |sound| sound.hears = Hears::Music);
        self.order_music(Key::Call(call), port);
    }

    /// Orders it for a port that waits.
    pub(super) fn order_music(&mut self, key: Key, port: PortId) {
        let ring_back = || vec![Command::Tone(port, Tone::RingBack)];
        for command in self.music(port).unwrap_or_else(ring_back) {
            self.gate.submit(key, Said::Order(Order::Engine(command)));
        }
    }

    /// What makes a port hear music; `None` if there is none now.
    pub(super) fn music(&self, port: PortId) -> Option<Vec<Command>> {
        if let Some(player) = self.players.of(port) {
            return Some(vec![player]);
        }
        let round = self.round(port);
        let twice = round.iter().chain(&round).copied();
        (!round.is_empty()).then(|| std::iter::once(Command::Silence(port)).chain(twice).collect())
    }

    /// All pieces that are in memory, once.
    fn round(&self, port: PortId) -> Vec<Command> {
        let there = |hash| self.prompts.get(hash)?.as_ref().ok();
        let mut clips: Vec<_> = self.directory.music.iter().filter_map(there).collect();
        if !clips.is_empty() {
            let first = usize::from(port.0) % clips.len();
            clips.rotate_left(first);
        }
        let end = clips.len();
        let play = |(at, clip)| Command::Play { port, token: MUSIC, clip, last: at == end };
        (1..).zip(clips.into_iter().copied()).map(play).collect()
    }

    /// Whether a port hears music, or would.
    pub(super) fn waits_with_music(&self, port: PortId) -> bool {
        match self.sounds.get(port).hears {
            Hears::Music => true,
            Hears::Conference => {
                let heard = self.ports.get(&port).and_then(|call| self.rooms.hears(*call));
                heard.is_some_and(|heard| heard.alone)
            }
            Hears::Nothing | Hears::Port(_) | Hears::Tone(_) | Hears::Prompts { .. } => false,
        }
    }

    /// A round came to its end; one is still to come, and another follows it.
    pub(super) fn more_music(&mut self, port: PortId) {
        if self.players.of(port).is_some() {
            return;
        }
        let round = self.round(port);
        if round.is_empty() {
            return self.order_music(Key::Box, port);
        }
        for command in round {
            self.gate.submit(Key::Box, Said::Order(Order::Engine(command)));
        }
    }

    /// There is other music now, or none any more: whoever waits hears that.
    pub(super) fn other_music(&mut self) {
        for port in self.sounds.with_music() {
            self.order_music(Key::Box, port);
        }
        self.hear_conferences();
    }
}
