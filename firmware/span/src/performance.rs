//! How good a span was: errored seconds and what follows from them (G.826), in intervals of a
//! quarter of an hour and the last 24 hours (M.2120).
//!
//! ```text
//!              10 severely errored seconds in a row
//!  available ───────────────────────────────────────► unavailable
//!            ◄───────────────────────────────────────
//!              10 others in a row
//! ```
//!
//! The ten seconds that decide belong to what they begin (G.826 annex A): a second is counted as
//! soon as it is known which, ten seconds after it at most, in the interval in which it was.

use std::collections::VecDeque;

use units::Utc;
use units::performance::{Interval, QUARTER_S, Quality};

/// Intervals kept beside the present one: 24 hours.
pub const QUARTERS: usize = 96;
/// Seconds in a row that begin or end unavailable time (G.826 annex A).
const IN_A_ROW: usize = 10;
/// Errored blocks of a second that make it a severely errored one: 30 % of the 1000 sub-multiframes
/// that carry a CRC-4 (G.826 4.5.2.2 and table B.1).
const SEVERE: u64 = 300;

/// What one second brought in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Second {
    /// Blocks with errors, 1000 at most.
    pub errored_blocks: u64,
    /// There was a defect: loss of signal or of frame, all ones; for the far side, its alarm.
    pub defect: bool,
}

impl Second {
    const fn is_severe(self) -> bool {
        self.defect || self.errored_blocks >= SEVERE
    }

    const fn is_errored(self) -> bool {
        self.defect || self.errored_blocks > 0
    }
}

/// Seconds of one direction on their way into an interval.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Direction {
    unavailable: bool,
    /// Seconds that would change whether it is available, if more of them follow.
    pending: VecDeque<(i64, Second)>,
}

impl Direction {
    /// Takes a second in; `count` gets each that is decided, and whether it was available.
    fn push(&mut self, quarter: i64, second: Second, mut count: impl FnMut(i64, Second, bool)) {
        if second.is_severe() == self.unavailable {
            for (quarter, second) in self.pending.drain(..) {
                count(quarter, second, !self.unavailable);
            }
            return count(quarter, second, !self.unavailable);
        }
        self.pending.push_back((quarter, second));
        if self.pending.len() == IN_A_ROW {
            self.unavailable = !self.unavailable;
            for (quarter, second) in self.pending.drain(..) {
                count(quarter, second, !self.unavailable);
            }
        }
    }
}

/// The performance of one span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Performance {
    near: Direction,
    far: Direction,
    /// The present interval is the last.
    intervals: VecDeque<Interval>,
}

/// The quarter of an hour that a time is in, since 1970.
const fn quarter_of(utc: Utc) -> i64 {
    utc.0.div_euclid(QUARTER_S as i64 * 1_000_000)
}

impl Performance {
    /// A second is over at `utc`, with these slips. A defect of ours says nothing of the far side:
    /// while there is one, the far side's second is as clean as we know.
    pub fn second(&mut self, utc: Utc, near: Second, far: Second, slips: u64) {
        // Where the calendar was set back, time goes on in the present interval.
        let present = self.intervals.back().map_or(i64::MIN, |interval| interval.quarter);
        let quarter = quarter_of(Utc(utc.0.saturating_sub(1))).max(present);
        if quarter != present {
            if self.intervals.len() > QUARTERS {
                self.intervals.pop_front();
            }
            self.intervals.push_back(Interval { quarter, ..Interval::default() });
        }
        if let Some(interval) = self.intervals.back_mut() {
            interval.seconds += 1;
            interval.slips += slips;
        }
        let far = if near.defect { Second::default() } else { far };
        let intervals = &mut self.intervals;
        self.near.push(quarter, near, |quarter, second, available| {
            count(intervals, quarter, |i| &mut i.near, second, available);
        });
        self.far.push(quarter, far, |quarter, second, available| {
            count(intervals, quarter, |i| &mut i.far, second, available);
        });
    }

    /// Whether we receive: not in unavailable time.
    #[must_use]
    pub const fn is_available(&self) -> bool {
        !self.near.unavailable
    }

    /// The intervals, oldest first, the present one last; those older than 24 hours are gone.
    pub fn intervals(&self) -> impl DoubleEndedIterator<Item = Interval> {
        self.intervals.iter().copied()
    }

    /// The last 24 hours, the present quarter included.
    #[must_use]
    pub fn day(&self) -> Interval {
        let present = self.intervals.back().map_or(0, |interval| interval.quarter);
        let first = present - i64::try_from(QUARTERS).unwrap_or(0);
        let last = self.intervals().filter(|interval| interval.quarter > first);
        last.reduce(Interval::and).unwrap_or_default()
    }
}

fn count(
    intervals: &mut VecDeque<Interval>,
    quarter: i64,
    direction: impl Fn(&mut Interval) -> &mut Quality,
    second: Second,
    available: bool,
) {
    let Some(interval) = intervals.iter_mut().rev().find(|interval| interval.quarter == quarter)
    else {
        return;
    };
    let quality = direction(interval);
    if !available {
        quality.unavailable += 1;
        return;
    }
    quality.errored += u32::from(second.is_errored());
    if second.is_severe() {
        quality.severe += 1;
    } else {
        quality.background += second.errored_blocks;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: Second = Second { errored_blocks: 0, defect: false };
    const ERRORED: Second = Second { errored_blocks: 7, defect: false };
    const SEVERELY: Second = Second { errored_blocks: SEVERE, defect: false };
    const DEFECT: Second = Second { errored_blocks: 0, defect: true };
    const S: i64 = 1_000_000;

    /// A span that begins at a quarter of an hour, and how many seconds it has lived.
    struct Bench(Performance, i64);

    impl Bench {
        fn new() -> Self {
            Self(Performance::default(), 0)
        }

        fn pass(&mut self, seconds: usize, near: Second, far: Second) {
            for _ in 0..seconds {
                self.1 += 1;
                self.0.second(Utc(self.1 * S), near, far, 0);
            }
        }

        fn near(&self) -> Quality {
            self.0.day().near
        }
    }

    const fn quality(errored: u32, severe: u32, background: u64, unavailable: u32) -> Quality {
        Quality { errored, severe, background, unavailable }
    }

    #[test]
    fn errored_and_severely_errored_seconds_are_counted_and_blocks_of_the_others() {
        let mut bench = Bench::new();
        bench.pass(5, ERRORED, CLEAN);
        bench.pass(1, SEVERELY, CLEAN);
        bench.pass(2, DEFECT, CLEAN);
        bench.pass(1, CLEAN, CLEAN);
        assert_eq!(bench.near(), quality(8, 3, 35, 0));
        assert_eq!(bench.0.day().far, Quality::default());
        let below = Second { errored_blocks: SEVERE - 1, defect: false };
        bench.pass(1, below, CLEAN);
        assert_eq!(bench.near(), quality(9, 3, 35 + SEVERE - 1, 0));
    }

    // G.826 annex A.1
    #[test]
    fn ten_severe_seconds_begin_unavailable_time_and_belong_to_it() {
        let mut bench = Bench::new();
        bench.pass(9, SEVERELY, CLEAN);
        bench.pass(1, ERRORED, CLEAN);
        assert_eq!(bench.near(), quality(10, 9, 7, 0), "nine are not enough");
        bench.pass(10, DEFECT, CLEAN);
        assert!(!bench.0.is_available());
        assert_eq!(bench.near(), quality(10, 9, 7, 10));
        bench.pass(9, ERRORED, CLEAN);
        bench.pass(1, SEVERELY, CLEAN);
        assert_eq!(bench.near(), quality(10, 9, 7, 20), "nine better ones end nothing");
        bench.pass(10, ERRORED, CLEAN);
        assert!(bench.0.is_available());
        assert_eq!(bench.near(), quality(20, 9, 77, 20));
    }

    #[test]
    fn the_far_side_is_counted_for_itself_and_not_while_we_hear_nothing() {
        let mut bench = Bench::new();
        bench.pass(3, CLEAN, ERRORED);
        bench.pass(3, DEFECT, DEFECT);
        bench.pass(1, CLEAN, DEFECT);
        bench.pass(1, CLEAN, CLEAN);
        assert_eq!(bench.0.day().far, quality(4, 1, 21, 0));
    }

    #[test]
    fn a_second_is_counted_in_its_own_interval_however_late_it_is_decided() {
        let mut bench = Bench::new();
        bench.pass(895, CLEAN, CLEAN);
        bench.pass(10, SEVERELY, CLEAN);
        let intervals: Vec<_> = bench.0.intervals().collect();
        assert_eq!(intervals.iter().map(|i| i.seconds).collect::<Vec<_>>(), [900, 5]);
        assert_eq!(intervals.iter().map(|i| i.near.unavailable).collect::<Vec<_>>(), [5, 5]);
        assert_eq!(intervals[1].quarter, intervals[0].quarter + 1);
    }

    #[test]
    fn a_day_has_ninety_six_quarters_and_older_ones_are_forgotten() {
        let mut bench = Bench::new();
        bench.pass(900, ERRORED, CLEAN);
        bench.pass(95 * 900, CLEAN, CLEAN);
        assert_eq!(bench.0.day().seconds, 86_400);
        assert_eq!(bench.near().errored, 900);
        bench.pass(1, CLEAN, CLEAN);
        assert_eq!((bench.0.day().seconds, bench.near().errored), (85_501, 0));
        bench.pass(3 * 86_400, CLEAN, CLEAN);
        assert!(bench.0.intervals().count() <= QUARTERS + 1);
    }

    #[test]
    fn a_calendar_that_is_set_back_loses_no_second() {
        let mut bench = Bench::new();
        bench.pass(1000, ERRORED, CLEAN);
        bench.1 -= 950;
        bench.pass(100, ERRORED, CLEAN);
        assert_eq!(bench.near().errored, 1100);
        assert_eq!(bench.0.day().seconds, 1100);
    }
}
