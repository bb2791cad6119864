//! Where something is: spans, time slots, ports, lines, cards and the clocks that they follow.

use core::fmt;

use serde::{Deserialize, Serialize};

macro_rules! place {
    ($(#[$doc:meta])* $name:ident($inner:ty), $word:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($word, " {}"), self.0)
            }
        }
    };
}

place!(
    /// One E1 of this box, counted from 1 as on the case.
    SpanId(u8), "span"
);
place!(
    /// One place in the engine's matrix where a block of sound goes in and out each tick:
    /// a B channel or an analog port. Counted from 0 in the order of the board.
    PortId(u16), "port"
);
place!(
    /// One line as calls see it: a PRI group, an R2 circuit, an analog port, an audio jack.
    LineId(u16), "line"
);
place!(
    /// One piece of line hardware.
    CardId(u8), "card"
);
place!(
    /// A set of ports whose samples are taken by the same clock.
    ClockDomain(u8), "clock"
);

impl LineId {
    const FIRST_ANALOG: u16 = 100;
    const FIRST_JACK: u16 = 200;

    /// The line that a span makes: its number is the span's.
    #[must_use]
    pub const fn of_span(span: SpanId) -> Self {
        Self(span.0 as u16)
    }

    /// The line that an analog port makes: 100 and the number on the case, from 1.
    #[must_use]
    pub const fn of_analog(number: u16) -> Self {
        Self(Self::FIRST_ANALOG + number)
    }

    /// The line that an audio jack makes: 200 and its number in the board file, from 1.
    #[must_use]
    pub const fn of_jack(number: u16) -> Self {
        Self(Self::FIRST_JACK.saturating_add(number))
    }

    /// The span of the line; `None` for an analog port or a jack.
    #[must_use]
    pub const fn span(self) -> Option<SpanId> {
        if self.0 < Self::FIRST_ANALOG { Some(SpanId(self.0.to_le_bytes()[0])) } else { None }
    }

    /// The number on the case of the analog port; `None` for a span or a jack.
    #[must_use]
    pub const fn analog(self) -> Option<u16> {
        let analog = self.0 > Self::FIRST_ANALOG && self.0 <= Self::FIRST_JACK;
        if analog { Some(self.0 - Self::FIRST_ANALOG) } else { None }
    }

    /// The number of the audio jack; `None` for any other line.
    #[must_use]
    pub const fn jack(self) -> Option<u16> {
        if self.0 > Self::FIRST_JACK { Some(self.0 - Self::FIRST_JACK) } else { None }
    }
}

/// One of the 31 time slots of an E1 that can carry something: 1 to 31 (G.704 table 5A).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Timeslot(u8);

impl Timeslot {
    /// The slot of signalling bits (G.704 5.1.3), and the usual one of the D channel of a primary
    /// access (I.431).
    pub const D: Self = Self(16);

    /// `None` unless `slot` is 1 to 31: slot 0 carries the framing.
    #[must_use]
    pub const fn new(slot: u8) -> Option<Self> {
        if slot >= 1 && slot <= 31 { Some(Self(slot)) } else { None }
    }

    /// The number of the slot, 1 to 31.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// All 31, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=31).map(Self)
    }
}

/// A set of time slots, 1 to 31.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Slots(u32);

impl Slots {
    /// All of them.
    pub const ALL: Self = Self(!1);

    /// Those whose bits are set, bit 31 for slot 31; bit 0 is nobody's.
    #[must_use]
    pub const fn from_map(map: u32) -> Self {
        Self(map & !1)
    }

    /// Adds a slot.
    pub const fn insert(&mut self, slot: Timeslot) {
        self.0 |= 1 << slot.get();
    }

    /// Takes a slot out.
    pub const fn remove(&mut self, slot: Timeslot) {
        self.0 &= !(1 << slot.get());
    }

    /// Whether the slot is in the set.
    #[must_use]
    pub const fn contains(self, slot: Timeslot) -> bool {
        self.0 & (1 << slot.get()) != 0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The slots in ascending order.
    pub fn iter(self) -> impl Iterator<Item = Timeslot> {
        let mut left = self.0;
        core::iter::from_fn(move || {
            let lowest = u8::try_from(left.trailing_zeros()).ok()?;
            left &= left.wrapping_sub(1);
            Timeslot::new(lowest)
        })
    }
}

impl From<Timeslot> for Slots {
    fn from(slot: Timeslot) -> Self {
        Self(1 << slot.get())
    }
}

impl TryFrom<u8> for Timeslot {
    type Error = &'static str;

    fn try_from(slot: u8) -> Result<Self, Self::Error> {
        Self::new(slot).ok_or("a time slot is 1 to 31")
    }
}

impl From<Timeslot> for u8 {
    fn from(slot: Timeslot) -> Self {
        slot.0
    }
}

impl fmt::Display for Timeslot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "slot {}", self.0)
    }
}
