//! A call in its turn: it is lent what it writes into, for the time of one input.
//!
//! ```text
//!   Call ──── turn(outputs) ───► Turn ──── take, message, handle_timeout ───► Outputs ──► owner
//!   Call ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ┘ ▲
//!   Call         one at a time       └ saying(elements)
//! ```
//!
//! Hundreds of calls wait while one of them speaks: what is said has one room for all of them,
//! which their owner drains after every turn.

use core::ops::{Deref, DerefMut};

use machine::Outbox;
use units::Instant;

use super::{Call, State, Stimulus};
use crate::event::{Event, Input, Output};
use crate::wire::{CauseElement, Kind, Message};

/// Outputs of one turn at most. Of their messages one may be as long as N201; the others have a
/// cause and a state.
const OUTPUTS: usize = 8;

/// What a call wants to happen, until its owner polls it.
#[derive(Clone, Debug, Default)]
pub struct Outputs(Outbox<Output<()>, OUTPUTS, { 2 * limits::N201 }>);

impl Outputs {
    /// Nothing waits.
    #[must_use]
    pub const fn new() -> Self {
        Self(Outbox::new())
    }

    /// Whether nothing waits.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next output, oldest first, its octets where they stand.
    #[inline]
    pub fn poll(&mut self) -> Option<Output<&[u8]>> {
        let (output, octets) = self.0.poll()?;
        Some(output.map(|()| octets))
    }
}

/// A call to which something happens, and what it is lent for that.
#[derive(Debug)]
pub struct Turn<'a> {
    pub(super) call: &'a mut Call,
    pub(super) outputs: &'a mut Outputs,
    /// What the next message says beside its own.
    pub(super) attached: &'a [u8],
}

impl Deref for Turn<'_> {
    type Target = Call;

    fn deref(&self) -> &Call {
        self.call
    }
}

impl DerefMut for Turn<'_> {
    fn deref_mut(&mut self) -> &mut Call {
        self.call
    }
}

impl<'a> Turn<'a> {
    /// Gives the next message that speaks for the user elements of others to say too: whole ones,
    /// in ascending order. Any that the message has itself, or has no room for, are left out.
    #[must_use]
    pub const fn saying(self, elements: &'a [u8]) -> Self {
        Self { attached: elements, ..self }
    }

    /// Something happened. The time never runs backwards.
    pub fn take(&mut self, now: Instant, input: &Input) {
        let stimulus = match input {
            Input::Message(received) => return self.message(now, received),
            Input::Setup(params) => Stimulus::Setup(params),
            Input::SetupAck { channel } => Stimulus::SetupAck(*channel),
            Input::Proceed { channel } => Stimulus::Proceed(*channel),
            Input::Alert { channel, in_band } => Stimulus::Alert(*channel, *in_band),
            Input::Progress { in_band } => Stimulus::Progress(*in_band),
            Input::Answer { channel, connected } => Stimulus::Answer(*channel, connected.as_ref()),
            Input::Notify { what } => Stimulus::Notify(*what),
            Input::MoreDigits { called, complete } => Stimulus::MoreDigits(called, *complete),
            Input::Disconnect { cause, location } => {
                Stimulus::Disconnect(CauseElement::new(*location, *cause))
            }
            Input::Enquire => Stimulus::Enquire,
            Input::RestartChannel => Stimulus::RestartChannel,
            Input::LinkReset => Stimulus::LinkReset,
            Input::LinkDown => Stimulus::LinkDown,
            Input::LinkUp => Stimulus::LinkUp,
        };
        self.dispatch(now, stimulus);
    }

    /// The instant of [`Call::poll_timeout`] has come. Harmless when it has not.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Some((timer, at)) = self.timers.state
            && at <= now
        {
            self.timers.state = None;
            self.dispatch(now, Stimulus::Expired(timer));
        }
        if self.timers.t322.is_some_and(|at| at <= now) {
            self.timers.t322 = None;
            self.no_status(now);
        }
        if self.timers.t309.is_some_and(|at| at <= now) {
            self.timers.t309 = None;
            self.link_stayed_down();
        }
    }

    /// What the message is to say beside its own.
    pub(crate) fn attachment(&mut self, kind: Kind) -> &'a [u8] {
        if kind.carries_others() { core::mem::take(&mut self.attached) } else { &[] }
    }

    pub(crate) fn send(&mut self, message: &Message) {
        let attached = self.attachment(message.kind);
        // Nothing that a call sends is longer than N201: see the sizes in `Message`.
        self.outputs.0.write(Output::Transmit(()), |room| message.write_with(attached, room));
    }

    pub(crate) fn send_again(&mut self) {
        self.outputs.0.put_with(Output::Transmit(()), &self.call.repeat);
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.outputs.0.put(Output::Event(event));
    }

    pub(crate) fn dispatch(&mut self, now: Instant, stimulus: Stimulus<'_>) {
        if matches!(stimulus, Stimulus::LinkReset) {
            // 5.8.8: what was asked may have been lost with the link's queue, and its answer.
            self.forget_enquiry();
        }
        let initiated = self.state == State::CallInitiated;
        match self.state {
            State::Null => self.null(now, stimulus),
            State::CallInitiated => self.call_initiated(now, stimulus),
            State::OverlapSending => self.overlap_sending(now, stimulus),
            State::OutgoingProceeding => self.outgoing_proceeding(now, stimulus),
            State::CallDelivered => self.call_delivered(now, stimulus),
            State::CallPresent => self.call_present(now, stimulus),
            State::CallReceived => self.call_received(now, stimulus),
            State::ConnectRequest => self.connect_request(now, stimulus),
            State::IncomingProceeding => self.incoming_proceeding(now, stimulus),
            State::Active => self.active(now, stimulus),
            State::DisconnectRequest => self.disconnect_request(now, stimulus),
            State::DisconnectIndication => self.disconnect_indication(now, stimulus),
            State::ReleaseRequest => self.release_request(now, stimulus),
            State::OverlapReceiving => self.overlap_receiving(now, stimulus),
        }
        if initiated && self.timers.repeats().is_none() {
            // A SETUP that was answered is not sent again.
            self.repeat.clear();
        }
    }
}
