//! How much of what comes lies at the frequencies of the plan.

use core::f32::consts::TAU;

use heapless::Vec;
use units::media::BLOCK_SAMPLES;

use crate::plan::{SETS, Tones};

/// Steps of 2 ms in a window for tones that are even.
const WINDOW: usize = 10;
/// The longest: a period of the slowest modulation.
pub(crate) const WINDOW_MAX: usize = 40;
/// Steps, and samples, between two windows whose phases tell a frequency.
const LAG: usize = 5;
const LAG_SAMPLES: f32 = 80.0;
/// Mean square of a sine of -41 dBm0: what is weaker is nothing.
const MIN_POWER: f32 = 20_700.0;
/// Farthest from its place that a frequency is accepted, in turns within a window: 20 Hz in one of
/// 20 ms. GB 3380 allows 25 Hz; exchanges keep it within one, and a window of 20 ms still sees
/// three fifths of what is 20 Hz off.
const OFF: f32 = 0.4;
/// Of one that is modulated: farther off it cannot be told from an even one.
const OFF_MODULATED: f32 = 0.22;
/// Share of the window's energy that the tone has while it is on.
const SHARE: f32 = 0.85;
/// Of two frequencies at once: louder over weaker at most, in power (6 dB).
const TWIST: f32 = 4.0;
/// Both sidebands over the carrier at least, in power: modulated by half of the amplitude.
const SIDES: f32 = 0.12;
/// The same at most: fully modulated, they have half of its power.
const SIDES_MOST: f32 = 1.0;

/// What the last window holds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Heard {
    /// Which set of frequencies fills it.
    pub(crate) set: Option<usize>,
    /// Mean square of the tone (of all, if there is none).
    pub(crate) power: f32,
    /// How far each of the set is from its place, in hertz.
    pub(crate) off_hz: [f32; 2],
}

/// Sums with cosine and sine.
type Vector = [f32; 2];

/// One frequency.
#[derive(Clone, Debug)]
struct Line {
    /// For each sample of a step.
    table: [Vector; BLOCK_SAMPLES],
    /// By how much a step turns, and how far it has turned.
    turn: Vector,
    turned: Vector,
    /// The last steps, in a ring as long as the window.
    steps: [Vector; WINDOW_MAX],
    /// The last windows, in a ring.
    windows: [Vector; LAG],
    /// Of the present window: mean square as it is seen, hertz off its place.
    seen: f32,
    off_hz: f32,
}

fn product(a: Vector, b: Vector) -> Vector {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

impl Line {
    fn new(hz: f32) -> Self {
        let angle = hz * TAU / 8000.0;
        let at = |n: f32| [libm::cosf(angle * n), -libm::sinf(angle * n)];
        let mut table = [[0.0; 2]; BLOCK_SAMPLES];
        let mut n = 0.0;
        for entry in &mut table {
            *entry = at(n);
            n += 1.0;
        }
        Self {
            table,
            turn: at(n),
            turned: [1.0, 0.0],
            steps: [[0.0; 2]; WINDOW_MAX],
            windows: [[0.0; 2]; LAG],
            seen: 0.0,
            off_hz: 0.0,
        }
    }

    fn push(&mut self, at: At, samples: &[f32; BLOCK_SAMPLES]) {
        let mut sum = [0.0; 2];
        for (sample, table) in samples.iter().zip(&self.table) {
            sum = [sum[0] + sample * table[0], sum[1] + sample * table[1]];
        }
        self.steps[at.step] = product(sum, self.turned);
        let turned = product(self.turned, self.turn);
        // Rounding would let the length drift: one Newton step back to 1.
        let gain = 1.5 - 0.5 * (turned[0] * turned[0] + turned[1] * turned[1]);
        self.turned = turned.map(|part| part * gain);
        let mut window = [0.0; 2];
        for step in &self.steps[..at.window] {
            window = [window[0] + step[0], window[1] + step[1]];
        }
        let before = core::mem::replace(&mut self.windows[at.lag], window);
        let turn = product([before[0], -before[1]], window);
        let angle = libm::atan2f(turn[1], turn[0]);
        self.off_hz = angle / TAU * 8000.0 / LAG_SAMPLES;
        self.seen =
            2.0 * (window[0] * window[0] + window[1] * window[1]) / (at.samples * at.samples);
    }

    /// Its mean square.
    fn power(&self, samples: f32) -> f32 {
        self.seen / loss(self.off_hz, OFF, samples)
    }
}

/// What a window of so many samples sees of a sine that is off its place: the series of a sinc,
/// squared.
fn loss(off_hz: f32, most: f32, samples: f32) -> f32 {
    let part = (off_hz.abs() * samples / 8000.0).min(most);
    let square = part * part;
    1.0 - square * (3.29 - square * 4.33)
}

/// Where the present step is kept.
#[derive(Clone, Copy, Debug)]
struct At {
    step: usize,
    lag: usize,
    /// Steps, and samples, of the window.
    window: usize,
    samples: f32,
}

/// All frequencies of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Spectrum {
    lines: Vec<Line, { LINES * SETS }>,
    /// Places in `lines` of each set: of one frequency three times the same, of two the second
    /// twice, of one that is modulated the carrier and its sidebands.
    sets: Vec<[usize; LINES], SETS>,
    modulated: bool,
    energy: [f32; WINDOW_MAX],
    at: At,
}

/// Lines of a set at most.
const LINES: usize = 3;

impl Spectrum {
    pub(crate) fn new(tones: &Tones) -> Self {
        let by = tones.modulated_hz;
        let modulated = by > 0.0;
        let mut hz: Vec<f32, { LINES * SETS }> = Vec::new();
        let mut sets = Vec::new();
        for [one, other] in &tones.sets {
            let second = if *other > 0.0 { *other } else { *one };
            let wanted =
                if modulated { [*one, one - by, one + by] } else { [*one, second, second] };
            let places = wanted.map(|one| {
                hz.iter().position(|other| *other == one).unwrap_or_else(|| {
                    // Three for each set have room.
                    let _ = hz.push(one);
                    hz.len() - 1
                })
            });
            let _ = sets.push(places);
        }
        let lines = hz.into_iter().map(Line::new).collect();
        let (mut window, mut samples) = (WINDOW, 160.0);
        if modulated {
            (window, samples) = (0, 0.0);
            // The whole steps that are nearest to a period.
            while window < WINDOW_MAX && (samples + 8.0) * by < 8000.0 {
                (window, samples) = (window + 1, samples + 16.0);
            }
        }
        let at = At { step: 0, lag: 0, window, samples };
        Self { lines, sets, modulated, energy: [0.0; WINDOW_MAX], at }
    }

    /// Steps of a window.
    pub(crate) const fn window(&self) -> usize {
        self.at.window
    }

    pub(crate) fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Heard {
        self.at.step = (self.at.step + 1) % self.at.window;
        self.at.lag = (self.at.lag + 1) % LAG;
        let samples = samples.map(f32::from);
        self.energy[self.at.step] = samples.iter().map(|sample| sample * sample).sum();
        for line in &mut self.lines {
            line.push(self.at, &samples);
        }
        let all = self.energy[..self.at.window].iter().sum::<f32>() / self.at.samples;
        let mut heard = Heard { set: None, power: all, off_hz: [0.0; 2] };
        let mut most = all * SHARE;
        for (set, places) in self.sets.iter().enumerate() {
            let of = if self.modulated { self.modulated(*places) } else { self.even(*places) };
            if let Some((power, off_hz)) = of.filter(|(power, _)| *power >= most) {
                most = power;
                heard = Heard { set: Some(set), power, off_hz };
            }
        }
        heard
    }

    /// Power and places of a set of one or two frequencies, if it may be one of the plan.
    fn even(&self, [one, other, _]: [usize; LINES]) -> Option<(f32, [f32; 2])> {
        let alone = one == other;
        let (one, other) = (&self.lines[one], &self.lines[other]);
        let powers = [one, other].map(|line| line.power(self.at.samples));
        let power = powers[0] + if alone { 0.0 } else { powers[1] };
        let even = powers[0] <= powers[1] * TWIST && powers[1] <= powers[0] * TWIST;
        let off_hz = [one.off_hz, other.off_hz];
        let placed = off_hz.iter().all(|off| off.abs() * self.at.samples / 8000.0 <= OFF);
        (power >= MIN_POWER && placed && even).then_some((power, off_hz))
    }

    /// The same of a carrier with its sidebands, which are as far off as it is.
    fn modulated(&self, places: [usize; LINES]) -> Option<(f32, [f32; 2])> {
        let [carrier, low, high] = places.map(|place| &self.lines[place]);
        let sides = low.seen + high.seen;
        let off = carrier.off_hz.abs() * self.at.samples / 8000.0;
        let loss = loss(carrier.off_hz, OFF_MODULATED, self.at.samples);
        let power = (carrier.seen + sides) / loss;
        let deep = sides >= carrier.seen * SIDES && sides <= carrier.seen * SIDES_MOST;
        let there = power >= MIN_POWER && off <= OFF_MODULATED && deep;
        there.then_some((power, [carrier.off_hz, 0.0]))
    }
}
