//! The driver: [`hal_card::Card`] over the card's socket.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use g704::cas::circuit_of_slot;
use hal_card::{
    Alarms, Card, Channel, Command, Counters, Event, Fault, Frame, FrameError, Kind, Octets,
    Received, Signalling,
};
use hal_socket::Reading;
use heapless::Deque;
use nix::errno::Errno;
use units::media::BLOCK_SAMPLES;
use units::{ClockDomain, Duration, Law, SpanId, Timeslot};

use crate::frame::{DownMut, Feed, MOST_OCTETS, SLOTS, Shape, Up, Wire};
use crate::slot16::{Got, Slot16};

/// Index of slot 16, where signalling bits are, among slots 1 to 31.
const BITS_INDEX: usize = 15;
/// Datagrams read in one go at most; a line thread that slept longer has lost them anyway.
const MOST_READS: usize = 64;
/// Frames that came in and were not taken yet.
const FRAMES: usize = 128;

/// One span as the driver keeps it.
struct Span {
    signalling: Signalling,
    slot16: Slot16,
    alarms: Alarms,
    /// The alarms that the caller knows.
    told: Option<Alarms>,
    counters: Counters,
    slips_told: u64,
}

impl Span {
    fn new() -> Self {
        Self {
            signalling: Signalling::USUAL,
            slot16: Slot16::new(),
            alarms: Alarms { los: true, ..Alarms::default() },
            told: None,
            counters: Counters::default(),
            slips_told: 0,
        }
    }
}

/// One analog port as the driver keeps it.
#[derive(Default)]
struct Port {
    off_hook: bool,
    /// What the caller knows of the hook.
    told: Option<bool>,
    feed: Feed,
}

/// One line of an exchange as the driver keeps it.
#[derive(Default)]
struct ExchangeLine {
    wire: Wire,
    /// What the caller knows of it; nothing yet after the card was opened.
    told: Option<Wire>,
    closed: bool,
}

impl ExchangeLine {
    /// What the caller does not know yet, one thing after the other.
    fn news(&mut self, channel: usize) -> Option<Event> {
        let Wire { current, ring, reversed } = self.wire;
        let Some(told) = &mut self.told else {
            // Which polarity is the normal one is the exchange's to say.
            self.told = Some(Wire { current, ring: false, reversed });
            return Some(Event::Hook { channel, off_hook: current });
        };
        if told.ring != ring {
            told.ring = ring;
            Some(Event::Ringing { channel, on: ring })
        } else if told.reversed != reversed {
            told.reversed = reversed;
            Some(Event::Polarity { channel })
        } else if told.current != current {
            told.current = current;
            Some(Event::Hook { channel, off_hook: current })
        } else {
            None
        }
    }
}

/// A connection to `ringmain-virtual-card`.
pub struct VirtualCard {
    path: PathBuf,
    stream: Option<UnixStream>,
    shape: Shape,
    channels: Vec<Channel>,
    first_span: SpanId,
    spans: Vec<Span>,
    ports: Vec<Port>,
    lines: Vec<ExchangeLine>,
    frames: Box<Deque<Event, FRAMES>>,
    /// Gone or back, not told yet.
    presence: Option<Event>,
    /// No block has come since the card went away.
    away: bool,
    room: Box<[u8; MOST_OCTETS]>,
    sequence: u64,
    missing: u64,
    clock: u64,
    lockstep: bool,
}

impl VirtualCard {
    /// Connects to the card at `path` and waits for its first block, at most `patience`. Its spans
    /// are `first_span` and the following, all its samples are taken by `clock`.
    ///
    /// # Errors
    /// [`Fault::Gone`] if nobody is there or says nothing, [`Fault::System`].
    pub fn open(
        path: &Path,
        first_span: SpanId,
        clock: ClockDomain,
        patience: Duration,
    ) -> Result<Self, Fault> {
        let stream = hal_socket::dial(path).map_err(|errno| match errno {
            Errno::ENOENT | Errno::ECONNREFUSED => Fault::Gone,
            other => Fault::System(other as i32),
        })?;
        Self::adopt(stream, path, first_span, clock, patience)
    }

    /// As [`Self::open`], with the connection that another process had and handed over.
    ///
    /// # Errors
    /// [`Fault::Gone`] if the card says nothing.
    pub fn adopt(
        stream: UnixStream,
        path: &Path,
        first_span: SpanId,
        clock: ClockDomain,
        patience: Duration,
    ) -> Result<Self, Fault> {
        let mut room = Box::new([0; MOST_OCTETS]);
        hal_socket::wait(&stream, patience);
        let Reading::Datagram(length) = hal_socket::read(&stream, &mut room[..]) else {
            return Err(Fault::Gone);
        };
        let up = Up::parse(&room[..length]).ok_or(Fault::Gone)?;
        let mut card = Self::absent(path, first_span, clock, up.shape());
        (card.sequence, card.missing, card.lockstep) = (up.sequence(), up.missing(), up.lockstep());
        (card.stream, card.presence, card.away) = (Some(stream), None, false);
        // In lockstep the card waits for an answer to the block that told us the shape.
        let silence = vec![[Law::A.idle(); BLOCK_SAMPLES]; card.channels.len()];
        card.transmit(&silence)?;
        Ok(card)
    }

    /// A card that is not there yet and will be of this shape; it connects when it comes.
    #[must_use]
    pub fn absent(path: &Path, first_span: SpanId, clock: ClockDomain, shape: Shape) -> Self {
        Self {
            path: path.to_owned(),
            stream: None,
            shape,
            channels: channels(shape, first_span, clock),
            first_span,
            spans: (0..shape.spans).map(|_| Span::new()).collect(),
            ports: (0..shape.ports).map(|_| Port::default()).collect(),
            lines: (0..shape.lines).map(|_| ExchangeLine::default()).collect(),
            frames: Box::new(Deque::new()),
            presence: Some(Event::Gone),
            away: true,
            room: Box::new([0; MOST_OCTETS]),
            sequence: 0,
            missing: 0,
            clock: 0,
            lockstep: false,
        }
    }

    /// Where the signalling of each span is, in their order; without it a D channel in slot 16.
    #[must_use]
    pub fn with_signalling(mut self, spans: impl IntoIterator<Item = Signalling>) -> Self {
        let spans = self.spans.iter_mut().zip(spans);
        for ((span, signalling), channels) in spans.zip(self.channels.chunks_mut(SLOTS)) {
            span.signalling = signalling;
            if signalling == Signalling::Associated {
                span.slot16.carry_bits();
            }
            for channel in channels {
                if let Kind::Bearer { span, slot } | Kind::Data { span, slot } = channel.kind {
                    channel.kind = signalling.kind(span, slot);
                }
            }
        }
        self
    }

    /// How many spans and ports it has.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    fn lose(&mut self) -> Fault {
        if self.stream.take().is_some() && !self.away {
            // Nobody saw it come back.
            self.presence = match self.presence.take() {
                Some(Event::Back) => None,
                _ => Some(Event::Gone),
            };
            self.away = true;
        }
        Fault::Gone
    }

    /// One try to reach the card again. It must be of the same shape as before.
    fn reconnect(&mut self) -> Result<(), Fault> {
        let Ok(stream) = hal_socket::dial(&self.path) else { return Err(Fault::Gone) };
        self.stream = Some(stream);
        // Its blocks count from wherever the new card is; the first one says so.
        self.sequence = 0;
        for span in &mut self.spans {
            span.slot16.begin_anew();
            span.told = None;
        }
        Ok(())
    }

    fn read(&mut self) -> Reading {
        self.stream
            .as_ref()
            .map_or(Reading::End, |stream| hal_socket::read(stream, &mut self.room[..]))
    }

    /// Takes a datagram of the card in; `false` if it is none of this card's.
    fn take(&mut self, length: usize, blocks: &mut [Octets], received: &mut Received) -> bool {
        let Some(up) = Up::parse(&self.room[..length]).filter(|up| up.shape() == self.shape) else {
            return false;
        };
        if std::mem::take(&mut self.away) {
            // Nobody saw it go.
            self.presence = match self.presence.take() {
                Some(Event::Gone) => None,
                _ => Some(Event::Back),
            };
        }
        if self.sequence == 0 {
            self.missing = up.missing();
            self.clock += 1;
        } else {
            self.clock += up.sequence().saturating_sub(self.sequence);
        }
        self.sequence = up.sequence();
        self.lockstep = up.lockstep();
        let lost = up.missing().saturating_sub(self.missing);
        received.missing = received.missing.saturating_add(u32::try_from(lost).unwrap_or(u32::MAX));
        self.missing = up.missing();
        for (index, span) in self.spans.iter_mut().enumerate() {
            span.alarms = up.alarms(index);
            span.counters = up.counters(index);
            let octets = up.channels(index);
            blocks.iter_mut().skip(index * SLOTS).zip(octets).for_each(|(to, from)| *to = *from);
            if span.slot16.carries_bits() && span.alarms.down() {
                span.slot16.lose();
                continue;
            }
            let Some(taken) = span.signalling.index() else { continue };
            for octet in octets[taken] {
                span.slot16.push(octet, |got| {
                    // A full queue loses a frame as a disturbed line does: Q.921 repeats it.
                    let _ = self.frames.push_back(event(index * SLOTS, taken, got));
                });
            }
            span.alarms = span.slot16.alarms(span.alarms);
        }
        for (index, port) in self.ports.iter_mut().enumerate() {
            port.off_hook = up.off_hook(index);
            if let Some(block) = blocks.get_mut(self.shape.spans * SLOTS + index) {
                *block = up.port_octets(index);
            }
        }
        let first = self.shape.ports;
        for (index, line) in self.lines.iter_mut().enumerate() {
            line.wire = up.wire(index);
            if let Some(block) = blocks.get_mut(self.shape.spans * SLOTS + first + index) {
                *block = up.port_octets(first + index);
            }
        }
        true
    }

    fn port(&mut self, channel: usize) -> Result<&mut Port, Fault> {
        let index = channel.checked_sub(self.shape.spans * SLOTS);
        index.and_then(|index| self.ports.get_mut(index)).ok_or(Fault::NoSuchChannel)
    }

    fn line(&mut self, channel: usize) -> Result<&mut ExchangeLine, Fault> {
        let index = channel.checked_sub(self.shape.spans * SLOTS + self.shape.ports);
        index.and_then(|index| self.lines.get_mut(index)).ok_or(Fault::NoSuchChannel)
    }

    fn poll_span(&mut self) -> Option<Event> {
        for (index, span) in self.spans.iter_mut().enumerate() {
            let id = SpanId(self.first_span.0.saturating_add(u8::try_from(index).unwrap_or(0)));
            if span.told != Some(span.alarms) {
                span.told = Some(span.alarms);
                return Some(Event::Alarms { span: id, alarms: span.alarms });
            }
            if span.counters.slips < span.slips_told {
                // The card began anew.
                span.slips_told = span.counters.slips;
            }
            if span.slips_told < span.counters.slips {
                span.slips_told += 1;
                return Some(Event::Slip { span: id });
            }
        }
        None
    }
}

fn channels(shape: Shape, first_span: SpanId, clock: ClockDomain) -> Vec<Channel> {
    let spans = (0..shape.spans).flat_map(|index| {
        let span = SpanId(first_span.0.saturating_add(u8::try_from(index).unwrap_or(0)));
        Timeslot::all().map(move |slot| Signalling::USUAL.kind(span, slot))
    });
    let ports = (0..shape.ports).map(|_| Kind::Fxs);
    let lines = (0..shape.lines).map(|_| Kind::Fxo);
    spans.chain(ports).chain(lines).map(|kind| Channel { kind, law: Law::A, clock }).collect()
}

/// What came in slot `taken`, counted from 0, of the span whose slot 1 is channel `first`.
fn event(first: usize, taken: usize, got: Got<'_>) -> Event {
    let channel = first + taken;
    let error = match got {
        Got::Bits(circuit, bits) => {
            // Slot 16 lies between the halves.
            let channel = first + circuit + usize::from(circuit >= BITS_INDEX);
            return Event::Cas { channel, bits };
        }
        Got::Frame(hdlc::Received::Good(octets)) => {
            let mut frame = Frame::new();
            // The decoder is as long as a frame.
            let _ = frame.extend_from_slice(octets);
            return Event::Frame { channel, frame };
        }
        Got::Frame(hdlc::Received::Fcs) => FrameError::Fcs,
        Got::Frame(hdlc::Received::Abort) => FrameError::Abort,
        Got::Frame(hdlc::Received::TooLong) => FrameError::TooLong,
        Got::Frame(hdlc::Received::TooShort | hdlc::Received::NotAligned) => FrameError::TooShort,
    };
    Event::FrameError { channel, error }
}

impl Card for VirtualCard {
    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn receive(&mut self, blocks: &mut [Octets], patience: Duration) -> Result<Received, Fault> {
        if self.stream.is_none() {
            self.reconnect()?;
        }
        let mut received = Received::default();
        let mut waited = patience.is_zero();
        for _ in 0..MOST_READS {
            match self.read() {
                Reading::Datagram(length) => {
                    if !self.take(length, blocks, &mut received) {
                        return Err(self.lose());
                    }
                    received.block = true;
                    if self.lockstep {
                        break;
                    }
                }
                Reading::Nothing if received.block || waited => break,
                Reading::Nothing => {
                    waited = true;
                    if let Some(stream) = &self.stream {
                        hal_socket::wait(stream, patience);
                    }
                }
                Reading::End => {
                    let fault = self.lose();
                    if !received.block {
                        return Err(fault);
                    }
                    break;
                }
            }
        }
        received.clock = self.clock;
        Ok(received)
    }

    fn transmit(&mut self, blocks: &[Octets]) -> Result<(), Fault> {
        let Some(stream) = &self.stream else { return Err(Fault::Gone) };
        let Some(mut down) = DownMut::new(&mut self.room[..], self.shape, self.sequence) else {
            return Err(Fault::Gone);
        };
        for (index, span) in self.spans.iter_mut().enumerate() {
            let slots = down.channels(index);
            slots.iter_mut().zip(blocks.iter().skip(index * SLOTS)).for_each(|(to, b)| *to = *b);
            if let Some(taken) = span.signalling.index() {
                slots[taken].fill_with(|| span.slot16.pull());
            }
        }
        let mut analog = blocks.iter().skip(self.shape.spans * SLOTS);
        for (index, (port, octets)) in self.ports.iter().zip(&mut analog).enumerate() {
            down.port(index, port.feed, octets);
        }
        for (index, (line, octets)) in self.lines.iter().zip(analog).enumerate() {
            down.line(index, line.closed, octets);
        }
        if hal_socket::write(stream, down.octets()) { Ok(()) } else { Err(self.lose()) }
    }

    fn poll_event(&mut self) -> Option<Event> {
        if let Some(event) = self.presence.take() {
            return Some(event);
        }
        if let Some(event) = self.frames.pop_front() {
            return Some(event);
        }
        if self.stream.is_none() || self.sequence == 0 {
            return None;
        }
        if let Some(event) = self.poll_span() {
            return Some(event);
        }
        let first = self.shape.spans * SLOTS;
        let changed =
            self.ports.iter_mut().enumerate().find(|(_, port)| port.told != Some(port.off_hook));
        if let Some((index, port)) = changed {
            port.told = Some(port.off_hook);
            return Some(Event::Hook { channel: first + index, off_hook: port.off_hook });
        }
        let first = first + self.shape.ports;
        let mut lines = self.lines.iter_mut().enumerate();
        lines.find_map(|(index, line)| line.news(first + index))
    }

    fn send_frame(&mut self, channel: usize, frame: &[u8]) -> Result<(), Fault> {
        let span = self.spans.get_mut(channel / SLOTS).ok_or(Fault::NoSuchChannel)?;
        if span.signalling.index() != Some(channel % SLOTS) {
            return Err(Fault::NoSuchChannel);
        }
        span.slot16.send_frame(frame)
    }

    fn command(&mut self, command: Command) -> Result<(), Fault> {
        match command {
            Command::Ring { channel, on } => self.port(channel)?.feed.ring = on,
            Command::Polarity { channel, reversed } => self.port(channel)?.feed.reversed = reversed,
            Command::Cas { channel, bits } => {
                let circuit = u8::try_from(channel % SLOTS + 1).ok().and_then(circuit_of_slot);
                let span = self.spans.get_mut(channel / SLOTS);
                let set = |span: &mut Span, circuit| span.slot16.set_bits(circuit, bits);
                if !span.zip(circuit).is_some_and(|(span, circuit)| set(span, circuit)) {
                    return Err(Fault::NoSuchChannel);
                }
            }
            Command::Loop { channel, closed } => self.line(channel)?.closed = closed,
            // It lets sound through to any telephone.
            Command::OnHookSound { channel, .. } => drop(self.port(channel)?),
            Command::Flash { .. } | Command::Echo { .. } => {
                return Err(Fault::NoSuchChannel);
            }
        }
        Ok(())
    }

    fn counters(&self, span: SpanId) -> Option<Counters> {
        let index = usize::from(span.0.checked_sub(self.first_span.0)?);
        self.spans.get(index).map(|span| span.counters)
    }

    fn hand_over(self: Box<Self>) -> Option<OwnedFd> {
        self.stream.map(OwnedFd::from)
    }

    fn lockstep(&self) -> bool {
        self.lockstep
    }
}
