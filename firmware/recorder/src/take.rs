//! A recording while it goes on.

use units::media::BLOCK_SAMPLES;

use crate::SECOND;
use crate::file::{HEADER, Shape};
use crate::mute::{Block, Mute, Octets};
use crate::proof::{Entry, Proof};
use crate::{opus, wav};

/// What is to be done with the files, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make both files; these octets stand in that of the sound and in the chain file.
    Create(Vec<u8>, Vec<u8>),
    /// Append to the file of the sound.
    Append(Vec<u8>),
    /// Append to the chain file.
    Chain(Entry),
    /// What was written must be on the disk before what follows.
    Sync,
    /// Write over the beginning of the WAV file.
    Header([u8; HEADER]),
    /// Make the file of the sound so short.
    Cut {
        /// Its octets.
        length: usize,
    },
    /// Sync the file of the sound, then take the chain file away.
    Close,
}

/// What files are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// WAV: the octets of the line, 16 kB a second.
    #[default]
    Wav,
    /// Ogg Opus: a quarter of that.
    Opus,
}

impl Format {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Wav, Self::Opus];

    /// What the name of such a file ends in.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Opus => "opus",
        }
    }
}

/// What becomes of keys that are heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// They stand in the recording.
    #[default]
    Keep,
    /// While one is heard, and 80 ms before, both channels are silent.
    Mute,
}

/// How is recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What files are made.
    pub format: Format,
    /// What becomes of keys.
    pub keys: Keys,
}

/// Most blocks that are made up for at once: a minute. A line that stood still for longer has
/// stopped.
const MOST_MISSING: u64 = 30_000;

/// What came of its blocks.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) missing: u32,
    pub(crate) muted: u32,
}

#[derive(Debug)]
enum Writer {
    Wav(wav::Writer),
    Opus(Box<opus::Writer>),
}

impl Writer {
    fn take(&mut self, sides: &[Octets; 2], steps: &mut Vec<Step>) {
        match self {
            Self::Wav(writer) => writer.take(sides, steps),
            Self::Opus(writer) => writer.take(sides, steps),
        }
    }

    fn blocks(&self) -> usize {
        match self {
            Self::Wav(writer) => writer.blocks(),
            Self::Opus(writer) => writer.blocks(),
        }
    }
}

/// A recording while it goes on.
#[derive(Debug)]
pub struct Recorder {
    shape: Shape,
    writer: Writer,
    mute: Option<Mute>,
    /// The block that comes next.
    expected: Option<u64>,
    tally: Tally,
}

impl Recorder {
    /// Begins one. Where no Opus can be made it is a WAV file: see [`Self::format`].
    #[must_use]
    pub fn begin(shape: Shape, terms: Terms) -> (Self, Step) {
        let opus = (terms.format == Format::Opus).then(|| opus::Writer::begin(shape)).flatten();
        let (writer, step) = if let Some((writer, step)) = opus {
            (Writer::Opus(Box::new(writer)), step)
        } else {
            let (writer, step) = wav::Writer::begin(shape);
            (Writer::Wav(writer), step)
        };
        let mute = (terms.keys == Keys::Mute).then(Mute::default);
        (Self { shape, writer, mute, expected: None, tally: Tally::default() }, step)
    }

    /// What file it makes.
    #[must_use]
    pub const fn format(&self) -> Format {
        match self.writer {
            Writer::Wav(_) => Format::Wav,
            Writer::Opus(_) => Format::Opus,
        }
    }

    /// Takes a block of both channels in. `number` counts the blocks of the line; those left out
    /// never came. What is to be done is there once a second.
    pub fn push(&mut self, number: u64, left: &Octets, right: &Octets) -> Vec<Step> {
        let mut steps = vec![];
        let block = Block { number, sides: [*left, *right], key: false };
        let block = match &mut self.mute {
            Some(mute) => mute.push(self.shape.law, block),
            None => Some(block),
        };
        if let Some(block) = block {
            self.take(block, &mut steps);
        }
        steps
    }

    fn take(&mut self, Block { number, mut sides, key }: Block, steps: &mut Vec<Step>) {
        let silence = [[self.shape.law.idle(); BLOCK_SAMPLES]; 2];
        let expected = self.expected.unwrap_or(number);
        for _ in 0..number.saturating_sub(expected).min(MOST_MISSING) {
            self.tally.missing = self.tally.missing.saturating_add(1);
            self.writer.take(&silence, steps);
        }
        if key {
            self.tally.muted = self.tally.muted.saturating_add(1);
            sides = silence;
        }
        self.writer.take(&sides, steps);
        self.expected = Some(number + 1);
    }

    /// Octets of sound so far, as a WAV file has them: [`SECOND`] a second.
    #[must_use]
    pub fn sound(&self) -> usize {
        let held = self.mute.as_ref().map_or(0, Mute::held);
        (self.writer.blocks() + held).saturating_mul(2 * BLOCK_SAMPLES)
    }

    /// Ends it.
    #[must_use]
    pub fn end(mut self) -> (Vec<Step>, Proof) {
        let mut steps = vec![];
        for block in self.mute.take().map(Mute::rest).unwrap_or_default() {
            self.take(block, &mut steps);
        }
        match self.writer {
            Writer::Wav(writer) => writer.end(self.tally, steps),
            Writer::Opus(writer) => writer.end(self.tally, steps),
        }
    }
}

const _: () = assert!(SECOND.is_multiple_of(2 * BLOCK_SAMPLES), "a second is whole blocks");
