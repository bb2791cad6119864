//! What is on and off for how long, and which tone that is.
//!
//! ```text
//!  Off ──── share above ────► On            each change puts a segment into the past:
//!   ▲                          │              on 350 · off 350 · on 348 · off 352 · on 350
//!   └────── share below ───────┘            a loud pause or an uneven tone empties it
//! ```

use heapless::Deque;
use units::CallTone;

use crate::plan::{CADENCE, Pattern, Tones};
use crate::spectrum::{Heard, WINDOW_MAX};

/// Milliseconds of a step.
const STEP_MS: u32 = 2;
/// Steps at the end of a time on that may already hold some of the pause, and at the end of a pause
/// that may hold some of the next time on, of the longest window.
const LAST: usize = WINDOW_MAX / 5;
const NEXT: usize = WINDOW_MAX + 6;
/// Steps that a time on has at least: while a window fills or empties, noise may carry its share
/// over the mark and back.
const REAL: u32 = 6;
/// Louder over quieter within one time on, in power (2 dB; two frequencies beat, and so do a
/// carrier and its sidebands: 3.5 dB).
const EVEN: f32 = 1.6;
const EVEN_TWO: f32 = 2.25;
/// Range of a frequency within one time on, in hertz; of two, each is seen a little in the place
/// of the other.
const STEADY_HZ: f32 = 2.5;
const STEADY_HZ_TWO: f32 = 9.0;
/// Louder over quieter from one time on to another (2 dB), and how far apart they are in hertz.
const ALIKE: f32 = 1.6;
const ALIKE_HZ: f32 = 3.0;
/// Loudest window of a pause over the tone: 9 dB below.
const QUIET: f32 = 0.125;
/// Segments kept: two cycles of the longest cadence, and one.
const PAST: usize = 2 * CADENCE + 1;
/// A pause or tone of this length ends every cadence, in milliseconds.
const FOREVER_MS: u32 = 8000;

/// Times that follow from the length of the window.
#[derive(Clone, Copy, Debug)]
struct Edges {
    /// A window is filled to 88 % before it counts as on, and emptied by 12 % when it ceases to: so
    /// much too short seems each time on, in milliseconds.
    shorter_ms: u32,
    /// Steps after a change in which the window still holds both sides of it.
    settle: u32,
    /// Steps at the end of a time on that may already hold some of the pause.
    last: usize,
    /// Steps at the end of a pause that may already hold some of the next time on: it counts when
    /// its frequency is known too.
    next: usize,
}

impl Edges {
    /// Of a window of so many steps; 15 ms, 11, 2 and 16 of one of 20 ms.
    fn new(window: usize) -> Self {
        let steps = u32::try_from(window.min(WINDOW_MAX)).unwrap_or(0);
        Self {
            shorter_ms: steps * STEP_MS * 3 / 4,
            settle: steps + 1,
            last: (window / 5).clamp(1, LAST),
            next: (window + 6).min(NEXT),
        }
    }
}

/// A time on or off that is over.
#[derive(Clone, Copy, Debug)]
struct Segment {
    /// The set of frequencies; `None`: off.
    set: Option<usize>,
    ms: u32,
    /// Mean square, and hertz off their places; of a time on.
    power: f32,
    off_hz: [f32; 2],
}

/// A time on that goes on.
#[derive(Clone, Copy, Debug)]
struct Burst {
    set: usize,
    /// The pause that it ended, or only seemed to end.
    before: Pause,
    steps: u32,
    /// The last steps, in a ring, which may hold the end already: power and hertz off.
    last: [(f32, [f32; 2]); LAST],
    /// Of the settled ones before.
    count: f32,
    sum: f32,
    least: f32,
    most: f32,
    low_hz: [f32; 2],
    high_hz: [f32; 2],
    told: bool,
}

impl Burst {
    fn new(set: usize, before: Pause) -> Self {
        Self {
            set,
            before,
            steps: 0,
            last: [(0.0, [0.0; 2]); LAST],
            count: 0.0,
            sum: 0.0,
            least: f32::MAX,
            most: 0.0,
            low_hz: [f32::MAX; 2],
            high_hz: [f32::MIN; 2],
            told: false,
        }
    }

    fn push(&mut self, heard: &Heard, edges: Edges) {
        self.steps = self.steps.saturating_add(1);
        let place = usize::try_from(self.steps).unwrap_or(0) % edges.last;
        let now = (heard.power, heard.off_hz);
        let (power, off_hz) = core::mem::replace(&mut self.last[place], now);
        if self.steps > edges.settle {
            self.count += 1.0;
            self.sum += power;
            self.least = self.least.min(power);
            self.most = self.most.max(power);
            for (k, hz) in off_hz.into_iter().enumerate() {
                self.low_hz[k] = self.low_hz[k].min(hz);
                self.high_hz[k] = self.high_hz[k].max(hz);
            }
        }
    }

    /// Whether a machine may have made it.
    fn even(&self, two: bool) -> bool {
        let (even, steady) = if two { (EVEN_TWO, STEADY_HZ_TWO) } else { (EVEN, STEADY_HZ) };
        let loud = self.most <= self.least * even;
        let range = [self.high_hz[0] - self.low_hz[0], self.high_hz[1] - self.low_hz[1]];
        self.count > 0.0 && loud && range.iter().all(|hz| *hz <= steady)
    }

    fn ms(&self, edges: Edges) -> u32 {
        self.steps.saturating_mul(STEP_MS).saturating_add(edges.shorter_ms)
    }

    fn segment(&self, edges: Edges) -> Segment {
        let middle = |k: usize| (self.low_hz[k] + self.high_hz[k]) / 2.0;
        Segment {
            set: Some(self.set),
            ms: self.ms(edges),
            power: self.sum / self.count.max(1.0),
            off_hz: [middle(0), middle(1)],
        }
    }
}

/// What it is doing.
#[derive(Clone, Copy, Debug)]
enum State {
    Off(Pause),
    On(Burst),
}

/// A pause that goes on.
#[derive(Clone, Copy, Debug)]
struct Pause {
    steps: u32,
    /// The last windows, in a ring: they may hold the next time on already.
    last: [f32; NEXT],
    /// Of the settled ones before.
    loudest: f32,
    told: bool,
}

impl Pause {
    const fn new() -> Self {
        Self { steps: 0, last: [0.0; NEXT], loudest: 0.0, told: false }
    }

    fn push(&mut self, power: f32, edges: Edges) {
        self.steps = self.steps.saturating_add(1).min(FOREVER_MS);
        let place = usize::try_from(self.steps).unwrap_or(0) % edges.next;
        let settled = if self.steps > edges.settle { power } else { 0.0 };
        self.loudest = self.loudest.max(core::mem::replace(&mut self.last[place], settled));
    }
}

/// Follows one channel.
#[derive(Clone, Debug)]
pub(crate) struct Judge {
    plan: Tones,
    edges: Edges,
    state: State,
    /// Ends with the one before the present; never begins with a pause.
    past: Deque<Segment, PAST>,
}

impl Judge {
    /// Of these tones, seen through a window of so many steps.
    pub(crate) fn new(plan: &Tones, window: usize) -> Self {
        let (edges, state) = (Edges::new(window), State::Off(Pause::new()));
        Self { plan: plan.clone(), edges, state, past: Deque::new() }
    }

    pub(crate) fn push(&mut self, heard: &Heard) -> Option<CallTone> {
        match (self.state, heard.set) {
            (State::Off(mut pause), None) => {
                pause.push(heard.power, self.edges);
                let told = self.quiet(&pause);
                pause.told |= told.is_some();
                self.state = State::Off(pause);
                told
            }
            (State::Off(pause), Some(set)) => {
                let mut burst = Burst::new(set, pause);
                burst.push(heard, self.edges);
                self.state = State::On(burst);
                None
            }
            (State::On(mut burst), Some(set)) if burst.set == set => {
                burst.push(heard, self.edges);
                if burst.steps == REAL {
                    self.pause_over(&burst.before);
                }
                let told = self.steady(&burst);
                burst.told |= told.is_some();
                self.state = State::On(burst);
                told
            }
            // From one tone into another: no cadence has that.
            (State::On(_), Some(set)) => {
                self.past.clear();
                self.state = State::On(Burst::new(set, Pause::new()));
                None
            }
            (State::On(burst), None) if burst.steps < REAL => {
                let mut pause = burst.before;
                pause.steps = pause.steps.saturating_add(burst.steps);
                pause.push(heard.power, self.edges);
                self.state = State::Off(pause);
                None
            }
            (State::On(burst), None) => {
                let mut pause = Pause::new();
                pause.push(heard.power, self.edges);
                self.state = State::Off(pause);
                self.burst_over(&burst)
            }
        }
    }

    /// A pause goes on.
    fn quiet(&mut self, pause: &Pause) -> Option<CallTone> {
        let last = *self.past.back()?;
        let ms = pause.steps * STEP_MS;
        if ms > FOREVER_MS || pause.loudest > last.power * QUIET {
            self.past.clear();
            return None;
        }
        if pause.told {
            return None;
        }
        // Ring-back ends no call: one time on and a pause that no other tone has are enough.
        let ring = self.plan.patterns.iter().find(|(set, pattern)| {
            let [on, off, ..] = pattern.cadence_ms;
            pattern.tone == CallTone::RingBack
                && pattern.times().len() == 2
                && last.set == Some(*set)
                && near(last.ms, on)
                && ms >= u32::from(off) * 3 / 5
        });
        ring.map(|(_, pattern)| pattern.tone)
    }

    fn pause_over(&mut self, pause: &Pause) {
        let Some(last) = self.past.back() else { return };
        if pause.loudest > last.power * QUIET {
            return self.past.clear();
        }
        let ms = (pause.steps * STEP_MS).saturating_sub(self.edges.shorter_ms);
        self.keep(Segment { set: None, ms, power: pause.loudest, off_hz: [0.0; 2] });
    }

    /// Room for the newest: what is forgotten is a time on and its pause.
    fn keep(&mut self, segment: Segment) {
        if self.past.is_full() {
            self.past.pop_front();
            self.past.pop_front();
        }
        let _ = self.past.push_back(segment);
    }

    /// Whether the set is of several frequencies, which disturb each other.
    fn two(&self, set: usize) -> bool {
        let modulated = self.plan.modulated_hz > 0.0;
        modulated || self.plan.sets.get(set).is_some_and(|hz| hz[1] > 0.0)
    }

    /// A tone without a cadence, once it is longer than a time on of any other.
    fn steady(&self, burst: &Burst) -> Option<CallTone> {
        let same = || self.plan.patterns.iter().filter(|(set, _)| *set == burst.set);
        let tone = same().find(|(_, pattern)| pattern.times().is_empty())?.1.tone;
        let ons = same().flat_map(|(_, pattern)| pattern.times().iter().step_by(2));
        let longest = ons.map(|ms| u32::from(*ms)).max().unwrap_or(300);
        let long = burst.ms(self.edges) > longest + longest / 6 + 30;
        (long && !burst.told && burst.even(self.two(burst.set))).then_some(tone)
    }

    fn burst_over(&mut self, burst: &Burst) -> Option<CallTone> {
        if !burst.even(self.two(burst.set)) || burst.ms(self.edges) > FOREVER_MS {
            self.past.clear();
            return None;
        }
        let segment = burst.segment(self.edges);
        let alike = self.past.iter().filter(|past| past.set.is_some()).all(|past| {
            let (a, b) = (past.power, segment.power);
            let far = |k: usize| (past.off_hz[k] - segment.off_hz[k]).abs();
            let high = far(0) <= ALIKE_HZ && far(1) <= ALIKE_HZ;
            past.set == segment.set && a <= b * ALIKE && b <= a * ALIKE && high
        });
        if !alike {
            self.past.clear();
        }
        self.keep(segment);
        let found = self
            .plan
            .patterns
            .iter()
            .find(|(set, pattern)| *set == burst.set && self.matches(pattern));
        found.map(|(_, pattern)| pattern.tone)
    }

    /// Whether the newest segments are two cycles of it and a time on.
    fn matches(&self, pattern: &Pattern) -> bool {
        let times = pattern.times();
        let needed = 2 * times.len() + 1;
        if times.is_empty() || self.past.len() < needed {
            return false;
        }
        let newest = || self.past.iter().skip(self.past.len() - needed);
        // The oldest may be any time on of the cycle.
        (0..times.len()).step_by(2).any(|first| {
            let in_time = newest().enumerate().all(|(n, segment)| {
                times.get((first + n) % times.len()).is_some_and(|ms| near(segment.ms, *ms))
            });
            let later = newest().skip(times.len());
            in_time && newest().zip(later).all(|(one, other)| same(one.ms, other.ms))
        })
    }
}

/// Within 10 % and what a step and noise add.
fn near(ms: u32, wanted: u16) -> bool {
    let wanted = u32::from(wanted);
    ms.abs_diff(wanted) <= wanted / 9 + 14
}

/// Equal, as a machine keeps time.
fn same(one: u32, other: u32) -> bool {
    one.abs_diff(other) <= one / 25 + 10
}
