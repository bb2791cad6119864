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

mod backup;
#[cfg(test)]
mod backup_tests;
mod calls;
mod channels;
#[cfg(any(test, feature = "check"))]
pub mod check;
pub mod detail;
mod group;
#[cfg(test)]
mod group_tests;
pub mod keep;
mod links;
mod place;
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
use backup::Backup;
use channels::{Channels, Key};
use group::Spans;
pub use place::Place;
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
    /// That of the D channel in use.
    link: q921::Link,
    /// The other one, where there are two.
    backup: Option<Box<Backup>>,
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
            backup: None,
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

    /// Something happened: as [`Machine::handle`], and a frame stays its owner's.
    pub fn take(&mut self, now: Instant, input: Input<&[u8]>) {
        match input {
            Input::Request(request) => self.request(now, request),
            Input::Say { leg, elements } => self.say_next(leg, elements),
            Input::Frame(frame) => self.frame_of(now, false, frame),
            Input::FrameBackup(frame) => self.frame_of(now, true, frame),
            Input::Layer1 { of, up } => self.layer1_is(now, of, up),
            Input::Hook { .. }
            | Input::Pressed { .. }
            | Input::Cas { .. }
            | Input::Mf { .. }
            | Input::Exchange(_) => {}
        }
        self.tell_d_channels();
    }

    /// The next output, a frame where it stands. Frames are in their order, and so is the rest.
    #[inline]
    pub fn poll(&mut self) -> Option<Output<&[u8]>> {
        if !self.outputs.is_empty() {
            return self.outputs.poll();
        }
        let on_two = self.is_on_two();
        match self.link.poll()? {
            q921::Output::Transmit(frame) if on_two => Some(Output::TransmitBackup(frame)),
            q921::Output::Transmit(frame) => Some(Output::Transmit(frame)),
            // News never waits for this: see `drain_link`.
            _ => None,
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
            return self.hear(now, key, &received);
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
                self.refused += u64::from(!self.is_about_d_channels(key, head.kind));
                self.send(now, &message);
            }
            Stray::Ignore => {
                self.refused += u64::from(!self.is_about_d_channels(key, head.kind));
            }
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
            // A RESTART of ours that waits may be sent again, and would end the next call there.
            if !self.restarting {
                self.channels.trusted(place);
            }
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
            Input::Frame(frame) => self.take(now, Input::Frame(&frame)),
            Input::FrameBackup(frame) => self.take(now, Input::FrameBackup(&frame)),
            Input::Say { leg, elements } => self.say_next(leg, &elements),
            // Without octets nothing is borrowed.
            other => self.take(now, other.map(|_| &[][..])),
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let State::Waiting { until } = self.state
            && now >= until
            && !self.takes_over(now)
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
        self.backup_late(now);
        self.clear_cut(now);
        self.services_late(now);
        if self.restart_at.is_some_and(|at| at <= now) {
            self.restart_suspects(now);
        }
        let due = |entry: &Entry| entry.call.poll_timeout().is_some_and(|at| at <= now);
        for key in self.calls.keys(due) {
            if let Some(mut turn) = self.turn(now, key) {
                turn.handle_timeout(now);
            }
            self.drain_calls(now);
        }
        self.tell_d_channels();
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
        let backup = self.backup.as_ref().and_then(|backup| backup.poll_timeout());
        let layers = [link, interface, calls, retry, self.gone_at, services, cut, backup];
        layers.into_iter().flatten().min()
    }
}

impl Restore for Pri {
    const VERSION: u16 = 1;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        let other = self.other_link().is_none_or(q921::Link::is_drained);
        if !self.outputs.is_empty() || !self.link.is_drained() || !other {
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
