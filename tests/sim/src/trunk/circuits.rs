//! Signalling bits and register tones between the two ends of a span of R2 circuits, as levels:
//! what one end shows or sends, and what the other was told of it. No sound is made.
//!
//! Fault model. A change of bits comes late, or other bits come for less than the persistence of
//! Q.422 3.2.1 in between, or for longer than that; a tone is not recognised, recognised twice, or
//! taken for another one. The card at the box keeps the bits while the core is dead, and shows idle
//! after a power cut; tones end with the core.

use std::collections::{BTreeMap, BTreeSet};

use units::{MfSignal, PortId};

/// The box's end, and the exchange's.
pub(crate) const BOX: usize = 0;
pub(crate) const EXCHANGE: usize = 1;

/// What a circuit shows that nobody has set.
const IDLE: u8 = 0b1001;

/// One end of all circuits.
#[derive(Debug, Default)]
struct End {
    shows: BTreeMap<PortId, u8>,
    sends: BTreeMap<PortId, MfSignal>,
    listens: BTreeSet<PortId>,
    /// Bits of the other end that it was told.
    told: BTreeMap<PortId, u8>,
    hears: BTreeMap<PortId, MfSignal>,
}

/// The circuits of a span.
#[derive(Debug, Default)]
pub(crate) struct Circuits {
    ends: [End; 2],
    /// One change of bits in so many comes with a flip; 0: none.
    pub(crate) flip: u64,
    /// One in so many comes late.
    pub(crate) late: u64,
    /// One tone in so many is missed.
    pub(crate) miss: u64,
    /// One comes twice.
    pub(crate) double: u64,
    /// One is taken for another one.
    pub(crate) wrong: u64,
    /// When the box seizes next, the exchange does so too.
    pub(crate) meet: bool,
}

impl Circuits {
    pub(crate) fn show(&mut self, end: usize, port: PortId, bits: u8) {
        self.ends[end].shows.insert(port, bits);
    }

    pub(crate) fn send(&mut self, end: usize, port: PortId, signal: Option<MfSignal>) {
        match signal.filter(|_| self.ends[end].listens.contains(&port)) {
            Some(signal) => drop(self.ends[end].sends.insert(port, signal)),
            None => drop(self.ends[end].sends.remove(&port)),
        }
    }

    /// A register comes to a port of an end, or goes: its tone goes with it.
    pub(crate) fn listen(&mut self, end: usize, port: PortId, on: bool) {
        let end = &mut self.ends[end];
        end.sends.remove(&port);
        end.hears.remove(&port);
        if on {
            end.listens.insert(port);
        } else {
            end.listens.remove(&port);
        }
    }

    /// What an end has to be told of a circuit's bits, if anything.
    pub(crate) fn bits(&mut self, end: usize, port: PortId) -> Option<u8> {
        let bits = self.ends[1 - end].shows.get(&port).copied().unwrap_or(IDLE);
        self.tell_bits(end, port, bits)
    }

    /// An end sees these bits, whoever shows them.
    pub(crate) fn tell_bits(&mut self, end: usize, port: PortId, bits: u8) -> Option<u8> {
        (self.ends[end].told.insert(port, bits) != Some(bits)).then_some(bits)
    }

    /// What an end has to be told of the tone at a port, if anything.
    pub(crate) fn tone(
        &mut self,
        end: usize,
        port: PortId,
        dead: bool,
    ) -> Option<Option<MfSignal>> {
        let tone = self.ends[1 - end].sends.get(&port).copied().filter(|_| !dead);
        self.tell_tone(end, port, tone)
    }

    /// An end hears this, whoever makes it.
    pub(crate) fn tell_tone(
        &mut self,
        end: usize,
        port: PortId,
        tone: Option<MfSignal>,
    ) -> Option<Option<MfSignal>> {
        let end = &mut self.ends[end];
        if !end.listens.contains(&port) {
            return None;
        }
        let before = match tone {
            Some(tone) => end.hears.insert(port, tone),
            None => end.hears.remove(&port),
        };
        (before != tone).then_some(tone)
    }

    /// The receiver of an end begins anew: it will be told all bits.
    pub(crate) fn forget(&mut self, end: usize) {
        self.ends[end].told.clear();
    }

    /// The core is dead; `power`: the card too.
    pub(crate) fn box_stopped(&mut self, power: bool) {
        let end = &mut self.ends[BOX];
        end.sends.clear();
        end.listens.clear();
        end.hears.clear();
        end.told.clear();
        if power {
            end.shows.clear();
        }
    }

    /// All that disturbs them is mended.
    pub(crate) fn mend(&mut self) {
        (self.flip, self.late, self.miss, self.double, self.wrong) = (0, 0, 0, 0, 0);
        self.meet = false;
    }
}
