//! Digits as pairs of sines (Q.23).

use heapless::Deque;
use units::number::MAX_DIGITS;
use units::{Dbm0, Digit};

use crate::SAMPLES_PER_MS;
use crate::phasor::{self, Phasor};

const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

/// The low and the high frequency of a digit, in hertz (Q.23 table 1).
#[must_use]
pub fn frequencies(digit: Digit) -> (f32, f32) {
    let place = Digit::ALL.iter().position(|other| *other == digit).unwrap_or(0);
    (ROWS[place / 4], COLUMNS[place % 4])
}

/// More digits than [`MAX_DIGITS`] wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// Sends digits one after another.
#[derive(Clone, Debug)]
pub struct DigitSender {
    waiting: Deque<Digit, MAX_DIGITS>,
    phasors: [Option<Phasor>; 2],
    on: u32,
    off: u32,
    left_on: u32,
    left_off: u32,
    low: Dbm0,
    high: Dbm0,
}

impl DigitSender {
    /// Digits of `on_ms` with pauses of `off_ms` behind each, at these levels of the two
    /// groups; the high one is usually 2 dB above the low one.
    #[must_use]
    pub fn new(on_ms: u16, off_ms: u16, low: Dbm0, high: Dbm0) -> Self {
        Self {
            waiting: Deque::new(),
            phasors: [None; 2],
            on: u32::from(on_ms) * SAMPLES_PER_MS,
            off: u32::from(off_ms) * SAMPLES_PER_MS,
            left_on: 0,
            left_off: 0,
            low,
            high,
        }
    }

    /// Adds a digit behind those that wait.
    ///
    /// # Errors
    /// [`TooMany`] wait.
    pub fn push(&mut self, digit: Digit) -> Result<(), TooMany> {
        self.waiting.push_back(digit).map_err(|_| TooMany)
    }

    /// Whether nothing is being sent and nothing waits.
    #[must_use]
    pub fn idle(&self) -> bool {
        self.waiting.is_empty() && self.left_on == 0 && self.left_off == 0
    }

    /// The next samples, at 8 kHz; silence when idle.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = self.sample();
        }
    }

    fn sample(&mut self) -> i16 {
        if self.left_on == 0 && self.left_off == 0 {
            let Some(digit) = self.waiting.pop_front() else { return 0 };
            let (low, high) = frequencies(digit);
            self.phasors = [Some(Phasor::new(low, self.low)), Some(Phasor::new(high, self.high))];
            (self.left_on, self.left_off) = (self.on, self.off);
        }
        if self.left_on > 0 {
            self.left_on -= 1;
            return phasor::sum(&mut self.phasors);
        }
        self.left_off = self.left_off.saturating_sub(1);
        0
    }
}
