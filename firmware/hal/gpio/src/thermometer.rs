//! A thermometer on I2C, compatible with LM75 and TMP102.
//!
//! Register 0 holds the temperature, left-justified, two's complement, the high octet first on the
//! wire: 9 bits of 0.5 °C (LM75, Texas Instruments SNIS153, 7.3.1) or 12 bits of 0.0625 °C (TMP102,
//! SBOS397, 7.5.2). Left-justified, both are 1/256 °C a bit.

use std::fmt;

use crate::{Fault, Registers};

/// A temperature in thousandths of a degree Celsius.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MilliCelsius(pub i32);

impl fmt::Display for MilliCelsius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let tenths = (self.0.unsigned_abs() + 50) / 100;
        write!(f, "{sign}{}.{} °C", tenths / 10, tenths % 10)
    }
}

/// Which chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Model {
    /// 9 bits, 0.5 °C.
    Lm75,
    /// 12 bits, 0.0625 °C.
    Tmp102,
}

impl Model {
    /// The bits of the register that mean something.
    const fn mask(self) -> u16 {
        match self {
            Self::Lm75 => 0xFF80,
            Self::Tmp102 => 0xFFF0,
        }
    }

    /// The temperature that the register, as the chip sends it, means.
    #[must_use]
    pub const fn temperature(self, wire: [u8; 2]) -> MilliCelsius {
        let bits = (u16::from_be_bytes(wire) & self.mask()).cast_signed();
        MilliCelsius((bits as i32 * 1000) / 256)
    }
}

const TEMPERATURE: u8 = 0;

/// A thermometer.
#[derive(Debug)]
pub struct Thermometer<R> {
    model: Model,
    bus: R,
}

impl<R: Registers> Thermometer<R> {
    /// The chip behind `bus`.
    pub const fn new(model: Model, bus: R) -> Self {
        Self { model, bus }
    }

    /// The temperature that the chip measured last.
    ///
    /// # Errors
    /// What the bus said.
    pub fn read(&mut self) -> Result<MilliCelsius, Fault> {
        // SMBus gives the first octet on the wire as the low one.
        let word = self.bus.read_word(TEMPERATURE)?;
        Ok(self.model.temperature(word.to_le_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulated::RegisterFile;
    use crate::{Place, Reason};

    // SBOS397 table 9 and SNIS153 table 2.
    #[test]
    fn the_tables_of_the_data_sheets_hold() {
        let tmp = |wire| Model::Tmp102.temperature(wire).0;
        assert_eq!(tmp([0x7F, 0xF0]), 127_937);
        assert_eq!(tmp([0x64, 0x00]), 100_000);
        assert_eq!(tmp([0x19, 0x00]), 25_000);
        assert_eq!(tmp([0x00, 0x40]), 250);
        assert_eq!(tmp([0xFF, 0xC0]), -250);
        assert_eq!(tmp([0xE7, 0x00]), -25_000);
        assert_eq!(tmp([0xC9, 0x00]), -55_000);
        let lm = |wire| Model::Lm75.temperature(wire).0;
        assert_eq!(lm([0x7D, 0x00]), 125_000);
        assert_eq!(lm([0x00, 0x80]), 500);
        assert_eq!(lm([0xFF, 0x80]), -500);
        assert_eq!(lm([0x00, 0x7F]), 0, "the low seven bits mean nothing");
    }

    #[test]
    fn the_octets_come_in_the_order_of_the_wire() {
        let file = RegisterFile::new(Place::I2c { bus: 1, address: 0x48 });
        file.load(0, &[0x19, 0x80]);
        let mut thermometer = Thermometer::new(Model::Lm75, file.clone());
        assert_eq!(thermometer.read(), Ok(MilliCelsius(25_500)));
        file.fail(Some(Reason::NoAnswer));
        assert_eq!(thermometer.read().unwrap_err().reason, Reason::NoAnswer);
    }

    #[test]
    fn people_read_tenths() {
        assert_eq!(MilliCelsius(25_562).to_string(), "25.6 °C");
        assert_eq!(MilliCelsius(-250).to_string(), "-0.3 °C");
    }
}
