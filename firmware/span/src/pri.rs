//! A PRI group: one D channel, its B channels, all its calls.
//!
//! ```text
//!            Frame             Message                 Event
//!   span ◄──────────► q921 ◄────────────► q931::Call ─────────► Indication
//!                      │                  q931::Interface ────► RESTART
//!                      └─ link up, reset, down ──► every call
//! ```
//!
//! A reset of the data link keeps calls that are active or being set up (Q.931 5.8.8). When it
//! fails, it is set up again at once and as long as layer 1 is there (5.8.9); active calls wait
//! for it with T309. A channel that the far side may think otherwise of is restarted before it
//! carries another call: it never stays blocked.

mod calls;
mod channels;
#[cfg(any(test, feature = "check"))]
pub mod check;
pub mod detail;
mod group;
#[cfg(test)]
mod group_tests;
pub mod keep;
mod services;
#[cfg(test)]
mod services_tests;
mod settings;
mod table;
#[cfg(test)]
mod tests;

use bearer::{Elements, Indication, NumberKind};
use machine::{Machine, Restore, SnapshotFault, Survey};
use q931::wire::{ChannelId, Head, RestartClass};
use q931::{Interface, InterfaceInput, InterfaceOutput, Stray, refuse, without_call};
use serde::{Deserialize, Serialize};
use units::{Cause, Duration, Instant, LegId, LineId, Mint, PortId};

use crate::event::{Frame, Input, Output, Usage};
use crate::outputs::Outputs;
use channels::{Channels, Key};
pub use group::Place;
use group::Spans;
use services::Services;
use table::{Calls, Entry};

/// How long after a failed attempt the data link is set up again.
const RETRY: Duration = Duration::from_secs(1);
/// How long layer 1 is gone before the data link is taken for lost: shorter losses pass unseen.
const PERSISTENT: Duration = Duration::from_millis(800);
/// How long after a RESTART that failed the channel is restarted again.
const RESTART_AGAIN: Duration = Duration::from_secs(60);

/// Whether messages can be exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    /// Nothing was tried.
    Stopped,
    /// The data link is being set up.
    Connecting,
    /// It is up.
    Up,
    /// It failed; the next attempt comes.
    Waiting { until: Instant },
}

machine::names!(State {
    Stopped => "Stopped",
    Connecting => "Connecting",
    Up => "Up",
    Waiting { .. } => "Waiting",
});

/// Where call references begin: each start elsewhere, because the far side may still hold calls of
/// the start before, whose references would be taken for ours.
fn first_value(boot: u32) -> u16 {
    let max = u32::from(q931::wire::CallReference::MAX);
    u16::try_from(boot.wrapping_mul(1021) % max).unwrap_or(0)
}

const fn yes() -> bool {
    true
}

/// Octets of memory that a call takes.
pub const CALL_OCTETS: usize = size_of::<Entry>();

/// A PRI group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pri {
    line: LineId,
    config: q931::Config,
    mint: Mint,
    state: State,
    layer1: bool,
    /// When layer 1, which is gone, takes the data link with it.
    gone_at: Option<Instant>,
    link: q921::Link,
    interface: Interface,
    /// A RESTART of ours is not acknowledged yet.
    restarting: bool,
    /// When channels whose RESTART failed are restarted again.
    restart_at: Option<Instant>,
    calls: Calls,
    channels: Channels,
    spans: Spans,
    /// What the numbers are that it sends.
    numbers: NumberKind,
    /// Digits go out one by one.
    overlap: bool,
    services: Services,
    /// What is to be said with the next request about a leg.
    to_say: Option<(LegId, Elements)>,
    next_value: u16,
    refused: u64,
    /// It goes on after a restart; the data link has not come up yet.
    resumed: bool,
    /// Calls that changed since [`Self::changed`], once somebody has asked.
    #[serde(skip)]
    touched: Vec<Key>,
    /// Somebody keeps what changes: one that was restored was kept.
    #[serde(skip, default = "yes")]
    kept: bool,
    /// [`Self::changed`] has told the group itself as it is.
    #[serde(skip)]
    group_told: bool,
    #[serde(skip)]
    outputs: Outputs,
}

impl Pri {
    /// A group of these channels, at these places of the matrix. `mint` makes the ids of the legs
    /// that come in.
    #[must_use]
    pub fn new<P: Into<Place>>(
        line: LineId,
        role: q921::Role,
        mint: Mint,
        channels: impl IntoIterator<Item = (P, PortId)>,
    ) -> Self {
        let boot = mint.boot();
        let config = settings::q931_config(role);
        let channels = channels.into_iter().map(|(place, port)| (place.into(), port));
        let channels = Channels::new(channels, settings::usual_hunt(role));
        Self {
            line,
            config,
            mint,
            state: State::Stopped,
            layer1: true,
            gone_at: None,
            link: q921::Link::new(q921::Config::new(role)),
            interface: Interface::new(config),
            restarting: false,
            restart_at: None,
            calls: Calls::default(),
            channels,
            spans: Spans::alone(),
            numbers: NumberKind::default(),
            overlap: false,
            services: Services::default(),
            to_say: None,
            next_value: first_value(boot),
            refused: 0,
            resumed: false,
            touched: Vec::new(),
            kept: false,
            group_told: false,
            outputs: Outputs::default(),
        }
    }

    /// How much of it is in use.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let (channels, busy, blocked) = self.channels.count(None);
        Usage { busy, channels, blocked, refused_frames: self.refused }
    }

    /// How much of one of its spans is in use.
    #[must_use]
    pub fn usage_of(&self, span: u8) -> Usage {
        let (channels, busy, blocked) = self.channels.count(Some(span));
        Usage { busy, channels, blocked, refused_frames: self.refused }
    }

    /// Calls at once at most.
    const fn most_calls(&self) -> usize {
        limits::CALLS_PER_SPAN * self.spans.count()
    }

    fn is_full(&self) -> bool {
        self.calls.len() >= self.most_calls()
    }

    /// The call reference of a leg: whether we chose it, and its value (Q.931 4.3).
    #[must_use]
    pub fn reference(&self, leg: LegId) -> Option<(bool, u16)> {
        self.calls.of_leg(leg).map(|(key, _)| (key.ours, key.value))
    }

    /// Which side of the interface it is.
    #[must_use]
    pub const fn role(&self) -> q931::Role {
        self.config.role
    }

    /// Calls that the group knows, those being refused or released included.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.len()
    }

    fn tell(&mut self, indication: Indication) {
        self.outputs.put(Output::Indication(indication));
    }

    fn connect(&mut self, now: Instant) {
        self.state = State::Connecting;
        self.link(now, q921::Input::EstablishRequest);
    }

    fn link(&mut self, now: Instant, input: q921::Input) {
        self.link.handle(now, input);
        self.drain_link(now);
    }

    /// Sends a message of layer 3. One that is not taken is counted by the link, and repeated or
    /// cleared by layer 3's timers.
    fn send(&mut self, now: Instant, message: &[u8]) {
        let _ = self.link.data(now, message);
        self.drain_link(now);
    }

    /// A frame came whole.
    fn frame(&mut self, now: Instant, frame: &[u8]) {
        if let Some(message) = self.link.frame(now, frame) {
            self.message(now, message);
            // What no answer has acknowledged.
            self.link.flush(now);
        }
        self.drain_link(now);
    }

    /// Something happened: as [`Machine::handle`], and a frame stays its owner's.
    pub fn take(&mut self, now: Instant, input: Input<&[u8]>) {
        match input {
            Input::Request(request) => self.request(now, request),
            Input::Say { leg, elements } => self.to_say(leg, elements),
            Input::Frame(frame) => self.frame(now, frame),
            Input::Layer1 { of, up } => {
                self.span_is(now, of, up);
                if of != 0 {
                    return;
                }
                if up != self.layer1 {
                    let has_link = self.state != State::Stopped;
                    self.gone_at = (!up && has_link).then(|| now + PERSISTENT);
                }
                self.layer1 = up;
                if up && matches!(self.state, State::Waiting { .. } | State::Stopped) {
                    self.connect(now);
                }
            }
            Input::Hook { .. }
            | Input::Pressed { .. }
            | Input::Cas { .. }
            | Input::Mf { .. }
            | Input::Exchange(_) => {}
        }
    }

    /// The next output, a frame where it stands. Frames are in their order, and so is the rest.
    #[inline]
    pub fn poll(&mut self) -> Option<Output<&[u8]>> {
        if !self.outputs.is_empty() {
            return self.outputs.poll();
        }
        match self.link.poll()? {
            q921::Output::Transmit(frame) => Some(Output::Transmit(frame)),
            // News never waits for this: see `drain_link`.
            _ => None,
        }
    }

    /// Acts on news of the link. If there is none, frames stay where they are until [`Self::poll`].
    fn drain_link(&mut self, now: Instant) {
        if !self.link.has_news() {
            return;
        }
        while let Some(output) = self.link.poll() {
            match output {
                q921::Output::Transmit(frame) => self.outputs.put(Output::Transmit(frame)),
                q921::Output::EstablishIndication | q921::Output::EstablishConfirm => {
                    self.link_is_up(now);
                }
                q921::Output::ReleaseIndication | q921::Output::ReleaseConfirm => {
                    self.link_is_down(now);
                }
                // Errors are counted by the link; what follows from one comes as its own output.
                // Messages are given back by `Link::frame`, and refused by `Link::data`.
                q921::Output::Error(_)
                | q921::Output::Data(_)
                | q921::Output::Full
                | q921::Output::NotEstablished => {}
            }
        }
    }

    fn link_is_up(&mut self, now: Instant) {
        let reset = self.state == State::Up;
        self.state = State::Up;
        if !reset {
            self.outputs.put(Output::DataLink { up: true });
        }
        if std::mem::take(&mut self.resumed) || reset {
            // Q.931 5.8.8
            self.every_call(now, &q931::Input::LinkReset);
            // A T309 that ran before the restart has done its duty.
            self.every_call(now, &q931::Input::LinkUp);
            self.audit(now);
            return self.restart_suspects(now);
        }
        // Q.931 5.8.9
        self.every_call(now, &q931::Input::LinkUp);
        self.restart_suspects(now);
    }

    /// Q.931 5.8.10: what was a reset for us may have been a failure for the far side, and it may
    /// have given up calls meanwhile; or a message was lost that took a call further. Clearing
    /// messages are repeated by their timers.
    fn audit(&mut self, now: Instant) {
        use q931::State as At;
        let audited = |entry: &Entry| match entry.call.call_state() {
            At::Active
            | At::CallInitiated
            | At::OutgoingProceeding
            | At::CallDelivered
            | At::IncomingProceeding
            | At::CallReceived
            | At::ConnectRequest => true,
            At::Null
            | At::OverlapSending
            | At::CallPresent
            | At::OverlapReceiving
            | At::DisconnectRequest
            | At::DisconnectIndication
            | At::ReleaseRequest => false,
        };
        for key in self.calls.keys(audited) {
            self.call(now, key, &q931::Input::Enquire);
        }
    }

    fn link_is_down(&mut self, now: Instant) {
        let was_up = self.state == State::Up;
        self.state = State::Waiting { until: now + RETRY };
        if std::mem::take(&mut self.resumed) {
            self.resume_failed(now);
        }
        if was_up {
            self.outputs.put(Output::DataLink { up: false });
            self.every_call(now, &q931::Input::LinkDown);
            self.interface(now, InterfaceInput::LinkDown);
            // 5.8.9: at once; the pause is for attempts that fail.
            if self.layer1 {
                self.connect(now);
            }
        }
    }

    fn message(&mut self, now: Instant, octets: &[u8]) {
        let Ok(head) = Head::parse(octets) else {
            self.refused += 1;
            return;
        };
        let reference = head.reference;
        let received = head.message();
        if reference.is_global() {
            self.group_told = false;
            self.interface.message(now, &received);
            return self.drain_interface(now);
        }
        // The flag is set by the side that did not choose the value (4.3).
        let key = Key { ours: reference.is_the_receivers(), value: reference.value };
        if self.calls.contains(key) {
            self.beside(now, key, &head, &received);
            if let Some(entry) = self.calls.get_mut(key) {
                entry.call.message(now, &received);
            }
            return self.drain_call(now, key);
        }
        match without_call(&self.config, &received) {
            Stray::NewCall if !self.is_full() => {
                self.new_call(now, key, &received);
                self.beside(now, key, &head, &received);
            }
            Stray::NewCall => {
                let cause = Cause::SWITCHING_EQUIPMENT_CONGESTION;
                if let Some(message) = refuse(&self.config, &received, cause) {
                    self.send(now, &message);
                }
            }
            Stray::Reply(message) => {
                self.refused += 1;
                self.send(now, &message);
            }
            Stray::Ignore => self.refused += 1,
        }
    }

    fn interface(&mut self, now: Instant, input: InterfaceInput) {
        self.group_told = false;
        self.interface.handle(now, input);
        self.drain_interface(now);
    }

    fn drain_interface(&mut self, now: Instant) {
        while let Some(output) = self.interface.poll_output() {
            match output {
                InterfaceOutput::Transmit(message) => self.send(now, &message),
                InterfaceOutput::RestartWanted { class, channel } => {
                    self.restart_wanted(now, class, channel);
                }
                InterfaceOutput::Restarted { class, channel } => {
                    self.restarting = false;
                    for place in self.places(class, channel) {
                        self.channels.trusted(place);
                    }
                    self.restart_suspects(now);
                }
                InterfaceOutput::RestartFailed { .. } => {
                    self.restarting = false;
                    self.restart_at = Some(now + RESTART_AGAIN);
                }
                InterfaceOutput::IdleTooLate => {}
            }
        }
    }

    /// Q.931 5.5.2: the far side wants channels idle.
    fn restart_wanted(&mut self, now: Instant, class: RestartClass, channel: Option<ChannelId>) {
        for place in self.places(class, channel) {
            if let Some(key) = self.channels.holder(place) {
                self.call(now, key, &q931::Input::RestartChannel);
            }
            self.channels.trusted(place);
        }
        self.interface(now, InterfaceInput::Idle);
    }

    /// Restarts the next channel that the far side may think otherwise of.
    fn restart_suspects(&mut self, now: Instant) {
        self.group_told &= self.restart_at.take().is_none();
        if self.state != State::Up || self.restarting {
            return;
        }
        let Some(place) = self.channels.suspects().next() else { return };
        let channel = Some(self.channel_id(place));
        let restart = InterfaceInput::Restart { class: RestartClass::Channels, channel };
        self.restarting = true;
        self.interface(now, restart);
    }
}

impl Machine for Pri {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Frame(frame) => self.frame(now, &frame),
            Input::Say { leg, elements } => self.to_say(leg, &elements),
            // Without octets nothing is borrowed.
            other => self.take(now, other.map(|_| &[][..])),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let State::Waiting { until } = self.state
            && now >= until
        {
            if std::mem::take(&mut self.resumed) {
                self.resume_failed(now);
            }
            if self.gone_at.is_none() && !self.layer1 {
                // It begins when layer 1 is there.
                self.state = State::Waiting { until: now + RETRY };
            } else {
                self.connect(now);
            }
        }
        if self.gone_at.take_if(|at| *at <= now).is_some() {
            self.link(now, q921::Input::PersistentDeactivation);
        }
        self.link.handle_timeout(now);
        self.drain_link(now);
        if self.interface.poll_timeout().is_some_and(|at| at <= now) {
            self.group_told = false;
            self.interface.handle_timeout(now);
            self.drain_interface(now);
        }
        self.clear_cut(now);
        self.services_late(now);
        if self.restart_at.is_some_and(|at| at <= now) {
            self.restart_suspects(now);
        }
        let due = |entry: &Entry| entry.call.poll_timeout().is_some_and(|at| at <= now);
        for key in self.calls.keys(due) {
            if let Some(entry) = self.calls.get_mut(key) {
                entry.call.handle_timeout(now);
            }
            self.drain_call(now, key);
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.poll().map(|output| output.map(|octets| Frame::from_slice(octets).unwrap_or_default()))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let retry = match self.state {
            State::Waiting { until } => Some(until),
            State::Stopped | State::Connecting | State::Up => None,
        };
        let calls = self.calls.iter().filter_map(|(_, entry)| entry.call.poll_timeout()).min();
        let interface = Instant::earliest(self.interface.poll_timeout(), self.restart_at);
        let services = self.services.poll_timeout();
        let cut = self.spans.poll_timeout().filter(|_| self.state == State::Up);
        let link = self.link.poll_timeout();
        let layers = [link, interface, calls, retry, self.gone_at, services, cut];
        layers.into_iter().flatten().min()
    }
}

impl Restore for Pri {
    const VERSION: u16 = 1;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() || !self.link.is_drained() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, self, room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        let mut pri: Self = machine::restore(Self::OLDEST, Self::VERSION, octets)?;
        pri.calls.configure(pri.config);
        Ok(pri)
    }
}

const NO_LINK: &str = "only a telephone has a loop";

impl Survey for Pri {
    const STATES: &'static [&'static str] = State::NAMES;
    const INPUTS: &'static [&'static str] = Input::NAMES;
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] = &[
        ("*", "off hook", NO_LINK),
        ("*", "on hook", NO_LINK),
        ("*", "pressed", NO_LINK),
        ("*", "cas", NO_LINK),
        ("*", "mf", NO_LINK),
        ("*", "exchange", NO_LINK),
        ("Stopped", "timeout", "nothing was started"),
    ];

    fn state(&self) -> &'static str {
        self.state.name()
    }

    fn input(input: &Input) -> &'static str {
        input.name()
    }
}

/// A frame for the D channel of this group.
#[must_use]
pub fn frame(octets: &[u8]) -> Option<Frame> {
    Frame::from_slice(octets).ok()
}
