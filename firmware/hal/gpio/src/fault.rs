//! What goes wrong at a pin or a bus: where, why, and the remedy.

use std::fmt;

/// A pin or a device on a bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// Line `line` of `/dev/gpiochip<chip>`.
    Pin {
        /// The number of the chip.
        chip: u8,
        /// The line's offset on it; on a Raspberry Pi the BCM number.
        line: u32,
    },
    /// Line `line` of a chip that the board file names and no chip calls itself.
    NoChip {
        /// The line's offset on it.
        line: u32,
    },
    /// The device at 7-bit `address` of `/dev/i2c-<bus>`.
    I2c {
        /// The number of the bus.
        bus: u8,
        /// 7 bits.
        address: u8,
    },
    /// The device that line `select` of `/dev/spidev<bus>.<select>` chooses.
    Spi {
        /// The number of the bus.
        bus: u8,
        /// The chip select.
        select: u8,
    },
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin { chip, line } => write!(f, "line {line} of /dev/gpiochip{chip}"),
            Self::NoChip { line } => write!(f, "line {line} of the named GPIO chip"),
            Self::I2c { bus, address } => write!(f, "address 0x{address:02x} of /dev/i2c-{bus}"),
            Self::Spi { bus, select } => write!(f, "/dev/spidev{bus}.{select}"),
        }
    }
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The device file or the line does not exist.
    Missing,
    /// The device file may not be opened by this user.
    Permission,
    /// Another program or driver has it.
    Busy,
    /// Nothing on the bus acknowledged.
    NoAnswer,
    /// The hardware behind it cannot do this.
    Unsupported,
    /// The address, register or length is out of range.
    OutOfRange,
    /// The operating system said this number (errno).
    System(i32),
}

impl Reason {
    /// From an errno, as drivers of pins, I2C and SPI use them.
    #[must_use]
    pub const fn from_errno(errno: i32) -> Self {
        use nix::libc::{
            EACCES, EBUSY, EINVAL, ENODEV, ENOENT, ENXIO, EOPNOTSUPP, EPERM, EREMOTEIO, ETIMEDOUT,
        };
        match errno {
            ENOENT | ENODEV => Self::Missing,
            EACCES | EPERM => Self::Permission,
            EBUSY => Self::Busy,
            // Documentation/i2c/fault-codes.rst: no acknowledge is ENXIO, some drivers differ.
            ENXIO | EREMOTEIO | ETIMEDOUT => Self::NoAnswer,
            EOPNOTSUPP => Self::Unsupported,
            EINVAL => Self::OutOfRange,
            other => Self::System(other),
        }
    }

    /// What an installer does about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Missing => "compare the board file with the hardware; load the bus's driver",
            Self::Permission => "give the core's user the group of the device file",
            Self::Busy => "end the other program, or unbind the driver that holds it",
            Self::NoAnswer => "check power, cable and address of the device",
            Self::Unsupported => "choose another bus or another driver in the board file",
            Self::OutOfRange => "correct the number in the board file",
            Self::System(_) => "look at the kernel's log",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is not there"),
            Self::Permission => f.write_str("no permission"),
            Self::Busy => f.write_str("somebody else has it"),
            Self::NoAnswer => f.write_str("nothing answers"),
            Self::Unsupported => f.write_str("it cannot do this"),
            Self::OutOfRange => f.write_str("out of range"),
            Self::System(errno) => write!(f, "error {errno} of the system"),
        }
    }
}

/// What went wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{place}: {reason}: {}", reason.remedy())]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// Why.
    pub reason: Reason,
}

impl Place {
    /// A fault at this place.
    #[must_use]
    pub const fn fault(self, reason: Reason) -> Fault {
        Fault { place: self, reason }
    }

    pub(crate) const fn errno(self, errno: nix::errno::Errno) -> Fault {
        self.fault(Reason::from_errno(errno as i32))
    }

    pub(crate) fn io(self, fault: &std::io::Error) -> Fault {
        self.fault(fault.raw_os_error().map_or(Reason::System(0), Reason::from_errno))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_the_place_and_the_remedy() {
        let bus = Place::I2c { bus: 1, address: 0x48 };
        let text = bus.errno(nix::errno::Errno::ENXIO).to_string();
        assert!(text.starts_with("address 0x48 of /dev/i2c-1: nothing answers: check power"));
        let pin = Place::Pin { chip: 0, line: 17 };
        let text = pin.errno(nix::errno::Errno::EACCES).to_string();
        assert!(text.starts_with("line 17 of /dev/gpiochip0: no permission: give"), "{text}");
        assert_eq!(Reason::from_errno(4711), Reason::System(4711));
    }
}
