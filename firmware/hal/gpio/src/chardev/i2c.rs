//! `/dev/i2c-N`: SMBus transfers for registers, combined transfers for memories with an address of
//! two octets (Documentation/i2c/dev-interface.rst of Linux).
#![expect(unsafe_code, reason = "ioctls of i2c-dev")]

use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;

use crate::{Fault, Memory, Place, Reason, Registers};

/// The ioctls and their arguments, as `linux/i2c-dev.h` and `linux/i2c.h` lay them out.
mod sys {
    pub(super) const SMBUS_WRITE: u8 = 0;
    pub(super) const SMBUS_READ: u8 = 1;
    /// The size of a transfer: one octet after the command.
    pub(super) const BYTE_DATA: u32 = 2;
    /// The size of a transfer: two octets after the command.
    pub(super) const WORD_DATA: u32 = 3;
    /// The message is read from the device.
    pub(super) const M_RD: u16 = 1;

    /// `union i2c_smbus_data`: a byte, a word, or a block of 32 with its length and one spare.
    #[repr(C)]
    pub(super) union SmbusData {
        pub(super) byte: u8,
        pub(super) word: u16,
        pub(super) block: [u8; 34],
    }

    /// `struct i2c_smbus_ioctl_data`.
    #[repr(C)]
    pub(super) struct Smbus {
        pub(super) read_write: u8,
        pub(super) command: u8,
        pub(super) size: u32,
        pub(super) data: *mut SmbusData,
    }

    /// `struct i2c_msg`.
    #[repr(C)]
    pub(super) struct Message {
        pub(super) address: u16,
        pub(super) flags: u16,
        pub(super) octets: u16,
        pub(super) data: *mut u8,
    }

    /// `struct i2c_rdwr_ioctl_data`.
    #[repr(C)]
    pub(super) struct Combined {
        pub(super) messages: *mut Message,
        pub(super) count: u32,
    }

    nix::ioctl_write_int_bad!(slave, 0x0703);
    nix::ioctl_write_ptr_bad!(combined, 0x0707, Combined);
    nix::ioctl_write_ptr_bad!(smbus, 0x0720, Smbus);
}

fn open(bus: u8, place: Place) -> Result<File, Fault> {
    let path = format!("/dev/i2c-{bus}");
    OpenOptions::new().read(true).write(true).open(path).map_err(|fault| place.io(&fault))
}

/// The lowest and the highest address of a device; those outside are reserved (UM10204 3.1.12).
const ADDRESSES: std::ops::RangeInclusive<u8> = 0x08..=0x77;

/// One device on a bus, by its registers.
#[derive(Debug)]
pub struct I2cDevice {
    place: Place,
    file: File,
}

impl I2cDevice {
    /// Opens the bus for the device at the 7-bit `address`. Does not ask whether it is there.
    ///
    /// # Errors
    /// The bus, the address and why; [`Reason::Busy`] if a driver of the kernel has the device.
    pub fn open(bus: u8, address: u8) -> Result<Self, Fault> {
        let place = Place::I2c { bus, address };
        if !ADDRESSES.contains(&address) {
            return Err(place.fault(Reason::OutOfRange));
        }
        let file = open(bus, place)?;
        // SAFETY: the descriptor is open, the argument is a plain number.
        unsafe { sys::slave(file.as_raw_fd(), i32::from(address)) }
            .map_err(|errno| place.errno(errno))?;
        Ok(Self { place, file })
    }

    fn smbus(&self, write: bool, command: u8, size: u32, word: u16) -> Result<u16, Fault> {
        let mut data = sys::SmbusData { block: [0; 34] };
        if size == sys::BYTE_DATA {
            data.byte = word.to_le_bytes()[0];
        } else {
            data.word = word;
        }
        let read_write = if write { sys::SMBUS_WRITE } else { sys::SMBUS_READ };
        let transfer = sys::Smbus { read_write, command, size, data: &raw mut data };
        // SAFETY: the descriptor is open; `transfer` and the `data` it points to live until the
        // call returns, laid out as the kernel wants them, and sizes 2 and 3 touch two octets.
        unsafe { sys::smbus(self.file.as_raw_fd(), &raw const transfer) }
            .map_err(|errno| self.place.errno(errno))?;
        // SAFETY: every octet of the union was set above; any octets are a valid number.
        Ok(unsafe { if size == sys::BYTE_DATA { u16::from(data.byte) } else { data.word } })
    }
}

impl Registers for I2cDevice {
    fn place(&self) -> Place {
        self.place
    }

    fn read_byte(&mut self, register: u8) -> Result<u8, Fault> {
        Ok(self.smbus(false, register, sys::BYTE_DATA, 0)?.to_le_bytes()[0])
    }

    fn write_byte(&mut self, register: u8, value: u8) -> Result<(), Fault> {
        self.smbus(true, register, sys::BYTE_DATA, u16::from(value)).map(drop)
    }

    fn read_word(&mut self, register: u8) -> Result<u16, Fault> {
        self.smbus(false, register, sys::WORD_DATA, 0)
    }

    fn write_word(&mut self, register: u8, value: u16) -> Result<(), Fault> {
        self.smbus(true, register, sys::WORD_DATA, value).map(drop)
    }
}

/// A memory with an address of two octets, the high one first, as the 24C32 of a HAT.
#[derive(Debug)]
pub struct AddressedMemory {
    place: Place,
    address: u8,
    octets: usize,
    file: File,
}

impl AddressedMemory {
    /// Octets of one transfer, which bus drivers limit.
    const TRANSFER: usize = 32;

    /// Opens the bus for the memory of `octets` (at most 65,536) at the 7-bit `address`.
    ///
    /// # Errors
    /// The bus, the address and why.
    pub fn open(bus: u8, address: u8, octets: usize) -> Result<Self, Fault> {
        let place = Place::I2c { bus, address };
        if !ADDRESSES.contains(&address) || octets > 1 << 16 {
            return Err(place.fault(Reason::OutOfRange));
        }
        Ok(Self { place, address, octets, file: open(bus, place)? })
    }

    fn read_some(&self, at: u16, into: &mut [u8]) -> Result<(), Fault> {
        let mut from = at.to_be_bytes();
        let octets = u16::try_from(into.len());
        let octets = octets.map_err(|_| self.place.fault(Reason::OutOfRange))?;
        let address = u16::from(self.address);
        let mut messages = [
            sys::Message { address, flags: 0, octets: 2, data: from.as_mut_ptr() },
            sys::Message { address, flags: sys::M_RD, octets, data: into.as_mut_ptr() },
        ];
        let transfer = sys::Combined { messages: messages.as_mut_ptr(), count: 2 };
        // SAFETY: the descriptor is open; the messages and both buffers live until the call
        // returns, and each length is that of its buffer.
        unsafe { sys::combined(self.file.as_raw_fd(), &raw const transfer) }
            .map_err(|errno| self.place.errno(errno))?;
        Ok(())
    }
}

impl Memory for AddressedMemory {
    fn octets(&self) -> usize {
        self.octets
    }

    fn read(&mut self, at: usize, into: &mut [u8]) -> Result<(), Fault> {
        let out_of_range = self.place.fault(Reason::OutOfRange);
        if at.checked_add(into.len()).is_none_or(|end| end > self.octets) {
            return Err(out_of_range);
        }
        for (index, part) in into.chunks_mut(Self::TRANSFER).enumerate() {
            let from = u16::try_from(at + index * Self::TRANSFER).map_err(|_| out_of_range)?;
            self.read_some(from, part)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bus_that_is_not_there_is_named() {
        let fault = I2cDevice::open(250, 0x48).unwrap_err();
        let place = Place::I2c { bus: 250, address: 0x48 };
        assert_eq!(fault, place.fault(Reason::Missing));
        assert_eq!(AddressedMemory::open(250, 0x48, 4096).unwrap_err(), fault);
    }

    #[test]
    fn a_reserved_address_is_refused() {
        for address in [0, 7, 0x78, 0xFF] {
            let fault = I2cDevice::open(0, address).unwrap_err();
            assert_eq!(fault.reason, Reason::OutOfRange);
        }
    }

    #[test]
    fn the_arguments_are_laid_out_as_the_kernel_wants_them() {
        // linux/i2c-dev.h and linux/i2c.h on a machine of 64 bits.
        assert_eq!((size_of::<sys::Smbus>(), size_of::<sys::SmbusData>()), (16, 34));
        assert_eq!((size_of::<sys::Message>(), size_of::<sys::Combined>()), (16, 16));
        assert_eq!(std::mem::offset_of!(sys::Smbus, data), 8);
        assert_eq!(std::mem::offset_of!(sys::Message, data), 8);
    }
}
