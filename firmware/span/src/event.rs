//! What happens to a line and what it wants.

use analog::fxo::Ear;
use bearer::{DChannel, Indication, Request};
use heapless::Vec;
use units::{CallTone, Digit, Digits, LegId, MfDirection, MfSignal, PortId};

use crate::telling::Lead;

/// A D-channel frame from address to information.
pub type Frame = Vec<u8, { limits::FRAME_OCTETS }>;

/// What happens to a line; octets as a value, or as a slice ([`Line::take`]).
///
/// [`Line::take`]: crate::Line::take
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<F = Frame> {
    /// A call asks.
    Request(Request),
    /// A call asks that these elements are said beside what it requests next of the leg, perhaps
    /// one that is placed next (PRI).
    Say {
        /// Whose.
        leg: LegId,
        /// As the other leg's line told them: [`bearer::Elements`].
        elements: F,
    },
    /// A frame came whole (PRI).
    Frame(F),
    /// The same on the backup D channel of a group.
    FrameBackup(F),
    /// The line can carry calls, or not: a span (PRI), the device of a jack.
    Layer1 {
        /// Which span of a group (PRI), from 0; 0 for any other line.
        of: u8,
        /// It can.
        up: bool,
    },
    /// The handset was lifted or hung up (telephone).
    Hook {
        /// Lifted.
        off_hook: bool,
    },
    /// The button of a jack was pressed.
    Pressed {
        /// The number that it calls; empty: none.
        calls: Digits,
    },
    /// The signalling bits of a circuit changed (R2); a in bit 3.
    Cas {
        /// Whose.
        port: PortId,
        /// The bits.
        bits: u8,
    },
    /// A register signal began at a circuit, or ended (R2).
    Mf {
        /// Whose.
        port: PortId,
        /// Which; `None`: it ended.
        signal: Option<MfSignal>,
    },
    /// Something on the wires of an exchange line.
    Exchange(Exchange),
}

/// What an exchange does to its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// Ringing current comes, or stopped.
    Ringing(bool),
    /// The polarity turned.
    Polarity,
    /// Current flows in the loop that we closed, or ceased to.
    Current(bool),
    /// The mark before a message that tells who calls.
    Mark,
    /// An octet of it.
    Octet(u8),
    /// It ended, whole or not.
    Cut,
    /// A key that tells who calls.
    Key(Digit),
    /// A tone was recognised.
    Tone(CallTone),
}

impl<F> Input<F> {
    /// The same with another type for octets.
    #[inline]
    pub fn map<G>(self, octets: impl FnOnce(F) -> G) -> Input<G> {
        match self {
            Self::Request(request) => Input::Request(request),
            Self::Say { leg, elements } => Input::Say { leg, elements: octets(elements) },
            Self::Frame(frame) => Input::Frame(octets(frame)),
            Self::FrameBackup(frame) => Input::FrameBackup(octets(frame)),
            Self::Layer1 { of, up } => Input::Layer1 { of, up },
            Self::Hook { off_hook } => Input::Hook { off_hook },
            Self::Pressed { calls } => Input::Pressed { calls },
            Self::Cas { port, bits } => Input::Cas { port, bits },
            Self::Mf { port, signal } => Input::Mf { port, signal },
            Self::Exchange(exchange) => Input::Exchange(exchange),
        }
    }
}

impl Input {
    /// Its name in traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Request(Request::Place { .. }) => "place",
            Self::Request(Request::MoreDigits { .. }) => "more digits",
            Self::Request(Request::Digits { .. }) => "digits",
            Self::Request(Request::Proceed { .. }) => "proceed",
            Self::Request(Request::Alert { .. }) => "alert",
            Self::Request(Request::Progress { .. }) => "progress",
            Self::Request(Request::Answer { .. }) => "answer",
            Self::Request(Request::Notify { .. }) => "notify",
            Self::Request(Request::Ask { .. }) => "ask",
            Self::Request(Request::Release { .. }) => "release",
            Self::Say { .. } => "say",
            Self::Frame(_) | Self::FrameBackup(_) => "frame",
            Self::Layer1 { .. } => "layer 1",
            Self::Hook { off_hook: true } => "off hook",
            Self::Hook { off_hook: false } => "on hook",
            Self::Pressed { .. } => "pressed",
            Self::Cas { .. } => "cas",
            Self::Mf { .. } => "mf",
            Self::Exchange(_) => "exchange",
        }
    }

    /// All names, and that of a timer.
    pub const NAMES: &'static [&'static str] = &[
        "place",
        "more digits",
        "digits",
        "proceed",
        "alert",
        "progress",
        "answer",
        "notify",
        "say",
        "ask",
        "release",
        "frame",
        "layer 1",
        "off hook",
        "on hook",
        "pressed",
        "cas",
        "mf",
        "exchange",
        "timeout",
    ];
}

/// What a line wants; octets as a value, or as a slice ([`Line::poll`]).
///
/// [`Line::poll`]: crate::Line::poll
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<F = Frame> {
    /// Tell the call.
    Indication(Indication),
    /// Tell the call what the far side says beside what is indicated next of the leg, or has just
    /// been offered.
    Said {
        /// Whose.
        leg: LegId,
        /// As they stand in the message: [`bearer::Elements`].
        elements: F,
    },
    /// Send a frame.
    Transmit(F),
    /// The same on the backup D channel of a group.
    TransmitBackup(F),
    /// Ringing current on or off.
    Ringing(PortId, bool),
    /// The attention tone at a port, and whoever hears it.
    Attention(PortId),
    /// Feeding reversed or normal.
    Reversed(PortId, bool),
    /// The data link came up or went down; a span of circuits began to carry signalling, or ceased.
    DataLink {
        /// It is up.
        up: bool,
    },
    /// What a D channel of a group that has two does now.
    DChannel {
        /// Of which span of the group, from 0.
        of: u8,
        /// What.
        state: DChannel,
    },
    /// Send these signalling bits of a circuit (R2); a in bit 3.
    Cas(PortId, u8),
    /// A register listens at a port for signals of this direction and sends those of the other;
    /// `None`: no more.
    Register(PortId, Option<MfDirection>),
    /// The register at a port sends this signal, or is silent.
    Mf(PortId, Option<MfSignal>),
    /// Busy tone at a port of a call that is over, or no more.
    Busy(PortId, bool),
    /// The loop of an exchange line closed or open.
    Loop(PortId, bool),
    /// What is listened for on an exchange line.
    Listen(PortId, Ear),
    /// An octet of what a telephone on hook is told, behind those before it.
    CallerOctet(PortId, u8),
    /// A digit of it, where it is told in digits.
    CallerKey(PortId, Digit),
    /// The telephone is told it after this; `None`: not any more.
    Caller(PortId, Option<Lead>),
    /// A digit to the exchange, behind those before it.
    Key(PortId, Digit),
}

impl<F> Output<F> {
    /// The same with another type for octets.
    #[inline]
    pub fn map<G>(self, octets: impl FnOnce(F) -> G) -> Output<G> {
        match self {
            Self::Indication(indication) => Output::Indication(indication),
            Self::Said { leg, elements } => Output::Said { leg, elements: octets(elements) },
            Self::Transmit(frame) => Output::Transmit(octets(frame)),
            Self::TransmitBackup(frame) => Output::TransmitBackup(octets(frame)),
            Self::Ringing(port, on) => Output::Ringing(port, on),
            Self::Attention(port) => Output::Attention(port),
            Self::Reversed(port, on) => Output::Reversed(port, on),
            Self::DataLink { up } => Output::DataLink { up },
            Self::DChannel { of, state } => Output::DChannel { of, state },
            Self::Cas(port, bits) => Output::Cas(port, bits),
            Self::Register(port, direction) => Output::Register(port, direction),
            Self::Mf(port, signal) => Output::Mf(port, signal),
            Self::Busy(port, on) => Output::Busy(port, on),
            Self::Loop(port, on) => Output::Loop(port, on),
            Self::Listen(port, ear) => Output::Listen(port, ear),
            Self::CallerOctet(port, octet) => Output::CallerOctet(port, octet),
            Self::CallerKey(port, digit) => Output::CallerKey(port, digit),
            Self::Caller(port, lead) => Output::Caller(port, lead),
            Self::Key(port, digit) => Output::Key(port, digit),
        }
    }
}

/// How much of a line is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Channels that carry a call.
    pub busy: u8,
    /// Channels there are.
    pub channels: u8,
    /// Channels out of service.
    pub blocked: u8,
    /// Messages that nobody could make sense of.
    pub refused_frames: u64,
}
