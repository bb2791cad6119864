//! The datagrams of the virtual card, all numbers little-endian.
//!
//! ```text
//! card -> core  'U' ver spans ports  sequence:8  missing:8  flags:8
//!               per span:  alarms:8  counters:5x8  31 channels x 16 octets
//!               per port:  hook:1  16 octets           off hook = 1
//!               per line:  bits:1  16 octets           128, current = 1, ring = 2, reversed = 4
//! core -> card  'D' ver spans ports  sequence:8
//!               per span:  31 channels x 16 octets
//!               per port:  bits:1  16 octets           ring = 1, reversed = 2
//!               per line:  bits:1  16 octets           128, loop closed = 1
//! E1, both ways 'E' ver signal 0     sequence:8  bits of the line, 0 to 24 frames of 32 octets
//! port          'P' ver bits 0       sequence:8  16 octets
//!                 card -> telephone: ring = 1, reversed = 2     telephone -> card: off hook = 1
//! line          the same, turned round: the card is the telephone, and the exchange may open the
//!                 loop: 4
//! ```
//!
//! `ports` counts the ports for telephones and the lines of an exchange behind them, which have
//! 128 in their bits.
//!
//! `sequence` counts the card's blocks from 1; who answers block n writes n. `missing` counts all
//! blocks that a connected core did not answer in time.

use hal_card::{Alarms, CHANNELS, Counters, Octets};
use units::media::BLOCK_SAMPLES;

/// Version of all datagrams.
pub const VERSION: u8 = 1;
/// Channels of a span: slots 1 to 31.
pub const SLOTS: usize = 31;
/// Spans of one card at most.
pub const SPANS: usize = CHANNELS / SLOTS;
/// Frames of an E1 that one block holds.
pub const BLOCK_FRAMES: usize = BLOCK_SAMPLES;
/// Octets of an E1 in one block.
pub const BLOCK_OCTETS: usize = BLOCK_FRAMES * g704::FRAME;
/// Octets of an E1 that one datagram holds at most.
pub const LINE_OCTETS: usize = 24 * g704::FRAME;
/// Length of an analog datagram.
pub const PORT_LEN: usize = 12 + BLOCK_SAMPLES;
/// Room for every datagram of a card.
pub const MOST_OCTETS: usize =
    Shape { spans: SPANS, ports: limits::ANALOG_PORTS, lines: 0 }.up_len();

const UP_HEADER: usize = 28;
const DOWN_HEADER: usize = 12;
const LINE_HEADER: usize = 12;
const SPAN_OCTETS: usize = SLOTS * BLOCK_SAMPLES;
const SPAN_UP: usize = 48 + SPAN_OCTETS;
const PORT: usize = 1 + BLOCK_SAMPLES;
const LOCKSTEP: u8 = 1;
/// In the bits of what is a line of an exchange.
const LINE: u8 = 0x80;

/// How many spans and ports a card has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// E1 spans, at most [`SPANS`].
    pub spans: usize,
    /// Ports for telephones.
    pub ports: usize,
    /// Lines of an exchange; with the ports at most [`limits::ANALOG_PORTS`].
    pub lines: usize,
}

impl Shape {
    /// Whether a card may have it.
    #[must_use]
    pub const fn possible(self) -> bool {
        self.spans <= SPANS
            && self.analog() <= limits::ANALOG_PORTS
            && self.spans * SLOTS + self.analog() <= CHANNELS
            && self.spans + self.analog() > 0
    }

    /// Ports of both kinds.
    #[must_use]
    pub const fn analog(self) -> usize {
        self.ports + self.lines
    }

    /// Length of a datagram from the card.
    #[must_use]
    pub const fn up_len(self) -> usize {
        UP_HEADER + self.spans * SPAN_UP + self.analog() * PORT
    }

    /// Length of a datagram to the card.
    #[must_use]
    pub const fn down_len(self) -> usize {
        DOWN_HEADER + self.spans * SPAN_OCTETS + self.analog() * PORT
    }

    /// `header` and `span` octets stand before the ports.
    fn read(datagram: &[u8], kind: u8, [header, span]: [usize; 2]) -> Option<Self> {
        let ok = datagram.len() >= header && datagram[0] == kind && datagram[1] == VERSION;
        let (spans, all): (usize, usize) = ok.then(|| (datagram[2].into(), datagram[3].into()))?;
        let bits = datagram.iter().skip(header + spans * span).step_by(PORT);
        let lines = bits.take(all).skip_while(|bits| **bits & LINE == 0).count();
        let shape = Self { spans, ports: all - lines, lines };
        shape.possible().then_some(shape)
    }

    fn write(self, datagram: &mut [u8], kind: u8) {
        // A possible shape fits: both numbers are below 256.
        let small = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
        datagram[..4].copy_from_slice(&[kind, VERSION, small(self.spans), small(self.analog())]);
    }
}

fn get(datagram: &[u8], at: usize) -> u64 {
    let mut octets = [0; 8];
    octets.copy_from_slice(&datagram[at..at + 8]);
    u64::from_le_bytes(octets)
}

fn put(datagram: &mut [u8], at: usize, value: u64) {
    datagram[at..at + 8].copy_from_slice(&value.to_le_bytes());
}

fn alarm_bits(alarms: Alarms) -> u64 {
    let bits = [alarms.los, alarms.lof, alarms.ais, alarms.rai, alarms.lomf];
    bits.iter().enumerate().map(|(place, on)| u64::from(*on) << place).sum()
}

fn alarms(bits: u64) -> Alarms {
    let on = |place: u32| bits >> place & 1 == 1;
    let (los, lof, ais, rai, lomf) = (on(0), on(1), on(2), on(3), on(4));
    Alarms { los, lof, ais, rai, lomf, ..Alarms::default() }
}

/// A datagram from the card, checked.
#[derive(Clone, Copy, Debug)]
pub struct Up<'a> {
    shape: Shape,
    octets: &'a [u8],
}

impl<'a> Up<'a> {
    /// `None` if it is no such datagram.
    #[must_use]
    pub fn parse(datagram: &'a [u8]) -> Option<Self> {
        let shape = Shape::read(datagram, b'U', [UP_HEADER, SPAN_UP])?;
        (datagram.len() == shape.up_len()).then_some(Self { shape, octets: datagram })
    }

    /// How many spans and ports it tells of.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Number of the block.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        get(self.octets, 4)
    }

    /// Blocks that nobody answered, since the card started.
    #[must_use]
    pub fn missing(&self) -> u64 {
        get(self.octets, 12)
    }

    /// Whether time moves only by the card's blocks.
    #[must_use]
    pub const fn lockstep(&self) -> bool {
        self.octets[20] & LOCKSTEP != 0
    }

    /// Alarms of a span, counted from 0 as all here.
    #[must_use]
    pub fn alarms(&self, span: usize) -> Alarms {
        alarms(get(self.octets, UP_HEADER + span * SPAN_UP))
    }

    /// Counters of a span.
    #[must_use]
    pub fn counters(&self, span: usize) -> Counters {
        let count = |place: usize| get(self.octets, UP_HEADER + span * SPAN_UP + 8 + place * 8);
        Counters {
            // What this card frames has no line code.
            code_violations: 0,
            crc_errors: count(0),
            far_crc_errors: count(1),
            fas_errors: count(2),
            slips: count(3),
            losses_of_frame: count(4),
        }
    }

    /// The octets of slots 1 to 31 of a span.
    #[must_use]
    pub fn channels(&self, span: usize) -> &'a [Octets] {
        let start = UP_HEADER + span * SPAN_UP + 48;
        self.octets[start..start + SPAN_OCTETS].as_chunks().0
    }

    /// Whether the telephone at a port is off hook.
    #[must_use]
    pub fn off_hook(&self, port: usize) -> bool {
        self.octets[self.port(port)] & 1 != 0
    }

    /// What a line of an exchange is like, counted from 0.
    #[must_use]
    pub fn wire(&self, line: usize) -> Wire {
        Wire::read(self.octets[self.port(self.shape.ports + line)])
    }

    /// The octets of a port; the lines stand behind the telephones.
    #[must_use]
    pub fn port_octets(&self, port: usize) -> Octets {
        read_octets(self.octets, self.port(port) + 1)
    }

    const fn port(&self, port: usize) -> usize {
        UP_HEADER + self.shape.spans * SPAN_UP + port * PORT
    }
}

fn read_octets(datagram: &[u8], at: usize) -> Octets {
    let mut octets = [0; BLOCK_SAMPLES];
    octets.copy_from_slice(&datagram[at..at + BLOCK_SAMPLES]);
    octets
}

/// A datagram from the card in the making.
#[derive(Debug)]
pub struct UpMut<'a> {
    shape: Shape,
    octets: &'a mut [u8],
}

impl<'a> UpMut<'a> {
    /// In the first [`Shape::up_len`] octets of `room`; `None` if it is too small.
    pub fn new(room: &'a mut [u8], shape: Shape) -> Option<Self> {
        let octets = room.get_mut(..shape.up_len())?;
        shape.write(octets, b'U');
        Some(Self { shape, octets })
    }

    /// Writes what stands before the spans.
    pub fn header(&mut self, sequence: u64, missing: u64, lockstep: bool) {
        put(self.octets, 4, sequence);
        put(self.octets, 12, missing);
        put(self.octets, 20, u64::from(lockstep));
    }

    /// Writes a span's alarms and counters and gives its channels to be filled.
    pub fn span(&mut self, span: usize, alarms: Alarms, counters: &Counters) -> &mut [Octets] {
        let start = UP_HEADER + span * SPAN_UP;
        put(self.octets, start, alarm_bits(alarms));
        let counts = [
            counters.crc_errors,
            counters.far_crc_errors,
            counters.fas_errors,
            counters.slips,
            counters.losses_of_frame,
        ];
        for (place, count) in counts.into_iter().enumerate() {
            put(self.octets, start + 8 + place * 8, count);
        }
        self.octets[start + 48..start + 48 + SPAN_OCTETS].as_chunks_mut().0
    }

    /// Writes a port.
    pub fn port(&mut self, port: usize, off_hook: bool, octets: &Octets) {
        self.analog(port, u8::from(off_hook), octets);
    }

    /// Writes a line of an exchange.
    pub fn line(&mut self, line: usize, wire: Wire, octets: &Octets) {
        self.analog(self.shape.ports + line, wire.bits(), octets);
    }

    fn analog(&mut self, port: usize, bits: u8, octets: &Octets) {
        let start = UP_HEADER + self.shape.spans * SPAN_UP + port * PORT;
        self.octets[start] = bits;
        self.octets[start + 1..start + PORT].copy_from_slice(octets);
    }

    /// The datagram.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.octets
    }
}

/// What the card sees of a line of an exchange beside sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// Current flows: the loop is closed here and there.
    pub current: bool,
    /// Ringing current comes.
    pub ring: bool,
    /// The exchange has reversed the polarity.
    pub reversed: bool,
}

impl Wire {
    const fn bits(self) -> u8 {
        LINE | (self.current as u8) | ((self.ring as u8) << 1) | ((self.reversed as u8) << 2)
    }

    const fn read(bits: u8) -> Self {
        Self { current: bits & 1 != 0, ring: bits & 2 != 0, reversed: bits & 4 != 0 }
    }
}

/// What the core feeds an FXS port beside sound, or an exchange its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Feed {
    /// Ringing current.
    pub ring: bool,
    /// Polarity reversed.
    pub reversed: bool,
    /// The exchange has opened the loop: there is no current. Never at an FXS port.
    pub open: bool,
}

impl Feed {
    const fn bits(self) -> u8 {
        (self.ring as u8) | ((self.reversed as u8) << 1) | ((self.open as u8) << 2)
    }

    const fn read(bits: u8) -> Self {
        Self { ring: bits & 1 != 0, reversed: bits & 2 != 0, open: bits & 4 != 0 }
    }
}

/// A datagram to the card, checked.
#[derive(Clone, Copy, Debug)]
pub struct Down<'a> {
    shape: Shape,
    octets: &'a [u8],
}

impl<'a> Down<'a> {
    /// `None` if it is no such datagram.
    #[must_use]
    pub fn parse(datagram: &'a [u8]) -> Option<Self> {
        let shape = Shape::read(datagram, b'D', [DOWN_HEADER, SPAN_OCTETS])?;
        (datagram.len() == shape.down_len()).then_some(Self { shape, octets: datagram })
    }

    /// How many spans and ports it is for.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// The block that it answers.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        get(self.octets, 4)
    }

    /// The octets of slots 1 to 31 of a span.
    #[must_use]
    pub fn channels(&self, span: usize) -> &'a [Octets] {
        let start = DOWN_HEADER + span * SPAN_OCTETS;
        self.octets[start..start + SPAN_OCTETS].as_chunks().0
    }

    /// What a port is fed.
    #[must_use]
    pub fn feed(&self, port: usize) -> Feed {
        Feed::read(self.octets[self.port(port)])
    }

    /// Whether the loop of a line of an exchange is closed.
    #[must_use]
    pub fn closed(&self, line: usize) -> bool {
        self.octets[self.port(self.shape.ports + line)] & 1 != 0
    }

    /// The octets of a port; the lines stand behind the telephones.
    #[must_use]
    pub fn port_octets(&self, port: usize) -> Octets {
        read_octets(self.octets, self.port(port) + 1)
    }

    const fn port(&self, port: usize) -> usize {
        DOWN_HEADER + self.shape.spans * SPAN_OCTETS + port * PORT
    }
}

/// A datagram to the card in the making.
#[derive(Debug)]
pub struct DownMut<'a> {
    shape: Shape,
    octets: &'a mut [u8],
}

impl<'a> DownMut<'a> {
    /// In the first [`Shape::down_len`] octets of `room`; `None` if it is too small.
    pub fn new(room: &'a mut [u8], shape: Shape, sequence: u64) -> Option<Self> {
        let octets = room.get_mut(..shape.down_len())?;
        shape.write(octets, b'D');
        put(octets, 4, sequence);
        Some(Self { shape, octets })
    }

    /// The channels of a span, to be filled.
    pub fn channels(&mut self, span: usize) -> &mut [Octets] {
        let start = DOWN_HEADER + span * SPAN_OCTETS;
        self.octets[start..start + SPAN_OCTETS].as_chunks_mut().0
    }

    /// Writes a port.
    pub fn port(&mut self, port: usize, feed: Feed, octets: &Octets) {
        self.analog(port, feed.bits(), octets);
    }

    /// Writes a line of an exchange.
    pub fn line(&mut self, line: usize, closed: bool, octets: &Octets) {
        self.analog(self.shape.ports + line, LINE | u8::from(closed), octets);
    }

    fn analog(&mut self, port: usize, bits: u8, octets: &Octets) {
        let start = DOWN_HEADER + self.shape.spans * SPAN_OCTETS + port * PORT;
        self.octets[start] = bits;
        self.octets[start + 1..start + PORT].copy_from_slice(octets);
    }

    /// The datagram.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        self.octets
    }
}

/// A piece of an E1: raw bits, the first in the most significant place of the first octet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Block of the card's clock; in an answer the block answered.
    pub sequence: u64,
    /// Whether there are pulses at all: `false` is a cut cable for the time of the octets.
    pub signal: bool,
    /// The bits, at most [`LINE_OCTETS`] octets.
    pub octets: &'a [u8],
}

impl<'a> Line<'a> {
    /// `None` if it is no such datagram.
    #[must_use]
    pub fn parse(datagram: &'a [u8]) -> Option<Self> {
        let ok = datagram.len() >= LINE_HEADER && datagram[0] == b'E' && datagram[1] == VERSION;
        let octets = datagram.get(LINE_HEADER..).filter(|rest| ok && rest.len() <= LINE_OCTETS)?;
        Some(Self { sequence: get(datagram, 4), signal: datagram[2] & 1 != 0, octets })
    }

    /// Writes the datagram into `room`; `None` if it is too small or there are too many octets.
    pub fn write<'b>(&self, room: &'b mut [u8]) -> Option<&'b [u8]> {
        let datagram = room.get_mut(..LINE_HEADER + self.octets.len())?;
        if self.octets.len() > LINE_OCTETS {
            return None;
        }
        datagram[..4].copy_from_slice(&[b'E', VERSION, u8::from(self.signal), 0]);
        put(datagram, 4, self.sequence);
        datagram[LINE_HEADER..].copy_from_slice(self.octets);
        Some(datagram)
    }
}

/// A block between a port and its telephone, either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    /// Block of the card's clock; in an answer the block answered.
    pub sequence: u64,
    /// To the telephone: see [`Port::feed`]. To the card: off hook is 1.
    pub bits: u8,
    /// A-law octets.
    pub octets: Octets,
}

impl Port {
    /// To the telephone.
    #[must_use]
    pub const fn to_telephone(sequence: u64, feed: Feed, octets: Octets) -> Self {
        Self { sequence, bits: feed.bits(), octets }
    }

    /// To the card.
    #[must_use]
    pub const fn to_card(sequence: u64, off_hook: bool, octets: Octets) -> Self {
        Self { sequence, bits: off_hook as u8, octets }
    }

    /// What the telephone is fed.
    #[must_use]
    pub const fn feed(&self) -> Feed {
        Feed::read(self.bits)
    }

    /// Whether the telephone is off hook.
    #[must_use]
    pub const fn off_hook(&self) -> bool {
        self.bits & 1 != 0
    }

    /// `None` if it is no such datagram.
    #[must_use]
    pub fn parse(datagram: &[u8]) -> Option<Self> {
        let ok = datagram.len() == PORT_LEN && datagram[0] == b'P' && datagram[1] == VERSION;
        ok.then(|| Self {
            sequence: get(datagram, 4),
            bits: datagram[2],
            octets: read_octets(datagram, 12),
        })
    }

    /// The datagram.
    #[must_use]
    pub fn write(&self) -> [u8; PORT_LEN] {
        let mut datagram = [0; PORT_LEN];
        datagram[..3].copy_from_slice(&[b'P', VERSION, self.bits]);
        put(&mut datagram, 4, self.sequence);
        datagram[12..].copy_from_slice(&self.octets);
        datagram
    }
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
