//! What a canceller takes away and what it leaves, in decibels.

use dsp_echo::Tail;

use super::peers::{Cancels, Maker, linear};
use super::signals::{SECOND, css, speech};
use super::{MODELS, Path, Sound};

/// Level of both ends.
pub const LEVEL_DBM0: f64 = -15.0;
/// Loss of the hybrids.
pub const LOSS_DB: f64 = 10.0;
/// Delays before the hybrids.
pub const DELAYS_MS: [usize; 3] = [0, 20, 40];

/// 10 log of a ratio of energies.
#[must_use]
pub fn decibels(above: f64, below: f64) -> f64 {
    10.0 * (above.max(1e-9) / below.max(1e-9)).log10()
}

/// Sum of squares.
#[must_use]
pub fn energy(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum()
}

/// Sum of squares of the difference.
#[must_use]
pub fn difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Mean level in dBm0.
#[must_use]
pub fn level(samples: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let mean = energy(samples) / samples.len().max(1) as f64;
    decibels(mean, 260_524_900.0)
}

/// The signals of both ends.
#[derive(Clone, Debug)]
pub struct Ends {
    css: Vec<f64>,
    far: Vec<f64>,
    near: Vec<f64>,
}

/// Seconds of a run.
const RUN: usize = 10;
/// The near end speaks from the fifth second to the ninth.
const TALK: std::ops::Range<usize> = 5 * SECOND..9 * SECOND;

impl Ends {
    /// Makes them.
    ///
    /// # Errors
    /// espeak-ng is not there.
    pub fn new() -> Result<Self, String> {
        Ok(Self {
            css: css(RUN * SECOND, LEVEL_DBM0),
            far: speech(false, RUN * SECOND, LEVEL_DBM0)?,
            near: speech(true, TALK.len(), LEVEL_DBM0)?,
        })
    }

    /// Ten seconds over one path: composite signal, speech, and composite with double talk.
    #[must_use]
    pub fn over(&self, path: &Path) -> [Sound; 3] {
        let mut near = vec![0.0; TALK.start];
        near.extend(&self.near);
        [(&self.css, &vec![]), (&self.far, &vec![]), (&self.css, &near)].map(|(far, near)| {
            let mut sound = Sound::default();
            sound.push(&mut path.clone(), far, near);
            sound
        })
    }

    /// What the time is measured with: speech and double talk.
    #[must_use]
    pub fn busy(&self) -> Sound {
        let mut path = Path::new(&MODELS[3], 20, LOSS_DB);
        let mut sound = Sound::default();
        let mut near = vec![0.0; TALK.start];
        near.extend(&self.near);
        sound.push(&mut path, &self.far, &near);
        sound
    }
}

/// One path, one canceller.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Of the composite signal, seconds 7 to 10.
    pub erle: f64,
    /// Of the 350 ms from the first second on.
    pub erle_1s: f64,
    /// Until 200 ms have 20 dB.
    pub ms_to_20: f64,
    /// Of speech, seconds 5 to 10.
    pub erle_speech: f64,
    /// Of 700 ms behind the double talk.
    pub after: f64,
    /// Near end to all else, in the double talk.
    pub near: f64,
    /// Of the composite signal, each 100 ms.
    pub curve: Vec<f64>,
}

fn erle(sound: &Sound, left: &[f64], range: std::ops::Range<usize>) -> f64 {
    decibels(energy(&sound.echo[range.clone()]), energy(&left[range]))
}

/// Measures one canceller on one path.
#[must_use]
pub fn figures(sounds: &[Sound; 3], make: Maker) -> Figures {
    let [far, speech, talk] = [0, 1, 2].map(|n| sounds[n].through(&mut *make()));
    let windows = (0..(RUN * SECOND - 1600) / 80).map(|n| n * 80);
    let first = windows.into_iter().find(|n| erle(&sounds[0], &far, *n..n + 1600) >= 20.0);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of ten seconds")]
    let ms_to_20 = first.map_or(10_000.0, |n| (n + 1600) as f64 / 8.0);
    let after = TALK.end + 80..TALK.end + 5680;
    Figures {
        erle: erle(&sounds[0], &far, 7 * SECOND..RUN * SECOND),
        erle_1s: erle(&sounds[0], &far, SECOND..SECOND + 2800),
        ms_to_20,
        erle_speech: erle(&sounds[1], &speech, 5 * SECOND..RUN * SECOND),
        after: erle(&sounds[2], &talk, after),
        near: decibels(
            energy(&sounds[2].near[TALK]),
            difference(&talk[TALK], &sounds[2].near[TALK]),
        ),
        curve: (0..RUN * 10 - 3).map(|n| erle(&sounds[0], &far, n * 800..n * 800 + 2800)).collect(),
    }
}

/// All paths of the bench.
pub fn paths() -> impl Iterator<Item = (String, Path)> {
    DELAYS_MS.into_iter().flat_map(|delay| {
        let path = move |model: &super::Model| {
            (format!("{} +{delay} ms", model.name), Path::new(model, delay, LOSS_DB))
        };
        MODELS.iter().map(path)
    })
}

/// Mean and worst of some figure; the worst is the least.
#[must_use]
pub fn mean_min(all: &[Figures], of: impl Fn(&Figures) -> f64) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "a few paths")]
    let mean = all.iter().map(&of).sum::<f64>() / all.len().max(1) as f64;
    (mean, all.iter().map(of).fold(f64::INFINITY, f64::min))
}

/// A canceller of ours that has heard so many seconds of composite signal over a path.
#[must_use]
pub fn converged(path: &mut Path, seconds: usize) -> dsp_echo::Canceller {
    let mut sound = Sound::default();
    sound.push(path, &css(seconds * SECOND, LEVEL_DBM0), &[]);
    let mut canceller = linear(Tail::Ms64);
    let all: &mut dyn Cancels = &mut canceller;
    sound.through(all);
    canceller
}
