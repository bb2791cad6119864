//! How much of what comes lies at the frequencies of the plan.

use core::f32::consts::TAU;

use heapless::Vec;
use units::media::BLOCK_SAMPLES;

use crate::plan::{Plan, SETS};

/// Steps of 2 ms in a window.
pub(crate) const WINDOW: usize = 10;
/// Its samples.
const SAMPLES: f32 = 160.0;
/// Steps, and samples, between two windows whose phases tell a frequency.
const LAG: usize = 5;
const LAG_SAMPLES: f32 = 80.0;
/// Mean square of a sine of -41 dBm0: what is weaker is nothing.
const MIN_POWER: f32 = 20_700.0;
/// Farthest from its place that a frequency is accepted, in hertz. GB 3380 allows 25 Hz; exchanges
/// keep it within one, and a window of 20 ms still sees three fifths of what is 20 Hz off.
const OFF_HZ: f32 = 20.0;
/// Share of the window's energy that the tone has while it is on.
const SHARE: f32 = 0.85;
/// Of two frequencies at once: louder over weaker at most, in power (6 dB).
const TWIST: f32 = 4.0;

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
    /// The last steps, in a ring.
    steps: [Vector; WINDOW],
    /// The windows that ended at each of these steps.
    windows: [Vector; WINDOW],
    /// Of the present window: mean square, hertz off its place.
    power: f32,
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
            steps: [[0.0; 2]; WINDOW],
            windows: [[0.0; 2]; WINDOW],
            power: 0.0,
            off_hz: 0.0,
        }
    }

    fn push(&mut self, place: usize, samples: &[f32; BLOCK_SAMPLES]) {
        let mut sum = [0.0; 2];
        for (sample, table) in samples.iter().zip(&self.table) {
            sum = [sum[0] + sample * table[0], sum[1] + sample * table[1]];
        }
        self.steps[place] = product(sum, self.turned);
        let turned = product(self.turned, self.turn);
        // Rounding would let the length drift: one Newton step back to 1.
        let gain = 1.5 - 0.5 * (turned[0] * turned[0] + turned[1] * turned[1]);
        self.turned = turned.map(|part| part * gain);
        let mut window = [0.0; 2];
        for step in &self.steps {
            window = [window[0] + step[0], window[1] + step[1]];
        }
        self.windows[place] = window;
        let before = self.windows[(place + WINDOW - LAG) % WINDOW];
        let turn = product([before[0], -before[1]], window);
        let angle = libm::atan2f(turn[1], turn[0]);
        self.off_hz = angle / TAU * 8000.0 / LAG_SAMPLES;
        let seen = 2.0 * (window[0] * window[0] + window[1] * window[1]) / (SAMPLES * SAMPLES);
        self.power = seen / self.loss();
    }

    /// What a window sees of a sine that is off its place: the series of a sinc, squared.
    fn loss(&self) -> f32 {
        let part = self.off_hz.abs().min(OFF_HZ) * SAMPLES / 8000.0;
        let square = part * part;
        1.0 - square * (3.29 - square * 4.33)
    }
}

/// All frequencies of a plan.
#[derive(Clone, Debug)]
pub(crate) struct Spectrum {
    lines: Vec<Line, { 2 * SETS }>,
    /// Places in `lines` of each set; twice the same for one frequency.
    sets: Vec<[usize; 2], SETS>,
    energy: [f32; WINDOW],
    place: usize,
}

impl Spectrum {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut hz: Vec<f32, { 2 * SETS }> = Vec::new();
        let mut sets = Vec::new();
        for set in &plan.sets {
            let wanted = [set[0], if set[1] > 0.0 { set[1] } else { set[0] }];
            let places = wanted.map(|one| {
                hz.iter().position(|other| *other == one).unwrap_or_else(|| {
                    // Two for each set have room.
                    let _ = hz.push(one);
                    hz.len() - 1
                })
            });
            let _ = sets.push(places);
        }
        let lines = hz.into_iter().map(Line::new).collect();
        Self { lines, sets, energy: [0.0; WINDOW], place: 0 }
    }

    pub(crate) fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Heard {
        self.place = (self.place + 1) % WINDOW;
        let samples = samples.map(f32::from);
        self.energy[self.place] = samples.iter().map(|sample| sample * sample).sum();
        for line in &mut self.lines {
            line.push(self.place, &samples);
        }
        let all = self.energy.iter().sum::<f32>() / SAMPLES;
        let mut heard = Heard { set: None, power: all, off_hz: [0.0; 2] };
        let mut most = all * SHARE;
        for (set, [one, other]) in self.sets.iter().enumerate() {
            let (one, other) = (&self.lines[*one], &self.lines[*other]);
            let off_hz = [one.off_hz, other.off_hz];
            let alone = core::ptr::eq(one, other);
            let power = one.power + if alone { 0.0 } else { other.power };
            let even = one.power <= other.power * TWIST && other.power <= one.power * TWIST;
            let placed = off_hz.iter().all(|off| off.abs() <= OFF_HZ);
            if power >= most && power >= MIN_POWER && placed && even {
                most = power;
                heard = Heard { set: Some(set), power, off_hz };
            }
        }
        heard
    }
}
