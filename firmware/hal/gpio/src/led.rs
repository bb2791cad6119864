//! A lamp: patterns are data, the level follows from the time.

use units::{Duration, Instant};

use crate::{Fault, Level, Output};

/// What a lamp does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Dark.
    #[default]
    Off,
    /// Lit.
    On,
    /// 1 s lit, 1 s dark: a trouble is known.
    Slow,
    /// 125 ms lit, 125 ms dark: who goes on will change something, such as by a held button.
    Fast,
    /// Two short flashes each 2 s: works, but not as it should.
    Double,
}

impl Pattern {
    /// Lit and dark times in turn, in milliseconds, beginning lit; empty for a steady lamp.
    #[must_use]
    pub const fn steps_ms(self) -> &'static [u32] {
        match self {
            Self::Off | Self::On => &[],
            Self::Slow => &[1000, 1000],
            Self::Fast => &[125, 125],
            Self::Double => &[125, 125, 125, 1625],
        }
    }

    /// The level `age` after the pattern began, and how long it will stay so. `None`: for ever.
    #[must_use]
    pub fn at(self, age: Duration) -> (Level, Option<Duration>) {
        let steps = self.steps_ms();
        let cycle: u64 = steps.iter().map(|ms| u64::from(*ms) * 1000).sum();
        if cycle == 0 {
            return (Level::from(self == Self::On), None);
        }
        let mut within = u64::try_from(age.as_micros()).unwrap_or(u64::MAX) % cycle;
        let mut level = Level::High;
        for us in steps.iter().map(|ms| u64::from(*ms) * 1000) {
            if within < us {
                return (level, Some(Duration::from_micros(us - within)));
            }
            within -= us;
            level = !level;
        }
        (Level::Low, Some(Duration::ZERO))
    }
}

/// One lamp.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Led {
    pattern: Pattern,
    since: Instant,
    /// What the pin was set to last.
    level: Option<Level>,
    due: Option<Instant>,
}

impl Led {
    /// A dark lamp.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Shows another pattern from `now` on; the same one goes on undisturbed.
    pub fn show(&mut self, now: Instant, pattern: Pattern) {
        if pattern != self.pattern {
            (self.pattern, self.since, self.due) = (pattern, now, Some(now));
        }
    }

    /// The pattern that it shows.
    #[must_use]
    pub const fn pattern(&self) -> Pattern {
        self.pattern
    }

    /// When [`Self::step`] has something to do again.
    #[must_use]
    pub const fn poll_timeout(&self) -> Option<Instant> {
        self.due
    }

    /// Sets the pin if its level is to change.
    ///
    /// # Errors
    /// What the pin said; the next step tries again.
    pub fn step(&mut self, now: Instant, pin: &mut impl Output) -> Result<(), Fault> {
        let (level, lasts) = self.pattern.at(now - self.since);
        if self.level != Some(level) {
            self.level = None;
            pin.set(level)?;
            self.level = Some(level);
        }
        self.due = lasts.map(|lasts| now + lasts);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simulated::Board;

    #[test]
    fn a_double_flash_is_two_short_ones_in_two_seconds() {
        let mut lit = vec![];
        for ms in (0..4000).step_by(25) {
            if Pattern::Double.at(Duration::from_millis(ms)).0.is_high() {
                lit.push(ms);
            }
        }
        let second: Vec<u64> = lit.iter().filter(|ms| **ms >= 2000).map(|ms| ms - 2000).collect();
        assert_eq!(second, lit[..lit.len() / 2], "it repeats each 2 s");
        assert_eq!(second, [0, 25, 50, 75, 100, 250, 275, 300, 325, 350]);
    }

    #[test]
    fn a_pin_that_failed_is_set_again_at_the_next_step() {
        let board = Board::new();
        let (mut pin, mut led) = (board.output(4), Led::new());
        led.show(Instant::ZERO, Pattern::On);
        board.fail(4, Some(crate::Reason::Busy));
        assert!(led.step(Instant::ZERO, &mut pin).is_err());
        board.fail(4, None);
        led.step(Instant::ZERO, &mut pin).unwrap();
        assert!(board.level(4).is_high());
    }

    #[test]
    fn the_same_pattern_again_does_not_disturb_the_rhythm() {
        let board = Board::new();
        let (mut pin, mut led) = (board.output(4), Led::new());
        let mut changes = vec![];
        for ms in 0..4000 {
            let now = Instant::from_millis(ms);
            led.show(now, Pattern::Slow);
            led.step(now, &mut pin).unwrap();
            changes.push(board.level(4).is_high());
        }
        assert_eq!(changes.windows(2).filter(|pair| pair[0] != pair[1]).count(), 3);
    }

    proptest! {
        #[test]
        fn a_lamp_that_is_stepped_when_due_shows_what_the_pattern_says(
            start in 0..u64::MAX / 2, n in 1..200usize
        ) {
            for pattern in [Pattern::Slow, Pattern::Fast, Pattern::Double] {
                let board = Board::new();
                let (mut pin, mut led) = (board.output(1), Led::new());
                let mut now = Instant(start);
                led.show(now, pattern);
                for _ in 0..n {
                    led.step(now, &mut pin).unwrap();
                    prop_assert_eq!(board.level(1), pattern.at(now - Instant(start)).0);
                    let due = led.poll_timeout().unwrap();
                    prop_assert!(due > now);
                    let before = Instant(due.0 - 1) - Instant(start);
                    prop_assert_eq!(pattern.at(before).0, board.level(1));
                    now = due;
                }
            }
        }
    }
}
