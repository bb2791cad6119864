//! Programs of format 1: a number that is rung says nothing of what the caller
//! hears meanwhile, which was ring-back tone. To be read, never written.

use call::app::{Hear, Prompts};
use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use units::{Cause, Digits};

use crate::program::{self, Choice, StepId};

#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub(crate) enum Step {
    Answer {
        next: StepId,
    },
    Play {
        prompts: Prompts,
        next: StepId,
    },
    Menu {
        prompts: Prompts,
        invalid: Prompts,
        choices: Vec<Choice>,
        wait_ms: u32,
        attempts: u8,
        otherwise: StepId,
    },
    Ring {
        number: Digits,
        patience_ms: u32,
        otherwise: StepId,
    },
    Release {
        cause: Cause,
    },
}

#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) steps: Vec<Step>,
}

impl From<Step> for program::Step {
    fn from(step: Step) -> Self {
        match step {
            Step::Answer { next } => Self::Answer { next },
            Step::Play { prompts, next } => Self::Play { prompts, next },
            Step::Menu { prompts, invalid, choices, wait_ms, attempts, otherwise } => {
                Self::Menu { prompts, invalid, choices, wait_ms, attempts, otherwise }
            }
            Step::Ring { number, patience_ms, otherwise } => {
                Self::Ring { number, patience_ms, otherwise, hear: Hear::RingBack }
            }
            Step::Release { cause } => Self::Release { cause },
        }
    }
}

impl From<Program> for program::Program {
    fn from(program: Program) -> Self {
        let steps = program.steps.into_iter().map(program::Step::from).collect();
        Self::plain(program.name, steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_of_format_1_is_read_and_rings_with_ring_back() {
        let number = Digits::parse("801").expect("digits");
        let end = StepId(2);
        let steps = vec![
            Step::Answer { next: StepId(1) },
            Step::Ring { number: number.clone(), patience_ms: 20_000, otherwise: end },
            Step::Release { cause: Cause::NORMAL_CLEARING },
        ];
        let before = Program { name: "main".into(), steps };
        let mut octets = vec![0, 1];
        octets.extend(postcard::to_stdvec(&before).expect("fits"));
        let read = program::Program::from_octets(&octets).expect("read");
        let hear = Hear::RingBack;
        let ring = program::Step::Ring { number, patience_ms: 20_000, otherwise: end, hear };
        assert_eq!((read.name.as_str(), read.steps.len()), ("main", 3));
        assert_eq!(read.steps[1], ring);
        for cut in 0..octets.len() {
            assert!(program::Program::from_octets(&octets[..cut]).is_err(), "cut at {cut}");
        }
    }
}
