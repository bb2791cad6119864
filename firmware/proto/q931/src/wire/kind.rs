//! Message types (Q.931 4.4, table 4-2).

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($name:ident = $code:literal, $text:literal;)*) => {
        /// The type of a message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Kind {
            $(#[doc = $text] $name,)*
            /// Any other type: not for circuit-mode call control, or not known.
            Unknown(u8),
        }

        impl Kind {
            /// All types that have a name here.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The type of a code.
            #[must_use]
            pub const fn from_code(code: u8) -> Self {
                match code {
                    $($code => Self::$name,)*
                    other => Self::Unknown(other),
                }
            }

            /// The code of the type.
            #[must_use]
            pub const fn code(self) -> u8 {
                match self {
                    $(Self::$name => $code,)*
                    Self::Unknown(code) => code,
                }
            }

            /// The name that Q.931 gives the type.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Unknown(_) => "unknown",
                }
            }
        }
    };
}

impl Kind {
    /// Whether such a message carries elements for the other side of the call beside its own.
    #[must_use]
    pub const fn carries_others(self) -> bool {
        matches!(
            self,
            Self::Setup
                | Self::Alerting
                | Self::Progress
                | Self::Connect
                | Self::Disconnect
                | Self::Release
                | Self::ReleaseComplete
        )
    }
}

kinds! {
    Alerting = 0x01, "ALERTING";
    CallProceeding = 0x02, "CALL PROCEEDING";
    Progress = 0x03, "PROGRESS";
    Setup = 0x05, "SETUP";
    Connect = 0x07, "CONNECT";
    SetupAcknowledge = 0x0D, "SETUP ACKNOWLEDGE";
    ConnectAcknowledge = 0x0F, "CONNECT ACKNOWLEDGE";
    Disconnect = 0x45, "DISCONNECT";
    Restart = 0x46, "RESTART";
    Release = 0x4D, "RELEASE";
    RestartAcknowledge = 0x4E, "RESTART ACKNOWLEDGE";
    ReleaseComplete = 0x5A, "RELEASE COMPLETE";
    Facility = 0x62, "FACILITY";
    Notify = 0x6E, "NOTIFY";
    StatusEnquiry = 0x75, "STATUS ENQUIRY";
    Information = 0x7B, "INFORMATION";
    Status = 0x7D, "STATUS";
}
