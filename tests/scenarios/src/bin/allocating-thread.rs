//! Names a thread as the line thread is named and lets it allocate: what the count of allocations
//! must find, or it would find nothing in the core either.

use std::process::ExitCode;

fn main() -> ExitCode {
    let before = vec![0u8; 1000];
    let thread = std::thread::spawn(move || {
        let named = nix::sys::prctl::set_name(c"line-running").is_ok();
        // Three allocations, and a release of what another thread allocated.
        let kept: Vec<Vec<u8>> = (1..=2).map(|n| std::hint::black_box(vec![n; 100])).collect();
        drop(before);
        std::hint::black_box(&kept);
        std::mem::forget(kept);
        named
    });
    if thread.join().is_ok_and(|named| named) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
