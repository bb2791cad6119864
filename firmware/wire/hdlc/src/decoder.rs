//! Bits to frames.
//!
//! ```text
//!            flag                     flag: a verdict, then a new frame
//!  Hunting ───────► Frame ──┬───────────────────────────► Frame
//!     ▲                     │ seven ones: Abort
//!     └─────────────────────┴ more than MAX octets: TooLong
//! ```

use heapless::Vec;

use crate::{Fcs, MIN_OCTETS};

/// What came in between two flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// A frame with a good FCS, from address to information.
    Good(&'a [u8]),
    /// The check sequence is wrong.
    Fcs,
    /// Seven ones in a row inside a frame (Q.921 2.10).
    Abort,
    /// More than `MAX` octets and FCS.
    TooLong,
    /// Fewer than [`MIN_OCTETS`] octets and FCS.
    TooShort,
    /// No whole number of octets (Q.921 2.9 c).
    NotAligned,
}

/// What a run of bits turned out to be; the frame itself stays in the buffer.
#[derive(Clone, Copy)]
enum Verdict {
    Good(usize),
    Bad(Received<'static>),
}

/// Receives frames of at most `MAX` octets without FCS.
#[derive(Clone, Debug)]
pub struct Decoder<const MAX: usize> {
    frame: Vec<u8, MAX>,
    /// The last two octets, which are the FCS if a flag follows.
    tail: [u8; 2],
    fcs: Fcs,
    hunting: bool,
    /// Bits since the last flag, the first six of the next flag included.
    bits: u32,
    octet: u8,
    ones: u8,
}

impl<const MAX: usize> Decoder<MAX> {
    /// Looks for the first flag.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            frame: Vec::new(),
            tail: [0; 2],
            fcs: Fcs::new(),
            hunting: true,
            bits: 0,
            octet: 0,
            ones: 0,
        }
    }

    /// Takes eight bits from the line, the first in the most significant place. At most one
    /// frame or error ends in them: behind each flag that ends one, eight bits are no frame.
    pub fn push(&mut self, slot: u8) -> Option<Received<'_>> {
        let mut verdict = None;
        for place in (0..8).rev() {
            if let Some(now) = self.bit((slot >> place) & 1) {
                if let Verdict::Good(_) = now {
                    // The bits behind the flag belong to the next frame: kept apart from the
                    // buffer until it is read.
                    verdict = Some(now);
                } else if verdict.is_none() {
                    verdict = Some(now);
                }
            }
        }
        match verdict? {
            Verdict::Good(count) => self.frame.get(..count).map(Received::Good),
            Verdict::Bad(error) => Some(error),
        }
    }

    fn bit(&mut self, bit: u8) -> Option<Verdict> {
        if bit == 1 {
            self.ones = self.ones.saturating_add(1);
            return match self.ones {
                1..=5 => self.data(1),
                6 => None,
                _ => self.abort(),
            };
        }
        let ones = core::mem::take(&mut self.ones);
        match ones {
            5 => None,
            6 => self.flag(),
            7.. => None,
            _ => self.data(0),
        }
    }

    fn data(&mut self, bit: u8) -> Option<Verdict> {
        if self.hunting {
            return None;
        }
        self.octet = (self.octet >> 1) | (bit << 7);
        self.bits += 1;
        if self.bits & 7 != 0 {
            return None;
        }
        let octet = self.octet;
        self.fcs.push(octet);
        let count = self.bits / 8;
        if count <= 2 {
            if count == 1 {
                // The frame before has been read by now.
                self.frame.clear();
            }
        } else if self.frame.push(self.tail[0]).is_err() {
            self.hunting = true;
            return Some(Verdict::Bad(Received::TooLong));
        }
        self.tail = [self.tail[1], octet];
        None
    }

    fn abort(&mut self) -> Option<Verdict> {
        // Six bits of what looked like a flag count as nothing.
        let inside = !self.hunting && self.bits > 6;
        self.hunting = true;
        inside.then_some(Verdict::Bad(Received::Abort))
    }

    fn flag(&mut self) -> Option<Verdict> {
        // The zero and five ones of the flag itself went in as data; a shared zero did not.
        let (hunting, bits) = (self.hunting, self.bits.saturating_sub(6));
        let fcs = core::mem::take(&mut self.fcs);
        self.hunting = false;
        self.bits = 0;
        if hunting || bits == 0 {
            return None;
        }
        let octets = bits as usize / 8;
        Some(if bits & 7 != 0 {
            Verdict::Bad(Received::NotAligned)
        } else if octets < MIN_OCTETS + 2 {
            Verdict::Bad(Received::TooShort)
        } else if fcs.good() {
            Verdict::Good(octets - 2)
        } else {
            Verdict::Bad(Received::Fcs)
        })
    }
}

impl<const MAX: usize> Default for Decoder<MAX> {
    fn default() -> Self {
        Self::new()
    }
}
