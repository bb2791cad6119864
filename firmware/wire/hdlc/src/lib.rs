//! Bit-synchronous HDLC of a D channel (Q.921 clause 2): flags, zero insertion, FCS, abort.
//!
//! ```text
//!  0 1 1 1 1 1 1 0 | address .. information | FCS, 2 octets | 0 1 1 1 1 1 1 0
//!       flag          after five ones a zero is inserted          flag, also the
//!                     so that no flag appears here                next frame's first
//! ```
//!
//! Each octet of a frame goes out bit 1 (value 1) first (Q.921 2.8.1); each octet of a time slot
//! goes out bit 1 (value 128) first (G.704). [`Encoder::pull`] and [`Decoder::push`] speak octets
//! of the slot: the most significant bit is the first on the line.
#![no_std]

mod decoder;
mod encoder;
mod fcs;
#[cfg(test)]
mod tests;

pub use decoder::{Decoder, Received};
pub use encoder::{Encoder, Refused};
pub use fcs::Fcs;

/// Octets of the shortest frame without its FCS: two of address, one of control (Q.921 2.9 b).
pub const MIN_OCTETS: usize = 3;
