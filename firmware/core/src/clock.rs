//! The one place that asks what time it is.
//!
//! The box's time follows the blocks of the card that paces it: 2 ms a block, whatever the
//! processor's clock thinks. Between blocks, and when the card stops, the processor's monotonic
//! clock carries it on. It never runs backwards.
#![expect(clippy::disallowed_types, clippy::disallowed_methods, reason = "the one clock")]

use std::sync::OnceLock;

use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::time::{Instant as Host, SystemTime, UNIX_EPOCH};

use limits::TICK_US;
use units::time::UtcMapping;
use units::{Duration, Instant, Utc};

/// One moment by every clock of the box, so that the next process can go on with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// By the box's clock.
    pub at: Instant,
    /// By the calendar.
    pub utc: Utc,
    /// Which start of the machine.
    machine_boot: u128,
    /// Since that start, in microseconds; it goes on while the process is dead.
    uptime_us: u64,
}

impl Anchor {
    /// The machine has not been started again since.
    #[must_use]
    pub fn is_of_this_machine_start(&self) -> bool {
        self.machine_boot == machine_boot()
    }
}

/// Which start of the machine this is; 0 if the kernel does not say.
fn machine_boot() -> u128 {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    u128::from_str_radix(&text.trim().replace('-', ""), 16).unwrap_or(0)
}

fn uptime_us() -> u64 {
    let time = clock_gettime(ClockId::CLOCK_BOOTTIME).map(Duration::from);
    time.map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}

fn utc_now() -> Utc {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Utc(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

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
        Self::at(lockstep, Instant::from_millis(1000))
    }

    /// A clock that goes on with the time of the process before: `anchor` is a moment of it, `last`
    /// the last one that is known. Timers that it had started run on while it was dead; in lockstep
    /// time stood still. After a start of the machine the calendar tells how long it was.
    #[must_use]
    pub fn go_on(lockstep: bool, anchor: &Anchor, last: Instant) -> Self {
        let passed = if anchor.is_of_this_machine_start() {
            uptime_us().saturating_sub(anchor.uptime_us)
        } else {
            u64::try_from(utc_now().0.saturating_sub(anchor.utc.0)).unwrap_or(0)
        };
        let now = anchor.at + Duration::from_micros(passed);
        Self::at(lockstep, if lockstep { last } else { now.max(last) })
    }

    fn at(lockstep: bool, now: Instant) -> Self {
        let utc = UtcMapping { at: now, utc: utc_now() };
        Self { lockstep, now, blocks: None, host: Host::now(), utc }
    }

    /// This moment by every clock.
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        let (machine_boot, uptime_us) = (machine_boot(), uptime_us());
        Anchor { at: self.now(), utc: utc_now(), machine_boot, uptime_us }
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
            self.utc = UtcMapping { at: self.now(), utc: utc_now() };
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
    fn the_time_of_a_process_goes_on_in_the_next() {
        let first = Clock::start(false);
        let (anchor, last) = (first.anchor(), first.now());
        pause(Duration::from_millis(20));
        let next = Clock::go_on(false, &anchor, last);
        assert!(next.now() - last >= Duration::from_millis(20), "{}", next.now());
        assert!(next.now() - last < Duration::from_secs(60), "{}", next.now());
        assert_eq!(Clock::go_on(true, &anchor, last).now(), last, "in lockstep it stands still");
        // The machine was started again, an hour later.
        let hour = 3_600_000_000;
        let utc = Utc(anchor.utc.0 - hour);
        let earlier = Anchor { machine_boot: !anchor.machine_boot, utc, ..anchor };
        let next = Clock::go_on(false, &earlier, last);
        assert!(next.now() - last >= Duration::from_secs(3600), "{}", next.now());
        // A calendar that was set back does not take time back.
        let utc = Utc(anchor.utc.0 + hour);
        let later = Anchor { machine_boot: !anchor.machine_boot, utc, ..anchor };
        assert!(Clock::go_on(false, &later, last).now() >= last);
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
