//! Register signals of R2 (Q.440 to Q.480): who calls whom, one compelled cycle a digit.
//!
//! ```text
//!   outgoing register                                        incoming register
//!     Forward ──── digit ────────────────────────────────────►  Waiting
//!     Forward  ◄──────────────────────── "the next, please" ──  Answering
//!     Ending  ──── silence ──────────────────────────────────►  Answering
//!     Ending   ◄──────────────────────────────────── silence ── Waiting
//!        └─ and again, until "address complete", the group II signal, and a group B signal
//!
//!   Outgoing: Idle ─► Forward ⇄ Ending ─► ... ─► Done      Silent ─► Pulse ─► ...
//!   Incoming: Waiting ⇄ Answering ─► Deciding ─► Answering ─► Done    Pulsing ─► Guarding ─► ...
//! ```
//!
//! What each backward signal asks for, how the calling number is asked for and how it ends differs
//! by country: that is data ([`Variant`]). What is heard and sent are numbers of signals; tones
//! are made and recognised elsewhere.
#![no_std]

#[cfg(any(test, feature = "check"))]
extern crate alloc;

#[cfg(any(test, feature = "check"))]
pub mod check;
mod event;
mod incoming;
mod outgoing;
#[cfg(test)]
mod tests;
mod timers;
mod variant;

pub use event::{IncomingInput, IncomingOutput, OutgoingInput, OutgoingOutput, Presented};
pub use incoming::Incoming;
pub use outgoing::Outgoing;
pub use timers::Timing;
pub use variant::{Ask, Variant, Verdict, Wants};
