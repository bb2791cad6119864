//! The compiled form of a flow: steps that name each other by number.
//!
//! Written by the daemon's compiler, stored by content hash, read by the core. Its octets are
//! postcard behind a format number; a program of an unknown format is refused, never guessed.

use call::app::{Hear, Prompts};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use units::{Cause, Digit, Digits, Duration};

use crate::format1;

/// The number of a step in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct StepId(pub u16);

/// One key of a menu and where it leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The key.
    pub digit: Digit,
    /// The step that it leads to.
    pub next: StepId,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Answer the call.
    Answer {
        /// Then.
        next: StepId,
    },
    /// Play prompts; keys pressed meanwhile are ignored.
    Play {
        /// In order.
        prompts: Prompts,
        /// Then.
        next: StepId,
    },
    /// Play prompts and wait for one key; a key stops the prompts.
    Menu {
        /// In order.
        prompts: Prompts,
        /// Said before the prompts are played again after a key that leads nowhere.
        invalid: Prompts,
        /// The keys that lead somewhere.
        choices: Vec<Choice>,
        /// How long to wait for a key after the prompts, in milliseconds.
        wait_ms: u32,
        /// How many times the menu is offered in all, at least 1.
        attempts: u8,
        /// Where a caller goes who pressed nothing that leads somewhere.
        otherwise: StepId,
    },
    /// Ring an extension and connect the caller when it answers.
    Ring {
        /// Its number.
        number: Digits,
        /// How long, in milliseconds.
        patience_ms: u32,
        /// Where the caller goes if nobody answers or the extension is busy.
        otherwise: StepId,
        /// What the caller hears meanwhile. Since format 2.
        hear: Hear,
    },
    /// End the call.
    Release {
        /// Why, as the caller's exchange is told.
        cause: Cause,
    },
}

impl Step {
    /// The steps that can follow.
    #[must_use]
    pub fn successors(&self) -> Vec<StepId> {
        match self {
            Self::Answer { next } | Self::Play { next, .. } => vec![*next],
            Self::Menu { choices, otherwise, .. } => {
                choices.iter().map(|choice| choice.next).chain([*otherwise]).collect()
            }
            Self::Ring { otherwise, .. } => vec![*otherwise],
            Self::Release { .. } => vec![],
        }
    }

    /// Every prompt that the step may play.
    pub fn prompts(&self) -> impl Iterator<Item = &units::ContentHash> {
        let (first, second): (&[_], &[_]) = match self {
            Self::Play { prompts, .. } => (prompts, &[]),
            Self::Menu { prompts, invalid, .. } => (prompts, invalid),
            Self::Answer { .. } | Self::Ring { .. } | Self::Release { .. } => (&[], &[]),
        };
        first.iter().chain(second)
    }
}

/// A compiled flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The name of its document, for people.
    pub name: String,
    /// All steps; a caller begins at the first.
    pub steps: Vec<Step>,
}

/// Why a program is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgramFault {
    /// Of a format that this release does not run.
    Format {
        /// The format found.
        found: u16,
    },
    /// No compiler wrote these octets.
    Malformed,
    /// More steps, choices or octets than [`limits`] allows.
    Full,
    /// It has no step.
    Empty,
    /// A step leads to one that does not exist.
    NoSuchStep {
        /// The step that leads there.
        from: StepId,
        /// The step that is not there.
        to: StepId,
    },
    /// A menu that is never offered, or that waits longer than ten minutes.
    BadMenu(StepId),
}

/// The longest wait that a step may ask for.
pub const LONGEST_WAIT: Duration = Duration::from_secs(600);

impl Program {
    /// The format that this release writes.
    pub const FORMAT: u16 = 2;
    /// The oldest format that it reads.
    pub const OLDEST: u16 = 1;

    /// The step of this number.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&Step> {
        self.steps.get(usize::from(id.0))
    }

    /// Whether every step leads somewhere and all limits hold.
    ///
    /// # Errors
    /// The first [`ProgramFault`] found.
    pub fn validate(&self) -> Result<(), ProgramFault> {
        if self.steps.is_empty() {
            return Err(ProgramFault::Empty);
        }
        if self.steps.len() > limits::PROGRAM_STEPS {
            return Err(ProgramFault::Full);
        }
        let longest = u32::try_from(LONGEST_WAIT.as_millis()).unwrap_or(u32::MAX);
        for (from, step) in (0..).map(StepId).zip(&self.steps) {
            if let Some(to) = step.successors().into_iter().find(|to| self.step(*to).is_none()) {
                return Err(ProgramFault::NoSuchStep { from, to });
            }
            match step {
                Step::Menu { choices, .. } if choices.len() > limits::MENU_CHOICES => {
                    return Err(ProgramFault::Full);
                }
                Step::Menu { attempts: 0, .. } => return Err(ProgramFault::BadMenu(from)),
                Step::Menu { wait_ms, .. } | Step::Ring { patience_ms: wait_ms, .. }
                    if *wait_ms > longest =>
                {
                    return Err(ProgramFault::BadMenu(from));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The octets under which the program is published; their SHA-256 is its name.
    ///
    /// # Errors
    /// [`ProgramFault::Full`] beyond [`limits::PROGRAM_OCTETS`].
    pub fn to_octets(&self) -> Result<Vec<u8>, ProgramFault> {
        let body = postcard::to_stdvec(self).map_err(|_| ProgramFault::Full)?;
        let mut octets = Self::FORMAT.to_be_bytes().to_vec();
        octets.extend(body);
        if octets.len() > limits::PROGRAM_OCTETS { Err(ProgramFault::Full) } else { Ok(octets) }
    }

    /// Reads and validates what [`Self::to_octets`] wrote.
    ///
    /// # Errors
    /// Any [`ProgramFault`].
    pub fn from_octets(octets: &[u8]) -> Result<Self, ProgramFault> {
        let (head, body) = octets.split_first_chunk::<2>().ok_or(ProgramFault::Malformed)?;
        let found = u16::from_be_bytes(*head);
        if !(Self::OLDEST..=Self::FORMAT).contains(&found) {
            return Err(ProgramFault::Format { found });
        }
        if octets.len() > limits::PROGRAM_OCTETS {
            return Err(ProgramFault::Full);
        }
        let program: Self =
            if found == 1 { whole::<format1::Program>(body)?.into() } else { whole(body)? };
        program.validate()?;
        Ok(program)
    }
}

/// Octets that are one value and nothing else.
fn whole<T: DeserializeOwned>(octets: &[u8]) -> Result<T, ProgramFault> {
    match postcard::take_from_bytes(octets) {
        Ok((value, [])) => Ok(value),
        _ => Err(ProgramFault::Malformed),
    }
}
