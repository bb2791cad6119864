//! The elastic store between the clock of the line and ours.

use crate::FRAME;

/// A controlled slip: the store held too much or too little (G.822, Q.511).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// A whole frame was thrown away: the line is faster than we.
    Dropped,
    /// A whole frame was given twice: the line is slower.
    Repeated,
}

/// Holds at most `depth` frames: two for the wander of the clocks, and as many as are written
/// before any is read. Starts with one frame of `idle`, in the middle of the two.
#[derive(Clone, Debug)]
pub struct SlipBuffer<const ROOM: usize> {
    frames: [[u8; FRAME]; ROOM],
    depth: usize,
    first: usize,
    count: usize,
    last: [u8; FRAME],
    slips: u64,
}

impl<const ROOM: usize> SlipBuffer<ROOM> {
    /// With one frame of `idle` in it, and a depth of 2 to `ROOM` frames.
    #[must_use]
    pub const fn new(idle: [u8; FRAME], depth: usize) -> Self {
        const { assert!(ROOM >= 2, "two frames are for the wander alone") }
        let least = if depth < 2 { 2 } else { depth };
        let depth = if least > ROOM { ROOM } else { least };
        Self { frames: [idle; ROOM], depth, first: 0, count: 1, last: idle, slips: 0 }
    }

    /// Begins anew, as after a loss of the line; the slips stay counted.
    pub fn restart(&mut self, idle: [u8; FRAME]) {
        let slips = self.slips;
        *self = Self::new(idle, self.depth);
        self.slips = slips;
    }

    /// A frame of the line. If the store is full it is dropped.
    pub fn write(&mut self, frame: &[u8; FRAME]) -> Option<Slip> {
        if self.count == self.depth {
            self.slips += 1;
            return Some(Slip::Dropped);
        }
        self.frames[(self.first + self.count) % ROOM] = *frame;
        self.count += 1;
        None
    }

    /// The next frame for us; the last one again if there is none.
    pub fn read(&mut self) -> (&[u8; FRAME], Option<Slip>) {
        if self.count == 0 {
            self.slips += 1;
            return (&self.last, Some(Slip::Repeated));
        }
        self.last = self.frames[self.first];
        self.first = (self.first + 1) % ROOM;
        self.count -= 1;
        (&self.last, None)
    }

    /// Frames in the store.
    #[must_use]
    pub const fn fill(&self) -> usize {
        self.count
    }

    /// Slips since the store was made.
    #[must_use]
    pub const fn slips(&self) -> u64 {
        self.slips
    }
}
