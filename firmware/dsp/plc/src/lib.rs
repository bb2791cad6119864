//! Sound in place of what was lost: the last pitch period again and again, as Appendix I of G.711
//! does it.
//!
//! ```text
//!  arrived ─────────────┬─► history 48.75 ms ─► 3.75 ms later ─► heard
//!  lost ─► pitch ─► last 1, 2, 3 periods in a loop ─► fades from 10 ms on, silent from 60 ms on
//!                       ▲                      │
//!                       └── crossfade both ways┘
//! ```
//!
//! What is heard is 3.75 ms late, so that the last quarter of a period before a loss can already
//! lead over to what replaces the loss. Pieces may have any length: a loss of 10 ms sounds the
//! same whether it is told at once or in blocks of 2 ms. The clauses are from memory of the
//! Appendix (09/99); the loop and its crossfades are worked out sample by sample, without buffers
//! that are made anew.
#![no_std]

mod pitch;
#[cfg(test)]
mod tests;

pub use pitch::{PITCH_MAX, PITCH_MIN, Pitch, WINDOW, pitch};

/// What is heard is so many samples late: a quarter of the longest period, 3.75 ms.
pub const DELAY: usize = PITCH_MAX / 4;
/// Samples of the past: three of the longest periods and a quarter of one, 48.75 ms.
const HISTORY: usize = 3 * PITCH_MAX + DELAY;
/// 10 ms at 8 kHz: the Appendix counts in frames of this length.
const FRAME: usize = 80;
/// What is behind so many lost samples is silent: 60 ms.
pub const SILENT_AFTER: usize = 6 * FRAME;
/// Each further lost frame makes the way back longer by 4 ms.
const WAY_BACK_STEP: usize = 32;
/// The way back at most.
const WAY_BACK_MAX: usize = FRAME;

/// The loop of the last periods before a loss.
#[derive(Clone, Debug)]
struct Loop {
    /// The past when the loss began, the newest last.
    past: [i16; HISTORY],
    /// Samples of a period.
    pitch: usize,
    /// Periods in the loop: 1 to 3.
    periods: usize,
    /// The next sample of it.
    at: usize,
    /// Where the loop with one period fewer was, and how far the crossfade from it is.
    before: Option<(usize, usize)>,
}

impl Loop {
    fn quarter(&self) -> usize {
        self.pitch / 4
    }

    /// Sample `at` of the loop of so many periods; its last quarter of a period leads over to its
    /// beginning.
    fn sample(&self, periods: usize, at: usize) -> f32 {
        let length = periods * self.pitch;
        let begin = HISTORY - length;
        let sample = f32::from(self.past[begin + at]);
        let lead = length - self.quarter();
        if at < lead {
            return sample;
        }
        let early = f32::from(self.past[begin - self.quarter() + at - lead]);
        crossfade(sample, early, at - lead, self.quarter())
    }

    fn step(&self, periods: usize, at: usize) -> usize {
        if at + 1 == periods * self.pitch { 0 } else { at + 1 }
    }

    fn next(&mut self) -> f32 {
        let mut sample = self.sample(self.periods, self.at);
        self.at = self.step(self.periods, self.at);
        if let Some((at, done)) = self.before {
            let old = self.sample(self.periods - 1, at);
            sample = crossfade(old, sample, done, self.quarter());
            let at = self.step(self.periods - 1, at);
            self.before = (done + 1 < self.quarter()).then_some((at, done + 1));
        }
        sample
    }

    /// One period more, from the same place of an earlier period: what is the same for long is
    /// heard as a tone.
    fn grow(&mut self) {
        if self.periods < 3 {
            self.before = Some((self.at, 0));
            self.at %= self.pitch;
            self.periods += 1;
        }
    }
}

/// Of a crossfade of `length` samples the one at `place`.
#[expect(clippy::cast_precision_loss, reason = "at most 120")]
fn crossfade(from: f32, to: f32, place: usize, length: usize) -> f32 {
    let share = (place + 1) as f32 / (length + 1) as f32;
    from + (to - from) * share
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn whole(sample: f32) -> i16 {
    libm::rintf(sample) as i16
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// What arrives is heard.
    Arriving,
    /// So many samples are lost in a row.
    Losing(usize),
    /// Behind a loss: so many samples of the loss and of the way back, and its length.
    Returning { lost: usize, done: usize, length: usize },
}

/// Conceals losses of one stream of samples at 8 kHz.
#[derive(Clone, Debug)]
pub struct Concealer {
    /// The newest sample last; the last [`DELAY`] were not heard yet.
    history: [i16; HISTORY],
    looped: Loop,
    state: State,
}

impl Default for Concealer {
    fn default() -> Self {
        Self::new()
    }
}

impl Concealer {
    /// Silence came before.
    #[must_use]
    pub const fn new() -> Self {
        let past = [0; HISTORY];
        let looped = Loop { past, pitch: PITCH_MAX, periods: 1, at: 0, before: None };
        Self { history: past, looped, state: State::Arriving }
    }

    /// These samples arrived; in their place is what is heard now, [`DELAY`] samples late. Any
    /// number of them.
    pub fn arrived(&mut self, samples: &mut [i16]) {
        if let State::Losing(lost) = self.state {
            let length = self.looped.quarter() + WAY_BACK_STEP * (lost.saturating_sub(1) / FRAME);
            self.state = State::Returning { lost, done: 0, length: length.min(WAY_BACK_MAX) };
        }
        if let State::Returning { lost, done, length } = self.state {
            let rest = (length - done).min(samples.len());
            for (n, sample) in samples[..rest].iter_mut().enumerate() {
                let made = self.made(lost + done + n);
                *sample = whole(crossfade(made, f32::from(*sample), done + n, length));
            }
            let done = done + rest;
            let over = done == length;
            self.state =
                if over { State::Arriving } else { State::Returning { lost, done, length } };
        }
        self.hear(samples);
    }

    /// So many samples are lost; in their place is what is heard now, [`DELAY`] samples late. Any
    /// number of them.
    pub fn lost(&mut self, samples: &mut [i16]) {
        let mut lost = if let State::Losing(lost) = self.state { lost } else { self.begin() };
        for sample in samples.iter_mut() {
            if lost == FRAME || lost == 2 * FRAME {
                self.looped.grow();
            }
            *sample = whole(self.made(lost));
            lost = (lost + 1).min(SILENT_AFTER);
        }
        self.state = State::Losing(lost);
        self.hear(samples);
    }

    /// What replaces a loss has faded to silence.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.state == State::Losing(SILENT_AFTER)
    }

    /// The period of what came last, heard or not heard yet.
    #[must_use]
    pub fn pitch(&self) -> Pitch {
        pitch(self.window())
    }

    fn window(&self) -> &[i16; WINDOW] {
        // The history is longer than the window: there is always a last piece of it.
        self.history.last_chunk().unwrap_or(&[0; WINDOW])
    }

    /// A loss begins: the period, and a quarter of it that was not heard yet leads over to it.
    fn begin(&mut self) -> usize {
        let pitch = self.pitch().samples;
        self.looped = Loop { past: self.history, pitch, periods: 1, at: 0, before: None };
        let quarter = self.looped.quarter();
        for (n, sample) in self.history[HISTORY - quarter..].iter_mut().enumerate() {
            *sample = whole(self.looped.sample(1, pitch - quarter + n));
        }
        0
    }

    /// The next sample of the loop, as loud as it is behind so many lost ones: whole for 10 ms,
    /// then 20 % less with each 10 ms.
    #[expect(clippy::cast_precision_loss, reason = "at most 560")]
    fn made(&mut self, lost: usize) -> f32 {
        if lost >= SILENT_AFTER {
            return 0.0;
        }
        let faded = lost.saturating_sub(FRAME) as f32 / (SILENT_AFTER - FRAME) as f32;
        self.looped.next() * (1.0 - faded)
    }

    /// The samples go to the end of the history, and what is heard now stands in their place.
    fn hear(&mut self, samples: &mut [i16]) {
        for piece in samples.chunks_mut(FRAME) {
            let count = piece.len();
            self.history.copy_within(count.., 0);
            self.history[HISTORY - count..].copy_from_slice(piece);
            let end = HISTORY - DELAY;
            piece.copy_from_slice(&self.history[end - count..end]);
        }
    }
}
