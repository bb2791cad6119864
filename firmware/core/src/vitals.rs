//! What shows outside of how the box does: the control thread says it, the pins thread shows it on
//! lamps and holds the failover relay by it. Atomic words, so that neither waits for the other.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use units::{Duration, Instant};

/// How something of the box does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// It does not work, or is not known yet.
    #[default]
    Out,
    /// It works in part.
    Trouble,
    /// All is well.
    Well,
}

/// How the box does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Of all that the board file names: [`Mood::Trouble`] while a trouble is known.
    pub status: Mood,
    /// Of its lines: [`Mood::Trouble`] while some cannot carry calls, [`Mood::Out`] while none can.
    pub lines: Mood,
}

/// What control said last, and that it still says things.
#[derive(Debug, Default)]
pub struct Vitals {
    turns: AtomicU64,
    status: AtomicU8,
    lines: AtomicU8,
}

const fn word(mood: Mood) -> u8 {
    match mood {
        Mood::Out => 0,
        Mood::Trouble => 1,
        Mood::Well => 2,
    }
}

const fn mood(word: u8) -> Mood {
    match word {
        1 => Mood::Trouble,
        2 => Mood::Well,
        _ => Mood::Out,
    }
}

impl Vitals {
    /// Control has done one more turn and found this.
    pub fn tell(&self, health: Health) {
        self.status.store(word(health.status), Ordering::Relaxed);
        self.lines.store(word(health.lines), Ordering::Relaxed);
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// Turns, and what was found last.
    #[must_use]
    pub fn look(&self) -> (u64, Health) {
        let mood = |word: &AtomicU8| mood(word.load(Ordering::Relaxed));
        let health = Health { status: mood(&self.status), lines: mood(&self.lines) };
        (self.turns.load(Ordering::Relaxed), health)
    }
}

/// How long control may take for a turn: it sleeps half a second at most.
const CONTROL_PATIENCE: Duration = Duration::from_secs(2);
/// How long the line thread may take for a tick of 2 ms.
const LINE_PATIENCE: Duration = Duration::from_millis(500);

/// Whether control and line thread move, by what they count.
#[derive(Debug, Default)]
pub struct Watch {
    turns: Count,
    ticks: Count,
}

#[derive(Debug, Default)]
struct Count {
    number: u64,
    moved: Option<Instant>,
}

impl Count {
    fn moves(&mut self, now: Instant, number: u64, patience: Duration) -> bool {
        if number != self.number {
            (self.number, self.moved) = (number, Some(now));
        }
        self.moved.is_some_and(|moved| now - moved < patience)
    }
}

impl Watch {
    /// Both moved a moment ago. A thread that has not begun does not move.
    pub fn alive(&mut self, now: Instant, turns: u64, ticks: u64) -> bool {
        let control = self.turns.moves(now, turns, CONTROL_PATIENCE);
        self.ticks.moves(now, ticks, LINE_PATIENCE) && control
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_alive_while_both_threads_count() {
        let (mut watch, at) = (Watch::default(), Instant::from_millis);
        assert!(!watch.alive(at(1000), 0, 0), "nobody has begun");
        assert!(!watch.alive(at(1010), 1, 0), "the line thread has not");
        assert!(watch.alive(at(1020), 1, 1));
        assert!(watch.alive(at(1500), 1, 1));
        assert!(!watch.alive(at(1520), 1, 1), "the line thread stands still");
        assert!(watch.alive(at(3000), 1, 2));
        assert!(!watch.alive(at(3010), 1, 3), "control stands still");
        assert!(watch.alive(at(3020), 2, 4));
    }

    #[test]
    fn what_is_told_is_seen() {
        let vitals = Vitals::default();
        assert_eq!(vitals.look(), (0, Health::default()));
        for (turn, mood) in (1..).zip([Mood::Well, Mood::Trouble, Mood::Out]) {
            let health = Health { status: mood, lines: Mood::Well };
            vitals.tell(health);
            assert_eq!(vitals.look(), (turn, health));
        }
    }
}
