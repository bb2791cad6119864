//! The one place that asks what time it is.
//!
//! The box's time follows the blocks of the card that paces it: 2 ms a block, whatever the
//! processor's clock thinks. Between blocks, and when the card stops, the processor's monotonic
//! clock carries it on. It never runs backwards.
#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "the one clock")]

use std::sync::OnceLock;
use std::time::{Instant as Host, SystemTime, UNIX_EPOCH};

use limits::TICK_US;
use units::time::UtcMapping;
use units::{Duration, Instant, Utc};

/// The box's clock.
#[derive(Debug)]
pub struct Clock {
    /// Time moves only by blocks.
    lockstep: bool,
    now: Instant,
    /// Blocks that the card had counted at the last tick.
    blocks: Option<u64>,
    /// The processor's clock then.
    host: Host,
    utc: UtcMapping,
}

impl Clock {
    /// A clock that begins at 1 s, so that "a moment ago" can be told from the first tick on.
    #[must_use]
    pub fn start(lockstep: bool) -> Self {
        let now = Instant::from_millis(1000);
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let utc = Utc(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
        Self { lockstep, now, blocks: None, host: Host::now(), utc: UtcMapping { at: now, utc } }
    }

    /// The card has counted `blocks` since it was opened.
    pub fn tick(&mut self, blocks: u64) -> Instant {
        let passed = blocks.saturating_sub(self.blocks.unwrap_or(blocks));
        let by_card = Duration::from_micros(passed.saturating_mul(TICK_US));
        self.now = if self.lockstep { self.now + by_card } else { self.disciplined(by_card) };
        self.blocks = Some(blocks);
        self.host = Host::now();
        self.now
    }

    /// The card's time, unless it stopped: then the processor's.
    fn disciplined(&self, by_card: Duration) -> Instant {
        let by_host = self.host.elapsed();
        let stopped = by_host > by_card + Duration::from_millis(100);
        self.now + if stopped { by_host } else { by_card }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Instant {
        if self.lockstep {
            return self.now;
        }
        // A little less than the next tick will say, so that time does not run backwards at it.
        let ahead = self.host.elapsed();
        let patience = Duration::from_micros(TICK_US - 1);
        self.now + if ahead > Duration::from_millis(100) { ahead } else { ahead.min(patience) }
    }

    /// Whether time moves only by blocks.
    #[must_use]
    pub const fn lockstep(&self) -> bool {
        self.lockstep
    }

    /// What UTC is at an instant of this clock.
    #[must_use]
    pub const fn utc(&self) -> UtcMapping {
        self.utc
    }

    /// Measures UTC again: the mapping follows a host clock that was set.
    pub fn measure_utc(&mut self) {
        if !self.lockstep {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            let utc = Utc(i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
            self.utc = UtcMapping { at: self.now(), utc };
        }
    }

    /// A number that no other start of this box had: for a new spool.
    #[must_use]
    pub fn fresh_identity() -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX) ^ u64::from(std::process::id()) << 48
    }
}

/// The processor's monotonic clock, beginning at 1 s when it is first asked: for threads that do
/// not follow the cards' time. Not the box's time.
#[must_use]
pub fn monotonic() -> Instant {
    static BEGIN: OnceLock<Host> = OnceLock::new();
    Instant::from_millis(1000) + BEGIN.get_or_init(Host::now).elapsed()
}

/// Does nothing for a while: before the threads run, or where a test asks for it.
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_lockstep_only_blocks_move_time() {
        let mut clock = Clock::start(true);
        let begin = clock.tick(10);
        assert_eq!(clock.tick(15) - begin, Duration::from_micros(5 * TICK_US));
        assert_eq!(clock.now() - begin, Duration::from_micros(5 * TICK_US));
    }

    #[test]
    fn time_never_runs_backwards() {
        let mut clock = Clock::start(false);
        let mut last = clock.tick(0);
        for block in 1..200 {
            let between = clock.now();
            assert!(between >= last);
            last = clock.tick(block);
            assert!(last >= between);
        }
    }
}
