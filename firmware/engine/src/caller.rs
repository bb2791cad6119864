//! Tells a telephone who calls, in FSK between its first ring and its second.

use dsp_fsk::{Framing, Modulator, OCTETS, Standard};
use heapless::Vec;
use units::{Dbm0, Law, LinearBlock, PortId};

use crate::Octets;

/// Level of both frequencies (GR-30: -13.5 dBm within 1.5 dB).
const LEVEL: Dbm0 = Dbm0(-13.5);
/// Blocks between the end of the ring and the first bit: 600 ms (EN 300 659-1 6.2: 500 to 2000).
const WAIT: u16 = 300;

/// One telephone.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) port: PortId,
    law: Law,
    octets: Vec<u8, OCTETS>,
    modulator: Modulator,
    /// Blocks until it begins.
    wait: Option<u16>,
}

impl Caller {
    pub(crate) fn new(port: PortId, law: Law, standard: Standard) -> Self {
        let modulator = Modulator::new(standard, LEVEL);
        Self { port, law, octets: Vec::new(), modulator, wait: None }
    }

    /// One more octet of the message; `false` if it is too long.
    pub(crate) fn octet(&mut self, octet: u8) -> bool {
        self.octets.push(octet).is_ok()
    }

    /// Sends the message, or forgets it and falls silent.
    pub(crate) fn send(&mut self, on: bool) -> bool {
        self.wait = on.then_some(WAIT);
        if !on {
            self.octets.clear();
            return self.modulator.send(&[], SILENCE).is_ok();
        }
        true
    }

    /// The next block of it, over all that the port would hear.
    pub(crate) fn fill(&mut self, octets: &mut Octets) {
        match &mut self.wait {
            Some(0) => {
                self.wait = None;
                // It is as long as it may be at most.
                let _ = self.modulator.send(&self.octets, Framing::ON_HOOK);
                self.octets.clear();
            }
            Some(blocks) => *blocks -= 1,
            None => {}
        }
        if !self.modulator.is_silent() {
            let mut block = LinearBlock::SILENCE;
            self.modulator.fill(&mut block.samples);
            g711::encode_block(self.law, &block.samples, octets);
        }
    }
}

/// Nothing at all.
const SILENCE: Framing = Framing { seizure: 0, mark: 0, tail: 0 };
