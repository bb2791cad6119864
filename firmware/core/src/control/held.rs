//! Channels and circuits that the operator has blocked.
//!
//! ```text
//!  Block ─► line: at once, or when its call is over ─► journal (kind HELD) ─► the next process
//! ```

use link::{Outcome, Up};
use span::pri::Place;
use units::{Instant, SpanId, Timeslot};

use super::Control;
use super::keep::kind;

impl Control {
    /// The operator blocks a slot of a span, or opens it again.
    pub(super) fn block(
        &mut self,
        now: Instant,
        token: u32,
        (span, slot): (SpanId, Timeslot),
        on: bool,
    ) {
        let (id, of) = self.layout.line_of(span);
        let place = Place::new(of, slot);
        let known = self.lines.get_mut(&id).zip(place);
        let known = known.is_some_and(|(line, place)| line.block(now, place, on));
        if !known {
            return self.up(Up::Done { token, outcome: Outcome::NotFound });
        }
        let held = self.held.entry(span).or_default();
        if on {
            held.insert(slot);
        } else {
            held.remove(slot);
        }
        if held.is_empty() {
            self.held.remove(&span);
            self.keeper.forget(kind::HELD, span.0.into());
        } else {
            let held = *held;
            self.keeper.put(kind::HELD, span.0.into(), &held);
        }
        self.drain_line(now, id);
        self.up(Up::Done { token, outcome: Outcome::Done });
    }

    /// What was blocked is blocked again, in a new process.
    pub(super) fn block_again(&mut self, now: Instant) {
        for (span, held) in self.held.clone() {
            let (id, of) = self.layout.line_of(span);
            if let Some(line) = self.lines.get_mut(&id) {
                // A slot that the board does not have any more is no channel either.
                for place in held.iter().filter_map(|slot| Place::new(of, slot)) {
                    let _ = line.block(now, place, true);
                }
            }
            self.drain_line(now, id);
        }
    }
}
