//! A tone of 1 kHz, and how clean it came back.

use std::f64::consts::TAU;

/// Samples of one look at the tone: a quarter of a second, whole periods.
pub const WINDOW: usize = 2000;
/// Radians a sample at 8 kHz.
const STEP: f64 = TAU / 8.0;
const AMPLITUDE: f64 = 10_000.0;

/// The tone, block by block: 10 dB below full scale.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tone {
    at: u8,
}

impl Tone {
    /// From its beginning.
    #[must_use]
    pub const fn new() -> Self {
        Self { at: 0 }
    }

    /// The next 16 samples.
    pub fn block(&mut self) -> [i16; 16] {
        std::array::from_fn(|_| {
            let value = AMPLITUDE * (f64::from(self.at) * STEP).sin();
            self.at = (self.at + 1) % 8;
            #[expect(clippy::cast_possible_truncation, reason = "10,000 at most")]
            let sample = value.round() as i16;
            sample
        })
    }
}

/// The part of the samples that turns with `step` radians a sample: real and imaginary. Seen
/// through a window, so that what turns the other way does not leak in.
fn project(samples: &[i16], step: f64) -> (f64, f64) {
    let mut sum = (0.0, 0.0);
    let slope = TAU / 2.0 / f64::from(u32::try_from(samples.len()).unwrap_or(1));
    for (at, sample) in (0u32..).zip(samples) {
        let (sine, cosine) = (f64::from(at) * step).sin_cos();
        let seen = f64::from(*sample) * (f64::from(at) * slope).sin().powi(2);
        sum.0 += seen * cosine;
        sum.1 -= seen * sine;
    }
    sum
}

/// The tone's frequency in these samples, near 1 kHz: by the phase that the second half has gained
/// on the first, refined twice.
fn found_step(samples: &[i16]) -> f64 {
    let (first, second) = samples.split_at(samples.len() / 2);
    let half = f64::from(u32::try_from(first.len()).unwrap_or(1));
    let mut step = STEP;
    for _ in 0..3 {
        let (a, b) = (project(first, step), project(second, step));
        // A tone of this very step turns by `step * half` from one half to the next.
        let gained = (b.1.atan2(b.0) - a.1.atan2(a.0) - step * half).rem_euclid(TAU);
        let error = if gained > TAU / 2.0 { gained - TAU } else { gained };
        step += (error / half).clamp(-0.01, 0.01);
    }
    step
}

/// The tone against all the rest in one window, in dB. The frequency may have moved a little: that
/// is pitch, not noise. Zero for silence.
#[must_use]
pub fn snr_db(samples: &[i16]) -> f64 {
    let step = found_step(samples);
    // Least squares of sine, cosine.
    let (mut ss, mut cc, mut sc, mut sx, mut cx) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (at, sample) in (0u32..).zip(samples) {
        let ((s, c), x) = ((f64::from(at) * step).sin_cos(), f64::from(*sample));
        (ss, cc, sc) = (ss + s * s, cc + c * c, sc + s * c);
        (sx, cx) = (sx + s * x, cx + c * x);
    }
    let det = ss * cc - sc * sc;
    let (a, b) = ((sx * cc - cx * sc) / det, (cx * ss - sx * sc) / det);
    let (mut tone, mut rest) = (0.0, 1e-9);
    for (at, sample) in (0u32..).zip(samples) {
        let (s, c) = (f64::from(at) * step).sin_cos();
        let fitted = a * s + b * c;
        tone += fitted * fitted;
        rest += (f64::from(*sample) - fitted).powi(2);
    }
    let snr = 10.0 * (tone / rest).log10();
    if snr.is_finite() { snr.max(0.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(hz: f64, noise: f64) -> Vec<i16> {
        let mut seed = 1u32;
        (0..2000u32)
            .map(|at| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let random = f64::from(seed >> 16) / 32_768.0 - 1.0;
                let value = 10_000.0 * (f64::from(at) * TAU * hz / 8000.0 + 0.7).sin();
                #[expect(clippy::cast_possible_truncation, reason = "20,000 at most")]
                let sample = (value + noise * random).round() as i16;
                sample
            })
            .collect()
    }

    #[test]
    fn a_clean_tone_is_as_clean_as_sixteen_bits_and_a_moved_one_too() {
        for hz in [1000.0, 1000.2, 999.5, 1000.02] {
            let found = snr_db(&samples(hz, 0.0));
            assert!(found > 80.0, "{hz} Hz: {found:.1} dB");
        }
    }

    #[test]
    fn noise_is_measured_as_what_it_is() {
        // Even noise of 100 has a power of 3333 against 5e7: 41.8 dB.
        let found = snr_db(&samples(1000.1, 100.0));
        assert!((found - 41.8).abs() < 0.5, "{found:.1} dB");
        assert!(snr_db(&[0; WINDOW]) < 0.1);
    }

    #[test]
    fn one_block_that_is_lost_is_heard() {
        let mut cut = samples(1000.0, 0.0);
        // Whole periods go away without a trace: 16 samples are two of them.
        cut.drain(1000..1012);
        assert!(snr_db(&cut) < 20.0);
        let mut silent = samples(1000.0, 0.0);
        silent[1000..1016].fill(0);
        assert!(snr_db(&silent) < 25.0);
    }
}
