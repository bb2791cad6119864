//! The failover relay: held only while the box pets it, and believed only by its read-back.
//!
//! ```text
//!   pet(now) ──► wave on the coil's pin ──► charge pump ──► relay ──► contact on the second pin
//!   no pet for `patience` ──► pin low ──► the pump runs dry ──► the relay lets go
//!
//!   Released ──(wave, contact closes)──► Held ──(no wave, contact opens)──► Released
//!       └── contact is not where the wave says for longer than `settle` ──► Contradiction ──┘
//! ```
//!
//! A box that hangs stops the wave whatever level its pin rests at, so a dead box always lets go.
//! A box drives the lines only while it reads its own position back.

use units::{Duration, Instant};

use crate::{Fault, Input, Level, Output};

/// Times of one relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// A whole cycle of the wave; half of it high. Not zero.
    pub period: Duration,
    /// How long a pet lasts.
    pub patience: Duration,
    /// How long the contact may take to follow, the charge pump included.
    pub settle: Duration,
}

impl Settings {
    /// 20 ms a cycle, petted within 200 ms, followed within 100 ms.
    pub const USUAL: Self = Self {
        period: Duration::from_millis(20),
        patience: Duration::from_millis(200),
        settle: Duration::from_millis(100),
    };
}

/// What the relay is known to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Position {
    /// Between two positions, within its settling time.
    Moving,
    /// The lines are here.
    Held,
    /// The lines are at the other box.
    Released,
    /// The contact says otherwise than the wave for too long.
    Contradiction {
        /// What the contact says.
        closed: bool,
    },
}

/// The relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relay {
    settings: Settings,
    petted: Option<Instant>,
    /// When the wave began; `None`: it is at rest.
    wave: Option<Instant>,
    /// When the contact last began to differ from what is wanted.
    differs: Option<Instant>,
    position: Position,
    driven: Option<Level>,
    last_step_us: u64,
}

impl Relay {
    /// A relay that nobody has petted.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self {
            settings,
            petted: None,
            wave: None,
            differs: None,
            position: Position::Moving,
            driven: None,
            last_step_us: 0,
        }
    }

    /// The box is well and wants the lines for the next `patience`.
    pub fn pet(&mut self, now: Instant) {
        self.petted = Some(now);
    }

    /// The box lets go on its own will.
    pub fn release(&mut self) {
        self.petted = None;
    }

    /// What is known of it, as of the last step.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// Whether the box may drive the lines: petted, and seen to be held.
    #[must_use]
    pub fn lines_are_ours(&self) -> bool {
        self.position == Position::Held && self.wave.is_some()
    }

    /// When [`Self::step`] has something to do again.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        // Petted and not yet driven: now.
        let begin = if self.wave.is_none() { self.petted } else { None };
        let edge = self.wave.map(|began| {
            let half = self.half_us();
            let passed = self.last_us(began) / half + 1;
            began + Duration::from_micros(passed.saturating_mul(half))
        });
        let contradiction = match self.position {
            Position::Contradiction { .. } => None,
            _ => self.differs.map(|since| since + self.settings.settle),
        };
        let stop = self.wave.and(self.petted).map(|petted| petted + self.settings.patience);
        [begin, edge, stop, contradiction].into_iter().flatten().min()
    }

    fn half_us(&self) -> u64 {
        u64::try_from(self.settings.period.as_micros() / 2).unwrap_or(u64::MAX).max(1)
    }

    /// Of the wave, up to the last edge that was driven.
    fn last_us(&self, began: Instant) -> u64 {
        self.last_step_us.saturating_sub(began.0)
    }

    /// Drives the wave, reads the contact, and tells a change of position.
    ///
    /// # Errors
    /// What a pin said. The position then is [`Position::Moving`]: nobody knows it.
    pub fn step(
        &mut self,
        now: Instant,
        coil: &mut impl Output,
        contact: &mut impl Input,
    ) -> Result<Option<Position>, Fault> {
        self.last_step_us = now.0;
        let driven = self.drive(now, coil);
        let read = driven.and_then(|()| contact.level());
        match read {
            Ok(level) => Ok(self.judge(now, level)),
            Err(fault) => {
                (self.position, self.differs, self.driven) = (Position::Moving, None, None);
                Err(fault)
            }
        }
    }

    fn drive(&mut self, now: Instant, coil: &mut impl Output) -> Result<(), Fault> {
        let alive = self.petted.is_some_and(|petted| now < petted + self.settings.patience);
        if !alive {
            (self.petted, self.wave) = (None, None);
        } else if self.wave.is_none() {
            self.wave = Some(now);
        }
        let half = |began: Instant| now.0.saturating_sub(began.0) / self.half_us();
        let level = self.wave.is_some_and(|began| half(began).is_multiple_of(2));
        let level = Level::from(level);
        if self.driven != Some(level) {
            coil.set(level)?;
            self.driven = Some(level);
        }
        Ok(())
    }

    fn judge(&mut self, now: Instant, contact: Level) -> Option<Position> {
        let (wanted, closed) = (self.wave.is_some(), contact.is_high());
        let position = if wanted == closed {
            self.differs = None;
            if closed { Position::Held } else { Position::Released }
        } else {
            let since = *self.differs.get_or_insert(now);
            if now - since >= self.settings.settle {
                Position::Contradiction { closed }
            } else {
                Position::Moving
            }
        };
        let changed = position != self.position;
        self.position = position;
        changed.then_some(position)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Reason;
    use crate::simulated::{Board, ChargePump};

    const COIL: u32 = 5;
    const CONTACT: u32 = 6;

    /// A relay on a simulated board, stepped each millisecond.
    struct Bench {
        board: Board,
        pump: ChargePump,
        relay: Relay,
        now: Instant,
        told: Vec<Position>,
    }

    impl Bench {
        fn new() -> Self {
            let board = Board::new();
            let pump = ChargePump::new(&board, COIL, CONTACT, Duration::from_millis(40));
            let relay = Relay::new(Settings::USUAL);
            Self { board, pump, relay, now: Instant::from_millis(1000), told: vec![] }
        }

        fn run(&mut self, ms: u64, pet: bool) {
            let (mut coil, mut contact) = (self.board.output(COIL), self.board.input(CONTACT));
            for _ in 0..ms {
                if pet {
                    self.relay.pet(self.now);
                }
                self.told.extend(self.relay.step(self.now, &mut coil, &mut contact).unwrap());
                self.pump.step(self.now);
                self.now += Duration::from_millis(1);
            }
        }
    }

    #[test]
    fn it_is_held_while_petted_and_lets_go_of_a_dead_box() {
        let mut bench = Bench::new();
        bench.run(300, true);
        assert!(bench.relay.lines_are_ours());
        // Patience 200 ms, the pump 40 ms.
        bench.run(199, false);
        assert!(bench.relay.lines_are_ours());
        bench.run(60, false);
        assert!(!bench.relay.lines_are_ours());
        assert!(!bench.board.level(CONTACT).is_high(), "the other box has the lines");
        bench.run(100, true);
        let expected = [Position::Held, Position::Moving, Position::Released];
        assert_eq!(bench.told[..3], expected[..]);
        assert!(bench.relay.lines_are_ours());
    }

    #[test]
    fn a_box_that_hangs_with_its_pin_high_loses_the_relay() {
        let mut bench = Bench::new();
        bench.run(300, true);
        bench.board.output(COIL).set(Level::High).unwrap();
        for _ in 0..50 {
            bench.pump.step(bench.now);
            bench.now += Duration::from_millis(1);
        }
        assert!(!bench.board.level(CONTACT).is_high());
    }

    #[test]
    fn a_contact_that_sticks_is_a_contradiction_either_way() {
        let mut bench = Bench::new();
        bench.board.stick(CONTACT, Some(Level::Low));
        bench.run(99, true);
        assert_eq!(bench.relay.position(), Position::Moving);
        bench.run(5, true);
        assert_eq!(bench.relay.position(), Position::Contradiction { closed: false });
        assert!(!bench.relay.lines_are_ours());
        bench.board.stick(CONTACT, Some(Level::High));
        bench.run(5, true);
        assert_eq!(bench.relay.position(), Position::Held);
        bench.run(400, false);
        assert_eq!(bench.relay.position(), Position::Contradiction { closed: true });
    }

    #[test]
    fn releasing_on_purpose_does_not_wait_for_the_patience() {
        let mut bench = Bench::new();
        bench.run(300, true);
        bench.relay.release();
        bench.run(60, false);
        assert_eq!(bench.relay.position(), Position::Released);
    }

    #[test]
    fn a_relay_whose_pins_fail_is_not_ours() {
        let mut bench = Bench::new();
        bench.run(300, true);
        for pin in [COIL, CONTACT] {
            let (mut coil, mut contact) = (bench.board.output(COIL), bench.board.input(CONTACT));
            bench.board.fail(pin, Some(Reason::Missing));
            let step = bench.relay.step(bench.now, &mut coil, &mut contact);
            assert_eq!(step.unwrap_err().reason, Reason::Missing);
            assert!(!bench.relay.lines_are_ours());
            bench.board.fail(pin, None);
            bench.run(150, true);
            assert!(bench.relay.lines_are_ours());
        }
    }

    #[test]
    fn the_wave_has_the_period_that_was_asked_for() {
        let mut bench = Bench::new();
        let (mut coil, mut contact) = (bench.board.output(COIL), bench.board.input(CONTACT));
        let mut edges = vec![];
        for _ in 0..100 {
            let before = bench.board.level(COIL);
            bench.relay.pet(bench.now);
            bench.relay.step(bench.now, &mut coil, &mut contact).unwrap();
            if bench.board.level(COIL) != before {
                edges.push(bench.now.as_millis());
            }
            // Stepped only when it asks to be.
            bench.now = bench.relay.poll_timeout().unwrap();
        }
        assert!(edges.windows(2).all(|pair| pair[1] - pair[0] == 10), "{edges:?}");
        assert!(edges.len() > 80);
    }

    proptest! {
        #[test]
        fn the_lines_are_never_ours_without_a_closed_contact_and_a_recent_pet(
            steps in prop::collection::vec((0..30u64, any::<bool>(), any::<bool>()), 1..300)
        ) {
            let board = Board::new();
            let (mut coil, mut contact) = (board.output(COIL), board.input(CONTACT));
            let mut relay = Relay::new(Settings::USUAL);
            let (mut now, mut petted) = (Instant::from_millis(1000), None);
            for (ms, pet, closed) in steps {
                now += Duration::from_millis(ms);
                if pet {
                    relay.pet(now);
                    petted = Some(now);
                }
                board.drive(CONTACT, Level::from(closed));
                relay.step(now, &mut coil, &mut contact).unwrap();
                let recent = petted.is_some_and(|at| now - at < Settings::USUAL.patience);
                prop_assert_eq!(relay.lines_are_ours(), closed && recent);
                if let Some(due) = relay.poll_timeout() {
                    prop_assert!(due > now);
                }
                if !recent {
                    prop_assert!(!board.level(COIL).is_high());
                }
            }
        }
    }
}
