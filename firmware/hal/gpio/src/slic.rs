//! A subscriber-line chip over SPI: the registers of the Silicon Labs Si3210 family (data sheet
//! Si3210/Si3211, revision 1.42: "Serial Peripheral Interface", "Indirect Registers", "Control
//! Registers").
//!
//! ```text
//!   write   address 0xxxxxxx, data           indirect   data to 28, 29, address to 30: writes
//!   read    address 1xxxxxxx, data comes                address to 30: reads into 28, 29
//!                                                       31 bit 0: still at it
//! ```
//!
//! The registers of one port; what rings and when is for the machine of analog lines.

pub mod simulated;

use crate::{Fault, Reason, Transfer};

/// Direct registers that are used here.
mod register {
    /// Revision in bits 0 to 3.
    pub(super) const REVISION: u8 = 0;
    /// 0x02 after a reset: by this a chip is told from a bus without one.
    pub(super) const LOOPBACK: u8 = 8;
    pub(super) const INDIRECT_LOW: u8 = 28;
    pub(super) const INDIRECT_HIGH: u8 = 29;
    pub(super) const INDIRECT_ADDRESS: u8 = 30;
    pub(super) const INDIRECT_STATUS: u8 = 31;
    pub(super) const LINE_FEED: u8 = 64;
    pub(super) const LOOP_STATUS: u8 = 68;
}

const READ: u8 = 0x80;
/// What is sent while the chip answers.
const DUMMY: u8 = 0xFF;
const LOOPBACK_AFTER_RESET: u8 = 0x02;
/// Looks at the status of an indirect access before the chip is given up: it takes 125 us, and a
/// look takes two octets of at least 0.5 us each.
const INDIRECT_LOOKS: usize = 256;

/// How the line is fed (register 64, bits 0 to 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineFeed {
    /// No current.
    Open,
    /// Normal polarity.
    ForwardActive,
    /// Normal polarity, transmission on hook.
    ForwardOnHook,
    /// The tip is open.
    TipOpen,
    /// Ringing current.
    Ringing,
    /// Reversed polarity.
    ReverseActive,
    /// Reversed polarity, transmission on hook.
    ReverseOnHook,
    /// The ring is open.
    RingOpen,
}

impl LineFeed {
    /// All eight in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::ForwardActive,
        Self::ForwardOnHook,
        Self::TipOpen,
        Self::Ringing,
        Self::ReverseActive,
        Self::ReverseOnHook,
        Self::RingOpen,
    ];

    const fn code(self) -> u8 {
        match self {
            Self::Open => 0,
            Self::ForwardActive => 1,
            Self::ForwardOnHook => 2,
            Self::TipOpen => 3,
            Self::Ringing => 4,
            Self::ReverseActive => 5,
            Self::ReverseOnHook => 6,
            Self::RingOpen => 7,
        }
    }

    const fn from_code(bits: u8) -> Self {
        Self::ALL[(bits & 7) as usize]
    }
}

/// The loop, debounced by the chip (register 68).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Loop {
    /// Loop current flows: the handset is up.
    pub closed: bool,
    /// It was taken up while it rang.
    pub ring_trip: bool,
}

/// One chip.
#[derive(Debug)]
pub struct Slic<B> {
    bus: B,
}

impl<B: Transfer> Slic<B> {
    /// The chip behind `bus`.
    pub const fn new(bus: B) -> Self {
        Self { bus }
    }

    /// Gives the bus back.
    pub fn into_bus(self) -> B {
        self.bus
    }

    fn exchange(&mut self, out: [u8; 2]) -> Result<u8, Fault> {
        let mut back = [0; 2];
        self.bus.transfer(&out, &mut back)?;
        Ok(back[1])
    }

    fn check(&self, register: u8) -> Result<(), Fault> {
        let fits = register < READ;
        if fits { Ok(()) } else { Err(self.bus.place().fault(Reason::OutOfRange)) }
    }

    /// Reads a direct register, 0 to 127.
    ///
    /// # Errors
    /// The bus's fault, or [`Reason::OutOfRange`].
    pub fn read(&mut self, register: u8) -> Result<u8, Fault> {
        self.check(register)?;
        self.exchange([register | READ, DUMMY])
    }

    /// Writes a direct register, 0 to 127.
    ///
    /// # Errors
    /// The bus's fault, or [`Reason::OutOfRange`].
    pub fn write(&mut self, register: u8, value: u8) -> Result<(), Fault> {
        self.check(register)?;
        self.exchange([register, value]).map(drop)
    }

    fn wait_for_indirect(&mut self) -> Result<(), Fault> {
        for _ in 0..INDIRECT_LOOKS {
            if self.read(register::INDIRECT_STATUS)? & 1 == 0 {
                return Ok(());
            }
        }
        Err(self.bus.place().fault(Reason::NoAnswer))
    }

    /// Reads an indirect register.
    ///
    /// # Errors
    /// The bus's fault, or [`Reason::NoAnswer`] if the chip does not finish.
    pub fn read_indirect(&mut self, register: u8) -> Result<u16, Fault> {
        self.wait_for_indirect()?;
        self.write(register::INDIRECT_ADDRESS, register)?;
        self.wait_for_indirect()?;
        let low = self.read(register::INDIRECT_LOW)?;
        Ok(u16::from_le_bytes([low, self.read(register::INDIRECT_HIGH)?]))
    }

    /// Writes an indirect register.
    ///
    /// # Errors
    /// The bus's fault, or [`Reason::NoAnswer`] if the chip does not finish.
    pub fn write_indirect(&mut self, register: u8, value: u16) -> Result<(), Fault> {
        self.wait_for_indirect()?;
        let [low, high] = value.to_le_bytes();
        self.write(register::INDIRECT_LOW, low)?;
        self.write(register::INDIRECT_HIGH, high)?;
        self.write(register::INDIRECT_ADDRESS, register)?;
        self.wait_for_indirect()
    }

    /// The chip's revision, 0 to 15, after a reset.
    ///
    /// # Errors
    /// The bus's fault, or [`Reason::NoAnswer`] if what stands there is no chip after a reset: a
    /// bus without one reads as all ones, all zeros or as what was sent.
    pub fn revision(&mut self) -> Result<u8, Fault> {
        let revision = self.read(register::REVISION)?;
        let is_chip = self.read(register::LOOPBACK)? == LOOPBACK_AFTER_RESET
            && self.read(register::LINE_FEED)? == LineFeed::Open.code();
        if is_chip { Ok(revision & 0x0F) } else { Err(self.bus.place().fault(Reason::NoAnswer)) }
    }

    /// Feeds the line otherwise.
    ///
    /// # Errors
    /// The bus's fault.
    pub fn feed(&mut self, feed: LineFeed) -> Result<(), Fault> {
        self.write(register::LINE_FEED, feed.code())
    }

    /// How the line is fed, as the chip does it (bits 4 to 6), which may be otherwise than it was
    /// told: it stops ringing by itself at ring trip.
    ///
    /// # Errors
    /// The bus's fault.
    pub fn feeding(&mut self) -> Result<LineFeed, Fault> {
        Ok(LineFeed::from_code(self.read(register::LINE_FEED)? >> 4))
    }

    /// Rings, or goes back to feeding in normal polarity.
    ///
    /// # Errors
    /// The bus's fault.
    pub fn ring(&mut self, on: bool) -> Result<(), Fault> {
        self.feed(if on { LineFeed::Ringing } else { LineFeed::ForwardActive })
    }

    /// The state of the loop.
    ///
    /// # Errors
    /// The bus's fault.
    pub fn hook(&mut self) -> Result<Loop, Fault> {
        let bits = self.read(register::LOOP_STATUS)?;
        Ok(Loop { closed: bits & 1 != 0, ring_trip: bits & 2 != 0 })
    }
}
