//! Flags of HDLC at 300 bit/s: one or two spaces of 1850 Hz, six marks of 1650 Hz, again and again
//! (V.21 channel 2; T.30 5.3.1).

use dsp_bank::Bank;

use crate::MIN_POWER;

/// Places of the mark and of the space in the bank.
const MARK: usize = 6;
const SPACE: usize = 7;
/// Share of the energy that the louder of the two has.
const SHARE: f32 = 0.55;
/// Blocks of six marks (20 ms), and of one or two spaces (3.3 and 6.7 ms).
const MARKS: core::ops::RangeInclusive<u8> = 8..=12;
const SPACES: core::ops::RangeInclusive<u8> = 1..=5;
/// Blocks in a row that may be neither: between the two frequencies there is less of each.
const UNCLEAR: u8 = 2;
/// Flags that tell.
const ENOUGH: u8 = 6;

#[derive(Clone, Debug)]
pub(crate) struct Flags {
    mark: bool,
    blocks: u8,
    unclear: u8,
    flags: u8,
}

impl Flags {
    pub(crate) const fn new() -> Self {
        Self { mark: false, blocks: 0, unclear: 0, flags: 0 }
    }

    /// Whether the block just taken in makes enough flags.
    pub(crate) fn push(&mut self, bank: &Bank) -> bool {
        let (total, power) = bank.shortest();
        let mark = power[MARK] > power[SPACE];
        self.blocks = self.blocks.saturating_add(1);
        if total < MIN_POWER || power[MARK].max(power[SPACE]) < total * SHARE {
            self.unclear = self.unclear.saturating_add(1);
            if self.unclear > UNCLEAR {
                self.flags = 0;
            }
            return false;
        }
        self.unclear = 0;
        if mark == self.mark {
            return false;
        }
        let blocks = core::mem::replace(&mut self.blocks, 0);
        self.mark = mark;
        // What is over is the other of the two.
        if mark {
            if !SPACES.contains(&blocks) {
                self.flags = 0;
            }
            return false;
        }
        if !MARKS.contains(&blocks) {
            self.flags = 0;
            return false;
        }
        let before = self.flags;
        self.flags = self.flags.saturating_add(1).min(ENOUGH);
        before < ENOUGH && self.flags == ENOUGH
    }
}
