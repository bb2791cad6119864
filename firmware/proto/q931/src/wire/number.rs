//! Numbers: calling, called and connected party (Q.931 4.5.8, 4.5.10; connected: Q.951.5).

use heapless::VecView;
use serde::{Deserialize, Serialize};
use units::{Digit, Digits};

/// The type of number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberType {
    /// Unknown, or a reserved value: prefixes are in the digits.
    #[default]
    Unknown,
    /// With country code.
    International,
    /// With area code.
    National,
    /// A number of the network's own.
    NetworkSpecific,
    /// Within the area.
    Subscriber,
    /// Abbreviated.
    Abbreviated,
}

/// The numbering plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberPlan {
    /// Unknown, or a reserved value.
    #[default]
    Unknown,
    /// E.164.
    Isdn,
    /// X.121.
    Data,
    /// F.69.
    Telex,
    /// National standard.
    National,
    /// Private.
    Private,
}

/// Whether the number may be shown (octet 3a).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presentation {
    /// It may.
    #[default]
    Allowed,
    /// It may not.
    Restricted,
    /// There is none, by interworking.
    Unavailable,
}

/// Who vouches for the number (octet 3a).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Screening {
    /// The user said so.
    #[default]
    UserProvided,
    /// The user said so, and the network found it right.
    Verified,
    /// The user said so, and the network found it wrong.
    Failed,
    /// The network.
    NetworkProvided,
}

/// A party number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyNumber {
    /// What the digits begin with.
    pub kind: NumberType,
    /// Whose digits.
    pub plan: NumberPlan,
    /// Octet 3a; a called party number has none.
    pub shown: Option<(Presentation, Screening)>,
    /// The digits, perhaps none.
    pub digits: Digits,
}

impl PartyNumber {
    /// Digits of which nothing is known.
    #[must_use]
    pub const fn unknown(digits: Digits) -> Self {
        Self { kind: NumberType::Unknown, plan: NumberPlan::Unknown, shown: None, digits }
    }

    /// Digits in the E.164 plan.
    #[must_use]
    pub const fn isdn(kind: NumberType, digits: Digits) -> Self {
        Self { kind, plan: NumberPlan::Isdn, shown: None, digits }
    }

    pub(crate) fn parse(content: &[u8]) -> Option<Self> {
        let (first, mut rest) = content.split_first()?;
        let kind = match first >> 4 & 7 {
            1 => NumberType::International,
            2 => NumberType::National,
            3 => NumberType::NetworkSpecific,
            4 => NumberType::Subscriber,
            6 => NumberType::Abbreviated,
            _ => NumberType::Unknown,
        };
        let plan = match first & 0x0F {
            1 => NumberPlan::Isdn,
            3 => NumberPlan::Data,
            4 => NumberPlan::Telex,
            8 => NumberPlan::National,
            9 => NumberPlan::Private,
            _ => NumberPlan::Unknown,
        };
        let mut shown = None;
        if first & 0x80 == 0 {
            let (octet, after) = rest.split_first()?;
            shown = Some(parse_shown(*octet));
            rest = after;
        }
        let mut digits = Digits::new();
        for octet in rest {
            digits.push(Digit::new(octet & 0x7F)?).ok()?;
        }
        Some(Self { kind, plan, shown, digits })
    }

    pub(crate) fn write(&self, out: &mut VecView<u8>) -> Option<()> {
        let kind = match self.kind {
            NumberType::Unknown => 0,
            NumberType::International => 1,
            NumberType::National => 2,
            NumberType::NetworkSpecific => 3,
            NumberType::Subscriber => 4,
            NumberType::Abbreviated => 6,
        };
        let plan = match self.plan {
            NumberPlan::Unknown => 0,
            NumberPlan::Isdn => 1,
            NumberPlan::Data => 3,
            NumberPlan::Telex => 4,
            NumberPlan::National => 8,
            NumberPlan::Private => 9,
        };
        let extension = u8::from(self.shown.is_none()) << 7;
        out.push(extension | kind << 4 | plan).ok()?;
        if let Some((presentation, screening)) = self.shown {
            let presentation = match presentation {
                Presentation::Allowed => 0,
                Presentation::Restricted => 1,
                Presentation::Unavailable => 2,
            };
            let screening = match screening {
                Screening::UserProvided => 0,
                Screening::Verified => 1,
                Screening::Failed => 2,
                Screening::NetworkProvided => 3,
            };
            out.push(0x80 | presentation << 5 | screening).ok()?;
        }
        for digit in self.digits.as_slice() {
            out.push(digit.ascii()).ok()?;
        }
        Some(())
    }
}

const fn parse_shown(octet: u8) -> (Presentation, Screening) {
    let presentation = match octet >> 5 & 3 {
        0 => Presentation::Allowed,
        // A reserved value is treated with the caution of a restricted one.
        1 | 3 => Presentation::Restricted,
        _ => Presentation::Unavailable,
    };
    let screening = match octet & 3 {
        0 => Screening::UserProvided,
        1 => Screening::Verified,
        2 => Screening::Failed,
        _ => Screening::NetworkProvided,
    };
    (presentation, screening)
}
