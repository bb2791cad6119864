//! What a card shall be, as the board file says.

use hal_card::Signalling;
use units::{ClockDomain, Law, SpanId};

/// One card: what shares a clock and is unplugged together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Whose clock takes its samples.
    pub clock: ClockDomain,
    /// The law of its lines.
    pub law: Law,
    /// How much the kernel holds.
    pub buffers: Buffers,
    /// What its blocks are made of.
    pub blocks: Blocks,
    /// What its analog ports take for a flash.
    pub flash: Flash,
    /// Spans and analog ports, in the order of [`hal_card::Card::channels`].
    pub units: Vec<UnitPlan>,
}

/// How much the kernel holds of each channel, in blocks of 2 ms: what a reader that comes late may
/// miss, and what a writer that comes late may owe. Each block more of `lead` is 2 ms of delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffers {
    /// Blocks that there is room for, both ways.
    pub blocks: usize,
    /// Blocks that wait to be sent while all is well.
    pub lead: usize,
}

impl Buffers {
    /// The smallest that hold for a line thread with real-time priority.
    pub const REALTIME: Self = Self { blocks: 8, lead: 1 };
    /// For programs that may be late.
    pub const RELAXED: Self = Self { blocks: 32, lead: 10 };
}

/// What the kernel's blocks of sound are made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blocks {
    /// Octets of the law, as they are on the line.
    #[default]
    Law,
    /// Samples of 16 bits: the kernel converts from and to the law of the driver, for analog ports
    /// whichever that is. Slots of a span have a descriptor each then.
    Linear,
}

/// For how long an open loop is a flash, in ms; open for longer it is on hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flash {
    /// At least.
    pub least_ms: u16,
    /// At most.
    pub most_ms: u16,
}

impl Flash {
    /// ETSI ES 201 970.
    pub const USUAL: Self = Self { least_ms: 50, most_ms: 500 };

    /// For how long we open the loop ourselves: the middle, furthest from being taken for anything
    /// else.
    #[must_use]
    pub const fn own_ms(self) -> u16 {
        self.least_ms.midpoint(self.most_ms)
    }
}

impl Plan {
    /// The law of a unit's channels as the kernel is told. With samples the driver's own will do
    /// for an analog port; what is on an E1 is the country's.
    pub(crate) fn kernels_law(&self, unit: &UnitPlan) -> Option<Law> {
        let drivers = self.blocks == Blocks::Linear && matches!(unit, UnitPlan::Port(_));
        (!drivers).then_some(self.law)
    }

    /// The plan with a descriptor for each slot where blocks are samples: slots that are joined
    /// are no channels of sound to the kernel.
    pub(crate) fn settled(mut self) -> Self {
        if self.blocks == Blocks::Linear {
            for unit in &mut self.units {
                if let UnitPlan::Span(span) = unit {
                    span.transport = Transport::Each;
                }
            }
        }
        self
    }
}

/// What is opened and lost as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitPlan {
    /// An E1: 31 channels.
    Span(SpanPlan),
    /// An analog port: one channel.
    Port(PortPlan),
}

/// One E1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanPlan {
    /// Our number.
    pub span: SpanId,
    /// The kernel's number.
    pub number: i32,
    /// CRC-4 multiframe (G.704 2.3).
    pub crc4: bool,
    /// Priority as a source of the card's clock: 0 never, 1 first.
    pub clock_priority: u8,
    /// Where its signalling is.
    pub signalling: Signalling,
    /// Who makes and checks the D channel's HDLC.
    pub frames: Frames,
    /// How its slots are read.
    pub transport: Transport,
}

/// Who makes and checks the HDLC of a D channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frames {
    /// The kernel: one descriptor more, frames whole.
    Kernel,
    /// We: its slot comes with the others.
    Own,
}

/// How the slots of a span are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Joined in the kernel: one descriptor for all. Not with signalling bits, and without the
    /// card's echo canceller: both belong to channels of their own.
    Together,
    /// One descriptor each.
    Each,
}

/// One analog port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortPlan {
    /// What is plugged in.
    pub side: Side,
    /// The kernel's channel.
    pub channel: i32,
    /// Whether the card's echo canceller is there to be switched on.
    pub echo: bool,
}

/// What an analog port is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A telephone (FXS).
    Telephone,
    /// A line from an exchange (FXO).
    Exchange,
}

impl SpanPlan {
    /// Whether its slots come through one descriptor: bits need one each.
    #[must_use]
    pub fn together(&self) -> bool {
        self.transport == Transport::Together && matches!(self.signalling, Signalling::Common(_))
    }

    /// The slot, counted from 0, that comes in no block of octets.
    pub(crate) fn apart(&self) -> Option<usize> {
        let own = self.frames == Frames::Own && self.together();
        self.signalling.index().filter(|_| !own)
    }

    /// Slots, counted from 0, that come as octets.
    pub(crate) fn octets(&self) -> impl Iterator<Item = usize> + use<> {
        let apart = self.apart();
        (0..SLOTS).filter(move |index| Some(*index) != apart)
    }
}

impl UnitPlan {
    /// Channels that it has.
    #[must_use]
    pub const fn channels(&self) -> usize {
        match self {
            Self::Span(_) => SLOTS,
            Self::Port(_) => 1,
        }
    }
}

/// Slots 1 to 31.
pub(crate) const SLOTS: usize = 31;
