//! Executes compiled flow programs: what a caller hears, presses and reaches.
//!
//! ```text
//!  program store        ┌─────────┐  Act(Action) ──► call
//!   Step(id, step) ────►│  Flow   │
//!   ◄──── Fetch(id) ────│         │◄── Notice ───── call
//!                       └─────────┘
//! ```
//!
//! A [`Flow`] keeps the step that it is at, not the program: it asks for the next step by
//! number and goes on in whatever process holds the program of that hash. So a caller in progress
//! finishes on the version that was published when the call came, also after a restart.
//!
//! A program may say what is only known of the call: who holds the program makes prompts of it
//! with the step ([`Program::step_for`]), from the [`Facts`] of this moment.
//!
//! The daemon's compiler (`daemon/flow`) runs this very crate to check and to simulate.

#[cfg(any(test, feature = "check"))]
pub mod check;
mod flow;
mod format;
mod format1;
mod program;
mod saying;
#[cfg(test)]
mod tests;

pub use flow::{Flow, Input, Output};
pub use program::{Choice, LONGEST_WAIT, Program, ProgramFault, Step, StepId};
pub use say::Local;
pub use saying::{Facts, Item, Items, Manner, Saying, Source, Vocabulary};
