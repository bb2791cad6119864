//! G.704: the frame of an E1, found in a bit stream of unknown phase and made for one.
//!
//! ```text
//!   one frame, 256 bits, 125 us      slot 0          slot 1 .. slot 31
//!   even frames (FAS)          C 0 0 1 1 0 1 1      31 octets of channels
//!   odd frames (NFAS)          S 1 A n n n n n
//!                              |   +- remote alarm   n: national bits, 1
//!                              +- multiframe of 16: 0 0 1 0 1 1 E E in the odd frames,
//!                                 C1 C2 C3 C4 twice in the even ones (CRC-4, table 5B)
//!
//!   Framer: frames ─► octets of the line      Deframer: octets of the line ─► frames
//!                                             SlipBuffer: frames of their clock ─► of ours
//! ```
//!
//! The octets of the line say nothing of the frame's bit phase; the first bit on the line is the
//! most significant one. Nothing here has a clock: time is the count of bits.
#![no_std]

pub mod cas;
mod crc;
mod deframer;
mod delay;
mod framer;
mod monitor;
mod multiframe;
mod slip;
#[cfg(test)]
mod tests;

pub use cas::{CasDeframer, CasFramer};
pub use deframer::Deframer;
pub use delay::Delay;
pub use framer::Framer;
pub use slip::{Slip, SlipBuffer};

/// Octets of one frame: 32 time slots.
pub const FRAME: usize = 32;
/// Frames a second.
pub const FRAMES_PER_SECOND: usize = 8000;

/// The frame alignment signal: bits 2 to 8 of every even frame (G.704 table 5A).
const FAS: u8 = 0b0001_1011;
/// The bits of an octet that hold it.
const FAS_MASK: u8 = 0x7F;
/// Bit 2 of odd frames, always 1 so that they never look like an even one.
const NFAS_BIT: u8 = 0x40;
/// The remote alarm indication A: bit 3 of odd frames.
const A_BIT: u8 = 0x20;
/// Bit 1: CRC-4, multiframe alignment or E bits.
const BIT_1: u8 = 0x80;
/// The CRC-4 multiframe alignment signal in bit 1 of frames 1, 3, 5, 7, 9, 11.
const MFAS: u32 = 0b00_1011;

/// What the receiver sees on a line now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Loss of signal: 255 bits without a pulse (G.775 4.2).
    pub los: bool,
    /// Loss of frame alignment (G.706 4.1.1); not told beside `los` and `ais`.
    pub lof: bool,
    /// Alarm indication signal: at most two zeros in each of two periods of 512 bits (G.775 5.2).
    pub ais: bool,
    /// Remote alarm: A is 1 in four odd frames in a row (G.775 5.3).
    pub rai: bool,
    /// No CRC-4 multiframe within 400 ms (G.706 4.2), though one is configured.
    pub lomf: bool,
}

impl Alarms {
    /// Whether the line cannot carry anything.
    #[must_use]
    pub const fn down(self) -> bool {
        self.los || self.lof || self.ais
    }
}

/// What the receiver has counted since it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Sub-multiframes with a wrong CRC-4.
    pub crc_errors: u64,
    /// E bits that were 0: sub-multiframes that the far side found wrong.
    pub far_crc_errors: u64,
    /// Frame alignment signals with an error in them, while aligned.
    pub fas_errors: u64,
    /// Times that alignment was lost.
    pub losses_of_frame: u64,
}
