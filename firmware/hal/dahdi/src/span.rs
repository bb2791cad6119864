//! One E1 of a card.

use hal_card::{Alarms, Counters, Event, Fault, Frame, FrameError, Octets, Signalling};
use hdlc::{Decoder, Encoder};
use heapless::Deque;
use limits::{D_QUEUE, FRAME_OCTETS};
use units::media::BLOCK_SAMPLES;

use crate::abi::{alarm, event};
use crate::bring_up::{FCS_OCTETS, FRAME_ROOM, Ports};
use crate::io::{self, Moved};
use crate::kernel::{Errno, Kernel, SpanHealth};
use crate::plan::{Frames, SLOTS, SpanPlan};
use crate::sound::Sound;
use crate::unit::{Events, Got, Watch, push};

/// Frames taken from the kernel in one tick at most.
const MOST_FRAMES: usize = 8;
/// Taps of the card's echo canceller: 64 ms. Cards with less take what they have.
const ECHO_TAPS: i32 = 512;

/// One E1 as the driver keeps it.
pub(crate) struct SpanUnit<P> {
    pub(crate) plan: SpanPlan,
    /// Index of its first channel on the card.
    pub(crate) base: usize,
    sound: Sound,
    ports: Option<Ports<P>>,
    pub(crate) watch: Watch,
    queue: Deque<Frame, D_QUEUE>,
    decoder: Decoder<FRAME_OCTETS>,
    encoder: Encoder<FRAME_OCTETS>,
    alarms: Alarms,
    told: Option<Alarms>,
    counters: Counters,
    /// What the kernel had counted when the unit was opened or asked last.
    health: SpanHealth,
    /// The line configuration that the kernel said when the unit was opened.
    line: i32,
    /// The kernel told of an alarm.
    ask: bool,
    /// The kernel holds more than it should: one block less goes out.
    trim: bool,
    room: Vec<u8>,
}

impl<P> SpanUnit<P> {
    pub(crate) fn new(plan: SpanPlan, base: usize, sound: Sound) -> Self {
        Self {
            plan,
            base,
            sound,
            ports: None,
            watch: Watch::default(),
            queue: Deque::new(),
            decoder: Decoder::new(),
            encoder: Encoder::new(),
            alarms: Alarms { los: true, ..Alarms::default() },
            told: None,
            counters: Counters::default(),
            health: SpanHealth::default(),
            line: 0,
            ask: true,
            trim: false,
            room: vec![0; SLOTS * BLOCK_SAMPLES],
        }
    }

    /// Takes newly opened ports in.
    pub(crate) fn adopt<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        ports: Ports<P>,
        events: &mut Events,
    ) {
        self.ports = Some(ports);
        self.watch.opened();
        (self.decoder, self.encoder) = (Decoder::new(), Encoder::new());
        self.queue.clear();
        self.health = kernel.health(self.plan.number).unwrap_or_default();
        // Some drivers do not keep what they were told: what they say now is the measure.
        self.line = self.health.line & LINE_MASK;
        self.ask = true;
        let silence = [[self.sound.idle; BLOCK_SAMPLES]; SLOTS];
        for _ in 0..self.sound.lead {
            self.transmit(kernel, &silence, events);
        }
    }

    /// Gives the ports away to be closed.
    pub(crate) const fn lose(&mut self) -> Option<Ports<P>> {
        self.alarms = Alarms { los: true, ..NO_ALARMS };
        self.ports.take()
    }

    /// The port to wait for.
    pub(crate) fn first(&self) -> Option<&P> {
        self.ports.as_ref().and_then(Ports::first)
    }

    pub(crate) const fn counters(&self) -> Counters {
        self.counters
    }

    /// The D channel among the card's channels.
    pub(crate) fn data(&self) -> Option<usize> {
        let common = matches!(self.plan.signalling, Signalling::Common(_));
        self.plan.signalling.index().filter(|_| common).map(|index| self.base + index)
    }

    /// The slot, counted from 0, whose octets are frames of ours.
    fn own(&self) -> Option<usize> {
        let own = self.plan.frames == Frames::Own && self.plan.together();
        self.plan.signalling.index().filter(|_| own)
    }

    /// One block of 31 slots, and what came on the D channel.
    pub(crate) fn receive<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        blocks: &mut [Octets],
        events: &mut Events,
    ) -> Got {
        let mut got = Got::default();
        let Some(ports) = self.ports.take() else {
            blocks.fill([self.sound.idle; BLOCK_SAMPLES]);
            return got;
        };
        let moved = match &ports {
            Ports::Together { bundle, .. } => self.receive_bundle(kernel, bundle, blocks, &mut got),
            Ports::Each { bearers, .. } => {
                self.receive_each(kernel, bearers, blocks, events, &mut got)
            }
            Ports::Port(_) => Moved::Nothing,
        };
        got.block = matches!(moved, Moved::Whole(_));
        if !got.block {
            // What stands there is what went out last.
            blocks.fill([self.sound.idle; BLOCK_SAMPLES]);
        }
        got.lost |= self.watch.saw(moved);
        if let Ports::Together { data: Some(data), .. } | Ports::Each { data: Some(data), .. } =
            &ports
        {
            self.receive_frames(kernel, data, events, &mut got);
        }
        self.ports = Some(ports);
        if let Some(index) = self.own().filter(|_| got.block) {
            self.decode(&blocks[index], events);
        }
        got
    }

    fn receive_bundle<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        bundle: &P,
        blocks: &mut [Octets],
        got: &mut Got,
    ) -> Moved {
        let slots = self.plan.octets().count();
        let mut room = std::mem::take(&mut self.room);
        let moved = io::read(kernel, bundle, &mut room[..slots * BLOCK_SAMPLES], &mut |code| {
            span_event(code, &mut self.ask, got);
        });
        if let Moved::Whole(count) = moved {
            if count < slots * BLOCK_SAMPLES {
                // What is missing of a short block is silence; the next one begins a frame anew.
                room[count..].fill(self.sound.idle);
                self.counters.slips += 1;
            }
            for (sample, frame) in room.chunks_exact(slots).take(BLOCK_SAMPLES).enumerate() {
                for (index, octet) in self.plan.octets().zip(frame) {
                    blocks[index][sample] = *octet;
                }
            }
        }
        self.room = room;
        moved
    }

    fn receive_each<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        bearers: &[P],
        blocks: &mut [Octets],
        events: &mut Events,
        got: &mut Got,
    ) -> Moved {
        let mut first = Moved::Nothing;
        for ((place, port), index) in bearers.iter().enumerate().zip(self.plan.octets()) {
            let (mut bits, mut all) = (false, Got::default());
            let moved = self.sound.read(kernel, port, &mut blocks[index], &mut |code| {
                bits |= code == event::BITSCHANGED;
                span_event(code, &mut self.ask, &mut all);
            });
            match moved {
                Moved::Whole(count) if count < BLOCK_SAMPLES => {
                    blocks[index][count..].fill(self.sound.idle);
                    self.counters.slips += 1;
                }
                Moved::Whole(_) => {}
                Moved::Nothing | Moved::Lost | Moved::Failed(_) => {
                    blocks[index] = [self.sound.idle; BLOCK_SAMPLES];
                }
            }
            if bits {
                self.tell_bits(kernel, port, index, events);
            }
            got.lost |= all.lost;
            if place == 0 {
                first = moved;
                got.missing += all.missing;
            }
        }
        first
    }

    fn receive_frames<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        data: &P,
        events: &mut Events,
        got: &mut Got,
    ) {
        let Some(channel) = self.data() else { return };
        let mut room = [0; FRAME_ROOM];
        for _ in 0..MOST_FRAMES {
            let moved = io::read(kernel, data, &mut room, &mut |code| match code {
                event::ABORT => wrong(events, channel, FrameError::Abort),
                event::BADFCS => wrong(events, channel, FrameError::Fcs),
                event::OVERRUN => wrong(events, channel, FrameError::TooLong),
                other => span_event(other, &mut self.ask, &mut Got::default()),
            });
            match moved {
                Moved::Whole(count) => {
                    let octets = &room[..count.saturating_sub(FCS_OCTETS)];
                    let mut frame = Frame::new();
                    if octets.len() < hdlc::MIN_OCTETS || frame.extend_from_slice(octets).is_err() {
                        wrong(events, channel, FrameError::TooShort);
                    } else {
                        push(events, Event::Frame { channel, frame });
                    }
                }
                Moved::Lost => got.lost = true,
                Moved::Nothing | Moved::Failed(_) => return,
            }
        }
    }

    fn decode(&mut self, block: &Octets, events: &mut Events) {
        let Some(channel) = self.data() else { return };
        for octet in block {
            let error = match self.decoder.push(*octet) {
                None => continue,
                Some(hdlc::Received::Good(octets)) => {
                    // The decoder is as long as a frame.
                    let frame = Frame::from_slice(octets).unwrap_or_default();
                    push(events, Event::Frame { channel, frame });
                    continue;
                }
                Some(hdlc::Received::Fcs) => FrameError::Fcs,
                Some(hdlc::Received::Abort) => FrameError::Abort,
                Some(hdlc::Received::TooLong) => FrameError::TooLong,
                Some(hdlc::Received::TooShort | hdlc::Received::NotAligned) => FrameError::TooShort,
            };
            wrong(events, channel, error);
        }
    }

    /// Sends one block of 31 slots and what waits for the D channel.
    pub(crate) fn transmit<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        blocks: &[Octets],
        events: &mut Events,
    ) {
        let Some(ports) = self.ports.take() else { return };
        let trim = std::mem::take(&mut self.trim);
        match &ports {
            Ports::Together { bundle, data } => {
                if !trim {
                    self.transmit_bundle(kernel, bundle, blocks);
                }
                self.transmit_frame(kernel, data.as_ref());
            }
            Ports::Each { bearers, data } => {
                if !trim {
                    self.transmit_each(kernel, bearers, blocks, events);
                }
                self.transmit_frame(kernel, data.as_ref());
            }
            Ports::Port(_) => {}
        }
        self.counters.slips += u64::from(trim);
        self.ports = Some(ports);
    }

    fn transmit_each<K: Kernel<Port = P>>(
        &mut self,
        kernel: &K,
        bearers: &[P],
        blocks: &[Octets],
        events: &mut Events,
    ) {
        for ((place, port), index) in bearers.iter().enumerate().zip(self.plan.octets()) {
            let mut bits = false;
            let moved = self.sound.write(kernel, port, &blocks[index], &mut |code| {
                bits |= code == event::BITSCHANGED;
                span_event(code, &mut self.ask, &mut Got::default());
            });
            self.counters.slips += u64::from(place == 0 && moved == Moved::Nothing);
            if bits {
                self.tell_bits(kernel, port, index, events);
            }
        }
    }

    /// Tells the signalling bits of a slot, of which the kernel has said that they changed.
    fn tell_bits<K: Kernel<Port = P>>(
        &self,
        kernel: &K,
        port: &P,
        index: usize,
        events: &mut Events,
    ) {
        if let Ok(bits) = kernel.bits(port) {
            let bits = u8::try_from(bits & 0xF).unwrap_or(0);
            push(events, Event::Cas { channel: self.base + index, bits });
        }
    }

    fn transmit_bundle<K: Kernel<Port = P>>(&mut self, kernel: &K, bundle: &P, blocks: &[Octets]) {
        let own = self.own();
        let slots = self.plan.octets().count();
        let mut room = std::mem::take(&mut self.room);
        for (sample, frame) in room.chunks_exact_mut(slots).take(BLOCK_SAMPLES).enumerate() {
            for (index, octet) in self.plan.octets().zip(frame) {
                *octet = if own == Some(index) { self.pull() } else { blocks[index][sample] };
            }
        }
        let moved = io::write(kernel, bundle, &room[..slots * BLOCK_SAMPLES], &mut |code| {
            span_event(code, &mut self.ask, &mut Got::default());
        });
        self.counters.slips += u64::from(moved == Moved::Nothing);
        self.room = room;
    }

    fn pull(&mut self) -> u8 {
        if self.encoder.ready()
            && let Some(frame) = self.queue.pop_front()
        {
            // Its length was checked when it was queued.
            let _ = self.encoder.send(&frame);
        }
        self.encoder.pull()
    }

    /// Hands the kernel one frame, if it has room.
    fn transmit_frame<K: Kernel<Port = P>>(&mut self, kernel: &K, data: Option<&P>) {
        let (Some(data), Some(frame)) = (data, self.queue.front()) else { return };
        let mut room = [0; FRAME_ROOM];
        room[..frame.len()].copy_from_slice(frame);
        let length = frame.len() + FCS_OCTETS;
        let moved = io::write(kernel, data, &room[..length], &mut |code| {
            span_event(code, &mut self.ask, &mut Got::default());
        });
        if moved != Moved::Nothing {
            self.queue.pop_front();
        }
    }

    pub(crate) fn send_frame(&mut self, frame: &[u8]) -> Result<(), Fault> {
        if self.data().is_none() {
            return Err(Fault::NoSuchChannel);
        }
        let copy = Frame::from_slice(frame).map_err(|_| Fault::Full)?;
        if copy.is_empty() {
            Err(Fault::Full)
        } else {
            self.queue.push_back(copy).map_err(|_| Fault::Full)
        }
    }

    /// The port of a bearer slot that has one of its own.
    fn bearer(&self, index: usize) -> Option<&P> {
        let place = self.plan.octets().position(|of| of == index)?;
        match &self.ports {
            Some(Ports::Each { bearers, .. }) => bearers.get(place),
            Some(Ports::Together { .. } | Ports::Port(_)) | None => None,
        }
    }

    pub(crate) fn set_bits<K: Kernel<Port = P>>(
        &self,
        kernel: &K,
        index: usize,
        bits: u8,
    ) -> Result<(), Fault> {
        let taken = self.plan.signalling.index() == Some(index);
        if self.plan.signalling != Signalling::Associated || taken {
            return Err(Fault::NoSuchChannel);
        }
        let port = self.bearer(index).ok_or(Fault::Gone)?;
        kernel.set_bits(port, i32::from(bits & 0xF)).map_err(Fault::System)
    }

    pub(crate) fn echo<K: Kernel<Port = P>>(
        &self,
        kernel: &K,
        index: usize,
        on: bool,
    ) -> Result<(), Fault> {
        if self.plan.together() || self.plan.signalling.index() == Some(index) {
            return Err(Fault::NoSuchChannel);
        }
        let port = self.bearer(index).ok_or(Fault::Gone)?;
        kernel.echo(port, if on { ECHO_TAPS } else { 0 }).map_err(Fault::System)
    }

    /// Asks how the line does, if the kernel said that something changed or `anyway`.
    pub(crate) fn look<K: Kernel<Port = P>>(&mut self, kernel: &K, anyway: bool) {
        if self.ports.is_none() || !(anyway || std::mem::take(&mut self.ask)) {
            return;
        }
        let Ok(health) = kernel.health(self.plan.number) else { return };
        let was = std::mem::replace(&mut self.health, health);
        // A driver that was loaded anew counts from zero.
        let more = |now: u32, before: u32| u64::from(if now < before { now } else { now - before });
        self.counters.code_violations += more(health.code_violations, was.code_violations);
        self.counters.crc_errors += more(health.crc_errors, was.crc_errors);
        self.counters.far_crc_errors += more(health.far_errors, was.far_errors);
        self.counters.fas_errors += more(health.fas_errors, was.fas_errors);
        let alarms = alarms(health.alarms);
        self.counters.losses_of_frame += u64::from(alarms.lof && !self.alarms.lof);
        self.alarms = alarms;
        self.watch.overridden(health.line & LINE_MASK != self.line);
        if anyway
            && let Some(first) = self.first()
            && let Ok(fill) = kernel.fill(first)
        {
            self.trim = usize::try_from(fill.write).unwrap_or(0) > self.sound.lead + 1;
        }
    }

    /// Alarms and trouble that were not told yet.
    pub(crate) fn poll(&mut self) -> Option<Event> {
        if let Some(event) = self.watch.poll(self.base) {
            return Some(event);
        }
        (self.told != Some(self.alarms)).then(|| {
            self.told = Some(self.alarms);
            Event::Alarms { span: self.plan.span, alarms: self.alarms }
        })
    }
}

/// Bits of the line's configuration that are ours to set.
const LINE_MASK: i32 = crate::abi::config::CCS | crate::abi::config::CRC4;

fn wrong(events: &mut Events, channel: usize, error: FrameError) {
    push(events, Event::FrameError { channel, error });
}

fn span_event(code: i32, ask: &mut bool, got: &mut Got) {
    match code {
        event::ALARM | event::NOALARM => *ask = true,
        event::REMOVED => got.lost = true,
        event::READ_OVERRUN => got.missing += 1,
        _ => {}
    }
}

/// None that the kernel tells. It tells nothing of the multiframe of signalling bits.
const NO_ALARMS: Alarms = Alarms {
    los: false,
    lof: false,
    ais: false,
    rai: false,
    lomf: false,
    lom: false,
    rom: false,
    foreign: false,
};

/// What the kernel's bits mean (G.704, G.775): red without a reason is loss of frame, and so is the
/// time in which the card watches whether the line stays good.
pub(crate) fn alarms(bits: Errno) -> Alarms {
    let has = |bit| bits & bit != 0;
    let red = has(alarm::RED) || has(alarm::RECOVER);
    let los = has(alarm::LOS) || has(alarm::NOTOPEN);
    Alarms {
        los,
        lof: has(alarm::LFA) || (red && !los),
        ais: has(alarm::BLUE),
        rai: has(alarm::YELLOW),
        lomf: has(alarm::LMFA),
        ..NO_ALARMS
    }
}
