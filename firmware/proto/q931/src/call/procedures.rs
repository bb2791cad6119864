//! What several states do alike.

use units::{Cause, Instant};

use super::{Call, State, Told, Turn};
use crate::event::{By, Event, SetupParams};
use crate::timers::{Role, Timer, Timers};
use crate::wire::{CauseElement, ChannelId, Kind, Location, Message, PartyNumber, Progress};

/// What a call does without a word.
impl Call {
    pub(crate) const fn new_message(&self, kind: Kind) -> Message {
        Message::new(self.reference, kind)
    }

    /// Starts the timer of the state; the one before is stopped.
    pub(crate) fn start(&mut self, now: Instant, timer: Timer) {
        self.timers.state = Some((timer, now + self.config.timers.get(timer)));
    }

    pub(crate) fn own_cause(&self, cause: Cause) -> CauseElement {
        CauseElement::new(self.config.location, cause)
    }

    const fn progress(&self, description: u8) -> Progress {
        // Progress is said of the network behind, also on the user side (a private network).
        let location = match self.config.role {
            Role::User => Location::PrivateLocal,
            Role::Network => Location::PublicLocal,
        };
        Progress { location, description }
    }

    /// The first reason to clear stays.
    pub(crate) fn because(&mut self, cause: Cause, by: By) {
        self.clearing = self.clearing.or(Some((cause, by)));
    }

    /// The cause of a clearing message, and who is behind it. Without one it is 31 (5.8.6.1).
    fn because_of(&mut self, message: &Message) -> (Cause, By) {
        let far =
            message.cause.as_ref().map_or((Cause::NORMAL_UNSPECIFIED, By::Network), |element| {
                match element.location {
                    Location::User => (element.cause, By::Person),
                    _ => (element.cause, By::Network),
                }
            });
        self.because(far.0, far.1);
        far
    }

    /// 5.8.10: an answer or a clearing message came.
    pub(crate) fn forget_enquiry(&mut self) {
        self.timers.t322 = None;
        self.enquired_again = false;
    }
}

impl Turn<'_> {
    /// Sends a message that a timer may send again.
    fn send_repeatable(&mut self, message: &Message) {
        self.keep(message);
        self.repeated = false;
        self.send_again();
    }

    /// Keeps a message for a timer to send.
    fn keep(&mut self, message: &Message) {
        self.repeat.clear();
        let attached = self.attachment(message.kind);
        if message.write_with(attached, self.repeat.as_mut_view()).is_none() {
            self.repeat.clear();
        }
    }

    /// SETUP goes out (5.1.1, 5.2.1).
    pub(crate) fn place(&mut self, now: Instant, params: &SetupParams) {
        let mut setup = self.new_message(Kind::Setup);
        setup.sending_complete = params.complete;
        setup.bearer = Some(params.bearer.clone());
        setup.channel = params.channel;
        setup.calling.clone_from(&params.calling);
        setup.called.clone_from(&params.called);
        setup.display.clone_from(&params.display);
        self.channel_named = params.channel.is_some_and(|channel| channel.slot().is_some());
        self.clearing = None;
        self.send_repeatable(&setup);
        self.start(now, Timer::T303);
        self.state = State::CallInitiated;
    }

    /// A message of the callee; the channel stands in its first one (5.2.3.1).
    pub(crate) fn respond(&mut self, kind: Kind, channel: Option<ChannelId>, in_band: bool) {
        let mut message = self.new_message(kind);
        if self.state == State::CallPresent {
            message.channel = channel;
        }
        if in_band {
            message.progress = Some(self.progress(Progress::IN_BAND));
        }
        self.send(&message);
    }

    pub(crate) fn send_progress(&mut self, in_band: bool) {
        let description = if in_band { Progress::IN_BAND } else { Progress::NOT_END_TO_END };
        let mut message = self.new_message(Kind::Progress);
        message.progress = Some(self.progress(description));
        self.send(&message);
    }

    /// 5.9: the other end of the call shall hear of it.
    pub(crate) fn notified(&mut self, message: &Message) {
        // It is mandatory: one without it has been answered with STATUS.
        if let Some(what) = message.notification {
            self.tell(Event::Notified { what });
        }
    }

    pub(crate) fn notify(&mut self, what: u8) {
        let mut message = self.new_message(Kind::Notify);
        message.notification = Some(what & 0x7F);
        self.send(&message);
    }

    pub(crate) fn proceed(&mut self, channel: Option<ChannelId>) {
        self.respond(Kind::CallProceeding, channel, false);
        self.timers.state = None;
        self.state = State::IncomingProceeding;
    }

    pub(crate) fn alert(&mut self, channel: Option<ChannelId>, in_band: bool) {
        self.respond(Kind::Alerting, channel, in_band);
        self.timers.state = None;
        self.state = State::CallReceived;
    }

    /// CONNECT goes out (5.2.7). The network is through at once (5.1.8).
    pub(crate) fn answer(
        &mut self,
        now: Instant,
        channel: Option<ChannelId>,
        connected: Option<&PartyNumber>,
    ) {
        let mut message = self.new_message(Kind::Connect);
        if self.state == State::CallPresent {
            message.channel = channel;
        }
        message.connected = connected.cloned();
        self.send(&message);
        match self.config.role {
            Role::User => {
                self.start(now, Timer::T313);
                self.state = State::ConnectRequest;
            }
            Role::Network => self.through(),
        }
    }

    /// The callee's call is active.
    pub(crate) fn through(&mut self) {
        self.timers.state = None;
        self.state = State::Active;
        self.tell(Event::Confirmed);
    }

    /// CONNECT came (5.1.8, 5.2.8).
    pub(crate) fn answered(&mut self, message: &Message) {
        let acknowledge = self.new_message(Kind::ConnectAcknowledge);
        self.send(&acknowledge);
        self.timers.state = None;
        self.state = State::Active;
        let connected = message.connected.clone();
        self.tell(Event::Answered { channel: message.channel, connected });
    }

    /// DISCONNECT goes out (5.3.3, 5.3.4).
    pub(crate) fn disconnect(&mut self, now: Instant, cause: CauseElement) {
        let mut message = self.new_message(Kind::Disconnect);
        message.cause = Some(cause);
        self.send(&message);
        self.forget_enquiry();
        // What follows if nobody answers, with the same cause (T305).
        message.kind = Kind::Release;
        self.keep(&message);
        self.start(now, Timer::T305);
        self.state = State::DisconnectRequest;
    }

    /// RELEASE goes out.
    pub(crate) fn release(&mut self, now: Instant, cause: Told) {
        let mut message = self.new_message(Kind::Release);
        message.cause = cause;
        self.send_repeatable(&message);
        self.releasing(now);
    }

    pub(crate) fn releasing(&mut self, now: Instant) {
        self.repeated = false;
        self.forget_enquiry();
        self.start(now, Timer::T308);
        self.state = State::ReleaseRequest;
    }

    /// RELEASE COMPLETE goes out, and the call is gone.
    pub(crate) fn complete(&mut self, cause: Told) {
        let mut message = self.new_message(Kind::ReleaseComplete);
        message.cause = cause;
        self.send(&message);
        self.end();
    }

    /// The call is gone.
    pub(crate) fn end(&mut self) {
        self.timers = Timers::default();
        self.repeat.clear();
        self.repeated = false;
        self.enquired_again = false;
        self.state = State::Null;
        let none = (Cause::NORMAL_UNSPECIFIED, By::Network);
        let (cause, by) = self.clearing.take().unwrap_or(none);
        self.tell(Event::Released { cause, by });
    }

    /// We clear, in a state that is not clearing yet.
    pub(crate) fn clear(&mut self, now: Instant, cause: CauseElement, by: By) {
        self.because(cause.cause, by);
        if self.timers.t309.is_some() {
            // 5.8.9: without a link there is nobody to tell. The far side may keep the call: its
            // channel is restarted when the link is back.
            self.tell(Event::ChannelSuspect);
            self.end();
        } else if self.state == State::CallPresent {
            // 5.3.2 a): a call that was not accepted is refused.
            self.complete(Some(cause));
        } else {
            self.disconnect(now, cause);
        }
    }

    /// A timer of the state gave up: the peer hears 102, the layer above `cause`.
    pub(crate) fn give_up(&mut self, now: Instant, cause: Cause, timer: Timer) {
        self.because(cause, By::Timer(timer));
        let told = self.own_cause(Cause::RECOVERY_ON_TIMER_EXPIRY);
        self.disconnect(now, told);
    }

    /// DISCONNECT came (5.3.3, 5.3.4).
    pub(crate) fn far_disconnects(&mut self, now: Instant, message: &Message, told: Told) {
        let (cause, by) = self.because_of(message);
        let description = message.progress.map(|progress| progress.description);
        let in_band = description == Some(Progress::IN_BAND) && told.is_none();
        self.tell(Event::Disconnected { cause, by, in_band });
        self.forget_enquiry();
        if in_band {
            // 5.3.4.1: tones or an announcement: the layer above may listen for a while.
            self.start(now, Timer::T306);
            self.state = State::DisconnectIndication;
        } else {
            self.release(now, told);
        }
    }

    /// RELEASE came outside of a collision (5.3.3, 5.8.4).
    pub(crate) fn far_releases(&mut self, message: &Message, told: Told) {
        self.because_of(message);
        self.complete(told);
    }

    /// RELEASE COMPLETE came (5.3.2, 5.3.3, 5.8.4).
    pub(crate) fn far_completes(&mut self, message: &Message) {
        self.because_of(message);
        self.end();
    }

    /// 5.5: the channel was restarted under the call.
    pub(crate) fn restarted(&mut self) {
        self.because(Cause::TEMPORARY_FAILURE, By::Network);
        self.end();
    }

    /// 5.8.9 a): a call that is not active does not outlive the link. The far side may have seen no
    /// failure and keep it: its channel is restarted when the link is back.
    pub(crate) fn link_down(&mut self) {
        self.because(Cause::TEMPORARY_FAILURE, By::Network);
        self.tell(Event::ChannelSuspect);
        self.end();
    }

    /// 5.8.8: digits may have been lost with the link's queue.
    pub(crate) fn reset_in_overlap(&mut self, now: Instant) {
        let cause = self.own_cause(Cause::TEMPORARY_FAILURE);
        self.clear(now, cause, By::Network);
    }

    /// T309 is over (5.8.9).
    pub(crate) fn link_stayed_down(&mut self) {
        self.because(Cause::DESTINATION_OUT_OF_ORDER, By::Timer(Timer::T309));
        self.tell(Event::ChannelSuspect);
        self.end();
    }
}
