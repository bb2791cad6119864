//! Frames to the line.

use crate::{A_BIT, BIT_1, FAS, FRAME, MFAS, NFAS_BIT, crc};

/// National bits Sa4 to Sa8: 1 where nobody uses them (G.704 2.3.2 note 4).
const SA_BITS: u8 = 0x1F;
/// E bits that can wait: more errors than the far side can be told are forgotten.
const MOST_E_BITS: u8 = 16;

/// Writes slot 0 of each frame: alignment, multiframe, CRC-4, remote alarm, E bits.
#[derive(Clone, Debug)]
pub struct Framer {
    crc4: bool,
    rai: bool,
    ais: bool,
    receiving: bool,
    /// Number of the next frame in its multiframe, 0 to 15.
    number: u8,
    /// CRC of the sub-multiframe on its way.
    register: u8,
    /// CRC of the one before it, sent in this one.
    last: u8,
    e_bits: u8,
}

impl Framer {
    /// With CRC-4 or without.
    #[must_use]
    pub const fn new(crc4: bool) -> Self {
        Self {
            crc4,
            rai: false,
            ais: false,
            receiving: true,
            number: 0,
            register: 0,
            last: 0,
            e_bits: 0,
        }
    }

    /// Sends the remote alarm, or stops: our own receiver lost the line (I.431 5.6).
    pub const fn set_rai(&mut self, on: bool) {
        self.rai = on;
    }

    /// Sends all ones in place of everything, or stops.
    pub const fn set_ais(&mut self, on: bool) {
        self.ais = on;
    }

    /// Whether our receiver is aligned: if not, every E bit says "wrong" (G.704 2.3.3.4).
    pub const fn set_receiving(&mut self, aligned: bool) {
        self.receiving = aligned;
    }

    /// Our receiver found `count` sub-multiframes wrong: as many E bits will say so.
    pub fn report_crc_errors(&mut self, count: u64) {
        let more = u8::try_from(count).unwrap_or(u8::MAX);
        self.e_bits = self.e_bits.saturating_add(more).min(MOST_E_BITS);
    }

    /// Fills slot 0 of the next frame; its other octets must be there already, because the CRC
    /// counts them.
    pub fn frame(&mut self, frame: &mut [u8; FRAME]) {
        let number = self.number;
        self.number = (number + 1) & 15;
        let even = number & 1 == 0;
        let rest = if even { FAS } else { NFAS_BIT | SA_BITS | if self.rai { A_BIT } else { 0 } };
        let bit_1 = if self.crc4 { self.multiframe_bit(number) } else { true };
        frame[0] = rest | if bit_1 { BIT_1 } else { 0 };
        if self.ais {
            frame.fill(0xFF);
        }
        self.register = crc::frame(self.register, frame, even);
        if number & 7 == 7 {
            self.last = core::mem::take(&mut self.register);
        }
    }

    fn multiframe_bit(&mut self, number: u8) -> bool {
        match number {
            13 | 15 => {
                if !self.receiving {
                    return false;
                }
                let wrong = self.e_bits > 0;
                self.e_bits = self.e_bits.saturating_sub(1);
                !wrong
            }
            // C1 to C4 in frames 0, 2, 4, 6 and again in 8, 10, 12, 14.
            _ if number & 1 == 0 => (self.last >> (3 - ((number >> 1) & 3))) & 1 == 1,
            _ => (MFAS >> (5 - (number >> 1))) & 1 == 1,
        }
    }
}
