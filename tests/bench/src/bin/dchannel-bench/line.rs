//! One direction of a D channel: frames queue, bits go out block by block, frames come out.

use std::collections::VecDeque;

use hdlc::{Decoder, Encoder, Received};

/// Octets of a slot in a block, and how long it lasts.
const OCTETS: usize = 16;
pub(crate) const BLOCK_US: u64 = 2000;
/// Between frames: one flag.
const FLAG_BITS: u64 = 8;

pub(crate) struct Line {
    queue: VecDeque<Vec<u8>>,
    encoder: Encoder<{ limits::FRAME_OCTETS }>,
    decoder: Decoder<{ limits::FRAME_OCTETS }>,
    heard: Vec<Vec<u8>>,
    bits: u64,
    busy_bits: u64,
    frames: u64,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self {
            queue: VecDeque::new(),
            encoder: Encoder::new(),
            decoder: Decoder::new(),
            heard: Vec::new(),
            bits: 0,
            busy_bits: 0,
            frames: 0,
        }
    }

    pub(crate) fn send(&mut self, frame: Vec<u8>) {
        self.queue.push_back(frame);
    }

    /// What has come out at the far end.
    pub(crate) fn heard(&mut self) -> Vec<Vec<u8>> {
        std::mem::take(&mut self.heard)
    }

    /// A block of bits goes over.
    pub(crate) fn block(&mut self) {
        for _ in 0..OCTETS {
            if self.encoder.ready()
                && let Some(frame) = self.queue.pop_front()
                && self.encoder.send(&frame).is_ok()
            {
                self.frames += 1;
            }
            self.bits += 8;
            if !self.encoder.idle() {
                self.busy_bits += 8;
            }
            if let Some(Received::Good(frame)) = self.decoder.push(self.encoder.pull()) {
                self.heard.push(frame.to_vec());
            }
        }
    }

    pub(crate) const fn count_anew(&mut self) {
        (self.bits, self.busy_bits, self.frames) = (0, 0, 0);
    }

    /// The share of bits that are no flags.
    #[expect(clippy::cast_precision_loss, reason = "a million bits")]
    pub(crate) fn in_use(&self) -> f64 {
        let used = self.busy_bits.saturating_sub(self.frames * FLAG_BITS);
        used as f64 / self.bits.max(1) as f64
    }
}
