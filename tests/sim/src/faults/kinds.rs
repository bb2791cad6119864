//! The kinds of faults. A seed chooses which of them its world knows, so that some worlds are
//! peaceful, some have one single trouble, and some combine everything.

use std::fmt;

use machine::check::Random;

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Bits are flipped on a line, blocks are lost.
    Noise,
    /// A line is cut.
    Cut,
    /// Alarms of layer 1 in any combination: loss of signal or frame, AIS, RAI, no multiframe.
    Alarms,
    /// Errors that are only counted: CRC, E bits, slips, code violations.
    Errors,
    /// An exchange stays silent for a while.
    Mute,
    /// An exchange sends wrong octets.
    Wrong,
    /// Whole frames are lost, repeated or change places.
    Frames,
    /// Frames come with a good check sequence and wrong octets.
    Spoilt,
    /// An exchange sends signals of a valid form that are wrong.
    Odd,
    /// Signals come at the end of a timer, cross others, or minutes late.
    Late,
    /// The data link is reset or taken down in mid call.
    Link,
    /// An exchange restarts channels.
    Restart,
    /// The calendar is set forwards or back.
    Clock,
    /// The line thread comes late.
    Stall,
    /// The disk stands still.
    Disk,
    /// The daemon is killed.
    Daemon,
    /// The power goes.
    Power,
    /// The core is killed.
    Core,
    /// A card goes.
    Card,
}

impl Fault {
    /// All of them, and in how many worlds each is: one in so many.
    const ALL: [(Self, u64); 19] = [
        (Self::Noise, 3),
        (Self::Cut, 4),
        (Self::Alarms, 4),
        (Self::Errors, 3),
        (Self::Mute, 6),
        (Self::Wrong, 6),
        (Self::Frames, 5),
        (Self::Spoilt, 8),
        (Self::Odd, 5),
        (Self::Late, 4),
        (Self::Link, 5),
        (Self::Restart, 6),
        (Self::Clock, 4),
        (Self::Stall, 5),
        (Self::Disk, 5),
        (Self::Daemon, 2),
        (Self::Power, 5),
        (Self::Core, 5),
        (Self::Card, 4),
    ];

    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().map(|(fault, _)| fault)
    }
}

/// The kinds of faults that a world knows.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    /// One kind alone.
    #[must_use]
    pub const fn only(fault: Fault) -> Self {
        Self(1 << fault as u32)
    }

    /// What a seed chooses: one world in four has at most one kind.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let mut random = Random::new(seed ^ 0xFA);
        if random.one_in(4) {
            return Self::only(random.pick(&Fault::ALL).0);
        }
        let mut kinds = Self::default();
        for (fault, n) in Fault::ALL {
            if random.one_in(n) {
                kinds = kinds.with(fault);
            }
        }
        kinds
    }

    /// Every kind.
    #[must_use]
    pub const fn all() -> Self {
        Self((1 << Fault::ALL.len()) - 1)
    }

    /// Whether the world knows this one.
    #[must_use]
    pub const fn has(self, fault: Fault) -> bool {
        self.0 & 1 << fault as u32 != 0
    }

    /// And this one.
    #[must_use]
    pub const fn with(self, fault: Fault) -> Self {
        Self(self.0 | 1 << fault as u32)
    }

    /// But not this one.
    #[must_use]
    pub const fn without(self, fault: Fault) -> Self {
        Self(self.0 & !(1 << fault as u32))
    }
}

impl fmt::Debug for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(Fault::all().filter(|fault| self.has(*fault))).finish()
    }
}
