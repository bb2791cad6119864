//! The two ends of a jack's rings, and what they share: the line's end, which never waits, and the
//! worker's.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::thread::JoinHandle;

use heapless::spsc::{Consumer, Producer, Queue};
use units::media::BLOCK_SAMPLES;
use units::{Instant, LinearBlock};

use crate::convert::{Block, Format};
use crate::{Fault, Reason};

/// Blocks of a ring, one less than it says: 254 ms, more than twice the longest latency.
const RING: usize = 128;
/// Events that wait for the control thread; more are dropped.
const EVENTS: usize = 16;

/// What happens at a jack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// It sounds, for the first time or again.
    Up(Format),
    /// It does not; it is tried again twice a second.
    Down(Fault),
}

/// What a jack has counted since it was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// The card ran dry or over.
    pub xruns: u32,
    /// Sound was dropped or silence put in because the way ran dry or over.
    pub slips: u32,
    /// Ticks of the line for which nothing had come, the time after the start excepted.
    pub starved: u32,
    /// Blocks of the line for which there was no room.
    pub dropped: u32,
    /// How fast the card's clock runs against the line's by what is captured, in ppb.
    pub capture_ppb: i32,
    /// The same by what is played, in ppb.
    pub playback_ppb: i32,
}

/// The time and number of the line's last tick in one word, so that both are of the same tick:
/// number above, microseconds below, each modulo 2^32.
#[derive(Debug, Default)]
pub(crate) struct Ticks(AtomicU64);

/// A tick of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tick {
    pub(crate) number: u32,
    us: u32,
}

impl Ticks {
    fn mark(&self, now: Instant) {
        // Only the line thread writes.
        let number = (self.0.load(Ordering::Relaxed) >> 32).wrapping_add(1);
        self.0.store(number << 32 | now.0 & 0xFFFF_FFFF, Ordering::Release);
    }

    pub(crate) fn last(&self) -> Tick {
        let both = self.0.load(Ordering::Acquire).to_le_bytes();
        let [a, b, c, d, e, f, g, h] = both;
        Tick { number: u32::from_le_bytes([e, f, g, h]), us: u32::from_le_bytes([a, b, c, d]) }
    }
}

impl Tick {
    /// Samples of the line since this tick; no more than those of two ticks.
    pub(crate) fn samples_since(self, now: Instant) -> f64 {
        let low = u32::try_from(now.0 & 0xFFFF_FFFF).unwrap_or(0);
        let since = low.wrapping_sub(self.us).cast_signed().clamp(0, 4000);
        f64::from(since) * 0.008
    }
}

/// What all threads of a jack see.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) ticks: Ticks,
    pub(crate) stop: AtomicBool,
    /// Sound comes: an empty ring is worth counting.
    pub(crate) flowing: AtomicBool,
    pub(crate) xruns: AtomicU32,
    pub(crate) slips: AtomicU32,
    pub(crate) starved: AtomicU32,
    pub(crate) dropped: AtomicU32,
    pub(crate) capture_ppb: AtomicI32,
    pub(crate) playback_ppb: AtomicI32,
}

pub(crate) fn count(counter: &AtomicU32) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// The line thread's end: never waits, never allocates, makes no system call.
pub struct LineEnd {
    from_jack: Consumer<'static, Block>,
    to_jack: Producer<'static, Block>,
    shared: Arc<Shared>,
}

impl LineEnd {
    /// One tick: gives the block to be played and takes the one that was heard; silence if there
    /// is none. A jack of one direction ignores the other.
    ///
    /// `now` is of the clock that the jack was opened with.
    pub fn exchange(&mut self, now: Instant, play: &LinearBlock) -> LinearBlock {
        let samples = self.turn(now, &play.samples).unwrap_or([0; BLOCK_SAMPLES]);
        LinearBlock { samples, ..LinearBlock::SILENCE }
    }

    /// The same on plain samples; `None`: nothing came.
    pub(crate) fn turn(&mut self, now: Instant, play: &Block) -> Option<Block> {
        let heard = self.from_jack.dequeue();
        if self.to_jack.enqueue(*play).is_err() {
            count(&self.shared.dropped);
        }
        self.shared.ticks.mark(now);
        if heard.is_none() && self.shared.flowing.load(Ordering::Relaxed) {
            count(&self.shared.starved);
        }
        heard
    }
}

/// What is watched of a jack, by whichever thread has it. Dropped, the worker ends and the card is
/// closed.
pub struct Monitor {
    pub(crate) shared: Arc<Shared>,
    pub(crate) events: Consumer<'static, Event>,
    pub(crate) worker: Option<JoinHandle<()>>,
}

impl Monitor {
    /// The next event, in their order.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.dequeue()
    }

    /// What was counted.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let Shared { xruns, slips, starved, dropped, capture_ppb, playback_ppb, .. } =
            &*self.shared;
        let get = |counter: &AtomicU32| counter.load(Ordering::Relaxed);
        Counters {
            xruns: get(xruns),
            slips: get(slips),
            starved: get(starved),
            dropped: get(dropped),
            capture_ppb: capture_ppb.load(Ordering::Relaxed),
            playback_ppb: playback_ppb.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(worker) = self.worker.take() {
            worker.thread().unpark();
            // A worker that panicked has said so already.
            let _ = worker.join();
        }
    }
}

/// The worker's end.
pub(crate) struct WorkerEnd {
    pub(crate) to_line: Producer<'static, Block>,
    pub(crate) from_line: Consumer<'static, Block>,
    pub(crate) events: Producer<'static, Event>,
    pub(crate) shared: Arc<Shared>,
}

impl WorkerEnd {
    pub(crate) fn tell(&mut self, event: Event) {
        // A control thread that does not look finds the first ones.
        let _ = self.events.enqueue(event);
    }
}

fn ring<T, const N: usize>() -> (Producer<'static, T>, Consumer<'static, T>) {
    // A jack is opened once in the life of the program, and its rings must outlive both threads.
    Box::leak(Box::new(Queue::<T, N>::new())).split()
}

/// The three ends of a new jack, whose worker has not been started.
pub(crate) fn ends() -> (LineEnd, WorkerEnd, Monitor) {
    let (to_line, from_jack) = ring::<_, RING>();
    let (to_jack, from_line) = ring::<_, RING>();
    let (tell, events) = ring::<_, EVENTS>();
    let shared = Arc::new(Shared::default());
    let line = LineEnd { from_jack, to_jack, shared: Arc::clone(&shared) };
    let worker = WorkerEnd { to_line, from_line, events: tell, shared: Arc::clone(&shared) };
    (line, worker, Monitor { shared, events, worker: None })
}

impl Monitor {
    pub(crate) fn watch(&mut self, worker: std::io::Result<JoinHandle<()>>) -> Result<(), Fault> {
        self.worker = Some(worker.map_err(|_| Reason::Thread)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_told_whole_and_its_age_survives_the_wrap_of_the_clock() {
        let ticks = Ticks::default();
        let wrap = Instant(0xFFFF_FF00);
        ticks.mark(wrap);
        ticks.mark(wrap);
        assert_eq!(ticks.last().number, 2);
        let age = ticks.last().samples_since(Instant(0x1_0000_0000 + 744));
        assert!((age - 8.0).abs() < 1e-9, "{age}");
        assert!(ticks.last().samples_since(Instant(wrap.0 - 5)) < 1e-9);
        assert!(ticks.last().samples_since(wrap + units::Duration::from_secs(9)) < 32.1);
    }

    #[test]
    fn a_jack_without_a_worker_is_silent_and_drops_what_it_cannot_hold() {
        let (mut line, _worker, monitor) = ends();
        for tick in 0..200 {
            let heard = line.exchange(Instant(tick * 2000), &LinearBlock::SILENCE);
            assert_eq!(heard, LinearBlock::SILENCE);
        }
        let counters = monitor.counters();
        assert_eq!((counters.starved, counters.dropped), (0, 200 - 127));
    }
}
