//! Jacks: who calls by a button, whose device does not sound, and the player that callers hear who
//! wait.
//!
//! ```text
//!   Music(port) ──► the first player that sounds: Hear   none: ring-back tone, never silence
//!   a trouble   ──► of a player: what waiting callers hear changes; of a line: layer 1
//! ```

use std::collections::BTreeMap;

use board::{JackRole, Layout, UnitKind};
use call::{Directory, Media};
use engine::{Command, Tone};
use units::{CallId, LineId, PortId};

use super::{Control, Key, Order, Work};

/// The jack of a player.
#[derive(Debug)]
struct Player {
    line: LineId,
    port: PortId,
    sounds: bool,
}

/// The players of the box and who waits for somebody with them.
#[derive(Debug)]
pub(super) struct Players {
    players: Vec<Player>,
    waiting: BTreeMap<PortId, CallId>,
}

impl Players {
    /// Of a layout; each sounds until it is told that it does not.
    pub(super) fn new(layout: &Layout) -> Self {
        let players = layout.jacks().filter(|(_, role, _)| *role == JackRole::Music);
        let players = players.map(|(line, _, port)| Player { line, port, sounds: true });
        Self { players: players.collect(), waiting: BTreeMap::new() }
    }

    /// A port hears a player, or ring-back tone while none sounds.
    fn command(&self, port: PortId) -> Command {
        match self.players.iter().find(|player| player.sounds) {
            Some(player) => Command::Hear(port, player.port),
            None => Command::Tone(port, Tone::RingBack),
        }
    }

    /// A port waits with music from now on.
    pub(super) fn wait(&mut self, call: CallId, port: PortId) -> Command {
        self.waiting.insert(port, call);
        self.command(port)
    }

    /// Something else is heard there.
    pub(super) fn heard(&mut self, media: &Media) {
        let (one, other) = match media {
            Media::Join(a, b) => (Some(a), Some(b)),
            Media::Silence(port) | Media::Tone(port, _) | Media::Play { port, .. } => {
                (Some(port), None)
            }
            Media::Music(_) | Media::Listen(..) => (None, None),
        };
        for port in one.into_iter().chain(other) {
            self.waiting.remove(port);
        }
    }

    /// A call is over.
    pub(super) fn forget(&mut self, call: CallId) {
        self.waiting.retain(|_, of| *of != call);
    }

    /// A player sounds, or does not: what those hear now who wait.
    fn sounds(&mut self, line: LineId, sounds: bool) -> Vec<(CallId, Command)> {
        for player in self.players.iter_mut().filter(|player| player.line == line) {
            player.sounds = sounds;
        }
        self.waiting.iter().map(|(port, call)| (*call, self.command(*port))).collect()
    }
}

impl Control {
    /// The device of a socket works, or does not.
    pub(super) fn device(&mut self, socket: u16, up: bool) {
        let kind = self.layout.units.get(usize::from(socket)).map(|unit| unit.kind);
        let Some(UnitKind::Jack(line, role)) = kind else { return };
        if role != JackRole::Music {
            return self.work.push_back(Work::Line(line, span::Input::Layer1 { up }));
        }
        for (call, command) in self.players.sounds(line, up) {
            self.gate.change();
            self.gate.submit(Key::Call(call), Order::Engine(command));
        }
    }

    /// A button was pressed.
    pub(super) fn button_pressed(&mut self, socket: u16) {
        let mut buttons = self.layout.buttons.iter();
        let Some(button) = buttons.find(|button| button.unit == usize::from(socket)) else {
            return;
        };
        let calls = self.directory.calls(button.line);
        self.work.push_back(Work::Line(button.line, span::Input::Pressed { calls }));
    }

    /// Gives the jacks that a table calls by their labels their numbers; `false` if one is not
    /// there.
    pub(super) fn resolve(&self, directory: &mut Directory) -> bool {
        directory.resolve(|label| {
            let unit = self.layout.units.iter().find(|unit| unit.label == label)?;
            match unit.kind {
                UnitKind::Jack(line, _) => line.jack(),
                _ => None,
            }
        })
    }
}
