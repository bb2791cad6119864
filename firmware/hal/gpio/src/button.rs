//! A push button: debounced, short and long presses, and one that is stuck.
//!
//! ```text
//!              down ≥ debounce                held ≥ warn              held ≥ fire
//!   Up ───────────────────────► Down ─────────────────► Warned ────────────────► Fired
//!   ▲  Short: up before warn     │   Cancelled: up       │   Warning: blink       │ Long
//!   └────────────────────────────┴───────────────────────┴────────────────────────┤
//!                                                     held ≥ stuck: Stuck ─ up: Freed
//! ```
//!
//! A button that is down when the box starts is never a long press: nobody has seen it being
//! pressed, and a shorted wire must not reset a box to its factory state.

use units::{Duration, Instant};

use crate::{Fault, Input, Level};

/// Times of one button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a level must last before it counts.
    pub debounce: Duration,
    /// Held so long, it warns: going on will fire.
    pub warn: Duration,
    /// Held so long, it fires.
    pub fire: Duration,
    /// Held so long, it is stuck.
    pub stuck: Duration,
}

impl Settings {
    /// The factory reset: 20 ms, warning after 5 s, fires after 10 s, stuck after 60 s.
    pub const FACTORY_RESET: Self = Self {
        debounce: Duration::from_millis(20),
        warn: Duration::from_secs(5),
        fire: Duration::from_secs(10),
        stuck: Duration::from_secs(60),
    };
}

/// What a button tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It went up before the warning.
    Short,
    /// It is held: a lamp can blink now.
    Warning,
    /// It went up between the warning and firing: nothing happens.
    Cancelled,
    /// It was held to the end.
    Long,
    /// It does not go up.
    Stuck,
    /// It went up after it was stuck.
    Freed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Up,
    Down,
    Warned,
    Fired,
    /// Down since the start.
    Unseen,
    Stuck,
}

/// One button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button {
    settings: Settings,
    state: State,
    /// The level that counts, and since when it does.
    level: Option<Level>,
    since: Instant,
    /// The level seen last, and since when it lasts.
    raw: Level,
    raw_since: Instant,
}

impl Button {
    /// A button that has not been looked at.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            state: State::Up,
            level: None,
            since: Instant::ZERO,
            raw: Level::Low,
            raw_since: Instant::ZERO,
        }
    }

    /// Whether it is past its warning and not yet fired: the lamp blinks.
    #[must_use]
    pub const fn warns(&self) -> bool {
        matches!(self.state, State::Warned)
    }

    /// When [`Self::step`] has something to do though no edge comes.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.level != Some(self.raw) {
            return Some(self.raw_since + self.settings.debounce);
        }
        let held = match self.state {
            State::Up | State::Stuck => return None,
            State::Down => self.settings.warn,
            State::Warned => self.settings.fire,
            State::Fired | State::Unseen => self.settings.stuck,
        };
        Some(self.since + held)
    }

    /// Looks at the pin: its edges, so that a bounce between two steps counts, and its level.
    ///
    /// # Errors
    /// What the pin said.
    pub fn step(&mut self, now: Instant, pin: &mut impl Input) -> Result<Option<Event>, Fault> {
        // As many edges as a bouncing contact makes in one step; the rest at the next.
        for _ in 0..64 {
            if pin.poll_edge()?.is_none() {
                break;
            }
            self.raw_since = now;
        }
        let level = pin.level()?;
        Ok(self.handle(now, level))
    }

    /// The pin's level is `level` now.
    pub fn handle(&mut self, now: Instant, level: Level) -> Option<Event> {
        if level != self.raw || self.level.is_none() && self.raw_since == Instant::ZERO {
            (self.raw, self.raw_since) = (level, now);
        }
        let lasts = now - self.raw_since >= self.settings.debounce;
        if lasts && self.level != Some(level) {
            let first = self.level.is_none();
            (self.level, self.since) = (Some(level), self.raw_since);
            return match (level, first) {
                (Level::High, true) => self.enter(State::Unseen, None),
                (Level::High, false) => self.enter(State::Down, None),
                (Level::Low, _) => self.released(),
            };
        }
        if self.level == Some(Level::High) { self.held(now - self.since) } else { None }
    }

    fn enter(&mut self, state: State, event: Option<Event>) -> Option<Event> {
        self.state = state;
        event
    }

    fn released(&mut self) -> Option<Event> {
        match self.state {
            State::Up | State::Fired | State::Unseen => self.enter(State::Up, None),
            State::Down => self.enter(State::Up, Some(Event::Short)),
            State::Warned => self.enter(State::Up, Some(Event::Cancelled)),
            State::Stuck => self.enter(State::Up, Some(Event::Freed)),
        }
    }

    fn held(&mut self, held: Duration) -> Option<Event> {
        let Settings { warn, fire, stuck, .. } = self.settings;
        match self.state {
            State::Down if held >= warn => self.enter(State::Warned, Some(Event::Warning)),
            State::Warned if held >= fire => self.enter(State::Fired, Some(Event::Long)),
            State::Fired | State::Unseen if held >= stuck => {
                self.enter(State::Stuck, Some(Event::Stuck))
            }
            State::Up
            | State::Down
            | State::Warned
            | State::Fired
            | State::Unseen
            | State::Stuck => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::simulated::Board;

    const STEP_MS: u64 = 5;

    /// Presses by times in milliseconds, up and down in turn, beginning up; then tells the events.
    fn play(levels_ms: &[u64]) -> Vec<Event> {
        let board = Board::new();
        let mut pin = board.input(3);
        let mut button = Button::new(Settings::FACTORY_RESET);
        let (mut events, mut now) = (vec![], 1000);
        for (index, ms) in levels_ms.iter().enumerate() {
            board.drive(3, Level::from(index % 2 == 1));
            let end = now + ms;
            while now < end {
                events.extend(button.step(Instant::from_millis(now), &mut pin).unwrap());
                now += STEP_MS.min(end - now).max(1);
            }
        }
        events
    }

    #[test]
    fn a_short_press_is_told_once() {
        assert_eq!(play(&[500, 200, 500]), [Event::Short]);
    }

    #[test]
    fn a_long_press_warns_before_it_fires() {
        assert_eq!(play(&[500, 12_000, 500]), [Event::Warning, Event::Long]);
    }

    #[test]
    fn letting_go_after_the_warning_cancels() {
        assert_eq!(play(&[500, 7_000, 500]), [Event::Warning, Event::Cancelled]);
    }

    #[test]
    fn bouncing_is_no_press() {
        assert_eq!(play(&[500, 5, 5, 10, 5, 15, 5, 10, 500]), []);
        assert_eq!(play(&[500, 5, 5, 5, 5, 200, 5, 5, 5, 5, 500]), [Event::Short]);
    }

    #[test]
    fn a_bounce_between_two_steps_is_seen_by_its_edges() {
        let board = Board::new();
        let mut pin = board.input(3);
        let mut button = Button::new(Settings::FACTORY_RESET);
        let at = Instant::from_millis;
        button.step(at(1000), &mut pin).unwrap();
        button.step(at(1100), &mut pin).unwrap();
        board.drive(3, Level::High);
        button.step(at(1200), &mut pin).unwrap();
        // It opens and closes again before the next look.
        board.drive(3, Level::Low);
        board.drive(3, Level::High);
        button.step(at(1219), &mut pin).unwrap();
        button.step(at(1221), &mut pin).unwrap();
        board.drive(3, Level::Low);
        button.step(at(1222), &mut pin).unwrap();
        assert_eq!(button.step(at(1300), &mut pin).unwrap(), None, "never down for 20 ms");
    }

    #[test]
    fn a_button_that_is_down_at_the_start_never_resets_the_box_and_is_reported() {
        assert_eq!(play(&[0, 59_000, 500]), []);
        assert_eq!(play(&[0, 70_000, 500]), [Event::Stuck, Event::Freed]);
        assert_eq!(play(&[0, 100, 500, 12_000]), [Event::Warning, Event::Long]);
    }

    #[test]
    fn a_button_that_stays_down_after_firing_is_stuck() {
        let all = [Event::Warning, Event::Long, Event::Stuck, Event::Freed];
        assert_eq!(play(&[100, 61_000, 100]), all);
    }

    #[test]
    fn a_pin_that_cannot_be_read_is_told_and_changes_nothing() {
        let board = Board::new();
        let mut pin = board.input(3);
        let mut button = Button::new(Settings::FACTORY_RESET);
        board.fail(3, Some(crate::Reason::Missing));
        let before = button.clone();
        assert!(button.step(Instant::from_millis(1), &mut pin).is_err());
        assert_eq!(button, before);
    }

    proptest! {
        #[test]
        fn every_press_tells_exactly_what_its_length_says(
            presses in prop::collection::vec((100..2000u64, 100..70_000u64), 1..5)
        ) {
            let mut levels = vec![];
            let mut expected = vec![];
            for (up, down) in presses {
                // Away from the limits, which fall between two steps.
                let down = if [5_000, 10_000, 60_000].iter().any(|l| down.abs_diff(*l) < 50) {
                    down + 200
                } else {
                    down
                };
                levels.extend([up, down]);
                expected.extend(match down {
                    0..5_000 => &[Event::Short][..],
                    5_000..10_000 => &[Event::Warning, Event::Cancelled],
                    10_000..60_000 => &[Event::Warning, Event::Long],
                    _ => &[Event::Warning, Event::Long, Event::Stuck, Event::Freed],
                });
            }
            levels.push(500);
            prop_assert_eq!(play(&levels), expected);
        }

        #[test]
        fn a_timeout_is_never_in_the_past_once_it_was_handled(
            steps in prop::collection::vec((0..3_000_000u64, any::<bool>()), 1..100)
        ) {
            let mut button = Button::new(Settings::FACTORY_RESET);
            let mut now = Instant::from_millis(1000);
            for (us, high) in steps {
                now += Duration::from_micros(us);
                // The states that one look can pass: at most four.
                for _ in 0..5 {
                    button.handle(now, Level::from(high));
                }
                prop_assert!(button.poll_timeout().is_none_or(|due| due > now));
            }
        }
    }
}
