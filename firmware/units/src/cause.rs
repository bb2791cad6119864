//! Why a call ended (Q.850) and who ended it.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A cause value of Q.850, 1 to 127. Codes that Q.850 does not name pass through unharmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cause(u8);

macro_rules! causes {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl Cause {
            $(
                #[doc = $text]
                $(#[$doc])*
                pub const $name: Self = Self($value);
            )*

            /// The name that Q.850 gives the value, in English.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self.0 {
                    $($value => $text,)*
                    _ => "unnamed cause",
                }
            }
        }
    };
}

causes! {
    UNALLOCATED_NUMBER = 1, "unallocated number";
    NO_ROUTE_TO_DESTINATION = 3, "no route to destination";
    CHANNEL_UNACCEPTABLE = 6, "channel unacceptable";
    NORMAL_CLEARING = 16, "normal call clearing";
    USER_BUSY = 17, "user busy";
    NO_USER_RESPONDING = 18, "no user responding";
    NO_ANSWER = 19, "no answer from user";
    CALL_REJECTED = 21, "call rejected";
    NUMBER_CHANGED = 22, "number changed";
    DESTINATION_OUT_OF_ORDER = 27, "destination out of order";
    INVALID_NUMBER_FORMAT = 28, "invalid number format";
    RESPONSE_TO_STATUS_ENQUIRY = 30, "response to STATUS ENQUIRY";
    NORMAL_UNSPECIFIED = 31, "normal, unspecified";
    NO_CHANNEL_AVAILABLE = 34, "no circuit or channel available";
    NETWORK_OUT_OF_ORDER = 38, "network out of order";
    TEMPORARY_FAILURE = 41, "temporary failure";
    SWITCHING_EQUIPMENT_CONGESTION = 42, "switching equipment congestion";
    REQUESTED_CHANNEL_NOT_AVAILABLE = 44, "requested circuit or channel not available";
    BEARER_CAPABILITY_NOT_IMPLEMENTED = 65, "bearer capability not implemented";
    INVALID_CALL_REFERENCE = 81, "invalid call reference value";
    CHANNEL_DOES_NOT_EXIST = 82, "identified channel does not exist";
    INCOMPATIBLE_DESTINATION = 88, "incompatible destination";
    MANDATORY_ELEMENT_MISSING = 96, "mandatory information element is missing";
    MESSAGE_TYPE_NON_EXISTENT = 97, "message type non-existent or not implemented";
    MESSAGE_NOT_COMPATIBLE = 98, "message not compatible with call state, or non-existent";
    ELEMENT_NON_EXISTENT = 99, "information element non-existent or not implemented";
    INVALID_ELEMENT_CONTENTS = 100, "invalid information element contents";
    MESSAGE_NOT_COMPATIBLE_WITH_STATE = 101, "message not compatible with call state";
    RECOVERY_ON_TIMER_EXPIRY = 102, "recovery on timer expiry";
    PROTOCOL_ERROR = 111, "protocol error, unspecified";
    INTERWORKING = 127, "interworking, unspecified";
}

impl Cause {
    /// `None` unless `value` is 1 to 127.
    #[must_use]
    pub const fn new(value: u8) -> Option<Self> {
        if value >= 1 && value <= 127 { Some(Self(value)) } else { None }
    }

    /// The value as it stands in the information element.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.text())
    }
}

/// Who cleared the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Party {
    /// The one who called.
    Caller,
    /// The one who was called.
    Called,
    /// This box: the flow ended, a timer ran out, an operator cleared it.
    Box,
    /// The network or the line between.
    Network,
}

impl Party {
    /// A word for records: `caller`, `called`, `box`, `network`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Caller => "caller",
            Self::Called => "called",
            Self::Box => "box",
            Self::Network => "network",
        }
    }
}
