//! From the offer to a destination: who calls, which digits, what the directory says of them.

use bearer::{Dialling, Indication, Request};
use engine::Tone;
use units::{Cause, ContentHash, Digit, Digits, Duration, Instant, LineId, Party, PortId, Tenant};

use super::services::Way;
use super::{Call, FIRST_DIGIT, NEXT_DIGIT, Phase, whole};
use crate::app::Notice;
use crate::directory::{Route, Whole};
use crate::event::{Media, Output};
use crate::legs::Caller;
use crate::story::{Step, Story};

impl Call {
    /// The line of the other party: rung, or talked to.
    #[must_use]
    pub fn other_line(&self) -> Option<LineId> {
        self.other.as_ref().map(|other| other.line)
    }

    pub(super) fn ask_route(&mut self, called: Digits, inside: bool, whole: Whole) {
        self.say(Output::AskRoute { called, inside, whole });
    }

    pub(super) fn new_call(&mut self, now: Instant, offer: Indication) {
        let Indication::Offered { leg, line, port, calling, called, dialling } = offer else {
            return;
        };
        self.caller = Some(Caller { leg, line, port, gone: false });
        self.offered = now;
        let _ = self.path.push(Step::Line(line));
        let caller = calling.number.clone();
        self.tell(Story::Offered { line, caller, called: called.clone() });
        self.calling = calling;
        self.called = called;
        match dialling {
            Dialling::InBand => self.dial_tone(port, now + FIRST_DIGIT),
            Dialling::Hot { after_ms } => {
                self.hotline = std::mem::take(&mut self.called);
                self.dial_tone(port, now + Duration::from_millis(after_ms.into()));
            }
            Dialling::Own => {
                self.dialled_in_band = true;
                self.phase = Phase::Routing;
                self.ask_route(self.called.clone(), true, Whole::Yes);
            }
            Dialling::Complete | Dialling::Overlap => {
                self.phase = Phase::Routing;
                let complete = dialling == Dialling::Complete;
                let whole = if complete { Whole::Yes } else { Whole::Perhaps };
                self.ask_route(self.called.clone(), false, whole);
            }
        }
    }

    fn dial_tone(&mut self, port: PortId, until: Instant) {
        self.dialled_in_band = true;
        self.media(Media::Listen(port, true));
        self.media(Media::Tone(port, Tone::Dial));
        self.phase = Phase::Dialling { until };
    }

    pub(super) fn dialled(&mut self, now: Instant, digit: Digit) {
        let Some(port) = self.port() else { return };
        self.hotline = Digits::new();
        if self.called.is_empty() {
            self.media(Media::Silence(port));
        }
        // `#` says that the number is whole.
        let complete = digit.ascii() == b'#' || self.called.push(digit).is_err();
        self.phase = Phase::Dialling { until: now + NEXT_DIGIT };
        self.ask_route(self.called.clone(), true, whole(complete));
    }

    pub(super) fn dialling_ended(&mut self, now: Instant) {
        if self.called.is_empty() && !self.hotline.is_empty() {
            self.called = std::mem::take(&mut self.hotline);
            if let Some(port) = self.port() {
                self.media(Media::Silence(port));
            }
        }
        if self.called.is_empty() {
            return self.clear(now, Cause::NO_USER_RESPONDING, Party::Box);
        }
        self.phase = Phase::Routing;
        self.ask_route(self.called.clone(), true, Whole::Yes);
    }

    /// The directory's word for the number that the caller dialled.
    pub(super) fn routed(&mut self, now: Instant, route: Route) {
        match route {
            Route::Flow { tenant, flow } => self.enter_flow(tenant, flow),
            Route::Place { tenant, line, called, show, overlap, others } => {
                self.take(now, Way { tenant, line, called, show, overlap, others }, false);
            }
            // In band the digits go on until the timer says that they are complete.
            Route::More if self.dialled_in_band => {
                if self.phase == Phase::Routing {
                    self.phase = Phase::Dialling { until: now + NEXT_DIGIT };
                }
            }
            Route::More => {
                if let Some(Caller { leg, .. }) = self.caller {
                    self.line_do(Request::MoreDigits { leg });
                }
                self.phase = Phase::Overlap;
            }
            Route::Confer { tenant, terms } => self.confer(now, tenant, terms, false),
            Route::Nowhere(cause) => self.clear(now, cause, Party::Box),
        }
    }

    pub(super) fn enter_flow(&mut self, tenant: Tenant, flow: ContentHash) {
        let Some(Caller { leg, port, .. }) = self.caller else { return };
        self.tenant = tenant;
        self.flow = Some(flow);
        let _ = self.path.push(Step::Flow(flow));
        self.line_do(Request::Proceed { leg });
        self.media(Media::Listen(port, true));
        self.tell(Story::InFlow(flow));
        self.phase = Phase::InFlow;
        self.say(Output::App(Notice::Started));
    }
}
