//! Recordings of calls as the daemon sees them. All since version 7.

use serde::{Deserialize, Serialize};
use units::{CallId, ContentHash, Utc};

/// A recording, or a part of it: a core that goes on with a call begins another part. Its file in
/// the core's capture folder is `CALL.wav`, of later parts `CALL-PART.wav`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordingId {
    /// Of which call.
    pub call: CallId,
    /// Which part, from 1.
    pub part: u8,
}

/// A recording that is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Which.
    pub id: RecordingId,
    /// When it began.
    pub begun: Utc,
    /// Seconds of it, one that is not full included.
    pub seconds: u32,
    /// Blocks of 2 ms that never came and are silence.
    pub missing: u32,
    /// Its end was lost: the core or the machine stopped.
    pub cut: bool,
    /// The last hash of its chain.
    pub hash: ContentHash,
}

/// Why a call that was to be recorded was not, or not to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotRecorded {
    /// As many calls are recorded as can be.
    Full,
    /// The disk said this number (errno).
    Disk(i32),
    /// Nothing of it is on the disk.
    Lost,
}

/// What a file is found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// As it was recorded, from its beginning to its end.
    Whole,
    /// As it was recorded, but its end was lost.
    Cut,
    /// Somebody changed it.
    Changed {
        /// From this second on, counted from 1.
        second: u32,
    },
    /// It still goes on.
    Open,
    /// There is no such file.
    Missing,
    /// It is no recording of ours.
    Foreign,
}

/// A recording as its file says: an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStatus {
    /// Which.
    pub id: RecordingId,
    /// What it is.
    pub verdict: Verdict,
    /// Seconds of it that are as recorded.
    pub seconds: u32,
    /// The last hash of its chain, if it is as recorded.
    pub hash: Option<ContentHash>,
}
