//! The form for every processor, and the measure for all others.

use crate::{LANES, Lanes, WIDE};

/// Arrays of eight.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

#[inline(always)]
fn each(a: [f32; LANES], b: [f32; LANES], with: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    core::array::from_fn(|lane| with(a[lane], b[lane]))
}

impl Lanes for Portable {
    type F = [f32; LANES];
    type I = i32;

    #[inline(always)]
    fn splat(self, value: f32) -> Self::F {
        [value; LANES]
    }

    #[inline(always)]
    fn load(self, from: &[f32; LANES]) -> Self::F {
        *from
    }

    #[inline(always)]
    fn store(self, value: Self::F, to: &mut [f32; LANES]) {
        *to = value;
    }

    #[inline(always)]
    fn add(self, a: Self::F, b: Self::F) -> Self::F {
        each(a, b, |a, b| a + b)
    }

    #[inline(always)]
    fn sub(self, a: Self::F, b: Self::F) -> Self::F {
        each(a, b, |a, b| a - b)
    }

    #[inline(always)]
    fn mul(self, a: Self::F, b: Self::F) -> Self::F {
        each(a, b, |a, b| a * b)
    }

    #[inline(always)]
    fn div(self, a: Self::F, b: Self::F) -> Self::F {
        each(a, b, |a, b| a / b)
    }

    #[inline(always)]
    fn max(self, a: Self::F, b: Self::F) -> Self::F {
        each(a, b, |a, b| if a > b { a } else { b })
    }

    #[inline(always)]
    fn transpose(self, rows: [Self::F; LANES]) -> [Self::F; LANES] {
        core::array::from_fn(|row| core::array::from_fn(|lane| rows[lane][row]))
    }

    #[inline(always)]
    fn nothing(self) -> Self::I {
        0
    }

    #[inline(always)]
    fn multiply(self, sums: Self::I, a: &[i16; WIDE], b: &[i16; WIDE]) -> Self::I {
        a.iter().zip(b).fold(sums, |sum, (a, b)| sum.wrapping_add(i32::from(*a) * i32::from(*b)))
    }

    #[inline(always)]
    fn total(self, sums: Self::I) -> i32 {
        sums
    }
}
