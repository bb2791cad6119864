//! The Raspberry Pi's pins and buses through the crate rppal: registers of the chip for pins, which
//! takes a tenth of a microsecond where the character device takes a system call.
//!
//! Chosen by the board file. rppal's repository is archived (July 2025): nothing outside this file
//! names it, and `chardev` can take its place on the same pins (docs/adr/0015).

use ::rppal::{gpio, i2c, spi};

use crate::pins::{Bias, Wiring};
use crate::{Edge, Fault, Input, Level, Output, Place, Reason, Registers, Transfer};

fn place(pin: u8) -> Place {
    Place::Pin { chip: 0, line: u32::from(pin) }
}

fn gpio_fault(place: Place, fault: &gpio::Error) -> Fault {
    match fault {
        gpio::Error::UnknownModel => place.fault(Reason::Unsupported),
        gpio::Error::PinUsed(_) => place.fault(Reason::Busy),
        gpio::Error::PinNotAvailable(_) => place.fault(Reason::OutOfRange),
        gpio::Error::PermissionDenied(_) => place.fault(Reason::Permission),
        gpio::Error::Io(fault) => place.io(fault),
        gpio::Error::ThreadPanic => place.fault(Reason::System(0)),
    }
}

/// All pins of the Pi.
#[derive(Clone, Debug)]
pub struct Pins {
    gpio: gpio::Gpio,
}

impl Pins {
    /// Maps the registers: `/dev/gpiomem`, or `/dev/mem` for root.
    ///
    /// # Errors
    /// [`Reason::Unsupported`] if this is no Raspberry Pi, [`Reason::Permission`] without the
    /// group `gpio`.
    pub fn open() -> Result<Self, Fault> {
        let gpio = gpio::Gpio::new().map_err(|fault| gpio_fault(place(0), &fault))?;
        Ok(Self { gpio })
    }

    fn take(&self, pin: u8) -> Result<gpio::Pin, Fault> {
        self.gpio.get(pin).map_err(|fault| gpio_fault(place(pin), &fault))
    }

    /// Takes BCM pin `pin` and drives it to `level`. Dropped, it becomes an input again.
    ///
    /// # Errors
    /// The pin and why.
    pub fn output(&self, pin: u8, wiring: Wiring, level: Level) -> Result<OutputPin, Fault> {
        let taken = self.take(pin)?;
        let high = level.is_high() != wiring.active_low;
        let pin = if high { taken.into_output_high() } else { taken.into_output_low() };
        Ok(OutputPin { pin, active_low: wiring.active_low })
    }

    /// Takes BCM pin `pin` as an input, with its edges if the kernel gives them: without
    /// interrupts [`Input::poll_edge`] finds those that two looks at the level show.
    ///
    /// # Errors
    /// The pin and why.
    pub fn input(&self, pin: u8, wiring: Wiring) -> Result<InputPin, Fault> {
        let taken = self.take(pin)?;
        let number = pin;
        let mut pin = match wiring.bias {
            Bias::AsIs => taken.into_input(),
            Bias::PullUp => taken.into_input_pullup(),
            Bias::PullDown => taken.into_input_pulldown(),
        };
        let interrupts = pin.set_interrupt(gpio::Trigger::Both, None).is_ok();
        let last = Level::from(pin.is_high() != wiring.active_low);
        Ok(InputPin { pin, active_low: wiring.active_low, interrupts, last, number })
    }

    /// What BCM pin `pin` does now: `In`, `Out`, or the number of the alternate function. The pin
    /// must not be taken.
    ///
    /// # Errors
    /// The pin and why.
    pub fn function(&self, pin: u8) -> Result<gpio::Mode, Fault> {
        Ok(self.take(pin)?.mode())
    }
}

/// A pin that we drive.
#[derive(Debug)]
pub struct OutputPin {
    pin: gpio::OutputPin,
    active_low: bool,
}

impl OutputPin {
    /// The level that its driver is set to, read back from the chip.
    #[must_use]
    pub fn is_set(&self) -> Level {
        Level::from(self.pin.is_set_high() != self.active_low)
    }

    /// Gives the pin up and leaves it driven as it is.
    pub fn leave(mut self) {
        self.pin.set_reset_on_drop(false);
    }
}

impl Output for OutputPin {
    fn set(&mut self, level: Level) -> Result<(), Fault> {
        if level.is_high() == self.active_low {
            self.pin.set_low()
        } else {
            self.pin.set_high()
        }
        Ok(())
    }
}

/// A pin that somebody else drives.
#[derive(Debug)]
pub struct InputPin {
    pin: gpio::InputPin,
    active_low: bool,
    interrupts: bool,
    last: Level,
    number: u8,
}

impl Input for InputPin {
    fn level(&mut self) -> Result<Level, Fault> {
        Ok(Level::from(self.pin.is_high() != self.active_low))
    }

    fn poll_edge(&mut self) -> Result<Option<Edge>, Fault> {
        if self.interrupts {
            let none = Some(std::time::Duration::ZERO);
            let event = self.pin.poll_interrupt(false, none);
            let event = event.map_err(|fault| gpio_fault(place(self.number), &fault))?;
            return Ok(event.and_then(|event| match event.trigger {
                gpio::Trigger::RisingEdge => Some(self.edge(true)),
                gpio::Trigger::FallingEdge => Some(self.edge(false)),
                gpio::Trigger::Disabled | gpio::Trigger::Both => None,
            }));
        }
        let level = self.level()?;
        if level == self.last {
            return Ok(None);
        }
        self.last = level;
        Ok(Some(if level.is_high() { Edge::Rising } else { Edge::Falling }))
    }
}

impl InputPin {
    const fn edge(&self, rising: bool) -> Edge {
        if rising == self.active_low { Edge::Falling } else { Edge::Rising }
    }
}

/// A device on the Pi's I2C.
#[derive(Debug)]
pub struct Device {
    place: Place,
    bus: i2c::I2c,
}

impl Device {
    /// Opens `/dev/i2c-<bus>` for the device at the 7-bit `address`.
    ///
    /// # Errors
    /// The bus, the address and why.
    pub fn open(bus: u8, address: u8) -> Result<Self, Fault> {
        let place = Place::I2c { bus, address };
        let opened = i2c::I2c::with_bus(bus).map_err(|fault| i2c_fault(place, &fault))?;
        let mut device = Self { place, bus: opened };
        let chosen = device.bus.set_slave_address(u16::from(address));
        chosen.map_err(|fault| i2c_fault(place, &fault))?;
        Ok(device)
    }
}

fn i2c_fault(place: Place, fault: &i2c::Error) -> Fault {
    match fault {
        i2c::Error::Io(fault) => place.io(fault),
        i2c::Error::InvalidSlaveAddress(_) => place.fault(Reason::OutOfRange),
        i2c::Error::FeatureNotSupported | i2c::Error::UnknownModel => {
            place.fault(Reason::Unsupported)
        }
    }
}

impl Registers for Device {
    fn place(&self) -> Place {
        self.place
    }

    fn read_byte(&mut self, register: u8) -> Result<u8, Fault> {
        self.bus.smbus_read_byte(register).map_err(|fault| i2c_fault(self.place, &fault))
    }

    fn write_byte(&mut self, register: u8, value: u8) -> Result<(), Fault> {
        self.bus.smbus_write_byte(register, value).map_err(|fault| i2c_fault(self.place, &fault))
    }

    fn read_word(&mut self, register: u8) -> Result<u16, Fault> {
        self.bus.smbus_read_word(register).map_err(|fault| i2c_fault(self.place, &fault))
    }

    fn write_word(&mut self, register: u8, value: u16) -> Result<(), Fault> {
        self.bus.smbus_write_word(register, value).map_err(|fault| i2c_fault(self.place, &fault))
    }
}

/// A device on the Pi's SPI.
#[derive(Debug)]
pub struct SpiPort {
    place: Place,
    bus: spi::Spi,
}

impl SpiPort {
    /// Opens `/dev/spidev<bus>.<select>`, mode 3, words of 8 bits, at most `speed_hz`.
    ///
    /// # Errors
    /// The device and why.
    pub fn open(bus: u8, select: u8, speed_hz: u32) -> Result<Self, Fault> {
        let place = Place::Spi { bus, select };
        let number = match bus {
            0 => spi::Bus::Spi0,
            1 => spi::Bus::Spi1,
            2 => spi::Bus::Spi2,
            _ => return Err(place.fault(Reason::OutOfRange)),
        };
        let line = match select {
            0 => spi::SlaveSelect::Ss0,
            1 => spi::SlaveSelect::Ss1,
            2 => spi::SlaveSelect::Ss2,
            _ => return Err(place.fault(Reason::OutOfRange)),
        };
        let bus = spi::Spi::new(number, line, speed_hz, spi::Mode::Mode3);
        Ok(Self { place, bus: bus.map_err(|fault| spi_fault(place, &fault))? })
    }
}

fn spi_fault(place: Place, fault: &spi::Error) -> Fault {
    match fault {
        spi::Error::Io(fault) => place.io(fault),
        spi::Error::BitsPerWordNotSupported(_)
        | spi::Error::BitOrderNotSupported(_)
        | spi::Error::ClockSpeedNotSupported(_)
        | spi::Error::ModeNotSupported(_)
        | spi::Error::PolarityNotSupported(_) => place.fault(Reason::Unsupported),
    }
}

impl Transfer for SpiPort {
    fn place(&self) -> Place {
        self.place
    }

    fn transfer(&mut self, out: &[u8], back: &mut [u8]) -> Result<(), Fault> {
        if out.len() != back.len() || out.is_empty() || out.len() > 4096 {
            return Err(self.place.fault(Reason::OutOfRange));
        }
        self.bus.transfer(back, out).map_err(|fault| spi_fault(self.place, &fault))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_a_machine_that_is_no_pi_it_says_so() {
        // The proof on a Pi is the guest `raspi3b`; a Pi that builds this has pins.
        if let Err(fault) = Pins::open() {
            assert!(matches!(fault.reason, Reason::Unsupported | Reason::Permission), "{fault}");
        }
    }

    #[test]
    fn buses_that_are_not_there_are_named() {
        assert_eq!(Device::open(250, 0x48).unwrap_err().reason, Reason::Missing);
        assert_eq!(SpiPort::open(9, 0, 1).unwrap_err().reason, Reason::OutOfRange);
    }
}
