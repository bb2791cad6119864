//! The spans of a group: several under one D channel (NFAS).
//!
//! ```text
//!   span 0 │ D, 30 B │    Q.931 4.5.13, octet 3.1: each span has its interface identifier
//!   span 1 │ 31 B    │    where there are several; an element without one means the span
//!     ...               │    of the D channel, the first one where there are two (`backup`).
//! ```
//!
//! A span that goes down takes nothing from the others: its channels get no calls, and those that
//! it has are cleared when it stays down, because the D channel can still say so.

use q931::Input;
use q931::wire::{ChannelId, RestartClass, Select};
use serde::{Deserialize, Serialize};
use units::{Cause, Duration, Instant, Slots};

use super::place::Place;
use super::table::Entry;
use super::{Pri, State};

/// How long a span of a group is down before the calls on it are cleared. Longer than the cuts of
/// 5 s that a span alone survives, shorter than people stay on a dead line.
pub(super) const CUT: Duration = Duration::from_secs(10);

/// The spans of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spans {
    /// Their interface identifiers (Q.931 4.5.13), 0 to 127; one span alone has none.
    identifiers: Vec<u8>,
    /// When the calls on a span that is down are cleared.
    cut_at: Vec<Option<Instant>>,
}

impl Spans {
    /// One alone.
    pub(super) fn alone() -> Self {
        Self { identifiers: vec![0], cut_at: vec![None] }
    }

    /// Several, each with its identifier.
    pub(super) fn several(identifiers: &[u8]) -> Self {
        Self { identifiers: identifiers.to_vec(), cut_at: vec![None; identifiers.len()] }
    }

    pub(super) const fn count(&self) -> usize {
        self.identifiers.len()
    }

    /// The interface identifier of a span.
    fn identifier(&self, span: u8) -> Option<u8> {
        let several = self.count() > 1;
        self.identifiers.get(usize::from(span)).copied().filter(|_| several)
    }

    /// The span that an identifier names.
    fn named(&self, interface: Option<u8>) -> Option<u8> {
        match interface {
            // 4.5.13: the interface of the D channel.
            None => Some(0),
            // Alone it can be no other.
            Some(_) if self.count() == 1 => Some(0),
            Some(id) => {
                let place = self.identifiers.iter().position(|of| *of == id)?;
                u8::try_from(place).ok()
            }
        }
    }

    /// When the next span has been down for too long.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.cut_at.iter().flatten().min().copied()
    }
}

impl Pri {
    /// The group has these spans, each with its interface identifier; the first has the D channel,
    /// or the first of two.
    #[must_use]
    pub fn with_spans(mut self, identifiers: &[u8]) -> Self {
        self.spans = Spans::several(identifiers);
        self
    }

    /// How a message names a channel.
    pub(super) fn channel_id(&self, place: Place) -> ChannelId {
        let interface = self.spans.identifier(place.span());
        ChannelId { interface, ..ChannelId::exclusive(place.slot()) }
    }

    /// The one channel that a message names; `None` also for one of an unknown interface.
    pub(super) fn place(&self, channel: &ChannelId) -> Option<Place> {
        Place::new(self.spans.named(channel.interface)?, channel.slot()?)
    }

    /// Channels that a RESTART is about (5.5).
    pub(super) fn places(&self, class: RestartClass, channel: Option<ChannelId>) -> Vec<Place> {
        let interface = channel.and_then(|channel| channel.interface);
        let (first, last) = match (class, self.spans.named(interface)) {
            (RestartClass::AllInterfaces, _) => (0, u8::MAX),
            (RestartClass::Channels | RestartClass::SingleInterface, Some(span)) => (span, span),
            (RestartClass::Channels | RestartClass::SingleInterface, None) => return vec![],
        };
        let slots = match (class, channel.map(|channel| channel.select)) {
            (RestartClass::Channels, Some(Select::Slots(slots))) => slots,
            (RestartClass::Channels, _) => Slots::default(),
            (RestartClass::SingleInterface | RestartClass::AllInterfaces, _) => Slots::ALL,
        };
        let all = self.channels.all().map(|(place, _)| place);
        all.filter(|place| (first..=last).contains(&place.span()) && slots.contains(place.slot()))
            .collect()
    }

    /// Layer 1 of a span of several came or went.
    pub(super) fn span_is(&mut self, now: Instant, span: u8, up: bool) {
        if self.spans.count() == 1 {
            return;
        }
        let Some(cut_at) = self.spans.cut_at.get_mut(usize::from(span)) else { return };
        if up {
            *cut_at = None;
        } else if !self.channels.is_out(span) {
            *cut_at = Some(now + CUT);
        }
        self.channels.set_out(span, !up);
    }

    /// Clears the calls on spans that have been down for too long. Without a data link it has time:
    /// T309 decides (5.8.9).
    pub(super) fn clear_cut(&mut self, now: Instant) {
        if self.state != State::Up {
            return;
        }
        for index in 0..self.spans.count() {
            let due = self.spans.cut_at[index].take_if(|at| *at <= now);
            if due.is_none() {
                continue;
            }
            let on_it =
                |entry: &Entry| entry.place.is_some_and(|place| usize::from(place.span()) == index);
            for key in self.calls.keys(on_it) {
                let location = self.config.location;
                let cause = Cause::DESTINATION_OUT_OF_ORDER;
                self.call(now, key, &Input::Disconnect { cause, location });
            }
        }
    }
}
