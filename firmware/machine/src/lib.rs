//! What all machines share: one shape, one way to be saved, one property test.
//!
//! ```text
//!                 ┌───────────────┐
//!  handle(now, …) │               │ poll_output() -> Some(…) until None
//! ───────────────►│    machine    ├──────────────────────────────────►
//!  handle_timeout │               │ poll_timeout() -> when to call again
//!                 └───────┬───────┘
//!              snapshot() │ ▲ restore()
//!                         ▼ │
//!                    versioned octets
//! ```
//!
//! A machine has no clock, thread, socket or disk. After every `handle` and `handle_timeout` its
//! owner drains [`Machine::poll_output`] before it does anything else; so between two calls the
//! queue of outputs is empty, and a snapshot needs only the state.
//!
//! The trait hands frames and messages over as values, which any owner can keep. A machine that
//! stands in the way of each frame also takes and gives them as slices, by methods of its own: its
//! outputs wait in an [`Outbox`], and nobody moves 260 octets of room for ten that are used.
#![no_std]

#[cfg(feature = "check")]
extern crate alloc;

#[cfg(feature = "check")]
pub mod check;
mod names;
mod outbox;
mod snapshot;

use units::Instant;

pub use outbox::Outbox;
pub use snapshot::{SnapshotFault, restore, snapshot};

/// A plain state machine: inputs and the time in, outputs polled out.
pub trait Machine {
    /// What can happen to it, timers excepted.
    type Input;
    /// What it wants to happen elsewhere.
    type Output;

    /// Something happened. The time never runs backwards.
    fn handle(&mut self, now: Instant, input: Self::Input);

    /// The instant of [`Self::poll_timeout`] has come. Harmless when it has not.
    fn handle_timeout(&mut self, now: Instant);

    /// The next output, oldest first. Drained after every `handle*`.
    fn poll_output(&mut self) -> Option<Self::Output>;

    /// When [`Self::handle_timeout`] wants to be called; `None` while no timer runs.
    fn poll_timeout(&self) -> Option<Instant>;
}

/// A machine that can be saved between two calls and goes on elsewhere as if nothing had happened.
pub trait Restore: Machine + Sized {
    /// The version of the octets that [`Self::snapshot`] writes.
    const VERSION: u16;
    /// The oldest version that [`Self::restore`] reads: one release back.
    const OLDEST: u16 = Self::VERSION;

    /// Writes the whole state into `room` and gives back the part used.
    ///
    /// # Errors
    /// [`SnapshotFault::Full`] if `room` is too small, [`SnapshotFault::NotDrained`] if outputs
    /// still wait.
    fn snapshot<'a>(&self, room: &'a mut [u8]) -> Result<&'a [u8], SnapshotFault>;

    /// Reads what [`Self::snapshot`] wrote.
    ///
    /// # Errors
    /// [`SnapshotFault::Version`] for a version outside `OLDEST..=VERSION`,
    /// [`SnapshotFault::Malformed`] for octets that no machine wrote. Never guesses.
    fn restore(octets: &[u8]) -> Result<Self, SnapshotFault>;
}

/// A machine that can say by name where it is and what came: for the property test, the state
/// tables and traces.
pub trait Survey: Machine {
    /// The names of all states.
    const STATES: &'static [&'static str];
    /// The names of all inputs; `"timeout"` stands for [`Machine::handle_timeout`].
    const INPUTS: &'static [&'static str];
    /// Pairs of state and input that cannot come together, each with the reason.
    const UNREACHABLE: &'static [(&'static str, &'static str, &'static str)];

    /// The name of the present state.
    fn state(&self) -> &'static str;

    /// The name of an input.
    fn input(input: &Self::Input) -> &'static str;
}
