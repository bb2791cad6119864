//! Whose calls something is done with, and how they are recorded.

use serde::{Deserialize, Serialize};
use units::{Digits, LineId};

/// Whose calls something is done with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// All over this line.
    Line(LineId),
    /// All to this number, and all of the telephone or jack that has it.
    Number(Digits),
}

impl Whose {
    /// Whether these are the calls of this number.
    #[must_use]
    pub fn is_number(&self, number: &Digits) -> bool {
        matches!(self, Self::Number(own) if own == number)
    }
}

/// What becomes of keys in a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordedKeys {
    /// Both sides are silent while one is heard.
    #[default]
    Muted,
    /// They are heard in it.
    Kept,
}

/// What files are made of calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RecordingFile {
    /// The octets of the line.
    #[default]
    Wav,
    /// Ogg Opus.
    Opus,
}

/// How calls are recorded, all of the box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// What files are made.
    pub file: RecordingFile,
    /// What becomes of keys.
    pub keys: RecordedKeys,
}
