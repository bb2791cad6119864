//! Places whose sound is written to a file for a while (`listen channel`): which tap of the engine
//! each has.

use engine::Command;
use link::{Outcome, SoundAt, Up};
use units::{Instant, PortId};

use super::{Control, Key, Order, Said};
use crate::recordings::Take;

/// A place that is listened to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listened {
    tap: u8,
    port: PortId,
}

impl Control {
    /// Writes a place's sound to a file for so many seconds; 0: no more.
    pub(super) fn listen(
        &mut self,
        now: Instant,
        token: u32,
        (at, stamp): (SoundAt, u32),
        seconds: u16,
    ) {
        let Some(port) = self.place_of(at) else {
            return self.up(Up::Done { token, outcome: Outcome::NotFound });
        };
        let there = self.listened.iter().find(|listened| listened.port == port).copied();
        match (there, seconds) {
            (None, 0) => self.up(Up::Done { token, outcome: Outcome::NotFound }),
            (Some(Listened { tap, .. }), 0) => {
                self.said.push_back(Said::Take(Take::End { tap, token }));
            }
            (Some(_), _) => self.up(Up::Done { token, outcome: Outcome::Full }),
            (None, _) => {
                let used = |tap: &u8| self.listened.iter().any(|listened| listened.tap == *tap);
                let Some(tap) = (0..limits::TAPS).find(|tap| !used(tap)) else {
                    return self.up(Up::Done { token, outcome: Outcome::Full });
                };
                let begun_us = self.utc.utc(now).0.cast_unsigned();
                let name = format!("{at}-{stamp}");
                self.said.push_back(Said::Take(Take::Begin {
                    tap,
                    name,
                    begun_us,
                    seconds,
                    token,
                }));
                self.listened.push(Listened { tap, port });
                let order = Order::Engine(Command::Tap(port, Some(tap)));
                self.gate.submit(Key::Box, Said::Order(order));
            }
        }
    }

    /// A file is closed.
    pub(super) fn taken(&mut self, tap: u8) {
        let Some(at) = self.listened.iter().position(|listened| listened.tap == tap) else {
            return;
        };
        let Listened { port, .. } = self.listened.swap_remove(at);
        let order = Order::Engine(Command::Tap(port, None));
        self.gate.submit(Key::Box, Said::Order(order));
    }
}
