//! An allocator that counts what this thread holds: a life runs in one thread, so the count is its
//! own, and the same for the same seed.
//!
//! What C code allocates (SQLite's pages) is not counted.
#![expect(unsafe_code, reason = "an allocator that counts")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static MOST: Cell<i64> = const { Cell::new(0) };
}

/// The system's allocator, with a count of octets for each thread.
pub struct Counting;

fn count(octets: usize, more: bool) {
    let octets = i64::try_from(octets).unwrap_or(i64::MAX);
    // A thread that ends may free after its count is gone.
    let _ = LIVE.try_with(|live| {
        live.set(live.get().wrapping_add(if more { octets } else { -octets }));
        let _ = MOST.try_with(|most| most.set(most.get().max(live.get())));
    });
}

// SAFETY: every call goes to the system's allocator unchanged; the count needs no allocation.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), true);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size(), true);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(layout.size(), false);
        count(size, true);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size(), false);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Octets that this thread holds now; 0 for ever unless [`Counting`] is the global allocator.
#[must_use]
pub fn live() -> i64 {
    LIVE.with(Cell::get)
}

/// The most that it held since this was asked last.
#[must_use]
pub fn most() -> i64 {
    MOST.with(|most| most.replace(live()))
}
