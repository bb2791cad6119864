//! A line card, whoever made it: what the line thread reads and writes each tick.
//!
//! ```text
//!             receive() ──► one block of every channel, or a count of blocks that are missing
//!   card      poll_event() ► D-channel frames, CAS bits, hook, alarms, slips
//!  hardware   transmit() ◄── one block of every channel
//!             send_frame(), command() ◄── frames, ringing, CAS bits, alarms to send
//! ```
//!
//! Behind it stand the kernel's telephony devices (`hal/dahdi`: descriptors, blocks of 2 ms, frames
//! checked by the kernel, events by ioctl) and our virtual card (one datagram a tick for all
//! channels, HDLC done by the driver in `hal/virtual`). What both must do is written as a test that
//! runs against each: `conformance` (a feature). All calls come from the line thread: none
//! but [`Card::receive`] waits, none allocates.

#[cfg(feature = "conformance")]
pub mod conformance;

use std::os::fd::OwnedFd;

use heapless::Vec;
use units::media::BLOCK_SAMPLES;
use units::{ClockDomain, Duration, Law, SpanId, Timeslot};

/// The octets of one channel in one tick, in the order of the line.
pub type Octets = [u8; BLOCK_SAMPLES];

/// A D-channel frame from address to information, without flags and FCS.
pub type Frame = Vec<u8, { limits::FRAME_OCTETS }>;

/// Channels of one card at most: 31 slots of eight spans, or as many analog ports.
pub const CHANNELS: usize = 31 * 8;

/// What a channel of a card is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A time slot that carries sound.
    Bearer {
        /// Its span.
        span: SpanId,
        /// Its slot.
        slot: Timeslot,
    },
    /// A time slot that carries HDLC frames; its octets in `receive` and `transmit` mean nothing.
    Data {
        /// Its span.
        span: SpanId,
        /// Its slot.
        slot: Timeslot,
    },
    /// Slot 16 of a span with channel-associated signalling: the card fills it with the bits of
    /// the other slots; its octets mean nothing.
    Signalling {
        /// Its span.
        span: SpanId,
    },
    /// A port that feeds a telephone.
    Fxs,
    /// A port that is fed by an exchange.
    Fxo,
    /// An audio jack: sound and nothing else.
    Jack,
}

/// Where the signalling of a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signalling {
    /// A D channel in this slot; `None`: its calls are controlled from another span.
    Common(Option<Timeslot>),
    /// Bits of the other slots, in slot 16 (G.704 5.1.3).
    Associated,
}

impl Signalling {
    /// A primary access alone (I.431).
    pub const USUAL: Self = Self::Common(Some(Timeslot::D));

    /// The slot that is taken by signalling.
    #[must_use]
    pub const fn slot(self) -> Option<Timeslot> {
        match self {
            Self::Common(slot) => slot,
            Self::Associated => Some(Timeslot::D),
        }
    }

    /// The index of that slot among slots 1 to 31.
    #[must_use]
    pub fn index(self) -> Option<usize> {
        self.slot().map(|slot| usize::from(slot.get()) - 1)
    }

    /// What the channel of a slot is, of a span that signals so.
    #[must_use]
    pub fn kind(self, span: SpanId, slot: Timeslot) -> Kind {
        match self {
            _ if self.slot() != Some(slot) => Kind::Bearer { span, slot },
            Self::Common(_) => Kind::Data { span, slot },
            Self::Associated => Kind::Signalling { span },
        }
    }
}

/// One channel of a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// What it is.
    pub kind: Kind,
    /// The law of its octets.
    pub law: Law,
    /// Whose clock takes its samples.
    pub clock: ClockDomain,
}

/// What one call of [`Card::receive`] brought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// Whether the blocks were filled. `false`: nothing came within the patience given.
    pub block: bool,
    /// Blocks that the hardware dropped before this one because nobody read them.
    pub missing: u32,
    /// Blocks that the card's clock has counted since it was opened, the missing ones included.
    pub clock: u64,
}

/// Conditions of a span, each seen by our receiver (G.704, G.775, O.162).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// Loss of signal: nothing comes.
    pub los: bool,
    /// Loss of frame: a signal without alignment.
    pub lof: bool,
    /// Alarm indication signal: all ones, the far equipment has lost its own input.
    pub ais: bool,
    /// Remote alarm indication: the far side does not understand what we send.
    pub rai: bool,
    /// CRC-4 multiframe alignment is missing although it is configured.
    pub lomf: bool,
    /// The multiframe of the signalling bits is missing on a span that has them (G.732 5.2).
    pub lom: bool,
    /// The far side says that it has none of ours (bit y, G.704 5.1.3.2).
    pub rom: bool,
    /// Slot 16 carries the other kind of signalling: frames where bits are due, or bits where
    /// frames are.
    pub foreign: bool,
}

impl Alarms {
    /// Whether the span cannot carry calls.
    #[must_use]
    pub const fn down(self) -> bool {
        self.los || self.lof || self.ais
    }

    /// Whether one of the two sides does not understand what the other signals.
    #[must_use]
    pub const fn mute(self) -> bool {
        self.down() || self.rai || self.lom || self.rom
    }
}

/// What a span has counted since the card was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bipolar violations that are not of HDB3 (G.703 annex A).
    pub code_violations: u64,
    /// CRC-4 sub-multiframes that came in wrong (G.704 2.3.3).
    pub crc_errors: u64,
    /// Sub-multiframes that the far side says it received wrong (E bits).
    pub far_crc_errors: u64,
    /// Frame alignment words with an error in them.
    pub fas_errors: u64,
    /// Frames dropped or repeated by the elastic store.
    pub slips: u64,
    /// Times that alignment was lost.
    pub losses_of_frame: u64,
}

/// A frame that came in wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// The check sequence is wrong.
    Fcs,
    /// Seven ones in a row: the sender gave up.
    Abort,
    /// Longer than [`limits::FRAME_OCTETS`].
    TooLong,
    /// Shorter than an address and a control field, or no whole number of octets.
    TooShort,
}

/// What keeps a span or an analog port from working, beside the alarms of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The hardware, or its driver, is not there.
    Missing,
    /// We may not open its device.
    Forbidden,
    /// Another program has it.
    Busy,
    /// It cannot be set up as the board file says; the operating system's number.
    Refused(i32),
    /// Another program has changed its framing since.
    Overridden,
    /// It answers with this number of the operating system, again and again.
    Failing(i32),
    /// Nothing comes from it.
    Silent,
}

/// What happened at a card beside sound. `channel` is the index in [`Card::channels`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "a frame has no heap to lie on")]
pub enum Event {
    /// A frame came in whole.
    Frame {
        /// On which data channel.
        channel: usize,
        /// The frame.
        frame: Frame,
    },
    /// A frame came in and was dropped.
    FrameError {
        /// On which data channel.
        channel: usize,
        /// What was wrong.
        error: FrameError,
    },
    /// The signalling bits a, b, c, d of a channel changed (G.704 table 9), a in bit 3.
    Cas {
        /// Whose.
        channel: usize,
        /// The bits.
        bits: u8,
    },
    /// The loop of a telephone closed (handset up) or opened; told once when the card is opened.
    Hook {
        /// Whose.
        channel: usize,
        /// Current flows.
        off_hook: bool,
    },
    /// Ringing current comes in on an FXO port, or stopped.
    Ringing {
        /// Whose.
        channel: usize,
        /// It comes.
        on: bool,
    },
    /// The polarity of the line at an FXO port was reversed, or made normal again: the card tells
    /// that it turned, not which way it is.
    Polarity {
        /// Whose.
        channel: usize,
    },
    /// The card took an interruption of the loop for a hook flash. Cards that tell every opening
    /// and closing send [`Event::Hook`] only, and whoever listens measures.
    Flash {
        /// Whose.
        channel: usize,
    },
    /// The alarms of a span changed.
    Alarms {
        /// Whose.
        span: SpanId,
        /// All of them, now.
        alarms: Alarms,
    },
    /// The elastic store of a span dropped or repeated a frame.
    Slip {
        /// Whose.
        span: SpanId,
    },
    /// What keeps a span or an analog port from working, beside the alarms of its line, changed.
    Trouble {
        /// The first channel of the span, or the port's.
        channel: usize,
        /// What; `None`: it works again.
        trouble: Option<Trouble>,
    },
    /// The card stopped answering; its channels are silent until [`Event::Back`].
    Gone,
    /// The card answers again; every state on it must be asked anew.
    Back,
}

/// What the line thread tells a card to do beside sending blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Ring the telephone at an FXS port, in the cadence that the caller of this steps, or stop.
    Ring {
        /// Which.
        channel: usize,
        /// Current on.
        on: bool,
    },
    /// Reverse the feeding of an FXS port, or make it normal.
    Polarity {
        /// Which.
        channel: usize,
        /// Reversed.
        reversed: bool,
    },
    /// Close the loop of an FXO port, or open it.
    Loop {
        /// Which.
        channel: usize,
        /// Closed.
        closed: bool,
    },
    /// Let sound through to a telephone that is on hook for so long: a message about who calls
    /// follows.
    OnHookSound {
        /// Which.
        channel: usize,
        /// Milliseconds.
        ms: u16,
    },
    /// Open the loop of an FXO port for as long as the card's country calls a flash.
    Flash {
        /// Which.
        channel: usize,
    },
    /// Send the signalling bits a, b, c, d of a channel, a in bit 3.
    Cas {
        /// Which.
        channel: usize,
        /// The bits.
        bits: u8,
    },
    /// Put the card's own echo canceller into a channel, or take it out.
    Echo {
        /// Which.
        channel: usize,
        /// In.
        on: bool,
    },
}

/// What a card measures at an analog port, in millivolts, signed as the card signs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voltages {
    /// At the tip (a) wire against earth.
    pub tip_mv: i32,
    /// At the ring (b) wire against earth.
    pub ring_mv: i32,
    /// Of the battery that feeds the port.
    pub battery_mv: i32,
}

/// Why a card could not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The card is not there. Not an end: it may come back ([`Event::Back`]).
    Gone,
    /// Too many frames wait for the data channel ([`limits::D_QUEUE`]).
    Full,
    /// The channel is of another kind or does not exist.
    NoSuchChannel,
    /// The operating system said this number (errno).
    System(i32),
}

/// A line card.
pub trait Card {
    /// All channels, in an order that never changes while the card is open.
    fn channels(&self) -> &[Channel];

    /// Waits for the next block of every channel, at most `patience`, and fills `blocks`, one for
    /// each channel. A card that others pace (not the first one of the box) is called with no
    /// patience.
    ///
    /// # Errors
    /// [`Fault::Gone`] or [`Fault::System`]; the caller goes on by its own clock.
    fn receive(&mut self, blocks: &mut [Octets], patience: Duration) -> Result<Received, Fault>;

    /// Sends one block of every channel; the answer to the block received last.
    ///
    /// # Errors
    /// [`Fault::Gone`] or [`Fault::System`].
    fn transmit(&mut self, blocks: &[Octets]) -> Result<(), Fault>;

    /// The next event since the last [`Self::receive`], oldest first.
    fn poll_event(&mut self) -> Option<Event>;

    /// Queues a frame for a data channel.
    ///
    /// # Errors
    /// [`Fault::Full`] or [`Fault::NoSuchChannel`].
    fn send_frame(&mut self, channel: usize, frame: &[u8]) -> Result<(), Fault>;

    /// Does something to a channel.
    ///
    /// # Errors
    /// [`Fault::NoSuchChannel`] if the channel cannot do it.
    fn command(&mut self, command: Command) -> Result<(), Fault>;

    /// What a span has counted; `None` if it is not on this card.
    fn counters(&self, span: SpanId) -> Option<Counters>;

    /// What the card measures at an analog port; `None` if its driver does not tell.
    fn voltages(&mut self, channel: usize) -> Option<Voltages> {
        let _ = channel;
        None
    }

    /// Gives the open file of the card away, for the next process to go on with; `None` if it must
    /// be opened anew.
    fn hand_over(self: Box<Self>) -> Option<OwnedFd> {
        None
    }

    /// Whether the tick may wait for this card's blocks. A jack keeps its own sound card's time and
    /// follows: it never paces, and its loss is not a line card's.
    fn paces(&self) -> bool {
        true
    }

    /// Whether time moves only by this card's blocks: tests that run faster than time. The line
    /// thread then answers a block only when the control thread has taken in the one before.
    fn lockstep(&self) -> bool {
        false
    }
}
