//! What an I2C or SPI device can do, whoever drives the bus.

use crate::{Fault, Place};

/// A device on I2C whose registers are read and written by SMBus transfers.
pub trait Registers: Send {
    /// Where it is.
    fn place(&self) -> Place;

    /// SMBus "read byte".
    ///
    /// # Errors
    /// The bus, the address and why.
    fn read_byte(&mut self, register: u8) -> Result<u8, Fault>;

    /// SMBus "write byte".
    ///
    /// # Errors
    /// The bus, the address and why.
    fn write_byte(&mut self, register: u8, value: u8) -> Result<(), Fault>;

    /// SMBus "read word": the octet that comes first on the wire is the low one
    /// (SMBus 3.0 6.5.5). Most sensors send the high one first: swap.
    ///
    /// # Errors
    /// The bus, the address and why.
    fn read_word(&mut self, register: u8) -> Result<u16, Fault>;

    /// SMBus "write word", the low octet first on the wire.
    ///
    /// # Errors
    /// The bus, the address and why.
    fn write_word(&mut self, register: u8, value: u16) -> Result<(), Fault>;
}

impl<T: Registers + ?Sized> Registers for Box<T> {
    fn place(&self) -> Place {
        (**self).place()
    }

    fn read_byte(&mut self, register: u8) -> Result<u8, Fault> {
        (**self).read_byte(register)
    }

    fn write_byte(&mut self, register: u8, value: u8) -> Result<(), Fault> {
        (**self).write_byte(register, value)
    }

    fn read_word(&mut self, register: u8) -> Result<u16, Fault> {
        (**self).read_word(register)
    }

    fn write_word(&mut self, register: u8, value: u16) -> Result<(), Fault> {
        (**self).write_word(register, value)
    }
}

/// A memory that is read from any address.
pub trait Memory: Send {
    /// How many octets it has.
    fn octets(&self) -> usize;

    /// Fills `into` from the octet at `at` on.
    ///
    /// # Errors
    /// [`crate::Reason::OutOfRange`] if it does not have so many; else the bus and why.
    fn read(&mut self, at: usize, into: &mut [u8]) -> Result<(), Fault>;
}

/// A device on SPI.
pub trait Transfer: Send {
    /// Where it is.
    fn place(&self) -> Place;

    /// Sends `out` and receives as many octets into `back`, with the chip selected all the while.
    ///
    /// # Errors
    /// [`crate::Reason::OutOfRange`] unless both have the same length of 1 to 4096; else the bus
    /// and why.
    fn transfer(&mut self, out: &[u8], back: &mut [u8]) -> Result<(), Fault>;
}

/// A memory of 256 octets with an address of one octet, as the 24C02, read octet by octet.
#[derive(Debug)]
pub struct ByteMemory<R>(pub R);

impl<R: Registers> Memory for ByteMemory<R> {
    fn octets(&self) -> usize {
        256
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Result<(), Fault> {
        for (index, octet) in into.iter_mut().enumerate() {
            let place = self.0.place();
            let register = at.checked_add(index).and_then(|at| u8::try_from(at).ok());
            let register = register.ok_or(place.fault(crate::Reason::OutOfRange))?;
            *octet = self.0.read_byte(register)?;
        }
        Ok(())
    }
}
