//! The backup D channel of a group (Q.931 Annex F): two D channels, one of them in use.
//!
//! ```text
//!   the one in use                         the other
//!   [`Pri::link`], [`State`]               [`Backup::link`], [`Standing`]
//!
//!   Up ── fails ── the other stands by ──► both change places
//!                                          │
//!   Connecting, T321 ◄─────────────────────┤ SABME, STATUS ENQUIRY
//!     │   │                                └─► Held: SABME is answered with DM
//!     │   └─ a message came ──► Up, the other is out of service until it stands by
//!     └─ T321, or it fails too ──► both are out of service, one is tried first
//! ```
//!
//! Two is for one exactly what one is for two, but that one is preferred where both are down. The
//! far side may decide first: a message on the one that stands by makes it the one in use, unless
//! it only answers. Two ends that ask at the same time mean one.

use std::mem::swap;

use bearer::DChannel;
use machine::Machine;
use q931::wire::{CallReference, Head, Kind, Message};
use serde::{Deserialize, Serialize};
use units::{Duration, Instant};

use super::channels::Key;
use super::table::Entry;
use super::{PERSISTENT, Pri, RETRY, State};
use crate::event::Output;

/// T321 unless the administrator decides (Q.931 table 9-1).
const T321: Duration = Duration::from_secs(30);
/// How long one that is up waits for the one that is preferred, before it is used.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the D channel that is not in use stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Standing {
    /// Nothing was tried.
    Stopped,
    /// Its data link is being set up.
    Connecting,
    /// That failed; the next attempt comes.
    Waiting { until: Instant },
    /// It is up.
    Standby,
    /// It is held down.
    Held,
}

/// The D channel that is not in use, and which that is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Backup {
    /// The span of two; one is on the first.
    span: u8,
    /// Two is in use.
    on_two: bool,
    pub(super) link: q921::Link,
    layer1: bool,
    /// When layer 1, which is gone, takes the data link with it.
    gone_at: Option<Instant>,
    standing: Standing,
    t321: Duration,
    /// T321: the one that has just been taken must have answered.
    answer_by: Option<Instant>,
    /// The one that stands by is taken if the one in use is not up.
    patience: Option<Instant>,
    /// The far side was asked whether it means the same D channel.
    asked: bool,
    /// The reference of no call that it was asked by.
    probe: u16,
    /// What was told of one and two.
    told: [DChannel; 2],
}

impl Backup {
    fn new(span: u8, role: q921::Role) -> Self {
        Self {
            span,
            on_two: false,
            link: q921::Link::new(q921::Config::new(role)),
            layer1: true,
            gone_at: None,
            standing: Standing::Stopped,
            t321: T321,
            answer_by: None,
            patience: None,
            asked: false,
            probe: 0,
            told: [DChannel::OutOfService; 2],
        }
    }

    /// After a restart: the one that was in use before.
    pub(super) const fn go_on(&mut self, on_two: bool) {
        self.on_two = on_two;
    }

    /// What is decided of its timers (Q.921 5.9, Q.931 table 9-1).
    pub(super) fn set_timers(&mut self, t200: Duration, t203: Duration, t321: Option<Duration>) {
        self.link.set_timers(t200, t203);
        self.t321 = t321.unwrap_or(T321);
    }

    /// Everything anew, in another role; whether it was begun.
    pub(super) fn renew(&mut self, role: q921::Role) -> bool {
        let begun = self.standing != Standing::Stopped;
        let link = q921::Link::new(q921::Config::new(role));
        let (layer1, t321, told) = (self.layer1, self.t321, self.told);
        *self = Self { link, layer1, t321, told, ..Self::new(self.span, role) };
        begun
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let retry = match self.standing {
            Standing::Waiting { until } => Some(until),
            Standing::Stopped | Standing::Connecting | Standing::Standby | Standing::Held => None,
        };
        let own = [self.gone_at, self.answer_by, self.patience, retry];
        own.into_iter().flatten().chain(self.link.poll_timeout()).min()
    }

    const fn stands_by(&self) -> bool {
        matches!(self.standing, Standing::Standby)
    }

    /// Down, with the next attempt to come.
    fn rests(&mut self, until: Instant) {
        self.standing = Standing::Waiting { until };
        self.patience = None;
    }
}

impl Pri {
    /// A second D channel is on this span of the group.
    #[must_use]
    pub fn with_backup(mut self, span: u8) -> Self {
        self.backup = Some(Box::new(Backup::new(span, self.link.config().role)));
        self
    }

    pub(super) fn is_on_two(&self) -> bool {
        self.backup.as_ref().is_some_and(|backup| backup.on_two)
    }

    /// The span of the D channel in use, and of the other.
    pub(super) fn spans_of_links(&self) -> (u8, Option<u8>) {
        match &self.backup {
            None => (0, None),
            Some(backup) if backup.on_two => (backup.span, Some(0)),
            Some(backup) => (0, Some(backup.span)),
        }
    }

    /// What the D channel of a span does; `None`: it has none, or there is only one.
    #[must_use]
    pub fn d_channel(&self, span: u8) -> Option<DChannel> {
        let backup = self.backup.as_ref()?;
        let [one, two] = self.d_channels(backup);
        match span {
            0 => Some(one),
            _ if span == backup.span => Some(two),
            _ => None,
        }
    }

    fn d_channels(&self, backup: &Backup) -> [DChannel; 2] {
        let used = match self.state {
            State::Up => DChannel::Active,
            State::Connecting if backup.answer_by.is_some() => DChannel::Standby,
            State::Stopped | State::Connecting | State::Waiting { .. } => DChannel::OutOfService,
        };
        let other = match backup.standing {
            Standing::Standby => DChannel::Standby,
            Standing::Held => DChannel::MaintenanceBusy,
            Standing::Stopped | Standing::Connecting | Standing::Waiting { .. } => {
                DChannel::OutOfService
            }
        };
        if backup.on_two { [other, used] } else { [used, other] }
    }

    /// Tells what became of the two.
    pub(super) fn tell_d_channels(&mut self) {
        let Some(backup) = &self.backup else { return };
        let (now, span) = (self.d_channels(backup), backup.span);
        let Some(backup) = &mut self.backup else { return };
        let before = std::mem::replace(&mut backup.told, now);
        for (of, state, before) in [(0, now[0], before[0]), (span, now[1], before[1])] {
            if state != before {
                self.outputs.put(Output::DChannel { of, state });
            }
        }
    }

    /// The data link of the D channel that is not in use.
    pub(super) fn other_link(&self) -> Option<&q921::Link> {
        self.backup.as_ref().map(|backup| &backup.link)
    }

    /// Both change places. What they want sent goes out first, each on its own.
    pub(super) fn change_places(&mut self) {
        self.drain_frames();
        let Some(backup) = &mut self.backup else { return };
        swap(&mut self.link, &mut backup.link);
        swap(&mut self.layer1, &mut backup.layer1);
        swap(&mut self.gone_at, &mut backup.gone_at);
        backup.on_two ^= true;
        (backup.patience, backup.asked) = (None, false);
        self.group_told = false;
    }

    /// What both links want sent; news of theirs are known.
    pub(super) fn drain_frames(&mut self) {
        let on_two = self.is_on_two();
        let other = self.backup.as_mut().map(|backup| (&mut backup.link, !on_two));
        for (link, on_two) in [(&mut self.link, on_two)].into_iter().chain(other) {
            while let Some(output) = link.poll() {
                let q921::Output::Transmit(frame) = output else { continue };
                self.outputs.put(of_two(on_two, frame));
            }
        }
    }

    /// A frame came on two if `two`, else on one.
    pub(super) fn frame_of(&mut self, now: Instant, two: bool, frame: &[u8]) {
        match &self.backup {
            Some(backup) if backup.on_two != two => self.other_frame(now, frame),
            // A span without a D channel has no frames.
            None if two => {}
            _ => self.frame(now, frame),
        }
    }

    fn other_frame(&mut self, now: Instant, frame: &[u8]) {
        let Some(backup) = &mut self.backup else { return };
        if backup.standing == Standing::Held {
            // F.2.2: an invitation to set it up is answered with DM.
            backup.link.refuse(frame);
            return self.drain_other(now);
        }
        let message = backup.link.frame(now, frame);
        self.drain_other(now);
        let Some(message) = message else { return };
        if self.follows(message) {
            self.follow(now);
            self.message(now, message);
            self.link.flush(now);
            return self.drain_link(now);
        }
        // F.2.1
        self.refused += 1;
        if let Some(backup) = &mut self.backup {
            backup.link.flush(now);
        }
        self.drain_other(now);
    }

    /// Whether a message on the one that stands by says that the far side uses that one now.
    fn follows(&self, message: &[u8]) -> bool {
        let Some(backup) = self.backup.as_ref().filter(|backup| backup.stands_by()) else {
            return false;
        };
        let Ok(head) = Head::parse(message) else { return false };
        if self.state != State::Up {
            return true;
        }
        // Both asked at the same time: one has priority.
        if backup.asked && !backup.on_two {
            return false;
        }
        head.kind != Kind::Status
    }

    /// F.2.2: the far side has changed over.
    fn follow(&mut self, now: Instant) {
        let was = self.state;
        self.change_places();
        let Some(backup) = &mut self.backup else { return };
        backup.standing = match was {
            State::Up => Standing::Standby,
            State::Stopped => Standing::Stopped,
            State::Connecting => Standing::Connecting,
            State::Waiting { until } => Standing::Waiting { until },
        };
        if was == State::Up {
            // What it failed for may have cost it calls that we still have (5.8.10).
            return self.audit(now);
        }
        self.state = State::Connecting;
        self.goes_on(now);
    }

    /// A message came on the D channel in use.
    pub(super) fn answered_by_far(&mut self, now: Instant, message: &[u8]) {
        let Some(backup) = &mut self.backup else { return };
        if Head::parse(message).is_err() {
            return;
        }
        backup.asked = false;
        if backup.answer_by.take().is_none() {
            return;
        }
        // F.2.2: now it is active, and the other one is out of service.
        backup.rests(now);
        self.goes_on(now);
        self.connect_other(now);
    }

    /// Whether the one that has just been taken must answer first; then it is asked.
    pub(super) fn must_answer(&mut self, now: Instant) -> bool {
        let waits = self.backup.as_ref().is_some_and(|backup| backup.answer_by.is_some());
        if waits {
            self.enquire(now);
        }
        waits
    }

    /// Asks for a message, of a stable call where there is one (F.2.2); else of none, which is
    /// answered as well (5.8.3.2, 5.8.10).
    fn enquire(&mut self, now: Instant) {
        let stable = |entry: &Entry| entry.call.call_state() == q931::State::Active;
        let stable = self.calls.keys(stable).first().and_then(|key| self.calls.get(*key));
        let reference = match stable {
            Some(entry) => entry.call.reference(),
            None => {
                let (Some(key), Some(backup)) = (self.free_key(), &mut self.backup) else { return };
                backup.probe = key.value;
                CallReference::new(key.value)
            }
        };
        if let Some(message) = Message::new(reference, Kind::StatusEnquiry).emit() {
            self.send(now, &message);
        }
        if let Some(backup) = &mut self.backup {
            backup.asked = true;
        }
    }

    /// Whether a message about no call is no fault: two D channels agree by such.
    pub(super) fn is_about_d_channels(&self, key: Key, kind: Kind) -> bool {
        self.backup.as_ref().is_some_and(|backup| match kind {
            Kind::StatusEnquiry => true,
            _ => key.ours && key.value == backup.probe,
        })
    }

    /// The one in use has come up: without calls to ask about, both sides make sure that they mean
    /// the same.
    pub(super) fn agree(&mut self, now: Instant) {
        let stable = |entry: &Entry| entry.call.call_state() == q931::State::Active;
        if self.backup.is_some() && self.calls.keys(stable).is_empty() {
            self.enquire(now);
        }
    }

    /// The one in use has failed, or an attempt to set it up; `true`: the other one goes on, or
    /// both begin anew.
    pub(super) fn falls_back(&mut self, now: Instant, was_up: bool) -> bool {
        let Some(backup) = &self.backup else { return false };
        if backup.answer_by.is_some() {
            self.both_out(now);
            return true;
        }
        if !backup.stands_by() {
            return false;
        }
        if was_up {
            self.change_over(now)
        } else {
            self.take_over(now)
        }
        true
    }

    /// F.2.2: the one in use has failed.
    fn change_over(&mut self, now: Instant) {
        self.change_places();
        let Some(backup) = &mut self.backup else { return };
        backup.standing = Standing::Held;
        backup.answer_by = Some(now + backup.t321);
        self.connect(now);
    }

    /// The one in use was not up, and the other one is.
    fn take_over(&mut self, now: Instant) {
        let was = self.state;
        self.change_places();
        let Some(backup) = &mut self.backup else { return };
        match was {
            State::Connecting => backup.standing = Standing::Connecting,
            State::Stopped => backup.standing = Standing::Stopped,
            State::Up | State::Waiting { .. } => backup.rests(now + RETRY),
        }
        self.state = State::Connecting;
        self.link_is_up(now);
    }

    /// F.2.2: both are out of service, and one is tried first.
    fn both_out(&mut self, now: Instant) {
        let Some(backup) = &mut self.backup else { return };
        backup.answer_by = None;
        backup.rests(now + RETRY);
        self.state = State::Waiting { until: now + RETRY };
        let silent = self.link.is_established();
        if self.is_on_two() {
            self.change_places();
            if silent && let Some(backup) = &mut self.backup {
                // It is held by nobody: the far side hears that it is gone.
                backup.link.handle(now, q921::Input::ReleaseRequest);
                self.drain_other(now);
            }
            if self.layer1 {
                self.connect(now);
            }
        } else if silent {
            self.link(now, q921::Input::ReleaseRequest);
        }
    }

    pub(super) fn connect_other(&mut self, now: Instant) {
        let Some(backup) = &mut self.backup else { return };
        if backup.layer1 {
            backup.standing = Standing::Connecting;
            backup.link.handle(now, q921::Input::EstablishRequest);
            self.drain_other(now);
        }
    }

    /// Acts on all that the link of the other one puts out.
    pub(super) fn drain_other(&mut self, now: Instant) {
        let Some(backup) = &mut self.backup else { return };
        let (mut came, mut went) = (false, false);
        while let Some(output) = backup.link.poll() {
            match output {
                q921::Output::Transmit(frame) => self.outputs.put(of_two(!backup.on_two, frame)),
                q921::Output::EstablishIndication | q921::Output::EstablishConfirm => {
                    (came, went) = (true, false);
                }
                q921::Output::ReleaseIndication | q921::Output::ReleaseConfirm => {
                    (came, went) = (false, true);
                }
                q921::Output::Error(_)
                | q921::Output::Data(_)
                | q921::Output::Full
                | q921::Output::NotEstablished => {}
            }
        }
        if came {
            self.other_came(now);
        }
        if went {
            self.other_went(now);
        }
    }

    fn other_came(&mut self, now: Instant) {
        let Some(backup) = &mut self.backup else { return };
        backup.standing = Standing::Standby;
        let hopeless = match self.state {
            State::Up => return,
            // Nothing is known yet of the one that is preferred, or it was in use before.
            State::Stopped => !self.layer1,
            State::Waiting { .. } => !self.resumed,
            State::Connecting => false,
        };
        if hopeless {
            return self.take_over(now);
        }
        backup.patience = backup.patience.or(Some(now + PATIENCE));
    }

    fn other_went(&mut self, now: Instant) {
        let Some(backup) = &mut self.backup else { return };
        let stood_by = backup.stands_by();
        backup.rests(now + RETRY);
        if stood_by {
            self.connect_other(now);
        }
    }

    /// Layer 1 of the other one came or went.
    pub(super) fn other_layer1(&mut self, now: Instant, up: bool) {
        let Some(backup) = &mut self.backup else { return };
        if up != backup.layer1 {
            let has_link = backup.standing != Standing::Stopped;
            backup.gone_at = (!up && has_link).then(|| now + PERSISTENT);
        }
        backup.layer1 = up;
        if up && matches!(backup.standing, Standing::Waiting { .. } | Standing::Stopped) {
            self.connect_other(now);
        }
    }

    /// Timers of the two D channels.
    pub(super) fn backup_late(&mut self, now: Instant) {
        let Some(backup) = &mut self.backup else { return };
        let due = |at: &mut Instant| *at <= now;
        if backup.answer_by.is_some_and(|at| at <= now) {
            self.both_out(now);
        }
        let Some(backup) = &mut self.backup else { return };
        if backup.patience.take_if(due).is_some() && self.takes_over(now) {
            return;
        }
        let Some(backup) = &mut self.backup else { return };
        if backup.gone_at.take_if(due).is_some() {
            backup.link.handle(now, q921::Input::PersistentDeactivation);
        }
        backup.link.handle_timeout(now);
        self.drain_other(now);
        let Some(backup) = &mut self.backup else { return };
        if matches!(backup.standing, Standing::Waiting { until } if until <= now) {
            // It begins when layer 1 is there.
            backup.rests(now + RETRY);
            self.connect_other(now);
        }
    }

    /// The one that stands by is taken, if the one in use is not up.
    pub(super) fn takes_over(&mut self, now: Instant) -> bool {
        let ready = self.backup.as_ref().is_some_and(|backup| backup.stands_by());
        let taken = ready && self.state != State::Up;
        if taken {
            self.take_over(now);
        }
        taken
    }
}

/// A frame for one or two.
fn of_two(two: bool, frame: &[u8]) -> Output<&[u8]> {
    if two { Output::TransmitBackup(frame) } else { Output::Transmit(frame) }
}
