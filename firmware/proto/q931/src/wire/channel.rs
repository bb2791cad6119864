//! The channel identification (Q.931 4.5.13) of a primary rate interface.
//!
//! ```text
//!             8   7   6   5   4   3   2   1
//! octet 3   │ 1 │Int│ 1 │ 0 │P/E│ D │ select│   Int: 3.1 follows; select: 0 none 1 below 3 any
//! octet 3.1 │ 1 │    interface identifier   │
//! octet 3.2 │ 1 │ coding│map│ 0   0   1   1 │   map: slot map, else numbers
//! octet 3.3 │ext│   channel number          │   the last has ext = 1
//! ```

use heapless::VecView;
use serde::{Deserialize, Serialize};
use units::{Slots, Timeslot};

/// Which channel is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Select {
    /// No channel.
    None,
    /// These: one for a call, perhaps more in a RESTART. Never empty.
    Slots(Slots),
    /// Any.
    Any,
}

/// A channel identification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelId {
    /// Which.
    pub select: Select,
    /// No other will do.
    pub exclusive: bool,
    /// The interface, where the D channel controls more than its own (0 to 127).
    pub interface: Option<u8>,
}

impl ChannelId {
    /// One channel of this interface, and no other.
    #[must_use]
    pub fn exclusive(slot: Timeslot) -> Self {
        Self { select: Select::Slots(slot.into()), exclusive: true, interface: None }
    }

    /// One channel of this interface, or another.
    #[must_use]
    pub fn preferred(slot: Timeslot) -> Self {
        Self { select: Select::Slots(slot.into()), exclusive: false, interface: None }
    }

    /// Any channel.
    pub const ANY: Self = Self { select: Select::Any, exclusive: false, interface: None };

    /// The channel, if exactly one is named.
    #[must_use]
    pub fn slot(&self) -> Option<Timeslot> {
        match self.select {
            Select::Slots(slots) if slots.len() == 1 => slots.iter().next(),
            Select::Slots(_) | Select::None | Select::Any => None,
        }
    }

    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        let (first, mut rest) = content.split_first()?;
        // Primary rate, a B channel.
        if first & 0xA4 != 0xA0 {
            return None;
        }
        let mut interface = None;
        if first & 0x40 != 0 {
            let (id, after) = rest.split_first()?;
            interface = Some(id & 0x7F);
            // An identifier of more octets than one is another's addressing plan.
            if id & 0x80 == 0 {
                return None;
            }
            rest = after;
        }
        let select = match first & 3 {
            0 => Select::None,
            1 if rest.is_empty() && interface.is_some() => Select::None,
            1 => Select::Slots(parse_slots(rest)?),
            3 => Select::Any,
            _ => return None,
        };
        Some(Self { select, exclusive: first & 8 != 0, interface })
    }

    pub(crate) fn write(&self, out: &mut VecView<u8>) -> Option<()> {
        let select = match self.select {
            Select::None => 0,
            Select::Slots(_) => 1,
            Select::Any => 3,
        };
        let interface = u8::from(self.interface.is_some()) << 6;
        let exclusive = u8::from(self.exclusive) << 3;
        out.push(0xA0 | interface | exclusive | select).ok()?;
        if let Some(interface) = self.interface {
            out.push(0x80 | interface).ok()?;
        }
        if let Select::Slots(slots) = self.select {
            out.push(0x83).ok()?;
            for slot in slots.iter() {
                out.push(slot.get()).ok()?;
            }
            if let Some(last) = out.last_mut() {
                *last |= 0x80;
            }
        }
        Some(())
    }
}

/// Octet 3.2 and what follows: numbers, or a slot map.
fn parse_slots(octets: &[u8]) -> Option<Slots> {
    let (kind, rest) = octets.split_first()?;
    let mut slots = Slots::default();
    match kind {
        0x83 => {
            for (index, octet) in rest.iter().enumerate() {
                slots.insert(Timeslot::new(octet & 0x7F)?);
                // One number may come without its extension bit; a list ends with it.
                if octet & 0x80 != 0 && index + 1 != rest.len() {
                    return None;
                }
            }
        }
        // Figure 4-19: slot 31 is bit 8 of the first octet.
        0x93 => {
            let map = u32::from_be_bytes(rest.try_into().ok()?);
            slots = Slots::from_map(map);
        }
        _ => return None,
    }
    (!slots.is_empty()).then_some(slots)
}
