//! How late packets are: a histogram that forgets, and the fastest way of the last seconds.

use units::Instant;

/// Microseconds of one column.
const COLUMN_US: i64 = 2000;
/// Columns: 256 ms.
const COLUMNS: usize = 128;
/// What a packet is worth, and what all before it lose: half is forgotten after 140 packets.
const SHARE: f32 = 0.005;
/// What is in time at the wanted delay.
const IN_TIME: f32 = 0.97;
/// Before any packet came it is taken to be so many columns late: 20 ms.
const FIRST: usize = 10;
/// How sure that is.
const FIRST_SHARE: f32 = 0.05;
/// What is looked at is so old: the sender's clock may be 100 millionths off, 1 ms in this time.
const WINDOW_US: u64 = 5_000_000;

#[derive(Clone, Debug)]
pub(crate) struct Lateness {
    columns: [f32; COLUMNS],
    /// The fastest transit of this window and of the one before, in microseconds.
    fastest: [i64; 2],
    /// When this window began.
    window: Instant,
    target_us: i64,
}

impl Lateness {
    pub(crate) const fn new() -> Self {
        let mut columns = [0.0; COLUMNS];
        columns[FIRST] = FIRST_SHARE;
        let target_us = (FIRST as i64 + 1) * COLUMN_US;
        Self { columns, fastest: [i64::MAX; 2], window: Instant::ZERO, target_us }
    }

    /// A new stream has another clock.
    pub(crate) const fn forget_fastest(&mut self) {
        self.fastest = [i64::MAX; 2];
    }

    pub(crate) fn fastest_us(&self) -> i64 {
        let fastest = self.fastest[0].min(self.fastest[1]);
        if fastest == i64::MAX { 0 } else { fastest }
    }

    /// The delay at which all but few are in time.
    pub(crate) const fn target_us(&self) -> i64 {
        self.target_us
    }

    pub(crate) fn add(&mut self, now: Instant, transit_us: i64) {
        if now.0.saturating_sub(self.window.0) > WINDOW_US {
            self.fastest = [i64::MAX, self.fastest[0]];
            self.window = now;
        }
        self.fastest[0] = self.fastest[0].min(transit_us);
        let late = (transit_us - self.fastest_us()) / COLUMN_US;
        let place = usize::try_from(late).unwrap_or(0).min(COLUMNS - 1);
        for column in &mut self.columns {
            *column -= *column * SHARE;
        }
        self.columns[place] += SHARE;
        let limit = self.columns.iter().sum::<f32>() * IN_TIME;
        let mut sum = 0.0;
        let enough = self.columns.iter().position(|column| {
            sum += column;
            sum >= limit
        });
        let columns = i64::try_from(enough.unwrap_or(COLUMNS - 1)).unwrap_or(0) + 1;
        self.target_us = columns * COLUMN_US;
    }
}
