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
        Self::of_amplitude(hz, amplitude(level))
    }

    pub(crate) fn of_amplitude(hz: f32, amplitude: f32) -> Self {
        let turn = hz * core::f32::consts::TAU / 8000.0;
        Self {
            cos: 1.0,
            sin: 0.0,
            turn_cos: libm::cosf(turn),
            turn_sin: libm::sinf(turn),
            amplitude,
        }
    }

    /// By how much of what it was it is louder.
    pub(crate) fn scale(&mut self, by: f32) {
        self.amplitude *= by;
    }

    /// Back to its first sample.
    pub(crate) fn restart(&mut self) {
        (self.cos, self.sin) = (1.0, 0.0);
    }

    /// The sample now; the vector turns to the next one.
    pub(crate) fn step(&mut self) -> f32 {
        let now = self.sin * self.amplitude;
        self.turn();
        now
    }

    /// As [`Self::step`], a quarter of a turn before.
    pub(crate) fn step_cos(&mut self) -> f32 {
        let now = self.cos * self.amplitude;
        self.turn();
        now
    }

    fn turn(&mut self) {
        let cos = self.cos * self.turn_cos - self.sin * self.turn_sin;
        let sin = self.cos * self.turn_sin + self.sin * self.turn_cos;
        // Rounding would let the length drift: one Newton step back to 1.
        let gain = 1.5 - 0.5 * (cos * cos + sin * sin);
        self.cos = cos * gain;
        self.sin = sin * gain;
    }
}

/// The sample of all phasors together, clipped.
pub(crate) fn sum(phasors: &mut [Option<Phasor>]) -> i16 {
    clip(phasors.iter_mut().flatten().map(Phasor::step).sum())
}

/// The nearest sample.
#[expect(clippy::cast_possible_truncation, reason = "clamped to 16 bits")]
pub(crate) fn clip(value: f32) -> i16 {
    libm::roundf(value.clamp(-32768.0, 32767.0)) as i16
}
