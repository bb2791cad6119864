//! What comes to a link and what it puts out.

use heapless::Vec;
use serde::{Deserialize, Serialize};
use units::Duration;

use crate::fault::MdlError;

/// A frame from address to information, without flags and FCS.
pub type Frame = Vec<u8, { limits::FRAME_OCTETS }>;

/// A message of layer 3: the information of one I frame, at most N201 octets.
pub type Message = Vec<u8, { limits::N201 }>;

/// Which end of the access this is: it decides the meaning of the C/R bit (Q.921 3.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// The subscriber's side.
    User,
    /// The exchange's side.
    Network,
}

impl Role {
    /// The other end.
    #[must_use]
    pub const fn peer(self) -> Self {
        match self {
            Self::User => Self::Network,
            Self::Network => Self::User,
        }
    }
}

/// The system parameters of Q.921 5.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Which end this is.
    pub role: Role,
    /// How long a command with P = 1 waits for its answer (5.9.1): 1 s.
    pub t200: Duration,
    /// How long the link may be silent before it is asked (5.9.8): 10 s.
    pub t203: Duration,
    /// How often a command is sent again (5.9.2): 3.
    pub n200: u8,
    /// I frames sent and not acknowledged (5.9.5): 7 at 64 kbit/s; kept within 1 to the queue's
    /// [`limits::D_QUEUE`].
    pub k: u8,
}

impl Config {
    /// The values that Q.921 5.9 gives for primary access.
    #[must_use]
    pub const fn new(role: Role) -> Self {
        Self { role, t200: Duration::from_secs(1), t203: Duration::from_secs(10), n200: 3, k: 7 }
    }
}

/// What can happen to a link, its timers excepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// DL-ESTABLISH request.
    EstablishRequest,
    /// DL-RELEASE request.
    ReleaseRequest,
    /// DL-DATA request.
    DataRequest(Message),
    /// Layer 3 cannot take messages for a while (own receiver busy, 5.6.6). A reset of the link
    /// ends it.
    ReceiverBusy,
    /// Layer 3 can take messages again.
    ReceiverReady,
    /// A frame with a good FCS came from the line.
    Frame(Frame),
    /// Layer 1 is down and will stay so (MPH- or PH-DEACTIVATE indication that lasts).
    PersistentDeactivation,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// [`limits::MESSAGE_QUEUE`] messages wait already.
    Full,
    /// The link is not established.
    NotEstablished,
    /// It is longer than N201 octets.
    TooLong,
}

/// What a link wants to happen; frames and messages as values, or as slices ([`Link::poll`]).
///
/// [`Link::poll`]: crate::Link::poll
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output<F = Frame, M = Message> {
    /// A frame for the line.
    Transmit(F),
    /// DL-ESTABLISH indication: the peer set the link up, or the link was reset and messages that
    /// were waiting are lost.
    EstablishIndication,
    /// DL-ESTABLISH confirm.
    EstablishConfirm,
    /// DL-RELEASE indication: the link is down.
    ReleaseIndication,
    /// DL-RELEASE confirm.
    ReleaseConfirm,
    /// DL-DATA indication.
    Data(M),
    /// MDL-ERROR indication.
    Error(MdlError),
    /// A DL-DATA request was not taken: [`limits::MESSAGE_QUEUE`] messages wait already.
    Full,
    /// A DL-DATA request was not taken: the link is not established.
    NotEstablished,
}

impl<F, M> Output<F, M> {
    /// The same with other types for frames and messages.
    #[inline]
    pub fn map<G, N>(
        self,
        frame: impl FnOnce(F) -> G,
        message: impl FnOnce(M) -> N,
    ) -> Output<G, N> {
        match self {
            Self::Transmit(octets) => Output::Transmit(frame(octets)),
            Self::EstablishIndication => Output::EstablishIndication,
            Self::EstablishConfirm => Output::EstablishConfirm,
            Self::ReleaseIndication => Output::ReleaseIndication,
            Self::ReleaseConfirm => Output::ReleaseConfirm,
            Self::Data(octets) => Output::Data(message(octets)),
            Self::Error(code) => Output::Error(code),
            Self::Full => Output::Full,
            Self::NotEstablished => Output::NotEstablished,
        }
    }
}
