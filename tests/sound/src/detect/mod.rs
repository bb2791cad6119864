//! Detectors: what they must hear, what they must not, how long they take; each beside spandsp.

pub mod dtmf;
pub mod material;
pub mod time;
