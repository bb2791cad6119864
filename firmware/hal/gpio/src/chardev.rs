//! Pins and buses of any Linux box, by the kernel's character devices.
//!
//! | device | is | by |
//! |---|---|---|
//! | `/dev/gpiochipN` | pins, second version of the interface | the crate `gpiocdev` |
//! | `/dev/i2c-N` | registers by SMBus, memories by combined transfers | [`I2cDevice`] |
//! | `/dev/spidevB.C` | transfers of octets | [`SpiDevice`] |

mod i2c;
mod spi;

use std::path::PathBuf;

use gpiocdev::Request;
use gpiocdev::line;
use gpiocdev_uapi as uapi;

use crate::pins::{Bias, Wiring};
use crate::{Edge, Fault, Input, Level, Output, Place, Reason};

pub use i2c::{AddressedMemory, I2cDevice};
pub use spi::{Mode, SpiDevice};

/// Who has a line, as the kernel shows it to others.
const CONSUMER: &str = "ringmain";

/// An event of the kernel's interface, with room to spare.
const EVENT_WORDS: usize = 16;

fn chip_path(chip: u8) -> PathBuf {
    PathBuf::from(format!("/dev/gpiochip{chip}"))
}

/// The number of the chip that calls itself so, as a board file may name it (`pinctrl-bcm2711`):
/// numbers may change from boot to boot, labels do not.
#[must_use]
pub fn find_chip(label: &str) -> Option<u8> {
    let paths = gpiocdev::chip::chips().ok()?;
    paths.into_iter().find_map(|path| {
        let chip = gpiocdev::chip::Chip::from_path(&path).ok()?;
        (chip.info().ok()?.label == label).then_some(())?;
        path.file_name()?.to_str()?.strip_prefix("gpiochip")?.parse().ok()
    })
}

fn fault(place: Place, fault: &gpiocdev::Error) -> Fault {
    use gpiocdev::Error;
    let reason = match fault {
        Error::Os(errno) | Error::Uapi(_, uapi::Error::Os(errno)) => Reason::from_errno(errno.0),
        Error::GpioChip(..) | Error::NoGpioChips() => Reason::Missing,
        Error::InvalidArgument(_) => Reason::OutOfRange,
        _ => Reason::Unsupported,
    };
    place.fault(reason)
}

/// One line, driven by us.
#[derive(Debug)]
pub struct OutputLine {
    place: Place,
    line: u32,
    request: Request,
}

impl OutputLine {
    /// Takes the line and drives it to `level`.
    ///
    /// # Errors
    /// The line's place and why: no such chip or line, no permission, or somebody has it.
    pub fn open(chip: u8, line: u32, wiring: Wiring, level: Level) -> Result<Self, Fault> {
        let place = Place::Pin { chip, line };
        let mut builder = Request::builder();
        builder.on_chip(chip_path(chip)).with_consumer(CONSUMER).with_line(line);
        if wiring.active_low {
            builder.as_active_low();
        }
        builder.as_output(value(level));
        let request = builder.request().map_err(|f| fault(place, &f))?;
        Ok(Self { place, line, request })
    }
}

impl Output for OutputLine {
    fn set(&mut self, level: Level) -> Result<(), Fault> {
        self.request.set_value(self.line, value(level)).map_err(|f| fault(self.place, &f))?;
        Ok(())
    }
}

/// One line, driven by somebody else, with its edges.
#[derive(Debug)]
pub struct InputLine {
    place: Place,
    line: u32,
    request: Request,
}

impl InputLine {
    /// Takes the line.
    ///
    /// # Errors
    /// The line's place and why: no such chip or line, no permission, or somebody has it.
    pub fn open(chip: u8, line: u32, wiring: Wiring) -> Result<Self, Fault> {
        let place = Place::Pin { chip, line };
        let mut builder = Request::builder();
        builder.on_chip(chip_path(chip)).with_consumer(CONSUMER).with_line(line).as_input();
        if wiring.active_low {
            builder.as_active_low();
        }
        match wiring.bias {
            Bias::AsIs => {}
            Bias::PullUp => drop(builder.with_bias(line::Bias::PullUp)),
            Bias::PullDown => drop(builder.with_bias(line::Bias::PullDown)),
        }
        builder.with_edge_detection(line::EdgeDetection::BothEdges);
        let request = builder.request().map_err(|f| fault(place, &f))?;
        Ok(Self { place, line, request })
    }
}

impl Input for InputLine {
    fn level(&mut self) -> Result<Level, Fault> {
        let value = self.request.value(self.line).map_err(|f| fault(self.place, &f))?;
        Ok(Level::from(value == line::Value::Active))
    }

    fn poll_edge(&mut self) -> Result<Option<Edge>, Fault> {
        let waiting = self.request.has_edge_event().map_err(|f| fault(self.place, &f))?;
        if !waiting {
            return Ok(None);
        }
        // Exactly one: `read_edge_event` of gpiocdev 0.8.0 reads up to eight and drops all but one.
        let mut words = [0; EVENT_WORDS];
        let words = words.get_mut(..self.request.edge_event_u64_size());
        let words = words.ok_or(self.place.fault(Reason::Unsupported))?;
        let event = self.request.read_edge_events_into_slice(words);
        let event = event.and_then(|_| self.request.edge_event_from_slice(words));
        let event = event.map_err(|f| fault(self.place, &f))?;
        Ok(Some(match event.kind {
            line::EdgeKind::Rising => Edge::Rising,
            line::EdgeKind::Falling => Edge::Falling,
        }))
    }
}

const fn value(level: Level) -> line::Value {
    match level {
        Level::Low => line::Value::Inactive,
        Level::High => line::Value::Active,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_that_is_not_there_is_named() {
        let wiring = Wiring::default();
        let fault = OutputLine::open(250, 3, wiring, Level::Low).unwrap_err();
        let place = Place::Pin { chip: 250, line: 3 };
        assert_eq!(fault, place.fault(Reason::Missing));
        assert_eq!(InputLine::open(250, 3, wiring).unwrap_err(), fault);
        assert_eq!(find_chip("no chip calls itself so"), None);
    }
}
