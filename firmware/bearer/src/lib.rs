//! The one port between lines and calls. Whatever a line is (PRI, R2, analog), calls see it
//! through these types; whatever a call wants, lines hear it through these.
//!
//! ```text
//!   span ── Indication ──► call
//!   span ◄── Request ───── call
//! ```
//!
//! A leg is named by the [`LegId`] that its first seizure minted: by the line for a call that
//! comes in, by the call for one that goes out. After [`Indication::Released`] the line has
//! forgotten the leg; after [`Request::Release`] the call has, and hears one `Released` all the
//! same when the line is free.
#![no_std]

mod access;
mod exchange_line;
mod extension;

pub use access::{Access, DChannel, Hunt, NumberKind, Side, Switch, TIMERS};
pub use exchange_line::ExchangeLine;
pub use extension::Extension;

use serde::{Deserialize, Serialize};
use units::{Category, Cause, Charge, Digits, LegId, LineId, Party, PortId};

/// How the called number reaches us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dialling {
    /// All of it is in the offer.
    Complete,
    /// More may follow in the signalling ([`Indication::Digits`]).
    Overlap,
    /// It is dialled in the voice channel after dial tone (an analog telephone).
    InBand,
    /// All of it is in the offer and it is the box's own: a button that calls one number.
    Own,
    /// In the voice channel after dial tone; the number in the offer is the box's own, and is
    /// called if nothing is dialled for so long (a hotline).
    Hot {
        /// Milliseconds of dial tone.
        after_ms: u32,
    },
}

/// Whether the caller wants to be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presentation {
    /// The number may be shown.
    #[default]
    Allowed,
    /// The caller withholds it (CLIR).
    Restricted,
    /// The network does not know it.
    Unavailable,
}

/// A calling party as the line tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calling {
    /// The number, perhaps empty.
    pub number: Digits,
    /// Whether it may be shown.
    pub presentation: Presentation,
    /// What kind of caller, if the line tells; of a call that is placed, if the line is to tell
    /// another than its own.
    pub category: Option<Category>,
}

/// What a line can be asked beyond a basic call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Service {
    /// To note who calls, for the police: malicious call identification.
    Identify,
    /// To send the caller to this number without us, before the answer: call deflection. If it is
    /// done, the leg is released.
    Deflect(Digits),
    /// To join the answered leg with another one of the line, without us: explicit call transfer.
    /// If it is done, both are released.
    Join(LegId),
    /// To show this number to the caller with the answer: connected line presentation. Nothing is
    /// told of it.
    Show(Digits),
}

/// What an exchange did for a call, as it is told to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Served {
    /// It noted who calls.
    Identified,
    /// It sent the caller elsewhere.
    Deflected,
    /// It joined both legs.
    Joined,
}

/// Elements of a signalling message in the form of Q.931 4.5, which are none of the box's business
/// and go from leg to leg. They pass beside what is indicated or requested, and only where there
/// are some: everything else stays small.
pub type Elements = heapless::Vec<u8, { limits::ELEMENTS }, u8>;

/// What a line tells calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Indication {
    /// A call comes in on `port`, which is reserved for it.
    Offered {
        /// Minted by the line.
        leg: LegId,
        /// Where it came in.
        line: LineId,
        /// Its place in the matrix.
        port: PortId,
        /// Who calls.
        calling: Calling,
        /// Whom.
        called: Digits,
        /// Whether `called` is all there is.
        dialling: Dialling,
    },
    /// More digits of the called number, from the signalling.
    Digits {
        /// Whose.
        leg: LegId,
        /// In the order dialled.
        digits: Digits,
        /// The sender says that there are no more.
        complete: bool,
    },
    /// A call that we placed has its place in the matrix, from now on.
    Channel {
        /// Whose.
        leg: LegId,
        /// Its place.
        port: PortId,
    },
    /// The far side rings (or says that the call proceeds there).
    Alerting {
        /// Whose.
        leg: LegId,
        /// Tones or announcements come in the voice channel.
        in_band: bool,
    },
    /// Something to hear comes in the voice channel before the answer.
    Progress {
        /// Whose.
        leg: LegId,
    },
    /// The far side answered.
    Answered {
        /// Whose.
        leg: LegId,
    },
    /// The far side, which has answered, notifies people at the other end of something: it was put
    /// on hold, it was transferred, and the like.
    Notified {
        /// Whose.
        leg: LegId,
        /// What, as Q.931 4.5.22 and Q.932 number it: 0 to 127.
        what: u8,
    },
    /// What the leg has cost so far, all of it: the last one counts. A line that learns the charge
    /// with the end of the leg says it before [`Self::Released`].
    Charge {
        /// Whose.
        leg: LegId,
        /// The total.
        charge: Charge,
    },
    /// Something was asked that is more than a basic call, and this became of it.
    Served {
        /// Whose.
        leg: LegId,
        /// What was asked.
        service: Service,
        /// It was done. If not, all is as it was before.
        done: bool,
    },
    /// The leg is gone and its port is free.
    Released {
        /// Whose.
        leg: LegId,
        /// Why (Q.850).
        cause: Cause,
        /// Who began it, seen from this leg: `Called` or `Caller` is the person at the far end of
        /// the leg, `Network` the line itself, `Box` a release that the call requested.
        by: Party,
    },
}

impl Indication {
    /// The leg that it is about.
    #[must_use]
    pub const fn leg(&self) -> LegId {
        match self {
            Self::Offered { leg, .. }
            | Self::Digits { leg, .. }
            | Self::Channel { leg, .. }
            | Self::Alerting { leg, .. }
            | Self::Progress { leg }
            | Self::Answered { leg }
            | Self::Notified { leg, .. }
            | Self::Charge { leg, .. }
            | Self::Served { leg, .. }
            | Self::Released { leg, .. } => *leg,
        }
    }
}

/// What calls ask of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Place a call out. Answered by `Channel` or `Released`.
    Place {
        /// Minted by the call.
        leg: LegId,
        /// On which line.
        line: LineId,
        /// Who calls.
        calling: Calling,
        /// Whom; for an analog telephone, nobody but the one at the port.
        called: Digits,
    },
    /// The number is not complete: more digits are awaited in the signalling.
    MoreDigits {
        /// Whose.
        leg: LegId,
    },
    /// More digits of the number that was placed, on a line that takes them one by one.
    Digits {
        /// Whose.
        leg: LegId,
        /// In the order dialled.
        digits: Digits,
        /// There are no more.
        complete: bool,
    },
    /// The number is complete and a destination was found.
    Proceed {
        /// Whose.
        leg: LegId,
    },
    /// The destination rings.
    Alert {
        /// Whose.
        leg: LegId,
    },
    /// There is something to hear in the voice channel before the answer.
    Progress {
        /// Whose.
        leg: LegId,
    },
    /// Answer the call that was offered.
    Answer {
        /// Whose.
        leg: LegId,
    },
    /// Notify the far side, which has answered or was, of what the other leg's line told.
    Notify {
        /// Whose.
        leg: LegId,
        /// What: [`Indication::Notified`].
        what: u8,
    },
    /// Do something that is more than a basic call. Answered by `Served`.
    Ask {
        /// Whose.
        leg: LegId,
        /// What.
        service: Service,
    },
    /// End the leg, whatever its state.
    Release {
        /// Whose.
        leg: LegId,
        /// Why (Q.850).
        cause: Cause,
    },
}

impl Request {
    /// The leg that it is about.
    #[must_use]
    pub const fn leg(&self) -> LegId {
        match self {
            Self::Place { leg, .. }
            | Self::MoreDigits { leg }
            | Self::Digits { leg, .. }
            | Self::Proceed { leg }
            | Self::Alert { leg }
            | Self::Progress { leg }
            | Self::Answer { leg }
            | Self::Notify { leg, .. }
            | Self::Ask { leg, .. }
            | Self::Release { leg, .. } => *leg,
        }
    }
}
