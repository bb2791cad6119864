//! The loop of an analog telephone (Q.552, ES 201 970), seen from the exchange: FXS.
//!
//! ```text
//!           Ring                    lifted
//!  Idle ───────────► Ringing ─────────────────► Lifted ◄──── lifted ──── Breaking
//!   ▲ ▲                │ StopRinging              │  └──── hung up ───────►  │
//!   │ └────────────────┘                          │ Release                  │ flash_max passed
//!   │              on hook                        ▼                          │
//!   └───────────────────────────────────────── Parked                        │
//!   └────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! The machine knows current and ringing, not who calls: the `span` crate makes a line out of it.
//! The other end of such a loop, where the box is the telephone, is [`fxo`].
#![no_std]

#[cfg(any(test, feature = "check"))]
extern crate alloc;

mod cadence;
#[cfg(any(test, feature = "check"))]
pub mod check;
mod event;
pub mod fxo;
#[cfg(test)]
mod fxo_tests;
mod fxs;
#[cfg(test)]
mod tests;
mod timers;

pub use cadence::{Cadence, STEPS};
pub use event::{Input, Output};
pub use fxs::Fxs;
pub use timers::Timing;
