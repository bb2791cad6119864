//! Keys kept out of a recording, card numbers above all.
//!
//! ```text
//!   blocks ─► an ear for each side ─► 80 ms held back ─► both sides silent from before the first
//!                                                        sample of a key until behind its last
//! ```
//!
//! A key is said some 30 ms after its first sample, later if somebody talks over it, and its end
//! 24 ms late: what is held back covers the one, the ear the other. Both sides are silent, because
//! what one keys comes back from the other as echo.

use std::collections::VecDeque;

use dsp_dtmf::{Event, Receiver};
use units::Law;
use units::media::BLOCK_SAMPLES;

/// Blocks of 2 ms for which sound is held back: 80 ms.
pub const LOOK_BACK: usize = 40;

pub(crate) type Octets = [u8; BLOCK_SAMPLES];

/// A block of both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Which block of the line.
    pub(crate) number: u64,
    /// Left, then right.
    pub(crate) sides: [Octets; 2],
    /// It is part of a key.
    pub(crate) key: bool,
}

/// Listens to both sides and marks what is part of a key.
#[derive(Debug, Default)]
pub(crate) struct Mute {
    ears: [Receiver; 2],
    held: VecDeque<Block>,
}

impl Mute {
    /// Takes a block in and gives the one of [`LOOK_BACK`] blocks ago.
    pub(crate) fn push(&mut self, law: Law, mut block: Block) -> Option<Block> {
        for (ear, side) in self.ears.iter_mut().zip(&block.sides) {
            let mut samples = [0; BLOCK_SAMPLES];
            g711::decode_block(law, side, &mut samples);
            if let Some(Event::Begin(_)) = ear.push(&samples) {
                self.held.iter_mut().for_each(|held| held.key = true);
            }
        }
        block.key = self.ears.iter().any(Receiver::has_digit);
        self.held.push_back(block);
        if self.held.len() > LOOK_BACK { self.held.pop_front() } else { None }
    }

    /// Blocks that are held back.
    pub(crate) fn held(&self) -> usize {
        self.held.len()
    }

    /// What is held back, when nothing more comes. What may have become a key counts as one.
    pub(crate) fn rest(mut self) -> VecDeque<Block> {
        if self.ears.iter().any(Receiver::suspects) {
            self.held.iter_mut().for_each(|held| held.key = true);
        }
        self.held
    }
}
