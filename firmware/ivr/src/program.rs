//! The compiled form of a flow: steps that name each other by number.
//!
//! Written by the daemon's compiler, stored by content hash, read by the core. Its octets are
//! postcard behind a format number; a program of an unknown format is refused, never guessed.

use call::app::{Hear, Prompts};
use serde::{Deserialize, Serialize};
use units::{Cause, ContentHash, Digit, Digits, Duration};

use crate::saying::{Facts, Item, Items, Vocabulary};

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

/// One thing to do. `P` is what is played: [`Items`] in a program, [`Prompts`] where it is known
/// who hears it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step<P = Prompts> {
    /// Answer the call.
    Answer {
        /// Then.
        next: StepId,
    },
    /// Play prompts; keys pressed meanwhile are ignored.
    Play {
        /// In order.
        prompts: P,
        /// Then.
        next: StepId,
    },
    /// Play prompts and wait for one key; a key stops the prompts.
    Menu {
        /// In order.
        prompts: P,
        /// Said before the prompts are played again after a key that leads nowhere.
        invalid: P,
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

impl<P> Step<P> {
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

    /// What the step plays.
    pub fn played(&self) -> impl Iterator<Item = &P> {
        let (first, second) = match self {
            Self::Play { prompts, .. } => (Some(prompts), None),
            Self::Menu { prompts, invalid, .. } => (Some(prompts), Some(invalid)),
            Self::Answer { .. } | Self::Ring { .. } | Self::Release { .. } => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// The same step with something else to play.
    pub fn map<Q>(self, mut with: impl FnMut(P) -> Q) -> Step<Q> {
        match self {
            Self::Answer { next } => Step::Answer { next },
            Self::Play { prompts, next } => Step::Play { prompts: with(prompts), next },
            Self::Menu { prompts, invalid, choices, wait_ms, attempts, otherwise } => {
                let (prompts, invalid) = (with(prompts), with(invalid));
                Step::Menu { prompts, invalid, choices, wait_ms, attempts, otherwise }
            }
            Self::Ring { number, patience_ms, otherwise, hear } => {
                Step::Ring { number, patience_ms, otherwise, hear }
            }
            Self::Release { cause } => Step::Release { cause },
        }
    }
}

impl Step<Items> {
    /// Every prompt that the step names.
    pub fn prompts(&self) -> impl Iterator<Item = &ContentHash> {
        self.played().flatten().filter_map(|item| match item {
            Item::Prompt(prompt) => Some(prompt),
            Item::Say(..) => None,
        })
    }
}

/// A compiled flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The name of its document, for people.
    pub name: String,
    /// All steps; a caller begins at the first.
    pub steps: Vec<Step<Items>>,
    /// The words of each language in which it says something. Since format 3.
    pub words: Vec<Vocabulary>,
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
    /// More steps, choices, prompts, words or octets than [`limits`] allows.
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
    pub const FORMAT: u16 = 3;
    /// The oldest format that it reads.
    pub const OLDEST: u16 = 1;

    /// A program that plays prompts and says nothing.
    #[must_use]
    pub fn plain(name: String, steps: Vec<Step>) -> Self {
        let items = |prompts: Prompts| prompts.iter().copied().map(Item::Prompt).collect();
        let steps = steps.into_iter().map(|step| step.map(items)).collect();
        Self { name, steps, words: vec![] }
    }

    /// The step of this number.
    #[must_use]
    pub fn step(&self, id: StepId) -> Option<&Step<Items>> {
        self.steps.get(usize::from(id.0))
    }

    /// The step of this number as a caller of whom this is known meets it.
    #[must_use]
    pub fn step_for(&self, id: StepId, facts: &Facts) -> Option<Step> {
        let step = self.step(id)?.clone();
        Some(
            step.map(|items| {
                items.iter().flat_map(|item| item.heard(facts, &self.words)).collect()
            }),
        )
    }

    /// Every prompt that a caller may hear.
    pub fn prompts(&self) -> impl Iterator<Item = &ContentHash> {
        let words = self.words.iter().flat_map(|of| of.words.iter().map(|(_, prompt)| prompt));
        self.steps.iter().flat_map(Step::prompts).chain(words)
    }

    fn check_words(&self) -> Result<(), ProgramFault> {
        if self.words.len() > limits::SAID_LANGUAGES {
            return Err(ProgramFault::Full);
        }
        for words in self.words.iter().map(|of| &of.words) {
            if words.len() > limits::VOCABULARY {
                return Err(ProgramFault::Full);
            }
            if !words.is_sorted_by(|(a, _), (b, _)| a < b) {
                return Err(ProgramFault::Malformed);
            }
        }
        Ok(())
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
        self.check_words()?;
        let longest = u32::try_from(LONGEST_WAIT.as_millis()).unwrap_or(u32::MAX);
        for (from, step) in (0..).map(StepId).zip(&self.steps) {
            if let Some(to) = step.successors().into_iter().find(|to| self.step(*to).is_none()) {
                return Err(ProgramFault::NoSuchStep { from, to });
            }
            let longest_of = |items: &Items| items.iter().map(Item::longest).sum::<usize>();
            if step.played().map(longest_of).any(|words| words > limits::PROMPTS_PER_STEP) {
                return Err(ProgramFault::Full);
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
}
