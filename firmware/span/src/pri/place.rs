//! Where a B channel stands in its group.

use serde::{Deserialize, Serialize};
use units::Timeslot;

/// One B channel of a group: its span, counted from 0, and its slot. A slot stands for that of the
/// first span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Place {
    span: u8,
    slot: Timeslot,
}

impl Place {
    /// `None` unless `span` is below [`limits::GROUP_SPANS`].
    #[must_use]
    pub const fn new(span: u8, slot: Timeslot) -> Option<Self> {
        if (span as usize) < limits::GROUP_SPANS { Some(Self { span, slot }) } else { None }
    }

    /// The span in the group, from 0.
    #[must_use]
    pub const fn span(self) -> u8 {
        self.span
    }

    /// The slot.
    #[must_use]
    pub const fn slot(self) -> Timeslot {
        self.slot
    }

    pub(super) const fn index(self) -> usize {
        (self.span as usize) << 5 | self.slot.get() as usize
    }
}

impl From<Timeslot> for Place {
    fn from(slot: Timeslot) -> Self {
        Self { span: 0, slot }
    }
}

impl From<Place> for u8 {
    fn from(place: Place) -> Self {
        place.span << 5 | place.slot.get()
    }
}

impl TryFrom<u8> for Place {
    type Error = &'static str;

    fn try_from(place: u8) -> Result<Self, Self::Error> {
        let slot = Timeslot::new(place & 31).ok_or("slot 0 carries the framing")?;
        Self::new(place >> 5, slot).ok_or("no such span")
    }
}
