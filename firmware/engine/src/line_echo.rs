//! The canceller of a line at its port.

use dsp_echo::{Canceller, Level, Settings, Tail};
use units::LinearBlock;

use crate::{Echo, EchoFigures, tenths};

/// Takes the echo of a line away.
#[derive(Debug)]
pub struct LineEcho {
    canceller: Canceller,
    level: Level,
    /// The wires are the same in each call: what is known of them is kept.
    same_wires: bool,
}

impl LineEcho {
    /// For echoes within so many milliseconds: 32, 64 or 128, the next above if it is none of them.
    #[must_use]
    pub fn new(tail_ms: u8, same_wires: bool) -> Self {
        let tail = match tail_ms {
            ..=32 => Tail::Ms32,
            33..=64 => Tail::Ms64,
            65.. => Tail::Ms128,
        };
        let level = Level::detect();
        Self { canceller: Canceller::new(Settings::new(tail), level), level, same_wires }
    }
}

impl Echo for LineEcho {
    fn process(&mut self, sent: &LinearBlock, heard: &mut LinearBlock) -> bool {
        let came = heard.samples;
        self.canceller.process(&sent.samples, &mut heard.samples);
        heard.samples != came
    }

    fn begin(&mut self) {
        let known = self.canceller.hybrid();
        self.canceller = Canceller::new(self.canceller.settings(), self.level);
        if self.same_wires {
            self.canceller.start_from(&known);
        }
    }

    fn figures(&self) -> EchoFigures {
        let seen = self.canceller.figures();
        let known = self.canceller.hybrid();
        let strongest = known.taps().map(i16::unsigned_abs).enumerate();
        let strongest = strongest.max_by_key(|(_, tap)| *tap).filter(|(_, tap)| *tap > 0);
        let known = strongest.is_some();
        EchoFigures {
            erl: if known { tenths(seen.erl_db) } else { 0 },
            erle: if known { tenths(seen.erle_db) } else { 0 },
            delay_ms: strongest.and_then(|(at, _)| u16::try_from(at / 8).ok()).unwrap_or(0),
            double_talk_ms: seen.double_talk_ms,
        }
    }
}
