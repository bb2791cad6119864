//! Frames to bits.

use heapless::Vec;

use crate::fcs::Fcs;

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The frame before it is not out yet: ask [`Encoder::ready`].
    Busy,
    /// It is longer than the encoder's `MAX`, or empty.
    Length,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Flags go out; this many bits of the present one are left.
    Flag(u8),
    /// The frame and its FCS go out.
    Frame,
    /// A sender that gives up: eight ones (Q.921 2.10); this many are left.
    Abort(u8),
}

/// Sends one frame of at most `MAX` octets at a time, without its FCS, and flags in between.
///
/// A frame given as soon as [`Self::ready`] says so shares its first flag with the last one of
/// the frame before it.
#[derive(Clone, Debug)]
pub struct Encoder<const MAX: usize> {
    frame: Vec<u8, MAX>,
    /// Whether `frame` waits or is on its way: free again when its last octet is in `octet`.
    full: bool,
    /// Octets of frame and FCS that went into `octet` already.
    next: usize,
    /// The last octet of the FCS is in `octet`: `frame` may hold the next frame already.
    ending: bool,
    fcs: [u8; 2],
    phase: Phase,
    octet: u8,
    /// Bits of `octet` not sent yet.
    left: u8,
    /// Ones in a row.
    ones: u8,
}

impl<const MAX: usize> Encoder<MAX> {
    /// Sends flags.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            frame: Vec::new(),
            full: false,
            next: 0,
            ending: false,
            fcs: [0; 2],
            phase: Phase::Flag(8),
            octet: 0,
            left: 0,
            ones: 0,
        }
    }

    /// Whether [`Self::send`] takes a frame now.
    #[must_use]
    pub const fn ready(&self) -> bool {
        !self.full
    }

    /// Whether only flags go out and nothing waits.
    #[must_use]
    pub fn idle(&self) -> bool {
        !self.full && matches!(self.phase, Phase::Flag(_))
    }

    /// Takes a frame, from address to information.
    ///
    /// # Errors
    /// [`Refused`]; nothing has changed then.
    pub fn send(&mut self, frame: &[u8]) -> Result<(), Refused> {
        if self.full {
            return Err(Refused::Busy);
        }
        if frame.is_empty() {
            return Err(Refused::Length);
        }
        let mut copy = Vec::new();
        copy.extend_from_slice(frame).map_err(|_| Refused::Length)?;
        self.frame = copy;
        self.full = true;
        Ok(())
    }

    /// Gives up the frame on its way, if one is: ones go out, then flags.
    pub fn abort(&mut self) {
        if self.phase == Phase::Frame {
            self.phase = Phase::Abort(8);
            self.full = self.full && self.ending;
        }
    }

    /// The next eight bits for the line, the first in the most significant place.
    pub fn pull(&mut self) -> u8 {
        let mut out = 0;
        for _ in 0..8 {
            out = (out << 1) | self.bit();
        }
        out
    }

    fn bit(&mut self) -> u8 {
        match self.phase {
            Phase::Flag(left) => {
                // 01111110: zero at both ends.
                let bit = u8::from(left != 8 && left != 1);
                if left > 1 {
                    self.phase = Phase::Flag(left - 1);
                } else {
                    self.after_flag();
                }
                bit
            }
            Phase::Abort(left) => {
                self.phase = if left > 1 { Phase::Abort(left - 1) } else { Phase::Flag(8) };
                1
            }
            Phase::Frame => self.frame_bit(),
        }
    }

    fn after_flag(&mut self) {
        if !self.full {
            self.phase = Phase::Flag(8);
            return;
        }
        let mut fcs = Fcs::new();
        self.frame.iter().for_each(|octet| fcs.push(*octet));
        self.fcs = fcs.octets();
        self.phase = Phase::Frame;
        self.next = 0;
        self.ending = false;
        self.left = 0;
        self.ones = 0;
        self.load();
    }

    /// Takes the next octet of frame or FCS; `false` if there is none.
    fn load(&mut self) -> bool {
        if self.ending {
            return false;
        }
        let count = self.frame.len();
        self.octet = match self.next.checked_sub(count) {
            None => self.frame[self.next],
            Some(index) => self.fcs[index & 1],
        };
        self.left = 8;
        self.next += 1;
        if self.next == count + 2 {
            self.ending = true;
            self.full = false;
        }
        true
    }

    fn frame_bit(&mut self) -> u8 {
        if self.ones == 5 {
            self.ones = 0;
            self.end_if_done();
            return 0;
        }
        let bit = self.octet & 1;
        self.octet >>= 1;
        self.left -= 1;
        self.ones = if bit == 1 { self.ones + 1 } else { 0 };
        // A zero is due even behind the very last bit.
        if self.ones < 5 {
            self.end_if_done();
        }
        bit
    }

    fn end_if_done(&mut self) {
        if self.left == 0 && !self.load() {
            self.phase = Phase::Flag(8);
        }
    }
}

impl<const MAX: usize> Default for Encoder<MAX> {
    fn default() -> Self {
        Self::new()
    }
}
