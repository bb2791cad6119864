//! One call.
//!
//! ```text
//!              ┌──── Nowhere ────────────────────────────────────────┐
//!  New ─offer─► Routing ─Flow─► InFlow ─Ring─► Asking ─Place─► Ringing ─answer─► Talking
//!     │in band    ▲                ▲              │ nowhere       │ failed          │
//!     └► Dialling ┘                └──────────────┴───────────────┘                 │
//!                                                                                   ▼
//!                           any release ────────────────────────────────────► Clearing ─► Ended
//!                                             still lifted after a minute ──► Howling ──────┘
//!  Routing, Dialling, Asking ── a conference ──► Pin ──► Conferring ──► Clearing
//! ```
//!
//! The record is told once, on the way into `Clearing`, or as soon as the leg that went out is gone
//! if its line may tell the charge with its end. `Ended` follows when every leg is gone.

mod conference;
mod ending;
mod routing;
mod services;
mod states;

use std::collections::VecDeque;

use bearer::{Calling, Elements, Indication, Request};
use engine::Tone;
use serde::{Deserialize, Serialize};
use units::{
    CallId, Cause, ContentHash, Digits, Duration, Finding, Instant, LegId, LegMint, LineId, Party,
    PortId, Tenant,
};

use crate::app::{Action, Hear, Notice};
use crate::directory::{Lines, Route, Whole};
use crate::event::{Media, Output};
use crate::legs::{Caller, Charges, Hunting, Other};
use crate::story::{Path, Step, Story};
use conference::Conference;
use ending::End;
use services::{Deflecting, Way};

/// How long a telephone hears dial tone before the first digit.
const FIRST_DIGIT: Duration = Duration::from_secs(15);
/// How long after a digit the number is taken as complete.
const NEXT_DIGIT: Duration = Duration::from_secs(4);
/// How long a number is rung if no application says otherwise.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a telephone may stay lifted with busy tone before the howler.
const BUSY_TONE: Duration = Duration::from_secs(60);
/// How long the howler calls the one who left the handset lifted before the call forgets it.
const HOWLER: Duration = Duration::from_secs(60);

/// What says that a line was busy or dead, and nothing of whom it leads to (Q.850).
const PASSED_OVER: [Cause; 6] = [
    Cause::DESTINATION_OUT_OF_ORDER,
    Cause::NO_CHANNEL_AVAILABLE,
    Cause::NETWORK_OUT_OF_ORDER,
    Cause::TEMPORARY_FAILURE,
    Cause::SWITCHING_EQUIPMENT_CONGESTION,
    Cause::REQUESTED_CHANNEL_NOT_AVAILABLE,
];

/// How far a call is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Nothing was offered yet.
    New,
    /// The directory is asked.
    Routing,
    /// A telephone dials in the voice channel.
    Dialling {
        /// When the digits so far are taken as complete.
        until: Instant,
    },
    /// More digits come in the signalling.
    Overlap,
    /// The application holds the caller.
    InFlow,
    /// The directory is asked for the application.
    Asking,
    /// The other leg is rung.
    Ringing {
        /// When the call gives up; `None` if an application decides.
        until: Option<Instant>,
    },
    /// Two talk.
    Talking,
    /// Legs are being released.
    Clearing {
        /// When the caller's leg is forgotten whatever its line says.
        until: Instant,
    },
    /// All is over.
    Ended,
    /// As `Clearing`, and the caller's telephone howls.
    Howling {
        /// When the caller's leg is forgotten whatever its line says.
        until: Instant,
    },
    /// The exchange is asked to send the caller elsewhere, or does.
    Deflecting {
        /// When the line has said nothing for too long.
        until: Instant,
    },
    /// The pin of a conference is asked.
    Pin {
        /// When no digit has come for too long, or who was refused has heard it.
        until: Instant,
        /// How often it was wrong.
        wrong: u8,
    },
    /// In a conference.
    Conferring,
}

machine::names!(Phase {
    New => "New",
    Routing => "Routing",
    Dialling { .. } => "Dialling",
    Overlap => "Overlap",
    InFlow => "InFlow",
    Asking => "Asking",
    Ringing { .. } => "Ringing",
    Talking => "Talking",
    Clearing { .. } => "Clearing",
    Ended => "Ended",
    Howling { .. } => "Howling",
    Deflecting { .. } => "Deflecting",
    Pin { .. } => "Pin",
    Conferring => "Conferring",
});

const fn whole(complete: bool) -> Whole {
    if complete { Whole::Yes } else { Whole::No }
}

/// One call: at most two legs, and perhaps an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    id: CallId,
    tenant: Tenant,
    phase: Phase,
    mint: LegMint,
    caller: Option<Caller>,
    other: Option<Other>,
    calling: Calling,
    called: Digits,
    /// The tones of this call are ours to give: nobody else gives any to the caller.
    dialled_in_band: bool,
    flow: Option<ContentHash>,
    path: Path,
    digits: Digits,
    offered: Instant,
    answered: Option<Instant>,
    connected: Option<Instant>,
    /// What the caller hears while a number is rung.
    hear: Hear,
    /// What the caller's line said for whoever is called.
    of_caller: Elements,
    /// Digits that the caller dials now are for the line that was rung.
    overlap: bool,
    /// Called if nothing is dialled.
    hotline: Digits,
    /// The lines that are left of the trunk that is rung.
    hunting: Option<Hunting>,
    /// What its legs cost.
    charges: Charges,
    /// How it ended, until the record is told.
    end: Option<End>,
    /// Where the caller is being sent.
    deflecting: Option<Deflecting>,
    /// Where the caller is or wants to be. Since version 6.
    conference: Option<Conference>,
    #[serde(skip)]
    outputs: VecDeque<Output>,
}

impl Call {
    /// A call that waits for its offer.
    #[must_use]
    pub fn new(id: CallId) -> Self {
        Self {
            id,
            tenant: Tenant::default(),
            phase: Phase::New,
            mint: LegMint::of(id),
            caller: None,
            other: None,
            calling: Calling::default(),
            called: Digits::new(),
            dialled_in_band: false,
            flow: None,
            path: Path::new(),
            digits: Digits::new(),
            offered: Instant::ZERO,
            answered: None,
            connected: None,
            hear: Hear::default(),
            of_caller: Elements::new(),
            overlap: false,
            hotline: Digits::new(),
            hunting: None,
            charges: Charges::default(),
            end: None,
            deflecting: None,
            conference: None,
            outputs: VecDeque::new(),
        }
    }

    /// Its identity.
    #[must_use]
    pub const fn id(&self) -> CallId {
        self.id
    }

    /// How far it is.
    #[must_use]
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Who called whom.
    #[must_use]
    pub const fn parties(&self) -> (&Calling, &Digits) {
        (&self.calling, &self.called)
    }

    /// When it was offered and when it was answered.
    #[must_use]
    pub const fn times(&self) -> (Instant, Option<Instant>) {
        (self.offered, self.answered)
    }

    /// The line on which it came in.
    #[must_use]
    pub fn line(&self) -> Option<LineId> {
        self.caller.as_ref().map(|caller| caller.line)
    }

    /// The ports of the caller and of the other party.
    #[must_use]
    pub fn ports(&self) -> (Option<PortId>, Option<PortId>) {
        let caller = self.caller.as_ref().filter(|caller| !caller.gone).map(|c| c.port);
        (caller, self.other.as_ref().and_then(|other| other.port))
    }

    /// The legs that lines still know.
    #[must_use]
    pub fn legs(&self) -> (Option<LegId>, Option<LegId>) {
        let caller = self.caller.as_ref().filter(|caller| !caller.gone).map(|c| c.leg);
        (caller, self.other.as_ref().map(|other| other.leg))
    }

    /// The program that holds or held the caller.
    #[must_use]
    pub const fn flow(&self) -> Option<ContentHash> {
        self.flow
    }

    fn say(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    fn line_do(&mut self, request: Request) {
        self.say(Output::Line(request));
    }

    fn media(&mut self, media: Media) {
        self.say(Output::Media(media));
    }

    fn tell(&mut self, story: Story) {
        self.say(Output::Story(story));
    }

    fn port(&self) -> Option<PortId> {
        self.caller.as_ref().filter(|caller| !caller.gone).map(|caller| caller.port)
    }

    fn place(&mut self, line: LineId, called: Digits, show: Digits, others: Lines) {
        let number = if called.is_empty() { self.called.clone() } else { called.clone() };
        let _ = self.path.push(Step::Rang(number.clone()));
        self.seize(line, number.clone(), called.clone(), show.clone());
        self.hunting = (!others.is_empty()).then_some(Hunting { others, called, show });
        self.tell(Story::Ringing(number));
    }

    fn seize(&mut self, line: LineId, number: Digits, called: Digits, show: Digits) {
        let leg = self.mint.leg();
        let mut calling = self.calling.clone();
        if !show.is_empty() {
            calling.number = show;
        }
        // Whoever calls through the box is to the next exchange the subscriber that the box is.
        calling.category = None;
        self.other = Some(Other { leg, line, number, port: None, released: false });
        if !self.of_caller.is_empty() {
            self.say(Output::Say { leg, line, elements: self.of_caller.clone() });
        }
        self.line_do(Request::Place { leg, line, calling, called });
    }

    fn answer(&mut self, now: Instant) {
        let Some(Caller { leg, .. }) = self.caller else { return };
        if self.answered.is_none() {
            self.answered = Some(now);
            self.line_do(Request::Answer { leg });
            self.tell(Story::Answered);
        }
    }

    /// The application asks for something while it holds the caller.
    fn act(&mut self, now: Instant, action: Action) {
        let Some(port) = self.port() else { return };
        match action {
            Action::Answer => self.answer(now),
            Action::Play { token, prompts } => {
                if let Some(first) = prompts.first() {
                    self.tell(Story::Prompt(*first));
                }
                self.media(Media::Play { port, token, prompts });
            }
            Action::StopPlaying => self.media(Media::Silence(port)),
            Action::Ring { number, hear } => {
                self.media(Media::Silence(port));
                self.hear = hear;
                self.phase = Phase::Asking;
                self.ask_route(number, true, Whole::Yes);
            }
            Action::Entered { digits } => self.entered(digits),
            Action::Release { cause } => self.clear(now, cause, Party::Box),
            Action::StopRinging => {}
        }
    }

    fn entered(&mut self, digits: Digits) {
        for digit in digits.as_slice() {
            // Beyond the record's room the first digits are kept.
            let _ = self.digits.push(*digit);
        }
        self.tell(Story::Digits(digits));
    }

    fn asked(&mut self, now: Instant, route: Route) {
        match route {
            Route::Place { tenant, line, called, show, others, .. } => {
                let way = Way { tenant, line, called, show, overlap: false, others };
                self.take(now, way, true);
            }
            Route::Confer { tenant, terms } => self.confer(now, tenant, terms, true),
            Route::Nowhere(cause) => self.ring_failed(cause),
            Route::Flow { .. } | Route::More => self.ring_failed(Cause::UNALLOCATED_NUMBER),
        }
    }

    fn ring_failed(&mut self, cause: Cause) {
        self.phase = Phase::InFlow;
        self.say(Output::App(Notice::RingFailed { cause }));
    }

    /// Whether the caller hears the player while a number is rung. The network gives ring-back to
    /// one on a trunk who was not answered.
    fn wants_music(&self) -> bool {
        self.hear == Hear::Music && (self.answered.is_some() || self.dialled_in_band)
    }

    /// Music from the first moment on, whatever the number that is rung takes to ring.
    fn music(&mut self) {
        if let Some(port) = self.port().filter(|_| self.wants_music()) {
            self.media(Media::Music(port));
        }
    }

    /// The caller dials on while the line that was rung takes digits one by one.
    fn dials_on(&mut self, digits: Digits, complete: bool) {
        let Some(Other { leg, released: false, .. }) = self.other else { return };
        if self.overlap {
            for digit in digits.as_slice() {
                let _ = self.called.push(*digit);
                if let Some(hunting) = &mut self.hunting {
                    let _ = hunting.called.push(*digit);
                }
            }
            self.overlap = !complete;
            self.line_do(Request::Digits { leg, digits, complete });
        }
    }

    fn alerting(&mut self, in_band: bool) {
        self.overlap = false;
        self.hunting = None;
        let Some(Caller { leg, port, gone: false, .. }) = self.caller else { return };
        if self.answered.is_none() {
            self.line_do(Request::Alert { leg });
        }
        let far = self.other.as_ref().and_then(|other| other.port);
        match far {
            // It plays already.
            _ if self.wants_music() => {}
            Some(far) if in_band => self.media(Media::Join(port, far)),
            // The network gives ring-back to a caller on a trunk who was not answered; a telephone
            // of ours, or a caller who was, hears it from us.
            _ if self.answered.is_some() || self.dialled_in_band => {
                self.media(Media::Tone(port, Tone::RingBack));
            }
            _ => {}
        }
    }

    fn other_answered(&mut self, now: Instant) {
        self.overlap = false;
        self.hunting = None;
        let Some(Other { port: Some(far), ref number, .. }) = self.other else { return };
        let number = number.clone();
        let Some(port) = self.port() else { return };
        self.show_connected(&number);
        self.answer(now);
        self.connected = Some(now);
        let _ = self.path.push(Step::Connected(number.clone()));
        self.media(Media::Listen(port, false));
        self.media(Media::Join(port, far));
        self.media(Media::Judge(far));
        self.phase = Phase::Talking;
        self.say(Output::App(Notice::Connected));
        self.tell(Story::Connected(number));
        self.ask_to_join();
    }

    fn release_other(&mut self, cause: Cause) {
        let Some(other) = &mut self.other else { return };
        let (leg, port) = (other.leg, other.port);
        if !std::mem::replace(&mut other.released, true) {
            if let Some(port) = port {
                self.media(Media::Silence(port));
            }
            self.line_do(Request::Release { leg, cause });
        }
    }

    /// A leg is gone. What follows depends on which.
    fn leg_released(&mut self, now: Instant, leg: LegId, cause: Cause, by: Party) {
        if let Some(caller) = self.caller.as_mut().filter(|caller| caller.leg == leg) {
            caller.gone = true;
            let port = caller.port;
            self.media(Media::Listen(port, false));
            self.media(Media::Silence(port));
            let by = if matches!(by, Party::Network) { by } else { Party::Caller };
            return self.over(now, cause, by);
        }
        let Some(other) = self.other.take_if(|other| other.leg == leg) else { return };
        self.charges.other_gone();
        if let Some(port) = other.port {
            self.media(Media::Silence(port));
        }
        if self.tries_next(&other, cause) {
            return;
        }
        let by = if matches!(by, Party::Network) { by } else { Party::Called };
        match self.phase {
            Phase::Ringing { until: None } => {
                if let Some(port) = self.port() {
                    self.media(Media::Silence(port));
                }
                self.ring_failed(cause);
            }
            // A leg that the call itself had released while the application went on.
            Phase::InFlow | Phase::Asking => {}
            _ => self.over(now, cause, by),
        }
    }

    /// A line that was busy or dead is passed over for the next one of its trunk, as long as
    /// nothing was heard of the other end.
    fn tries_next(&mut self, gone: &Other, cause: Cause) -> bool {
        let rung = matches!(self.phase, Phase::Ringing { .. }) && !gone.released;
        let Some(hunting) = self.hunting.as_mut().filter(|_| rung && PASSED_OVER.contains(&cause))
        else {
            return false;
        };
        let Some((line, others)) = hunting.others.split_first() else { return false };
        let (line, others) = (*line, others.iter().copied().collect());
        hunting.others = others;
        let (called, show) = (hunting.called.clone(), hunting.show.clone());
        self.seize(line, gone.number.clone(), called, show);
        true
    }

    /// The record tells it; the call itself goes on.
    fn interrupted(&mut self) {
        if self.is_going_on() && self.path.last() != Some(&Step::Interrupted) {
            let _ = self.path.push(Step::Interrupted);
        }
    }

    /// The record tells what the call was, once.
    fn found(&mut self, finding: Finding) {
        let step = Step::Found(finding);
        if finding.is_kept() && self.is_going_on() && !self.path.contains(&step) {
            let _ = self.path.push(step);
        }
    }

    /// Its record is still to be written.
    const fn is_going_on(&self) -> bool {
        !matches!(
            self.phase,
            Phase::New | Phase::Clearing { .. } | Phase::Howling { .. } | Phase::Ended
        )
    }

    /// What every phase but `New` makes of a line's word; phases differ in [`Self::line_says`].
    fn other_is(&self, leg: LegId) -> bool {
        self.other.as_ref().is_some_and(|other| other.leg == leg && !other.released)
    }

    fn line_says(&mut self, now: Instant, indication: Indication) {
        let leg = indication.leg();
        let ringing = matches!(self.phase, Phase::Ringing { .. }) && self.other_is(leg);
        match indication {
            Indication::Released { cause, by, .. } => self.leg_released(now, leg, cause, by),
            Indication::Channel { port, .. } => {
                if let Some(other) = self.other.as_mut().filter(|other| other.leg == leg) {
                    other.port = Some(port);
                }
            }
            Indication::Alerting { in_band, .. } if ringing => self.alerting(in_band),
            Indication::Progress { .. } if ringing => self.alerting(true),
            Indication::Answered { .. } if ringing => self.other_answered(now),
            Indication::Digits { digits, complete, .. }
                if matches!(self.phase, Phase::Ringing { .. }) =>
            {
                self.dials_on(digits, complete);
            }
            Indication::Digits { digits, complete, .. } if self.phase == Phase::Overlap => {
                for digit in digits.as_slice() {
                    let _ = self.called.push(*digit);
                }
                self.phase = Phase::Routing;
                self.ask_route(self.called.clone(), false, whole(complete));
            }
            Indication::Notified { what, .. } => self.notified(leg, what),
            Indication::Charge { charge, .. } => self.charged(leg, charge),
            Indication::Served { service, done, .. } => self.served(now, leg, service, done),
            Indication::Offered { .. }
            | Indication::Digits { .. }
            | Indication::Alerting { .. }
            | Indication::Progress { .. }
            | Indication::Answered { .. } => {}
        }
    }

    /// A leg says what is for the other one.
    fn said(&mut self, leg: LegId, elements: Elements) {
        match &self.caller {
            Some(caller) if caller.leg == leg && self.other.is_none() => self.of_caller = elements,
            _ => {
                if let Some((leg, line)) = self.opposite(leg) {
                    self.say(Output::Say { leg, line, elements });
                }
            }
        }
    }

    /// A leg notifies the other one of something (Q.931 5.9: while both talk).
    fn notified(&mut self, leg: LegId, what: u8) {
        if self.phase == Phase::Talking
            && let Some((leg, _)) = self.opposite(leg)
        {
            self.line_do(Request::Notify { leg, what });
        }
    }

    /// The leg at the other end, and its line.
    fn opposite(&self, leg: LegId) -> Option<(LegId, LineId)> {
        let caller = self.caller.as_ref().filter(|caller| !caller.gone)?;
        let other = self.other.as_ref().filter(|other| !other.released)?;
        if caller.leg == leg {
            Some((other.leg, other.line))
        } else {
            (other.leg == leg).then_some((caller.leg, caller.line))
        }
    }

    fn stop_ringing(&mut self) {
        self.release_other(Cause::NORMAL_CLEARING);
        // The application goes on at once; the line's `Released` finds no leg any more.
        self.other = None;
        self.charges.other_gone();
        if let Some(port) = self.port() {
            self.media(Media::Silence(port));
        }
        self.phase = Phase::InFlow;
    }
}
