//! The exchange's end of the E1: the virtual card's line, framed here with every fault; or a span
//! and telephone lines of the kernel's.

use std::collections::VecDeque;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

use g704::{Alarms, Counters};
use hal_card::{Card, Command, Event, Octets};
use hal_dahdi::{
    Blocks, Buffers, DahdiCard, Flash, Frames, Plan, PortPlan, Side, Signalling, SpanPlan, System,
    Transport, UnitPlan,
};
use hal_virtual::frame::{Feed, Port};
use units::{ClockDomain, Duration, Law, SpanId, Timeslot};

use crate::command::FaultKind;
use crate::exact::Exact;
use crate::line::{Frame, Line};
use crate::telephone::Telephone;
use crate::{BLOCK, Error};

/// Slots 1 to 31.
const SLOTS: usize = 31;
/// What an idle slot carries.
const IDLE: u8 = 0xD5;
/// How long a block may take to come before commands are looked at.
const PATIENCE: Duration = Duration::from_millis(20);

/// The exchange's end of the E1.
pub enum Trunk {
    /// To the virtual card.
    Framed(Box<Line>),
    /// On the kernel's telephony interface.
    Kernel(Box<Kernel>),
}

/// A span of the kernel's, and telephones at its exchange lines.
pub struct Kernel {
    card: DahdiCard<System>,
    blocks: Vec<Octets>,
    out: Vec<Octets>,
    heard: [Frame; BLOCK],
    frames: VecDeque<Vec<u8>>,
    rings: Vec<bool>,
    hooks: Vec<bool>,
    alarms: Alarms,
    bad_frames: u64,
    missing: u64,
    /// The channel of frames.
    data: usize,
}

impl Kernel {
    /// Opens the kernel's span with its D channel in a slot, and its channels for telephones.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn open(span: i32, phones: &[i32], data: Timeslot) -> Result<Self, Error> {
        let mut units = vec![UnitPlan::Span(SpanPlan {
            span: SpanId(1),
            number: span,
            crc4: true,
            clock_priority: 0,
            signalling: Signalling::Common(Some(data)),
            frames: Frames::Kernel,
            transport: Transport::Together,
        })];
        units.extend(phones.iter().map(|channel| {
            UnitPlan::Port(PortPlan { side: Side::Exchange, channel: *channel, echo: false })
        }));
        let plan = Plan {
            clock: ClockDomain(0),
            law: Law::A,
            buffers: Buffers::RELAXED,
            blocks: Blocks::Law,
            flash: Flash::USUAL,
            units,
        };
        let card = DahdiCard::open(Arc::new(System::new(Path::new("/dev/dahdi"))), &plan)
            .map_err(|fault| Error::new(format!("the kernel's span: {fault:?}")))?;
        // In real time there is none to make the usual noises when they are met first.
        for seed in 1..=4 {
            drop(Exact::new(seed, 0));
        }
        let count = card.channels().len();
        Ok(Self {
            card,
            blocks: vec![[IDLE; BLOCK]; count],
            out: vec![[IDLE; BLOCK]; count],
            heard: [[IDLE; 32]; BLOCK],
            frames: VecDeque::new(),
            rings: vec![false; phones.len()],
            hooks: vec![false; phones.len()],
            alarms: Alarms { los: true, ..Alarms::default() },
            bad_frames: 0,
            missing: 0,
            data: usize::from(data.get()) - 1,
        })
    }

    fn receive(&mut self) -> Option<u64> {
        let received = self.card.receive(&mut self.blocks, PATIENCE);
        while let Some(event) = self.card.poll_event() {
            match event {
                Event::Frame { frame, .. } => self.frames.push_back(frame.to_vec()),
                Event::FrameError { .. } => self.bad_frames += 1,
                Event::Alarms { alarms, .. } => {
                    self.alarms = Alarms {
                        los: alarms.los,
                        lof: alarms.lof,
                        ais: alarms.ais,
                        rai: alarms.rai,
                        lomf: alarms.lomf,
                    };
                }
                Event::Ringing { channel, on } => {
                    if let Some(ring) = self.rings.get_mut(channel - SLOTS) {
                        *ring = on;
                    }
                }
                _ => {}
            }
        }
        let Ok(received) = received else {
            std::thread::sleep(Duration::from_millis(2));
            return None;
        };
        self.missing += u64::from(received.missing);
        if !received.block {
            return None;
        }
        for (index, block) in self.blocks.iter().take(SLOTS).enumerate() {
            for (frame, octet) in self.heard.iter_mut().zip(block) {
                frame[index + 1] = *octet;
            }
        }
        Some(received.clock)
    }

    /// The block of every telephone.
    pub fn telephones(&mut self, block: u64, telephones: &mut [Telephone]) {
        for (index, telephone) in telephones.iter_mut().enumerate().take(self.rings.len()) {
            let feed = Feed { ring: self.rings[index], ..Feed::default() };
            let port = Port::to_telephone(block, feed, self.blocks[SLOTS + index]);
            let (off_hook, octets) = telephone.turn(block, &port);
            self.out[SLOTS + index] = octets;
            if std::mem::replace(&mut self.hooks[index], off_hook) != off_hook {
                // A line that is gone has no loop.
                let channel = SLOTS + index;
                let _ = self.card.command(Command::Loop { channel, closed: off_hook });
            }
        }
    }

    fn send(&mut self, frames: &[Frame; BLOCK]) {
        for (index, block) in self.out.iter_mut().take(SLOTS).enumerate() {
            for (octet, frame) in block.iter_mut().zip(frames) {
                *octet = frame[index + 1];
            }
        }
        // A span that is gone says so as an event.
        let _ = self.card.transmit(&self.out);
    }
}

impl Trunk {
    /// Tries to reach the card, if it is not connected.
    pub fn connect(&mut self) {
        if let Self::Framed(line) = self {
            line.connect();
        }
    }

    /// For waiting; the kernel's span is waited for by reading.
    #[must_use]
    pub fn stream(&self) -> Option<&UnixStream> {
        match self {
            Self::Framed(line) => line.stream(),
            Self::Kernel(_) => None,
        }
    }

    /// Whether somebody is at the other end of the wire, as far as can be told.
    #[must_use]
    pub fn connected(&self) -> bool {
        match self {
            Self::Framed(line) => line.stream().is_some(),
            Self::Kernel(kernel) => !kernel.alarms.los,
        }
    }

    /// What the exchange sees of the line.
    #[must_use]
    pub fn alarms(&self) -> Alarms {
        match self {
            Self::Framed(line) => line.alarms(),
            Self::Kernel(kernel) => kernel.alarms,
        }
    }

    /// What it has counted; and frames of the D channel that came in wrong.
    #[must_use]
    pub fn counters(&self) -> (Counters, u64) {
        match self {
            Self::Framed(line) => line.counters(),
            Self::Kernel(kernel) => {
                let counted = kernel.card.counters(SpanId(1)).unwrap_or_default();
                let counters = Counters {
                    crc_errors: counted.crc_errors,
                    far_crc_errors: counted.far_crc_errors,
                    fas_errors: counted.fas_errors,
                    losses_of_frame: counted.losses_of_frame,
                };
                (counters, kernel.bad_frames)
            }
        }
    }

    /// Blocks that the kernel had no room for, because this program was early or late.
    #[must_use]
    pub fn slips(&self) -> u64 {
        match self {
            Self::Framed(_) => 0,
            Self::Kernel(kernel) => kernel.card.counters(SpanId(1)).unwrap_or_default().slips,
        }
    }

    /// Blocks that the kernel dropped because nobody read them.
    #[must_use]
    pub fn missing(&self) -> u64 {
        match self {
            Self::Framed(_) => 0,
            Self::Kernel(kernel) => kernel.missing,
        }
    }

    /// Disturbs the line until a time.
    ///
    /// # Errors
    /// The kernel's line is not ours to disturb.
    pub fn fault(
        &mut self,
        kind: FaultKind,
        until_us: u64,
        rate: Option<f64>,
    ) -> Result<(), Error> {
        match self {
            Self::Framed(line) => {
                line.fault(kind, until_us, rate);
                Ok(())
            }
            Self::Kernel(_) => Err(Error::new("the kernel's line is disturbed by its driver")),
        }
    }

    /// The next block, if one is there: its number.
    pub fn receive(&mut self) -> Option<u64> {
        match self {
            Self::Framed(line) => line.receive(),
            Self::Kernel(kernel) => kernel.receive(),
        }
    }

    /// The samples of the last block: 16 frames of 32 slots.
    #[must_use]
    pub fn heard(&self) -> &[Frame; BLOCK] {
        match self {
            Self::Framed(line) => line.heard(),
            Self::Kernel(kernel) => &kernel.heard,
        }
    }

    /// A good frame of the D channel.
    pub fn poll_frame(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Framed(line) => line.poll_frame(),
            Self::Kernel(kernel) => kernel.frames.pop_front(),
        }
    }

    /// Queues a frame for the D channel.
    pub fn send_frame(&mut self, frame: Vec<u8>) {
        match self {
            Self::Framed(line) => line.send_frame(frame),
            // A full queue is layer 2's to recover from.
            Self::Kernel(kernel) => drop(kernel.card.send_frame(kernel.data, &frame)),
        }
    }

    /// Slot 16 carries signalling bits from now on.
    ///
    /// # Errors
    /// The kernel's line was opened with a D channel.
    pub fn carry_bits(&mut self) -> Result<(), Error> {
        match self {
            Self::Framed(line) => {
                line.carry_bits();
                Ok(())
            }
            Self::Kernel(_) => Err(Error::new("the kernel's line carries a D channel")),
        }
    }

    /// Whether bits go both ways.
    #[must_use]
    pub fn has_bits(&self) -> bool {
        matches!(self, Self::Framed(line) if line.has_bits())
    }

    /// Bits of a circuit, 0 to 29, that have changed.
    pub fn poll_bits(&mut self) -> Option<(usize, u8)> {
        match self {
            Self::Framed(line) => line.poll_bits(),
            Self::Kernel(_) => None,
        }
    }

    /// Sends these bits of a circuit from now on.
    pub fn set_bits(&mut self, circuit: usize, bits: u8) {
        if let Self::Framed(line) = self {
            line.set_bits(circuit, bits);
        }
    }

    /// Answers block `sequence` with these samples.
    pub fn send(&mut self, sequence: u64, now_us: u64, frames: &[Frame; BLOCK]) {
        match self {
            Self::Framed(line) => line.send(sequence, now_us, frames),
            Self::Kernel(kernel) => kernel.send(frames),
        }
    }
}
