//! The two legs of a call as the call sees them.

use serde::{Deserialize, Serialize};
use units::{Digits, LegId, LineId, PortId};

use crate::directory::Lines;

/// The leg of the one who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Caller {
    pub(crate) leg: LegId,
    pub(crate) line: LineId,
    pub(crate) port: PortId,
    /// The line has said that it is gone.
    pub(crate) gone: bool,
}

/// The leg that is rung or talked to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Other {
    pub(crate) leg: LegId,
    pub(crate) number: Digits,
    pub(crate) port: Option<PortId>,
    /// The call has asked the line to release it.
    pub(crate) released: bool,
}

/// What is left of a trunk of several lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hunting {
    /// Not tried yet.
    pub(crate) others: Lines,
    /// Whom to ask for there.
    pub(crate) called: Digits,
    /// Shown instead of the caller, if not empty.
    pub(crate) show: Digits,
}
