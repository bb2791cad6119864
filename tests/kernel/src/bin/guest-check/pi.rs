//! The Raspberry Pi's GPIO through rppal, as the product uses it.

use std::io;

use rppal::gpio::Gpio;

/// A line is driven both ways and reads back; QEMU's Pi joins a pin's level with its output.
pub(crate) fn all() -> io::Result<()> {
    let gpio = Gpio::new().map_err(io::Error::other)?;
    let mut pin = gpio.get(17).map_err(io::Error::other)?.into_output_low();
    for high in [true, false, true] {
        if high {
            pin.set_high();
        } else {
            pin.set_low();
        }
        if pin.is_set_high() != high {
            return Err(io::Error::other(format!("line 17 does not follow: wanted {high}")));
        }
    }
    Ok(())
}
