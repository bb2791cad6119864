//! The end of a call: its legs are released, and its record is told.
//!
//! ```text
//!  clear ─┬─► other leg at a telephone, or none ──────────────────────────────► record told
//!         └─► other leg at a span: End kept ─┬─► it is gone (its charge first) ──► told
//!                                            └─► a minute without a word ────────► told
//! ```

use bearer::Request;
use engine::Tone;
use serde::{Deserialize, Serialize};
use units::{Cause, Charge, Finding, Instant, LegId, Party};

use super::{BUSY_TONE, Call, Phase};
use crate::app::Notice;
use crate::event::{Media, Output};
use crate::legs::{Caller, Other};
use crate::story::{Record, Step, Story};

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct End {
    at: Instant,
    cause: Cause,
    by: Party,
}

impl Call {
    /// The record tells it; the call itself goes on.
    pub(super) fn interrupted(&mut self) {
        if self.is_going_on() && self.path.last() != Some(&Step::Interrupted) {
            let _ = self.path.push(Step::Interrupted);
        }
    }

    /// The record tells what the call was, once.
    pub(super) fn found(&mut self, finding: Finding) {
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

    /// Ends the call: releases what is left.
    pub(super) fn clear(&mut self, now: Instant, cause: Cause, by: Party) {
        if matches!(self.phase, Phase::InFlow | Phase::Asking | Phase::Ringing { .. })
            && self.flow.is_some()
        {
            self.say(Output::App(Notice::Gone));
        }
        self.phase = Phase::Clearing { until: now + BUSY_TONE };
        self.end = Some(End { at: now, cause, by });
        self.release_other(cause);
        if let Some(Caller { leg, port, gone: false, .. }) = self.caller {
            self.media(Media::Listen(port, false));
            if self.dialled_in_band {
                self.media(Media::Tone(port, self.tone_of(cause)));
            } else {
                self.media(Media::Silence(port));
            }
            self.line_do(Request::Release { leg, cause });
        }
        self.perhaps_ended();
    }

    /// Whoever talked to somebody is told that it is over, and not why.
    fn tone_of(&self, cause: Cause) -> Tone {
        match cause {
            Cause::NORMAL_CLEARING | Cause::USER_BUSY => Tone::Busy,
            _ if self.connected.is_some() => Tone::Busy,
            _ => Tone::Failed(cause),
        }
    }

    /// A leg is gone: the call is over, or was already.
    pub(super) fn over(&mut self, now: Instant, cause: Cause, by: Party) {
        if matches!(self.phase, Phase::Clearing { .. } | Phase::Howling { .. } | Phase::Ended) {
            self.perhaps_ended();
        } else {
            self.clear(now, cause, by);
        }
    }

    pub(super) fn perhaps_ended(&mut self) {
        let clearing = matches!(self.phase, Phase::Clearing { .. } | Phase::Howling { .. });
        if !clearing {
            return;
        }
        if !self.other.as_ref().is_some_and(Other::may_cost) {
            self.tell_end();
        }
        if self.other.is_none() && self.caller.as_ref().is_none_or(|caller| caller.gone) {
            self.phase = Phase::Ended;
        }
    }

    pub(super) fn tell_end(&mut self) {
        if let Some(record) = self.untold() {
            self.end = None;
            self.tell(Story::Ended(Box::new(record)));
        }
    }

    /// The record of a call that is over and has not told it yet.
    #[must_use]
    pub fn untold(&self) -> Option<Record> {
        self.end.map(|End { at, cause, by }| Record {
            call: self.id,
            tenant: self.tenant,
            calling: self.calling.clone(),
            called: self.called.clone(),
            path: self.path.clone(),
            digits: self.digits.clone(),
            offered: self.offered,
            answered: self.answered,
            connected: self.connected,
            ended: at,
            cause,
            by,
            charge: self.charge(),
        })
    }

    /// Whether the call is over, and its record told or about to be.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Clearing { .. } | Phase::Howling { .. } | Phase::Ended)
    }

    /// What it costs, as far as the networks have told: all its legs together.
    #[must_use]
    pub fn charge(&self) -> Option<Charge> {
        self.charges.total()
    }

    pub(super) fn charged(&mut self, leg: LegId, charge: Charge) {
        if self.caller.as_ref().is_some_and(|caller| caller.leg == leg) {
            self.charges.caller = Some(charge);
        } else if self.other.as_ref().is_some_and(|other| other.leg == leg) {
            self.charges.other = Some(charge);
        }
    }

    /// Whether a telephone of ours is still lifted, and nobody at it: a jack may be a loudspeaker.
    pub(super) fn may_howl(&self) -> bool {
        let telephone = |caller: &Caller| !caller.gone && caller.line.analog().is_some();
        self.dialled_in_band && self.caller.as_ref().is_some_and(telephone)
    }
}
