//! `fuzz::q441_incoming` behind libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::q441_incoming(data));
