//! What can be asked at the console.

use link::SoundAt;
use units::{CallId, Digits, SpanId, Timeslot};

use crate::conference::{PartyDo, PartyName};

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Spans and their counters.
    Spans,
    /// One span in all its layers.
    Span(SpanId),
    /// What is wrong with a span.
    Diagnose(SpanId),
    /// A second of the sound of a place.
    Sound(SoundAt),
    /// What is wrong with the sound of a place.
    DiagnoseSound(SoundAt),
    /// Writes the sound of a place to a file for so many seconds.
    Listen(SoundAt, u16),
    /// Tests the free channels of a span for so many seconds.
    Test(SpanId, u16),
    /// The sockets of the box and what keeps them from working.
    Board,
    /// The core itself: how it woke up, its journal.
    Core,
    /// Calls in progress.
    Calls,
    /// The newest records.
    Records(u32),
    /// The newest records, for programs: a line of JSON each.
    RecordsJson(u32),
    /// The newest recordings.
    Recordings(u32),
    /// Whether the recording of this number is what was recorded.
    Verify(u32),
    /// Keeps the recording of this number from being erased, or lets it be.
    Hold(u32, bool),
    /// The newest alarms.
    Alarms,
    /// The configuration in force.
    Config,
    /// What `load` would do.
    Compare,
    /// Reads the documents again and puts them in force.
    /// At once, even if calls end.
    Load(bool),
    /// Asks the simulated exchange to dial in.
    PlaceTestCall(Digits),
    /// Runs a flow with these keys, without a call.
    Simulate {
        /// The flow.
        flow: String,
        /// One key at each menu.
        keys: Digits,
    },
    /// Writes a D channel to a file, or stops.
    Capture(SpanId, bool),
    /// Lets no call come on a channel or circuit, or lets them come again.
    Block(SpanId, Timeslot, bool),
    /// Lets a new program of the core take over.
    UpgradeCore,
    /// The messages of a call.
    Trace(CallId),
    /// Has the exchange note who calls.
    Identify(CallId),
    /// Ends a call.
    Clear(CallId),
    /// Who is in which conference.
    Conferences,
    /// Does something to a party of the conference with this number.
    Party(Digits, PartyName, PartyDo),
    /// Messages wait for the telephone with this number, or do not any more.
    MessageWaiting(Digits, bool),
    /// Tells calls as they happen, until a line is typed.
    Watch,
    /// The fields of the configuration.
    HelpConfig,
    /// The steps of a flow.
    HelpFlow,
    /// All commands.
    Help,
    /// Leaves the console.
    Quit,
}
