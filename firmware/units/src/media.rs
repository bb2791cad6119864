//! Sound as types: a block says its law or rate, a level says its reference.

use serde::{Deserialize, Serialize};

/// Samples of one block at 8 kHz: 2 ms, the smallest block that a DAHDI device gives.
pub const BLOCK_SAMPLES: usize = 16;

/// How much louder a port's sound is made at its wires, in tenths of a dB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gain {
    /// What comes from the port.
    pub coming_tenths: i16,
    /// What goes to it.
    pub going_tenths: i16,
}

impl Gain {
    /// Nothing is changed.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.coming_tenths == 0 && self.going_tenths == 0
    }
}

/// Who says how loud a port is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum GainFrom {
    /// Nobody: it is 0 dB.
    #[default]
    Nothing,
    /// The port's field in the board file.
    Board,
    /// The country's transmission plan.
    Country,
    /// The ITU's.
    Itu,
}

/// The encoding law of a 64 kbit/s channel (G.711).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Law {
    /// Outside North America and Japan.
    A,
    /// North America and Japan.
    Mu,
}

impl Law {
    /// What an idle channel carries (Q.522, Q.921 of the law): silence of the smallest value.
    #[must_use]
    pub const fn idle(self) -> u8 {
        match self {
            Self::A => 0xD5,
            Self::Mu => 0xFF,
        }
    }
}

/// A rate of linear samples inside the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rate {
    /// 8 kHz: every line of today.
    Khz8,
    /// 16 kHz: wideband packet lines.
    Khz16,
}

/// Octets of one channel in one block, in the law that the port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OctetBlock {
    /// The law of every octet.
    pub law: Law,
    /// The octets in the order of the line.
    pub octets: [u8; BLOCK_SAMPLES],
}

/// Linear samples of one port in one block, 16 bits, full scale +3.14 dBm0 in A-law (G.711).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearBlock {
    /// The rate of every sample.
    pub rate: Rate,
    /// The samples in the order of time.
    pub samples: [i16; BLOCK_SAMPLES],
}

impl LinearBlock {
    /// A block of nothing.
    pub const SILENCE: Self = Self { rate: Rate::Khz8, samples: [0; BLOCK_SAMPLES] };
}

/// A level in decibels relative to one milliwatt at the zero transmission level point.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct Dbm0(pub f32);
