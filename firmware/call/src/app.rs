//! What a call and the application that holds it say to each other. An application (the IVR, a
//! queue) chooses and asks; the call acts. Neither knows how the other does it.

use heapless::Vec;
use serde::{Deserialize, Serialize};
use units::{Cause, ContentHash, Digit, Digits};

/// Prompts that are played one after the other.
pub type Prompts = Vec<ContentHash, { limits::PROMPTS_PER_STEP }>;

/// What a caller hears while a number is rung.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hear {
    /// Ring-back tone.
    #[default]
    RingBack,
    /// The player of the box; ring-back tone while there is none.
    Music,
}

/// What an application asks of its call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// Answer the caller.
    Answer,
    /// Play prompts to the caller; [`Notice::Played`] with the same token tells the end.
    Play {
        /// Chosen by the application; a later `Play` has another.
        token: u16,
        /// In this order.
        prompts: Prompts,
    },
    /// Stop what is played. No [`Notice::Played`] follows.
    StopPlaying,
    /// Ring an extension, or any number that the directory knows.
    Ring {
        /// Which.
        number: Digits,
        /// What a caller who was answered hears meanwhile.
        hear: Hear,
    },
    /// Give up ringing.
    StopRinging,
    /// The caller entered these digits: they go into the record.
    Entered {
        /// Digits of one menu.
        digits: Digits,
    },
    /// End the call.
    Release {
        /// Why.
        cause: Cause,
    },
}

/// What a call tells its application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The call is offered and waits: begin.
    Started,
    /// The prompts of this token were played to their end.
    Played {
        /// As in [`Action::Play`].
        token: u16,
    },
    /// The caller pressed a key.
    Digit(Digit),
    /// The number asked for could not be reached; the caller is with the application again.
    RingFailed {
        /// Why.
        cause: Cause,
    },
    /// The number answered and the two talk: the application is done.
    Connected,
    /// The caller is gone: the application is done.
    Gone,
}
