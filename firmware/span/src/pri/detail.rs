//! What a group is doing, for the person at the box; and tests of its channels.

use units::{LegId, PortId};

use super::Pri;
use super::channels::Use;
use super::place::Place;

/// What a B channel is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Nothing.
    Free,
    /// A call in this state of Q.931; its leg, once a call knows of it.
    Call(q931::State, Option<LegId>),
    /// It is restarted before it carries another call.
    Blocked,
    /// Its line is being tested.
    Tested,
    /// The administrator has taken it out of service.
    Off,
    /// The operator has blocked it.
    Held,
}

impl Pri {
    /// The data link of a span, or the one in use if it has none: its state, what it counted,
    /// messages that wait for an acknowledgement.
    #[must_use]
    pub fn data_link(&self, span: u8) -> (q921::State, &q921::Counters, usize) {
        let other = self.other_link().filter(|_| self.spans_of_links().1 == Some(span));
        let link = other.unwrap_or(&self.link);
        (link.link_state(), link.counters(), link.unacknowledged())
    }

    /// Every B channel, in order.
    pub fn channels(&self) -> impl Iterator<Item = (Place, Channel)> {
        self.channels.all().map(|(place, used)| {
            let channel = match used {
                Use::Free => Channel::Free,
                Use::Suspect => Channel::Blocked,
                Use::Test => Channel::Tested,
                Use::Off => Channel::Off,
                Use::Held => Channel::Held,
                Use::Call(key) => match self.calls.get(key) {
                    Some(entry) => Channel::Call(entry.call.call_state(), entry.leg),
                    None => Channel::Free,
                },
            };
            (place, channel)
        })
    }

    /// Takes every free channel of a span out of service for a test; their places in the matrix.
    pub fn begin_test(&mut self, span: u8) -> Vec<PortId> {
        self.channels.begin_test(span)
    }

    /// Lets no call come on a channel when it is free, or lets them come again; `false`: there is
    /// none. Q.931 has no word for it: the far side hears it when it asks for the channel.
    pub fn block(&mut self, place: Place, on: bool) -> bool {
        self.channels.hold(place, on)
    }

    /// Channels under test serve again.
    pub fn end_test(&mut self) {
        self.channels.end_test();
    }
}
