//! Keys that nobody else hears: at which ports, and from when to when.
//!
//! Keys of the one who talks, or is in a conference, are muted where the table says so: who called
//! such a number, and who is outside on such a line, whoever called. What a flow asks for is heard
//! by nobody else anyway.

use call::{Call, Phase, Whose};
use engine::Command;
use units::{CallId, LineId, PortId};

use super::{Control, Key, Order, Said};

/// The ports of a call whose keys are muted: of the caller, of the other party.
pub(super) type Muted = [Option<PortId>; 2];

impl Control {
    /// Whether this line is among those.
    pub(super) fn has_line(&self, whose: &[Whose], line: LineId) -> bool {
        whose.iter().any(|one| match one {
            Whose::Line(own) => self.leader(*own) == line,
            Whose::Number(_) => false,
        })
    }

    fn muted_of(&self, call: &Call) -> Muted {
        let muted = &self.directory.muted;
        let over = |line: Option<LineId>| line.is_some_and(|line| self.has_line(muted, line));
        let called = || muted.iter().any(|one| one.is_number(call.parties().1));
        let (caller, other) = call.ports();
        match call.phase() {
            Phase::Talking => [
                caller.filter(|_| called() || over(call.line())),
                other.filter(|_| over(call.other_line())),
            ],
            Phase::Conferring => [caller.filter(|_| called() || over(call.line())), None],
            _ => [None; 2],
        }
    }

    /// A call may have come to where its keys are muted, or to where they are not any more.
    pub(super) fn settle_muting(&mut self, id: CallId) {
        let had = self.muted.get(&id).copied().unwrap_or_default();
        let none = had == [None; 2] && self.directory.muted.is_empty();
        let call = if none { None } else { self.calls.get(&id) };
        let wanted = call.map_or([None; 2], |call| self.muted_of(call));
        for (had, wanted) in had.into_iter().zip(wanted).filter(|(had, wanted)| had != wanted) {
            had.into_iter().for_each(|port| self.mute_keys(port, false));
            wanted.into_iter().for_each(|port| self.mute_keys(port, true));
        }
        if wanted == [None; 2] {
            self.muted.remove(&id);
        } else {
            self.muted.insert(id, wanted);
        }
    }

    fn mute_keys(&mut self, port: PortId, on: bool) {
        let order = Order::Engine(Command::MuteKeys(port, on));
        self.gate.submit(Key::Box, Said::Order(order));
    }
}
