//! Q.931: circuit-mode call control on a primary access, user and network side.
//!
//! ```text
//!            ┌──────────────────────────── span ───────────────────────────┐
//!            │  calls by reference                                         │
//!   DL-DATA  │   ┌──────────┐  ┌──────────┐  ┌──────────┐  ┌─────────────┐ │
//!  ◄────────►│   │ Call     │  │ Call     │  │ Call     │  │ Interface   │ │ events,
//!            │   │ value 1  │  │ value 2  │  │ value 1' │  │ value 0:    │ │ requests
//!   parse,   │   │ (ours)   │  │ (ours)   │  │ (theirs) │  │ RESTART     │ │◄───────►
//!   emit     │   └──────────┘  └──────────┘  └──────────┘  └─────────────┘ │
//!            │   no such call: without_call()                              │
//!            └─────────────────────────────────────────────────────────────┘
//! ```
//!
//! A [`Call`] is one call reference from SETUP to release, whoever placed it and on either side of
//! the interface. An [`Interface`] is the global call reference. Which channel a call gets, and
//! which call a message belongs to, is decided by the owner; [`without_call`] says what becomes of
//! a message that belongs to none. [`wire`] reads and writes messages.
//!
//! Between two inputs a call is what is kept of it, and little. Something happens to it in its
//! [`Turn`], for which it is lent the room for what it says: one [`Outputs`] serves all calls of an
//! owner. [`Alone`] is a call with outputs of its own.
//!
//! The owner's part, in one place:
//!
//! * parse with [`wire::Received::parse`]; drop what it ignores;
//! * global reference: to the `Interface`; a call with that value *and owner*: to the `Call`;
//!   otherwise ask [`without_call`];
//! * after each turn poll the outputs until there are none, and only then begin the next;
//! * data link: DL-ESTABLISH indication on a link that was up is [`Input::LinkReset`], DL-RELEASE
//!   is [`Input::LinkDown`] (then request establishment at once, 5.8.9), DL-ESTABLISH after it is
//!   [`Input::LinkUp`], each for every call;
//! * after [`Event::Released`] forget the call: its reference and channel are free.
#![no_std]

#[cfg(any(test, feature = "check"))]
extern crate alloc;
#[cfg(test)]
extern crate std;

mod call;
#[cfg(any(test, feature = "check"))]
pub mod check;
mod event;
mod interface;
mod timers;
mod unknown;
pub mod wire;

pub use call::{Alone, Call, Outputs, State, Turn};
pub use event::{By, Config, Event, Input, InterfaceInput, InterfaceOutput, Output, SetupParams};
pub use interface::Interface;
pub use timers::{Role, Timer, TimerValues};
pub use unknown::{Stray, refuse, without_call};
