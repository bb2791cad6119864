//! Who calls, as a telephone line says it: messages in FSK (EN 300 659-3, YD/T 1277) and in DTMF.
//!
//! ```text
//!  MDMF  80 │ length │ 01 │ 8 │ MMDDhhmm │ 02 │ n │ number │ 07 │ n │ name │ … │ checksum
//!  SDMF  04 │ length │ MMDDhhmm number                                         │ checksum
//!  DTMF  D 13800138000 C          A 5551234 #          B 10 C
//! ```
//!
//! A message that is not whole and right is none: a wrong checksum, a length that does not fit, a
//! date that is no date, a number with something else than digits. Parameters that are not known
//! are passed over, as EN 300 659-3 5.1 asks.
#![no_std]

mod assemble;
mod dtmf;
mod message;
#[cfg(test)]
mod tests;

pub use assemble::Assembler;
pub use dtmf::{Collector, Dtmf};
pub use message::{At, Call, Format, Message, Name, OCTETS, Octets, Told, Waiting};

/// Why octets or digits are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It ended too early.
    Cut,
    /// A length that does not fit what is there.
    Length,
    /// The sum of all octets is not 0.
    Checksum,
    /// A type of message that is not known.
    Type(u8),
    /// The parameter of this type holds what it must not, or came twice.
    Parameter(u8),
}
