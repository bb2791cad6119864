//! What a span and an analog port have in common: whether blocks come, and what is wrong if not.
//!
//! ```text
//!            reads fail for 100 ms, or the device says that it is gone
//!   working ───────────────────────────────────────────────────────────► missing
//!      ▲  └─ nothing comes for 100 ms ─► silent ─ a block ─► working        │
//!      └──────────────── the attendant has opened it again ◄────────────────┘
//! ```

use hal_card::{Event, Trouble};
use heapless::Deque;

use crate::io::Moved;

/// Blocks without anything, or with errors only, until it is said: 100 ms.
const PATIENCE_BLOCKS: u16 = 50;
/// Events that a card keeps until they are polled.
pub(crate) const EVENTS: usize = 512;

/// Events of a card on their way up.
pub(crate) type Events = Deque<Event, EVENTS>;

/// Queues an event. A full queue loses it, as a line loses a frame: who polls each tick never sees
/// one full.
pub(crate) fn push(events: &mut Events, event: Event) {
    let _ = events.push_back(event);
}

/// What one receive of a unit brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Got {
    /// A block.
    pub(crate) block: bool,
    /// Blocks that the kernel dropped before.
    pub(crate) missing: u32,
    /// The unit must be closed and opened again.
    pub(crate) lost: bool,
}

/// Watches one unit.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    silent: u16,
    failing: u16,
    trouble: Option<Trouble>,
    told: Option<Trouble>,
}

impl Watch {
    /// Takes in how a read went; `true`: the unit is lost.
    pub(crate) fn saw(&mut self, moved: Moved) -> bool {
        match moved {
            Moved::Whole(_) => {
                (self.silent, self.failing) = (0, 0);
                if self.trouble == Some(Trouble::Silent) {
                    self.trouble = None;
                }
                false
            }
            Moved::Nothing => {
                self.silent = self.silent.saturating_add(1);
                if self.silent >= PATIENCE_BLOCKS && self.trouble.is_none() {
                    self.trouble = Some(Trouble::Silent);
                }
                false
            }
            Moved::Failed(errno) => {
                self.failing = self.failing.saturating_add(1);
                if self.failing >= PATIENCE_BLOCKS {
                    self.trouble = Some(Trouble::Failing(errno));
                }
                self.failing >= PATIENCE_BLOCKS
            }
            Moved::Lost => {
                self.trouble = Some(Trouble::Missing);
                true
            }
        }
    }

    /// Whether the unit may pace the others.
    pub(crate) const fn paces(&self) -> bool {
        self.silent < PATIENCE_BLOCKS
    }

    /// The attendant cannot open it.
    pub(crate) const fn cannot_open(&mut self, trouble: Trouble) {
        // That reads fail says more than that it cannot be opened since.
        self.trouble = Some(trouble);
    }

    /// It was opened.
    pub(crate) const fn opened(&mut self) {
        (self.silent, self.failing, self.trouble) = (0, 0, None);
    }

    /// Another program has changed it, or it is as it should be.
    pub(crate) fn overridden(&mut self, by_another: bool) {
        match (by_another, self.trouble) {
            (true, None) => self.trouble = Some(Trouble::Overridden),
            (false, Some(Trouble::Overridden)) => self.trouble = None,
            (true | false, _) => {}
        }
    }

    /// What changed and was not told yet.
    pub(crate) fn poll(&mut self, channel: usize) -> Option<Event> {
        (self.told != self.trouble).then(|| {
            self.told = self.trouble;
            Event::Trouble { channel, trouble: self.trouble }
        })
    }
}
