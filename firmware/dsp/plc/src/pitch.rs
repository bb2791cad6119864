//! The period of speech: where the last 20 ms are most like what came 5 to 15 ms before.

/// The shortest period in samples: 200 Hz. A higher voice is found at two or three of its periods.
pub const PITCH_MIN: usize = 40;
/// The longest period in samples: 66 Hz.
pub const PITCH_MAX: usize = 120;
/// Samples that are compared: 20 ms.
const COMPARED: usize = 160;
/// Samples that are looked at.
pub const WINDOW: usize = COMPARED + PITCH_MAX;
/// Samples that are summed side by side, as a processor does it.
const SIDE: usize = 8;
/// Less energy than this has no period: A-law idle.
const QUIET: f32 = 16.0 * 16.0 * COMPARED as f32;

/// A period, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pitch {
    /// Samples of a period, [`PITCH_MIN`] to [`PITCH_MAX`].
    pub samples: usize,
    /// How alike both periods are: 1 the same, 0 nothing in common or turned over.
    pub likeness: f32,
    /// The last 20 ms are hardly louder than an idle line.
    pub quiet: bool,
}

/// What is multiplied and summed.
fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; SIDE];
    for (a, b) in a.as_chunks::<SIDE>().0.iter().zip(b.as_chunks::<SIDE>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

/// Likeness of the last samples with those so many earlier, and the square of it as it is compared.
fn alike(window: &[f32], lag: usize, compared: usize) -> f32 {
    let (end, begin) = (window.len(), window.len() - compared);
    let (late, early) = (&window[begin..], &window[begin - lag..end - lag]);
    let together = product(late, early);
    if together <= 0.0 { 0.0 } else { together * together / product(early, early).max(1.0) }
}

/// The period of the last 20 ms of the window, by normalized cross-correlation: every second lag of
/// every second sample, then each lag beside the best.
#[must_use]
pub fn pitch(window: &[i16; WINDOW]) -> Pitch {
    let whole: [f32; WINDOW] = core::array::from_fn(|n| f32::from(window[n]));
    let half: [f32; WINDOW / 2] = core::array::from_fn(|n| whole[2 * n + 1]);
    let best = |lags: core::ops::RangeInclusive<usize>, sound: &[f32], compared: usize| {
        lags.fold((PITCH_MIN, -1.0), |best, lag| {
            let value = alike(sound, lag, compared);
            if value > best.1 { (lag, value) } else { best }
        })
    };
    let (coarse, _) = best(PITCH_MIN / 2..=PITCH_MAX / 2, &half, COMPARED / 2);
    let near = (2 * coarse - 1).max(PITCH_MIN)..=(2 * coarse + 1).min(PITCH_MAX);
    let (samples, value) = best(near, &whole, COMPARED);
    let last = &whole[WINDOW - COMPARED..];
    let energy = product(last, last);
    let likeness = libm::sqrtf((value.max(0.0) / energy.max(1.0)).min(1.0));
    Pitch { samples, likeness, quiet: energy <= QUIET }
}
