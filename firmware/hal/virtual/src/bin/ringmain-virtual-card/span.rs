//! One E1: framing both ways, the elastic store, alarms.

use g704::{CasDeframer, CasFramer, Deframer, FRAME, Framer, SlipBuffer};
use hal_card::{Alarms, Counters, Octets};
use hal_socket::Instance;
use hal_virtual::frame::{BLOCK_FRAMES, BLOCK_OCTETS, LINE_OCTETS, Line, SLOTS, UpMut};
use units::Law;

use crate::args::{Args, Pace};
use crate::endpoint::Endpoint;

/// Index of slot 16: ones until somebody speaks there.
const D_INDEX: usize = 15;
/// Blocks without a word from a connected far end that are a loss of signal, at real pace.
const LATE_BLOCKS: u32 = 8;
/// Datagrams of a far end taken in one block at most.
const MOST_READS: usize = 4;
/// Frames of the elastic store: what one block writes and two. At real pace a far end that is a
/// program may be late by a block and then send two at once.
const DEPTH_FREE: usize = BLOCK_FRAMES + 2;
const DEPTH_REAL: usize = 2 * BLOCK_FRAMES + 2;

/// What an idle span carries: silence, and ones in slot 16.
const IDLE_FRAME: [u8; FRAME] = {
    let mut frame = [Law::A.idle(); FRAME];
    frame[16] = 0xFF;
    frame
};

pub(crate) struct Span {
    pub(crate) endpoint: Endpoint,
    framer: Framer,
    deframer: Deframer,
    store: SlipBuffer<DEPTH_REAL>,
    /// Whether the store is being written: from the first whole block in service on.
    receiving: bool,
    /// Whether the far end has sent anything since the last block.
    heard: bool,
    late: u32,
    crc_told: u64,
    /// What goes out in the next block.
    out: [Octets; SLOTS],
    /// The signalling bits, where slot 16 carries them.
    bits: Option<Bits>,
}

/// Signalling bits as hardware has them: it makes the multiframe, and what was set last goes on
/// until it is set again.
struct Bits {
    set: CasDeframer,
    kept: CasFramer,
    line: CasDeframer,
}

impl Bits {
    const fn new() -> Self {
        // Q.421: a circuit that nobody uses shows 1001.
        let (set, line) = (CasDeframer::new(), CasDeframer::new());
        Self { set, kept: CasFramer::new(0b1001), line }
    }

    /// Takes what the core sets: a multiframe in the octets of slot 16.
    fn set(&mut self, octets: &Octets) {
        for octet in octets {
            self.set.push(*octet, |circuit, bits| self.kept.set(circuit, bits));
        }
    }

    /// What came from the line in slot 16; `None`: there is no line.
    fn came(&mut self, octet: Option<u8>) {
        match octet {
            Some(octet) => self.line.push(octet, |_, _| {}),
            None => self.line.lose(),
        }
        self.kept.set_alarm(!self.line.aligned());
    }
}

impl Span {
    pub(crate) fn open(args: &Args, claimed: &Instance, number: usize) -> Result<Self, String> {
        let endpoint = Endpoint::open(&args.dir, &format!("e1-{number}.sock"), claimed)?;
        let depth = if args.pace != Pace::Real { DEPTH_FREE } else { DEPTH_REAL };
        Ok(Self {
            endpoint,
            framer: Framer::new(args.crc4),
            deframer: Deframer::new(args.crc4),
            store: SlipBuffer::new(IDLE_FRAME, depth),
            receiving: false,
            heard: false,
            late: 0,
            crc_told: 0,
            out: idle_channels(),
            bits: args.cas.contains(&number).then(Bits::new),
        })
    }

    /// Takes what the far end has sent by now.
    pub(crate) fn take(&mut self, room: &mut [u8]) {
        for _ in 0..MOST_READS {
            let Some(length) = self.endpoint.read(room) else { break };
            let Some(line) = Line::parse(&room[..length]) else {
                self.endpoint.drop_peer("speaks something else and is disconnected");
                break;
            };
            self.endpoint.answer(line.sequence);
            self.heard = true;
            let (store, receiving) = (&mut self.store, self.receiving);
            let sink = |frame: &[u8; FRAME]| {
                if receiving {
                    store.write(frame);
                }
            };
            if line.signal {
                self.deframer.push(line.octets, sink);
            } else {
                self.deframer.push_no_signal(line.octets.len(), sink);
            }
        }
    }

    /// Takes what the far end sent since the last block, or misses it, and draws conclusions.
    pub(crate) fn collect(&mut self, room: &mut [u8]) {
        self.take(room);
        let heard = core::mem::take(&mut self.heard);
        self.late = if heard { 0 } else { self.late.saturating_add(1) };
        if !self.endpoint.connected() || self.late >= LATE_BLOCKS {
            self.deframer.push_no_signal(BLOCK_OCTETS, |_| {});
        }
        // The block in which service begins is not whole: it is left out, or it would slip.
        let now = self.deframer.in_service();
        if now != self.receiving {
            self.receiving = now;
            self.store.restart(IDLE_FRAME);
            self.framer.set_rai(!now);
            self.framer.set_receiving(now);
        }
        let errors = self.deframer.counters().crc_errors;
        self.framer.report_crc_errors(errors - self.crc_told);
        self.crc_told = errors;
    }

    /// What goes out next; the core's octets of slots 1 to 31.
    pub(crate) fn set_out(&mut self, channels: &[Octets]) {
        self.out.iter_mut().zip(channels).for_each(|(to, from)| *to = *from);
        if let Some(bits) = &mut self.bits {
            bits.set(&self.out[D_INDEX]);
        }
    }

    /// Nobody said what goes out next.
    pub(crate) fn set_idle(&mut self) {
        self.out = idle_channels();
    }

    /// Sends the next block to the far end, if there is one; the framing goes on in any case.
    /// Without a `signal` the line is dead.
    pub(crate) fn send(&mut self, sequence: u64, signal: bool, room: &mut [u8]) {
        let mut octets = [0; BLOCK_OCTETS];
        for (time, frame) in octets.as_chunks_mut::<FRAME>().0.iter_mut().enumerate() {
            for (place, channel) in frame[1..].iter_mut().zip(&self.out) {
                *place = channel[time];
            }
            if let Some(bits) = &mut self.bits {
                frame[16] = bits.kept.pull();
            }
            self.framer.frame(frame);
        }
        if self.endpoint.connected()
            && let Some(datagram) = (Line { sequence, signal, octets: &octets }).write(room)
        {
            self.endpoint.write(sequence, datagram);
        }
    }

    /// Writes what came in.
    pub(crate) fn fill(&mut self, up: &mut UpMut<'_>, index: usize) {
        let channels = up.span(index, self.alarms(), &self.counters());
        for time in 0..BLOCK_FRAMES {
            let frame = if self.receiving { self.store.read().0 } else { &IDLE_FRAME };
            if let Some(bits) = &mut self.bits {
                bits.came(self.receiving.then_some(frame[16]));
            }
            for (channel, octet) in channels.iter_mut().zip(&frame[1..]) {
                channel[time] = *octet;
            }
        }
    }

    fn alarms(&self) -> Alarms {
        let now = self.deframer.alarms();
        let g704::Alarms { los, lof, ais, rai, lomf } = now;
        Alarms { los, lof, ais, rai, lomf, ..Alarms::default() }
    }

    fn counters(&self) -> Counters {
        let now = self.deframer.counters();
        Counters {
            code_violations: 0,
            crc_errors: now.crc_errors,
            far_crc_errors: now.far_crc_errors,
            fas_errors: now.fas_errors,
            slips: self.store.slips(),
            losses_of_frame: now.losses_of_frame,
        }
    }
}

fn idle_channels() -> [Octets; SLOTS] {
    let mut channels = [[Law::A.idle(); 16]; SLOTS];
    channels[D_INDEX] = [0xFF; 16];
    channels
}

const _: () = assert!(LINE_OCTETS >= 17 * FRAME, "a far end may be a frame ahead");
