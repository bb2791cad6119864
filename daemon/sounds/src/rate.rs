//! From the rate of a file to the line's.

use audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

use crate::Fault;

/// The line's rate, in Hz.
const LINE_HZ: u32 = 8000;
/// Samples that the filter takes at a time.
const PIECE: usize = 1024;

/// A filter that brings samples to 8 kHz. It begins with the first sample and ends with the last:
/// its own delay is cut off.
pub(crate) struct To8kHz {
    /// None where the rate is the line's.
    resampler: Option<Async<f32>>,
    waiting: Vec<f32>,
    made: Vec<f32>,
    /// Samples of its delay that are still to be left out.
    early: usize,
    taken: u64,
    given: u64,
    rate_hz: u32,
}

fn refused(fault: impl std::fmt::Display) -> Fault {
    Fault::Format(fault.to_string())
}

impl To8kHz {
    pub(crate) fn new(rate_hz: u32) -> Result<Self, Fault> {
        if !(4000..=384_000).contains(&rate_hz) {
            return Err(Fault::Format(format!("{rate_hz} samples a second")));
        }
        let parameters = SincInterpolationParameters {
            sinc_len: 256,
            f_cutoff: None,
            oversampling_factor: 128,
            interpolation: SincInterpolationType::Cubic,
            window: WindowFunction::Blackman,
        };
        let ratio = f64::from(LINE_HZ) / f64::from(rate_hz);
        let resampler = match rate_hz {
            LINE_HZ => None,
            _ => Some(
                Async::new_sinc(ratio, 1.0, &parameters, PIECE, 1, FixedAsync::Input)
                    .map_err(refused)?,
            ),
        };
        let made = vec![0.0; resampler.as_ref().map_or(0, Resampler::output_frames_max)];
        let early = resampler.as_ref().map_or(0, Resampler::output_delay);
        Ok(Self { resampler, waiting: vec![], made, early, taken: 0, given: 0, rate_hz })
    }

    /// Takes samples from −1 to 1 in and puts what they make behind `out`, in 16 bits.
    pub(crate) fn push(&mut self, mono: &[f32], out: &mut Vec<i16>) -> Result<(), Fault> {
        self.taken += mono.len() as u64;
        self.filter(mono, out)
    }

    fn filter(&mut self, mono: &[f32], out: &mut Vec<i16>) -> Result<(), Fault> {
        let Some(resampler) = &mut self.resampler else {
            self.given += mono.len() as u64;
            out.extend(mono.iter().map(|value| sample(*value)));
            return Ok(());
        };
        self.waiting.extend_from_slice(mono);
        let mut from = 0;
        while self.waiting.len() - from >= PIECE {
            let piece = &self.waiting[from..from + PIECE];
            let input = InterleavedSlice::new(piece, 1, PIECE).map_err(refused)?;
            let room = self.made.len();
            let mut output = InterleavedSlice::new_mut(&mut self.made, 1, room).map_err(refused)?;
            let done = resampler.process_into_buffer(&input, &mut output, None);
            let (_, count) = done.map_err(refused)?;
            let early = self.early.min(count);
            self.early -= early;
            self.given += (count - early) as u64;
            out.extend(self.made[early..count].iter().map(|value| sample(*value)));
            from += PIECE;
        }
        self.waiting.drain(..from);
        Ok(())
    }

    /// The end of the file: what is still in the filter comes out.
    pub(crate) fn end(&mut self, out: &mut Vec<i16>) -> Result<(), Fault> {
        let wanted = self.taken * u64::from(LINE_HZ) / u64::from(self.rate_hz);
        while self.given < wanted {
            self.filter(&[0.0; PIECE], out)?;
        }
        let beyond = usize::try_from(self.given - wanted).unwrap_or(0);
        out.truncate(out.len().saturating_sub(beyond));
        Ok(())
    }
}

fn sample(value: f32) -> i16 {
    let scaled = (value * 32768.0).round().clamp(-32768.0, 32767.0);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range")]
    let sample = scaled as i16;
    sample
}
