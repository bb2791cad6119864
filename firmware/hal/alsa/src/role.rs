//! What a jack is for: data that a board file names.

use units::Duration;

/// What a jack is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A player's sound for callers who wait.
    MusicOnHold,
    /// Loudspeakers in the house.
    Paging,
    /// The operator's handset.
    Handset,
    /// The speaking place at the door.
    DoorPhone,
}

/// What follows from a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traits {
    /// As the board file writes it.
    pub name: &'static str,
    /// Sound comes in by it.
    pub captures: bool,
    /// Sound goes out by it.
    pub plays: bool,
    /// What waits between the card and the line in each direction: less where people talk to
    /// each other, more where nobody can tell. At least twice the card's period.
    pub latency: Duration,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::MusicOnHold, Self::Paging, Self::Handset, Self::DoorPhone];

    /// What follows from it.
    #[must_use]
    pub const fn traits(self) -> Traits {
        let (name, captures, plays, latency_ms) = match self {
            Self::MusicOnHold => ("music-on-hold", true, false, 48),
            Self::Paging => ("paging", false, true, 48),
            Self::Handset => ("handset", true, true, 16),
            Self::DoorPhone => ("door-phone", true, true, 24),
        };
        Traits { name, captures, plays, latency: Duration::from_millis(latency_ms) }
    }

    /// The role of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.traits().name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::PERIOD;

    #[test]
    fn every_role_has_a_name_of_its_own_and_room_for_two_periods() {
        for role in Role::ALL {
            let traits = role.traits();
            assert_eq!(Role::parse(traits.name), Some(role));
            assert!(traits.captures || traits.plays);
            assert!(traits.latency >= 2 * PERIOD);
        }
        assert_eq!(Role::parse("gramophone"), None);
    }
}
