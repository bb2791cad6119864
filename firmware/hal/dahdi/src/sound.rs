//! How the sound of a channel goes to the kernel and comes from it: octets of the law as they are,
//! or samples that are made octets here, at the card's edge.
//!
//! ```text
//!   octet ─ decode ─► sample ─ write ═► kernel ─ its law ─► line     all 256 come out as they were
//!   octet ◄─ encode ─ sample ◄═ read ── kernel ◄─ its law ─ line     all but the negative zero
//! ```
//!
//! The kernel has one zero: A-law's 0x55 (-1 of 4096) comes to us as 0xD5 (+1), µ-law's 0x7F as
//! 0xFF. And it never sends µ-law's 0xFF and 0x00, but 0x7F and 0x02.

use hal_card::Octets;
use units::Law;
use units::media::BLOCK_SAMPLES;

use crate::io::{self, Moved};
use crate::kernel::Kernel;
use crate::plan::{Blocks, Plan};

/// Octets of a sample.
const WIDE: usize = size_of::<i16>();

/// What the sound of a card is to the kernel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sound {
    law: Law,
    blocks: Blocks,
    /// The octet of silence.
    pub(crate) idle: u8,
    /// Blocks that wait to be sent while all is well.
    pub(crate) lead: usize,
}

impl Sound {
    pub(crate) const fn of(plan: &Plan) -> Self {
        let (law, blocks, lead) = (plan.law, plan.blocks, plan.buffers.lead);
        Self { law, blocks, idle: law.idle(), lead }
    }

    /// Reads a block; what it counts is octets of the law.
    pub(crate) fn read<K: Kernel>(
        self,
        kernel: &K,
        port: &K::Port,
        block: &mut Octets,
        tell: &mut impl FnMut(i32),
    ) -> Moved {
        if self.blocks == Blocks::Law {
            return io::read(kernel, port, block, tell);
        }
        let mut room = [0; BLOCK_SAMPLES * WIDE];
        let moved = io::read(kernel, port, &mut room, tell);
        let Moved::Whole(count) = moved else { return moved };
        let (samples, _) = room.as_chunks();
        for (octet, sample) in block.iter_mut().zip(samples) {
            *octet = encode(self.law, i16::from_ne_bytes(*sample));
        }
        Moved::Whole(count / WIDE)
    }

    /// Writes a block.
    pub(crate) fn write<K: Kernel>(
        self,
        kernel: &K,
        port: &K::Port,
        block: &Octets,
        tell: &mut impl FnMut(i32),
    ) -> Moved {
        if self.blocks == Blocks::Law {
            return io::write(kernel, port, block, tell);
        }
        let mut room = [0; BLOCK_SAMPLES * WIDE];
        let (samples, _) = room.as_chunks_mut();
        for (sample, octet) in samples.iter_mut().zip(block) {
            *sample = g711::decode(self.law, *octet).to_ne_bytes();
        }
        io::write(kernel, port, &room, tell)
    }
}

/// The octet of a sample by its magnitude. The kernel gives the lower end of each step, away from
/// zero on both sides; [`g711::encode`] puts what lies on the border of two negative steps into
/// the one nearer to zero.
fn encode(law: Law, sample: i16) -> u8 {
    match law {
        Law::A if sample < 0 => g711::encode_a(sample.saturating_neg()) ^ 0x80,
        Law::A | Law::Mu => g711::encode(law, sample),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::law;

    #[test]
    fn every_a_law_octet_comes_back_from_its_sample() {
        for octet in 0..=255 {
            assert_eq!(encode(Law::A, g711::decode_a(octet)), octet);
        }
    }

    #[test]
    fn every_octet_that_we_write_goes_out_as_it_was_and_only_the_kernels_one_zero_comes_otherwise()
    {
        for octet in 0..=255 {
            assert_eq!(law::compress(g711::decode_a(octet)), octet, "out");
            let came = encode(Law::A, law::expand(octet));
            assert_eq!(came, if octet == 0x55 { 0xD5 } else { octet }, "in");
        }
        assert_eq!((law::expand(0x55), law::expand(0xD5)), (0, 0));
    }

    #[test]
    fn samples_beyond_the_law_are_its_ends() {
        assert_eq!(g711::decode_a(encode(Law::A, i16::MIN)), -g711::PEAK_A);
        assert_eq!(g711::decode_a(encode(Law::A, i16::MAX)), g711::PEAK_A);
    }
}
