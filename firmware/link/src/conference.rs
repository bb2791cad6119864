//! Conferences as the daemon sees them.

use serde::{Deserialize, Serialize};
use units::{CallId, Digits, Utc};

/// A call's place in a conference. Since version 6.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatStatus {
    /// The number of the conference.
    pub conference: Digits,
    /// The call.
    pub call: CallId,
    /// Who it is; perhaps empty.
    pub caller: Digits,
    /// Since when it is in; `None` while the pin is asked.
    pub entered: Option<Utc>,
    /// How loud it is heard, in dB.
    pub gain_db: i8,
    /// It is not heard.
    pub muted: bool,
}
