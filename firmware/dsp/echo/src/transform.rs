//! Spectra of 128 real samples at the odd frequencies (k + ½)/128: 64 complex numbers without any
//! exception for the first and the last, so that every step is the same in eight lanes.
//!
//! ```text
//!  x[n] − i·x[n+64] ─► · e^(−iπn/128) ─► 64 = 8 × 8 ─► X at k = 0, 2, … 126
//!                        columns of eight ─► turn ─► transpose ─► columns of eight
//! ```
//!
//! A product of two spectra is a circular convolution whose part that comes round has its sign
//! turned. Nothing here looks at that part: it is what overlap-save throws away.

use dsp_simd::{LANES, Lanes};

/// New samples in each transform; half of its length.
pub(crate) const BLOCK: usize = 64;

/// Eight rows of eight lanes.
pub(crate) type Rows = [[f32; LANES]; LANES];

/// One spectrum, real and imaginary parts apart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spectrum {
    pub(crate) re: Rows,
    pub(crate) im: Rows,
}

impl Spectrum {
    pub(crate) const ZERO: Self = Self { re: [[0.0; LANES]; LANES], im: [[0.0; LANES]; LANES] };
}

/// Turns between the stages.
#[derive(Clone, Debug)]
pub(crate) struct Transform {
    fold: Spectrum,
    turn: Spectrum,
}

/// Cosine and sine of so many 256ths of a full turn, by their series; what is computed once for all
/// is not computed by the line thread at each call.
#[expect(clippy::cast_precision_loss, reason = "below 64, and a few dozen")]
const fn turned(parts: usize) -> (f64, f64) {
    let angle = core::f64::consts::TAU * (parts % 64) as f64 / 256.0;
    let (mut cos, mut sin) = (1.0, angle);
    let (mut even, mut odd) = (1.0, angle);
    let mut n = 1;
    // The 24th power over its factorial is below what an f64 can tell.
    while n < 12 {
        let twice = (2 * n) as f64;
        even *= -angle * angle / (twice * (twice - 1.0));
        odd *= -angle * angle / (twice * (twice + 1.0));
        cos += even;
        sin += odd;
        n += 1;
    }
    match parts / 64 % 4 {
        0 => (cos, sin),
        1 => (-sin, cos),
        2 => (-cos, -sin),
        _ => (sin, -cos),
    }
}

/// A complex vector.
type C<L> = (<L as Lanes>::F, <L as Lanes>::F);

impl Transform {
    /// The one that all cancellers share.
    pub(crate) const TURNS: &'static Self = &Self::new();

    #[expect(clippy::cast_possible_truncation, reason = "what a transform is precise to")]
    const fn new() -> Self {
        let (mut fold, mut turn) = (Spectrum::ZERO, Spectrum::ZERO);
        let mut at = 0;
        while at < BLOCK {
            let (row, lane) = (at / LANES, at % LANES);
            let (cos, sin) = turned(at);
            (fold.re[row][lane], fold.im[row][lane]) = (cos as f32, -sin as f32);
            let (cos, sin) = turned(4 * row * lane);
            (turn.re[row][lane], turn.im[row][lane]) = (cos as f32, -sin as f32);
            at += 1;
        }
        Self { fold, turn }
    }

    /// The spectrum of 128 samples.
    #[inline(always)]
    pub(crate) fn forward<L: Lanes>(
        &self,
        l: L,
        first: &[f32; BLOCK],
        second: &[f32; BLOCK],
        to: &mut Spectrum,
    ) {
        let (first, second) = (first.as_chunks::<LANES>().0, second.as_chunks::<LANES>().0);
        // Loops, not closures: what is not inlined is not compiled for the processor.
        let mut z = [(l.splat(0.0), l.splat(0.0)); LANES];
        for (row, z) in z.iter_mut().enumerate() {
            let (a, b) = (l.load(&first[row]), l.load(&second[row]));
            let (c, s) = (l.load(&self.fold.re[row]), l.load(&self.fold.im[row]));
            *z = (l.add(l.mul(a, c), l.mul(b, s)), l.sub(l.mul(a, s), l.mul(b, c)));
        }
        for (row, (re, im)) in self.sixty_four(l, z).into_iter().enumerate() {
            l.store(re, &mut to.re[row]);
            l.store(im, &mut to.im[row]);
        }
    }

    /// The 128 samples of a spectrum, only their first or second half.
    #[inline(always)]
    pub(crate) fn inverse<L: Lanes>(
        &self,
        l: L,
        from: &Spectrum,
        second: bool,
        to: &mut [f32; BLOCK],
    ) {
        // With both parts exchanged before and behind, the same stages run backwards.
        let mut z = [(l.splat(0.0), l.splat(0.0)); LANES];
        for (row, z) in z.iter_mut().enumerate() {
            *z = (l.load(&from.im[row]), l.load(&from.re[row]));
        }
        let z = self.sixty_four(l, z);
        let scale = l.splat(1.0 / 64.0);
        let (rows, _) = to.as_chunks_mut::<LANES>();
        for (row, ((im, re), to)) in z.into_iter().zip(rows).enumerate() {
            let (c, s) = (l.load(&self.fold.re[row]), l.load(&self.fold.im[row]));
            let half = if second {
                l.sub(l.mul(re, s), l.mul(im, c))
            } else {
                l.add(l.mul(re, c), l.mul(im, s))
            };
            l.store(l.mul(half, scale), to);
        }
    }

    #[inline(always)]
    fn sixty_four<L: Lanes>(&self, l: L, z: [C<L>; LANES]) -> [C<L>; LANES] {
        let mut z = eight(l, z);
        for (row, (re, im)) in z.iter_mut().enumerate().skip(1) {
            let (c, s) = (l.load(&self.turn.re[row]), l.load(&self.turn.im[row]));
            (*re, *im) = (l.sub(l.mul(*re, c), l.mul(*im, s)), l.add(l.mul(*re, s), l.mul(*im, c)));
        }
        let (mut re, mut im) = ([l.splat(0.0); LANES], [l.splat(0.0); LANES]);
        for (row, z) in z.iter().enumerate() {
            (re[row], im[row]) = *z;
        }
        let (re, im) = (l.transpose(re), l.transpose(im));
        for (row, z) in z.iter_mut().enumerate() {
            *z = (re[row], im[row]);
        }
        eight(l, z)
    }
}

#[inline(always)]
fn plus<L: Lanes>(l: L, a: C<L>, b: C<L>) -> C<L> {
    (l.add(a.0, b.0), l.add(a.1, b.1))
}

#[inline(always)]
fn minus<L: Lanes>(l: L, a: C<L>, b: C<L>) -> C<L> {
    (l.sub(a.0, b.0), l.sub(a.1, b.1))
}

/// a − i·b
#[inline(always)]
fn minus_i<L: Lanes>(l: L, a: C<L>, b: C<L>) -> C<L> {
    (l.add(a.0, b.1), l.sub(a.1, b.0))
}

/// a + i·b
#[inline(always)]
fn plus_i<L: Lanes>(l: L, a: C<L>, b: C<L>) -> C<L> {
    (l.sub(a.0, b.1), l.add(a.1, b.0))
}

/// The four of a transform of every second number.
#[inline(always)]
fn four<L: Lanes>(l: L, z: [C<L>; 4]) -> [C<L>; 4] {
    let (a, b) = (plus(l, z[0], z[2]), minus(l, z[0], z[2]));
    let (c, d) = (plus(l, z[1], z[3]), minus(l, z[1], z[3]));
    [plus(l, a, c), minus_i(l, b, d), minus(l, a, c), plus_i(l, b, d)]
}

/// A transform of eight along the rows, in each lane by itself.
#[inline(always)]
fn eight<L: Lanes>(l: L, z: [C<L>; LANES]) -> [C<L>; LANES] {
    let even = four(l, [z[0], z[2], z[4], z[6]]);
    let odd = four(l, [z[1], z[3], z[5], z[7]]);
    let half = l.splat(core::f32::consts::FRAC_1_SQRT_2);
    // Turned by an eighth and by three eighths.
    let (a, b) = odd[1];
    let odd1 = (l.mul(l.add(a, b), half), l.mul(l.sub(b, a), half));
    let (a, b) = odd[3];
    let odd3 = (l.mul(l.sub(b, a), half), l.mul(l.add(a, b), half));
    [
        plus(l, even[0], odd[0]),
        plus(l, even[1], odd1),
        minus_i(l, even[2], odd[2]),
        // The second part of this turn has the other sign.
        (l.add(even[3].0, odd3.0), l.sub(even[3].1, odd3.1)),
        minus(l, even[0], odd[0]),
        minus(l, even[1], odd1),
        plus_i(l, even[2], odd[2]),
        (l.sub(even[3].0, odd3.0), l.add(even[3].1, odd3.1)),
    ]
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Spectrum, Transform};
    use dsp_simd::{Kernel, LANES, Lanes, Level};

    struct Both<'a>(&'a Transform, &'a [f32; BLOCK], &'a [f32; BLOCK]);

    impl Kernel for Both<'_> {
        type Output = (Spectrum, [f32; BLOCK], [f32; BLOCK]);

        #[inline(always)]
        fn run<L: Lanes>(self, l: L) -> Self::Output {
            let mut spectrum = Spectrum::ZERO;
            let (mut first, mut second) = ([0.0; BLOCK], [0.0; BLOCK]);
            self.0.forward(l, self.1, self.2, &mut spectrum);
            self.0.inverse(l, &spectrum, false, &mut first);
            self.0.inverse(l, &spectrum, true, &mut second);
            (spectrum, first, second)
        }
    }

    fn samples(seed: u32) -> [f32; BLOCK] {
        let mut state = seed;
        core::array::from_fn(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f32::from((state >> 16) as u16) - 32_768.0
        })
    }

    #[test]
    fn a_spectrum_is_the_sum_that_defines_it_and_comes_back() {
        let (first, second) = (samples(1), samples(2));
        for level in [Level::PORTABLE, Level::detect()] {
            let (spectrum, a, b) = level.run(Both(Transform::TURNS, &first, &second));
            for m in 0..BLOCK {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, x) in first.iter().chain(&second).enumerate() {
                    let angle = -core::f64::consts::TAU * (2.0 * m as f64 + 0.5) * n as f64 / 128.0;
                    re += f64::from(*x) * libm::cos(angle);
                    im += f64::from(*x) * libm::sin(angle);
                }
                let at = (m / LANES, m % LANES);
                let wrong = (f64::from(spectrum.re[at.0][at.1]) - re).abs()
                    + (f64::from(spectrum.im[at.0][at.1]) - im).abs();
                assert!(wrong < 2.0, "{} bin {m}: {wrong}", level.name());
            }
            let all = a.iter().zip(&first).chain(b.iter().zip(&second));
            assert!(all.into_iter().all(|(got, want)| (got - want).abs() < 0.1));
        }
    }

    #[test]
    fn the_turns_of_the_compiler_are_those_of_the_mathematics_library() {
        for parts in 0..256 {
            let angle = core::f64::consts::TAU * parts as f64 / 256.0;
            let (cos, sin) = super::turned(parts);
            let wrong = (cos - libm::cos(angle)).abs().max((sin - libm::sin(angle)).abs());
            assert!(wrong < 1e-14, "{parts}: {wrong}");
        }
    }

    #[test]
    fn every_level_gives_the_same_spectrum_bit_for_bit() {
        let (first, second) = (samples(3), samples(4));
        let bits = |level: Level| {
            let (spectrum, a, b) = level.run(Both(Transform::TURNS, &first, &second));
            let spectrum =
                [spectrum.re, spectrum.im].map(|rows| rows.map(|row| row.map(f32::to_bits)));
            (spectrum, a.map(f32::to_bits), b.map(f32::to_bits))
        };
        assert_eq!(bits(Level::PORTABLE), bits(Level::detect()));
    }
}
