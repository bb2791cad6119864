//! Hears what answers or calls instead of a person: fax machines, modems, and the three tones
//! before an announcement that says why there is no call.
//!
//! ```text
//!  16 samples ─► eight frequencies                                             every 2 ms
//!    12 ms  the loudest of six: level, share of all energy, hertz off its place ─► a run of it
//!             1100 Hz for 380 ms ─► calling fax            1300 Hz for 460 ms ─► calling modem
//!             2100 Hz for 400 ms ─► answer; its phase turned over, its level trembles by 15 Hz?
//!              950, 1400, 1800 Hz, each for about 330 ms ─► special information tones
//!     4 ms  1650 or 1850 Hz louder? ─► runs of six bits and of one or two: six flags ─► preamble
//! ```
//!
//! T.30 4 and 5.3.1; V.25 2 and 3; V.8 4; E.180 6.
#![no_std]

mod preamble;
mod run;
#[cfg(test)]
mod tests;

use dsp_bank::{Bank, Table, dot};
use preamble::Flags;
use run::{Run, Seen};
use units::media::BLOCK_SAMPLES;

/// What is listened for; the first six alone, the last two as bits.
static TABLE: Table = Table::new([1100.0, 1300.0, 2100.0, 950.0, 1400.0, 1800.0, 1650.0, 1850.0]);

/// Mean square of a sine of -43 dBm0 (T.30: what a fax machine must hear).
pub(crate) const MIN_POWER: f32 = 13_000.0;
/// Share of the energy that a tone has: 7 dB above noise.
const SHARE: f32 = 0.82;
/// Farthest off its place that each is accepted in the mean of a run, in hertz: T.30 allows CNG
/// 38 Hz, V.25 allows 15 Hz, E.180 allows 50 Hz.
const OFF_HZ: [f32; 6] = [44.0, 24.0, 24.0, 54.0, 54.0, 54.0];

/// What is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A fax machine calls (CNG).
    Fax,
    /// A modem calls.
    Modem,
    /// A fax machine (CED) or a modem (ANS) answers. Said again when more of it is known.
    Answer {
        /// Its phase turns over: echo cancellers are to stay out of the way (G.168).
        reversals: bool,
        /// Its level trembles: it speaks V.8 (ANSam).
        modulated: bool,
    },
    /// Flags at 300 bit/s: a fax machine is about to say what it can do (V.21, T.30 5.3.1).
    Preamble,
    /// An announcement follows that says why the call cannot be made (E.180 6).
    Special,
}

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Receiver {
    bank: Bank,
    run: Run,
    flags: Flags,
    /// How many of the three tones have been heard in order.
    special: u8,
    /// What was told of the answer that is there.
    answer: Option<Event>,
    told: bool,
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new()
    }
}

impl Receiver {
    /// Hears nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            bank: Bank::new(&TABLE),
            run: Run::new(),
            flags: Flags::new(),
            special: 0,
            answer: None,
            told: false,
        }
    }

    /// Takes 2 ms of linear samples at 8 kHz in.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<Event> {
        let samples = samples.map(f32::from);
        self.bank.push(&samples, dot(&samples, &samples));
        let seen = self.see();
        let before = self.run.tone;
        let ended = self.run.push(seen.as_ref());
        if self.run.tone != before {
            self.changed(ended);
        }
        let flags = self.flags.push(&self.bank);
        self.judge().or_else(|| flags.then_some(Event::Preamble))
    }

    /// The tone that fills the window.
    fn see(&self) -> Option<Seen> {
        let total = self.bank.energy();
        if total < MIN_POWER {
            return None;
        }
        let power = self.bank.powers();
        let most = power[..6].iter().copied().fold(0.0, f32::max);
        if most < total * 0.3 {
            return None;
        }
        let tone = power[..6].iter().position(|now| *now >= most)?;
        let (cos, sin) = self.bank.drift(tone, 4);
        let real = most * dsp_bank::unseen(cos, sin);
        if real < total * SHARE {
            return None;
        }
        // 8 ms: a whole turn is 125 Hz.
        let off_hz = libm::atan2f(sin, cos) * (125.0 / core::f32::consts::TAU);
        let turned = self.bank.drift(tone, 7);
        (off_hz.abs() < 60.0).then_some(Seen { tone, power: real, off_hz, turned })
    }

    /// One run is over: was it one of the three tones, and in its place?
    fn changed(&mut self, ended: Option<(usize, u16, f32)>) {
        (self.told, self.answer) = (false, None);
        let Some((tone, blocks, off_hz)) = ended else { return };
        // E.180 6: 330 ms, within 70; some send 276 and 380.
        let long = (120..=225).contains(&blocks) && off_hz.abs() <= OFF_HZ[tone];
        self.special = match (tone, self.special) {
            (3, _) if long => 1,
            (4, 1) if long => 2,
            _ => 0,
        };
    }

    fn judge(&mut self) -> Option<Event> {
        let (Some(tone), run) = (self.run.tone, &self.run) else {
            // The tones follow each other within 30 ms.
            if self.run.silence > 30 {
                self.special = 0;
            }
            return None;
        };
        let right = run.off_hz().abs() <= OFF_HZ[tone];
        if tone == 2 {
            return if right { self.answer() } else { None };
        }
        let enough = match tone {
            0 => run.blocks >= 190 && run.even(),
            1 => run.blocks >= 230 && run.even(),
            5 => run.blocks >= 110 && self.special == 2,
            _ => false,
        };
        if self.told || !right || !enough {
            return None;
        }
        self.told = true;
        match tone {
            0 => Some(Event::Fax),
            1 => Some(Event::Modem),
            _ => {
                self.special = 0;
                Some(Event::Special)
            }
        }
    }

    fn answer(&mut self) -> Option<Event> {
        if self.run.blocks < 200 {
            return None;
        }
        let (reversals, modulated) = (self.run.reversals > 0, self.run.trembles());
        let before = self.answer.is_some_and(|told| {
            told == Event::Answer { reversals, modulated }
                || (!reversals && matches!(told, Event::Answer { reversals: true, .. }))
        });
        if before {
            return None;
        }
        let now = Event::Answer { reversals, modulated };
        self.answer = Some(now);
        Some(now)
    }
}
