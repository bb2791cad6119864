//! `/dev/spidevB.C`: full-duplex transfers (Documentation/spi/spidev.rst of Linux).
#![expect(unsafe_code, reason = "ioctls of spidev")]

use std::fs::{File, OpenOptions};
use std::os::fd::AsRawFd;

use crate::{Fault, Place, Reason, Transfer};

/// The ioctls and their argument, as `linux/spi/spidev.h` lays it out.
mod sys {
    /// `struct spi_ioc_transfer`.
    #[repr(C)]
    #[derive(Default)]
    pub(super) struct Message {
        pub(super) out: u64,
        pub(super) back: u64,
        pub(super) octets: u32,
        pub(super) speed_hz: u32,
        pub(super) delay_us: u16,
        pub(super) bits_per_word: u8,
        pub(super) deselect_after: u8,
        pub(super) out_lines: u8,
        pub(super) back_lines: u8,
        pub(super) word_delay_us: u8,
        pub(super) spare: u8,
    }

    nix::ioctl_write_ptr!(message, b'k', 0, Message);
    nix::ioctl_write_ptr!(mode, b'k', 1, u8);
    nix::ioctl_write_ptr!(bits_per_word, b'k', 3, u8);
    nix::ioctl_write_ptr!(max_speed_hz, b'k', 4, u32);
}

/// The level of the clock at rest, and the edge at which the octets are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Low at rest, taken at the first edge.
    #[default]
    Mode0,
    /// Low at rest, taken at the second edge.
    Mode1,
    /// High at rest, taken at the first edge.
    Mode2,
    /// High at rest, taken at the second edge: what a Si3210 wants.
    Mode3,
}

impl Mode {
    const fn bits(self) -> u8 {
        match self {
            Self::Mode0 => 0,
            Self::Mode1 => 1,
            Self::Mode2 => 2,
            Self::Mode3 => 3,
        }
    }
}

/// The longest transfer that spidev takes as it is delivered (its `bufsiz`).
const LONGEST: usize = 4096;

/// One device on a bus.
#[derive(Debug)]
pub struct SpiDevice {
    place: Place,
    file: File,
}

impl SpiDevice {
    /// Opens the device with words of 8 bits and a clock of at most `speed_hz`.
    ///
    /// # Errors
    /// The device and why.
    pub fn open(bus: u8, select: u8, mode: Mode, speed_hz: u32) -> Result<Self, Fault> {
        let place = Place::Spi { bus, select };
        let path = format!("/dev/spidev{bus}.{select}");
        let file = OpenOptions::new().read(true).write(true).open(path);
        let file = file.map_err(|fault| place.io(&fault))?;
        let (descriptor, mode) = (file.as_raw_fd(), mode.bits());
        // SAFETY: the descriptor is open, each argument outlives its call and has the size that
        // the number of the ioctl says.
        unsafe {
            sys::mode(descriptor, &raw const mode)
                .and_then(|_| sys::bits_per_word(descriptor, &raw const WORD))
                .and_then(|_| sys::max_speed_hz(descriptor, &raw const speed_hz))
        }
        .map_err(|errno| place.errno(errno))?;
        Ok(Self { place, file })
    }
}

static WORD: u8 = 8;

/// A pointer as spidev wants it on machines of any word.
fn address<T>(pointer: *const T) -> u64 {
    u64::try_from(pointer.expose_provenance()).unwrap_or(0)
}

impl Transfer for SpiDevice {
    fn place(&self) -> Place {
        self.place
    }

    fn transfer(&mut self, out: &[u8], back: &mut [u8]) -> Result<(), Fault> {
        let fits = out.len() == back.len() && (1..=LONGEST).contains(&out.len());
        let octets = u32::try_from(out.len()).ok().filter(|_| fits);
        let message = sys::Message {
            out: address(out.as_ptr()),
            back: address(back.as_mut_ptr()),
            octets: octets.ok_or(self.place.fault(Reason::OutOfRange))?,
            bits_per_word: WORD,
            ..sys::Message::default()
        };
        // SAFETY: the descriptor is open; both buffers have `octets` octets, checked above, and
        // live until the call returns.
        unsafe { sys::message(self.file.as_raw_fd(), &raw const message) }
            .map_err(|errno| self.place.errno(errno))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_there_is_named() {
        let fault = SpiDevice::open(250, 1, Mode::Mode3, 1_000_000).unwrap_err();
        assert_eq!(fault, Place::Spi { bus: 250, select: 1 }.fault(Reason::Missing));
    }

    #[test]
    fn the_argument_is_laid_out_as_the_kernel_wants_it() {
        // linux/spi/spidev.h: the number of the ioctl holds this size.
        assert_eq!(size_of::<sys::Message>(), 32);
        assert_eq!(std::mem::offset_of!(sys::Message, bits_per_word), 26);
    }
}
