//! What happens at a line of an exchange and what the box does to it.

use clid::Told;
use serde::{Deserialize, Serialize};
use units::{CallTone, Digit, Digits};

/// What happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Ringing current comes, or stopped.
    Ringing(bool),
    /// The polarity of the line turned.
    Polarity,
    /// Current flows in the closed loop, or ceased to.
    Current(bool),
    /// Who calls, by FSK or DTMF.
    Caller(Told<Digits>),
    /// A tone of the exchange was recognised.
    Tone(CallTone),
    /// A call shall go out to this number; passed over unless [`super::Fxo::is_idle`].
    Place(Digits),
    /// The call that rings is answered.
    Answer,
    /// The box is done with the call, or does not want it.
    Release,
}

impl Input {
    /// The names of all inputs, and that of a timer.
    pub const NAMES: &'static [&'static str] = &[
        "ringing",
        "ringing off",
        "polarity",
        "current",
        "no current",
        "caller",
        "dial tone",
        "ring-back tone",
        "ending tone",
        "place",
        "answer",
        "release",
        "timeout",
    ];

    /// Its name in traces.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ringing(true) => "ringing",
            Self::Ringing(false) => "ringing off",
            Self::Polarity => "polarity",
            Self::Current(true) => "current",
            Self::Current(false) => "no current",
            Self::Caller(_) => "caller",
            Self::Tone(CallTone::Dial) => "dial tone",
            Self::Tone(CallTone::RingBack) => "ring-back tone",
            Self::Tone(_) => "ending tone",
            Self::Place(_) => "place",
            Self::Answer => "answer",
            Self::Release => "release",
        }
    }
}

/// What is listened for in what comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ear {
    /// Nothing.
    Nothing,
    /// Who calls: FSK and DTMF.
    Caller,
    /// Tones of the exchange.
    Tones,
}

/// Why a call is over that the box did not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Why {
    /// The exchange stopped ringing: the caller gave up.
    Abandoned,
    /// A tone said it.
    Tone(CallTone),
    /// A tone said it, and the exchange had told the answer before.
    Over,
    /// The line was reversed.
    Reversed,
    /// The loop was opened at the exchange.
    Broken,
    /// No dial tone came.
    NoDialTone,
}

/// What the machine wants, or tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Close the loop, or open it.
    Loop(bool),
    /// Listen for this and nothing else.
    Listen(Ear),
    /// Send this digit in tones behind those before it.
    Key(Digit),
    /// A call comes in; who calls, if the exchange told.
    Offered(Option<Told<Digits>>),
    /// The number has been sent.
    Sent,
    /// The far telephone rings.
    Alerting,
    /// The far side answered.
    Answered,
    /// The call is over, and the box did not end it.
    Released(Why),
    /// The line is free again.
    Idle,
}
