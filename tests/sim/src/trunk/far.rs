//! The signalling of an exchange: Q.931 in the network's role, or R2 circuits.

use machine::Machine;
use span::pri::Pri;
use span::r2::R2;
use span::{Input, Output, Usage};
use units::{Instant, LegId, Timeslot};

/// The signalling of an exchange.
#[derive(Debug)]
pub(crate) enum Far {
    Pri(Box<Pri>),
    R2(Box<R2>),
}

impl Far {
    /// The circuits, if it has any.
    pub(crate) fn r2(&mut self) -> Option<&mut R2> {
        match self {
            Self::R2(r2) => Some(r2),
            Self::Pri(_) => None,
        }
    }

    fn pri(&mut self) -> Option<&mut Pri> {
        match self {
            Self::Pri(pri) => Some(pri),
            Self::R2(_) => None,
        }
    }

    pub(crate) const fn is_r2(&self) -> bool {
        matches!(self, Self::R2(_))
    }

    pub(crate) fn usage(&self) -> Usage {
        match self {
            Self::Pri(pri) => pri.usage(),
            Self::R2(r2) => r2.usage(),
        }
    }

    /// Calls that it knows of.
    pub(crate) fn calls(&self) -> usize {
        match self {
            Self::Pri(pri) => pri.calls(),
            Self::R2(r2) => r2.legs().count(),
        }
    }

    /// Says a message of its own; only Q.931 has any.
    pub(crate) fn say(&mut self, now: Instant, message: &[u8]) -> bool {
        self.pri().is_some_and(|pri| pri.say(now, message))
    }

    /// Tells that a call costs one unit more: a pulse, or how many it are in all.
    pub(crate) fn charge(&mut self, now: Instant, leg: LegId, total: u32) -> bool {
        match self {
            Self::Pri(pri) => pri.charge(now, leg, total),
            Self::R2(r2) => r2.meter(now, leg),
        }
    }

    pub(crate) fn upset(&mut self, now: Instant, down: bool) -> bool {
        self.pri().is_some_and(|pri| pri.upset(now, down))
    }

    pub(crate) fn restart(&mut self, now: Instant, slot: Option<Timeslot>) -> bool {
        self.pri().is_some_and(|pri| pri.restart(now, slot))
    }

    pub(crate) fn handle(&mut self, now: Instant, input: Input) {
        match self {
            Self::Pri(pri) => pri.handle(now, input),
            Self::R2(r2) => r2.handle(now, input),
        }
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Pri(pri) => pri.handle_timeout(now),
            Self::R2(r2) => r2.handle_timeout(now),
        }
    }

    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        match self {
            Self::Pri(pri) => pri.poll_output(),
            Self::R2(r2) => r2.poll_output(),
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::Pri(pri) => pri.poll_timeout(),
            Self::R2(r2) => r2.poll_timeout(),
        }
    }
}
