//! Detectors: what they must hear, what they must not, how long they take; each beside spandsp.
#![expect(clippy::cast_possible_truncation, reason = "counts and samples drawn by lot")]

pub mod dtmf;
pub mod fsk;
pub mod map;
pub mod material;
pub mod mf;
pub mod mute;
pub mod time;
pub mod tones;
pub mod voice;
