//! What a WAV file is written of while it goes on.

use units::media::BLOCK_SAMPLES;

use crate::SECOND;
use crate::file::{Shape, header};
use crate::mute::Octets;
use crate::proof::{Hash, Proof, chain_head, entry, first, next};
use crate::take::{Step, Tally};

/// Writes a WAV file.
#[derive(Debug)]
pub(crate) struct Writer {
    shape: Shape,
    hash: Hash,
    hashes: Vec<Hash>,
    /// Octets of the second that fills.
    second: Vec<u8>,
    /// Octets of sound in the file.
    sound: u32,
}

impl Writer {
    pub(crate) fn begin(shape: Shape) -> (Self, Step) {
        let step = Step::Create(header(shape.law, 0, 0).to_vec(), chain_head(&shape));
        let second = Vec::with_capacity(SECOND);
        (Self { shape, hash: first(&shape), hashes: vec![], second, sound: 0 }, step)
    }

    pub(crate) const fn blocks(&self) -> usize {
        (self.sound as usize + self.second.len()) / (2 * BLOCK_SAMPLES)
    }

    pub(crate) fn take(&mut self, [left, right]: &[Octets; 2], steps: &mut Vec<Step>) {
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

    pub(crate) fn end(mut self, tally: Tally, mut steps: Vec<Step>) -> (Vec<Step>, Proof) {
        if !self.second.is_empty() {
            self.write_second(&mut steps);
        }
        let Self { shape, hashes, sound, .. } = self;
        let Tally { missing, muted } = tally;
        let (begun_us, seconds) = (shape.begun_us, hashes.len());
        let proof = Proof { begun_us, cut: false, missing, muted, seconds, hashes };
        let end = proof.chunk();
        let behind = u32::try_from(end.len()).unwrap_or(u32::MAX);
        steps.push(Step::Append(end));
        steps.push(Step::Header(header(shape.law, sound, behind)));
        steps.push(Step::Close);
        (steps, proof)
    }
}
