//! How fast the sound card's clock runs against the line's, found from how full the way is.
//!
//! ```text
//!   fill ──► mean of 1 s ──► error ──► proportional + integral ──► bounds ──► slew ──► ppm
//!                              └── too far away: slip, by whole blocks
//! ```
//!
//! The way fills by 0.008 samples a second for each ppm that is not made good. With the natural
//! frequency w and critical damping the gains are `2 w / 0.008` and `w² / 0.008`; w = 0.07 rad/s
//! settles within a minute, and even 200 ppm at the start move the fill by 9 samples only.

use units::{Duration, Instant};

/// Which way the sound goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the jack to the line: a fast card fills the way.
    Capture,
    /// From the line to the jack: a fast card empties it.
    Playback,
}

/// The furthest that a card's clock is followed, in ppm. Crystals are within 100 of the truth, so
/// two are within 200; 500 is less than a hundredth of a semitone.
pub const BOUND_PPM: f64 = 500.0;
/// The fastest change, in ppm a second: nobody hears a pitch that moves so slowly.
pub const SLEW_PPM: f64 = 50.0;

/// Samples a second that one ppm fills at 8 kHz.
const FILL: f64 = 0.008;
/// The natural frequency of the loop, rad/s.
const NATURAL: f64 = 0.07;
const PROPORTIONAL: f64 = 2.0 * NATURAL / FILL;
const INTEGRAL: f64 = NATURAL * NATURAL / FILL;
/// Over how long the fill is averaged.
const WINDOW: Duration = Duration::from_secs(1);
/// A gap in the measurements so long is no drift but a pause: begin the window again.
const GAP: Duration = Duration::from_secs(3);

/// Steers one direction of one jack.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    direction: Direction,
    /// Samples at 8 kHz that should be on the way.
    target: f64,
    /// How far the fill may be from the target before it slips, samples.
    room: f64,
    integral_ppm: f64,
    goal_ppm: f64,
    ppm: f64,
    window: Option<Window>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    began: Instant,
    last: Instant,
    sum: f64,
    count: f64,
}

impl Drift {
    /// For a way that should hold `target` samples at 8 kHz, and slips when it holds half as
    /// many more or less: what remains must last until the worker wakes.
    #[must_use]
    pub fn new(direction: Direction, target: f64) -> Self {
        Self {
            direction,
            target,
            room: target * 0.5,
            integral_ppm: 0.0,
            goal_ppm: 0.0,
            ppm: 0.0,
            window: None,
        }
    }

    /// Samples that should be on the way.
    #[must_use]
    pub const fn target(&self) -> f64 {
        self.target
    }

    /// How fast the card's clock is taken to run against the line's, in ppm: what steers.
    #[must_use]
    pub const fn ppm(&self) -> f64 {
        self.ppm
    }

    /// The long-term part of [`Self::ppm`]: the measured drift.
    #[must_use]
    pub const fn drift_ppm(&self) -> f64 {
        self.integral_ppm
    }

    /// The way was filled anew: what was measured of it means nothing; the drift found does.
    pub fn refilled(&mut self) {
        self.window = None;
        self.goal_ppm = self.integral_ppm;
    }

    /// The fill of the way now, in samples at 8 kHz. If samples must slip, tells how many there
    /// are too many (negative: too few); the caller makes it good and says [`Self::refilled`].
    pub fn handle(&mut self, now: Instant, fill: f64) -> Option<f64> {
        let fill = if fill.is_finite() { fill } else { self.target };
        let window = self.window.filter(|window| now - window.last < GAP);
        let begin = Window { began: now, last: now, sum: 0.0, count: 0.0 };
        let mut window = window.unwrap_or(begin);
        self.slew((now - window.last).as_secs_f64());
        window.sum += fill;
        window.count += 1.0;
        window.last = now;
        self.window = Some(window);
        let lasted = now - window.began;
        if lasted < WINDOW {
            return None;
        }
        self.window = Some(Window { began: now, last: now, sum: 0.0, count: 0.0 });
        let error = window.sum / window.count - self.target;
        if error.abs() > self.room {
            return Some(error);
        }
        self.steer(error, lasted.as_secs_f64());
        None
    }

    fn steer(&mut self, error: f64, seconds: f64) {
        let error = match self.direction {
            Direction::Capture => error,
            Direction::Playback => -error,
        };
        let bounded = |ppm: f64| ppm.clamp(-BOUND_PPM, BOUND_PPM);
        self.integral_ppm = bounded(self.integral_ppm + INTEGRAL * error * seconds);
        self.goal_ppm = bounded(self.integral_ppm + PROPORTIONAL * error);
    }

    fn slew(&mut self, seconds: f64) {
        let most = SLEW_PPM * seconds;
        self.ppm += (self.goal_ppm - self.ppm).clamp(-most, most);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A way between two clocks, as the worker sees it: each 4 ms of the card, with jitter.
    struct Way {
        drift: Drift,
        now_s: f64,
        fill: f64,
        seed: u64,
        slips: u32,
    }

    impl Way {
        fn new(direction: Direction) -> Self {
            let drift = Drift::new(direction, 128.0);
            Self { drift, now_s: 1.0, fill: 128.0, seed: 0x9E37_79B9_7F4A_7C15, slips: 0 }
        }

        /// 0 to 1.
        fn random(&mut self) -> f64 {
            self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            f64::from(u32::try_from(self.seed >> 33).unwrap()) / f64::from(1u32 << 31)
        }

        fn run(&mut self, seconds: f64, card_ppm: f64, mut seen: impl FnMut(&Self)) {
            let end = self.now_s + seconds;
            while self.now_s < end {
                let step = 0.004 / (1.0 + card_ppm * 1e-6);
                self.now_s += step;
                let sign = if self.drift.direction == Direction::Capture { 1.0 } else { -1.0 };
                self.fill += sign * FILL * step * (card_ppm - self.drift.ppm());
                // The worker wakes up to 1 ms late; the card's pointer moves in steps of 1 ms.
                let jitter = (self.random() - 0.5) * 16.0;
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "us")]
                let now = Instant((self.now_s * 1e6) as u64);
                if let Some(error) = self.drift.handle(now, self.fill + jitter) {
                    self.slips += 1;
                    self.fill -= error;
                    self.drift.refilled();
                }
                seen(self);
            }
        }
    }

    #[test]
    fn ten_minutes_of_any_usual_drift_pass_without_a_slip() {
        for direction in [Direction::Capture, Direction::Playback] {
            for card_ppm in [-200.0, -100.0, -37.0, 0.0, 5.0, 100.0, 200.0] {
                let mut way = Way::new(direction);
                let (mut furthest, mut locked): (f64, f64) = (0.0, 0.0);
                way.run(600.0, card_ppm, |way| {
                    furthest = furthest.max((way.fill - 128.0).abs());
                    if way.now_s > 100.0 {
                        locked = locked.max((way.fill - 128.0).abs());
                    }
                });
                let found = way.drift.drift_ppm();
                assert_eq!(way.slips, 0, "{card_ppm} ppm");
                assert!(furthest < 16.0, "{card_ppm} ppm: {furthest} samples");
                assert!(locked < 2.0, "{card_ppm} ppm: {locked} samples after lock-in");
                assert!((found - card_ppm).abs() < 2.0, "{found} ppm found, {card_ppm} set");
            }
        }
    }

    #[test]
    fn a_drift_that_changes_is_followed() {
        let mut way = Way::new(Direction::Capture);
        for card_ppm in [200.0, -200.0, 150.0, -50.0, 0.0] {
            way.run(120.0, card_ppm, |way| assert!((way.fill - 128.0).abs() < 32.0));
            assert!((way.drift.drift_ppm() - card_ppm).abs() < 3.0);
        }
        assert_eq!(way.slips, 0);
    }

    #[test]
    fn clocks_that_are_too_far_apart_slip_and_the_ratio_stays_in_bounds() {
        let mut way = Way::new(Direction::Playback);
        way.run(600.0, 1000.0, |way| assert!(way.drift.ppm() <= BOUND_PPM));
        // 500 ppm cannot be steered: 4 samples a second, 64 samples a slip.
        assert!((25..=40).contains(&way.slips), "{} slips", way.slips);
        assert!((way.drift.ppm() - BOUND_PPM).abs() < 1.0);
    }

    #[test]
    fn a_pause_is_no_drift() {
        let mut way = Way::new(Direction::Capture);
        way.run(200.0, 80.0, |_| {});
        let before = way.drift.drift_ppm();
        way.now_s += 3600.0;
        way.run(100.0, 80.0, |way| assert!((way.drift.ppm() - 80.0).abs() < 20.0));
        assert!((way.drift.drift_ppm() - before).abs() < 2.0);
    }

    proptest! {
        #[test]
        fn whatever_is_measured_the_ratio_stays_in_bounds_and_moves_slowly(
            steps in prop::collection::vec((0..2_000_000u64, prop::num::f64::ANY), 1..200)
        ) {
            let mut drift = Drift::new(Direction::Capture, 128.0);
            let mut now = Instant::from_millis(1000);
            for (us, fill) in steps {
                let before = drift.ppm();
                now += Duration::from_micros(us);
                let _ = drift.handle(now, fill);
                prop_assert!(drift.ppm().abs() <= BOUND_PPM);
                prop_assert!((drift.ppm() - before).abs() <= SLEW_PPM * 3.0);
            }
        }
    }
}
