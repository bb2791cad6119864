//! The two legs of a call as the call sees them.

use serde::{Deserialize, Serialize};
use units::{Charge, Digits, LegId, LineId, PortId};

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
    pub(crate) line: LineId,
    pub(crate) number: Digits,
    pub(crate) port: Option<PortId>,
    /// The call has asked the line to release it.
    pub(crate) released: bool,
}

impl Other {
    /// Whether its line may tell a charge with the end of the leg: a span of an exchange may, and
    /// lets go soon; a telephone of ours never does, and may stay lifted.
    pub(crate) const fn may_cost(&self) -> bool {
        self.line.span().is_some()
    }
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

/// What the legs of a call cost, as far as their lines have told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Charges {
    /// Of the caller's leg: the network may charge the one who is called.
    pub(crate) caller: Option<Charge>,
    /// Of the other leg.
    pub(crate) other: Option<Charge>,
    /// Of others before it.
    gone: Option<Charge>,
}

impl Charges {
    /// The other leg is gone.
    pub(crate) fn other_gone(&mut self) {
        self.gone = sum(self.gone, self.other.take());
    }

    /// All together.
    pub(crate) fn total(&self) -> Option<Charge> {
        sum(sum(self.gone, self.other), self.caller)
    }
}

fn sum(one: Option<Charge>, two: Option<Charge>) -> Option<Charge> {
    match (one, two) {
        (Some(one), Some(two)) => Some(one.and(two)),
        (one, two) => one.or(two),
    }
}
