//! A sine by turning a vector.

use units::Dbm0;

/// Level of a sine of amplitude 32768 (G.711 clause 4).
#[expect(clippy::approx_constant, reason = "decibels, not a circle")]
const FULL_SCALE_DBM0: f32 = 3.14;

/// Amplitude of a sine of `level`.
fn amplitude(level: Dbm0) -> f32 {
    32768.0 * libm::powf(10.0, (level.0 - FULL_SCALE_DBM0) / 20.0)
}

/// A vector whose second part is the sine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Phasor {
    cos: f32,
    sin: f32,
    turn_cos: f32,
    turn_sin: f32,
    amplitude: f32,
}

impl Phasor {
    pub(crate) fn new(hz: f32, level: Dbm0) -> Self {
        let turn = hz * core::f32::consts::TAU / 8000.0;
        Self {
            cos: 1.0,
            sin: 0.0,
            turn_cos: libm::cosf(turn),
            turn_sin: libm::sinf(turn),
            amplitude: amplitude(level),
        }
    }

    /// The sample now; the vector turns to the next one.
    pub(crate) fn step(&mut self) -> f32 {
        let now = self.sin * self.amplitude;
        let cos = self.cos * self.turn_cos - self.sin * self.turn_sin;
        let sin = self.cos * self.turn_sin + self.sin * self.turn_cos;
        // Rounding would let the length drift: one Newton step back to 1.
        let gain = 1.5 - 0.5 * (cos * cos + sin * sin);
        self.cos = cos * gain;
        self.sin = sin * gain;
        now
    }
}

/// The sample of all phasors together, clipped.
#[expect(clippy::cast_possible_truncation, reason = "clamped to 16 bits")]
pub(crate) fn sum(phasors: &mut [Option<Phasor>; 2]) -> i16 {
    let sum: f32 = phasors.iter_mut().flatten().map(Phasor::step).sum();
    libm::roundf(sum.clamp(-32768.0, 32767.0)) as i16
}
