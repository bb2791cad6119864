//! A sound card's PCM by ALSA: its format, and moving frames without waiting.

use alsa::pcm::{Access, Format as Sample, Frames, HwParams, PCM};
use alsa::{Direction, ValueOr};
use units::Duration;

use crate::convert::Format;
use crate::flow::{Sink, Source, Trouble};
use crate::{Fault, Reason};

/// The period that is asked for: the card wakes the worker so often. It may give another.
pub const PERIOD: Duration = Duration::from_millis(4);
/// The buffer that is asked for: more than twice the longest latency.
const BUFFER: Duration = Duration::from_millis(128);
/// The rates of jacks, the better one first.
const RATES_HZ: [u32; 2] = [48_000, 44_100];

/// One direction of one PCM.
pub(crate) struct Pcm {
    pcm: PCM,
    format: Format,
}

fn frames(rate_hz: u32, time: Duration) -> Frames {
    Frames::try_from(u128::from(rate_hz) * time.as_micros() / 1_000_000).unwrap_or(Frames::MAX)
}

impl Pcm {
    /// Opens the PCM that ALSA calls `name` to hear.
    pub(crate) fn capture(name: &str) -> Result<Self, Fault> {
        let (pcm, format, period, boundary) = Self::open(name, Direction::Capture)?;
        Self::software(&pcm, period, boundary)?;
        Ok(Self { pcm, format })
    }

    /// Opens the PCM that ALSA calls `name` to speak. It wakes the worker when what is queued
    /// falls below `latency` less a period.
    pub(crate) fn playback(name: &str, latency: Duration) -> Result<Self, Fault> {
        let (pcm, format, period, boundary) = Self::open(name, Direction::Playback)?;
        let (_, buffer) = Self::sizes(&pcm)?;
        let low = (frames(format.rate_hz, latency) - period).max(period);
        Self::software(&pcm, (buffer - low).max(period), boundary)?;
        Ok(Self { pcm, format })
    }

    fn sizes(pcm: &PCM) -> Result<(Frames, Frames), Fault> {
        let current = pcm.hw_params_current()?;
        Ok((current.get_period_size()?, current.get_buffer_size()?))
    }

    fn open(name: &str, way: Direction) -> Result<(PCM, Format, Frames, Frames), Fault> {
        let pcm = PCM::new(name, way, true)?;
        let format = {
            let hw = HwParams::any(&pcm)?;
            // The resampler is ours, and steered.
            hw.set_rate_resample(false)?;
            hw.set_access(Access::RWInterleaved)?;
            hw.set_format(Sample::s16()).map_err(|_| Reason::Format)?;
            let rate = RATES_HZ.into_iter().find(|hz| hw.test_rate(*hz).is_ok());
            let channels = [1, 2].into_iter().find(|n| hw.test_channels(*n).is_ok());
            let (rate_hz, channels) =
                (rate.ok_or(Reason::Format)?, channels.ok_or(Reason::Format)?);
            hw.set_rate(rate_hz, ValueOr::Nearest)?;
            hw.set_channels(channels)?;
            hw.set_period_size_near(frames(rate_hz, PERIOD), ValueOr::Nearest)?;
            hw.set_buffer_size_near(frames(rate_hz, BUFFER))?;
            pcm.hw_params(&hw)?;
            Format { rate_hz, channels: u16::try_from(channels).map_err(|_| Reason::Format)? }
        };
        let (period, _) = Self::sizes(&pcm)?;
        let boundary = pcm.sw_params_current()?.get_boundary()?;
        Ok((pcm, format, period, boundary))
    }

    fn software(pcm: &PCM, wake_at: Frames, boundary: Frames) -> Result<(), Fault> {
        let sw = pcm.sw_params_current()?;
        sw.set_avail_min(wake_at)?;
        // Started by us, never by the first frame.
        sw.set_start_threshold(boundary)?;
        pcm.sw_params(&sw)?;
        Ok(())
    }

    /// Waits until there is something to do, at most `patience`.
    pub(crate) fn wait(&self, patience: Duration) -> Result<(), Trouble> {
        let ms = u32::try_from(patience.as_millis()).unwrap_or(u32::MAX);
        self.pcm.wait(Some(ms)).map(drop).map_err(trouble)
    }

    fn prepare(&self) -> Result<(), Trouble> {
        // It may be running, suspended or at rest: whatever it was, it is stopped now.
        let _ = self.pcm.drop();
        self.pcm.prepare().map_err(lost)
    }
}

fn trouble(fault: alsa::Error) -> Trouble {
    match fault.errno().abs() {
        // Under- or overrun; suspended and woken again.
        libc::EPIPE | libc::ESTRPIPE => Trouble::Xrun,
        _ => Trouble::Gone(fault.into()),
    }
}

/// While it is started, nothing is an xrun.
fn lost(fault: alsa::Error) -> Trouble {
    Trouble::Gone(fault.into())
}

/// Frames moved; none if the card has nothing or no room.
fn moved(result: alsa::Result<usize>) -> Result<usize, Trouble> {
    match result {
        Ok(frames) => Ok(frames),
        Err(fault) if fault.errno().abs() == libc::EAGAIN => Ok(0),
        Err(fault) => Err(trouble(fault)),
    }
}

impl Source for Pcm {
    fn format(&self) -> Format {
        self.format
    }

    fn start(&mut self) -> Result<(), Trouble> {
        self.prepare()?;
        self.pcm.start().map_err(lost)
    }

    fn read(&mut self, frames: &mut [i16]) -> Result<usize, Trouble> {
        moved(self.pcm.io_i16().and_then(|io| io.readi(frames)))
    }

    fn waiting(&mut self) -> Result<u32, Trouble> {
        let frames = self.pcm.avail().map_err(trouble)?;
        Ok(u32::try_from(frames).unwrap_or(0))
    }
}

impl Sink for Pcm {
    fn format(&self) -> Format {
        self.format
    }

    fn start(&mut self, silence: usize) -> Result<(), Trouble> {
        self.prepare()?;
        let silence = vec![0; silence * usize::from(self.format.channels)];
        moved(self.pcm.io_i16().and_then(|io| io.writei(&silence)))?;
        self.pcm.start().map_err(lost)
    }

    fn write(&mut self, frames: &[i16]) -> Result<usize, Trouble> {
        if frames.is_empty() {
            return Ok(0);
        }
        moved(self.pcm.io_i16().and_then(|io| io.writei(frames)))
    }

    fn queued(&mut self) -> Result<u32, Trouble> {
        let (_, delay) = self.pcm.avail_delay().map_err(trouble)?;
        Ok(u32::try_from(delay).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_that_is_not_there_is_missing() {
        let missing = Some(Fault { reason: Reason::Missing });
        assert_eq!(Pcm::capture("hw:250,0").err(), missing);
        assert_eq!(Pcm::playback("hw:250,0", Duration::from_millis(16)).err(), missing);
    }

    #[test]
    fn errors_of_a_running_card_are_told_apart() {
        let of = |errno| trouble(alsa::Error::new("readi", errno));
        assert_eq!((of(libc::EPIPE), of(-libc::ESTRPIPE)), (Trouble::Xrun, Trouble::Xrun));
        assert_eq!(of(libc::ENODEV), Trouble::Gone(Reason::Missing.into()));
        assert_eq!(moved(Err(alsa::Error::new("readi", libc::EAGAIN))), Ok(0));
        assert_eq!(of(libc::EIO), Trouble::Gone(Reason::System(libc::EIO).into()));
    }
}
