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

mod audit;
mod callee;
mod caller;
mod clearing;
mod errors;
mod procedures;

use machine::{Machine, Outbox, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Instant};

use crate::event::{By, Config, Event, Input, Output, SetupParams};
use crate::timers::Role;
use crate::timers::{Timer, Timers};
use crate::wire::{
    CallReference, CallState, CauseElement, ChannelId, Kind, Message, Octets, PartyNumber,
};

/// Outputs of one call of `handle` at most. Of their messages one may be as long as N201; the
/// others have a cause and a state.
const OUTPUTS: usize = 8;

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

/// Elements of others.
type Attached = heapless::Vec<u8, { limits::ELEMENTS }, u8>;

/// One call. Serialised, it is what of it outlives the process: little, and changed often.
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
    /// What the next message says beside its own.
    #[serde(skip)]
    attached: Attached,
    #[serde(skip)]
    outputs: Outbox<Output<()>, OUTPUTS, { 2 * limits::N201 }>,
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
            attached: Attached::new(),
            outputs: Outbox::new(),
        }
    }

    /// The reference as it stands in messages that this side sends.
    #[must_use]
    pub const fn reference(&self) -> CallReference {
        self.reference
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
        self.attached.clear();
        self.outputs.clear();
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
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.state != State::Null
    }

    /// Something happened: as [`Machine::handle`], and the input stays its owner's.
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

    /// The next output, oldest first, its octets where they stand.
    #[inline]
    pub fn poll(&mut self) -> Option<Output<&[u8]>> {
        let (output, octets) = self.outputs.poll()?;
        Some(output.map(|()| octets))
    }

    /// Gives the next message that speaks for the user elements of others to say too: whole ones,
    /// in ascending order. Any that the message has itself, or has no room for, are left out.
    pub fn attach(&mut self, elements: &[u8]) {
        self.attached.clear();
        let _ = self.attached.extend_from_slice(elements);
    }

    /// What the message is to say beside its own.
    pub(crate) fn attachment(&mut self, kind: Kind) -> Attached {
        match kind {
            Kind::Setup
            | Kind::Alerting
            | Kind::Progress
            | Kind::Connect
            | Kind::Disconnect
            | Kind::Release
            | Kind::ReleaseComplete => core::mem::take(&mut self.attached),
            _ => Attached::new(),
        }
    }

    pub(crate) fn send(&mut self, message: &Message) {
        if self.attached.is_empty() {
            // Nothing that a call sends is longer than N201: see the sizes in `Message`.
            return self.outputs.write(Output::Transmit(()), |room| message.write(room));
        }
        let attached = self.attachment(message.kind);
        self.outputs.write(Output::Transmit(()), |room| message.write_with(&attached, room));
    }

    pub(crate) fn send_again(&mut self) {
        self.outputs.put_with(Output::Transmit(()), &self.repeat);
    }

    pub(crate) fn tell(&mut self, event: Event) {
        self.outputs.put(Output::Event(event));
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

impl Machine for Call {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        self.take(now, &input);
    }

    fn handle_timeout(&mut self, now: Instant) {
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

    fn poll_output(&mut self) -> Option<Output> {
        let message = |octets: &[u8]| Octets::from_slice(octets).unwrap_or_default();
        self.poll().map(|output| output.map(message))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }
}

impl Restore for Call {
    const VERSION: u16 = 1;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, &(self.config, self), room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        let (config, mut call): (_, Self) = machine::restore(Self::OLDEST, Self::VERSION, octets)?;
        call.configure(config);
        Ok(call)
    }
}

impl Survey for Call {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = &[
        "SETUP",
        "SETUP ACKNOWLEDGE",
        "CALL PROCEEDING",
        "ALERTING",
        "PROGRESS",
        "CONNECT",
        "CONNECT ACKNOWLEDGE",
        "INFORMATION",
        "NOTIFY",
        "DISCONNECT",
        "RELEASE",
        "RELEASE COMPLETE",
        "FACILITY",
        "STATUS",
        "STATUS ENQUIRY",
        "RESTART",
        "RESTART ACKNOWLEDGE",
        "unknown",
        "Setup",
        "SetupAck",
        "Proceed",
        "Alert",
        "Progress",
        "Answer",
        "Notify",
        "MoreDigits",
        "Disconnect",
        "Enquire",
        "RestartChannel",
        "LinkReset",
        "LinkDown",
        "LinkUp",
        "timeout",
    ];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] =
        &[("Null", "timeout", "no timer runs without a call")];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Message(received) => received.message.kind.name(),
            Input::Setup(_) => "Setup",
            Input::SetupAck { .. } => "SetupAck",
            Input::Proceed { .. } => "Proceed",
            Input::Alert { .. } => "Alert",
            Input::Progress { .. } => "Progress",
            Input::Answer { .. } => "Answer",
            Input::Notify { .. } => "Notify",
            Input::MoreDigits { .. } => "MoreDigits",
            Input::Disconnect { .. } => "Disconnect",
            Input::Enquire => "Enquire",
            Input::RestartChannel => "RestartChannel",
            Input::LinkReset => "LinkReset",
            Input::LinkDown => "LinkDown",
            Input::LinkUp => "LinkUp",
        }
    }
}
