//! Panics: one that a machine of a single call causes is caught and ends that call; any other ends
//! the process at once, so that the next one can go on, and is counted in the journal.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `act`; `None` if it panicked.
pub fn guarded<R>(act: impl FnOnce() -> R) -> Option<R> {
    let before = GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(act)).ok();
    GUARDED.set(before);
    done
}

/// From now on a panic that nobody guards ends the process, whichever thread it is in.
pub fn end_on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        before(info);
        if !GUARDED.get() {
            // The signal is counted as a crash (`hal_mapped::count_crashes`).
            std::process::abort();
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_guarded_is_caught_and_nothing_else_is_guarded_after_it() {
        assert_eq!(guarded(|| 7), Some(7));
        assert_eq!(guarded(|| -> u8 { panic!("of one call") }), None);
        assert!(!GUARDED.get());
    }
}
