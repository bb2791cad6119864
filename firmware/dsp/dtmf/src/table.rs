//! Every sine and cosine that the receiver needs, computed by the compiler.

use core::f64::consts::TAU;

/// Samples of a step.
pub(crate) const STEP: usize = 16;
/// Steps of a window: 16 ms.
pub(crate) const WINDOW: usize = 8;
/// Rows, then columns, in hertz (Q.23 table 1).
const HZ: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

pub(crate) struct Table {
    /// For each sample of a step, of each frequency.
    pub(crate) cos: [[f32; 8]; STEP],
    pub(crate) sin: [[f32; 8]; STEP],
    /// Weight of a step by its age (a Hann window in steps).
    pub(crate) weights: [f32; WINDOW],
    /// Weight and turn of a step by its age, so that all phases count from the newest step.
    pub(crate) turns: [[[f32; 8]; 2]; WINDOW],
    /// Squared length of a window's vector to mean square of the sine that made it.
    pub(crate) power_scale: f32,
    /// Weighted sum of squares to mean square.
    pub(crate) energy_scale: f32,
    /// Turn of each frequency in 8 ms, backwards.
    pub(crate) turn_8_ms: [[f32; 2]; 8],
    /// Cosine and sine of the farthest turn of phase that is accepted in 8 ms.
    pub(crate) limit: [[f32; 2]; 8],
}

pub(crate) static TABLE: Table = table();

/// Product of one vector with the other's conjugate.
pub(crate) fn dot(a: &[[f32; 8]; 2], b: &[[f32; 8]; 2], k: usize) -> (f32, f32) {
    (a[0][k] * b[0][k] + a[1][k] * b[1][k], a[1][k] * b[0][k] - a[0][k] * b[1][k])
}

/// Sine of any angle: reduced to a half turn, then its series.
const fn sin(angle: f64) -> f64 {
    let mut x = angle;
    while x > TAU / 2.0 {
        x -= TAU;
    }
    while x < -TAU / 2.0 {
        x += TAU;
    }
    let mut term = x;
    let mut sum = x;
    let mut n = 1.0;
    while n < 30.0 {
        term = -term * x * x / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    sum
}

const fn cos(angle: f64) -> f64 {
    sin(angle + TAU / 4.0)
}

#[expect(clippy::cast_possible_truncation, reason = "f64 to f32 loses digits, not range")]
const fn short(value: f64) -> f32 {
    value as f32
}

/// Angle that frequency `k` turns in so many samples.
const fn turn(k: usize, samples: f64) -> f64 {
    HZ[k] * samples * TAU / 8000.0
}

#[expect(clippy::cast_precision_loss, reason = "counts below 100")]
const fn table() -> Table {
    let mut t = Table {
        cos: [[0.0; 8]; STEP],
        sin: [[0.0; 8]; STEP],
        weights: [0.0; WINDOW],
        turns: [[[0.0; 8]; 2]; WINDOW],
        power_scale: 0.0,
        energy_scale: 0.0,
        turn_8_ms: [[0.0; 2]; 8],
        limit: [[0.0; 2]; 8],
    };
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut age = 0;
    while age < WINDOW {
        let weight = 0.5 - 0.5 * cos(TAU * (age as f64 + 0.5) / WINDOW as f64);
        t.weights[age] = short(weight);
        sum += weight;
        squares += weight * weight;
        age += 1;
    }
    // A sine of amplitude 1 gives a vector of length STEP / 2 * sum and a mean square of 1 / 2.
    let length = STEP as f64 / 2.0 * sum;
    t.power_scale = short(0.5 / (length * length));
    t.energy_scale = short(1.0 / (STEP as f64 * squares));
    let mut k = 0;
    while k < 8 {
        let mut n = 0;
        while n < STEP {
            t.cos[n][k] = short(cos(turn(k, n as f64)));
            t.sin[n][k] = short(-sin(turn(k, n as f64)));
            n += 1;
        }
        let mut age = 0;
        while age < WINDOW {
            let back = turn(k, (age * STEP) as f64);
            t.turns[age][0][k] = t.weights[age] * short(cos(back));
            t.turns[age][1][k] = t.weights[age] * short(sin(back));
            age += 1;
        }
        let turned = turn(k, 64.0);
        t.turn_8_ms[k] = [short(cos(turned)), short(-sin(turned))];
        let limit = turn(k, 64.0) * super::OFF_FREQUENCY as f64;
        t.limit[k] = [short(cos(limit)), short(sin(limit))];
        k += 1;
    }
    t
}
