//! The appliance's pins: relay, lamps, buttons, fan, thermometer, the board's own memory, and the
//! registers of a subscriber-line chip.
//!
//! ```text
//!   machines, time is an input       traits            what stands behind, by the board file
//!   relay  led  button  ─────────►  Output, Input  ◄── chardev (any Linux), rppal, simulated
//!   fan ─ thermometer   ─────────►  Registers      ◄── /dev/i2c-N,          rppal, simulated
//!   eeprom              ─────────►  Memory         ◄── either of the above over I2C
//!   slic                ─────────►  Transfer       ◄── /dev/spidevB.C,      rppal, simulated
//! ```
//!
//! Nothing here waits for time: a machine is stepped with the time and says what it wants. Calls on
//! real pins and buses are short system calls, for the control thread and never the line thread.
//! A [`Fault`] names the pin or the bus and what to do about it.

pub mod buses;
pub mod button;
pub mod chardev;
pub mod eeprom;
pub mod fan;
mod fault;
pub mod led;
pub mod pins;
pub mod relay;
#[cfg(feature = "rppal")]
pub mod rppal;
pub mod simulated;
pub mod slic;
pub mod thermometer;

pub use buses::{Memory, Registers, Transfer};
pub use fault::{Fault, Place, Reason};
pub use pins::{Edge, Input, Level, Output};
