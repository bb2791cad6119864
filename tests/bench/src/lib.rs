//! What the benchmarks share: times of this thread, and a count of its allocations.
#![expect(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use nix::time::{ClockId, clock_gettime};

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, with a count for each thread.
pub struct Counting;

// SAFETY: every call goes to the system's allocator unchanged; the count needs no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        COUNT.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Allocations and releases of this thread so far.
#[must_use]
pub fn allocations() -> u64 {
    COUNT.with(Cell::get)
}

/// Nanoseconds that this thread has had a processor for.
#[must_use]
pub fn own_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_THREAD_CPUTIME_ID)
}

/// Nanoseconds of the machine's clock.
#[must_use]
pub fn clock_ns() -> u64 {
    nanoseconds(ClockId::CLOCK_MONOTONIC)
}

fn nanoseconds(clock: ClockId) -> u64 {
    let now = clock_gettime(clock).map_or((0, 0), |now| (now.tv_sec(), now.tv_nsec()));
    u64::try_from(now.0 * 1_000_000_000 + now.1).unwrap_or(0)
}
