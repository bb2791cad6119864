//! Jacks: who calls by a button, whose device does not sound, and the player that callers hear who
//! wait.
//!
//! ```text
//!   a trouble   ──► of a player: what waiting callers hear changes; of a line: layer 1
//! ```

use board::{JackRole, Layout, UnitKind};
use call::Directory;
use engine::Command;
use units::{LineId, PortId};

use super::{Control, Work};

/// The jack of a player.
#[derive(Debug)]
struct Player {
    line: LineId,
    port: PortId,
    sounds: bool,
}

/// The players of the box.
#[derive(Debug)]
pub(super) struct Players(Vec<Player>);

impl Players {
    /// Of a layout; each sounds until it is told that it does not.
    pub(super) fn new(layout: &Layout) -> Self {
        let players = layout.jacks().filter(|(_, role, _)| *role == JackRole::Music);
        Self(players.map(|(line, _, port)| Player { line, port, sounds: true }).collect())
    }

    /// A port hears a player; `None` while none sounds.
    pub(super) fn of(&self, port: PortId) -> Option<Command> {
        let player = self.0.iter().find(|player| player.sounds)?;
        Some(Command::Hear(port, player.port))
    }

    /// A player sounds, or does not.
    fn sounds(&mut self, line: LineId, sounds: bool) {
        for player in self.0.iter_mut().filter(|player| player.line == line) {
            player.sounds = sounds;
        }
    }
}

impl Control {
    /// The device of a socket works, or does not.
    pub(super) fn device(&mut self, socket: u16, up: bool) {
        let kind = self.layout.units.get(usize::from(socket)).map(|unit| unit.kind);
        let Some(UnitKind::Jack(line, role)) = kind else { return };
        if role != JackRole::Music {
            return self.work.push_back(Work::Line(line, span::Input::Layer1 { of: 0, up }));
        }
        self.players.sounds(line, up);
        self.other_music();
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
