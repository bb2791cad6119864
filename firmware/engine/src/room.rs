//! Conferences: who is in each, and what they hear of each other.
//!
//! ```text
//!   clean octets of its ports ──► Mix ──► octets of its ports, each without its own
//!              somebody came or went ─┘
//! ```
//!
//! A port is in a room as long as the room is what it hears. One that hears a tone, a clip or
//! another port instead has left; the attention tone alone is heard over the room.

use dsp_mix::Mix;
use dsp_tone::Generator;
use heapless::Vec;
use serde::{Deserialize, Serialize};
use units::media::BLOCK_SAMPLES;
use units::{Dbm0, LinearBlock, PortId};

use crate::Octets;
use crate::port::{Port, Source};

/// A room of the engine, from 0 to one less than [`limits::ROOMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RoomId(pub u8);

/// What a room hears of those who come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chime {
    /// Somebody came: a low tone, then a high one.
    Came,
    /// Somebody went: a high tone, then a low one.
    Went,
}

/// Softer than speech, which goes on under it.
const LEVEL: Dbm0 = Dbm0(-20.0);
const LOW_HZ: f32 = 500.0;
const HIGH_HZ: f32 = 750.0;
/// Blocks of each of the two tones: 120 ms.
const BLOCKS: u16 = 60;

/// A chime as far as it has come.
#[derive(Debug)]
struct Sounding {
    tones: [Generator; 2],
    blocks_left: u16,
}

impl Sounding {
    fn new(chime: Chime) -> Self {
        let (first, second) = match chime {
            Chime::Came => (LOW_HZ, HIGH_HZ),
            Chime::Went => (HIGH_HZ, LOW_HZ),
        };
        let steady = |hz| Generator::new(&dsp_tone::Tone::single(hz, LEVEL, [0; 4]));
        Self { tones: [steady(first), steady(second)], blocks_left: 2 * BLOCKS }
    }

    /// The next block; `None` at its end.
    fn next(&mut self) -> Option<LinearBlock> {
        self.blocks_left = self.blocks_left.checked_sub(1)?;
        let mut block = LinearBlock::SILENCE;
        self.tones[usize::from(self.blocks_left < BLOCKS)].fill(&mut block.samples);
        Some(block)
    }
}

/// One room.
#[derive(Debug)]
pub(crate) struct Room {
    id: RoomId,
    /// In the order of the mix.
    parties: Vec<PortId, { limits::ROOM_PARTIES }>,
    mix: Mix,
    chime: Option<Sounding>,
}

impl Room {
    pub(crate) fn all() -> std::vec::Vec<Self> {
        let ids = (0..=u8::MAX).map(RoomId).take(limits::ROOMS);
        ids.map(|id| Self { id, parties: Vec::new(), mix: Mix::new(), chime: None }).collect()
    }

    /// A port comes, or is set to another gain; `false` if the room is full. One that left within
    /// this tick still has its place.
    pub(crate) fn take(&mut self, ports: &mut [Port], port: PortId, gain_db: Option<i8>) -> bool {
        self.clear_away(ports);
        let known = self.parties.iter().position(|party| *party == port);
        let place = known.unwrap_or(self.parties.len());
        if known.is_none() && !(self.parties.push(port).is_ok() && self.mix.join()) {
            return false;
        }
        self.mix.gain(place, gain_db);
        let Some(port) = ports.get_mut(usize::from(port.0)) else { return false };
        port.meet(self.id);
        true
    }

    pub(crate) fn chime(&mut self, chime: Chime) {
        self.chime = Some(Sounding::new(chime));
    }

    /// Lets those go who hear something else by now.
    fn clear_away(&mut self, ports: &[Port]) {
        let here = |port: &PortId| {
            ports.get(usize::from(port.0)).is_some_and(|port| port.source == Source::Room(self.id))
        };
        while let Some(gone) = self.parties.iter().position(|port| !here(port)) {
            self.parties.swap_remove(gone);
            self.mix.leave(gone);
        }
    }

    /// One tick of the room.
    pub(crate) fn tick(&mut self, ports: &[Port], clean: &[Octets], tx: &mut [Octets]) {
        self.clear_away(ports);
        if self.parties.is_empty() {
            self.chime = None;
            return;
        }
        let beside = self.chime.as_mut().and_then(Sounding::next);
        self.mix.begin(beside.as_ref().map(|block| &block.samples));
        let mut block = [0; BLOCK_SAMPLES];
        for (party, id) in self.parties.iter().enumerate() {
            let at = usize::from(id.0);
            if let (Some(port), Some(octets)) = (ports.get(at), clean.get(at)) {
                g711::decode_block(port.law, octets, &mut block);
                self.mix.say(party, &block);
            }
        }
        for (party, id) in self.parties.iter().enumerate() {
            let at = usize::from(id.0);
            self.mix.hear(party, &mut block);
            if let (Some(port), Some(octets)) = (ports.get(at), tx.get_mut(at))
                && port.hears_its_source()
            {
                g711::encode_block(port.law, &block, octets);
            }
        }
    }
}
