//! `fuzz::q931_interface` behind libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::q931_interface(data));
