//! Tells a telephone on hook who calls, or that messages wait: in FSK or in digits.
//!
//! ```text
//!   wait ── alerting signal ── gap ── message
//!   wait ──────────────────────────── digits
//! ```

use dsp_fsk::{Framing, Modulator, OCTETS, Standard};
use dsp_tone::{DigitSender, Form, Generator, Part, Tone};
use heapless::Vec;
use units::media::BLOCK_SAMPLES;
use units::{Dbm0, Digit, Law, LinearBlock, PortId};

use crate::exchange::sender;
use crate::{Lead, Octets};

/// Level of both frequencies (GR-30: -13.5 dBm within 1.5 dB).
const LEVEL: Dbm0 = Dbm0(-13.5);
/// The alerting signal (EN 300 659-1 5.5.1: 2130 and 2750 Hz), each of its tones as loud as that.
const ALERT: Tone = Tone {
    parts: [Some(Part { hz: 2130.0, level: LEVEL }), Some(Part { hz: 2750.0, level: LEVEL }), None],
    form: Form::Added,
    cadence_ms: [0; dsp_tone::CADENCE],
};
/// Samples of a millisecond, and of a block.
const SAMPLES_PER_MS: u16 = 8;
const BLOCK: u16 = 16;
const _: () = assert!(BLOCK as usize == BLOCK_SAMPLES, "of one tick");

/// What is being done.
#[derive(Debug)]
enum Stage {
    Nothing,
    /// Blocks of silence that are left.
    Wait(u16, Lead),
    Alert(u16, Lead, Generator),
    Gap(u16),
    Sending,
}

/// One telephone.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) port: PortId,
    law: Law,
    octets: Vec<u8, OCTETS>,
    modulator: Modulator,
    keys: DigitSender,
    stage: Stage,
}

impl Caller {
    pub(crate) fn new(port: PortId, law: Law, standard: Standard) -> Self {
        let modulator = Modulator::new(standard, LEVEL);
        let (octets, keys, stage) = (Vec::new(), sender(), Stage::Nothing);
        Self { port, law, octets, modulator, keys, stage }
    }

    /// One more octet of the message; `false` if it is too long.
    pub(crate) fn octet(&mut self, octet: u8) -> bool {
        self.octets.push(octet).is_ok()
    }

    /// One more digit; `false` if there are too many.
    pub(crate) fn key(&mut self, digit: Digit) -> bool {
        self.keys.push(digit).is_ok()
    }

    /// Sends what came after this, or forgets it and falls silent.
    pub(crate) fn send(&mut self, lead: Option<Lead>) -> bool {
        match lead {
            Some(lead) => self.stage = Stage::Wait(blocks(lead.wait_ms), lead),
            None => {
                self.octets.clear();
                (self.keys, self.stage) = (sender(), Stage::Nothing);
                return self.modulator.send(&[], SILENCE).is_ok();
            }
        }
        true
    }

    /// The next block of it, over all that the port would hear.
    pub(crate) fn fill(&mut self, octets: &mut Octets) {
        self.step();
        let mut block = LinearBlock::SILENCE;
        match &mut self.stage {
            Stage::Nothing => return,
            Stage::Wait(left, _) | Stage::Gap(left) => *left -= 1,
            Stage::Alert(left, _, tone) => {
                *left -= 1;
                tone.fill(&mut block.samples);
            }
            Stage::Sending if !self.keys.idle() => self.keys.fill(&mut block.samples),
            Stage::Sending => self.modulator.fill(&mut block.samples),
        }
        g711::encode_block(self.law, &block.samples, octets);
    }

    /// Goes on to the stage of the next block.
    fn step(&mut self) {
        if let Stage::Wait(0, lead) = self.stage {
            self.stage = Stage::Alert(blocks(lead.alert_ms), lead, Generator::new(&ALERT));
        }
        if let Stage::Alert(0, lead, _) = self.stage {
            self.stage = Stage::Gap(blocks(lead.gap_ms));
        }
        if let Stage::Gap(0) = self.stage {
            if !self.octets.is_empty() {
                // It is as long as it may be at most.
                let _ = self.modulator.send(&self.octets, Framing::ON_HOOK);
                self.octets.clear();
            }
            self.stage = Stage::Sending;
        }
        let over = self.keys.idle() && self.modulator.is_silent();
        if over && matches!(self.stage, Stage::Sending) {
            self.stage = Stage::Nothing;
        }
    }
}

const fn blocks(ms: u16) -> u16 {
    ms.saturating_mul(SAMPLES_PER_MS) / BLOCK
}

/// Nothing at all.
const SILENCE: Framing = Framing { seizure: 0, mark: 0, tail: 0 };
