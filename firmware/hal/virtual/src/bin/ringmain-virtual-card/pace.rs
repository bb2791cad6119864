//! When the next block is due.

use nix::sys::time::TimeSpec;
use nix::time::{ClockId, ClockNanosleepFlags, clock_gettime, clock_nanosleep};

/// Nanoseconds of a block.
pub(crate) const BLOCK_NS: i64 = 2_000_000;
/// A card that was stopped longer than this does not catch up: that time is gone.
const MOST_BEHIND_NS: i64 = 100_000_000;
const SECOND_NS: i64 = 1_000_000_000;

/// Now, on the monotonic clock.
pub(crate) fn now_ns() -> i64 {
    clock_gettime(ClockId::CLOCK_MONOTONIC)
        .map_or(0, |now| now.tv_sec().saturating_mul(SECOND_NS).saturating_add(now.tv_nsec()))
}

/// Absolute times, one each 2 ms.
pub(crate) struct Beat {
    due_ns: i64,
}

impl Beat {
    pub(crate) fn new() -> Self {
        Self { due_ns: now_ns() }
    }

    /// Begins anew: the next beat is a block from now.
    pub(crate) fn restart(&mut self) {
        self.due_ns = now_ns();
    }

    /// Sleeps until the next beat; `true` if it is over already.
    pub(crate) fn wait(&mut self) -> bool {
        self.due_ns += BLOCK_NS;
        let behind_ns = now_ns() - self.due_ns;
        if behind_ns > MOST_BEHIND_NS {
            self.restart();
        }
        if behind_ns > 0 {
            return true;
        }
        let due = TimeSpec::new(self.due_ns / SECOND_NS, self.due_ns % SECOND_NS);
        let flags = ClockNanosleepFlags::TIMER_ABSTIME;
        // Interrupted: the beat comes early once, and the next one is right again.
        let _ = clock_nanosleep(ClockId::CLOCK_MONOTONIC, flags, &due);
        false
    }
}
