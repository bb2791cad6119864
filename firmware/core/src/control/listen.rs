//! Places whose sound is written to a file for a while (`listen channel`): which tap of the engine
//! each has.

use link::{Outcome, SoundAt, Up};
use units::{Instant, PortId};

use super::{Control, Said};
use crate::recordings::Take;

/// A place that is listened to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listened {
    tap: u32,
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
        let outcome = match (there, seconds) {
            (None, 0) => Outcome::NotFound,
            (Some(Listened { tap, .. }), 0) => {
                return self.said.push_back(Said::Take(Take::End { tap, token: Some(token) }));
            }
            (None, _) if self.has_tap() => {
                let tap = self.recordings.new_tap();
                let begun_us = self.utc.utc(now).0.cast_unsigned();
                let (name, most) = (format!("{at}-{stamp}"), Some(seconds));
                // Who looks for a fault wants the octets of the line, keys too.
                let terms = recorder::Terms::default();
                let begin = Take::Begin { tap, name, begun_us, most, terms, token: Some(token) };
                self.said.push_back(Said::Take(begin));
                self.listened.push(Listened { tap, port });
                return self.tap(tap, port);
            }
            (_, _) => Outcome::Full,
        };
        self.up(Up::Done { token, outcome });
    }

    /// The file of a place is closed.
    pub(super) fn heard_out(&mut self, tap: u32) {
        if let Some(at) = self.listened.iter().position(|listened| listened.tap == tap) {
            self.listened.swap_remove(at);
            self.untap(tap);
        }
    }
}
