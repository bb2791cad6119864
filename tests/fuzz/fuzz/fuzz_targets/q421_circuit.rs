//! `fuzz::q421_circuit` behind libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::q421_circuit(data));
