//! The place of a port's echo canceller, and what is seen of its sound.
//!
//! ```text
//!   octets in ──► linear ──► Echo::process ──► octets: clean, to everything in the matrix
//!                               ▲
//!   octets out, a tick ago ─────┘
//! ```

use core::fmt::Debug;

use dsp_level::Pitch;
use units::media::BLOCK_SAMPLES;
use units::{Dbm0, Findings, Law, LinearBlock, PortId};

use crate::Octets;
use crate::hearing::Hearing;

/// What takes the echo of one port away: a line's canceller, or a room's.
pub trait Echo: Debug + Send {
    /// One tick: `sent` went to the port a tick ago, `heard` came from it now and is made clean.
    /// `false`: it is as it was, octet for octet, and what was done to it is nothing.
    fn process(&mut self, sent: &LinearBlock, heard: &mut LinearBlock) -> bool;

    /// Another call begins at the port. What is known of its line is kept.
    fn begin(&mut self);

    /// What is seen of it.
    fn figures(&self) -> EchoFigures;
}

/// What is seen of a canceller in the call that is, or was the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EchoFigures {
    /// How much weaker the echo is than what was sent, in tenths of a dB; 0: not known.
    pub erl: i16,
    /// How much of the echo is taken away, in tenths of a dB; 0: not known.
    pub erle: i16,
    /// Where the echo is strongest, in ms after what was sent.
    pub delay_ms: u16,
    /// Both talked at once, in ms.
    pub double_talk_ms: u32,
}

/// A second of a port's sound. Levels are tenths of dBm0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sound {
    /// What came, its echo included.
    pub came: i16,
    /// What is left of it without the echo.
    pub clean: i16,
    /// What was sent.
    pub sent: i16,
    /// Samples at the end of the scale in what came.
    pub clipped: u16,
    /// Of its canceller, if it has one.
    pub echo: Option<EchoFigures>,
    /// How much of the second was speech, in percent.
    pub speech: u8,
    /// What was found since the call began.
    pub found: Findings,
    /// The mean of what came, in samples of 16 bits: a constant that nobody said.
    pub offset: i16,
    /// What came is smoother in the other law: it is encoded so.
    pub other_law: bool,
    /// What came is a tone of so many Hz for 240 ms at least; 0: it is none.
    pub tone_hz: u16,
}

/// A block of a tap: both directions of one port in one tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tapped {
    /// The number of the tap.
    pub tap: u32,
    /// The law of the octets.
    pub law: Law,
    /// What came, without echo.
    pub came: Octets,
    /// What was sent.
    pub sent: Octets,
}

/// A canceller at its port.
#[derive(Debug)]
pub(crate) struct Ear {
    pub(crate) port: PortId,
    law: Law,
    echo: Box<dyn Echo>,
    in_call: bool,
}

/// Samples of a second.
const SECOND: u32 = 8000;
/// Tenths of dBm0 below which the law of what comes cannot be told.
const AUDIBLE: i16 = -450;
/// The last two steps of the scale of either law, in 16 bits.
const CLIPPED: u16 = 30_000;

/// Sound of one port that is looked at, as far as its second has come.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) port: PortId,
    law: Law,
    came: dsp_level::Meter,
    clean: dsp_level::Meter,
    sent: dsp_level::Meter,
    clipped: u16,
    speech: u16,
    sum: i32,
    rough: [Roughness; 2],
    pitch: Pitch,
}

/// How far samples lie from those before them, of one law.
#[derive(Clone, Copy, Debug, Default)]
struct Roughness {
    last: i16,
    steps: u64,
    energy: u64,
}

/// As figures are told: in tenths.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
pub fn tenths(db: f32) -> i16 {
    libm::roundf(db * 10.0) as i16
}

const fn other(law: Law) -> Law {
    match law {
        Law::A => Law::Mu,
        Law::Mu => Law::A,
    }
}

impl Roughness {
    fn push(&mut self, block: &LinearBlock) {
        for sample in block.samples {
            self.steps += u64::from(sample.abs_diff(self.last)).pow(2);
            self.energy += u64::from(sample.unsigned_abs()).pow(2);
            self.last = sample;
        }
    }

    /// By a third at least, each measured by its own energy: of recorded speech 0.02 % of the
    /// seconds are so by chance, and 5 to 9 % of those of the other law are not.
    fn is_smoother_than(self, other: Self) -> bool {
        let [own, other] = [self, other].map(|one| one.steps as f32 / one.energy.max(1) as f32);
        own * 1.5 < other
    }
}

fn level(level: Dbm0) -> i16 {
    tenths(level.0)
}

fn linear(law: Law, octets: &Octets) -> LinearBlock {
    let mut block = LinearBlock::SILENCE;
    g711::decode_block(law, octets, &mut block.samples);
    block
}

impl Ear {
    pub(crate) fn new(port: PortId, law: Law, echo: Box<dyn Echo>) -> Self {
        Self { port, law, echo, in_call: false }
    }

    /// What came, without the echo of what was sent; untouched while nobody uses the port for
    /// voice.
    pub(crate) fn clean(&mut self, voice: bool, came: &Octets, sent: &Octets) -> Octets {
        if !voice {
            self.in_call = false;
            return *came;
        }
        if !self.in_call {
            self.echo.begin();
            self.in_call = true;
        }
        let mut heard = linear(self.law, came);
        if !self.echo.process(&linear(self.law, sent), &mut heard) {
            return *came;
        }
        let mut octets = [0; BLOCK_SAMPLES];
        g711::encode_block(self.law, &heard.samples, &mut octets);
        octets
    }

    pub(crate) fn figures(&self) -> EchoFigures {
        self.echo.figures()
    }
}

impl Watch {
    pub(crate) fn new(port: PortId, law: Law) -> Self {
        let meter = || dsp_level::Meter::new(SECOND as usize);
        let rough = [Roughness::default(); 2];
        let (came, clean, sent) = (meter(), meter(), meter());
        let pitch = Pitch::default();
        Self { port, law, came, clean, sent, clipped: 0, speech: 0, sum: 0, rough, pitch }
    }

    /// A tick of the port; a second's sound with its last one, the canceller's part excepted.
    pub(crate) fn push(
        &mut self,
        (came, clean): (&Octets, &Octets),
        sent: &Octets,
        hearing: &Hearing,
    ) -> Option<Sound> {
        self.speech += u16::from(hearing.speaks());
        let block = linear(self.law, came);
        self.sum += block.samples.iter().map(|sample| i32::from(*sample)).sum::<i32>();
        self.rough[0].push(&block);
        self.pitch.push(&block.samples);
        self.rough[1].push(&linear(other(self.law), came));
        let clipped = block.samples.iter().filter(|sample| sample.unsigned_abs() >= CLIPPED);
        self.clipped = self.clipped.saturating_add(u16::try_from(clipped.count()).unwrap_or(0));
        let came = self.came.push(&block.samples);
        let clean = self.clean.push(&linear(self.law, clean).samples);
        let sent = self.sent.push(&linear(self.law, sent).samples);
        let clipped = self.clipped;
        let (came, clean, sent) = (level(came?), level(clean?), level(sent?));
        self.clipped = 0;
        let seconds = i32::try_from(SECOND).unwrap_or(i32::MAX);
        let mean = core::mem::take(&mut self.sum) / seconds;
        let offset = i16::try_from(mean).unwrap_or(i16::MAX);
        let [own, other] = core::mem::take(&mut self.rough);
        let other_law = came > AUDIBLE && other.is_smoother_than(own);
        // Of the ticks of a second.
        let speech = u8::try_from(core::mem::take(&mut self.speech) / 5).unwrap_or(100);
        let found = hearing.found();
        let tone_hz = self.pitch.take();
        let echo = None;
        Some(Sound { came, clean, sent, clipped, echo, speech, found, offset, other_law, tone_hz })
    }
}
