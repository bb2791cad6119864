//! From the daemon to the core.

use serde::{Deserialize, Serialize};
use units::{CallId, ContentHash, SpanId, Timeslot};

use crate::recording::RecordingId;
use crate::sound::SoundAt;

/// What kind of document is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A compiled flow (`ivr::Program`).
    Program,
    /// The directory: which number goes where (`call::Directory`).
    Table,
}

/// What the daemon may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// Every span as it is now.
    Spans,
    /// Every call as it is now.
    Calls,
    /// Every socket as it is now.
    Ports,
    /// The core itself.
    Core,
    /// One span in all its layers.
    Span(SpanId),
    /// The test that runs, or the last one.
    Test,
    /// What was said on D channels for a call.
    Trace(CallId),
    /// A second of the sound of a place; the answer comes when it is over.
    Sound(SoundAt),
    /// Who is in which conference.
    Conferences,
    /// What the file of a recording is: it is read from end to end. Since version 7.
    Recording(RecordingId),
}

/// From the daemon to the core. Every command with a token is answered by `Up::Done`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Down<'a> {
    /// The first message.
    Hello {
        /// The oldest version that the daemon speaks.
        oldest: u16,
        /// The newest.
        newest: u16,
    },
    /// All events up to this number are durable; the core may forget them.
    Ack {
        /// The highest such number.
        number: u64,
    },
    /// Keep this document under its hash.
    Publish {
        /// For the answer.
        token: u32,
        /// What it is.
        kind: Kind,
        /// The SHA-256 of the octets.
        hash: ContentHash,
        /// The document.
        #[serde(borrow)]
        octets: &'a [u8],
    },
    /// Route new calls by this table, which was published before; calls in progress go on.
    Apply {
        /// For the answer.
        token: u32,
        /// Of the plan; one that is not newer than the last is refused as stale.
        generation: u64,
        /// The table.
        table: ContentHash,
    },
    /// Tell something as it is now.
    Ask {
        /// For the answer.
        token: u32,
        /// What.
        question: Question,
    },
    /// Write every frame of a D channel to a file in the core's capture folder, or stop.
    Capture {
        /// For the answer.
        token: u32,
        /// Which span's.
        span: SpanId,
        /// Start or stop.
        on: bool,
    },
    /// End a call.
    Clear {
        /// For the answer.
        token: u32,
        /// Which.
        call: CallId,
    },
    /// Have the exchange note who calls (EN 300 130-1). What came of it is an event.
    Identify {
        /// For the answer.
        token: u32,
        /// Which.
        call: CallId,
    },
    /// For tests, refused unless the core was started with them allowed: do nothing for a while.
    Stall {
        /// For the answer.
        token: u32,
        /// How long, in milliseconds.
        ms: u32,
    },
    /// Take the free channels of a span out of service and test them with the pattern of O.151;
    /// 0 seconds: end the test.
    Test {
        /// For the answer.
        token: u32,
        /// Which span.
        span: SpanId,
        /// How long.
        seconds: u16,
    },
    /// Let no call come on a channel or circuit when it is free, or let them come again. It stays
    /// so over a restart of the core.
    Block {
        /// For the answer.
        token: u32,
        /// Which span.
        span: SpanId,
        /// Which slot of it.
        slot: Timeslot,
        /// Block or open.
        on: bool,
    },
    /// Write the sound of a place to a file in the core's capture folder; 0 seconds: no more.
    Listen {
        /// For the answer.
        token: u32,
        /// Whose.
        at: SoundAt,
        /// At the end of the file's name.
        stamp: u32,
        /// How long.
        seconds: u16,
    },
    /// Start the program that stands where the core was started from, and let it take over.
    Upgrade {
        /// For the answer.
        token: u32,
    },
    /// Set how loud the caller of a call is heard in its conference; `None`: as before.
    Voice {
        /// For the answer.
        token: u32,
        /// Which call.
        call: CallId,
        /// In dB, -20 to 12.
        gain_db: Option<i8>,
        /// Not at all.
        muted: Option<bool>,
    },
}
