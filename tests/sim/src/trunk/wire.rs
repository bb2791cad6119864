//! One direction of the D channel: bits of HDLC in blocks of 2 ms.
//!
//! Fault model. The line flips bits, loses whole blocks, and is silent (all ones) while it is dead.
//! It never delays. The box must survive any of it: a damaged frame is dropped by its check
//! sequence and repeated by layer 2. One that is damaged and has the right check sequence all the
//! same (once in 65,000) may do what it says. Whoever carries the frames behind the line (a driver,
//! a multiplexer with a store of its own) loses whole ones, repeats them, lets one overtake
//! another; or spoils octets and makes a good check sequence for what is left of them.
//!
//! While nothing is sent the flags between frames are not simulated: the two ends stand still at
//! the same bit.

use std::collections::VecDeque;

use hal_card::Frame;
use hdlc::{Decoder, Encoder, Received};
use limits::{D_QUEUE, FRAME_OCTETS};
use machine::check::Random;

use crate::tally::Tally;

/// Octets of a slot in one tick.
const BLOCK: usize = 16;

/// What the line does to blocks and frames now; each happens to one in so many, 0: to none.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LineFaults {
    /// A bit of a block is flipped.
    pub(crate) flip: u64,
    /// A block is lost.
    pub(crate) lose: u64,
    /// A frame is lost.
    pub(crate) drop: u64,
    /// A frame comes twice.
    pub(crate) double: u64,
    /// A frame comes after the one behind it.
    pub(crate) overtake: u64,
    /// A frame has a wrong octet, and a good check sequence.
    pub(crate) spoil: u64,
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
    /// A frame that the next one overtakes.
    behind: Option<Frame>,
}

fn strikes(one_in: u64, random: &mut Random) -> bool {
    one_in > 0 && random.one_in(one_in)
}

impl Wire {
    pub(crate) fn new() -> Self {
        let (encoder, decoder) = (Encoder::new(), Decoder::new());
        Self { encoder, decoder, queue: VecDeque::new(), running: false, behind: None }
    }

    /// Queues a frame; `true` if ticks have to begin. A full queue drops it, as a card does.
    pub(crate) fn send(&mut self, frame: Frame) -> bool {
        if self.queue.len() < D_QUEUE {
            self.queue.push_back(frame);
        }
        !std::mem::replace(&mut self.running, true)
    }

    /// One tick: what came out, and whether another tick has to follow.
    pub(crate) fn tick(
        &mut self,
        dead: bool,
        faults: LineFaults,
        random: &mut Random,
        tally: &mut Tally,
    ) -> (Vec<Heard>, bool) {
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
        if strikes(faults.lose, random) {
            tally.count("block-lost");
            return (heard, more);
        }
        if strikes(faults.flip, random) {
            tally.count("bit-flipped");
            let place = usize::try_from(random.below(BLOCK as u64)).unwrap_or(0);
            block[place] ^= 1 << random.below(8);
        }
        for octet in block {
            match self.decoder.push(if dead { 0xFF } else { octet }) {
                Some(Received::Good(frame)) => {
                    if let Ok(frame) = Frame::from_slice(frame) {
                        self.carried(frame, faults, random, tally, &mut heard);
                    }
                }
                Some(_) => heard.push(Heard::Bad),
                None => {}
            }
        }
        if !more {
            heard.extend(self.behind.take().map(Heard::Frame));
        }
        (heard, more)
    }

    /// What those who carry it make of a frame.
    fn carried(
        &mut self,
        mut frame: Frame,
        faults: LineFaults,
        random: &mut Random,
        tally: &mut Tally,
        heard: &mut Vec<Heard>,
    ) {
        if strikes(faults.drop, random) {
            return tally.count("frame-lost");
        }
        if strikes(faults.spoil, random) {
            tally.count("frame-spoilt");
            let place = usize::try_from(random.below(frame.len() as u64)).unwrap_or(0);
            if let Some(octet) = frame.get_mut(place) {
                *octet ^= 1 << random.below(8);
            }
        }
        let overtaken = self.behind.take();
        if overtaken.is_none() && strikes(faults.overtake, random) {
            tally.count("frame-overtaken");
            self.behind = Some(frame);
            return;
        }
        if strikes(faults.double, random) {
            tally.count("frame-doubled");
            heard.push(Heard::Frame(frame.clone()));
        }
        heard.push(Heard::Frame(frame));
        heard.extend(overtaken.map(Heard::Frame));
    }
}
