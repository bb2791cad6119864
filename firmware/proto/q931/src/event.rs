//! What comes to a call and what it puts out.

use serde::{Deserialize, Serialize};
use units::{Cause, Digits};

use crate::timers::{Role, Timer, TimerValues};
use crate::wire::{
    Bearer, ChannelId, Display, Location, Octets, PartyNumber, Received, RestartClass,
};

/// What all calls of an interface have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Which side.
    pub role: Role,
    /// The location in causes that the machine itself generates.
    pub location: Location,
    /// How long the timers run.
    pub timers: TimerValues,
}

impl Config {
    /// The values of the Recommendation.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        let location = match role {
            Role::User => Location::User,
            Role::Network => Location::PublicLocal,
        };
        Self { role, location, timers: TimerValues::new(role) }
    }
}

/// A call to place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupParams {
    /// What the channel is to carry.
    pub bearer: Bearer,
    /// The channel; `None` leaves the choice to the network (user side only: 5.1.2).
    pub channel: Option<ChannelId>,
    /// Who calls.
    pub calling: Option<PartyNumber>,
    /// Whom.
    pub called: Option<PartyNumber>,
    /// There are no more digits: the sending complete element.
    pub complete: bool,
    /// Text to show.
    pub display: Option<Display>,
}

/// What can happen to a call, its timers excepted. A request that does not fit the state comes
/// late (the far side was faster) and is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A message with this call's reference.
    Message(Received),
    /// Place the call.
    Setup(SetupParams),
    /// Ask for more digits (only as the first response).
    SetupAck {
        /// The channel to use; told in the first response only, as in the next three.
        channel: Option<ChannelId>,
    },
    /// The number is complete.
    Proceed {
        /// The channel to use.
        channel: Option<ChannelId>,
    },
    /// The called party is alerted.
    Alert {
        /// The channel to use.
        channel: Option<ChannelId>,
        /// The ring-back tone is in the channel.
        in_band: bool,
    },
    /// There is something to hear before the answer. After the first response only.
    Progress {
        /// It is in the channel now (8); else the call leaves the ISDN (1).
        in_band: bool,
    },
    /// The called party answers.
    Answer {
        /// The channel to use.
        channel: Option<ChannelId>,
        /// Who answered.
        connected: Option<PartyNumber>,
    },
    /// Notify the far side of something, while the call is active (5.9).
    Notify {
        /// The notification description (4.5.22), 0 to 127.
        what: u8,
    },
    /// More digits of the called number, after [`Event::MoreDigitsWanted`].
    MoreDigits {
        /// The digits.
        called: PartyNumber,
        /// There are no more.
        complete: bool,
    },
    /// End the call, whatever its state.
    Disconnect {
        /// Why.
        cause: Cause,
        /// Who says so.
        location: Location,
    },
    /// Ask the peer for its state of the call.
    Enquire,
    /// The channel was restarted (5.5): the call is gone.
    RestartChannel,
    /// The data link was reset (5.8.8).
    LinkReset,
    /// The data link is down (5.8.9).
    LinkDown,
    /// The data link is up again (5.8.9).
    LinkUp,
}

/// Who began the clearing of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum By {
    /// [`Input::Disconnect`].
    Us,
    /// The far side, with a cause of location "user".
    Person,
    /// The far side, with any other location, or the line.
    Network,
    /// A timer of this machine: nobody answered it.
    Timer(Timer),
    /// A protocol error, here or there.
    Protocol,
}

/// What the layer above hears of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A call comes in.
    Offered {
        /// What the channel is to carry.
        bearer: Bearer,
        /// The channel that the caller names.
        channel: Option<ChannelId>,
        /// Who calls.
        calling: Option<PartyNumber>,
        /// Whom.
        called: Option<PartyNumber>,
        /// The caller says that the number is complete.
        complete: bool,
    },
    /// The peer wants more digits.
    MoreDigitsWanted {
        /// The channel, if told.
        channel: Option<ChannelId>,
        /// There is something to hear (a dial tone).
        in_band: bool,
    },
    /// More digits came; or T302 says that none will: none, and complete.
    Digits {
        /// In the order dialled.
        digits: Digits,
        /// There are no more.
        complete: bool,
    },
    /// The number is complete and the call is on its way.
    Proceeding {
        /// The channel, if told.
        channel: Option<ChannelId>,
        /// There is something to hear.
        in_band: bool,
    },
    /// The called party is alerted.
    Alerting {
        /// The channel, if told.
        channel: Option<ChannelId>,
        /// There is something to hear.
        in_band: bool,
    },
    /// Progress without a change of state.
    Progress {
        /// There is something to hear.
        in_band: bool,
    },
    /// The call that we placed is answered.
    Answered {
        /// The channel, if told.
        channel: Option<ChannelId>,
        /// Who answered.
        connected: Option<PartyNumber>,
    },
    /// The call that we answered is through.
    Confirmed,
    /// The far side notifies us of something; the call is active and stays it (5.9).
    Notified {
        /// The notification description (4.5.22), 0 to 127.
        what: u8,
    },
    /// The far side clears. [`Event::Released`] follows: by itself, or, if there is something to
    /// hear first, after [`Input::Disconnect`] or T306.
    Disconnected {
        /// Why.
        cause: Cause,
        /// Who.
        by: By,
        /// There is something to hear.
        in_band: bool,
    },
    /// The far side does not answer RELEASE: nobody knows what it thinks of the channel (T308,
    /// 5.3.3 and 5.3.4). `Released` follows.
    ChannelSuspect,
    /// The call is gone: its reference and its channel are free.
    Released {
        /// Why.
        cause: Cause,
        /// Who began it.
        by: By,
    },
}

/// What a call wants to happen; messages as values, or as slices ([`Outputs::poll`]).
///
/// [`Outputs::poll`]: crate::Outputs::poll
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<O = Octets> {
    /// A message for the data link of this D channel (DL-DATA request).
    Transmit(O),
    /// News for the layer above.
    Event(Event),
}

/// What can happen to the restart machine of an interface, its timers excepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "no heap, and an input lives for one call only")]
pub enum InterfaceInput {
    /// A message with the global call reference.
    Message(Received),
    /// Restart channels (5.5.1).
    Restart {
        /// What.
        class: RestartClass,
        /// Which; needed for [`RestartClass::Channels`].
        channel: Option<ChannelId>,
    },
    /// What the peer wanted restarted is idle (5.5.2).
    Idle,
    /// The data link is down.
    LinkDown,
}

impl<O> Output<O> {
    /// The same with another type for messages.
    #[inline]
    pub fn map<P>(self, message: impl FnOnce(O) -> P) -> Output<P> {
        match self {
            Self::Transmit(octets) => Output::Transmit(message(octets)),
            Self::Event(event) => Output::Event(event),
        }
    }
}

/// What the restart machine of an interface wants to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "no heap, and an output lives for one call only")]
pub enum InterfaceOutput {
    /// A message for the data link of this D channel.
    Transmit(Octets),
    /// The peer restarts: clear these calls without a word ([`Input::RestartChannel`]), then
    /// [`InterfaceInput::Idle`].
    RestartWanted {
        /// What.
        class: RestartClass,
        /// Which.
        channel: Option<ChannelId>,
    },
    /// What we wanted restarted is idle on both sides.
    Restarted {
        /// What the peer acknowledged.
        class: RestartClass,
        /// Which.
        channel: Option<ChannelId>,
    },
    /// The peer does not answer (T316 twice), refuses, or the link went down: maintenance.
    RestartFailed {
        /// What we wanted.
        class: RestartClass,
        /// Which.
        channel: Option<ChannelId>,
    },
    /// The layer above did not make the channels idle within T317.
    IdleTooLate,
}
