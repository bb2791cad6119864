//! Who opens pins and buses, by the board file: the Raspberry Pi's registers, Linux's character
//! devices, the simulated ones, or nobody.

use std::sync::{Mutex, PoisonError};

use board::{Board, Bus, Pin, PinsDriver};
use hal_gpio::buses::ByteMemory;
use hal_gpio::chardev::{self, AddressedMemory, I2cDevice, InputLine, OutputLine};
use hal_gpio::eeprom::{self, Identity, Malformed, Unknown};
use hal_gpio::pins::{Bias, Wiring};
use hal_gpio::simulated::{self, ChargePump, RegisterFile};
use hal_gpio::{Edge, Fault, Input, Level, Output, Place, Reason, Registers, rppal};
use units::{Duration, Instant};

/// Opens what the board file names.
pub(super) trait Hand: Send + Sync {
    /// Takes a pin and drives it to `level`.
    fn output(&self, pin: &Pin, level: Level) -> Result<Box<dyn Output>, Fault>;
    /// Takes a pin that somebody else drives.
    fn input(&self, pin: &Pin, bias: Bias) -> Result<Box<dyn Input>, Fault>;
    /// Opens a chip on a bus.
    fn registers(&self, bus: &Bus) -> Result<Box<dyn Registers>, Fault>;
    /// Reads the memory that names the board.
    fn identity(&self, bus: &Bus) -> Result<Identity, Unknown>;
    /// Time goes on, for hardware that is not there.
    fn step(&self, _: Instant) {}
}

/// The hand that a board file names.
pub(super) fn of(board: &Board) -> Box<dyn Hand> {
    match board.pins {
        PinsDriver::None => Box::new(Nobody),
        PinsDriver::Rppal => Box::new(Pi),
        PinsDriver::Linux => Box::new(Linux),
        PinsDriver::Simulated => Box::new(Simulated::of(board)),
    }
}

const fn pin_place(pin: &Pin) -> Place {
    Place::Pin { chip: 0, line: pin.line }
}

/// The 7-bit address; one that has more bits is refused as out of range by whoever opens it.
fn address(bus: &Bus) -> u8 {
    u8::try_from(bus.address).unwrap_or(u8::MAX)
}

fn bus_place(bus: &Bus) -> Place {
    Place::I2c { bus: bus.bus, address: address(bus) }
}

/// The board file names things and nobody who drives them.
struct Nobody;

impl Hand for Nobody {
    fn output(&self, pin: &Pin, _: Level) -> Result<Box<dyn Output>, Fault> {
        Err(pin_place(pin).fault(Reason::Missing))
    }

    fn input(&self, pin: &Pin, _: Bias) -> Result<Box<dyn Input>, Fault> {
        Err(pin_place(pin).fault(Reason::Missing))
    }

    fn registers(&self, bus: &Bus) -> Result<Box<dyn Registers>, Fault> {
        Err(bus_place(bus).fault(Reason::Missing))
    }

    fn identity(&self, bus: &Bus) -> Result<Identity, Unknown> {
        Err(bus_place(bus).fault(Reason::Missing).into())
    }
}

/// `/dev/gpiochipN` and `/dev/i2c-N`.
struct Linux;

/// The number of a chip by its device file or by what it calls itself, which no boot changes.
fn chip(pin: &Pin) -> Result<u8, Fault> {
    let number = match pin.chip.strip_prefix("/dev/gpiochip") {
        _ if pin.chip.is_empty() => Some(0),
        Some(number) => number.parse().ok(),
        None => chardev::find_chip(&pin.chip),
    };
    number.ok_or(Place::NoChip { line: pin.line }.fault(Reason::Missing))
}

impl Hand for Linux {
    fn output(&self, pin: &Pin, level: Level) -> Result<Box<dyn Output>, Fault> {
        let wiring = Wiring { active_low: pin.active_low, bias: Bias::AsIs };
        Ok(Box::new(OutputLine::open(chip(pin)?, pin.line, wiring, level)?))
    }

    fn input(&self, pin: &Pin, bias: Bias) -> Result<Box<dyn Input>, Fault> {
        let wiring = Wiring { active_low: pin.active_low, bias };
        Ok(Box::new(InputLine::open(chip(pin)?, pin.line, wiring)?))
    }

    fn registers(&self, bus: &Bus) -> Result<Box<dyn Registers>, Fault> {
        Ok(Box::new(I2cDevice::open(bus.bus, address(bus))?))
    }

    fn identity(&self, bus: &Bus) -> Result<Identity, Unknown> {
        let mut small = ByteMemory(I2cDevice::open(bus.bus, address(bus))?);
        match eeprom::read(&mut small) {
            // A memory with addresses of two octets is read wrong by one octet, and unharmed; the
            // other way round would write into a small one, so this is the order.
            Err(Unknown::Malformed(Malformed::NoSignature)) => {
                let large = AddressedMemory::open(bus.bus, address(bus), eeprom::OCTETS);
                let found = large.map_err(Unknown::from).and_then(|mut large| {
                    drop(small);
                    eeprom::read(&mut large)
                });
                match found {
                    Err(Unknown::Fault(_)) => Err(Malformed::NoSignature.into()),
                    found => found,
                }
            }
            found => found,
        }
    }
}

/// A Raspberry Pi by its registers; the memory by Linux, whose kernel knows the bus.
struct Pi;

fn bcm(pin: &Pin) -> Result<u8, Fault> {
    u8::try_from(pin.line).map_err(|_| pin_place(pin).fault(Reason::OutOfRange))
}

impl Hand for Pi {
    fn output(&self, pin: &Pin, level: Level) -> Result<Box<dyn Output>, Fault> {
        let wiring = Wiring { active_low: pin.active_low, bias: Bias::AsIs };
        Ok(Box::new(rppal::Pins::open()?.output(bcm(pin)?, wiring, level)?))
    }

    fn input(&self, pin: &Pin, bias: Bias) -> Result<Box<dyn Input>, Fault> {
        let wiring = Wiring { active_low: pin.active_low, bias };
        Ok(Box::new(rppal::Pins::open()?.input(bcm(pin)?, wiring)?))
    }

    fn registers(&self, bus: &Bus) -> Result<Box<dyn Registers>, Fault> {
        Ok(Box::new(rppal::Device::open(bus.bus, address(bus))?))
    }

    fn identity(&self, bus: &Bus) -> Result<Identity, Unknown> {
        Linux.identity(bus)
    }
}

/// Hardware that is not there: what hangs on it does as the real thing would.
pub(super) struct Simulated {
    /// Its pins, all of one chip.
    pub(super) pins: simulated::Board,
    chips: Vec<(Bus, RegisterFile)>,
    pump: Option<Mutex<ChargePump>>,
}

impl Simulated {
    /// All that a board names, at rest: buttons up, 25 °C, and a memory with the board's name.
    pub(super) fn of(board: &Board) -> Self {
        let pins = simulated::Board::new();
        for button in board.button.values() {
            pins.drive(button.pin.line, Level::from(button.pin.active_low));
        }
        let pump = board.relay.as_ref().map(|relay| {
            let holds = Duration::from_millis(u64::from(relay.pet_every_ms) * 3);
            Mutex::new(ChargePump::new(&pins, relay.pet.line, relay.position.line, holds))
        });
        let mut chips = vec![];
        if let Some(bus) = &board.thermometer {
            let file = RegisterFile::new(bus_place(bus));
            file.load(0, &[25, 0]);
            chips.push((bus.clone(), file));
        }
        if let Some(bus) = &board.eeprom {
            let file = RegisterFile::new(bus_place(bus));
            let identity = Identity {
                vendor: "Ringmain".try_into().unwrap_or_default(),
                product: board.name.as_str().try_into().unwrap_or_default(),
                ..Identity::default()
            };
            file.load(0, &eeprom::build(&identity, &[]).unwrap_or_default());
            chips.push((bus.clone(), file));
        }
        Self { pins, chips, pump }
    }

    /// The chip at a place of a bus.
    pub(super) fn chip(&self, bus: &Bus) -> Result<RegisterFile, Fault> {
        let here = |(of, _): &&(Bus, _)| of.bus == bus.bus && of.address == bus.address;
        let chip = self.chips.iter().find(here).map(|(_, file)| file.clone());
        chip.ok_or(bus_place(bus).fault(Reason::NoAnswer))
    }
}

/// A pin whose low level means on.
struct Inverted<T>(T);

impl<T: Output> Output for Inverted<T> {
    fn set(&mut self, level: Level) -> Result<(), Fault> {
        self.0.set(!level)
    }
}

impl<T: Input> Input for Inverted<T> {
    fn level(&mut self) -> Result<Level, Fault> {
        self.0.level().map(|level| !level)
    }

    fn poll_edge(&mut self) -> Result<Option<Edge>, Fault> {
        let edge = self.0.poll_edge()?;
        Ok(edge.map(|edge| if edge == Edge::Rising { Edge::Falling } else { Edge::Rising }))
    }
}

impl Hand for Simulated {
    fn output(&self, pin: &Pin, level: Level) -> Result<Box<dyn Output>, Fault> {
        let taken = self.pins.output(pin.line);
        let mut taken: Box<dyn Output> =
            if pin.active_low { Box::new(Inverted(taken)) } else { Box::new(taken) };
        taken.set(level)?;
        Ok(taken)
    }

    fn input(&self, pin: &Pin, _: Bias) -> Result<Box<dyn Input>, Fault> {
        let taken = self.pins.input(pin.line);
        let mut taken: Box<dyn Input> =
            if pin.active_low { Box::new(Inverted(taken)) } else { Box::new(taken) };
        taken.level()?;
        Ok(taken)
    }

    fn registers(&self, bus: &Bus) -> Result<Box<dyn Registers>, Fault> {
        Ok(Box::new(self.chip(bus)?))
    }

    fn identity(&self, bus: &Bus) -> Result<Identity, Unknown> {
        eeprom::read(&mut ByteMemory(self.chip(bus)?))
    }

    fn step(&self, now: Instant) {
        if let Some(pump) = &self.pump {
            pump.lock().unwrap_or_else(PoisonError::into_inner).step(now);
        }
    }
}
