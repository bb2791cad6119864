//! Line signals of R2 in slot 16 (Q.421, Q.422): one both-way circuit, seen from one end.
//!
//! ```text
//!            Seize           11              01               11
//!     Idle ─────────► Seizing ──► Seized ────────► Answered ────────► ClearBack      we call
//!      ▲                 │ 00        │  ClearForward  │                  │
//!      │ Guard           ▼           └────────────────┴────────┬─────────┘
//!      ├──◄── 10 ── ClearingForward ◄── DoubleSeizure          ▼
//!      │                 ▲─────────────────────────────────────┘
//!      │   00            Answer           ClearBack
//!      └─────► SeizedIn ────────► AnsweredIn ────────► ClearedBackIn          they call
//!      ▲ Guard     │ 10               │ 10                  │ 10
//!      └───────────┴──────────────────┴─────────────────────┘
//! ```
//!
//! The bits a and b say all; which bits those are in a country, what the other two carry, what a
//! short clear-back means: that is data ([`Code`], [`Timing`]). A change counts when it has stayed
//! for the recognition time (Q.422 3.2.1). A circuit begins blocked, until the far end shows idle.
#![no_std]

#[cfg(any(test, feature = "check"))]
extern crate alloc;

#[cfg(any(test, feature = "check"))]
pub mod check;
mod circuit;
mod event;
mod states;
#[cfg(test)]
mod tests;
mod timers;

pub use circuit::Circuit;
pub use event::{Code, Condition, Input, Output};
pub use timers::Timing;
