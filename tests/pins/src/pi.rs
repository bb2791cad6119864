//! The pins of a Raspberry Pi through rppal.

use hal_gpio::pins::{Bias, Wiring};
use hal_gpio::rppal::Pins;
use hal_gpio::{Input, Level, Output, Reason};

use crate::bench::check;
use crate::lines::text;

/// BCM numbers of pins without another use on the header.
const OUT: u8 = 17;
const IN: u8 = 27;

/// The function select registers: an input becomes an output and stays so when it is left.
pub(crate) fn function() -> Result<(), String> {
    let pins = Pins::open().map_err(text)?;
    drop(pins.input(OUT, Wiring::default()).map_err(text)?);
    let before = pins.function(OUT).map_err(text)?.to_string();
    pins.output(OUT, Wiring::default(), Level::Low).map_err(text)?.leave();
    let after = pins.function(OUT).map_err(text)?.to_string();
    check(before == "In" && after == "Out", &format!("{before}, then {after}"))
}

/// Levels are read back from the chip's level register.
pub(crate) fn output() -> Result<(), String> {
    let pins = Pins::open().map_err(text)?;
    for active_low in [false, true] {
        let wiring = Wiring { active_low, ..Wiring::default() };
        let mut pin = pins.output(OUT, wiring, Level::High).map_err(text)?;
        check(pin.is_set() == Level::High, "the level at the start is not read back")?;
        for level in [Level::Low, Level::High, Level::Low] {
            pin.set(level).map_err(text)?;
            check(pin.is_set() == level, &format!("{level:?} is not read back"))?;
        }
    }
    Ok(())
}

/// An output that is left driven is read as an input's neighbour would read it.
pub(crate) fn input() -> Result<(), String> {
    let pins = Pins::open().map_err(text)?;
    let wiring = Wiring { bias: Bias::PullDown, ..Wiring::default() };
    let mut pin = pins.input(IN, wiring).map_err(text)?;
    let level = pin.level().map_err(text)?;
    let inverted = Wiring { active_low: true, ..wiring };
    drop(pin);
    let other = pins.input(IN, inverted).map_err(text)?.level().map_err(text)?;
    check(level != other, "an inverted pin reads as one that is not")
}

/// A pin that is taken cannot be taken again; one that the chip lacks is named.
pub(crate) fn busy() -> Result<(), String> {
    let pins = Pins::open().map_err(text)?;
    let taken = pins.output(OUT, Wiring::default(), Level::Low).map_err(text)?;
    let fault = pins.input(OUT, Wiring::default()).err().map(|fault| fault.reason);
    check(fault == Some(Reason::Busy), &format!("{fault:?}"))?;
    drop(taken);
    let fault = pins.input(200, Wiring::default()).err().map(|fault| fault.reason);
    check(fault == Some(Reason::OutOfRange), &format!("{fault:?}"))
}
