//! Audio jacks: music on hold, paging, an operator's handset, a door phone, by ALSA.
//!
//! ```text
//!   line thread (2 ms, the line's clock)        worker of the jack (the sound card's clock)
//!
//!   LineEnd::exchange ◄── ring of blocks ◄── resampler ◄── PCM capture ◄── jack
//!                     ──► ring of blocks ──► resampler ──► PCM playback ──► jack
//!                              │ how full           ▲ ratio
//!                              └──────► drift ──────┘
//! ```
//!
//! To the line thread a jack is a card of one channel that never paces ([`card`]).
//!
//! The line thread never calls ALSA: each jack has a worker, which may block, and rings with one
//! writer and one reader between. The card's crystal is not the line's clock: [`drift`] steers the
//! resampler's ratio by how full the way is, so that nothing is dropped or repeated; when the
//! clocks are further apart than can be steered, whole blocks slip and are counted. Underruns and
//! overruns of the card are counted and survived; a card that is pulled out is waited for.

pub mod card;
pub mod convert;
pub mod device;
pub mod drift;
mod ends;
mod fault;
mod flow;
pub mod role;
#[cfg(test)]
mod simulated;
mod worker;

pub use card::JackCard;
pub use ends::{Counters, Event, LineEnd, Monitor};
pub use fault::{Fault, Reason};
pub use role::Role;
pub use worker::{Settings, open};
