//! Identity: minted once, at first seizure, and never reused; it survives a take-over.

use core::fmt;

use serde::{Deserialize, Serialize};

/// One box of a site or pair: 1 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BoxId(pub u8);

/// Whose data a row is; 1 unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Tenant(pub u32);

impl Default for Tenant {
    fn default() -> Self {
        Self(1)
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let (b, boot) = (self.0 >> 56, (self.0 >> 36) & 0xF_FFFF);
                let n = self.0 & 0xF_FFFF_FFFF;
                write!(f, concat!($letter, "{}-{}-{}"), b, boot, n)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

id!(
    /// One call from its first seizure to its last release. Shown as `c<box>-<boot>-<number>`.
    CallId, "c"
);
id!(
    /// One leg of a call: what joins it to one line. Shown as `l<box>-<boot>-<number>`.
    LegId, "l"
);

/// Makes ids that no other mint makes: box (8 bits), boot (20 bits), then lane and count (36 bits).
///
/// A lane keeps apart the machines of one box that mint by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mint {
    prefix: u64,
    lane: u16,
    minted: u32,
}

impl Mint {
    /// Lanes of one box; the lower bits of an id are `count * LANES + lane`.
    pub const LANES: u16 = 1024;

    /// A mint for one machine of one boot. `lane` is below [`Self::LANES`].
    #[must_use]
    pub const fn new(box_id: BoxId, boot: u32, lane: u16) -> Self {
        let prefix = ((box_id.0 as u64) << 56) | (((boot & 0xF_FFFF) as u64) << 36);
        Self { prefix, lane: lane % Self::LANES, minted: 0 }
    }

    /// The start of the box that it mints for, as far as ids tell it: 20 bits.
    #[must_use]
    pub const fn boot(&self) -> u32 {
        // 20 bits fit.
        ((self.prefix >> 36) & 0xF_FFFF) as u32
    }

    fn next(&mut self) -> u64 {
        self.minted = self.minted.wrapping_add(1);
        self.prefix
            | ((u64::from(self.minted) * u64::from(Self::LANES) + u64::from(self.lane))
                & 0xF_FFFF_FFFF)
    }

    /// A new call.
    pub fn call(&mut self) -> CallId {
        CallId(self.next())
    }

    /// A new leg.
    pub fn leg(&mut self) -> LegId {
        LegId(self.next())
    }
}

/// Makes the ids of the legs that one call places: the call's number in lanes that no [`Mint`] has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegMint {
    call: CallId,
    placed: u16,
}

impl LegMint {
    /// The lanes from this one on belong to the legs that calls place.
    pub const FIRST_LANE: u16 = Mint::LANES / 2;

    /// For the call of this id, which a mint of lane 0 has made.
    #[must_use]
    pub const fn of(call: CallId) -> Self {
        Self { call, placed: 0 }
    }

    /// A new leg. A call that places more than 512 begins again; its first ones are long gone.
    pub fn leg(&mut self) -> LegId {
        let lane = Self::FIRST_LANE + self.placed % Self::FIRST_LANE;
        self.placed = self.placed.wrapping_add(1);
        LegId(self.call.0 + u64::from(lane))
    }
}

/// The SHA-256 of a prompt, a program or a table: its name on disk and on the link.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ContentHash(pub [u8; 32]);

impl ContentHash {
    /// Reads the 64 hexadecimal digits that [`fmt::Display`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        let nibble = |c: u8| char::from(c).to_digit(16).and_then(|n| u8::try_from(n).ok());
        let mut hash = [0; 32];
        for (octet, pair) in hash.iter_mut().zip(text.chunks(2)) {
            *octet = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..4].iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_legs_of_calls_are_never_the_same() {
        let mut calls = Mint::new(BoxId(1), 7, 0);
        let mut seen = [LegId(0); 40];
        for pair in seen.chunks_mut(2) {
            let mut legs = LegMint::of(calls.call());
            pair.fill_with(|| legs.leg());
        }
        for (index, leg) in seen.iter().enumerate() {
            assert!(!seen[index + 1..].contains(leg), "{leg}");
        }
    }

    #[test]
    fn two_lanes_never_mint_the_same_id() {
        let mut a = Mint::new(BoxId(1), 7, 0);
        let mut b = Mint::new(BoxId(1), 7, 1);
        for _ in 0..1000 {
            assert_ne!(a.leg(), b.leg());
        }
        assert_ne!(Mint::new(BoxId(1), 8, 0).leg(), Mint::new(BoxId(1), 7, 0).leg());
        assert_ne!(Mint::new(BoxId(2), 7, 0).leg(), Mint::new(BoxId(1), 7, 0).leg());
    }
}
