//! All levels side by side.
extern crate std;

use proptest::array::uniform;
use proptest::prelude::{any, prop_assert_eq, proptest};

use crate::{Kernel, LANES, Lanes, Level, filter};

/// Everything that lanes can do, in one.
struct All<'a>(&'a [[f32; LANES]; LANES]);

impl Kernel for All<'_> {
    type Output = [[f32; LANES]; LANES];

    #[inline(always)]
    fn run<L: Lanes>(self, l: L) -> Self::Output {
        let rows = l.transpose(self.0.each_ref().map(|row| l.load(row)));
        let one = l.splat(1.0);
        let mut out = [[0.0; LANES]; LANES];
        for (n, to) in out.iter_mut().enumerate() {
            let (a, b) = (rows[n], rows[(n + 3) % LANES]);
            let sum = l.sub(l.add(l.mul(a, b), a), l.mul(b, b));
            let divisor = l.max(l.mul(a, a), one);
            l.store(l.div(sum, divisor), to);
        }
        out
    }
}

struct Filter<'a>(&'a [i16], &'a [i16]);

impl Kernel for Filter<'_> {
    type Output = [i32; 16];

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) -> [i32; 16] {
        filter(lanes, self.0, self.1)
    }
}

proptest! {
    #[test]
    fn every_level_gives_the_same_bits(
        rows in uniform::<_, LANES>(uniform::<_, LANES>(-1e6f32..1e6))
    ) {
        let bits = |level: Level| level.run(All(&rows)).map(|row| row.map(f32::to_bits));
        prop_assert_eq!(bits(Level::PORTABLE), bits(Level::detect()));
    }

    #[test]
    fn every_level_filters_alike_and_as_the_sum_says(
        taps in uniform::<_, 64>(any::<i16>()), samples in uniform::<_, 80>(any::<i16>())
    ) {
        let made = Level::PORTABLE.run(Filter(&taps, &samples));
        prop_assert_eq!(made, Level::detect().run(Filter(&taps, &samples)));
        for (n, made) in made.into_iter().enumerate() {
            let product = |(tap, sample): (&i16, &i16)| i32::from(*tap) * i32::from(*sample);
            let sum = taps.iter().zip(&samples[n + 1..]).map(product);
            prop_assert_eq!(made, sum.fold(0, i32::wrapping_add));
        }
    }
}

#[test]
fn rows_become_columns() {
    struct Turn([[f32; LANES]; LANES]);
    impl Kernel for Turn {
        type Output = [[f32; LANES]; LANES];
        #[inline(always)]
        fn run<L: Lanes>(mut self, l: L) -> Self::Output {
            let turned = l.transpose(self.0.each_ref().map(|row| l.load(row)));
            turned.into_iter().zip(&mut self.0).for_each(|(row, to)| l.store(row, to));
            self.0
        }
    }
    let rows = core::array::from_fn(|r| core::array::from_fn(|c| if r < c { 1.5 } else { 2.5 }));
    for level in [Level::PORTABLE, Level::detect()] {
        let turned = level.run(Turn(rows));
        for (r, row) in rows.iter().enumerate() {
            for (c, value) in row.iter().enumerate() {
                assert_eq!(turned[c][r].to_bits(), value.to_bits(), "{} {r} {c}", level.name());
            }
        }
    }
}

#[test]
fn this_machine_is_told_as_the_standard_library_tells_it() {
    #[cfg(target_arch = "x86_64")]
    assert_eq!(Level::detect() != Level::PORTABLE, std::is_x86_feature_detected!("avx2"));
    #[cfg(target_arch = "aarch64")]
    assert_eq!(Level::detect().name(), "NEON");
}
