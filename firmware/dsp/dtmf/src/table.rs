//! Every sine and cosine that the receiver needs, computed by the compiler.

use core::f64::consts::TAU;

/// Samples of a step.
pub(crate) const STEP: usize = 16;
/// Half of them: what lies evenly around the middle of a step is added before it is multiplied.
pub(crate) const HALF: usize = STEP / 2;
/// Rows, then columns, in hertz (Q.23 table 1).
const HZ: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

pub(crate) struct Table {
    /// For each pair of samples around the middle of a step, of each frequency.
    pub(crate) cos: [[f32; 8]; HALF],
    pub(crate) sin: [[f32; 8]; HALF],
    /// By how much each frequency turns in a step, backwards.
    pub(crate) turn: [[f32; 8]; 2],
    /// Cosine and sine of the farthest turn of phase that is accepted in 8 ms.
    pub(crate) limit: [[f32; 2]; 8],
}

pub(crate) static TABLE: Table = table();

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
        cos: [[0.0; 8]; HALF],
        sin: [[0.0; 8]; HALF],
        turn: [[0.0; 8]; 2],
        limit: [[0.0; 2]; 8],
    };
    let mut k = 0;
    while k < 8 {
        let mut n = 0;
        while n < HALF {
            t.cos[n][k] = short(cos(turn(k, n as f64 + 0.5)));
            t.sin[n][k] = short(sin(turn(k, n as f64 + 0.5)));
            n += 1;
        }
        t.turn[0][k] = short(cos(turn(k, STEP as f64)));
        t.turn[1][k] = short(-sin(turn(k, STEP as f64)));
        let limit = turn(k, 64.0) * super::OFF_FREQUENCY as f64;
        t.limit[k] = [short(cos(limit)), short(sin(limit))];
        k += 1;
    }
    t
}
