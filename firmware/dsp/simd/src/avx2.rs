//! AVX2 of x86-64.
#![allow(unsafe_code, reason = "intrinsics")]

use core::arch::x86_64::{
    __cpuid, __cpuid_count, __m256, __m256i, _mm_add_epi32, _mm_cvtsi128_si32, _mm_shuffle_epi32,
    _mm256_add_epi32, _mm256_add_ps, _mm256_castsi256_si128, _mm256_div_ps,
    _mm256_extracti128_si256, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_max_ps, _mm256_mul_ps, _mm256_permute2f128_ps, _mm256_set1_ps, _mm256_setzero_si256,
    _mm256_shuffle_ps, _mm256_storeu_ps, _mm256_sub_ps, _mm256_unpackhi_ps, _mm256_unpacklo_ps,
    _xgetbv,
};

use crate::{Kernel, LANES, Lanes, WIDE};

/// Proves that AVX2 is there: only [`run`] makes one, and only where [`is_there`] said so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

const OSXSAVE_AND_AVX: u32 = 1 << 27 | 1 << 28;
const AVX2: u32 = 1 << 5;
/// The system keeps the registers of SSE and AVX.
const KEPT: u64 = 0b110;

/// Whether the processor has AVX2 and the system keeps its registers.
pub(crate) fn is_there() -> bool {
    if __cpuid(0).eax < 7 || __cpuid(1).ecx & OSXSAVE_AND_AVX != OSXSAVE_AND_AVX {
        return false;
    }
    // SAFETY: OSXSAVE says that XGETBV is there.
    let kept = unsafe { kept() };
    kept & KEPT == KEPT && __cpuid_count(7, 0).ebx & AVX2 != 0
}

#[target_feature(enable = "xsave")]
fn kept() -> u64 {
    // SAFETY: register 0 is always there.
    unsafe { _xgetbv(0) }
}

/// Runs a kernel, compiled for AVX2. The caller has a `Level` that says that it is there.
pub(crate) fn run<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: a `Level` of this kind is made only when `is_there` said so.
    unsafe { compiled(kernel) }
}

#[target_feature(enable = "avx2")]
fn compiled<K: Kernel>(kernel: K) -> K::Output {
    kernel.run(Avx2(()))
}

impl Lanes for Avx2 {
    type F = __m256;
    type I = __m256i;

    #[inline(always)]
    fn splat(self, value: f32) -> __m256 {
        // SAFETY: `self` proves AVX2; so in all that follows.
        unsafe { _mm256_set1_ps(value) }
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> __m256 {
        // SAFETY: eight numbers are there to be read.
        unsafe { _mm256_loadu_ps(from.as_ptr()) }
    }

    #[inline(always)]
    fn store(self, value: __m256, to: &mut [f32; LANES]) {
        // SAFETY: there is room for eight numbers.
        unsafe { _mm256_storeu_ps(to.as_mut_ptr(), value) }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see `splat`.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see `splat`.
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see `splat`.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn div(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see `splat`.
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: see `splat`.
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    fn transpose(self, r: [__m256; LANES]) -> [__m256; LANES] {
        // SAFETY: see `splat`.
        unsafe {
            // Pairs, then fours within each half, then the halves.
            let (a0, a1) = (_mm256_unpacklo_ps(r[0], r[1]), _mm256_unpackhi_ps(r[0], r[1]));
            let (a2, a3) = (_mm256_unpacklo_ps(r[2], r[3]), _mm256_unpackhi_ps(r[2], r[3]));
            let (a4, a5) = (_mm256_unpacklo_ps(r[4], r[5]), _mm256_unpackhi_ps(r[4], r[5]));
            let (a6, a7) = (_mm256_unpacklo_ps(r[6], r[7]), _mm256_unpackhi_ps(r[6], r[7]));
            let b0 = _mm256_shuffle_ps::<0x44>(a0, a2);
            let b1 = _mm256_shuffle_ps::<0xEE>(a0, a2);
            let b2 = _mm256_shuffle_ps::<0x44>(a1, a3);
            let b3 = _mm256_shuffle_ps::<0xEE>(a1, a3);
            let b4 = _mm256_shuffle_ps::<0x44>(a4, a6);
            let b5 = _mm256_shuffle_ps::<0xEE>(a4, a6);
            let b6 = _mm256_shuffle_ps::<0x44>(a5, a7);
            let b7 = _mm256_shuffle_ps::<0xEE>(a5, a7);
            [
                _mm256_permute2f128_ps::<0x20>(b0, b4),
                _mm256_permute2f128_ps::<0x20>(b1, b5),
                _mm256_permute2f128_ps::<0x20>(b2, b6),
                _mm256_permute2f128_ps::<0x20>(b3, b7),
                _mm256_permute2f128_ps::<0x31>(b0, b4),
                _mm256_permute2f128_ps::<0x31>(b1, b5),
                _mm256_permute2f128_ps::<0x31>(b2, b6),
                _mm256_permute2f128_ps::<0x31>(b3, b7),
            ]
        }
    }

    #[inline(always)]
    fn nothing(self) -> __m256i {
        // SAFETY: see `splat`.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    fn multiply(self, sums: __m256i, a: &[i16; WIDE], b: &[i16; WIDE]) -> __m256i {
        // SAFETY: sixteen samples are there to be read, at any address.
        unsafe {
            let a = _mm256_loadu_si256(a.as_ptr().cast());
            let b = _mm256_loadu_si256(b.as_ptr().cast());
            _mm256_add_epi32(sums, _mm256_madd_epi16(a, b))
        }
    }

    #[inline(always)]
    fn total(self, sums: __m256i) -> i32 {
        // SAFETY: see `splat`.
        unsafe {
            let low = _mm256_castsi256_si128(sums);
            let four = _mm_add_epi32(low, _mm256_extracti128_si256::<1>(sums));
            let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b01_00_11_10>(four));
            _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<0b10_11_00_01>(two)))
        }
    }
}
