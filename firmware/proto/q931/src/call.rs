//! The machine of one call reference.
//!
//! Both roles are one machine: the network side of a call is the user side seen in a mirror. Who
//! sent SETUP is the caller, whatever its role, and goes through the states on the left; the other
//! is the callee. The states have the names of the user side; [`State::number`] gives the number
//! that the Recommendation gives to the state in either role.
//!
//! ```text
//!    caller               user  network      callee               user  network
//!    CallInitiated           1     6         CallPresent             6     1
//!    OverlapSending          2    25         OverlapReceiving       25     2
//!    OutgoingProceeding      3     9         IncomingProceeding      9     3
//!    CallDelivered           4     7         CallReceived            7     4
//!                                            ConnectRequest          8     -
//!    Active                 10    10         Active                 10    10
//!
//!                            either          user  network
//!    DISCONNECT sent         DisconnectRequest     11    12
//!    DISCONNECT received     DisconnectIndication  12    11
//!    RELEASE sent            ReleaseRequest        19    19
//! ```

mod alone;
mod audit;
mod callee;
mod caller;
mod clearing;
mod errors;
mod procedures;
mod turn;

use serde::{Deserialize, Serialize};
use units::{Cause, Instant};

pub use alone::Alone;
pub use turn::{Outputs, Turn};

use crate::event::{By, Config, SetupParams};
use crate::timers::Role;
use crate::timers::{Timer, Timers};
use crate::wire::{
    CallReference, CallState, CauseElement, ChannelId, Kind, Message, Octets, PartyNumber,
};

/// The state of a call, by the names of the user side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the table above and Q.931 2.1 say it")]
pub enum State {
    Null,
    CallInitiated,
    OverlapSending,
    OutgoingProceeding,
    CallDelivered,
    CallPresent,
    CallReceived,
    ConnectRequest,
    IncomingProceeding,
    Active,
    DisconnectRequest,
    DisconnectIndication,
    ReleaseRequest,
    OverlapReceiving,
}

machine::names!(State {
    Null => "Null",
    CallInitiated => "CallInitiated",
    OverlapSending => "OverlapSending",
    OutgoingProceeding => "OutgoingProceeding",
    CallDelivered => "CallDelivered",
    CallPresent => "CallPresent",
    CallReceived => "CallReceived",
    ConnectRequest => "ConnectRequest",
    IncomingProceeding => "IncomingProceeding",
    Active => "Active",
    DisconnectRequest => "DisconnectRequest",
    DisconnectIndication => "DisconnectIndication",
    ReleaseRequest => "ReleaseRequest",
    OverlapReceiving => "OverlapReceiving",
});

impl State {
    /// The number of the state in the given role (Q.931 2.1, 2.2, 4.5.7).
    #[must_use]
    pub const fn number(self, role: Role) -> CallState {
        let (user, network) = match self {
            Self::Null => (0, 0),
            Self::CallInitiated => (1, 6),
            Self::OverlapSending => (2, 25),
            Self::OutgoingProceeding => (3, 9),
            Self::CallDelivered => (4, 7),
            Self::CallPresent => (6, 1),
            Self::CallReceived => (7, 4),
            Self::ConnectRequest => (8, 8),
            Self::IncomingProceeding => (9, 3),
            Self::Active => (10, 10),
            Self::DisconnectRequest => (11, 12),
            Self::DisconnectIndication => (12, 11),
            Self::ReleaseRequest => (19, 19),
            Self::OverlapReceiving => (25, 2),
        };
        match role {
            Role::User => CallState(user),
            Role::Network => CallState(network),
        }
    }
}

/// A cause to tell the peer about its own message, in the reply.
pub(crate) type Told = Option<CauseElement>;

/// Everything that the functions of the states tell apart.
pub(crate) enum Stimulus<'a> {
    SetupMessage(&'a Message),
    SetupAcknowledge(&'a Message),
    CallProceeding(&'a Message),
    Alerting(&'a Message),
    ProgressMessage(&'a Message),
    Connect(&'a Message),
    ConnectAcknowledge,
    Information(&'a Message),
    NotifyMessage(&'a Message),
    Facility,
    DisconnectMessage(&'a Message, Told),
    Release(&'a Message, Told),
    ReleaseComplete(&'a Message),
    Status(&'a Message),
    StatusEnquiry,
    /// RESTART and its acknowledgement (only valid on the global reference), and unknown types.
    Misplaced(Kind),
    Setup(&'a SetupParams),
    SetupAck(Option<ChannelId>),
    Proceed(Option<ChannelId>),
    Alert(Option<ChannelId>, bool),
    Progress(bool),
    Answer(Option<ChannelId>, Option<&'a PartyNumber>),
    Notify(u8),
    MoreDigits(&'a PartyNumber, bool),
    Disconnect(CauseElement),
    Enquire,
    RestartChannel,
    LinkReset,
    LinkDown,
    LinkUp,
    /// The timer of the state.
    Expired(Timer),
}

/// The values of the Recommendation, until [`Call::configure`] gives those of the interface.
const fn unset() -> Config {
    Config::new(Role::User)
}

/// One call, between two inputs: what happens to it happens in its [`Turn`]. Serialised, it is what
/// of it outlives the process: little, and changed often.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    #[serde(skip, default = "unset")]
    pub(crate) config: Config,
    /// As it stands in messages that we send.
    pub(crate) reference: CallReference,
    pub(crate) state: State,
    pub(crate) timers: Timers,
    /// SETUP or RELEASE, to be sent again as it was; empty when it is not to be.
    pub(crate) repeat: Octets,
    pub(crate) repeated: bool,
    /// STATUS ENQUIRY was sent a second time.
    pub(crate) enquired_again: bool,
    /// Our SETUP named one channel.
    pub(crate) channel_named: bool,
    /// The first reason to clear.
    pub(crate) clearing: Option<(Cause, By)>,
}

impl Call {
    /// A call that this side will place, with a reference value of its own choice.
    #[must_use]
    pub const fn outgoing(config: Config, value: u16) -> Self {
        Self::new(config, CallReference::new(value))
    }

    /// A call for the SETUP that came with this reference; the SETUP is its first input.
    #[must_use]
    pub const fn incoming(config: Config, received: CallReference) -> Self {
        Self::new(config, received.answered())
    }

    const fn new(config: Config, reference: CallReference) -> Self {
        Self {
            config,
            reference,
            state: State::Null,
            timers: Timers { state: None, t309: None, t322: None },
            repeat: Octets::new(),
            repeated: false,
            enquired_again: false,
            channel_named: false,
            clearing: None,
        }
    }

    /// The reference as it stands in messages that this side sends.
    #[must_use]
    pub const fn reference(&self) -> CallReference {
        self.reference
    }

    /// Its turn: something happens to it, and what it says of that is put into `outputs`, which may
    /// be those of many calls.
    pub const fn turn<'a>(&'a mut self, outputs: &'a mut Outputs) -> Turn<'a> {
        Turn { call: self, outputs, attached: &[] }
    }

    /// The present state.
    #[must_use]
    pub const fn call_state(&self) -> State {
        self.state
    }

    /// Makes another call of one that is gone, in its place; the reference is as in messages that
    /// this side sends.
    pub fn renew(&mut self, config: Config, reference: CallReference) {
        self.config = config;
        self.reference = reference;
        self.state = State::Null;
        self.timers = Timers::default();
        self.repeat.clear();
        self.repeated = false;
        self.enquired_again = false;
        self.channel_named = false;
        self.clearing = None;
    }

    /// Gives a call that was read what all of its interface have in common.
    pub const fn configure(&mut self, config: Config) {
        self.config = config;
    }

    /// A call that was read goes on after the program was restarted. While there was nobody to
    /// answer, no answer was late: what waits for the peer waits anew.
    pub fn go_on(&mut self, now: Instant, config: Config) {
        self.configure(config);
        self.forget_enquiry();
        if let Some((timer @ (Timer::T303 | Timer::T310 | Timer::T313), _)) = self.timers.state {
            self.start(now, timer);
        }
    }

    /// Whether there is a call: from SETUP to [`Event::Released`].
    ///
    /// [`Event::Released`]: crate::Event::Released
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state != State::Null
    }

    /// When [`Turn::handle_timeout`] wants to be called; `None` while no timer runs.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }
}
