//! One direction of the D channel: bits of HDLC in blocks of 2 ms.
//!
//! Fault model. The line flips bits, loses whole blocks, and is silent (all ones) while it is cut.
//! It never delays, reorders or repeats. The box must survive any of it: a damaged frame is
//! dropped by its check sequence and repeated by layer 2. One that is damaged and has the right
//! check sequence all the same (once in 65,000) may do what it says.
//!
//! While nothing is sent the flags between frames are not simulated: the two ends stand still at
//! the same bit.

use std::collections::VecDeque;

use hal_card::Frame;
use hdlc::{Decoder, Encoder, Received};
use limits::{D_QUEUE, FRAME_OCTETS};
use machine::check::Random;

/// Octets of a slot in one tick.
const BLOCK: usize = 16;

/// What the line does to blocks now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineFaults {
    /// Nothing gets through.
    pub(crate) cut: bool,
    /// A bit of one block in so many is flipped; 0: never.
    pub(crate) flip_one_in: u64,
    /// One block in so many is lost; 0: never.
    pub(crate) lose_one_in: u64,
}

/// What came out at the far end.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Frame),
    Bad,
}

/// One direction.
#[derive(Debug)]
pub(crate) struct Wire {
    encoder: Encoder<FRAME_OCTETS>,
    decoder: Decoder<FRAME_OCTETS>,
    queue: VecDeque<Frame>,
    /// Ticks are on their way.
    running: bool,
}

impl Wire {
    pub(crate) fn new() -> Self {
        let (encoder, decoder) = (Encoder::new(), Decoder::new());
        Self { encoder, decoder, queue: VecDeque::new(), running: false }
    }

    /// Queues a frame; `true` if ticks have to begin. A full queue drops it, as a card does.
    pub(crate) fn send(&mut self, frame: Frame) -> bool {
        if self.queue.len() < D_QUEUE {
            self.queue.push_back(frame);
        }
        !std::mem::replace(&mut self.running, true)
    }

    /// One tick: what came out, and whether another tick has to follow.
    pub(crate) fn tick(&mut self, faults: LineFaults, random: &mut Random) -> (Vec<Heard>, bool) {
        // The flag that ends a frame is out when a tick began idle.
        let more = !self.encoder.idle() || !self.queue.is_empty();
        let mut block = [0; BLOCK];
        for octet in &mut block {
            if self.encoder.ready()
                && let Some(frame) = self.queue.pop_front()
            {
                // Never refused: it is ready and the frame fits.
                let _ = self.encoder.send(&frame);
            }
            *octet = self.encoder.pull();
        }
        self.running = more;
        let mut heard = vec![];
        if faults.lose_one_in > 0 && random.one_in(faults.lose_one_in) {
            return (heard, more);
        }
        if faults.flip_one_in > 0 && random.one_in(faults.flip_one_in) {
            let place = usize::try_from(random.below(BLOCK as u64)).unwrap_or(0);
            block[place] ^= 1 << random.below(8);
        }
        for octet in block {
            match self.decoder.push(if faults.cut { 0xFF } else { octet }) {
                Some(Received::Good(frame)) => {
                    heard.extend(Frame::from_slice(frame).map(Heard::Frame))
                }
                Some(_) => heard.push(Heard::Bad),
                None => {}
            }
        }
        (heard, more)
    }
}
