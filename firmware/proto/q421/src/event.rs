//! The bits, what happens to a circuit and what it tells.

use serde::{Deserialize, Serialize};

/// The signalling bits of each condition, a in bit 3 to d in bit 0 (Q.421 table 1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Bits that are looked at in what comes.
    pub mask: u8,
    /// Idle and released, both ways; clear-forward.
    pub idle: u8,
    /// Seizure, forward.
    pub seize: u8,
    /// Seizing acknowledged, backward; also blocked.
    pub acknowledge: u8,
    /// Answered, backward.
    pub answer: u8,
    /// Clear-back, backward.
    pub clear_back: u8,
    /// Forced release, backward, where there is one.
    pub forced_release: Option<u8>,
}

impl Code {
    /// Q.421 table 1: c is 0 and d is 1.
    pub const ITU: Self = Self {
        mask: 0b1100,
        idle: 0b1001,
        seize: 0b0001,
        acknowledge: 0b1101,
        answer: 0b0101,
        clear_back: 0b1101,
        forced_release: None,
    };
}

/// What the far end shows, of either direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// 10
    Idle,
    /// 00: seizure, or forced release.
    Seize,
    /// 11: acknowledged, cleared back or blocked.
    Acknowledge,
    /// 01
    Answer,
    /// Nothing of the code.
    Other,
}

impl Code {
    pub(crate) const fn read(&self, bits: u8) -> Shown {
        let bits = bits & self.mask;
        if bits == self.idle & self.mask {
            Shown::Idle
        } else if bits == self.seize & self.mask {
            Shown::Seize
        } else if bits == self.acknowledge & self.mask || bits == self.clear_back & self.mask {
            Shown::Acknowledge
        } else if bits == self.answer & self.mask {
            Shown::Answer
        } else {
            Shown::Other
        }
    }
}

/// What a circuit is doing, for the person at the box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Free both ways.
    Idle,
    /// The far end lets no call come, or has not shown yet that it does.
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
    /// Idle is shown long enough before we seize.
    Guard,
}

/// What happens to a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The bits that come have changed; a in bit 3.
    Bits(u8),
    /// The multiframe, or the line, is lost: bits mean nothing.
    Lost,
    /// It is there again.
    Found,
    /// Place a call.
    Seize,
    /// The called party of a call that came answered.
    Answer,
    /// It hung up.
    ClearBack,
    /// A call that came is ended by us, where the code has a signal for it.
    ForceRelease,
    /// One unit of charge for a call that came.
    Meter,
    /// End the call that we placed.
    ClearForward,
    /// Let no call come; takes effect when the circuit is free.
    Block,
    /// Let calls come again.
    Unblock,
}

/// What a circuit wants, or tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Send these bits.
    Send(u8),
    /// The far end places a call.
    Seized,
    /// Our seizure was acknowledged: registers may talk.
    Acknowledged,
    /// Our seizure cannot be: the circuit is not free.
    Refused,
    /// Nobody acknowledged our seizure; the circuit stays seized until somebody does.
    Unacknowledged,
    /// Both ends seized at once: our call must go elsewhere.
    DoubleSeizure,
    /// The called party answered.
    Answered,
    /// It hung up.
    ClearedBack,
    /// One unit of charge.
    Metered,
    /// The far end ended our call by force, or in a way that no signal has.
    Broken,
    /// The far end ended the call that it placed.
    ClearedForward,
    /// A call that we placed is over and the circuit free.
    Released,
    /// The far end lets no call come, or shows what nobody understands.
    Blocked,
    /// It lets calls come again.
    Unblocked,
}
