//! Flows: from the document that people write to the program that the core executes.
//!
//! ```text
//!  flows/main.toml ── parse ──► Document ── compile ──► ivr::Program ── octets ──► published
//!                        │                     │              │
//!                        └── Fault: line, field, remedy       └── simulate: what a caller meets
//! ```
//!
//! The program is checked and simulated by `firmware/ivr` itself, the code that will execute it.

mod compile;
mod document;
mod prompts;
mod saying;
mod simulate;
#[cfg(test)]
mod tests;

pub use compile::{Compiled, compile};
pub use document::{Do, Document, HearDocument, ItemDocument, Scalar, StepDocument};
pub use prompts::{ANY_LANGUAGE, Prompts, hash_of};
pub use simulate::simulate;
