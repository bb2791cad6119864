//! Between the jack's frames and the line's blocks: channels, rate, and the card's drift.
//!
//! ```text
//!   ToLine   frames of 1 or 2 channels ──► mean ──► 48 or 44.1 kHz to 8 kHz ──► blocks of 16
//!   ToJack   blocks of 16 ──► 8 kHz to 48 or 44.1 kHz ──► the same on every channel
//! ```
//!
//! The filter is rubato's windowed sinc, whose ratio may change at any block.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};
use units::media::BLOCK_SAMPLES;

use crate::drift::BOUND_PPM;
use crate::{Fault, Reason};

/// Samples of one block at 8 kHz, 16 bits.
pub type Block = [i16; BLOCK_SAMPLES];

/// The line's rate, in Hz.
pub const LINE_HZ: u32 = 8000;

/// What a jack's frames are like; samples have 16 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Format {
    /// Frames a second, as the card calls it: 44,100 or 48,000.
    pub rate_hz: u32,
    /// 1 or 2.
    pub channels: u16,
}

impl Format {
    /// Frames to samples at 8 kHz.
    #[must_use]
    pub fn line_samples(self, frames: f64) -> f64 {
        frames * f64::from(LINE_HZ) / f64::from(self.rate_hz)
    }

    /// Samples at 8 kHz to frames, to the next whole one.
    #[must_use]
    pub fn frames(self, line_samples: u32) -> usize {
        let frames = u64::from(line_samples) * u64::from(self.rate_hz) / u64::from(LINE_HZ);
        usize::try_from(frames).unwrap_or(usize::MAX)
    }
}

/// Frames of a jack for one block at most, with room for the ratio to move.
const MOST_FRAMES: usize = 128;

/// A filter of `taps` at the rate that goes in. The window's narrow transition leaves 3.4 kHz whole
/// (both ways together lose 0.2 dB there); its side lobes are 74 dB down.
///
/// Between its `phases` it is interpolated in straight lines: at 3.4 kHz their error is 97 dB down.
fn resampler(
    ratio: f64,
    taps: usize,
    phases: usize,
    fixed: FixedAsync,
) -> Result<Async<f32>, Fault> {
    let parameters = SincInterpolationParameters {
        sinc_len: taps,
        f_cutoff: None,
        oversampling_factor: phases,
        interpolation: SincInterpolationType::Linear,
        window: WindowFunction::Blackman,
    };
    let most = 1.0 + 2.0 * BOUND_PPM * 1e-6;
    Async::new_sinc(ratio, most, &parameters, BLOCK_SAMPLES, 1, fixed)
        .map_err(|_| Reason::Format.into())
}

fn set_ratio(resampler: &mut Async<f32>, relative: f64) {
    if let Some(adjustable) = resampler.as_adjustable() {
        // Within the bounds that it was made for.
        let _ = adjustable.set_resample_ratio_relative(relative, true);
    }
}

fn sample(value: f32) -> i16 {
    let scaled = (value * 32768.0).round().clamp(-32768.0, 32767.0);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range")]
    let sample = scaled as i16;
    sample
}

/// From the jack to the line.
pub struct ToLine {
    resampler: Async<f32>,
    format: Format,
    waiting: Vec<f32>,
}

impl ToLine {
    /// Frames that may wait for the filter.
    const ROOM: usize = 8192;

    /// For frames of this format.
    ///
    /// # Errors
    /// [`Reason::Format`] if the rate or the channels make no sense.
    pub fn new(format: Format) -> Result<Self, Fault> {
        check(format)?;
        let ratio = f64::from(LINE_HZ) / f64::from(format.rate_hz);
        // 43 periods of the line's rate: 5 ms.
        let resampler = resampler(ratio, 256, 64, FixedAsync::Output)?;
        Ok(Self { resampler, format, waiting: Vec::with_capacity(Self::ROOM) })
    }

    /// The card's clock runs `ppm` faster than the line's.
    pub fn set_ppm(&mut self, ppm: f64) {
        set_ratio(&mut self.resampler, 1.0 / (1.0 + ppm * 1e-6));
    }

    /// Takes frames in, channels in turn. What does not fit is lost: pull first.
    pub fn push(&mut self, frames: &[i16]) {
        let scale = 1.0 / (32768.0 * f32::from(self.format.channels));
        for frame in frames.chunks_exact(usize::from(self.format.channels)) {
            if self.waiting.len() < Self::ROOM {
                let sum: i32 = frame.iter().map(|sample| i32::from(*sample)).sum();
                // Two samples of 16 bits fit the 24 bits of the mantissa.
                #[expect(clippy::cast_precision_loss, reason = "17 bits fit")]
                self.waiting.push(sum as f32 * scale);
            }
        }
    }

    /// The next block, if enough frames wait.
    pub fn pull(&mut self) -> Option<Block> {
        let needed = self.resampler.input_frames_next();
        let input = InterleavedSlice::new(self.waiting.get(..needed)?, 1, needed).ok()?;
        let mut out = [0.0; BLOCK_SAMPLES];
        let mut output = InterleavedSlice::new_mut(&mut out, 1, BLOCK_SAMPLES).ok()?;
        self.resampler.process_into_buffer(&input, &mut output, None).ok()?;
        self.waiting.drain(..needed);
        Some(out.map(sample))
    }

    /// What waits for the filter, in samples at 8 kHz.
    #[must_use]
    pub fn fill(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        self.format.line_samples(self.waiting.len() as f64)
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.waiting.clear();
    }
}

/// From the line to the jack.
pub struct ToJack {
    resampler: Async<f32>,
    format: Format,
    output: Vec<f32>,
}

impl ToJack {
    /// For frames of this format.
    ///
    /// # Errors
    /// [`Reason::Format`] if the rate or the channels make no sense.
    pub fn new(format: Format) -> Result<Self, Fault> {
        check(format)?;
        let ratio = f64::from(format.rate_hz) / f64::from(LINE_HZ);
        let resampler = resampler(ratio, 64, 256, FixedAsync::Input)?;
        let output = vec![0.0; resampler.output_frames_max().max(MOST_FRAMES)];
        Ok(Self { resampler, format, output })
    }

    /// The card's clock runs `ppm` faster than the line's.
    pub fn set_ppm(&mut self, ppm: f64) {
        set_ratio(&mut self.resampler, 1.0 + ppm * 1e-6);
    }

    /// Makes frames of a block and puts them behind `frames`, channels in turn.
    pub fn convert(&mut self, block: &Block, frames: &mut Vec<i16>) {
        let scaled = block.map(|sample| f32::from(sample) / 32768.0);
        let room = self.output.len();
        let made = InterleavedSlice::new(&scaled, 1, BLOCK_SAMPLES).ok().and_then(|input| {
            let mut output = InterleavedSlice::new_mut(&mut self.output, 1, room).ok()?;
            Some(self.resampler.process_into_buffer(&input, &mut output, None).ok()?.1)
        });
        for value in self.output.iter().take(made.unwrap_or(0)) {
            let value = sample(*value);
            frames.extend(std::iter::repeat_n(value, usize::from(self.format.channels)));
        }
    }
}

fn check(format: Format) -> Result<(), Fault> {
    let good = matches!(format.rate_hz, 44_100 | 48_000) && matches!(format.channels, 1 | 2);
    if good { Ok(()) } else { Err(Reason::Format.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [Format; 3] = [
        Format { rate_hz: 48_000, channels: 2 },
        Format { rate_hz: 48_000, channels: 1 },
        Format { rate_hz: 44_100, channels: 2 },
    ];

    /// A tone through both filters; what the line hears after they have filled.
    fn through(format: Format, hz: f64, ppm: f64) -> Vec<f64> {
        let mut to_jack = ToJack::new(format).unwrap();
        let mut to_line = ToLine::new(format).unwrap();
        to_jack.set_ppm(ppm);
        to_line.set_ppm(ppm);
        let (mut heard, mut frames) = (vec![], vec![]);
        for number in 0..1000u32 {
            let mut block = [0; BLOCK_SAMPLES];
            for (at, value) in (number * 16..).zip(&mut block) {
                let phase = f64::from(at) * hz / 8000.0 * std::f64::consts::TAU;
                #[expect(clippy::cast_possible_truncation, reason = "10,000 at most")]
                let rounded = (10_000.0 * phase.sin()).round() as i16;
                *value = rounded;
            }
            frames.clear();
            to_jack.convert(&block, &mut frames);
            to_line.push(&frames);
            while let Some(block) = to_line.pull() {
                heard.extend(block.map(f64::from));
            }
        }
        heard.split_off(4000)
    }

    /// Amplitude of the tone, and the level of the rest below it in dB.
    fn tone_and_rest(heard: &[f64], hz: f64) -> (f64, f64) {
        let (mut sines, mut cosines, mut all) = (0.0, 0.0, 0.0);
        // Whole periods: 8000 samples.
        for (at, value) in (0u32..).zip(&heard[..8000]) {
            let phase = f64::from(at) * hz / 8000.0 * std::f64::consts::TAU;
            sines += value * phase.sin() / 4000.0;
            cosines += value * phase.cos() / 4000.0;
            all += value * value;
        }
        let amplitude = sines.hypot(cosines);
        let tone = amplitude * amplitude * 4000.0;
        (amplitude, 10.0 * (tone / (all - tone)).log10())
    }

    #[test]
    fn a_tone_of_1_khz_comes_back_clean_at_every_rate_and_drift() {
        for format in FORMATS {
            for ppm in [0.0, -200.0, 137.0] {
                let (amplitude, snr_db) = tone_and_rest(&through(format, 1000.0, ppm), 1000.0);
                assert!((amplitude / 10_000.0 - 1.0).abs() < 0.01, "{format:?} {amplitude}");
                assert!(snr_db > 80.0, "{format:?} {ppm} ppm: {snr_db:.1} dB");
            }
        }
    }

    #[test]
    fn what_a_telephone_lets_through_comes_through() {
        for format in FORMATS {
            for hz in [300.0, 2000.0, 3000.0, 3400.0] {
                let (amplitude, _) = tone_and_rest(&through(format, hz, 0.0), hz);
                let loss_db = -20.0 * (amplitude / 10_000.0).log10();
                assert!(loss_db.abs() < 0.5, "{format:?} {hz} Hz: {loss_db:.2} dB");
            }
        }
    }

    #[test]
    fn what_a_line_cannot_carry_does_not_fold_into_it() {
        let mut to_line = ToLine::new(FORMATS[1]).unwrap();
        let frames: Vec<i16> = (0..48_000u32)
            .map(|at| {
                let phase = f64::from(at) * 7000.0 / 48_000.0 * std::f64::consts::TAU;
                #[expect(clippy::cast_possible_truncation, reason = "10,000 at most")]
                let rounded = (10_000.0 * phase.sin()).round() as i16;
                rounded
            })
            .collect();
        let mut heard = vec![];
        for part in frames.chunks(480) {
            to_line.push(part);
            while let Some(block) = to_line.pull() {
                heard.extend(block);
            }
        }
        let loudest = heard[1000..].iter().map(|value| value.unsigned_abs()).max();
        assert!(loudest < Some(10), "7 kHz is heard as {loudest:?}");
    }

    #[test]
    fn two_channels_are_heard_as_their_mean_and_loud_ones_do_not_wrap() {
        let mut to_line = ToLine::new(FORMATS[0]).unwrap();
        for (left, right, expected) in [(8000, 4000, 6000), (32_767, 32_767, 32_767)] {
            let mut last = 0;
            for _ in 0..200 {
                to_line.push(&[[left, right]; 96].concat());
                while let Some(block) = to_line.pull() {
                    last = block[15];
                }
            }
            assert!((i32::from(last) - expected).abs() < 20, "{last} for {left}, {right}");
        }
    }

    #[test]
    fn the_ratio_follows_the_drift() {
        for ppm in [-500.0, -200.0, 0.0, 500.0] {
            let mut to_jack = ToJack::new(FORMATS[1]).unwrap();
            to_jack.set_ppm(ppm);
            let mut frames = vec![];
            // The ratio moves within the first blocks.
            for _ in 0..100 {
                to_jack.convert(&[0; BLOCK_SAMPLES], &mut frames);
            }
            frames.clear();
            for _ in 0..50_000 {
                to_jack.convert(&[0; BLOCK_SAMPLES], &mut frames);
            }
            let expected = 4_800_000.0 * (1.0 + ppm * 1e-6);
            #[expect(clippy::cast_precision_loss, reason = "five million")]
            let made = frames.len() as f64;
            assert!((made - expected).abs() < 3.0, "{made} frames, {expected} expected");
        }
    }

    #[test]
    fn a_format_that_no_jack_has_is_refused() {
        for format in [Format { rate_hz: 0, channels: 1 }, Format { rate_hz: 48_000, channels: 0 }]
        {
            assert!(ToLine::new(format).is_err() && ToJack::new(format).is_err());
        }
    }
}
