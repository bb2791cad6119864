//! Whether what is sent is one sine or two: such a sound says of an echo path only what it does at
//! one frequency or two, and nothing is to be learned from it (G.168 tests 6 and 8).
//!
//! A predictor of four samples foretells two sines exactly. Nothing else is foretold so well.

use dsp_simd::LANES;

use crate::sums::product;
use crate::transform::BLOCK;

/// Order of the predictor.
const ORDER: usize = 4;
/// What it must leave, of one, to be told two sines: noise of A-law leaves a tenth of that.
const LEFT: f32 = 2e-3;

#[derive(Clone, Debug, Default)]
pub(crate) struct Narrow {
    correlation: [f32; ORDER + 1],
}

impl Narrow {
    /// Takes a block in, and the one before it.
    #[inline(always)]
    pub(crate) fn hear(&mut self, before: &[f32; BLOCK], now: &[f32; BLOCK]) -> bool {
        let mut all = [0.0; BLOCK + LANES];
        all[..LANES].copy_from_slice(&before[BLOCK - LANES..]);
        all[LANES..].copy_from_slice(now);
        for (lag, sum) in self.correlation.iter_mut().enumerate() {
            *sum += 0.35 * (product(now, &all[LANES - lag..]) - *sum);
        }
        let mut error = self.correlation[0];
        if error < 1.0 {
            return false;
        }
        let mut a = [0.0_f32; ORDER];
        for n in 0..ORDER {
            let mut sum = self.correlation[n + 1];
            for (k, a) in a[..n].iter().enumerate() {
                sum -= a * self.correlation[n - k];
            }
            let reflection = sum / error;
            let old = a;
            a[n] = reflection;
            for k in 0..n {
                a[k] = old[k] - reflection * old[n - 1 - k];
            }
            error *= 1.0 - reflection * reflection;
            if error < LEFT * self.correlation[0] {
                return true;
            }
        }
        false
    }
}
