//! Conferences: what the calls that sit in them make the engine do, and who is in them.

use call::{Call, Change};
use engine::Command;
use link::{Outcome, SeatStatus, Up};
use units::{CallId, Cause, PortId};

use super::sounds::Hears;
use super::{Control, Key, Order, Said, Work};

impl Control {
    /// A call may have taken a seat, or left one.
    pub(super) fn settle_seat(&mut self, id: CallId) {
        let seat = self.calls.get(&id).and_then(Call::seat);
        for change in self.rooms.settle(id, seat) {
            match change {
                Change::Hears(call, port) => {
                    self.changed(port, |sound| sound.hears = Hears::Conference);
                    self.hear_conference(call, port);
                }
                Change::Chime(call, room, chime) => self.hear(call, Command::Chime(room, chime)),
                Change::Attention(call, port) => self.hear(call, Command::Attention(port)),
                Change::Full(call) => {
                    let full = call::Input::Clear(Cause::USER_BUSY);
                    self.work.push_back(Work::Call(call, full));
                }
            }
        }
    }

    /// The calls that the journal brought sit where they sat; the engine is told with all else.
    pub(super) fn sit_down_again(&mut self) {
        for (id, call) in &self.calls {
            // Nobody came.
            let _ = self.rooms.settle(*id, call.seat());
        }
    }

    /// What a party of a conference hears, once more.
    pub(super) fn hear_conference(&mut self, call: CallId, port: PortId) {
        let Some(heard) = self.rooms.hears(call) else { return };
        let meet = Command::Meet { port, room: heard.room, gain_db: heard.gain_db };
        // Without music one alone waits in its room, where it is quiet.
        let music = heard.alone.then(|| self.music(port)).flatten();
        for command in music.unwrap_or_else(|| vec![meet]) {
            self.gate.submit(Key::Call(call), Said::Order(Order::Engine(command)));
        }
    }

    /// Everybody who may wait alone hears the player that sounds now.
    pub(super) fn hear_conferences(&mut self) {
        for (port, call) in self.ports.clone() {
            if self.sounds.get(port).hears == Hears::Conference {
                self.hear_conference(call, port);
            }
        }
    }

    /// Every place in a conference as it is now.
    pub fn seats_now(&self) -> impl Iterator<Item = SeatStatus> {
        self.calls.values().filter_map(|call| self.seat_status(call))
    }

    pub(super) fn asked_conferences(&mut self, token: u32) {
        for status in self.seats_now().collect::<Vec<_>>() {
            self.up(Up::Seat { token, status });
        }
    }

    fn seat_status(&self, call: &Call) -> Option<SeatStatus> {
        let seat = call.seat()?;
        let line = call.line()?;
        // A telephone or jack of ours shows the number of its line.
        let own = self.is_ours(line).then(|| self.directory.calling(line).number);
        Some(SeatStatus {
            conference: seat.terms.number.clone(),
            call: call.id(),
            caller: own.unwrap_or_else(|| call.parties().0.number.clone()),
            entered: seat.entered.map(|at| self.utc.utc(at)),
            gain_db: seat.voice.gain_db,
            muted: seat.voice.muted,
        })
    }

    /// An operator sets how loud a caller is heard.
    pub(super) fn set_voice(
        &mut self,
        token: u32,
        call: CallId,
        (gain_db, muted): (Option<i8>, Option<bool>),
    ) {
        let there = self.calls.get(&call).and_then(Call::seat).is_some();
        let outcome = if there { Outcome::Done } else { Outcome::NotFound };
        if there {
            self.work.push_back(Work::Call(call, call::Input::Voice { gain_db, muted }));
        }
        self.up(Up::Done { token, outcome });
    }
}
