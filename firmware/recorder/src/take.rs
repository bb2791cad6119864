//! A recording while it goes on.

use units::media::BLOCK_SAMPLES;

use crate::SECOND;
use crate::file::{HEADER, Shape, header};
use crate::proof::{Entry, Hash, Proof, chain_head, entry, first, next};

/// What is to be done with the files, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make both files; these octets stand in the WAV file and the chain file.
    Create(Vec<u8>, Vec<u8>),
    /// Append to the WAV file.
    Append(Vec<u8>),
    /// Append to the chain file.
    Chain(Entry),
    /// What was written must be on the disk before what follows.
    Sync,
    /// Write over the beginning of the WAV file.
    Header([u8; HEADER]),
    /// Make the WAV file so short.
    Cut {
        /// Its octets.
        length: usize,
    },
    /// Sync the WAV file, then take the chain file away.
    Close,
}

type Octets = [u8; BLOCK_SAMPLES];

/// Most blocks that are made up for at once: a minute. A line that stood still for longer has
/// stopped.
const MOST_MISSING: u64 = 30_000;

/// A recording while it goes on.
#[derive(Debug)]
pub struct Recorder {
    shape: Shape,
    hash: Hash,
    hashes: Vec<Hash>,
    /// Octets of the second that fills.
    second: Vec<u8>,
    /// Octets of sound in the file.
    sound: u32,
    /// The block that comes next.
    expected: Option<u64>,
    missing: u32,
}

impl Recorder {
    /// Begins one.
    #[must_use]
    pub fn begin(shape: Shape) -> (Self, Step) {
        let step = Step::Create(header(shape.law, 0, 0).to_vec(), chain_head(&shape));
        let recorder = Self {
            shape,
            hash: first(&shape),
            hashes: vec![],
            second: Vec::with_capacity(SECOND),
            sound: 0,
            expected: None,
            missing: 0,
        };
        (recorder, step)
    }

    /// Takes a block of both channels in. `number` counts the blocks of the line; those left out
    /// never came. What is to be done is there once a second.
    pub fn push(&mut self, number: u64, left: &Octets, right: &Octets) -> Vec<Step> {
        let expected = self.expected.unwrap_or(number);
        let lost = number.saturating_sub(expected).min(MOST_MISSING);
        let silence = [self.shape.law.idle(); BLOCK_SAMPLES];
        let mut steps = vec![];
        for _ in 0..lost {
            self.missing = self.missing.saturating_add(1);
            self.take(&silence, &silence, &mut steps);
        }
        self.take(left, right, &mut steps);
        self.expected = Some(number + 1);
        steps
    }

    fn take(&mut self, left: &Octets, right: &Octets, steps: &mut Vec<Step>) {
        self.second.extend(left.iter().zip(right).flat_map(|(left, right)| [*left, *right]));
        if self.second.len() >= SECOND {
            self.write_second(steps);
            steps.push(Step::Header(header(self.shape.law, self.sound, 0)));
        }
    }

    fn write_second(&mut self, steps: &mut Vec<Step>) {
        let octets = std::mem::replace(&mut self.second, Vec::with_capacity(SECOND));
        self.sound = self.sound.saturating_add(u32::try_from(octets.len()).unwrap_or(0));
        self.hash = next(&self.hash, &octets);
        self.hashes.push(self.hash);
        let entry = entry(&octets, &self.hash);
        steps.extend([Step::Append(octets), Step::Chain(entry), Step::Sync]);
    }

    /// Octets of sound so far.
    #[must_use]
    pub fn sound(&self) -> usize {
        self.sound as usize + self.second.len()
    }

    /// Ends it.
    #[must_use]
    pub fn end(mut self) -> (Vec<Step>, Proof) {
        let mut steps = vec![];
        if !self.second.is_empty() {
            self.write_second(&mut steps);
        }
        let Self { shape, hashes, missing, sound, .. } = self;
        let proof = Proof { begun_us: shape.begun_us, cut: false, missing, hashes };
        let end = proof.chunk();
        let behind = u32::try_from(end.len()).unwrap_or(u32::MAX);
        steps.push(Step::Append(end));
        steps.push(Step::Header(header(shape.law, sound, behind)));
        steps.push(Step::Close);
        (steps, proof)
    }
}
