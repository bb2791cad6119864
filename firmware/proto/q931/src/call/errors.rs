//! Messages that are unexpected or not well formed (5.8.4 to 5.8.7), and the comparison of states
//! with the peer (5.8.10, 5.8.11).

use units::{Cause, Instant};

use super::{State, Stimulus, Told, Turn};
use crate::event::By;
use crate::timers::Role;
use crate::timers::Timer;
use crate::wire::{CallState, CauseElement, Ids, Kind, Message, Received, id};

/// What becomes of a message.
enum Verdict {
    /// It is acted on, and then the peer may be told what was not understood.
    Act(Told),
    /// It is not acted on, and the peer is told why.
    Refuse(CauseElement),
}

impl Turn<'_> {
    /// A message with this call's reference: as [`Input::Message`].
    ///
    /// [`Input::Message`]: crate::Input::Message
    pub fn message(&mut self, now: Instant, received: &Received) {
        let message = &received.message;
        // 5.8.3.2 e): only the first SETUP counts. Other messages find no call in Null.
        let is_new = self.state == State::Null;
        if is_new != (message.kind == Kind::Setup) {
            return;
        }
        if self.is_plain(received) {
            return self.act(now, message, None);
        }
        match self.judge(received) {
            Verdict::Refuse(cause) => match message.kind {
                Kind::Setup => {
                    self.because(cause.cause, By::Protocol);
                    self.complete(Some(cause));
                }
                // An answer to a broken STATUS would be one more STATUS, and so on.
                Kind::Status => {}
                _ => self.send_status(cause),
            },
            Verdict::Act(told) => self.act(now, message, told),
        }
    }

    fn act(&mut self, now: Instant, message: &Message, told: Told) {
        let (stimulus, told) = match message.kind {
            Kind::Disconnect => (Stimulus::DisconnectMessage(message, told), None),
            Kind::Release => (Stimulus::Release(message, told), None),
            Kind::ReleaseComplete => (Stimulus::ReleaseComplete(message), None),
            Kind::Status => (Stimulus::Status(message), None),
            Kind::Setup => (Stimulus::SetupMessage(message), told),
            Kind::SetupAcknowledge => (Stimulus::SetupAcknowledge(message), told),
            Kind::CallProceeding => (Stimulus::CallProceeding(message), told),
            Kind::Alerting => (Stimulus::Alerting(message), told),
            Kind::Progress => (Stimulus::ProgressMessage(message), told),
            Kind::Connect => (Stimulus::Connect(message), told),
            Kind::ConnectAcknowledge => (Stimulus::ConnectAcknowledge, told),
            Kind::Information => (Stimulus::Information(message), told),
            Kind::Notify => (Stimulus::NotifyMessage(message), told),
            // Of a supplementary service (Q.932): the basic call goes on as it is.
            Kind::Facility => (Stimulus::Facility, told),
            Kind::StatusEnquiry => (Stimulus::StatusEnquiry, told),
            kind @ (Kind::Restart | Kind::RestartAcknowledge | Kind::Unknown(_)) => {
                (Stimulus::Misplaced(kind), None)
            }
        };
        self.dispatch(now, stimulus);
        if let Some(cause) = told {
            self.send_status(cause);
        }
    }

    /// Whether all of a message was understood and nothing is missing: of almost all.
    fn is_plain(&self, received: &Received) -> bool {
        received.is_understood()
            && self.mandatory(received.message.kind).iter().all(|id| has(&received.message, *id))
    }

    fn judge(&self, received: &Received) -> Verdict {
        let message = &received.message;
        let about = |cause, ids: &[u8]| CauseElement::about(self.config.location, cause, ids);
        let wanted = self.mandatory(message.kind);
        let bad = |id: &u8| received.invalid.contains(id);
        let mut missing = Ids::new();
        for &id in wanted.iter().filter(|id| !bad(id) && !has(message, **id)) {
            let _ = missing.push(id);
        }
        let clears =
            matches!(message.kind, Kind::Disconnect | Kind::Release | Kind::ReleaseComplete);
        let unknown_type = matches!(message.kind, Kind::Unknown(_));
        // 5.8.7.1: what had to be comprehended counts as missing; not so in clearing messages.
        let uncomprehended = &received.not_comprehended;
        if !clears && !unknown_type {
            let _ = missing
                .extend_from_slice(&uncomprehended[..missing_room(&missing, uncomprehended)]);
        }
        let cause = if !missing.is_empty() {
            about(Cause::MANDATORY_ELEMENT_MISSING, &missing)
        } else if let Some(id) = wanted.iter().find(|id| bad(id)) {
            about(Cause::INVALID_ELEMENT_CONTENTS, &[*id])
        } else if clears && !uncomprehended.is_empty() {
            return Verdict::Act(Some(about(Cause::ELEMENT_NON_EXISTENT, uncomprehended)));
        } else if !received.unknown.is_empty() {
            return Verdict::Act(Some(about(Cause::ELEMENT_NON_EXISTENT, &received.unknown)));
        } else if !received.invalid.is_empty() {
            return Verdict::Act(Some(about(Cause::INVALID_ELEMENT_CONTENTS, &received.invalid)));
        } else {
            return Verdict::Act(None);
        };
        // 5.8.6: a clearing message clears even when its cause is not there or has no meaning.
        if clears { Verdict::Act(Some(cause)) } else { Verdict::Refuse(cause) }
    }

    /// The elements without which a message means nothing here (3.1).
    fn mandatory(&self, kind: Kind) -> &'static [u8] {
        let first = self.state == State::CallInitiated && !self.channel_named;
        match kind {
            Kind::Setup if self.config.role == Role::User => &[id::BEARER, id::CHANNEL],
            Kind::Setup => &[id::BEARER],
            Kind::SetupAcknowledge | Kind::CallProceeding | Kind::Alerting | Kind::Connect
                if first =>
            {
                &[id::CHANNEL]
            }
            Kind::Progress => &[id::PROGRESS],
            Kind::Notify => &[id::NOTIFICATION],
            Kind::Status => &[id::CAUSE, id::CALL_STATE],
            Kind::Disconnect => &[id::CAUSE],
            // In the first clearing message.
            Kind::Release
                if !matches!(self.state, State::DisconnectRequest | State::ReleaseRequest) =>
            {
                &[id::CAUSE]
            }
            Kind::SetupAcknowledge
            | Kind::CallProceeding
            | Kind::Alerting
            | Kind::Connect
            | Kind::ConnectAcknowledge
            | Kind::Release
            | Kind::ReleaseComplete
            | Kind::Restart
            | Kind::RestartAcknowledge
            | Kind::StatusEnquiry
            | Kind::Information
            | Kind::Facility
            | Kind::Unknown(_) => &[],
        }
    }

    /// STATUS with the present state.
    pub(crate) fn send_status(&mut self, cause: CauseElement) {
        if self.state == State::Null {
            return;
        }
        let mut message = self.new_message(Kind::Status);
        message.cause = Some(cause);
        message.call_state = Some(self.state.number(self.config.role));
        self.send(&message);
    }

    /// 5.8.4: 97 for a type that is not known, 101 for one that does not fit the state.
    pub(crate) fn unexpected(&mut self, kind: Kind) {
        let cause = match kind {
            Kind::Unknown(_) => Cause::MESSAGE_TYPE_NON_EXISTENT,
            _ => Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE,
        };
        self.send_status(CauseElement::about(self.config.location, cause, &[kind.code()]));
    }

    /// 5.8.10: STATUS ENQUIRY is answered with the truth.
    pub(crate) fn report(&mut self) {
        let cause = self.own_cause(Cause::RESPONSE_TO_STATUS_ENQUIRY);
        self.send_status(cause);
    }

    /// 5.8.10: STATUS ENQUIRY goes out; one at a time.
    pub(crate) fn enquire(&mut self, now: Instant) {
        if self.timers.t322.is_none() {
            self.enquired_again = false;
            self.send_enquiry(now);
        }
    }

    fn send_enquiry(&mut self, now: Instant) {
        let message = self.new_message(Kind::StatusEnquiry);
        self.send(&message);
        self.timers.t322 = Some(now + self.config.timers.get(Timer::T322));
    }

    /// T322 is over (5.8.10): asked once more, then cleared.
    pub(crate) fn no_status(&mut self, now: Instant) {
        if self.enquired_again {
            self.enquired_again = false;
            let cause = self.own_cause(Cause::TEMPORARY_FAILURE);
            self.clear(now, cause, By::Timer(Timer::T322));
        } else {
            self.enquired_again = true;
            self.send_enquiry(now);
        }
    }

    /// STATUS in a state that is not clearing (5.8.11).
    pub(crate) fn compare(&mut self, now: Instant, message: &Message) {
        let asked = self.timers.t322.is_some();
        self.forget_enquiry();
        let peer = self.as_numbered(message.call_state.unwrap_or(CallState::NULL));
        if asked && self.catches_up(now, peer, message) {
            return;
        }
        if peer == CallState::NULL {
            return self.gone();
        }
        // The peer confirmed the answer, and that was lost.
        if self.state == State::ConnectRequest && peer.0 == 10 {
            return self.through();
        }
        if !self.agrees(peer) {
            let cause = self.own_cause(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE);
            self.clear(now, cause, By::Protocol);
        }
    }

    /// STATUS in a clearing state: only Null counts (5.8.11 b).
    pub(crate) fn compare_when_clearing(&mut self, message: &Message) {
        if message.call_state == Some(CallState::NULL) {
            self.gone();
        }
    }

    /// The peer has no such call (5.8.11 c).
    fn gone(&mut self) {
        self.because(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE, By::Protocol);
        self.end();
    }

    /// Whether the peer may be where it says. What we sent last may not have reached it; what it
    /// sent before STATUS has reached us.
    pub(crate) fn agrees(&self, peer: CallState) -> bool {
        let from_user = matches!(peer.0, 1..=4);
        let from_network = matches!(peer.0, 6..=9 | 25);
        let user = self.config.role == Role::User;
        match self.state {
            State::CallInitiated
            | State::OverlapSending
            | State::OutgoingProceeding
            | State::CallDelivered => {
                if user {
                    from_user
                } else {
                    from_network
                }
            }
            State::CallPresent
            | State::OverlapReceiving
            | State::IncomingProceeding
            | State::CallReceived
            | State::ConnectRequest => {
                if user {
                    from_network
                } else {
                    from_user
                }
            }
            // CONNECT of ours, or our acknowledgement of it, may be on its way.
            State::Active => peer.0 == 10 || peer.0 == 8 || (!user && from_user),
            State::Null
            | State::DisconnectRequest
            | State::DisconnectIndication
            | State::ReleaseRequest => true,
        }
    }
}

/// How many of `more` fit behind `ids`.
fn missing_room(ids: &Ids, more: &Ids) -> usize {
    (ids.capacity() - ids.len()).min(more.len())
}

/// Whether the element is there and was understood.
fn has(message: &Message, id: u8) -> bool {
    match id {
        id::BEARER => message.bearer.is_some(),
        id::CAUSE => message.cause.is_some(),
        id::CALL_STATE => message.call_state.is_some(),
        id::CHANNEL => message.channel.is_some(),
        id::PROGRESS => message.progress.is_some(),
        id::NOTIFICATION => message.notification.is_some(),
        id::RESTART => message.restart.is_some(),
        _ => true,
    }
}
