//! A recording as one row.

use link::{Recording, RecordingId};
use units::{CallId, Utc};

/// A recording of a call, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingRow {
    /// Its number at this box, from 1; 0 until it is stored.
    pub number: u32,
    /// Of which call.
    pub call: CallId,
    /// Which part, from 1.
    pub part: u8,
    /// When it began; of one that is not there, when that was told.
    pub begun: i64,
    /// Its seconds.
    pub seconds: u32,
    /// `whole`, `cut`, `none`.
    pub state: String,
    /// The last hash of its chain: 64 hexadecimal digits.
    pub hash: Option<String>,
    /// Who called whom, once the record of the call is there.
    pub parties: Option<(String, String)>,
    /// A person keeps it: it is not erased.
    pub held: bool,
    /// When its file was erased, in microseconds of UTC, and by which rule.
    pub erased: Option<(i64, String)>,
}

impl RecordingRow {
    /// The name of its file in the core's folder, without ending.
    #[must_use]
    pub fn file(&self) -> String {
        match self.part {
            1 => self.call.to_string(),
            part => format!("{}-{part}", self.call),
        }
    }

    fn new(RecordingId { call, part }: RecordingId, begun: Utc, state: &str) -> Self {
        Self {
            number: 0,
            call,
            part,
            begun: begun.0,
            seconds: 0,
            state: state.into(),
            hash: None,
            parties: None,
            held: false,
            erased: None,
        }
    }

    /// The row of one that is closed.
    #[must_use]
    pub fn closed(recording: &Recording) -> Self {
        let state = if recording.cut { "cut" } else { "whole" };
        Self {
            seconds: recording.seconds,
            hash: Some(recording.hash.to_string()),
            ..Self::new(recording.id, recording.begun, state)
        }
    }

    /// The row of one that is not there.
    #[must_use]
    pub fn none(id: RecordingId, at: Utc) -> Self {
        Self::new(id, at, "none")
    }
}
