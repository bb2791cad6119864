//! A call that goes into a conference.
//!
//! ```text
//!   a route to a conference ──┬─► no pin ─────────────────────────────► Conferring
//!                             └─► Pin: two beeps, digits ── right ────────┘
//!                                  │   ▲ wrong, or nothing
//!                                  │   └── two beeps again
//!                                  └── wrong for the third time ──► congestion tone, released
//! ```

use bearer::Request;
use engine::Tone;
use serde::{Deserialize, Serialize};
use units::{Cause, Digit, Digits, Duration, Instant, Party, Tenant};

use super::{Call, Phase};
use crate::app::Notice;
use crate::conference::{Seat, Terms, Voice};
use crate::event::{Media, Output};
use crate::legs::Caller;
use crate::story::{Step, Story};

/// How long a digit of the pin is awaited.
const NEXT_DIGIT: Duration = Duration::from_secs(10);
/// How often it may be wrong.
const TRIES: u8 = 3;
/// How long who does not know it hears so.
const REFUSED: Duration = Duration::from_secs(3);

/// The conference that a call is in, or wants to enter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Conference {
    terms: Terms,
    /// Of the pin, so far.
    digits: Digits,
    entered: Option<Instant>,
    voice: Voice,
}

impl Call {
    /// A route leads into a conference.
    pub(super) fn confer(&mut self, now: Instant, tenant: Tenant, terms: Terms, by_flow: bool) {
        let Some(Caller { leg, port, gone: false, .. }) = self.caller else { return };
        if by_flow {
            self.say(Output::App(Notice::Connected));
        } else {
            self.tenant = tenant;
            self.line_do(Request::Proceed { leg });
        }
        self.answer(now);
        let asks = !terms.pin.0.is_empty();
        let (digits, voice) = (Digits::new(), Voice::default());
        self.conference = Some(Conference { terms, digits, entered: None, voice });
        if asks {
            self.media(Media::Listen(port, true));
            self.ask_pin(now, 0);
        } else {
            self.enter(now);
        }
    }

    fn ask_pin(&mut self, now: Instant, wrong: u8) {
        if let Some(port) = self.port() {
            self.media(Media::Silence(port));
            self.media(Media::Attention(port));
        }
        if let Some(conference) = &mut self.conference {
            conference.digits = Digits::new();
        }
        self.phase = Phase::Pin { until: now + NEXT_DIGIT, wrong };
    }

    pub(super) fn pin_digit(&mut self, now: Instant, digit: Digit, wrong: u8) {
        let Some(conference) = self.conference.as_mut().filter(|_| wrong < TRIES) else { return };
        let whole = digit.ascii() == b'#' || conference.digits.push(digit).is_err();
        let pin = &conference.terms.pin.0;
        if conference.digits == *pin {
            self.enter(now);
        } else if whole || conference.digits.len() >= pin.len() {
            self.pin_wrong(now, wrong + 1);
        } else {
            self.phase = Phase::Pin { until: now + NEXT_DIGIT, wrong };
        }
    }

    /// Nothing more was entered, or who was refused has heard it.
    pub(super) fn pin_ended(&mut self, now: Instant, wrong: u8) {
        if wrong < TRIES {
            return self.pin_wrong(now, wrong + 1);
        }
        self.clear(now, Cause::CALL_REJECTED, Party::Box);
    }

    fn pin_wrong(&mut self, now: Instant, wrong: u8) {
        if wrong < TRIES {
            return self.ask_pin(now, wrong);
        }
        if let Some(port) = self.port() {
            self.media(Media::Listen(port, false));
            self.media(Media::Tone(port, Tone::Congestion));
        }
        // The place is free for others.
        if let Some(Conference { terms, .. }) = self.conference.take() {
            self.tell(Story::PinRefused(terms.number));
        }
        self.phase = Phase::Pin { until: now + REFUSED, wrong };
    }

    fn enter(&mut self, now: Instant) {
        let Some(port) = self.port() else { return };
        let Some(conference) = &mut self.conference else { return };
        conference.digits = Digits::new();
        conference.entered = Some(now);
        let number = conference.terms.number.clone();
        self.connected = Some(now);
        let _ = self.path.push(Step::Conference(number.clone()));
        self.media(Media::Listen(port, false));
        self.phase = Phase::Conferring;
        self.tell(Story::InConference(number));
    }

    /// An operator sets how loud the caller is heard; `None`: as before.
    pub(super) fn set_voice(&mut self, gain_db: Option<i8>, muted: Option<bool>) {
        if let Some(Conference { voice, .. }) = &mut self.conference {
            voice.gain_db = gain_db.unwrap_or(voice.gain_db);
            voice.muted = muted.unwrap_or(voice.muted);
        }
    }

    /// The caller's place in a conference, while the call holds one.
    #[must_use]
    pub fn seat(&self) -> Option<Seat<'_>> {
        let holds = matches!(self.phase, Phase::Pin { .. } | Phase::Conferring);
        let Conference { terms, entered, voice, .. } = self.conference.as_ref()?;
        let port = self.port().filter(|_| holds)?;
        Some(Seat { terms, port, voice: *voice, entered: *entered })
    }
}
