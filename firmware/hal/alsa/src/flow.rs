//! One direction of a jack: from the card to the ring or from the ring to the card, with the
//! resampler between and the drift that steers it. Knows no ALSA: tests put a simulated card here.
//!
//! ```text
//!   Capture    idle ──(line ticks)──► fill with silence to the target ──► flow ─┐
//!   Playback   idle ──(line ticks)──► start with the target of silence ─► flow ─┤
//!     ▲                                                        xrun: count ◄────┘
//!     └── the line stops ticking ──────────────────────────────────────────────┘
//! ```

use std::sync::atomic::{AtomicI32, Ordering};

use units::Instant;
use units::media::BLOCK_SAMPLES;

use crate::Fault;
use crate::convert::{Format, LINE_HZ, ToJack, ToLine};
use crate::drift::{Direction, Drift};
use crate::ends::{Tick, WorkerEnd, count};

/// Why a card did not move samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It ran dry or over; it can be started again.
    Xrun,
    /// It is lost.
    Gone(Fault),
}

/// A card that hears.
pub(crate) trait Source {
    fn format(&self) -> Format;
    /// Begins, or begins again after an overrun.
    fn start(&mut self) -> Result<(), Trouble>;
    /// Frames that are there, channels in turn, without waiting. Says how many frames.
    fn read(&mut self, frames: &mut [i16]) -> Result<usize, Trouble>;
    /// Frames heard and not yet read.
    fn waiting(&mut self) -> Result<u32, Trouble>;
}

/// A card that speaks.
pub(crate) trait Sink {
    fn format(&self) -> Format;
    /// Begins, or begins again after an underrun, with so many frames of silence.
    fn start(&mut self, silence: usize) -> Result<(), Trouble>;
    /// Takes frames, channels in turn, without waiting. Says how many frames.
    fn write(&mut self, frames: &[i16]) -> Result<usize, Trouble>;
    /// Frames written and not yet played.
    fn queued(&mut self) -> Result<u32, Trouble>;
}

/// Samples that one read takes, channels included.
const READ: usize = 2048;
/// Reads of one step: more than a card's whole buffer.
const READS: usize = 16;

/// Frames of so many samples of the line, at most of a quarter of a second; none if negative.
fn frames(format: Format, samples: f64) -> usize {
    let per_sample = f64::from(format.rate_hz) / f64::from(LINE_HZ);
    let frames = samples.clamp(0.0, 2000.0) * per_sample;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded")]
    let frames = frames.round() as usize;
    frames
}

fn tell_ppb(gauge: &AtomicI32, ppm: f64) {
    #[expect(clippy::cast_possible_truncation, reason = "within 500,000")]
    gauge.store((ppm * 1000.0) as i32, Ordering::Relaxed);
}

/// How much is in a ring, and the tick of the line that left it so.
fn settled(end: &WorkerEnd, length: impl Fn(&WorkerEnd) -> usize) -> (Tick, f64) {
    let (mut tick, mut blocks) = (end.shared.ticks.last(), length(end));
    for _ in 0..4 {
        let again = end.shared.ticks.last();
        if again == tick {
            break;
        }
        (tick, blocks) = (again, length(end));
    }
    // A ring has 127 blocks at most.
    (tick, f64::from(u32::try_from(blocks * BLOCK_SAMPLES).unwrap_or(0)))
}

/// From the card to the line.
pub(crate) struct Capture<S> {
    pub(crate) source: S,
    to_line: ToLine,
    drift: Drift,
    frames: Vec<i16>,
    started: bool,
    filled: bool,
    /// Frames to drop.
    skip: usize,
    starved: u32,
}

impl<S: Source> Capture<S> {
    /// `target`: samples that should be on the way.
    pub(crate) fn new(source: S, target: f64) -> Result<Self, Fault> {
        Ok(Self {
            to_line: ToLine::new(source.format())?,
            source,
            drift: Drift::new(Direction::Capture, target),
            frames: vec![0; READ],
            started: false,
            filled: false,
            skip: 0,
            starved: 0,
        })
    }

    /// Moves what there is. Says how many frames moved.
    pub(crate) fn step(
        &mut self,
        clock: impl Fn() -> Instant,
        alive: bool,
        end: &mut WorkerEnd,
    ) -> Result<usize, Trouble> {
        let moved = self.take(alive, end).inspect_err(|trouble| self.stumble(*trouble, end))?;
        if !alive {
            end.shared.flowing.store(false, Ordering::Relaxed);
            self.filled = false;
            return Ok(moved);
        }
        let starved = end.shared.starved.load(Ordering::Relaxed);
        let ran_dry = std::mem::replace(&mut self.starved, starved) != starved;
        if self.skip > 0 {
            return Ok(moved);
        }
        let waiting = self.source.waiting().inspect_err(|t| self.stumble(*t, end))?;
        let (tick, ring) = settled(end, |end| end.to_line.len());
        let on_card = self.source.format().line_samples(f64::from(waiting));
        let fill = ring + self.to_line.fill() + on_card - tick.samples_since(clock());
        if !self.filled || ran_dry {
            if self.filled {
                count(&end.shared.slips);
            }
            self.filled = true;
            end.shared.flowing.store(true, Ordering::Relaxed);
            self.slip(fill - self.drift.target(), end);
        } else if let Some(error) = self.drift.handle(clock(), fill) {
            count(&end.shared.slips);
            self.slip(error, end);
        }
        self.to_line.set_ppm(self.drift.ppm());
        tell_ppb(&end.shared.capture_ppb, self.drift.drift_ppm());
        Ok(moved)
    }

    fn take(&mut self, alive: bool, end: &mut WorkerEnd) -> Result<usize, Trouble> {
        if !self.started {
            self.source.start()?;
            self.started = true;
        }
        let channels = usize::from(self.source.format().channels);
        let mut moved = 0;
        for _ in 0..READS {
            let frames = self.source.read(&mut self.frames)?;
            moved += frames;
            let drop = std::mem::take(&mut self.skip);
            self.skip = drop.saturating_sub(frames);
            let kept = (drop.min(frames) * channels)..(frames * channels).min(READ);
            self.to_line.push(&self.frames[kept]);
            self.pass_on(alive, end);
            if frames * channels < READ {
                break;
            }
        }
        Ok(moved)
    }

    /// Puts the blocks that are whole into the ring.
    fn pass_on(&mut self, alive: bool, end: &mut WorkerEnd) {
        while let Some(block) = self.to_line.pull() {
            if alive && end.to_line.enqueue(block).is_err() {
                count(&end.shared.dropped);
            }
        }
    }

    /// Takes so many samples out of the way, or puts silence in.
    fn slip(&mut self, too_many: f64, end: &mut WorkerEnd) {
        let format = self.source.format();
        self.skip = frames(format, too_many);
        self.frames.fill(0);
        let mut silence = frames(format, -too_many) * usize::from(format.channels);
        while silence > 0 {
            let part = silence.min(READ);
            self.to_line.push(&self.frames[..part]);
            self.pass_on(true, end);
            silence -= part;
        }
        self.drift.refilled();
    }

    fn stumble(&mut self, trouble: Trouble, end: &WorkerEnd) {
        if trouble == Trouble::Xrun {
            count(&end.shared.xruns);
        }
        end.shared.flowing.store(false, Ordering::Relaxed);
        self.to_line.clear();
        (self.started, self.filled, self.skip) = (false, false, 0);
    }
}

/// From the line to the card.
pub(crate) struct Playback<S> {
    pub(crate) sink: S,
    to_jack: ToJack,
    drift: Drift,
    /// Frames that the card did not take yet.
    pending: Vec<i16>,
    running: bool,
    /// Frames to drop.
    skip: usize,
}

impl<S: Sink> Playback<S> {
    /// `target`: samples that should be on the way.
    pub(crate) fn new(sink: S, target: f64) -> Result<Self, Fault> {
        Ok(Self {
            to_jack: ToJack::new(sink.format())?,
            sink,
            drift: Drift::new(Direction::Playback, target),
            pending: Vec::with_capacity(1 << 15),
            running: false,
            skip: 0,
        })
    }

    /// Moves what there is. Says how many frames moved.
    pub(crate) fn step(
        &mut self,
        clock: impl Fn() -> Instant,
        alive: bool,
        end: &mut WorkerEnd,
    ) -> Result<usize, Trouble> {
        let done = self.attempt(clock, alive, end);
        if let Err(trouble) = done {
            // A line that is silent lets the card run dry: that is no fault of anybody.
            if trouble == Trouble::Xrun && alive && self.running {
                count(&end.shared.xruns);
            }
            self.running = false;
        }
        done
    }

    fn attempt(
        &mut self,
        clock: impl Fn() -> Instant,
        alive: bool,
        end: &mut WorkerEnd,
    ) -> Result<usize, Trouble> {
        if !self.running {
            while end.from_line.dequeue().is_some() {}
            if !alive {
                return Ok(0);
            }
            self.pending.clear();
            self.skip = 0;
            let since = end.shared.ticks.last().samples_since(clock());
            self.sink.start(frames(self.sink.format(), self.drift.target() - since))?;
            self.running = true;
            self.drift.refilled();
        }
        while let Some(block) = end.from_line.dequeue() {
            self.to_jack.convert(&block, &mut self.pending);
        }
        let channels = usize::from(self.sink.format().channels);
        let drop = self.skip.min(self.pending.len() / channels);
        self.pending.drain(..drop * channels);
        self.skip -= drop;
        let moved = self.write()?;
        if !alive || self.skip > 0 {
            return Ok(moved);
        }
        let queued = self.sink.queued()?;
        let (tick, ring) = settled(end, |end| end.from_line.len());
        let format = self.sink.format();
        let pending = self.pending.len() / channels;
        let on_card = f64::from(queued) + f64::from(u32::try_from(pending).unwrap_or(0));
        let fill = ring + tick.samples_since(clock()) + format.line_samples(on_card);
        if let Some(error) = self.drift.handle(clock(), fill) {
            count(&end.shared.slips);
            self.skip = frames(format, error);
            let silence = frames(format, -error) * channels;
            self.pending.resize(self.pending.len() + silence, 0);
            self.drift.refilled();
        }
        self.to_jack.set_ppm(self.drift.ppm());
        tell_ppb(&end.shared.playback_ppb, self.drift.drift_ppm());
        Ok(moved)
    }

    fn write(&mut self) -> Result<usize, Trouble> {
        let channels = usize::from(self.sink.format().channels);
        let written = self.sink.write(&self.pending)?;
        self.pending.drain(..(written * channels).min(self.pending.len()));
        // A card that takes nothing is found out by the worker; until then keep the newest.
        let most = self.pending.capacity() / 2;
        let old = self.pending.len().saturating_sub(most) / channels * channels;
        self.pending.drain(..old);
        Ok(written)
    }
}

#[cfg(test)]
#[path = "flow_tests.rs"]
mod tests;
