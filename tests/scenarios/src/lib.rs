//! A whole box with the city around it, as programs: what scenarios and the demonstration are
//! made of. Everything that is started is stopped by its process id when the [`Rig`] is dropped.

mod city;
mod console;
mod core;
mod documents;
mod figures;
pub mod play;
mod rig;
mod store;
pub mod storm;
pub mod tshark;
mod turns;

pub use city::City;
pub use console::console;
pub use core::Core;
pub use figures::Figures;
pub use play::scene;
pub use rig::{Pace, Program, Rig, Settings, program, wait};
