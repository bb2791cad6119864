//! Q.921: the data link of a D channel, as primary access uses it.
//!
//! One [`Link`] is one end of a point-to-point link with SAPI 0 and the fixed TEI 0, modulo 128,
//! in the user or the network role. It sees that messages of layer 3 arrive once, in order and
//! whole, and says when it cannot.
//!
//! ```text
//!                      ┌──────────────────────┐
//!   ┌──── DM, N200 ───►│    4 TeiAssigned     │◄──── UA, DM, N200 ───┐
//!   │                  └─┬───────────┬──────▲─┘                      │
//!   │  EstablishRequest  │     SABME │      │ DISC                   │
//!   │          ┌─────────▼──────┐    │      │              ┌─────────┴─────────┐
//!   └──────────┤ 5 Awaiting-    │    │      │              │ 6 AwaitingRelease │
//!   ┌─────────►│  Establishment │    │      │              └─────────▲─────────┘
//!   │          └─────────┬──────┘    │      │                        │
//!   │ FRMR, DM,       UA │           │      │         ReleaseRequest │
//!   │ N(R) error       ┌─▼───────────▼──────┴─┐                      │
//!   ├──────────────────┤ 7 MultipleFrame-     ├──────────────────────┤
//!   │                  │   Established        │                      │
//!   │                  └─┬──────────────────▲─┘                      │
//!   │          T200, T203│                  │ F=1                    │
//!   │                  ┌─▼──────────────────┴─┐                      │
//!   └── N200 ──────────┤   8 TimerRecovery    ├──────────────────────┘
//!                      └──────────────────────┘
//! ```
//!
//! Primary access has one link with a TEI that never changes, so TEI management, T201, T202 and
//! the broadcast link do not exist here: frames for other addresses are counted and dropped.
//!
//! Each message is one I frame, so frames and messages need not be moved to pass: [`Link::frame`]
//! gives back the part of the frame that is the message, [`Link::data`] takes one, and
//! [`Link::flush`] acknowledges what no I frame of the answer has acknowledged. The `Machine` trait
//! does the same with values, one input at a time.
//!
//! The loss of layer 1 is no input: T203 and T200 find it out in their time (a short cut then
//! passes unseen). Only a deactivation that is known to last is told.
#![no_std]

#[cfg(any(test, feature = "check"))]
extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(any(test, feature = "check"))]
pub mod check;
mod event;
mod fault;
mod link;
mod procedures;
mod states;
#[cfg(test)]
mod tests;
mod timers;
pub mod wire;

pub use event::{Config, Frame, Input, Message, Output, Refused, Role};
pub use fault::{Counters, MdlError};
pub use link::{Link, State};
