//! The two heads of a journal.
//!
//! ```text
//!  magic: 4 │ format: 2 │ area: 1 │ 0 │ serial: 8 │ committed: 8 │ sequence: 8 │ checksum: 4
//! ```

use super::{ENDLESS, FORMAT, OLDEST, Refusal};

const MAGIC: [u8; 4] = *b"RMJ\n";
const OCTETS: usize = 4 + 2 + 1 + 1 + 8 + 8 + 8 + 4;
const APART: usize = 64;

/// What a head says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Rises by one with each head written.
    pub(super) serial: u64,
    /// Which area is live.
    pub(super) area: u8,
    /// Octets of it that are written.
    pub(super) committed: u64,
    /// The sequence of the last record in it.
    pub(super) sequence: u64,
}

impl Head {
    /// The newest of the two that are whole.
    pub(super) fn newest(octets: &[u8]) -> Result<Self, Refusal> {
        let heads = [Self::read(octets, 0), Self::read(octets, APART)];
        let whole = heads.iter().filter_map(|head| head.ok());
        if let Some(newest) = whole.max_by_key(|head| head.serial) {
            return Ok(newest);
        }
        // Of two that are not, the one that says more.
        let [a, b] = heads.map(|head| head.err().unwrap_or(Refusal::Damaged));
        Err(if a == Refusal::Damaged { b } else { a })
    }

    fn read(octets: &[u8], at: usize) -> Result<Self, Refusal> {
        let octets = octets.get(at..at + OCTETS).ok_or(Refusal::Damaged)?;
        let word = |at: usize| octets[at..at + 8].try_into().map_or(0, u64::from_be_bytes);
        let check = crc32fast::hash(&octets[..OCTETS - 4]).to_be_bytes();
        if octets[..4] != MAGIC || octets[OCTETS - 4..] != check {
            return Err(Refusal::Damaged);
        }
        let found = u16::from_be_bytes([octets[4], octets[5]]);
        if !(OLDEST..=FORMAT).contains(&found) {
            return Err(Refusal::Format { found, oldest: OLDEST, newest: FORMAT });
        }
        let (serial, sequence) = (word(8), word(24));
        if serial >= ENDLESS || sequence >= ENDLESS {
            return Err(Refusal::Damaged);
        }
        Ok(Self { area: octets[6], serial, committed: word(16), sequence })
    }

    pub(super) fn write(self, memory: &mut [u8]) {
        let at = if self.serial.is_multiple_of(2) { 0 } else { APART };
        let Some(room) = memory.get_mut(at..at + OCTETS) else { return };
        room[..4].copy_from_slice(&MAGIC);
        room[4..6].copy_from_slice(&FORMAT.to_be_bytes());
        room[6..8].copy_from_slice(&[self.area, 0]);
        room[8..16].copy_from_slice(&self.serial.to_be_bytes());
        room[16..24].copy_from_slice(&self.committed.to_be_bytes());
        room[24..32].copy_from_slice(&self.sequence.to_be_bytes());
        let check = crc32fast::hash(&room[..OCTETS - 4]).to_be_bytes();
        room[OCTETS - 4..].copy_from_slice(&check);
    }
}
