//! Listens for the signals of one direction.

use units::media::BLOCK_SAMPLES;
use units::{MfDirection, MfSignal};

use crate::PAIRS;
use crate::table::{
    ALL, BACKWARD, FORWARD, LONG, LONG_POWER, SHORT, SHORT_POWER, STEP, Table, WEIGHTS,
};

/// Hits in a row that begin a signal.
const BEGIN_HITS: u8 = 4;
/// Mean square of a sine of -39.5 dBm0: each of the two must be louder. Q.455 asks to hear
/// -35 dBm0 and not to hear -42 dBm0.
const MIN_POWER: f32 = 29_200.0;
/// Louder over weaker of the two at most: 11 dB. Q.455 asks to accept 7 dB and to refuse 20 dB.
const MAX_TWIST: f32 = 12.6;
/// Weaker of the two over the third at least: 2 dB.
const CLEAR: f32 = 1.58;
/// Share of the shorter window's energy that lies in the two, the other direction's left out. It
/// is also the part of the window that they fill: a sound of 7 ms has it for three steps at most.
const SHARE: f32 = 0.8;
/// A frequency has ended when the longer window holds so much less of it than it did, in power:
/// 0.17 squared. A gap of 7 ms in its middle leaves 0.25, and less where neighbours beat, but then
/// something is there again.
const ENDED: f32 = 0.03;
/// Part of a signal's energy that the newest 4 ms of it hold at least: neighbours beat within
/// 8.3 ms, and around the quiet moment 4 ms still hold a third.
const FRESH: f32 = 0.2;
/// ... and what lies there still when nothing does.
const STALE: f32 = 0.1;
/// Windows in a row that end a signal.
const END_MISSES: u8 = 2;
/// ... and that end it although something else is there: the other frequency, an echo.
const MOST_MISSES: u8 = 6;

/// What the receiver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A signal is being sent.
    Begin(MfSignal),
    /// It is over.
    End(MfSignal),
}

/// Sums of one step or window with cosine and sine of each frequency.
type Vectors = [[f32; ALL]; 2];

/// The signal that is there.
#[derive(Clone, Copy, Debug)]
struct Present {
    signal: MfSignal,
    /// The most that the longer window has held of each of the two.
    most: [f32; 2],
    /// Windows in a row that held too little of one.
    misses: u8,
}

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Receiver {
    direction: MfDirection,
    /// The last steps of 2 ms, `newest` the last.
    steps: [Vectors; LONG],
    energy: [f32; LONG],
    newest: usize,
    candidate: Option<MfSignal>,
    hits: u8,
    present: Option<Present>,
}

impl Receiver {
    /// Hears nothing yet; listens for what is sent in `direction`.
    #[must_use]
    pub const fn new(direction: MfDirection) -> Self {
        Self {
            direction,
            steps: [[[0.0; ALL]; 2]; LONG],
            energy: [0.0; LONG],
            newest: 0,
            candidate: None,
            hits: 0,
            present: None,
        }
    }

    /// The direction that it listens for.
    #[must_use]
    pub const fn direction(&self) -> MfDirection {
        self.direction
    }

    fn table(&self) -> &'static Table {
        match self.direction {
            MfDirection::Forward => &FORWARD,
            MfDirection::Backward => &BACKWARD,
        }
    }

    /// Takes 2 ms of linear samples at 8 kHz in.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Event> {
        self.newest = (self.newest + 1) % LONG;
        self.step(samples);
        let (short, long) = self.windows();
        let powers: [f32; ALL] = core::array::from_fn(|k| power(&short, k) * SHORT_POWER);
        let others: f32 = powers[6..].iter().sum();
        let newest = self.energy(2);
        let heard = self.hear(&powers, others).filter(|_| newest >= self.energy(SHORT) * FRESH);
        if let Some(present) = &mut self.present {
            let (one, other) = PAIRS[present.signal.index()];
            let newest = newest - others;
            let now = [power(&long, one), power(&long, other)];
            let ended = now.iter().zip(&present.most).any(|(now, most)| *now < most * ENDED);
            present.most = [present.most[0].max(now[0]), present.most[1].max(now[1])];
            let sent = (present.most[0] + present.most[1]) * LONG_POWER;
            let fresh = newest > sent * STALE;
            present.misses = if ended { present.misses.saturating_add(1) } else { 0 };
            if present.misses < if fresh { MOST_MISSES } else { END_MISSES } {
                return None;
            }
            let signal = present.signal;
            (self.present, self.candidate, self.hits) = (None, None, 0);
            return Some(Event::End(signal));
        }
        self.begin(heard, &long)
    }

    fn step(&mut self, samples: &[i16; BLOCK_SAMPLES]) {
        let table = self.table();
        let mut sums = [[0.0; ALL]; 2];
        let mut energy = 0.0;
        for (sample, (cos, sin)) in samples.iter().zip(table.cos.iter().zip(&table.sin)) {
            let value = f32::from(*sample);
            energy += value * value;
            for k in 0..ALL {
                sums[0][k] += value * cos[k];
                sums[1][k] += value * sin[k];
            }
        }
        self.steps[self.newest] = sums;
        self.energy[self.newest] = energy;
    }

    /// The shorter and the longer window, phases counted from the newest step.
    fn windows(&self) -> (Vectors, Vectors) {
        let table = self.table();
        let (mut short, mut long) = ([[0.0; ALL]; 2], [[0.0; ALL]; 2]);
        for (age, weight) in WEIGHTS.iter().enumerate() {
            let [re, im] = &self.steps[(self.newest + LONG - age) % LONG];
            let [turn_re, turn_im] = &table.turns[age];
            for k in 0..ALL {
                let turned = [
                    re[k] * turn_re[k] - im[k] * turn_im[k],
                    re[k] * turn_im[k] + im[k] * turn_re[k],
                ];
                for part in 0..2 {
                    long[part][k] += turned[part] * weight;
                    short[part][k] += if age < usize::from(SHORT) { turned[part] } else { 0.0 };
                }
            }
        }
        (short, long)
    }

    /// Mean square of the newest steps.
    fn energy(&self, steps: u8) -> f32 {
        let ages = 0..usize::from(steps);
        let sum: f32 = ages.map(|age| self.energy[(self.newest + LONG - age) % LONG]).sum();
        sum / (f32::from(steps) * STEP)
    }

    /// The signal that the shorter window holds, by the power of each frequency; `others`: that of
    /// the other direction's six together.
    fn hear(&self, powers: &[f32; ALL], others: f32) -> Option<MfSignal> {
        let (mut first, mut second, mut third) = ((0, 0.0), (0, 0.0), 0.0);
        for (k, now) in powers[..6].iter().copied().enumerate() {
            if now > first.1 {
                (third, second, first) = (second.1, first, (k, now));
            } else if now > second.1 {
                (third, second) = (second.1, (k, now));
            } else if now > third {
                third = now;
            }
        }
        let loud = second.1 >= MIN_POWER;
        let twist = first.1 <= second.1 * MAX_TWIST;
        let clear = second.1 >= third * CLEAR;
        if !(loud && twist && clear) {
            return None;
        }
        let rest = self.energy(SHORT) - others;
        if first.1 + second.1 < rest * SHARE {
            return None;
        }
        let wanted = (first.0.min(second.0), first.0.max(second.0));
        let place = PAIRS.iter().position(|pair| *pair == wanted)?;
        u8::try_from(place + 1).ok().and_then(MfSignal::new)
    }

    fn begin(&mut self, heard: Option<MfSignal>, long: &Vectors) -> Option<Event> {
        self.hits = if heard == self.candidate { self.hits.saturating_add(1) } else { 1 };
        self.candidate = heard;
        let signal = heard.filter(|_| self.hits >= BEGIN_HITS)?;
        let (one, other) = PAIRS[signal.index()];
        let most = [power(long, one), power(long, other)];
        self.present = Some(Present { signal, most, misses: 0 });
        Some(Event::Begin(signal))
    }
}

/// Squared length of the vector of frequency `k`.
fn power(window: &Vectors, k: usize) -> f32 {
    window[0][k] * window[0][k] + window[1][k] * window[1][k]
}
