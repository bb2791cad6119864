//! Recordings that prove themselves: two channels of A-law or µ-law in a WAV file, and a hash
//! chained over its seconds. No files here: what is to be written where comes out as [`Step`]s, and
//! what is found on a disk is judged as octets.
//!
//! ```text
//!   NAME.wav    RIFF  fmt  fact  data: second 1, second 2, …   rmpf: the proof, once it has ended
//!   NAME.chain  when it began, length and hash of each second  gone once it has ended
//!
//!   hash 0 = SHA-256(what and when)      hash n = SHA-256(hash n−1, octets of second n)
//! ```
//!
//! Each second is appended with its hash, both are synced, then the header tells the new length:
//! whenever the power goes, all but the last second can be played, and [`mend`] closes the file
//! with a proof that says that it was cut. Who changes a recording cannot keep its last hash, which
//! is told to the record of the call.
//!
//! Both channels have a sample for the same instant of the line; blocks that never came are silence
//! and counted.

mod file;
mod proof;
mod take;
#[cfg(test)]
mod tests;

pub use file::{HEADER, Shape};
pub use proof::{Entry, Fault, Hash, Proof, Verdict, mend, verify, verify_by};
pub use take::{Recorder, Step};

/// Octets of a second: two channels, 8000 samples of one octet.
pub const SECOND: usize = 16_000;
