//! What the proof of audio jacks is made of, for its binary and for the tests of `hal/alsa`.

pub mod tone;
