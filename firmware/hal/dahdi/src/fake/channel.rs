//! One channel of the fake kernel.

use std::collections::VecDeque;

use hdlc::{Decoder, Encoder};

use super::EVENTS_FIRST;
use crate::abi::{event, sig};
use crate::kernel::{Errno, Fill};

/// Octets of a chunk: 1 ms.
pub(super) const CHUNK: usize = 8;
/// What the kernel sends when nobody wrote.
const IDLE: u8 = 0xD5;

/// One channel.
#[derive(Default)]
pub(super) struct Channel {
    pub(super) span: i32,
    pub(super) position: i32,
    pub(super) signalling: i32,
    pub(super) capable: i32,
    pub(super) master: i32,
    pub(super) open: bool,
    /// Which opening it is.
    pub(super) opened: u64,
    pub(super) audio: bool,
    pub(super) canceller: bool,
    pub(super) echo: i32,
    pub(super) bits: i32,
    pub(super) closed: bool,
    pub(super) events: VecDeque<i32>,
    pub(super) short: usize,
    size: usize,
    count: usize,
    partial: Vec<u8>,
    incoming: VecDeque<Vec<u8>>,
    outgoing: VecDeque<Vec<u8>>,
    sent: usize,
    overrun: bool,
    underrun: bool,
    encoder: Encoder<300>,
    decoder: Decoder<300>,
}

impl Channel {
    pub(super) fn new(span: i32, position: i32, capable: i32, number: i32) -> Self {
        Self { span, position, capable, master: number, ..Self::default() }
    }

    pub(super) fn begin(&mut self, opened: u64, size: usize, count: usize) {
        self.open = true;
        self.opened = opened;
        (self.size, self.count) = (size, count);
        self.audio = self.signalling & sig::CLEAR == 0;
        self.echo = 0;
        self.partial.clear();
        self.incoming.clear();
        self.outgoing.clear();
        self.events.clear();
        (self.sent, self.overrun, self.underrun) = (0, false, false);
    }

    fn frames(&self) -> bool {
        self.signalling & sig::HDLCFCS == sig::HDLCFCS
    }

    pub(super) fn ready(&self) -> bool {
        !self.incoming.is_empty() || !self.events.is_empty() || !self.open
    }

    pub(super) fn fill(&self) -> Fill {
        let count = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        Fill { read: count(self.incoming.len()), write: count(self.outgoing.len()) }
    }

    pub(super) fn read(&mut self, octets: &mut [u8]) -> Result<usize, Errno> {
        if !self.events.is_empty() {
            return Err(EVENTS_FIRST);
        }
        let mut block = self.incoming.pop_front().ok_or(libc::EAGAIN)?;
        block.truncate(block.len() - std::mem::take(&mut self.short).min(block.len()));
        let count = block.len().min(octets.len());
        octets[..count].copy_from_slice(&block[..count]);
        self.overrun = false;
        Ok(count)
    }

    pub(super) fn write(&mut self, octets: &[u8]) -> Result<usize, Errno> {
        if !self.events.is_empty() {
            return Err(EVENTS_FIRST);
        }
        if self.outgoing.len() >= self.count {
            return Err(libc::EAGAIN);
        }
        let count = octets.len().min(self.size);
        self.outgoing.push_back(octets[..count].to_vec());
        self.underrun = false;
        Ok(count)
    }

    /// The next octets for the line: `slots` interleaved.
    pub(super) fn pull(&mut self, slots: usize) -> Vec<u8> {
        (0..CHUNK * slots)
            .map(|_| if self.frames() { self.pull_frame() } else { self.pull_octet() })
            .collect()
    }

    fn pull_octet(&mut self) -> u8 {
        let Some(block) = self.outgoing.front() else {
            if self.open && !std::mem::replace(&mut self.underrun, true) {
                self.events.push_back(event::WRITE_UNDERRUN);
            }
            return IDLE;
        };
        let octet = block.get(self.sent).copied().unwrap_or(IDLE);
        self.sent += 1;
        if self.sent >= block.len() {
            self.sent = 0;
            self.outgoing.pop_front();
        }
        octet
    }

    fn pull_frame(&mut self) -> u8 {
        if self.encoder.ready()
            && let Some(frame) = self.outgoing.pop_front()
        {
            // The last two octets are room for the check sequence.
            let _ = self.encoder.send(&frame[..frame.len().saturating_sub(2)]);
        }
        self.encoder.pull()
    }

    /// Octets from the line.
    pub(super) fn push(&mut self, octets: &[u8]) {
        if !self.open {
            return;
        }
        for octet in octets {
            if self.frames() {
                let block = match self.decoder.push(*octet) {
                    Some(hdlc::Received::Good(frame)) => [frame, &[0, 0]].concat(),
                    Some(hdlc::Received::Fcs) => {
                        self.events.push_back(event::BADFCS);
                        continue;
                    }
                    Some(_) | None => continue,
                };
                self.arrive(block);
            } else {
                self.partial.push(*octet);
                if self.partial.len() == self.size {
                    let block = std::mem::take(&mut self.partial);
                    self.arrive(block);
                }
            }
        }
    }

    fn arrive(&mut self, block: Vec<u8>) {
        if self.incoming.len() < self.count {
            self.incoming.push_back(block);
        } else if !std::mem::replace(&mut self.overrun, true) {
            self.events.push_back(event::READ_OVERRUN);
        }
    }
}
