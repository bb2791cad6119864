//! NEON of aarch64: two registers of four lanes.
#![allow(unsafe_code, reason = "intrinsics")]

use core::arch::aarch64::{
    float32x4_t, int32x4_t, vaddq_f32, vaddvq_s32, vdivq_f32, vdupq_n_f32, vdupq_n_s32,
    vget_low_s16, vld1q_f32, vld1q_s16, vmaxq_f32, vmlal_high_s16, vmlal_s16, vmulq_f32,
    vreinterpretq_f32_f64, vreinterpretq_f64_f32, vst1q_f32, vsubq_f32, vtrn1q_f32, vtrn1q_f64,
    vtrn2q_f32, vtrn2q_f64,
};

use crate::{Kernel, LANES, Lanes, WIDE};

/// Every processor of this kind has NEON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neon;

type Pair = (float32x4_t, float32x4_t);

/// Runs a kernel.
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Neon)
}

/// A square of four by four.
#[inline(always)]
fn square(r: [float32x4_t; 4]) -> [float32x4_t; 4] {
    // SAFETY: NEON is there; only registers are touched.
    unsafe {
        let (a, b) = (vtrn1q_f32(r[0], r[1]), vtrn2q_f32(r[0], r[1]));
        let (c, d) = (vtrn1q_f32(r[2], r[3]), vtrn2q_f32(r[2], r[3]));
        let wide = |x| vreinterpretq_f64_f32(x);
        let narrow = |x| vreinterpretq_f32_f64(x);
        [
            narrow(vtrn1q_f64(wide(a), wide(c))),
            narrow(vtrn1q_f64(wide(b), wide(d))),
            narrow(vtrn2q_f64(wide(a), wide(c))),
            narrow(vtrn2q_f64(wide(b), wide(d))),
        ]
    }
}

impl Lanes for Neon {
    type F = Pair;
    type I = int32x4_t;

    #[inline(always)]
    fn splat(self, value: f32) -> Pair {
        // SAFETY: NEON is there; so in all that follows.
        unsafe { (vdupq_n_f32(value), vdupq_n_f32(value)) }
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Pair {
        // SAFETY: eight numbers are there to be read.
        unsafe { (vld1q_f32(from.as_ptr()), vld1q_f32(from.as_ptr().add(4))) }
    }

    #[inline(always)]
    fn store(self, value: Pair, to: &mut [f32; LANES]) {
        // SAFETY: there is room for eight numbers.
        unsafe {
            vst1q_f32(to.as_mut_ptr(), value.0);
            vst1q_f32(to.as_mut_ptr().add(4), value.1);
        }
    }

    #[inline(always)]
    fn add(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see `splat`.
        unsafe { (vaddq_f32(a.0, b.0), vaddq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    fn sub(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see `splat`.
        unsafe { (vsubq_f32(a.0, b.0), vsubq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    fn mul(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see `splat`.
        unsafe { (vmulq_f32(a.0, b.0), vmulq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    fn div(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see `splat`.
        unsafe { (vdivq_f32(a.0, b.0), vdivq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    fn max(self, a: Pair, b: Pair) -> Pair {
        // SAFETY: see `splat`.
        unsafe { (vmaxq_f32(a.0, b.0), vmaxq_f32(a.1, b.1)) }
    }

    #[inline(always)]
    fn transpose(self, r: [Pair; LANES]) -> [Pair; LANES] {
        let a = square([r[0].0, r[1].0, r[2].0, r[3].0]);
        let b = square([r[4].0, r[5].0, r[6].0, r[7].0]);
        let c = square([r[0].1, r[1].1, r[2].1, r[3].1]);
        let d = square([r[4].1, r[5].1, r[6].1, r[7].1]);
        [
            (a[0], b[0]),
            (a[1], b[1]),
            (a[2], b[2]),
            (a[3], b[3]),
            (c[0], d[0]),
            (c[1], d[1]),
            (c[2], d[2]),
            (c[3], d[3]),
        ]
    }

    #[inline(always)]
    fn nothing(self) -> int32x4_t {
        // SAFETY: see `splat`.
        unsafe { vdupq_n_s32(0) }
    }

    #[inline(always)]
    fn multiply(self, sums: int32x4_t, a: &[i16; WIDE], b: &[i16; WIDE]) -> int32x4_t {
        // SAFETY: sixteen samples are there to be read.
        unsafe {
            let (a0, a1) = (vld1q_s16(a.as_ptr()), vld1q_s16(a.as_ptr().add(8)));
            let (b0, b1) = (vld1q_s16(b.as_ptr()), vld1q_s16(b.as_ptr().add(8)));
            let sums = vmlal_s16(sums, vget_low_s16(a0), vget_low_s16(b0));
            let sums = vmlal_high_s16(sums, a0, b0);
            let sums = vmlal_s16(sums, vget_low_s16(a1), vget_low_s16(b1));
            vmlal_high_s16(sums, a1, b1)
        }
    }

    #[inline(always)]
    fn total(self, sums: int32x4_t) -> i32 {
        // SAFETY: see `splat`.
        unsafe { vaddvq_s32(sums) }
    }
}
