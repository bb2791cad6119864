//! A message whose call reference no call has (5.8.3.2): the answer needs no state.

use units::Cause;

use crate::event::Config;
use crate::wire::{CallState, CauseElement, Kind, Message, Octets, Received};

/// What to do with a message whose call reference names no call.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "no heap, and it lives for one message only")]
pub enum Stray {
    /// A SETUP: make a [`crate::Call::incoming`] of it and hand it the message.
    NewCall,
    /// Nothing.
    Ignore,
    /// Send this.
    Reply(Octets),
}

/// Judges a message for which there is no call. The global call reference is not for here but for
/// [`crate::Interface`].
#[must_use]
pub fn without_call(config: &Config, received: &Received) -> Stray {
    let message = &received.message;
    let complete = |cause| reply(config, message, Kind::ReleaseComplete, cause, None);
    match message.kind {
        // d) A SETUP with the flag of a call of ours is none.
        Kind::Setup if message.reference.is_the_receivers() => Stray::Ignore,
        Kind::Setup => Stray::NewCall,
        // c)
        Kind::ReleaseComplete => Stray::Ignore,
        // 5.8.11 a): the peer believes in a call. A broken STATUS is not answered.
        Kind::Status => match message.call_state {
            None | Some(CallState::NULL) => Stray::Ignore,
            Some(_) => complete(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE),
        },
        // 5.8.10
        Kind::StatusEnquiry => {
            let cause = Cause::RESPONSE_TO_STATUS_ENQUIRY;
            reply(config, message, Kind::Status, cause, Some(CallState::NULL))
        }
        // a), b): of RELEASE and RELEASE COMPLETE the latter, and no state is needed.
        Kind::Release
        | Kind::Alerting
        | Kind::CallProceeding
        | Kind::Progress
        | Kind::Connect
        | Kind::SetupAcknowledge
        | Kind::ConnectAcknowledge
        | Kind::Disconnect
        | Kind::Restart
        | Kind::RestartAcknowledge
        | Kind::Notify
        | Kind::Facility
        | Kind::Information
        | Kind::Unknown(_) => complete(Cause::INVALID_CALL_REFERENCE),
    }
}

/// Refuses a SETUP for which there is no room: RELEASE COMPLETE with this cause (5.2.5.1 of the
/// user, 5.1.4 of the network).
#[must_use]
pub fn refuse(config: &Config, received: &Received, cause: Cause) -> Option<Octets> {
    match reply(config, &received.message, Kind::ReleaseComplete, cause, None) {
        Stray::Reply(octets) => Some(octets),
        Stray::NewCall | Stray::Ignore => None,
    }
}

fn reply(
    config: &Config,
    to: &Message,
    kind: Kind,
    cause: Cause,
    state: Option<CallState>,
) -> Stray {
    let mut message = Message::new(to.reference.answered(), kind);
    message.cause = Some(CauseElement::new(config.location, cause));
    message.call_state = state;
    message.emit().map_or(Stray::Ignore, Stray::Reply)
}
