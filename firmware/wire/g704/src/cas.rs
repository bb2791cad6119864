//! Signalling bits in slot 16: the multiframe of 16 frames (G.704 5.1.3.2, table 9).
//!
//! ```text
//!   frame 0    0 0 0 0  x y x x     y: the far side has no multiframe
//!   frame n    a b c d  a b c d     of channel n, and of channel n + 15; n = 1 to 15
//! ```
//!
//! Channel n is slot n up to 15, and slot n + 1 from there on.

/// Channels of a span.
pub const CIRCUITS: usize = 30;
/// Frames of a multiframe.
const FRAMES: u8 = 16;
/// Bits x: 1 where nobody uses them.
const SPARE: u8 = 0b1011;
/// The remote alarm of the multiframe.
const Y_BIT: u8 = 0b0100;
/// Wrong alignment signals in a row that lose the multiframe (G.732 5.2).
const LOST: u8 = 2;
/// Multiframes in a row whose slot 16 is all zeros that lose it (G.732 5.2).
const ZEROS: u8 = 1;

/// Writes slot 16.
#[derive(Clone, Debug)]
pub struct CasFramer {
    bits: [u8; CIRCUITS],
    alarm: bool,
    frame: u8,
}

impl CasFramer {
    /// All circuits with these bits; a in bit 3.
    #[must_use]
    pub const fn new(bits: u8) -> Self {
        Self { bits: [bits & 0xF; CIRCUITS], alarm: false, frame: 0 }
    }

    /// Sets the bits of circuit 0 to 29. They are never all zero: that would be the alignment.
    pub fn set(&mut self, circuit: usize, bits: u8) {
        if let Some(place) = self.bits.get_mut(circuit) {
            *place = if bits & 0xF == 0 { 1 } else { bits & 0xF };
        }
    }

    /// Says whether our receiver has no multiframe.
    pub const fn set_alarm(&mut self, on: bool) {
        self.alarm = on;
    }

    /// The octet of the next frame.
    pub fn pull(&mut self) -> u8 {
        let frame = usize::from(self.frame);
        self.frame = (self.frame + 1) % FRAMES;
        match frame.checked_sub(1) {
            None => SPARE | if self.alarm { Y_BIT } else { 0 },
            Some(circuit) => self.bits[circuit] << 4 | self.bits[circuit + 15],
        }
    }
}

/// Reads slot 16.
#[derive(Clone, Debug)]
pub struct CasDeframer {
    /// Bits as told last.
    bits: [Option<u8>; CIRCUITS],
    /// Number of the next frame, when aligned.
    frame: Option<u8>,
    wrong: u8,
    zeros: u8,
    any: bool,
    alarm: bool,
    /// The octet before was not one of zeros in its first half.
    before: bool,
}

impl CasDeframer {
    /// Looks for the multiframe.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bits: [None; CIRCUITS],
            frame: None,
            wrong: 0,
            zeros: 0,
            any: false,
            alarm: false,
            before: false,
        }
    }

    /// Whether bits can be read.
    #[must_use]
    pub const fn aligned(&self) -> bool {
        self.frame.is_some()
    }

    /// Whether the far side says that it has no multiframe.
    #[must_use]
    pub const fn far_alarm(&self) -> bool {
        self.alarm
    }

    /// Forgets the multiframe, and what was told: the line was lost.
    pub const fn lose(&mut self) {
        *self = Self::new();
    }

    /// Takes the octet of the next frame in; `told` hears circuits whose bits have changed.
    pub fn push(&mut self, octet: u8, mut told: impl FnMut(usize, u8)) {
        let signal = octet >> 4 == 0;
        let Some(frame) = self.frame else {
            // G.732 5.2: the signal, and none in the frame before it.
            if signal && self.before {
                self.frame = Some(1);
                self.alarm = octet & Y_BIT != 0;
            }
            self.before = !signal;
            return;
        };
        self.frame = Some((frame + 1) % FRAMES);
        self.any |= octet != 0;
        let Some(first) = usize::from(frame).checked_sub(1) else {
            self.wrong = if signal { 0 } else { self.wrong + 1 };
            self.zeros = if core::mem::take(&mut self.any) { 0 } else { self.zeros + 1 };
            self.alarm = octet & Y_BIT != 0;
            if self.wrong >= LOST || self.zeros > ZEROS {
                self.lose();
            }
            return;
        };
        if self.wrong > 0 {
            return;
        }
        for (circuit, bits) in [(first, octet >> 4), (first + 15, octet & 0xF)] {
            // No circuit shows all zeros.
            if bits != 0 && self.bits[circuit] != Some(bits) {
                self.bits[circuit] = Some(bits);
                told(circuit, bits);
            }
        }
    }
}

impl Default for CasDeframer {
    fn default() -> Self {
        Self::new()
    }
}

/// The circuit of a slot: 1 to 15 and 17 to 31.
#[must_use]
pub const fn circuit_of_slot(slot: u8) -> Option<usize> {
    match slot {
        1..=15 => Some(slot as usize - 1),
        17..=31 => Some(slot as usize - 2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use std::vec::Vec;

    use super::*;

    fn pass(framer: &mut CasFramer, deframer: &mut CasDeframer, frames: usize) -> Vec<(usize, u8)> {
        let mut told = Vec::new();
        for _ in 0..frames {
            deframer.push(framer.pull(), |circuit, bits| told.push((circuit, bits)));
        }
        told
    }

    // G.704 5.1.3.2
    #[test]
    fn the_bits_of_every_circuit_come_over_from_any_frame_on() {
        for skipped in 0..16 {
            let (mut framer, mut deframer) = (CasFramer::new(0b1001), CasDeframer::new());
            for _ in 0..skipped {
                let _ = framer.pull();
            }
            assert_eq!(pass(&mut framer, &mut deframer, 48).len(), CIRCUITS);
            for circuit in 0..CIRCUITS {
                framer.set(circuit, 0b0101);
                assert_eq!(pass(&mut framer, &mut deframer, 32), [(circuit, 0b0101)]);
            }
        }
        assert_eq!([circuit_of_slot(1), circuit_of_slot(15)], [Some(0), Some(14)]);
        assert_eq!([circuit_of_slot(16), circuit_of_slot(17)], [None, Some(15)]);
        assert_eq!(circuit_of_slot(31), Some(29));
    }

    // G.732 5.2
    #[test]
    fn two_wrong_alignment_signals_lose_the_multiframe_and_one_does_not() {
        let (mut framer, mut deframer) = (CasFramer::new(0b1001), CasDeframer::new());
        pass(&mut framer, &mut deframer, 48);
        for wrong in [1, 2] {
            for _ in 0..wrong {
                for frame in 0..16 {
                    let octet = framer.pull();
                    deframer.push(if frame == 0 { 0xFF } else { octet }, |_, _| {});
                }
            }
            assert_eq!(deframer.aligned(), wrong == 1);
            pass(&mut framer, &mut deframer, 16);
        }
        let told = pass(&mut framer, &mut deframer, 32);
        assert!(deframer.aligned() && told.len() <= CIRCUITS);
    }

    #[test]
    fn the_far_side_is_told_that_we_have_no_multiframe() {
        let (mut framer, mut deframer) = (CasFramer::new(0b1001), CasDeframer::new());
        framer.set_alarm(true);
        pass(&mut framer, &mut deframer, 48);
        assert!(deframer.far_alarm());
    }
}
