//! Days and times of the day as people name them (Gregorian calendar, local time).

use serde::{Deserialize, Serialize};
use units::time::Utc;

/// A day of the years 1 to 9999 that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A minute of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Time {
    hour: u8,
    minute: u8,
}

/// What the clock on the wall shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The day.
    pub date: Date,
    /// The minute.
    pub time: Time,
}

const SECONDS_OF_A_DAY: i64 = 86_400;

impl Date {
    /// `None` if there is no such day.
    #[must_use]
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let good = (1..=9999).contains(&year) && (1..=12).contains(&month);
        let date = Self { year, month, day };
        (good && (1..=date.days_of_month()).contains(&day)).then_some(date)
    }

    /// 1 to 9999.
    #[must_use]
    pub const fn year(self) -> u16 {
        self.year
    }

    /// 1 to 12.
    #[must_use]
    pub const fn month(self) -> u8 {
        self.month
    }

    /// 1 to 31.
    #[must_use]
    pub const fn day(self) -> u8 {
        self.day
    }

    /// 0 is Monday, 6 is Sunday.
    #[must_use]
    pub fn weekday(self) -> u8 {
        // The first of January 1970 was a Thursday.
        u8::try_from((self.number() + 3).rem_euclid(7)).unwrap_or(0)
    }

    fn days_of_month(self) -> u8 {
        let divides = |n: u16| self.year.is_multiple_of(n);
        let leap = divides(4) && (!divides(100) || divides(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// Days since the first of January 1970. Years begin with March here, so that the day that
    /// comes and goes is the last.
    fn number(self) -> i64 {
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let before = 365 * year + year / 4 - year / 100 + year / 400;
        // 153 days are five months from March on, twice in a row.
        before + (153 * month + 2) / 5 + i64::from(self.day) - 1 - 719_468
    }

    /// The day of a number; the last or first there is beyond them.
    fn of_number(number: i64) -> Self {
        let (first, last) =
            (Self { year: 1, month: 1, day: 1 }, Self { year: 9999, month: 12, day: 31 });
        let number = number.clamp(first.number(), last.number());
        // The year by its mean length is at most one too many.
        let guess = (number + 719_468) * 400 / 146_097;
        let starts = |year: i64| 365 * year + year / 4 - year / 100 + year / 400 - 719_468;
        let year = if starts(guess) > number { guess - 1 } else { guess };
        let year = if starts(year + 1) <= number { year + 1 } else { year };
        let of_year = number - starts(year);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
        let small = |number: i64| u8::try_from(number).unwrap_or(1);
        Self { year: u16::try_from(year).unwrap_or(1), month: small(month), day: small(day) }
    }
}

impl Time {
    /// `None` if there is no such time: 0:00 to 23:59.
    #[must_use]
    pub const fn new(hour: u8, minute: u8) -> Option<Self> {
        if hour < 24 && minute < 60 { Some(Self { hour, minute }) } else { None }
    }

    /// 0 to 23.
    #[must_use]
    pub const fn hour(self) -> u8 {
        self.hour
    }

    /// 0 to 59.
    #[must_use]
    pub const fn minute(self) -> u8 {
        self.minute
    }
}

impl Local {
    /// What the clock shows where it is `offset_s` seconds later than UTC.
    #[must_use]
    pub fn of(utc: Utc, offset_s: i32) -> Self {
        let seconds = utc.0.div_euclid(1_000_000) + i64::from(offset_s);
        let date = Date::of_number(seconds.div_euclid(SECONDS_OF_A_DAY));
        let minute = seconds.rem_euclid(SECONDS_OF_A_DAY) / 60;
        let small = |number: i64| u8::try_from(number).unwrap_or(0);
        Self { date, time: Time { hour: small(minute / 60), minute: small(minute % 60) } }
    }
}
