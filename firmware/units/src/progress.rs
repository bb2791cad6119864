//! The tones by which an exchange says how a call goes (E.180).

use serde::{Deserialize, Serialize};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CallTone {
    /// Dial now.
    Dial,
    /// The called telephone rings.
    RingBack,
    /// The called party is busy, or has hung up.
    Busy,
    /// The network has no way.
    Congestion,
    /// The number does not exist.
    Unobtainable,
}

impl CallTone {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::Dial, Self::RingBack, Self::Busy, Self::Congestion, Self::Unobtainable];

    /// Whether a call in which it is heard has come to its end.
    #[must_use]
    pub const fn ends(self) -> bool {
        match self {
            Self::Busy | Self::Congestion | Self::Unobtainable => true,
            Self::Dial | Self::RingBack => false,
        }
    }
}
