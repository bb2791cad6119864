//! A span in all its layers, and a test of its channels.

use bearer::DChannel;
use heapless::Vec;
use serde::{Deserialize, Serialize};
use units::performance::Interval;
use units::{CallId, SpanId, Utc};

/// Intervals of a quarter of an hour that are told: two hours.
pub const QUARTERS_TOLD: usize = 8;
/// Bits of a 64 kbit/s channel in a second.
const BITS_PER_SECOND: u64 = 64_000;
/// B channels of a span at most.
const CHANNELS: usize = 31;

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
    /// Slot 16 carries signalling bits (R2), not a D channel.
    pub cas: bool,
    /// No multiframe of signalling bits comes.
    pub lom: bool,
    /// The far side says that it gets none of ours.
    pub rom: bool,
    /// Slot 16 carries the other kind of signalling than is due.
    pub foreign: bool,
    /// The data link is established; with signalling bits: circuits can be seized.
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
    /// The span whose D channel controls it, if that is not its own.
    pub lead: Option<SpanId>,
    /// What its D channel does, in a group that has two.
    pub d_channel: Option<DChannel>,
    /// The span of the other D channel of the group, if that one is down.
    pub other_down: Option<SpanId>,
}

/// The state of a data link (Q.921).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkState {
    /// 4: nothing is set up.
    TeiAssigned,
    /// 5: SABME sent, no answer yet.
    AwaitingEstablishment,
    /// 6: DISC sent, no answer yet.
    AwaitingRelease,
    /// 7: messages flow.
    Established,
    /// 8: the far side is asked for its state.
    TimerRecovery,
}

/// The data link of a D channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkStatus {
    /// Its state.
    pub state: LinkState,
    /// Messages that are not acknowledged yet, sent or not.
    pub unacknowledged: u8,
    /// MDL errors A to O, each how often (Q.921 table II.1).
    pub errors: [u32; 15],
    /// Frames that are none: too short, or with a broken address.
    pub invalid: u32,
    /// Frames for another SAPI.
    pub other_sapi: u32,
    /// Frames for another TEI.
    pub other_tei: u32,
    /// I frames sent again.
    pub retransmitted: u32,
    /// Frames that only our own side may send.
    pub mirrored: u32,
}

/// What a B channel is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChannelUse {
    /// Nothing.
    Free,
    /// A call in a state of Q.931, by the number that the Recommendation gives it on our side.
    Call {
        /// The number of the state (Q.931 4.5.7).
        state: u8,
        /// Which call, once it is one.
        call: Option<CallId>,
    },
    /// It is restarted before it carries another call.
    Blocked,
    /// Its line is being tested.
    Tested,
    /// The administrator has taken it out of service.
    Off,
    /// The operator has blocked it.
    Held,
    /// The line signals of R2 say this.
    Circuit {
        /// What.
        state: CircuitState,
        /// Which call, once it is one.
        call: Option<CallId>,
    },
}

/// What an R2 circuit is doing (Q.422).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CircuitState {
    /// Free both ways.
    Idle,
    /// The far end lets no call come.
    FarBlocked,
    /// We let no call come.
    Blocked,
    /// We seized; no acknowledgement yet.
    Seizing,
    /// We seized, the call is over, and the acknowledgement is still awaited.
    Unacknowledged,
    /// Both ends seized.
    DoubleSeizure,
    /// Our seizure is acknowledged.
    Seized,
    /// Our call is answered.
    Answered,
    /// The party that we called hung up.
    ClearedBack,
    /// We cleared forward; the far end has not shown idle.
    Clearing,
    /// The far end placed a call.
    SeizedIn,
    /// Its call is answered.
    AnsweredIn,
    /// Our party hung up, or we refused the call.
    ClearedBackIn,
    /// Idle is shown long enough before anybody seizes.
    Guard,
}

/// What a span of R2 circuits has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasStatus {
    /// Circuits whose far end shows bits that the country's code does not have.
    pub strange: u8,
    /// Seizures that the far end did not acknowledge.
    pub unacknowledged: u32,
    /// Both ends seized at once.
    pub double_seizures: u32,
    /// Registers that had all they wanted.
    pub registers: u32,
    /// Registers that were met with silence or nonsense, or left alone.
    pub failed_registers: u32,
    /// So many of them since the last one that had all it wanted.
    pub failed_in_a_row: u16,
}

/// A B channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelStatus {
    /// Its time slot, 1 to 31.
    pub slot: u8,
    /// What it is used for.
    pub used: ChannelUse,
}

/// A span in all its layers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpanDetail {
    /// As all spans are told.
    pub status: SpanStatus,
    /// Not in unavailable time (G.826).
    pub available: bool,
    /// The last intervals, the present one last.
    pub quarters: Vec<Interval, QUARTERS_TOLD>,
    /// The last 24 hours.
    pub day: Interval,
    /// The data link; `None`: the span has none.
    pub link: Option<LinkStatus>,
    /// The circuits; `None`: the span has none.
    pub cas: Option<CasStatus>,
    /// The B channels, or the circuits.
    pub channels: Vec<ChannelStatus, CHANNELS>,
}

/// A test of the channels of a span with the pattern of O.151, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestStatus {
    /// Which span.
    pub span: SpanId,
    /// Channels under test.
    pub channels: u8,
    /// Those that receive the pattern now.
    pub locked: u8,
    /// Seconds to test.
    pub seconds: u16,
    /// Seconds that are over; the test is over when these are all.
    pub passed: u16,
    /// Seconds in which at least one bit was wrong or the pattern was not there, in any channel.
    pub errored_seconds: u16,
    /// Bits compared.
    pub bits: u64,
    /// Wrong ones.
    pub errors: u64,
    /// Times that a channel lost the pattern.
    pub losses: u32,
}

impl TestStatus {
    /// A test that begins.
    #[must_use]
    pub const fn new(span: SpanId, channels: u8, seconds: u16) -> Self {
        Self {
            span,
            channels,
            locked: 0,
            seconds,
            passed: 0,
            errored_seconds: 0,
            bits: 0,
            errors: 0,
            losses: 0,
        }
    }

    /// Every channel had the pattern from its first second on, and no bit was wrong.
    #[must_use]
    pub fn is_passed(&self) -> bool {
        let least = u64::from(self.seconds.saturating_sub(1)) * BITS_PER_SECOND;
        let all = self.locked == self.channels && self.channels > 0;
        let whole = self.passed >= self.seconds && self.bits >= least * u64::from(self.channels);
        all && whole && self.errors == 0 && self.losses == 0
    }
}

/// A message of layer 3 that was said on a D channel for a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traced {
    /// Whose.
    pub call: CallId,
    /// When.
    pub at: Utc,
    /// Where.
    pub span: SpanId,
    /// By the box.
    pub sent: bool,
    /// The message, from the protocol discriminator on.
    pub message: Vec<u8, { limits::N201 }>,
}
