//! A room's end on the line thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};

use heapless::Deque;
use heapless::spsc::{Consumer, Producer, Queue};
use units::LinearBlock;
use units::media::BLOCK_SAMPLES;

use crate::work::{Block, Pair, Work};
use crate::{DELAY_BLOCKS, FRAME_BLOCKS, Fault, Figures, Settings};

/// Blocks of a ring: 126 ms; a worker that is later than that has lost sound anyway.
pub(crate) const RING: usize = 64;

/// What both threads see of a room.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    erl_mdb: AtomicI32,
    erle_mdb: AtomicI32,
    delay_ms: AtomicU32,
    late: AtomicU32,
}

impl Shared {
    pub(crate) fn publish(&self, work: &Work) {
        let Some(stats) = work.stats() else { return };
        let store = |at: &AtomicI32, value: Option<f64>| {
            at.store(to_millis(value.unwrap_or(0.0)), Ordering::Relaxed);
        };
        store(&self.erl_mdb, stats.echo_return_loss);
        store(&self.erle_mdb, stats.echo_return_loss_enhancement);
        self.delay_ms.store(stats.delay_ms.unwrap_or(0), Ordering::Relaxed);
    }

    fn figures(&self) -> Figures {
        let load = |at: &AtomicI32| {
            i16::try_from(at.load(Ordering::Relaxed) / 100).map_or(0.0, f32::from) / 10.0
        };
        Figures {
            erl_db: load(&self.erl_mdb),
            erle_db: load(&self.erle_mdb),
            delay_ms: self.delay_ms.load(Ordering::Relaxed),
            late: self.late.load(Ordering::Relaxed),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and decibels are small")]
fn to_millis(db: f64) -> i32 {
    (db * 1000.0) as i32
}

/// Who does the arithmetic.
enum How {
    /// A worker, at the other ends of two rings.
    Rings { to: Producer<'static, Pair>, from: Consumer<'static, Block> },
    /// The line thread itself.
    Here { work: Box<Work>, clean: Deque<Block, { 2 * FRAME_BLOCKS }> },
}

/// A room's end on the line thread: never waits, never allocates, makes no system call.
pub struct Room {
    how: How,
    shared: Arc<Shared>,
    /// Ticks until the first clean block is due.
    wait: usize,
    /// Blocks that were due and will come too late.
    owed: usize,
}

impl core::fmt::Debug for Room {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Room").field("wait", &self.wait).field("owed", &self.owed).finish()
    }
}

/// What a worker has of a room.
pub(crate) struct Bench {
    pub(crate) pairs: Consumer<'static, Pair>,
    pub(crate) clean: Producer<'static, Block>,
    pub(crate) work: Work,
    pub(crate) shared: Arc<Shared>,
}

/// The two ends of a room. Its rings live as long as the program: a box has as many rooms as its
/// board file says, once.
pub(crate) fn with_rings(settings: Settings) -> Result<(Room, Bench), Fault> {
    let work = Work::new(settings)?;
    let pairs: &'static mut Queue<Pair, RING> = Box::leak(Box::default());
    let clean: &'static mut Queue<Block, RING> = Box::leak(Box::default());
    let ((to, pairs), (clean, from)) = (pairs.split(), clean.split());
    let shared = Arc::<Shared>::default();
    let how = How::Rings { to, from };
    let room = Room { how, shared: Arc::clone(&shared), wait: DELAY_BLOCKS, owed: 0 };
    Ok((room, Bench { pairs, clean, work, shared }))
}

/// A room whose arithmetic is done inside `process`: for boxes whose time is simulated.
///
/// # Errors
/// WebRTC's.
pub fn inline(settings: Settings) -> Result<Room, Fault> {
    let (work, clean) = (Box::new(Work::new(settings)?), Deque::new());
    let how = How::Here { work, clean };
    Ok(Room { how, shared: Arc::default(), wait: DELAY_BLOCKS, owed: 0 })
}

impl Room {
    /// One tick: `sent` goes to the loudspeaker now, `heard` came from the microphone; it becomes
    /// what the microphone heard [`DELAY_BLOCKS`] ticks ago, without the echo.
    pub fn process(&mut self, sent: &LinearBlock, heard: &mut LinearBlock) {
        let pair = Pair { sent: sent.samples, heard: heard.samples };
        heard.samples = [0; BLOCK_SAMPLES];
        if !self.give(&pair) {
            self.shared.late.fetch_add(1, Ordering::Relaxed);
        }
        if self.wait > 0 {
            self.wait -= 1;
            return;
        }
        while self.owed > 0 && self.ready() > 1 {
            let _ = self.next();
            self.owed -= 1;
        }
        if let Some(block) = self.next() {
            heard.samples = block;
        } else {
            self.owed += 1;
            self.shared.late.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn give(&mut self, pair: &Pair) -> bool {
        match &mut self.how {
            How::Rings { to, .. } => to.enqueue(*pair).is_ok(),
            How::Here { work, clean } => {
                let frame = work.take(pair);
                let room = frame.iter().flatten().all(|block| clean.push_back(*block).is_ok());
                if frame.is_some() {
                    self.shared.publish(work);
                }
                room
            }
        }
    }

    fn ready(&self) -> usize {
        match &self.how {
            How::Rings { from, .. } => from.len(),
            How::Here { clean, .. } => clean.len(),
        }
    }

    fn next(&mut self) -> Option<Block> {
        match &mut self.how {
            How::Rings { from, .. } => from.dequeue(),
            How::Here { clean, .. } => clean.pop_front(),
        }
    }

    /// What was seen of it.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.shared.figures()
    }
}
