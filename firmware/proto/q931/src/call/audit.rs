//! Catching up with the peer after a reset of the data link.
//!
//! The link's queue was lost with it (5.8.8), and in it perhaps the message that took the call
//! further. STATUS ENQUIRY tells where the peer is (5.8.10). 5.8.11 leaves recovery open: what was
//! lost is made up for, rather than a call cleared that is well.

use units::{Cause, Instant};

use super::{State, Turn};
use crate::event::{By, Event};
use crate::timers::{Role, Timer};
use crate::wire::{CallState, Kind, Message};

impl Turn<'_> {
    /// A state of the peer as Q.931 numbers it. Networks made with libpri count the states of a
    /// call as a user does, from their own end: 1 to 4 where they call, 6 to 9 where they are
    /// called.
    pub(crate) fn as_numbered(&self, peer: CallState) -> CallState {
        let (caller, called) = match (self.config.role, self.state) {
            (
                Role::User,
                State::CallInitiated
                | State::OverlapSending
                | State::OutgoingProceeding
                | State::CallDelivered,
            ) => (true, false),
            (
                Role::User,
                State::CallPresent
                | State::OverlapReceiving
                | State::IncomingProceeding
                | State::CallReceived
                | State::ConnectRequest,
            ) => (false, true),
            _ => (false, false),
        };
        CallState(match peer.0 {
            6 if caller => 1,
            25 if caller => 2,
            9 if caller => 3,
            7 if caller => 4,
            // It has answered, and waits for the confirmation.
            8 if caller => 10,
            1 if called => 6,
            2 if called => 25,
            3 if called => 9,
            4 if called => 7,
            same => same,
        })
    }

    /// The peer's answer to our enquiry; `true` if the call has caught up with it.
    pub(crate) fn catches_up(&mut self, now: Instant, peer: CallState, message: &Message) -> bool {
        let is = |state: State| {
            peer == match self.config.role {
                Role::User => state.number(Role::Network),
                Role::Network => state.number(Role::User),
            }
        };
        let calls = is(State::CallInitiated) || is(State::OutgoingProceeding);
        match self.state {
            // Its DISCONNECT did not reach us, or its RELEASE; why it clears is not known.
            _ if matches!(peer.0, 11 | 12 | 19) => {
                self.because(Cause::NORMAL_UNSPECIFIED, By::Network);
                self.release(now, None);
            }
            // Its CONNECT did not reach us.
            State::CallInitiated | State::OutgoingProceeding | State::CallDelivered
                if is(State::Active) =>
            {
                self.answered(message);
            }
            // Our SETUP did not reach it.
            State::CallInitiated if peer == CallState::NULL => {
                self.send_again();
                self.start(now, Timer::T303);
            }
            // Its ALERTING did not reach us.
            State::CallInitiated | State::OutgoingProceeding if is(State::CallReceived) => {
                self.start(now, Timer::T301);
                self.state = State::CallDelivered;
                self.tell(Event::Alerting { channel: None, in_band: false });
            }
            // Its CALL PROCEEDING did not reach us.
            State::CallInitiated if is(State::IncomingProceeding) => {
                self.start(now, Timer::T310);
                self.state = State::OutgoingProceeding;
                self.tell(Event::Proceeding { channel: None, in_band: false });
            }
            // Ours did not reach it.
            State::CallReceived if calls => self.respond(Kind::Alerting, None, false),
            State::IncomingProceeding if is(State::CallInitiated) => {
                self.respond(Kind::CallProceeding, None, false);
            }
            // T313 goes on.
            State::ConnectRequest if self.agrees(peer) => {
                self.respond(Kind::Connect, None, false);
            }
            // Our CONNECT ACKNOWLEDGE did not reach one that waits for it.
            State::Active if peer.0 == 8 => {
                let acknowledge = self.new_message(Kind::ConnectAcknowledge);
                self.send(&acknowledge);
            }
            _ => return false,
        }
        true
    }
}
