//! Lost packets: which, what is heard in their place, and how far it is from what was said.

use std::f64::consts::PI;

use progress_test::{Random, line, speech};

use crate::detect::material;

/// Samples of a frame that is lost: 10 ms.
pub const FRAME: usize = 80;
/// Samples of a spectrum: 32 ms, every 10 ms.
const SPECTRUM: usize = 256;
/// Sound below this level (mean square of 16 bits) is not looked at: −48 dBm0 or so.
const QUIET: f64 = 1600.0;

/// How packets are lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Losses {
    /// Each by itself.
    Random,
    /// Three in a row in the mean.
    Bursts,
}

/// Which of so many frames are lost, at this rate; the first 30 are not.
#[must_use]
pub fn lost(frames: usize, rate: f64, losses: Losses, seed: u64) -> Vec<bool> {
    let mut random = Random(seed);
    // To go on, and to begin, so that the rate comes out.
    let (go_on, begin) = match losses {
        Losses::Random => (rate, rate),
        Losses::Bursts => (2.0 / 3.0, rate / (1.0 - rate) / 3.0),
    };
    let mut last = false;
    let mut one = |n: usize| {
        last = n >= 30 && random.uniform() < if last { go_on } else { begin };
        last
    };
    (0..frames).map(&mut one).collect()
}

/// What is heard, without its delay, by ours.
#[must_use]
pub fn ours(sound: &[i16], lost: &[bool]) -> Vec<i16> {
    let mut concealer = dsp_plc::Concealer::new();
    let mut out = sound.to_vec();
    for (frame, lost) in out.chunks_exact_mut(FRAME).zip(lost) {
        if *lost { concealer.lost(frame) } else { concealer.arrived(frame) }
    }
    out.drain(..dsp_plc::DELAY);
    out
}

/// What is heard by spandsp.
#[must_use]
pub fn theirs(sound: &[i16], lost: &[bool]) -> Vec<i16> {
    let mut out = sound.to_vec();
    let Some(mut concealer) = spandsp_peer::plc::Concealer::new() else { return out };
    for (frame, lost) in out.chunks_exact_mut(FRAME).zip(lost) {
        if *lost { concealer.lost(frame) } else { concealer.arrived(frame) }
    }
    out
}

/// What is heard if nothing stands in the place of what is lost.
#[must_use]
pub fn silence(sound: &[i16], lost: &[bool]) -> Vec<i16> {
    let mut out = sound.to_vec();
    for (frame, _) in out.chunks_exact_mut(FRAME).zip(lost).filter(|(_, lost)| **lost) {
        frame.fill(0);
    }
    out
}

/// How far what is heard is from what was said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Distance {
    snr: f64,
    frames: f64,
    spectral: f64,
    spectra: f64,
}

impl Distance {
    /// Signal to noise of frames that are lost, in dB: the mean, each between −10 and 35.
    #[must_use]
    pub fn snr_db(&self) -> f64 {
        self.snr / self.frames
    }

    /// Root mean square of the difference of logarithmic spectra of 32 ms in which something is
    /// lost, 200 to 3400 Hz, in dB: the mean.
    #[must_use]
    pub fn spectral_db(&self) -> f64 {
        self.spectral / self.spectra
    }

    /// Counts one piece of sound in.
    pub fn add(&mut self, said: &[i16], heard: &[i16], lost: &[bool]) {
        let frames = said.chunks_exact(FRAME).zip(heard.chunks_exact(FRAME)).zip(lost);
        for ((said, heard), _) in frames.filter(|(_, lost)| **lost) {
            if energy(said) < QUIET {
                continue;
            }
            let noise =
                said.iter().zip(heard).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2));
            let snr = 10.0 * (energy(said) * 80.0 / (noise.sum::<f64>() + 1.0)).log10();
            self.snr += snr.clamp(-10.0, 35.0);
            self.frames += 1.0;
        }
        let count = said.len().min(heard.len());
        for from in (0..count.saturating_sub(SPECTRUM)).step_by(FRAME) {
            let here = from / FRAME..=(from + SPECTRUM - 1) / FRAME;
            let range = from..from + SPECTRUM;
            if !here.clone().any(|n| lost.get(n) == Some(&true))
                || energy(&said[range.clone()]) < QUIET
            {
                continue;
            }
            let (a, b) = (spectrum(&said[range.clone()]), spectrum(&heard[range]));
            let sum: f64 = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum();
            self.spectral += (sum / 103.0).sqrt();
            self.spectra += 1.0;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of samples")]
fn energy(sound: &[i16]) -> f64 {
    sound.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / sound.len() as f64
}

/// Levels at 200 to 3400 Hz in dB, what is 60 dB below 16 bits the least.
fn spectrum(sound: &[i16]) -> Vec<f64> {
    let windowed: Vec<f64> = sound
        .iter()
        .zip(0..)
        .map(|(s, n)| f64::from(*s) * (0.5 - 0.5 * (2.0 * PI * f64::from(n) / 256.0).cos()))
        .collect();
    let bin = |k: i32| {
        // Goertzel: one bin by itself.
        let turn = 2.0 * (2.0 * PI * f64::from(k) / 256.0).cos();
        let (a, b) = windowed.iter().fold((0.0, 0.0), |(a, b), s| (s + turn * a - b, a));
        10.0 * (a * a + b * b - turn * a * b).max(1e6).log10()
    };
    (6..109).map(bin).collect()
}

/// Speech: recorded prompts, some of them, and Mandarin of espeak-ng, all of one loudness.
///
/// # Errors
/// espeak-ng is not there or says nothing.
pub fn speeches(step: usize) -> Result<Vec<Vec<i16>>, String> {
    let files = material::files(material::PROMPTS);
    let mut all: Vec<_> = files.iter().step_by(step).filter_map(|p| material::read(p)).collect();
    for (voice, pitch) in [("cmn", "30"), ("cmn+f2", "60"), ("cmn+m3", "45"), ("cmn+f4", "80")] {
        let text = "您好,欢迎致电。请直接拨分机号,查号请拨零。现在无人接听,请稍后再拨。";
        let mut said = speech::spoken(&["-v", voice, "-p", pitch, "-s", "140", text])?;
        progress_test::level(&mut said, -18.0);
        all.push(said.iter().map(|s| line(*s)).collect());
    }
    Ok(all)
}

/// Of all speech at one rate: ours, spandsp, silence.
#[must_use]
pub fn distances(all: &[Vec<i16>], rate: f64, losses: Losses) -> [Distance; 3] {
    let mut found = [Distance::default(); 3];
    for (sound, seed) in all.iter().zip(1..) {
        let which = lost(sound.len() / FRAME, rate, losses, seed);
        for (found, how) in found.iter_mut().zip([ours, theirs, silence]) {
            found.add(sound, &how(sound, &which), &which);
        }
    }
    found
}
