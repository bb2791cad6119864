//! Thermometer, fan, memory and subscriber-line chip by i2c-dev and spidev.

use std::fs;

use hal_gpio::buses::ByteMemory;
use hal_gpio::chardev::{AddressedMemory, I2cDevice, Mode, SpiDevice};
use hal_gpio::eeprom::{self, Identity, Unknown};
use hal_gpio::fan::{Fan, Step};
use hal_gpio::slic::{LineFeed, Slic};
use hal_gpio::thermometer::{MilliCelsius, Model, Thermometer};
use hal_gpio::{Memory, Reason, Registers, Transfer};

use crate::bench::check;
use crate::lines::text;

const THERMOMETER: u8 = 0x48;
const MEMORY: u8 = 0x50;

/// The number of the bus that i2c-stub made.
fn bus() -> Result<u8, String> {
    let folder = fs::read_dir("/sys/bus/i2c/devices").map_err(|fault| fault.to_string())?;
    for entry in folder.flatten() {
        let name = fs::read_to_string(entry.path().join("name")).unwrap_or_default();
        let file = entry.file_name();
        let number = file.to_str().and_then(|file| file.strip_prefix("i2c-"));
        if let Some(number) = number
            && name.starts_with("SMBus stub")
        {
            return number.parse().map_err(|_| format!("i2c-{number} is no number"));
        }
    }
    Err("there is no bus of i2c-stub: is the module loaded?".into())
}

fn device(address: u8) -> Result<I2cDevice, String> {
    I2cDevice::open(bus()?, address).map_err(text)
}

fn set_temperature(wire: [u8; 2]) -> Result<(), String> {
    device(THERMOMETER)?.write_word(0, u16::from_le_bytes(wire)).map_err(text)
}

/// A temperature above and one below zero.
pub(crate) fn temperature() -> Result<(), String> {
    let mut thermometer = Thermometer::new(Model::Tmp102, device(THERMOMETER)?);
    for (wire, expected) in [([0x19, 0x40], 25_250), ([0xE7, 0x00], -25_000)] {
        set_temperature(wire)?;
        let found = thermometer.read().map_err(text)?;
        check(found == MilliCelsius(expected), &format!("{found} instead of {expected} m°C"))?;
    }
    Ok(())
}

/// The fan follows the thermometer, with its hysteresis.
pub(crate) fn fan() -> Result<(), String> {
    let step = Step { above: MilliCelsius(50_000), below: MilliCelsius(45_000), duty_percent: 60 };
    let mut fan = Fan::new(&[step]).map_err(|fault| fault.to_string())?;
    let mut thermometer = Thermometer::new(Model::Tmp102, device(THERMOMETER)?);
    for (degrees, expected) in [(49, 0), (51, 60), (47, 60), (44, 0)] {
        set_temperature([degrees, 0])?;
        let duty = fan.handle(thermometer.read().ok());
        check(duty == expected, &format!("{duty} % at {degrees} °C instead of {expected}"))?;
    }
    let mut nobody = Thermometer::new(Model::Tmp102, device(0x20)?);
    check(fan.handle(nobody.read().ok()) == 100, "it stands still without a thermometer")
}

/// A memory written octet by octet is recognised; one wrong octet is not believed.
pub(crate) fn eeprom() -> Result<(), String> {
    let identity = Identity {
        uuid: 0x5249_4e47_4d41_494e_8000_0000_0000_0001,
        product_id: 7,
        product_version: 2,
        vendor: "Ringmain".try_into().map_err(|_| "too long")?,
        product: "Pair relay".try_into().map_err(|_| "too long")?,
    };
    let octets = eeprom::build(&identity, &[(2, &[0; 30])]).ok_or("it cannot be built")?;
    let mut registers = device(MEMORY)?;
    for (register, octet) in (0..=u8::MAX).zip(octets) {
        registers.write_byte(register, octet).map_err(text)?;
    }
    let mut memory = ByteMemory(registers);
    let found = eeprom::read(&mut memory).map_err(|unknown| unknown.to_string())?;
    check(found == identity, &format!("{found:?}"))?;
    memory.0.write_byte(40, 0).map_err(text)?;
    let wrong = eeprom::read(&mut memory);
    check(matches!(wrong, Err(Unknown::Malformed(_))), "a wrong octet was believed")
}

/// An address without a device, and a bus that cannot do a combined transfer.
pub(crate) fn no_answer() -> Result<(), String> {
    let fault = device(0x20)?.read_byte(0).err().map(|fault| fault.reason);
    let named = matches!(fault, Some(Reason::NoAnswer | Reason::Missing));
    check(named, &format!("an address without a device: {fault:?}"))?;
    let mut memory = AddressedMemory::open(bus()?, MEMORY, 4096).map_err(text)?;
    let fault = memory.read(0, &mut [0; 4]).err().map(|fault| fault.reason);
    check(fault == Some(Reason::Unsupported), &format!("combined transfer on SMBus: {fault:?}"))
}

/// The first spidev that there is.
fn spidev() -> Result<SpiDevice, String> {
    let folder = fs::read_dir("/dev").map_err(|fault| fault.to_string())?;
    let names = folder.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let numbers = names.filter_map(|name| {
        let (bus, select) = name.strip_prefix("spidev")?.split_once('.')?;
        Some((bus.parse().ok()?, select.parse().ok()?))
    });
    let (bus, select) = numbers.min().ok_or("there is no /dev/spidevB.C")?;
    SpiDevice::open(bus, select, Mode::Mode3, 1_000_000).map_err(text)
}

/// What goes out comes back, at every length that matters.
pub(crate) fn spi() -> Result<(), String> {
    let mut bus = spidev()?;
    for octets in [1, 2, 64, 4096] {
        let out: Vec<u8> = (0..octets).map(|n: u32| n.wrapping_mul(37).to_le_bytes()[0]).collect();
        let mut back = vec![0; out.len()];
        bus.transfer(&out, &mut back).map_err(text)?;
        check(back == out, &format!("{octets} octets came back otherwise"))?;
    }
    let fault = bus.transfer(&[0; 4], &mut [0; 3]).err().map(|fault| fault.reason);
    check(fault == Some(Reason::OutOfRange), "lengths that differ were accepted")
}

/// The chip's two octets go over the wire, and a wire without a chip is told from one.
pub(crate) fn slic() -> Result<(), String> {
    let mut slic = Slic::new(spidev()?);
    // Joined, the answer is what was sent while it should have come.
    let answer = slic.read(68).map_err(text)?;
    check(answer == 0xFF, &format!("register 68 of a joined wire reads 0x{answer:02x}"))?;
    slic.feed(LineFeed::Ringing).map_err(text)?;
    let fault = slic.revision().err().map(|fault| fault.reason);
    check(fault == Some(Reason::NoAnswer), "a joined wire was taken for a chip")
}
