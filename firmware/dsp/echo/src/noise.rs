//! What the near end sounds like when nobody speaks there, and noise that sounds like it.
//!
//! The quietest moments of the last two seconds say how loud it is at least; ticks that are no
//! louder than that by much give correlations, and those a filter of eight poles (Levinson).

use units::media::BLOCK_SAMPLES;

use crate::sums::product;

/// Poles of the filter.
const POLES: usize = 8;
/// Ticks of a window of minima, and windows: together 2 s.
const WINDOW: u16 = 125;
const WINDOWS: usize = 8;
/// Ticks between two filters.
const REFRESH: u16 = 25;
/// A tick this much louder than the quietest is no noise.
const LOUD: f32 = 4.0;

#[derive(Clone, Debug)]
pub(crate) struct Noise {
    smooth: f32,
    minima: [f32; WINDOWS],
    lowest: f32,
    ticks: u16,
    /// Samples before the present tick.
    before: [f32; POLES],
    correlation: [f32; POLES + 1],
    learned: u16,
    filter: [f32; POLES],
    drive: f32,
    made: [f32; POLES],
    random: u32,
}

const UNKNOWN: f32 = 1e12;

impl Noise {
    pub(crate) const fn new() -> Self {
        Self {
            smooth: 0.0,
            minima: [UNKNOWN; WINDOWS],
            lowest: UNKNOWN,
            ticks: 0,
            before: [0.0; POLES],
            correlation: [0.0; POLES + 1],
            learned: 0,
            filter: [0.0; POLES],
            drive: 0.0,
            made: [0.0; POLES],
            random: 0x2545_F491,
        }
    }

    /// Mean square of the noise; 0 as long as nothing is known.
    pub(crate) const fn level(&self) -> f32 {
        self.correlation[0]
    }

    /// Takes a tick in; `alone` if it holds no echo to speak of.
    #[inline(always)]
    pub(crate) fn listen(&mut self, left: &[i16; BLOCK_SAMPLES], power: f32, alone: bool) {
        let samples = left.map(f32::from);
        if alone {
            // It begins as loud as the first tick.
            let weight = if self.lowest == UNKNOWN { 1.0 } else { 0.06 };
            self.smooth += weight * (power - self.smooth);
            self.lowest = self.lowest.min(self.smooth);
            self.ticks += 1;
            if self.ticks == WINDOW {
                self.minima.copy_within(1.., 0);
                self.minima[WINDOWS - 1] = self.lowest;
                (self.lowest, self.ticks) = (self.smooth, 0);
            }
            let floor = self.minima.iter().fold(self.lowest, |a, b| a.min(*b));
            if self.smooth < LOUD * floor + 1.0 && power < 2.0 * LOUD * floor + 1.0 {
                self.correlate(&samples);
            }
        }
        self.before.copy_from_slice(&samples[BLOCK_SAMPLES - POLES..]);
    }

    #[inline(always)]
    fn correlate(&mut self, samples: &[f32; BLOCK_SAMPLES]) {
        let mut all = [0.0; POLES + BLOCK_SAMPLES];
        all[..POLES].copy_from_slice(&self.before);
        all[POLES..].copy_from_slice(samples);
        // The first hundred ticks count alike, later ones are forgotten in 0.4 s.
        self.learned = (self.learned + 1).min(200);
        let weight = 1.0 / f32::from(self.learned);
        for (lag, sum) in self.correlation.iter_mut().enumerate() {
            let mean = product(samples, &all[POLES - lag..]) / 16.0;
            *sum += weight * (mean - *sum);
        }
        if self.learned.is_multiple_of(REFRESH) {
            self.refresh();
        }
    }

    fn refresh(&mut self) {
        let mut error = self.correlation[0] * 1.001 + 0.1;
        let mut a = [0.0_f32; POLES];
        for n in 0..POLES {
            let mut sum = self.correlation[n + 1];
            for (k, a) in a[..n].iter().enumerate() {
                sum -= a * self.correlation[n - k];
            }
            let reflection = (sum / error).clamp(-0.98, 0.98);
            let old = a;
            a[n] = reflection;
            for k in 0..n {
                a[k] = old[k] - reflection * old[n - 1 - k];
            }
            error *= 1.0 - reflection * reflection;
        }
        self.filter = a;
        self.drive = libm::sqrtf((error.max(0.0) - 0.1).max(0.0) * 3.0);
    }

    /// The next tick of noise like it.
    #[inline(always)]
    pub(crate) fn make(&mut self) -> [f32; BLOCK_SAMPLES] {
        let mut out = [0.0; BLOCK_SAMPLES];
        if self.drive <= 0.0 {
            return out;
        }
        let most = 8.0 * libm::sqrtf(self.correlation[0]) + 1.0;
        for sample in &mut out {
            self.random = self.random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let high = i16::from_ne_bytes(((self.random >> 16) as u16).to_ne_bytes());
            let mut sum = self.drive * f32::from(high) / 32_768.0;
            for (a, y) in self.filter.iter().zip(&self.made) {
                sum += a * y;
            }
            let sum = sum.clamp(-most, most);
            self.made.copy_within(..POLES - 1, 1);
            self.made[0] = sum;
            *sample = sum;
        }
        out
    }
}
