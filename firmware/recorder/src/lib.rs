//! Recordings that prove themselves: two channels of a call in a WAV or an Ogg Opus file, and a
//! hash chained over its seconds. No files here: what is to be written where comes out as
//! [`Step`]s, and what is found on a disk is judged as octets.
//!
//! ```text
//!   NAME.wav    RIFF  fmt  fact  data: second 1, second 2, …   rmpf: the proof, once it has ended
//!   NAME.chain  when it began, length and hash of each second  gone once it has ended
//!
//!   NAME.opus   heads │ second 1 │ hash 1 │ second 2 │ hash 2 │ …  the proof, once it has ended
//!   NAME.chain  the heads once more                                gone once it has ended
//!
//!   hash 0 = SHA-256(what and when)      hash n = SHA-256(hash n−1, octets of second n)
//! ```
//!
//! Each second is appended with its hash and synced; of a WAV file the header then tells the new
//! length: whenever the power goes, all but the last second can be played, and [`mend`] closes the
//! file with a proof that says that it was cut. Who changes a recording cannot keep its last hash,
//! which is told to the record of the call. In an Ogg file the hashes are a stream of their own,
//! which players leave out because they do not know it.
//!
//! Both channels have a sample for the same instant of the line; blocks that never came are silence
//! and counted. So are keys, if they are to be muted; then a second is written 80 ms late.

mod coder;
mod file;
mod mute;
mod ogg;
mod opus;
#[cfg(test)]
#[cfg(feature = "opus")]
mod opus_tests;
mod proof;
mod take;
#[cfg(test)]
mod tests;
mod wav;

pub use file::{HEADER, Shape};
pub use mute::LOOK_BACK;
pub use proof::{Entry, Fault, Hash, Proof, Verdict, mend, verify, verify_by};
pub use take::{Format, Keys, Recorder, Step, Terms};

/// Octets of a second in a WAV file: two channels, 8000 samples of one octet.
pub const SECOND: usize = 16_000;
