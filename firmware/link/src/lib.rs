//! The one contract between the core and the daemon: events up, commands down.
//!
//! ```text
//!   core                                                        daemon
//!    │ ◄──────────────────────────────── Hello { oldest, newest } │
//!    │ Hello { version, boot, … } ──────────────────────────────► │
//!    │ Span, Call … (what is now), SnapshotEnd ─────────────────► │
//!    │ Event { number, … } (from the spool, then live) ─────────► │
//!    │ ◄───────────────────────────────────── Ack { number }      │
//!    │ ◄──────────── Publish { hash, octets }, Apply { table }, … │
//!    │ Done { token, result } ──────────────────────────────────► │
//! ```
//!
//! * One message is a datagram or several chunks of a Unix seqpacket socket ([`chunk`]).
//! * Events are numbered without gaps by the core and stay in its spool until acknowledged; a
//!   replay of events that the daemon has already folded is harmless, because it knows the number.
//! * An event that ends a call carries the whole record, so that nothing hangs on the details
//!   before it, which may be dropped when the spool runs short.
//! * Audio never crosses the link: prompts and recordings are files named by content hash.
//! * Each side validates everything that it reads: these types cannot hold what is out of range,
//!   and what does not decode is counted and dropped.
#![no_std]

#[cfg(test)]
extern crate std;

pub mod chunk;
mod codec;
mod conference;
mod core;
mod down;
mod event;
mod port;
mod recording;
mod sound;
mod span;
mod up;

pub use self::core::{CoreStatus, JournalStatus, Waking};
pub use bearer::{DChannel, Served};
pub use codec::{CodecFault, decode_down, decode_up, encode};
pub use conference::SeatStatus;
pub use down::{Down, Kind, Question};
pub use event::{Alarm, CallRecord, Detail, Event, JournalTrouble, PathStep};
pub use port::{JackRole, Label, PortStatus, Socket, Trouble, Voltages};
pub use recording::{NotRecorded, Recording, RecordingId, RecordingStatus, Verdict};
pub use sound::{EchoStatus, SoundAt, SoundStatus};
pub use span::{
    CasStatus, ChannelStatus, ChannelUse, CircuitState, LinkState, LinkStatus, QUARTERS_TOLD,
    SpanCounters, SpanDetail, SpanStatus, TestStatus, Traced,
};
pub use up::{CallPhase, CallStatus, Outcome, Up};

/// The version of the messages that this release speaks.
pub const VERSION: u16 = 8;
/// The oldest version that this release understands: one release back. There is none yet.
pub const OLDEST: u16 = 4;
