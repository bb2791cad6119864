//! From the core to the daemon.

use serde::{Deserialize, Serialize};
use units::{BoxId, CallId, ContentHash, Digits, LineId, PortId, Utc};

use crate::conference::SeatStatus;
use crate::core::CoreStatus;
use crate::event::Event;
use crate::port::PortStatus;
use crate::recording::RecordingStatus;
use crate::sound::SoundStatus;
use crate::span::{SpanDetail, SpanStatus, TestStatus, Traced};

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallPhase {
    /// The called number is awaited.
    Dialling,
    /// A flow holds it.
    InFlow,
    /// A number is being rung.
    Ringing,
    /// Two talk.
    Talking,
    /// It is being cleared.
    Clearing,
    /// It is in a conference, or its pin is asked.
    Conference,
}

/// A call as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallStatus {
    /// Which.
    pub call: CallId,
    /// Where it came in.
    pub line: LineId,
    /// The caller's place in the matrix.
    pub port: Option<PortId>,
    /// The other party's place in the matrix.
    pub other: Option<PortId>,
    /// The caller.
    pub caller: Digits,
    /// The number called.
    pub called: Digits,
    /// How far it is.
    pub phase: CallPhase,
    /// When it was offered.
    pub offered: Utc,
    /// When it was answered.
    pub answered: Option<Utc>,
}

/// What became of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done, and safe on disk where the command says so.
    Done,
    /// The octets do not have the hash that they were published under.
    WrongHash,
    /// The core does not run this (a format of another release, a table that names what is not
    /// there).
    Refused,
    /// Something that the command names is not there.
    NotFound,
    /// A limit is reached.
    Full,
    /// The disk said this number (errno).
    Disk(i32),
    /// The step belongs to an older plan.
    Stale,
}

/// From the core to the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Up {
    /// The answer to the daemon's hello.
    Hello {
        /// The version spoken from here on.
        version: u16,
        /// Which box.
        box_id: BoxId,
        /// How many times the core has started.
        boot: u32,
        /// Which spool the numbers belong to; another one begins again at 1.
        spool: u64,
        /// The number of the next event.
        next_event: u64,
        /// The table in force.
        table: Option<ContentHash>,
        /// The generation of the plan that was applied last.
        generation: u64,
    },
    /// No version in common, or another daemon is connected.
    Refused {
        /// The oldest version that the core speaks.
        oldest: u16,
        /// The newest.
        newest: u16,
        /// The process of the daemon that is connected already.
        connected: Option<u32>,
    },
    /// A span as it is now: part of the snapshot (token 0) or of an answer.
    Span {
        /// The question's.
        token: u32,
        /// The span.
        status: SpanStatus,
    },
    /// A call as it is now: part of the snapshot (token 0) or of an answer.
    Call {
        /// The question's.
        token: u32,
        /// The call.
        status: CallStatus,
    },
    /// All that is now has been told.
    SnapshotEnd,
    /// Something happened.
    Event(Event),
    /// A command or a question is done with.
    Done {
        /// The command's.
        token: u32,
        /// What became of it.
        outcome: Outcome,
    },
    /// A socket as it is now: part of the snapshot (token 0) or of an answer.
    Port {
        /// The question's.
        token: u32,
        /// The socket.
        status: PortStatus,
    },
    /// A span in all its layers: an answer.
    SpanDetail {
        /// The question's.
        token: u32,
        /// The span.
        detail: SpanDetail,
    },
    /// A test as far as it has come: an answer.
    Test {
        /// The question's.
        token: u32,
        /// The test.
        status: TestStatus,
    },
    /// A message of a call, oldest first: part of an answer.
    Traced {
        /// The question's.
        token: u32,
        /// The message.
        traced: Traced,
    },
    /// A second of a place's sound: an answer.
    Sound {
        /// The question's.
        token: u32,
        /// The sound.
        status: SoundStatus,
    },
    /// The core as it is now: an answer.
    Core {
        /// The question's.
        token: u32,
        /// The core.
        status: CoreStatus,
    },
    /// A place in a conference: part of an answer.
    Seat {
        /// The question's.
        token: u32,
        /// The place.
        status: SeatStatus,
    },
    /// What the file of a recording is: an answer.
    Recording {
        /// The question's.
        token: u32,
        /// The recording.
        status: RecordingStatus,
    },
}
