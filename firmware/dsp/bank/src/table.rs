//! Every sine and cosine that a bank needs, computed by the compiler.

use core::f64::consts::TAU;

use crate::STEP;
use crate::angle::{cos, short, sin};

/// Half of them: what lies evenly around the middle of a step is added before it is multiplied.
pub(crate) const HALF: usize = STEP / 2;
/// Sines and cosines of eight frequencies.
#[derive(Debug)]
pub struct Table {
    /// For each pair of samples around the middle of a step, of each frequency.
    pub(crate) cos: [[f32; 8]; HALF],
    pub(crate) sin: [[f32; 8]; HALF],
    /// By how much each frequency turns in a step, backwards.
    pub(crate) turn: [[f32; 8]; 2],
}

impl Table {
    /// Of these frequencies in hertz, below 4000.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts below 100")]
    pub const fn new(hz: [f64; 8]) -> Self {
        let mut t = Self { cos: [[0.0; 8]; HALF], sin: [[0.0; 8]; HALF], turn: [[0.0; 8]; 2] };
        let mut k = 0;
        while k < 8 {
            let angle = hz[k] * TAU / 8000.0;
            let mut n = 0;
            while n < HALF {
                t.cos[n][k] = short(cos(angle * (n as f64 + 0.5)));
                t.sin[n][k] = short(sin(angle * (n as f64 + 0.5)));
                n += 1;
            }
            t.turn[0][k] = short(cos(angle * STEP as f64));
            t.turn[1][k] = short(-sin(angle * STEP as f64));
            k += 1;
        }
        t
    }

    /// Cosine and sine of the angle that each frequency turns in so many samples.
    #[must_use]
    pub const fn angles(hz: [f64; 8], samples: f64) -> [[f32; 2]; 8] {
        let mut angles = [[0.0; 2]; 8];
        let mut k = 0;
        while k < 8 {
            let angle = hz[k] * samples * TAU / 8000.0;
            angles[k] = [short(cos(angle)), short(sin(angle))];
            k += 1;
        }
        angles
    }
}
