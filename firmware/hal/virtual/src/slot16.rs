//! Slot 16 of a span, or where else its D channel is: frames, or the signalling bits of the other
//! slots. The other kind than is due is recognised, so that an installer is told which of both ends
//! is set wrong.

use g704::{CasDeframer, CasFramer};
use hal_card::{Alarms, Fault, Frame};
use hdlc::{Decoder, Encoder, Received};
use heapless::Deque;
use limits::{D_QUEUE, FRAME_OCTETS};

/// Frames since alignment that two more alignment signals stand in: the first may have been an
/// accident.
const SURE: u16 = 33;
/// Frames of slot 16 in a row with a multiframe in them that are no accident: 16 multiframes.
const NO_ACCIDENT: u16 = 256;

/// What came in slot 16.
pub(crate) enum Got<'a> {
    /// A frame, or a broken one.
    Frame(Received<'a>),
    /// The bits of a circuit, 0 to 29, have changed.
    Bits(usize, u8),
}

/// Slot 16 both ways.
pub(crate) struct Slot16 {
    /// It carries bits, not frames.
    bits: bool,
    decoder: Decoder<FRAME_OCTETS>,
    encoder: Encoder<FRAME_OCTETS>,
    queue: Deque<Frame, D_QUEUE>,
    framer: CasFramer,
    deframer: CasDeframer,
    /// Frames of slot 16 since there is a multiframe.
    aligned: u16,
    foreign: bool,
}

impl Slot16 {
    pub(crate) fn new() -> Self {
        Self {
            bits: false,
            decoder: Decoder::new(),
            encoder: Encoder::new(),
            queue: Deque::new(),
            // Q.421: what nobody uses shows 1001.
            framer: CasFramer::new(0b1001),
            deframer: CasDeframer::new(),
            aligned: 0,
            foreign: false,
        }
    }

    /// It carries bits from now on.
    pub(crate) const fn carry_bits(&mut self) {
        self.bits = true;
    }

    /// Whether it carries bits.
    pub(crate) const fn carries_bits(&self) -> bool {
        self.bits
    }

    /// The line was lost, or is another one.
    pub(crate) fn lose(&mut self) {
        self.deframer.lose();
        (self.aligned, self.foreign) = (0, false);
        self.decoder = Decoder::new();
    }

    /// The card began anew.
    pub(crate) fn begin_anew(&mut self) {
        self.lose();
        self.encoder = Encoder::new();
    }

    /// Takes the octet of the next frame in.
    pub(crate) fn push(&mut self, octet: u8, mut told: impl FnMut(Got<'_>)) {
        let bits = self.bits;
        self.deframer.push(octet, |circuit, now| {
            if bits {
                told(Got::Bits(circuit, now));
            }
        });
        if !bits && octet & 0xF == 0 {
            // No circuit shows all zeros, nor does the alignment: it is something else.
            self.deframer.lose();
        }
        self.aligned = if self.deframer.aligned() { self.aligned.saturating_add(1) } else { 0 };
        let got = self.decoder.push(octet);
        let good = matches!(got, Some(Received::Good(_)));
        if good && !bits {
            // Frames are full of zeros.
            self.deframer.lose();
            (self.aligned, self.foreign) = (0, false);
        } else if self.aligned >= NO_ACCIDENT {
            self.foreign = !bits;
        } else if good {
            self.foreign = true;
        }
        if let Some(got) = got.filter(|_| !bits) {
            told(Got::Frame(got));
        }
    }

    /// The octet of the next frame that goes out.
    pub(crate) fn pull(&mut self) -> u8 {
        if self.bits {
            self.framer.set_alarm(!self.deframer.aligned());
            return self.framer.pull();
        }
        if self.encoder.ready()
            && let Some(frame) = self.queue.pop_front()
        {
            // Its length was checked when it was queued.
            let _ = self.encoder.send(&frame);
        }
        self.encoder.pull()
    }

    /// Queues a frame.
    pub(crate) fn send_frame(&mut self, frame: &[u8]) -> Result<(), Fault> {
        if self.bits {
            return Err(Fault::NoSuchChannel);
        }
        let mut copy = Frame::new();
        let fits = !frame.is_empty() && copy.extend_from_slice(frame).is_ok();
        if !fits || self.queue.push_back(copy).is_err() {
            return Err(Fault::Full);
        }
        Ok(())
    }

    /// Sets the bits of a circuit; `false`: it carries none.
    pub(crate) fn set_bits(&mut self, circuit: usize, bits: u8) -> bool {
        if self.bits {
            self.framer.set(circuit, bits);
        }
        self.bits
    }

    /// The alarms of the line with those of slot 16.
    pub(crate) const fn alarms(&self, line: Alarms) -> Alarms {
        let up = !line.down();
        Alarms {
            lom: up && self.bits && self.aligned < SURE,
            rom: up && self.bits && self.deframer.far_alarm(),
            foreign: up && self.foreign,
            ..line
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(from: &mut Slot16, to: &mut Slot16, frames: usize) -> Vec<(usize, u8)> {
        let mut told = vec![];
        for _ in 0..frames {
            to.push(from.pull(), |got| {
                if let Got::Bits(circuit, bits) = got {
                    told.push((circuit, bits));
                }
            });
        }
        told
    }

    fn slot(bits: bool) -> Slot16 {
        let mut slot = Slot16::new();
        if bits {
            slot.carry_bits();
        }
        slot
    }

    #[test]
    fn bits_come_over_and_each_side_is_told_when_the_other_has_no_multiframe() {
        let (mut near, mut far) = (slot(true), slot(true));
        let line = Alarms::default();
        assert!(near.alarms(line).lom);
        assert_eq!(pass(&mut far, &mut near, 80).len(), 30);
        // The far side had none of ours when it said so.
        assert_eq!(near.alarms(line), Alarms { rom: true, ..line });
        pass(&mut near, &mut far, 80);
        pass(&mut far, &mut near, 32);
        assert_eq!(near.alarms(line), line);
        assert!(far.set_bits(3, 0b0101));
        assert_eq!(pass(&mut far, &mut near, 32), [(3, 0b0101)]);
    }

    #[test]
    fn frames_where_bits_are_due_and_bits_where_frames_are_due_are_told_apart() {
        let (mut bits, mut frames) = (slot(true), slot(false));
        let line = Alarms::default();
        pass(&mut bits, &mut frames, 1000);
        assert!(frames.alarms(line).foreign);
        pass(&mut frames, &mut bits, 100);
        // Flags alone may come from anything.
        assert_eq!(bits.alarms(line), Alarms { lom: true, ..line });
        assert_eq!(frames.send_frame(&[0, 1, 0x7F]), Ok(()));
        pass(&mut frames, &mut bits, 100);
        assert_eq!(bits.alarms(line), Alarms { lom: true, foreign: true, ..line });
        // Frames that are broken off, in a rhythm that multiframes have.
        let mut frames = slot(false);
        for octet in [0x7E, 0x00, 0x01, 0x7F, 0x08, 0x02, 0xFF, 0xFF].repeat(200) {
            frames.push(octet, |_| {});
            assert!(!frames.alarms(line).foreign);
        }
        // What is right is not foreign.
        let (mut bits, mut other) = (slot(true), slot(true));
        pass(&mut other, &mut bits, 100);
        assert!(!bits.alarms(line).foreign);
        let (mut frames, mut other) = (slot(false), slot(false));
        for count in 0..200 {
            let _ = other.send_frame(&[0, 1, 0, count, 0, 0, 0, count]);
            pass(&mut other, &mut frames, 16);
            assert!(!frames.alarms(line).foreign);
        }
    }
}
