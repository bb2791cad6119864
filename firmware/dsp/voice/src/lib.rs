//! Who is there: whether somebody speaks, and whether it is a person or a machine that answered.
//!
//! ```text
//!  16 samples ─► energy, and of the difference from sample to sample           every 2 ms
//!    10 ms ─► each against the quiet of the last seconds ─► Activity: speech begins, ends
//!    20 ms ─► is it one sine, and steady? ─────────────────► Beep
//!  both, after an answer ─► Judge: a short hello and a pause ─► person;  long talk ─► machine
//! ```
#![no_std]

mod activity;
mod beep;
mod judge;
mod music;
#[cfg(test)]
mod tests;

pub use activity::Activity;
pub use beep::Beep;
pub use judge::{Judge, Verdict};
pub use music::{Kind, Music};

/// Steps of 2 ms in a frame of 10 ms.
pub(crate) const FRAME: u8 = 5;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It begins.
    Begin,
    /// It is over.
    End,
}

/// The samples one and two earlier than these.
pub(crate) fn earlier(samples: &[f32; 16], last: [f32; 2]) -> ([f32; 16], [f32; 16]) {
    let (mut one, mut two) = ([last[1]; 16], [last[0]; 16]);
    one[1..].copy_from_slice(&samples[..15]);
    two[1] = last[1];
    two[2..].copy_from_slice(&samples[..14]);
    (one, two)
}
