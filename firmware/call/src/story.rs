//! What a call tells of itself: details as they happen, and the whole at its end.

use bearer::{Calling, Served};
use serde::{Deserialize, Serialize};
use units::{CallId, Cause, Charge, ContentHash, Digits, Finding, Instant, LineId, Party, Tenant};

/// One step of a call's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Came in on a line.
    Line(LineId),
    /// Entered a flow.
    Flow(ContentHash),
    /// This number was rung.
    Rang(Digits),
    /// This number was connected.
    Connected(Digits),
    /// The box's program was restarted under the call.
    Interrupted,
    /// The exchange sent the caller to this number without the box.
    Deflected(Digits),
    /// The exchange joined both legs without the box.
    Joined,
    /// The exchange has noted who calls.
    Identified,
    /// Entered the conference of this number.
    Conference(Digits),
    /// Who or what was there, by the sound: [`Finding::is_kept`].
    Found(Finding),
}

/// The way of a call as far as its record keeps it.
pub type Path = heapless::Vec<Step, { limits::RECORD_PATH }>;

/// A call from offer to end. Times are the box's; UTC is computed where the record leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Its identity.
    pub call: CallId,
    /// Whose it is.
    pub tenant: Tenant,
    /// Who called.
    pub calling: Calling,
    /// Whom.
    pub called: Digits,
    /// Its way.
    pub path: Path,
    /// What the caller entered.
    pub digits: Digits,
    /// Times.
    pub offered: Instant,
    /// When it was answered.
    pub answered: Option<Instant>,
    /// When the caller talked to a person, or entered a conference.
    pub connected: Option<Instant>,
    /// When it ended.
    pub ended: Instant,
    /// Why.
    pub cause: Cause,
    /// Who ended it.
    pub by: Party,
    /// What it cost, if a network told: all legs together.
    pub charge: Option<Charge>,
}

/// Something worth telling while it happens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Story {
    /// Offered.
    Offered {
        /// On which line.
        line: LineId,
        /// Who calls.
        caller: Digits,
        /// Whom.
        called: Digits,
    },
    /// Entered a flow.
    InFlow(ContentHash),
    /// Answered.
    Answered,
    /// The caller hears this prompt.
    Prompt(ContentHash),
    /// The caller entered this.
    Digits(Digits),
    /// This number is being rung.
    Ringing(Digits),
    /// The caller talks with this number.
    Connected(Digits),
    /// The exchange did something for it.
    Served(Served),
    /// The exchange did not what an operator asked for.
    Refused(Served),
    /// The caller entered the conference of this number.
    InConference(Digits),
    /// The caller did not know the pin of this conference.
    PinRefused(Digits),
    /// It ended: the whole.
    Ended(Box<Record>),
}
