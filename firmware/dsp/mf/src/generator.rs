//! Sends one signal, or silence.

use core::f32::consts::TAU;

use units::{MfDirection, MfSignal};

use crate::pair;

// Q.454 4.4.4.2: -11.5 dBm0 each, within 1 dB. A sine of amplitude 32768 is +3.14 dBm0
// (G.711 clause 4): 32768 * 10^((-11.5 - 3.14) / 20).
const AMPLITUDE: f32 = 6073.4;

/// A vector that turns by one frequency's angle each sample; its second part is the sine.
#[derive(Clone, Copy, Debug)]
struct Sine {
    now: [f32; 2],
    turn: [f32; 2],
}

impl Sine {
    fn new(hz: f32) -> Self {
        let turn = hz * TAU / 8000.0;
        Self { now: [1.0, 0.0], turn: [libm::cosf(turn), libm::sinf(turn)] }
    }

    fn step(&mut self) -> f32 {
        let ([cos, sin], [turn_cos, turn_sin]) = (self.now, self.turn);
        let next = [cos * turn_cos - sin * turn_sin, cos * turn_sin + sin * turn_cos];
        // Rounding would let the length drift: one Newton step back to 1.
        let gain = 1.5 - 0.5 * (next[0] * next[0] + next[1] * next[1]);
        self.now = next.map(|part| part * gain);
        sin
    }
}

/// Sends in one direction. Both frequencies begin and end with the same sample (Q.454 4.4.4.3).
#[derive(Clone, Debug)]
pub struct Generator {
    direction: MfDirection,
    sines: Option<[Sine; 2]>,
}

impl Generator {
    /// Silent.
    #[must_use]
    pub const fn new(direction: MfDirection) -> Self {
        Self { direction, sines: None }
    }

    /// Sends this signal from the next sample on, or nothing.
    pub fn send(&mut self, signal: Option<MfSignal>) {
        self.sines = signal.map(|signal| {
            let (one, other) = pair(self.direction, signal);
            [Sine::new(one), Sine::new(other)]
        });
    }

    /// Whether it sends nothing.
    #[must_use]
    pub const fn is_silent(&self) -> bool {
        self.sines.is_none()
    }

    /// The next samples, linear at 8 kHz.
    #[expect(clippy::cast_possible_truncation, reason = "two sines of this size fit 16 bits")]
    pub fn fill(&mut self, samples: &mut [i16]) {
        let Some(sines) = &mut self.sines else { return samples.fill(0) };
        for sample in samples {
            let sum: f32 = sines.iter_mut().map(Sine::step).sum();
            *sample = libm::roundf(sum * AMPLITUDE) as i16;
        }
    }
}
