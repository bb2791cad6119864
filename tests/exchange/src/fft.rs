//! A Fourier transform of a power of two, and the correlation that it makes cheap.

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Complex {
    /// Real part.
    pub re: f32,
    /// Imaginary part.
    pub im: f32,
}

/// Transforms in place; the inverse is not divided by the length.
///
/// # Panics
/// If the length is no power of two.
pub fn transform(data: &mut [Complex], inverse: bool) {
    let count = data.len();
    assert!(count.is_power_of_two(), "a power of two");
    let mut target = 0;
    for index in 1..count {
        let mut bit = count >> 1;
        while target & bit != 0 {
            target ^= bit;
            bit >>= 1;
        }
        target |= bit;
        if index < target {
            data.swap(index, target);
        }
    }
    let sign = if inverse { 1.0 } else { -1.0 };
    let mut half = 1;
    while half < count {
        // Two Pi over the size of a butterfly; sizes are small powers of two.
        let turns: Vec<Complex> = (0..half).map(|k| unit(sign * ratio(k, 2 * half))).collect();
        for group in data.chunks_mut(2 * half) {
            let (low, high) = group.split_at_mut(half);
            for ((a, b), turn) in low.iter_mut().zip(high).zip(&turns) {
                let re = b.re * turn.re - b.im * turn.im;
                let im = b.re * turn.im + b.im * turn.re;
                (*b, *a) = (
                    Complex { re: a.re - re, im: a.im - im },
                    Complex { re: a.re + re, im: a.im + im },
                );
            }
        }
        half *= 2;
    }
}

/// One number over another, exact for lengths of sound.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "counts of samples are far below 2^53")]
pub fn ratio(a: usize, b: usize) -> f64 {
    a as f64 / b as f64
}

/// The complex number of length 1 at so many turns.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "fewer digits are enough")]
pub fn unit(turns: f64) -> Complex {
    let (sin, cos) = (turns * std::f64::consts::TAU).sin_cos();
    Complex { re: cos as f32, im: sin as f32 }
}

/// A known sound, ready to be looked for.
#[derive(Clone, Debug)]
pub struct Template {
    spectrum: Vec<Complex>,
    energy: f32,
    length: usize,
}

/// Where a template fits best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// Index in the heard samples where the template begins.
    pub lag: usize,
    /// Normalised correlation there, -1 to 1.
    pub correlation: f32,
}

impl Template {
    /// For windows of `size` samples, a power of two not shorter than the sound.
    #[must_use]
    pub fn new(sound: &[f32], size: usize) -> Self {
        let mut spectrum = spectrum(sound, size);
        spectrum.iter_mut().for_each(|bin| bin.im = -bin.im);
        Self { spectrum, energy: energy(sound), length: sound.len() }
    }

    /// Looks at every lag of a window; the window counts as a ring. For a template shorter than
    /// the window only lags at which it lies inside are looked at, each against the energy there.
    #[must_use]
    pub fn fit(&self, window: &[f32]) -> Fit {
        let size = self.spectrum.len();
        let mut product = spectrum(window, size);
        for (bin, other) in product.iter_mut().zip(&self.spectrum) {
            *bin = Complex {
                re: bin.re * other.re - bin.im * other.im,
                im: bin.re * other.im + bin.im * other.re,
            };
        }
        transform(&mut product, true);
        let ring = self.length == size;
        let lags = if ring { size } else { size - self.length + 1 };
        let mut there = energy(&window[..self.length.min(window.len())]);
        let mut best = Fit { lag: 0, correlation: 0.0 };
        let scale = 1.0 / ratio(size, 1);
        for (lag, value) in product.iter().take(lags).enumerate() {
            // A silent place has no correlation worth a name: one step of A-law squared.
            let floor = 64.0 * 64.0 * self.length_f32();
            let norm = (self.energy * there.max(floor)).sqrt();
            let correlation = value.re * small(scale) / norm;
            if correlation > best.correlation {
                best = Fit { lag, correlation };
            }
            if !ring && lag + self.length < window.len() {
                let (gone, come) = (window[lag], window[lag + self.length]);
                there = (there + come * come - gone * gone).max(0.0);
            }
        }
        best
    }

    fn length_f32(&self) -> f32 {
        small(ratio(self.length, 1))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "fewer digits are enough")]
const fn small(value: f64) -> f32 {
    value as f32
}

fn energy(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum()
}

fn spectrum(samples: &[f32], size: usize) -> Vec<Complex> {
    let mut data: Vec<Complex> =
        samples.iter().take(size).map(|re| Complex { re: *re, im: 0.0 }).collect();
    data.resize(size, Complex::default());
    transform(&mut data, false);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_agrees_with_its_definition() {
        let data: Vec<Complex> =
            (0..16).map(|n| Complex { re: (n * n % 7) as f32, im: (n % 3) as f32 }).collect();
        let mut fast = data.clone();
        transform(&mut fast, false);
        for (k, got) in fast.iter().enumerate() {
            let mut want = Complex::default();
            for (n, value) in data.iter().enumerate() {
                let turn = unit(-ratio(n * k, 16));
                want.re += value.re * turn.re - value.im * turn.im;
                want.im += value.re * turn.im + value.im * turn.re;
            }
            assert!((got.re - want.re).abs() < 1e-3 && (got.im - want.im).abs() < 1e-3);
        }
    }

    #[test]
    fn a_sound_is_found_where_it_is_and_only_there() {
        let sound: Vec<f32> = (0..1000).map(|n| ((n * n) as f32 * 0.01).sin() * 1000.0).collect();
        let mut window = vec![3.0; 4096];
        window[1234..2234].copy_from_slice(&sound);
        let fit = Template::new(&sound, 4096).fit(&window);
        assert_eq!(fit.lag, 1234);
        assert!(fit.correlation > 0.99);
        assert!(Template::new(&sound, 4096).fit(&[100.0; 4096]).correlation < 0.3);
    }
}
