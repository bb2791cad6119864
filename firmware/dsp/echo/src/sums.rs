//! Sums of products, always in the same order: eight lanes, then the lanes.

use dsp_simd::LANES;

/// Σ a·b, of as many as there are of both; both are a multiple of eight long.
#[inline(always)]
pub(crate) fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a.as_chunks::<LANES>().0.iter().zip(b.as_chunks::<LANES>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + b) + (c + d)) + ((e + f) + (g + h))
}
