//! One channel of the fake kernel.

use std::collections::VecDeque;

use hdlc::{Decoder, Encoder};
use units::Law;

use super::{EVENTS_FIRST, law};
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
    pub(super) linear: bool,
    pub(super) law: Option<Law>,
    /// How long it flashes, and how long an open loop may be a flash, in ms.
    pub(super) flash: i32,
    pub(super) heard_flash: i32,
    /// The loop is open for so many ms, and nobody was told that it is on hook.
    pub(super) opening: Option<i32>,
    pub(super) canceller: bool,
    pub(super) echo: i32,
    pub(super) on_hook_ms: i32,
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
        (self.linear, self.flash, self.heard_flash) = (false, 750, 1250);
        (self.echo, self.opening) = (0, None);
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
        if self.linear {
            block = block.iter().flat_map(|octet| law::expand(*octet).to_ne_bytes()).collect();
        }
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
        let count = octets.len().min(if self.linear { self.size * 2 } else { self.size });
        let block = if self.linear {
            let (samples, _) = octets[..count].as_chunks();
            samples.iter().map(|sample| law::compress(i16::from_ne_bytes(*sample))).collect()
        } else {
            octets[..count].to_vec()
        };
        self.outgoing.push_back(block);
        self.underrun = false;
        Ok(count)
    }

    /// The loop at a telephone's port opened or closed.
    pub(super) fn loop_moved(&mut self, closed: bool) {
        match (closed, self.opening.take()) {
            (false, _) => self.opening = Some(0),
            // Shorter ones are dial pulses.
            (true, Some(opened)) if opened > 200 => self.events.push_back(event::WINKFLASH),
            (true, Some(_)) => {}
            (true, None) => self.events.push_back(event::RINGOFFHOOK),
        }
    }

    /// One more ms has passed: what was open for too long to be a flash is on hook.
    pub(super) fn ms_passed(&mut self) {
        self.opening = self.opening.map(|ms| ms + 1);
        if self.opening.is_some_and(|ms| ms >= self.heard_flash) {
            self.opening = None;
            self.events.push_back(event::ONHOOK);
        }
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
