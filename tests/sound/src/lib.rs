//! What hears and what cancels, measured beside others on the same sound.

pub mod detect;
