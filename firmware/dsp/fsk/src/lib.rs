//! Frequency-shift keying of 1200 bit/s, as caller identification is sent: Bell 202 and V.23.
//!
//! ```text
//!   sent    0101…01 │ 1111…1 │ 0 b0 b1 … b7 1 │ 0 b0 …      octets, least significant bit first
//!          seizure    mark     start  octet  stop
//!
//!   heard   samples ─► turned down by 1700 Hz ─► low-pass ─► turn from sample to sample
//!                      ─► its mean over 5 samples: above zero a space, below a mark
//!                      ─► start bit, 8 bits in their middles, stop bit ─► an octet
//! ```
//!
//! The two standards lie evenly around 1700 Hz, so that one receiver hears both. It looks at the
//! turn of the phase, not at which of two filters is louder: a line that is 6 dB better at one of
//! the frequencies makes no difference. Levels and times are those of ETSI EN 300 659-1; what the
//! octets mean is told by `wire/clid`.
#![no_std]

mod demodulator;
mod modulator;
mod table;
#[cfg(test)]
mod tests;

pub use demodulator::{Demodulator, Event};
pub use modulator::{Framing, Modulator, OCTETS, TooLong};

/// Bits a second.
pub const BIT_RATE: f32 = 1200.0;

/// Which pair of frequencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standard {
    /// Mark 1200 Hz, space 2200 Hz: North America and China.
    Bell202,
    /// Mark 1300 Hz, space 2100 Hz (ITU-T V.23): Europe.
    V23,
}

impl Standard {
    /// The frequency of a 1, in hertz.
    #[must_use]
    pub const fn mark_hz(self) -> f32 {
        match self {
            Self::Bell202 => 1200.0,
            Self::V23 => 1300.0,
        }
    }

    /// The frequency of a 0, in hertz.
    #[must_use]
    pub const fn space_hz(self) -> f32 {
        match self {
            Self::Bell202 => 2200.0,
            Self::V23 => 2100.0,
        }
    }
}
