//! What a call asks of the exchange beyond itself: to note who calls, to send a caller elsewhere
//! before the answer, to join its two legs without the box.
//!
//! ```text
//!   a route that leads out where the caller came in:
//!     Routing, Asking ──► Deflecting ── done ──► released by the exchange
//!                              └── not done, or no word ──► Ringing, as any other route
//!   two legs of one line talk: asked once to join them; done ──► both released by the exchange
//! ```

use bearer::{Request, Served, Service};
use serde::{Deserialize, Serialize};
use units::{Cause, Digits, Duration, Instant, LegId, LineId, Party, Tenant};

use super::{Call, PATIENCE, Phase};
use crate::directory::Lines;
use crate::legs::Caller;
use crate::story::{Step, Story};

/// How long a line has to say whether a caller was sent elsewhere: longer than its own timer.
const ANSWER: Duration = Duration::from_secs(8);

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Way {
    pub(super) tenant: Tenant,
    pub(super) line: LineId,
    /// Whom to ask for there; empty: whom the caller asked for.
    pub(super) called: Digits,
    pub(super) show: Digits,
    pub(super) overlap: bool,
    pub(super) others: Lines,
}

/// A caller who is being sent elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Deflecting {
    way: Way,
    /// An application asked for the number.
    by_flow: bool,
    /// The exchange has taken it over.
    taken: bool,
}

impl Call {
    /// Goes where a route leads: through the exchange that the caller came from, if it may take
    /// the call back, or by a leg of the box.
    pub(super) fn take(&mut self, now: Instant, way: Way, by_flow: bool) {
        let back = |caller: &Caller| {
            !caller.gone && caller.line == way.line && caller.line.span().is_some()
        };
        let leg = self.caller.as_ref().filter(|caller| back(caller)).map(|caller| caller.leg);
        let Some(leg) = leg.filter(|_| self.answered.is_none() && !way.overlap) else {
            return self.go(now, way, by_flow);
        };
        if !by_flow {
            self.line_do(Request::Proceed { leg });
        }
        let to = if way.called.is_empty() { self.called.clone() } else { way.called.clone() };
        self.line_do(Request::Ask { leg, service: Service::Deflect(to) });
        self.deflecting = Some(Deflecting { way, by_flow, taken: false });
        self.phase = Phase::Deflecting { until: now + ANSWER };
    }

    /// By a leg of the box.
    fn go(&mut self, now: Instant, way: Way, by_flow: bool) {
        let Way { tenant, line, called, show, overlap, others } = way;
        if by_flow {
            self.place(line, called, show, others);
            self.phase = Phase::Ringing { until: None };
            return self.music();
        }
        self.tenant = tenant;
        self.overlap = overlap;
        if let Some(Caller { leg, .. }) = self.caller {
            self.line_do(Request::Proceed { leg });
        }
        self.place(line, called, show, others);
        self.phase = Phase::Ringing { until: Some(now + PATIENCE) };
    }

    /// A line tells what became of what it was asked.
    pub(super) fn served(&mut self, now: Instant, leg: LegId, service: Service, done: bool) {
        match service {
            Service::Deflect(to) => {
                let mine = self.caller.as_ref().is_some_and(|caller| caller.leg == leg);
                if mine && matches!(self.phase, Phase::Deflecting { .. }) {
                    self.deflected(now, to, done);
                }
            }
            Service::Join(_) if done && self.phase == Phase::Talking => {
                self.note(Step::Joined, Served::Joined);
            }
            Service::Identify if done => self.note(Step::Identified, Served::Identified),
            Service::Identify => self.tell(Story::Refused(Served::Identified)),
            Service::Join(_) | Service::Show(_) => {}
        }
    }

    fn deflected(&mut self, now: Instant, to: Digits, done: bool) {
        let Some(deflecting) = &mut self.deflecting else { return };
        if deflecting.taken {
            return;
        }
        if !done {
            return self.not_deflected(now);
        }
        deflecting.taken = true;
        self.phase = Phase::Deflecting { until: now + ANSWER };
        self.note(Step::Deflected(to), Served::Deflected);
    }

    fn not_deflected(&mut self, now: Instant) {
        let Some(Deflecting { way, by_flow, .. }) = self.deflecting.take() else { return };
        self.go(now, way, by_flow);
    }

    /// The line says nothing.
    pub(super) fn deflecting_ended(&mut self, now: Instant) {
        if self.deflecting.as_ref().is_some_and(|deflecting| deflecting.taken) {
            // It was sent elsewhere, and nobody let our leg go.
            return self.clear(now, Cause::NORMAL_CLEARING, Party::Network);
        }
        self.not_deflected(now);
    }

    /// The application does not want the number any more. What the exchange has taken is gone.
    pub(super) fn stop_deflecting(&mut self) {
        if self.deflecting.take_if(|deflecting| deflecting.by_flow && !deflecting.taken).is_some() {
            self.phase = Phase::InFlow;
        }
    }

    /// The path of the record tells it, and whoever watches.
    fn note(&mut self, step: Step, served: Served) {
        if !self.path.contains(&step) {
            let _ = self.path.push(step);
        }
        self.tell(Story::Served(served));
    }

    /// Whoever answered is shown to the caller, if they are of the box; of two legs of one line
    /// the exchange may make one.
    pub(super) fn show_connected(&mut self, number: &Digits) {
        let Some(Caller { leg, line, gone: false, .. }) = self.caller else { return };
        let ours = self.other.as_ref().is_some_and(|other| other.line.span().is_none());
        if line.span().is_some() && ours && self.answered.is_none() {
            self.line_do(Request::Ask { leg, service: Service::Show(number.clone()) });
        }
    }

    pub(super) fn ask_to_join(&mut self) {
        let Some(Caller { leg, line, gone: false, .. }) = self.caller else { return };
        let with = self.other.as_ref().filter(|other| other.line == line).map(|other| other.leg);
        if let Some(with) = with.filter(|_| line.span().is_some()) {
            self.line_do(Request::Ask { leg, service: Service::Join(with) });
        }
    }

    /// An operator wants the exchange to note who calls.
    pub(super) fn identify(&mut self) {
        match self.caller {
            Some(Caller { leg, line, gone: false, .. }) if line.span().is_some() => {
                self.line_do(Request::Ask { leg, service: Service::Identify });
            }
            _ => self.tell(Story::Refused(Served::Identified)),
        }
    }
}
