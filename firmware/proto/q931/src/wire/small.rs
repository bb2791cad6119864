//! The short elements: call state, progress, restart and notification indicators, location.

use serde::{Deserialize, Serialize};

/// Who speaks in a cause or progress indicator (Q.850 2.2.3, Q.931 4.5.23).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Location {
    /// The person, or the equipment at the far end.
    User,
    /// The private network that serves the local user.
    PrivateLocal,
    /// The public network that serves the local user.
    PublicLocal,
    /// A network between.
    Transit,
    /// The public network that serves the remote user.
    PublicRemote,
    /// The private network that serves the remote user.
    PrivateRemote,
    /// The international network.
    International,
    /// Beyond a point of interworking.
    Beyond,
    /// A value that is reserved.
    Reserved,
}

impl Location {
    pub(crate) const fn from_code(code: u8) -> Self {
        match code & 0x0F {
            0 => Self::User,
            1 => Self::PrivateLocal,
            2 => Self::PublicLocal,
            3 => Self::Transit,
            4 => Self::PublicRemote,
            5 => Self::PrivateRemote,
            7 => Self::International,
            10 => Self::Beyond,
            _ => Self::Reserved,
        }
    }

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::User => 0,
            Self::PrivateLocal => 1,
            Self::PublicLocal => 2,
            Self::Transit => 3,
            Self::PublicRemote => 4,
            Self::PrivateRemote => 5,
            Self::International => 7,
            Self::Beyond => 10,
            Self::Reserved => 15,
        }
    }
}

/// A progress indicator (4.5.23), coded as ITU-T standardizes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Who says so.
    pub location: Location,
    /// The progress description, 0 to 127.
    pub description: u8,
}

impl Progress {
    /// The call is not end-to-end ISDN: more may be heard in the channel.
    pub const NOT_END_TO_END: u8 = 1;
    /// Tones or announcements are in the channel now.
    pub const IN_BAND: u8 = 8;

    /// Whether the channel has something to hear (5.1.6): description 1 or 8.
    #[must_use]
    pub const fn is_in_band(&self) -> bool {
        matches!(self.description, Self::NOT_END_TO_END | Self::IN_BAND)
    }

    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        // Octet 3a stands between only where a national coding uses it.
        let [location, description] = content else { return None };
        if location & 0x80 == 0 {
            return None;
        }
        // Another coding standard than ITU-T: a description of its own, of no meaning here.
        let known = location & 0x60 == 0;
        let description = if known { description & 0x7F } else { 0 };
        Some(Self { location: Location::from_code(*location), description })
    }

    pub(crate) const fn emit(&self) -> [u8; 2] {
        [0x80 | self.location.code(), 0x80 | self.description]
    }
}

/// What is restarted (4.5.25).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RestartClass {
    /// The channels of the channel identification.
    Channels,
    /// The interface of the channel identification, or the one of this D channel.
    SingleInterface,
    /// Everything that this D channel controls.
    AllInterfaces,
}

impl RestartClass {
    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        match content {
            [0x80] => Some(Self::Channels),
            [0x86] => Some(Self::SingleInterface),
            [0x87] => Some(Self::AllInterfaces),
            _ => None,
        }
    }

    pub(crate) const fn emit(self) -> u8 {
        match self {
            Self::Channels => 0x80,
            Self::SingleInterface => 0x86,
            Self::AllInterfaces => 0x87,
        }
    }
}

/// The number of a call state or of a state of the global call reference (4.5.7): 0 to 63.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallState(pub u8);

impl CallState {
    /// No call.
    pub const NULL: Self = Self(0);
    /// Global call reference: RESTART sent (Rest 1).
    pub const RESTART_REQUEST: Self = Self(61);
    /// Global call reference: RESTART received (Rest 2).
    pub const RESTART: Self = Self(62);

    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        // States of another coding standard mean nothing here.
        let [state] = content else { return None };
        (state & 0xC0 == 0).then_some(Self(state & 0x3F))
    }

    pub(crate) const fn emit(self) -> u8 {
        self.0 & 0x3F
    }
}
