//! One place of the matrix: what it hears and whether its keys are listened to.

use dsp_bert::{Count, Meter, Pattern};
use dsp_dtmf::{Event, Hush, Receiver};
use dsp_tone::Generator;
use heapless::Deque;
use units::media::BLOCK_SAMPLES;
use units::{Law, LinearBlock, MfDirection, MfSignal, PortId};

use crate::tones::{ATTENTION_BLOCKS, TonePlan};
use crate::{Clip, RoomId, Tone};

/// Clips that wait at one port.
pub(crate) const CLIPS: usize = limits::PROMPTS_PER_STEP;

/// A clip in the queue of a port.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Queued {
    pub(crate) token: u16,
    pub(crate) clip: Clip,
    pub(crate) last: bool,
}

/// What a port hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Silence,
    Port(PortId),
    /// As `Port`, one way.
    Player(PortId),
    Tone,
    Clips,
    /// The test pattern.
    Pattern,
    /// All others of a conference.
    Room(RoomId),
}

#[derive(Debug)]
pub(crate) struct Port {
    pub(crate) law: Law,
    pub(crate) source: Source,
    pub(crate) listening: bool,
    tone: Generator,
    /// The tone is as loud as the wires carry.
    loud: bool,
    receiver: Receiver,
    /// Keys that are pressed here nobody hears.
    hush: Option<Hush>,
    clips: Deque<Queued, CLIPS>,
    at: usize,
    attention: Option<Attention>,
    mf: Option<Mf>,
    test: Test,
}

/// A register's ear and voice.
#[derive(Debug)]
struct Mf {
    receiver: dsp_mf::Receiver,
    generator: dsp_mf::Generator,
}

/// A test of the channel, while the port hears the pattern.
#[derive(Debug, Default)]
struct Test {
    pattern: Pattern,
    meter: Meter,
    blocks: u16,
}

/// Blocks of a second.
const SECOND: u16 = 500;

/// The attention tone as far as it has come.
#[derive(Debug)]
struct Attention {
    generator: Generator,
    blocks_left: u16,
    block: LinearBlock,
}

impl Port {
    pub(crate) fn new(law: Law) -> Self {
        Self {
            law,
            source: Source::Silence,
            listening: false,
            tone: TonePlan::default().generator(Tone::Dial),
            loud: false,
            receiver: Receiver::new(),
            hush: None,
            clips: Deque::new(),
            at: 0,
            attention: None,
            mf: None,
            test: Test::default(),
        }
    }

    pub(crate) fn silence(&mut self) {
        self.attention = None;
        self.clear();
    }

    /// Forgets what it hears, the attention tone excepted.
    fn clear(&mut self) {
        self.source = Source::Silence;
        self.clips.clear();
        self.at = 0;
    }

    pub(crate) fn hear(&mut self, port: PortId) {
        self.clear();
        self.source = Source::Port(port);
    }

    pub(crate) fn hear_player(&mut self, port: PortId) {
        self.clear();
        self.source = Source::Player(port);
    }

    pub(crate) fn meet(&mut self, room: RoomId) {
        self.clear();
        self.source = Source::Room(room);
    }

    /// Neither a register nor the attention tone has the place of what it hears.
    pub(crate) const fn hears_its_source(&self) -> bool {
        self.mf.is_none() && self.attention.is_none()
    }

    /// Begins the attention tone.
    pub(crate) fn attend(&mut self, generator: Generator) {
        let blocks_left = ATTENTION_BLOCKS;
        self.attention = Some(Attention { generator, blocks_left, block: LinearBlock::SILENCE });
    }

    /// Makes the next block of the attention tone, if it sounds.
    pub(crate) fn next_of_attention(&mut self) {
        let Some(attention) = &mut self.attention else { return };
        if attention.blocks_left == 0 {
            self.attention = None;
            return;
        }
        attention.blocks_left -= 1;
        attention.generator.fill(&mut attention.block.samples);
    }

    /// The present block of the attention tone.
    pub(crate) fn attention(&self) -> Option<&LinearBlock> {
        self.attention.as_ref().map(|attention| &attention.block)
    }

    /// Hears a tone; one that is `loud` without the gain of the port.
    pub(crate) fn tone(&mut self, generator: Generator, loud: bool) {
        self.clear();
        self.tone = generator;
        self.loud = loud;
        self.source = Source::Tone;
    }

    /// Adds a clip; `false` if as many wait as may.
    pub(crate) fn play(&mut self, clip: Queued) -> bool {
        if self.source != Source::Clips {
            self.clear();
            self.source = Source::Clips;
        }
        self.clips.push_back(clip).is_ok()
    }

    /// Begins or ends a test.
    pub(crate) fn test(&mut self, on: bool) {
        self.clear();
        if on {
            self.test = Test::default();
            self.source = Source::Pattern;
        }
    }

    /// The next block of the pattern.
    pub(crate) fn pattern(&mut self) -> [u8; BLOCK_SAMPLES] {
        core::array::from_fn(|_| self.test.pattern.octet())
    }

    /// Compares what came; a second's count, and whether the pattern is there.
    pub(crate) fn tested(&mut self, octets: &[u8; BLOCK_SAMPLES]) -> Option<(Count, bool)> {
        if self.source != Source::Pattern {
            return None;
        }
        let Test { meter, blocks, .. } = &mut self.test;
        octets.iter().for_each(|octet| meter.push(*octet));
        *blocks = (*blocks + 1) % SECOND;
        (*blocks == 0).then(|| (meter.take(), meter.is_locked()))
    }

    pub(crate) fn listen(&mut self, on: bool) {
        if on && !self.looks_for_keys() {
            self.receiver = Receiver::new();
        }
        self.listening = on;
    }

    pub(crate) fn mute_keys(&mut self, on: bool) {
        if on && !self.looks_for_keys() {
            self.receiver = Receiver::new();
        }
        self.hush = on.then(Hush::default);
    }

    /// Keys are reported or muted.
    pub(crate) const fn looks_for_keys(&self) -> bool {
        self.listening || self.hush.is_some()
    }

    /// A register comes to the port, or goes.
    pub(crate) fn register(&mut self, direction: Option<MfDirection>) {
        self.mf = direction.map(|direction| Mf {
            receiver: dsp_mf::Receiver::new(direction),
            generator: dsp_mf::Generator::new(direction.other()),
        });
    }

    /// Somebody talks here: neither a register nor a test has the port.
    pub(crate) fn has_voice(&self) -> bool {
        let used = self.listening || self.source != Source::Silence;
        used && self.mf.is_none() && self.source != Source::Pattern
    }

    /// A test of the line is of the line as it is, and the howler is to be heard across a room.
    pub(crate) fn has_gain(&self) -> bool {
        let howls = self.source == Source::Tone && self.loud;
        self.source != Source::Pattern && !howls
    }

    pub(crate) const fn has_register(&self) -> bool {
        self.mf.is_some()
    }

    /// The next block of what the register sends; `false` if there is none at the port.
    pub(crate) fn make_mf(&mut self, block: &mut LinearBlock) -> bool {
        let Some(mf) = &mut self.mf else { return false };
        mf.generator.fill(&mut block.samples);
        true
    }

    /// The register sends a signal, or falls silent; `false` if there is none.
    pub(crate) fn send_mf(&mut self, signal: Option<MfSignal>) -> bool {
        let Some(mf) = &mut self.mf else { return false };
        mf.generator.send(signal);
        true
    }

    /// Looks for register signals in what came: `Some` if one began, or ended.
    pub(crate) fn signal(&mut self, octets: &[u8; BLOCK_SAMPLES]) -> Option<Option<MfSignal>> {
        let mf = self.mf.as_mut()?;
        let mut block = LinearBlock::SILENCE;
        g711::decode_block(self.law, octets, &mut block.samples);
        match mf.receiver.push(&block.samples)? {
            dsp_mf::Event::Begin(signal) => Some(Some(signal)),
            dsp_mf::Event::End(_) => Some(None),
        }
    }

    /// Looks for keys in what came, and silences it where they are muted.
    pub(crate) fn keys(&mut self, octets: &mut [u8; BLOCK_SAMPLES]) -> Option<units::Digit> {
        let mut block = LinearBlock::SILENCE;
        g711::decode_block(self.law, octets, &mut block.samples);
        let event = self.receiver.push(&block.samples);
        if self.hush.as_mut().is_some_and(|hush| hush.push(&self.receiver, event)) {
            *octets = [self.law.idle(); BLOCK_SAMPLES];
        }
        match event {
            Some(Event::Begin(digit)) => Some(digit),
            Some(Event::End { .. }) | None => None,
        }
    }

    /// The next block of a tone or of clips; `Some(token)` when the last clip of a token ended.
    pub(crate) fn make(&mut self, block: &mut LinearBlock) -> Option<u16> {
        match self.source {
            Source::Tone => {
                self.tone.fill(&mut block.samples);
                None
            }
            Source::Clips => self.next_of_clips(block),
            Source::Silence
            | Source::Port(_)
            | Source::Player(_)
            | Source::Pattern
            | Source::Room(_) => {
                *block = LinearBlock::SILENCE;
                None
            }
        }
    }

    fn next_of_clips(&mut self, block: &mut LinearBlock) -> Option<u16> {
        let mut ended = None;
        for sample in &mut block.samples {
            while self.clips.front().is_some_and(|queued| self.at >= queued.clip.len()) {
                let played = self.clips.pop_front();
                ended = played.filter(|queued| queued.last).map(|queued| queued.token).or(ended);
                self.at = 0;
            }
            *sample = match self.clips.front() {
                Some(queued) => g711::decode_a(queued.clip[self.at]),
                None => 0,
            };
            self.at += 1;
        }
        // A clip that ends with the block ends now, not a block later.
        if let Some(queued) = self.clips.front().copied()
            && self.at >= queued.clip.len()
        {
            self.clips.pop_front();
            self.at = 0;
            ended = if queued.last { Some(queued.token) } else { ended };
        }
        if self.clips.is_empty() {
            self.clear();
        }
        ended
    }
}
