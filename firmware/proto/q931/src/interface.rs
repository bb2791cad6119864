//! RESTART: the machine of the global call reference (5.5).
//!
//! ```text
//!   Restart ──► RESTART, T316 ──► RestartRequest (Rest 1) ── RESTART ACKNOWLEDGE ──► Restarted
//!   RESTART ──► RestartWanted, T317 ──► Restart (Rest 2) ── Idle ──► RESTART ACKNOWLEDGE
//! ```
//!
//! Either side may restart while the other does: the two halves know nothing of each other.

use heapless::Deque;
use machine::{Machine, Restore, SnapshotFault, Survey};
use serde::{Deserialize, Serialize};
use units::{Cause, Instant};

use crate::event::{Config, InterfaceInput as Input, InterfaceOutput as Output};
use crate::timers::Timer;
use crate::wire::{
    CallReference, CallState, CauseElement, ChannelId, Kind, Message, Received, RestartClass, id,
};

const OUTPUTS: usize = 4;

/// One half: what is restarted, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Running {
    class: RestartClass,
    channel: Option<ChannelId>,
    reference: CallReference,
    until: Instant,
    repeated: bool,
}

/// The restart machine of one D channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Interface {
    config: Config,
    /// Rest 1: ours.
    requested: Option<Running>,
    /// Rest 2: the peer's.
    wanted: Option<Running>,
    #[serde(skip)]
    outputs: Deque<Output, OUTPUTS>,
}

impl Interface {
    /// Nothing is restarted.
    #[must_use]
    pub const fn new(config: Config) -> Self {
        Self { config, requested: None, wanted: None, outputs: Deque::new() }
    }

    /// What all calls of the interface have in common, from here on.
    pub const fn configure(&mut self, config: Config) {
        self.config = config;
    }

    fn put(&mut self, output: Output) {
        let full = self.outputs.push_back(output).is_err();
        debug_assert!(!full, "an output was lost");
    }

    fn send(&mut self, message: &Message) {
        if let Some(octets) = message.emit() {
            self.put(Output::Transmit(octets));
        }
    }

    /// RESTART of ours goes out (5.5.1).
    fn request(&mut self, now: Instant, mut running: Running) {
        let mut message = Message::new(running.reference, Kind::Restart);
        message.channel = running.channel;
        message.restart = Some(running.class);
        self.send(&message);
        running.until = now + self.config.timers.get(Timer::T316);
        self.requested = Some(running);
    }

    fn acknowledge(&mut self, running: &Running) {
        let mut message = Message::new(running.reference, Kind::RestartAcknowledge);
        message.channel = running.channel;
        message.restart = Some(running.class);
        self.send(&message);
    }

    fn failed(&mut self) {
        if let Some(Running { class, channel, .. }) = self.requested.take() {
            self.put(Output::RestartFailed { class, channel });
        }
    }

    /// 5.8.3.2 f), h): STATUS with the state of that half of the global reference.
    fn status(&mut self, to: CallReference, cause: Cause, about: &[u8]) {
        let mut message = Message::new(to.answered(), Kind::Status);
        message.cause = Some(CauseElement::about(self.config.location, cause, about));
        let state = if to.is_the_receivers() {
            self.requested.map_or(CallState::NULL, |_| CallState::RESTART_REQUEST)
        } else {
            self.wanted.map_or(CallState::NULL, |_| CallState::RESTART)
        };
        message.call_state = Some(state);
        self.send(&message);
    }

    /// A message with the global call reference: as [`Input::Message`].
    pub fn message(&mut self, now: Instant, received: &Received) {
        let message = &received.message;
        let ours = message.reference.is_the_receivers();
        match message.kind {
            Kind::Restart if !ours => self.restart(now, received),
            Kind::RestartAcknowledge if ours => self.acknowledged(received),
            Kind::Status => self.reported(message),
            Kind::Restart
            | Kind::RestartAcknowledge
            | Kind::Setup
            | Kind::SetupAcknowledge
            | Kind::CallProceeding
            | Kind::Alerting
            | Kind::Progress
            | Kind::Connect
            | Kind::ConnectAcknowledge
            | Kind::Disconnect
            | Kind::Release
            | Kind::ReleaseComplete
            | Kind::Notify
            | Kind::Facility
            | Kind::StatusEnquiry
            | Kind::Information
            | Kind::Unknown(_) => {
                self.status(message.reference, Cause::INVALID_CALL_REFERENCE, &[]);
            }
        }
    }

    /// What a RESTART or its acknowledgement is about, or what is wrong with it (5.8.6).
    fn subject(received: &Received) -> Result<(RestartClass, Option<ChannelId>), (Cause, u8)> {
        let message = &received.message;
        for id in [id::RESTART, id::CHANNEL] {
            if received.invalid.contains(&id) {
                return Err((Cause::INVALID_ELEMENT_CONTENTS, id));
            }
        }
        let missing = |id| (Cause::MANDATORY_ELEMENT_MISSING, id);
        let class = message.restart.ok_or(missing(id::RESTART))?;
        if class == RestartClass::Channels && message.channel.is_none() {
            return Err(missing(id::CHANNEL));
        }
        Ok((class, message.channel))
    }

    /// RESTART came (5.5.2).
    fn restart(&mut self, now: Instant, received: &Received) {
        let reference = received.message.reference;
        match Self::subject(received) {
            Err((cause, id)) => self.status(reference, cause, &[id]),
            Ok((class, channel)) => {
                let same = self.wanted.is_some_and(|w| w.class == class && w.channel == channel);
                if same {
                    // The peer repeats itself: T317 and the work go on.
                    return;
                }
                let until = now + self.config.timers.get(Timer::T317);
                let reference = reference.answered();
                self.wanted = Some(Running { class, channel, reference, until, repeated: false });
                self.put(Output::RestartWanted { class, channel });
            }
        }
    }

    /// RESTART ACKNOWLEDGE came (5.5.1). It names what the peer made idle.
    fn acknowledged(&mut self, received: &Received) {
        let reference = received.message.reference;
        if self.requested.is_none() {
            return self.status(reference, Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE, &[]);
        }
        match Self::subject(received) {
            Err((cause, id)) => self.status(reference, cause, &[id]),
            Ok((class, channel)) => {
                self.requested = None;
                self.put(Output::Restarted { class, channel });
            }
        }
    }

    /// STATUS came: the peer that is in Rest 0 will not answer our RESTART.
    fn reported(&mut self, message: &Message) {
        let ours = message.reference.is_the_receivers();
        if ours && message.call_state == Some(CallState::NULL) && message.cause.is_some() {
            self.failed();
        }
    }
}

impl Machine for Interface {
    type Input = Input;
    type Output = Output;

    fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Message(received) => self.message(now, &received),
            Input::Restart { class, channel } => {
                // One at a time: the one before is given up.
                self.failed();
                let reference = CallReference::new(0);
                let running = Running { class, channel, reference, until: now, repeated: false };
                self.request(now, running);
            }
            Input::Idle => {
                if let Some(running) = self.wanted.take() {
                    self.acknowledge(&running);
                }
            }
            // 5.8.9: what was going on is unknown; the owner restarts what it must.
            Input::LinkDown => {
                self.wanted = None;
                self.failed();
            }
        }
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let Some(running) = self.requested
            && running.until <= now
        {
            // 5.5.1: RESTART is sent twice.
            if running.repeated {
                self.failed();
            } else {
                self.request(now, Running { repeated: true, ..running });
            }
        }
        if self.wanted.is_some_and(|running| running.until <= now) {
            self.wanted = None;
            self.put(Output::IdleTooLate);
        }
    }

    fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        Instant::earliest(self.requested.map(|r| r.until), self.wanted.map(|r| r.until))
    }
}

impl Restore for Interface {
    const VERSION: u16 = 1;

    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault> {
        if !self.outputs.is_empty() {
            return Err(SnapshotFault::NotDrained);
        }
        machine::snapshot(Self::VERSION, self, room)
    }

    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault> {
        machine::restore(Self::OLDEST, Self::VERSION, octets)
    }
}

impl Survey for Interface {
    const STATES: &'static [&'static str] = &["Null", "RestartRequest", "Restart", "Both"];
    const INPUTS: &'static [&'static str] = &[
        "RESTART",
        "RESTART ACKNOWLEDGE",
        "STATUS",
        "other",
        "Restart",
        "Idle",
        "LinkDown",
        "timeout",
    ];
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)] =
        &[("Null", "timeout", "no timer runs when nothing is restarted")];

    fn state(&self) -> &'static str {
        match (self.requested, self.wanted) {
            (None, None) => "Null",
            (Some(_), None) => "RestartRequest",
            (None, Some(_)) => "Restart",
            (Some(_), Some(_)) => "Both",
        }
    }

    fn input(input: &Input) -> &'static str {
        match input {
            Input::Message(received) => match received.message.kind {
                kind @ (Kind::Restart | Kind::RestartAcknowledge | Kind::Status) => kind.name(),
                _ => "other",
            },
            Input::Restart { .. } => "Restart",
            Input::Idle => "Idle",
            Input::LinkDown => "LinkDown",
        }
    }
}
