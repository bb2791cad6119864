//! Engine.
mod command;
pub use command::{Clip, Command, Notice, Tone};
