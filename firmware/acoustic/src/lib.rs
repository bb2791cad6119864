//! Echo of rooms: audio jacks, door phones and hands-free sets, where a loudspeaker is heard by a
//! microphone. WebRTC's AEC3, noise suppression and gain control do the arithmetic, in frames of
//! 10 ms, on a worker of their own; a line's canceller (`dsp/echo`) has no delay but cannot follow
//! a room.
//!
//! ```text
//!   line thread (2 ms)                                   worker (10 ms)
//!
//!   Room::process: sent, heard ──► ring of pairs ──► Work: five pairs are a frame
//!                  heard, clean ◄── ring of blocks ◄── render, capture, AEC3
//! ```
//!
//! What a room says comes [`DELAY_BLOCKS`] ticks later. The line thread never waits: when the
//! worker is late a block is silent, counted, and its sound is dropped when it comes, so that the
//! delay stays what it is.
//!
//! In a box whose time is simulated the same arithmetic runs inside `process` ([`inline`]): the
//! same sound from run to run, whatever the processor's clock does.

mod room;
#[cfg(test)]
mod tests;
mod work;
mod worker;

pub use room::{Room, inline};
pub use worker::{Worker, start};

use units::media::BLOCK_SAMPLES;

/// Ticks from a block of a room to the same block without echo: 10 ms of a frame, 4 ms for the
/// worker to be woken and to work, 2 ms of the tick that takes it.
pub const DELAY_BLOCKS: usize = 8;

/// Ticks of a frame: 10 ms.
pub(crate) const FRAME_BLOCKS: usize = 5;

/// Samples of a frame.
pub(crate) const FRAME_SAMPLES: usize = FRAME_BLOCKS * BLOCK_SAMPLES;

/// How much noise is taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    /// None.
    Keep,
    /// 6 dB.
    Low,
    /// 12 dB.
    #[default]
    Moderate,
    /// 18 dB.
    High,
}

/// What is done with what a room says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The loudspeaker's echo is taken away.
    pub echo: bool,
    /// Noise is taken away.
    pub noise: Noise,
    /// Quiet and far talkers are brought to one level.
    pub gain: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self { echo: true, noise: Noise::default(), gain: true }
    }
}

/// Why there is no canceller: WebRTC's word for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault(pub String);

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "the acoustic echo canceller does not start: {}", self.0)
    }
}

impl std::error::Error for Fault {}

/// What was seen of a room since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// How much weaker the echo is than what was sent, in dB; 0 while it is not known.
    pub erl_db: f32,
    /// How much of the echo is taken away, in dB; 0 while it is not known.
    pub erle_db: f32,
    /// From loudspeaker to microphone, in ms, as estimated.
    pub delay_ms: u32,
    /// Blocks that the worker brought too late, or had no room for.
    pub late: u32,
}
