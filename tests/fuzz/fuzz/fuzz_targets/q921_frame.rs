//! `fuzz::q921_frame` behind libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::q921_frame(data));
