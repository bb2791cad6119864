//! What stands at the ports of exchange lines beside the matrix: an ear for who calls and for the
//! tones of the exchange, and a sender of digits.

use dsp_fsk::Demodulator;
use dsp_progress::{Detector, Plan};
use dsp_tone::DigitSender;
use units::media::BLOCK_SAMPLES;
use units::{Dbm0, Digit, Law, LinearBlock, PortId};

use crate::{Ear, Fsk, Notice, Octets};

/// A digit and the pause behind it, in milliseconds (Q.24: 40 each at least).
const DIGIT_MS: u16 = 80;
/// Levels of the two groups (Q.23; TBR 21 4.8.2).
const LOW: Dbm0 = Dbm0(-9.0);
const HIGH: Dbm0 = Dbm0(-7.0);

/// One exchange line.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) port: PortId,
    law: Law,
    ear: Ear,
    plan: Plan,
    fsk: Demodulator,
    /// The mark before a message was heard: octets are told.
    marked: bool,
    keys: dsp_dtmf::Receiver,
    progress: Detector,
    sender: DigitSender,
}

impl Exchange {
    pub(crate) fn new(port: PortId, law: Law, plan: &Plan) -> Self {
        Self {
            port,
            law,
            ear: Ear::Caller,
            plan: plan.clone(),
            fsk: Demodulator::new(),
            marked: false,
            keys: dsp_dtmf::Receiver::new(),
            progress: Detector::new(plan),
            sender: sender(),
        }
    }

    /// Listens for something else.
    pub(crate) fn listen(&mut self, ear: Ear) {
        if self.ear == ear {
            return;
        }
        self.ear = ear;
        match ear {
            Ear::Nothing => self.sender = sender(),
            Ear::Caller => {
                (self.fsk, self.marked) = (Demodulator::new(), false);
                self.keys = dsp_dtmf::Receiver::new();
            }
            Ear::Tones => self.progress = Detector::new(&self.plan),
        }
    }

    /// Sends a digit behind those that wait; `false` if too many do.
    pub(crate) fn key(&mut self, digit: Digit) -> bool {
        self.sender.push(digit).is_ok()
    }

    /// Listens to what came: at most one thing is told of a block.
    pub(crate) fn hear(&mut self, octets: &Octets) -> Option<Notice> {
        let mut samples = [0; BLOCK_SAMPLES];
        if self.ear != Ear::Nothing {
            g711::decode_block(self.law, octets, &mut samples);
        }
        match self.ear {
            Ear::Nothing => None,
            Ear::Tones => {
                self.progress.push(&samples).map(|tone| Notice::Progress(self.port, tone))
            }
            Ear::Caller => {
                let key = self.keys.push(&samples);
                let fsk = self.message(&samples).map(|event| Notice::Fsk(self.port, event));
                fsk.or(match key {
                    Some(dsp_dtmf::Event::Begin(digit)) => Some(Notice::Key(self.port, digit)),
                    Some(dsp_dtmf::Event::End(_)) | None => None,
                })
            }
        }
    }

    /// What was heard of a message; speech and the seizure before the mark are none.
    fn message(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Fsk> {
        let event = self.fsk.push(samples)?;
        let before = self.marked;
        self.marked = match event {
            Fsk::Mark => true,
            Fsk::Octet(_) => before,
            Fsk::Broken | Fsk::Lost => false,
        };
        (before || self.marked).then_some(event)
    }

    /// The next block of digits that are being sent, over all that the port would hear.
    pub(crate) fn send(&mut self, octets: &mut Octets) {
        if !self.sender.idle() {
            let mut block = LinearBlock::SILENCE;
            self.sender.fill(&mut block.samples);
            g711::encode_block(self.law, &block.samples, octets);
        }
    }
}

/// Sends digits as an exchange wants them, and a telephone that is told who calls.
pub(crate) fn sender() -> DigitSender {
    DigitSender::new(DIGIT_MS, DIGIT_MS, LOW, HIGH)
}
