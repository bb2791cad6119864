//! The world outside the box: a city exchange that speaks libpri's ISDN, or R2 of our own, and a
//! telephone.
//!
//! ```text
//!   control socket ◄──► City ──┬── Pri (libpri, network side), or Circuits (R2)
//!                              ├── Line ── e1-1.sock ─────┐
//!                              ├── Call: script, ear      ├── ringmain-virtual-card
//!                              ├── Telephone ── analog-1.sock ┤
//!                              └── Subscriber ─ exchange-1.sock ┘
//! ```
//!
//! One thread, one loop: a block of the card comes, everything looks at it, the answer goes back.
//! Time is the card's count of blocks and nothing else.

pub mod city;
pub mod command;
pub mod control;
pub mod ear;
pub mod exact;
pub mod fft;
pub mod gaps;
mod hybrid;
pub mod line;
pub mod pri;
pub mod r2;
pub mod script;
pub mod signalling;
pub mod sound;
pub mod subscriber;
pub mod telephone;
pub mod trunk;

use std::fmt;

/// Samples of a block.
pub const BLOCK: usize = units::media::BLOCK_SAMPLES;
/// Samples a millisecond.
pub const SAMPLES_PER_MS: u64 = 8;

/// What went wrong, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(String);

impl Error {
    /// With this sentence.
    #[must_use]
    pub fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}
