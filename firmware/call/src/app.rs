//! What a call and the application that holds it say to each other. An application (the IVR, a
//! queue) chooses and asks; the call acts. Neither knows how the other does it.

use core::ops::Deref;

use serde::{Deserialize, Serialize};
use units::{Cause, ContentHash, Digit, Digits};

/// Prompts that are played one after the other: at most [`limits::PROMPTS_PER_STEP`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ContentHash>")]
pub struct Prompts(Vec<ContentHash>);

impl Prompts {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more at the end.
    ///
    /// # Errors
    /// Gives it back if there are as many as may be.
    pub fn push(&mut self, prompt: ContentHash) -> Result<(), ContentHash> {
        if self.0.len() >= limits::PROMPTS_PER_STEP {
            return Err(prompt);
        }
        self.0.push(prompt);
        Ok(())
    }
}

impl Deref for Prompts {
    type Target = [ContentHash];

    fn deref(&self) -> &[ContentHash] {
        &self.0
    }
}

impl TryFrom<Vec<ContentHash>> for Prompts {
    type Error = &'static str;

    fn try_from(prompts: Vec<ContentHash>) -> Result<Self, Self::Error> {
        if prompts.len() > limits::PROMPTS_PER_STEP {
            return Err("more prompts than one step plays");
        }
        Ok(Self(prompts))
    }
}

/// As many as there may be.
impl FromIterator<ContentHash> for Prompts {
    fn from_iter<I: IntoIterator<Item = ContentHash>>(prompts: I) -> Self {
        Self(prompts.into_iter().take(limits::PROMPTS_PER_STEP).collect())
    }
}

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
