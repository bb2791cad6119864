//! From the core to the daemon.

use serde::{Deserialize, Serialize};
use units::{BoxId, CallId, ContentHash, Digits, LineId, PortId, SpanId, Utc};

use crate::core::CoreStatus;
use crate::event::Event;
use crate::port::PortStatus;
use crate::span::{SpanDetail, TestStatus};

/// What a span counted since the card was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanCounters {
    /// Bipolar violations.
    pub code_violations: u64,
    /// CRC-4 errors seen here.
    pub crc_errors: u64,
    /// CRC-4 errors that the far side saw (E bits).
    pub far_crc_errors: u64,
    /// Frame alignment words with errors.
    pub fas_errors: u64,
    /// Frames dropped or repeated.
    pub slips: u64,
    /// Losses of frame alignment.
    pub losses_of_frame: u64,
    /// D-channel frames with a wrong check sequence, aborted, too long or too short.
    pub bad_frames: u64,
    /// D-channel frames that a machine could not make sense of.
    pub refused_frames: u64,
    /// D-channel frames received whole.
    pub frames_in: u64,
    /// D-channel frames sent.
    pub frames_out: u64,
}

/// A span as it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanStatus {
    /// Which.
    pub span: SpanId,
    /// No signal.
    pub los: bool,
    /// No frame alignment.
    pub lof: bool,
    /// All ones come.
    pub ais: bool,
    /// The far side does not understand us.
    pub rai: bool,
    /// No CRC-4 multiframe alignment although it is configured.
    pub lomf: bool,
    /// The data link is established.
    pub data_link: bool,
    /// B channels that carry a call.
    pub busy: u8,
    /// B channels there are.
    pub channels: u8,
    /// B channels out of service.
    pub blocked: u8,
    /// Whether its D channel is being captured.
    pub capturing: bool,
    /// What it counted.
    pub counters: SpanCounters,
}

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
    /// The core as it is now: an answer.
    Core {
        /// The question's.
        token: u32,
        /// The core.
        status: CoreStatus,
    },
}
