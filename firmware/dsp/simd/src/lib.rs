//! Eight lanes of arithmetic, in a form for every processor, with the same bits from all.
//!
//! ```text
//!   Kernel, written once over Lanes ──► Level::run ──┬─► portable   arrays of eight
//!                                                    ├─► AVX2       one register of eight
//!                                                    └─► NEON       two registers of four
//! ```
//!
//! Floating-point lanes are only added, subtracted, multiplied, divided and compared, each as IEEE
//! 754 rounds it; nothing is fused and nothing is reordered, so that a kernel gives the same bits
//! on every level. Whole numbers are exact by themselves. This is the only crate of sound
//! arithmetic with `unsafe`: the intrinsics, and the calls of what a processor must be able to do.
#![no_std]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;
#[cfg(test)]
mod tests;

/// Lanes of a vector of `f32`.
pub const LANES: usize = 8;
/// Samples of 16 bits that are multiplied at once.
pub const WIDE: usize = 16;

/// Arithmetic on eight lanes. A value of this type proves that the processor can do it.
pub trait Lanes: Copy {
    /// Eight numbers.
    type F: Copy;
    /// Eight sums of products.
    type I: Copy;

    /// The same number in all lanes.
    fn splat(self, value: f32) -> Self::F;
    /// From memory.
    fn load(self, from: &[f32; LANES]) -> Self::F;
    /// To memory.
    fn store(self, value: Self::F, to: &mut [f32; LANES]);
    /// a + b
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    /// a − b
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    /// a · b
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    /// a / b
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// The larger one of each lane; neither may be NaN.
    fn max(self, a: Self::F, b: Self::F) -> Self::F;
    /// Lane n of row m becomes lane m of row n.
    fn transpose(self, rows: [Self::F; LANES]) -> [Self::F; LANES];

    /// Sums of nothing.
    fn nothing(self) -> Self::I;
    /// Adds products of neighbours to the eight sums: which sum a product goes to is the level's
    /// own affair, as only [`Lanes::total`] is ever seen. Sums wrap.
    fn multiply(self, sums: Self::I, a: &[i16; WIDE], b: &[i16; WIDE]) -> Self::I;
    /// All sums together, wrapping.
    fn total(self, sums: Self::I) -> i32;
}

/// Arithmetic to be run on the lanes that there are. `run` and all that it calls with lanes should
/// be `#[inline(always)]`: only what is inlined is compiled for the processor that is meant.
pub trait Kernel {
    /// What it gives.
    type Output;
    /// Does it.
    fn run<L: Lanes>(self, lanes: L) -> Self::Output;
}

/// What the processor can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Level {
    /// What every processor can do.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// The best that this processor and its system can do.
    #[must_use]
    pub fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        if avx2::is_there() {
            return Self(Kind::Avx2);
        }
        // Every processor of this kind has it.
        #[cfg(target_arch = "aarch64")]
        return Self(Kind::Neon);
        #[cfg(not(target_arch = "aarch64"))]
        Self::PORTABLE
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => "AVX2",
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => "NEON",
        }
    }

    /// Runs a kernel.
    #[inline]
    pub fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            Kind::Portable => kernel.run(portable::Portable),
            #[cfg(target_arch = "x86_64")]
            Kind::Avx2 => avx2::run(kernel),
            #[cfg(target_arch = "aarch64")]
            Kind::Neon => neon::run(kernel),
        }
    }
}

/// Multiplies taps with the samples before each of sixteen: `taps` in the order of time, the
/// longest delay first, so that output n is the sum of `taps[k] · samples[n + 1 + k]`.
///
/// There are a multiple of 16 taps, and 16 samples more than taps. Sums wrap at 32 bits.
#[inline(always)]
pub fn filter<L: Lanes>(lanes: L, taps: &[i16], samples: &[i16]) -> [i32; WIDE] {
    let mut out = [0; WIDE];
    let (chunks, _) = taps.as_chunks::<WIDE>();
    for (n, four) in out.chunks_exact_mut(4).enumerate() {
        let from = |k: usize| samples.get(4 * n + 1 + k..).unwrap_or(&[]).as_chunks::<WIDE>().0;
        let (a, b, c, d) = (from(0), from(1), from(2), from(3));
        let mut sums = [lanes.nothing(); 4];
        for ((((tap, a), b), c), d) in chunks.iter().zip(a).zip(b).zip(c).zip(d) {
            sums[0] = lanes.multiply(sums[0], tap, a);
            sums[1] = lanes.multiply(sums[1], tap, b);
            sums[2] = lanes.multiply(sums[2], tap, c);
            sums[3] = lanes.multiply(sums[3], tap, d);
        }
        for (to, sums) in four.iter_mut().zip(sums) {
            *to = lanes.total(sums);
        }
    }
    out
}
