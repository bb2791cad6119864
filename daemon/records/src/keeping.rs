//! Which recordings are erased, and why.

use units::Utc;

/// A recording that may be erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its number at this box.
    pub number: u32,
    /// When it began.
    pub begun: Utc,
    /// Octets of its file.
    pub octets: u64,
}

/// How long recordings are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Days; without: as long as there is room.
    pub keep_days: Option<u32>,
    /// Octets that all take at most.
    pub most: Option<u64>,
}

/// The disk on which they lie, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Free.
    pub free: u64,
    /// Free and taken.
    pub all: u64,
    /// Taken by recordings.
    pub used: u64,
}

/// Why a recording is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is older than `recordings.keep_days`.
    Days,
    /// All took more than `recordings.most_gb`.
    Most,
    /// The disk ran short of room.
    Room,
}

impl Why {
    /// As the store keeps it and people are told.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Days => "keep_days",
            Self::Most => "most_gb",
            Self::Room => "room",
        }
    }
}

/// Octets that stay free on a disk of this size: a tenth or 1 GB, whichever is less, and more than
/// the core needs to go on recording.
#[must_use]
pub const fn floor(all: u64) -> u64 {
    const GB: u64 = 1_000_000_000;
    const LEAST: u64 = 2 * limits::RECORDING_RESERVE;
    let tenth = all / 10;
    let floor = if tenth < GB { tenth } else { GB };
    if floor > LEAST { floor } else { LEAST }
}

const DAY_US: i64 = 86_400_000_000;

/// Which of these, the oldest first, are erased now; none that is missing here is.
#[must_use]
pub fn erased(oldest: &[Stored], now: Utc, terms: Terms, room: Room) -> Vec<(u32, Why)> {
    let Room { mut free, all, mut used } = room;
    let age = terms.keep_days.map(|days| i64::from(days) * DAY_US);
    let old = |begun: Utc| age.is_some_and(|age| now.0.saturating_sub(begun.0) > age);
    let mut erased = vec![];
    for Stored { number, begun, octets } in oldest {
        let why = if old(*begun) {
            Why::Days
        } else if terms.most.is_some_and(|most| used > most) {
            Why::Most
        } else if free < floor(all) {
            Why::Room
        } else {
            break;
        };
        (free, used) = (free.saturating_add(*octets), used.saturating_sub(*octets));
        erased.push((*number, why));
    }
    erased
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1_000_000_000;
    const PLENTY: Room = Room { free: 50 * GB, all: 100 * GB, used: 10 * GB };

    fn stored() -> Vec<Stored> {
        let one =
            |number| Stored { number, begun: Utc(i64::from(number) * DAY_US), octets: 300_000_000 };
        (1..=8).map(one).collect()
    }

    fn numbers(erased: &[(u32, Why)]) -> Vec<u32> {
        erased.iter().map(|(number, _)| *number).collect()
    }

    #[test]
    fn nothing_is_erased_while_there_is_room_and_no_rule() {
        assert_eq!(erased(&stored(), Utc(900 * DAY_US), Terms::default(), PLENTY), []);
    }

    #[test]
    fn the_old_ones_go_first_and_each_with_the_rule_that_took_it() {
        let now = Utc(10 * DAY_US);
        let days = Terms { keep_days: Some(7), most: None };
        assert_eq!(erased(&stored(), now, days, PLENTY), [(1, Why::Days), (2, Why::Days)]);
        let both = Terms { most: Some(9 * GB), ..days };
        let found = erased(&stored(), now, both, PLENTY);
        assert_eq!(numbers(&found), [1, 2, 3, 4], "1.2 GB go, 1 GB is too much");
        assert_eq!((found[1].1, found[2].1), (Why::Days, Why::Most));
    }

    #[test]
    fn when_room_is_short_so_many_go_as_bring_it_back_to_the_floor() {
        let short = Room { free: 500_000_000, ..PLENTY };
        let found = erased(&stored(), Utc(0), Terms::default(), short);
        assert_eq!(found, [(1, Why::Room), (2, Why::Room)]);
        let hopeless = Room { free: 0, all: 100 * GB, used: 0 };
        assert_eq!(erased(&stored()[..2], Utc(0), Terms::default(), hopeless).len(), 2);
    }

    #[test]
    fn a_tenth_or_a_gigabyte_stays_free_and_never_less_than_the_core_needs() {
        assert_eq!((floor(100 * GB), floor(2 * GB)), (GB, GB / 5));
        assert_eq!(floor(64 << 20), 2 * limits::RECORDING_RESERVE);
    }
}
