//! `fuzz::pri_backup` behind libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::pri_backup(data));
