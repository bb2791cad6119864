//! What control asks of the disk thread, and what the disk answers.

use std::collections::BTreeSet;

use engine::Clip;
use link::{Detail, Event, Outcome, RecordingId, RecordingStatus};
use units::{ContentHash, SpanId, Utc};

/// What the disk shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Keep an event.
    Append {
        /// When it happened.
        at: Utc,
        /// What happened.
        detail: Detail,
        /// Which record of this box it is; 0 for a detail, which may be lost.
        origin: u64,
    },
    /// Forget events up to this number.
    Acknowledge(u64),
    /// Read events.
    Read {
        /// The first.
        from: u64,
        /// How many at most.
        count: u64,
    },
    /// Keep a published document under its hash.
    Keep {
        /// The command's.
        token: u32,
        /// Its SHA-256.
        hash: ContentHash,
        /// The document.
        octets: Vec<u8>,
    },
    /// Read a published document.
    Fetch(ContentHash),
    /// Remember which table is in force.
    SetCurrent(Current),
    /// Bring a prompt into locked memory.
    LoadPrompt(ContentHash),
    /// Write the frames of a D channel to a file from now on, or stop.
    Capture {
        /// Whose.
        span: SpanId,
        /// When.
        at: Utc,
        /// Start or stop.
        on: bool,
        /// The command's.
        token: u32,
    },
    /// A frame of a D channel that is being captured.
    Captured {
        /// Whose.
        span: SpanId,
        /// When.
        at: Utc,
        /// By us.
        sent: bool,
        /// We are the network.
        network: bool,
        /// The frame.
        frame: Vec<u8>,
    },
}

/// Which table is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Current {
    /// Its hash.
    pub table: ContentHash,
    /// The generation of the plan that put it in force.
    pub generation: u64,
}

/// What a recording came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// When it began.
    pub begun: Utc,
    /// Its seconds, one that is not full included.
    pub seconds: u32,
    /// Blocks of 2 ms that never came.
    pub missing: u32,
    /// Its end was lost.
    pub cut: bool,
    /// The last hash of its chain.
    pub hash: ContentHash,
}

/// What the disk did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// The event is in the spool, under its number.
    Appended {
        /// It.
        event: Event,
        /// As it was in the task.
        origin: u64,
    },
    /// The event is not in the spool.
    NotAppended {
        /// When it happened.
        at: Utc,
        /// The event.
        detail: Detail,
        /// As it was in the task.
        origin: u64,
        /// Why.
        reason: Refusal,
        /// Detail events dropped so far.
        dropped: u64,
    },
    /// How much room the spool has for records.
    Room {
        /// New calls can leave their records.
        enough: bool,
    },
    /// Events that were asked for; none if the first cannot be read.
    Read {
        /// The first asked for.
        from: u64,
        /// The events.
        events: Vec<Event>,
    },
    /// A command of the daemon was carried out.
    Command {
        /// Its token.
        token: u32,
        /// What became of it.
        outcome: Outcome,
    },
    /// A published document, if it is there and whole.
    Fetched(ContentHash, Option<Vec<u8>>),
    /// A prompt, if it is there, whole and has room.
    Prompt(ContentHash, Result<Clip, PromptFault>),
    /// A capture began or ended.
    Capturing(SpanId, bool),
    /// The file of a tap is closed, or nothing more is written to it.
    Taken {
        /// The tap.
        tap: u32,
        /// What stands there; `None`: nothing.
        kept: Option<Kept>,
        /// Why it ended before its time (errno).
        fault: Option<i32>,
    },
    /// What is left of a recording that another process began; `None`: nothing.
    Settled(RecordingId, Option<Kept>),
    /// What a file was found to be.
    Judged {
        /// The question's.
        token: u32,
        /// What.
        status: RecordingStatus,
    },
    /// The disk refused something that nobody waits for (errno).
    Fault(i32),
}

/// Why an event is not in the spool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Room is short and it was a detail.
    Short,
    /// There is no room.
    Full,
    /// The disk said this (errno).
    Disk(i32),
}

/// Why a prompt cannot be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptFault {
    /// No file, or its octets have another hash.
    Missing,
    /// No room in locked memory, or too long.
    Full,
}

/// What the disk knew when the core started.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// How many times the core has started, this time included.
    pub boot: u32,
    /// Which spool.
    pub spool: u64,
    /// The highest number acknowledged.
    pub acknowledged: u64,
    /// The newest number.
    pub last: u64,
    /// The table in force.
    pub current: Option<Current>,
    /// Records in the spool that nobody has acknowledged, by their origins.
    pub origins: BTreeSet<u64>,
}
