//! Drives flows for the property test over all machines.

use call::app::{Hear, Notice, Prompts};
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{Cause, ContentHash, Digit, Digits, Duration};

use crate::{Choice, Facts, Flow, Input, Program, Step, StepId};

/// A small program with every kind of step.
#[must_use]
pub fn program() -> Program {
    let prompt = |n: u8| Prompts::from_iter([ContentHash([n; 32])]);
    let one = Digit::ALL[0];
    let steps = vec![
        Step::Answer { next: StepId(1) },
        Step::Play { prompts: prompt(1), next: StepId(2) },
        Step::Menu {
            prompts: prompt(2),
            invalid: prompt(3),
            choices: vec![Choice { digit: one, next: StepId(3) }],
            wait_ms: 5000,
            attempts: 3,
            otherwise: StepId(4),
        },
        Step::Ring {
            number: Digits::parse("801").unwrap_or_default(),
            patience_ms: 20_000,
            otherwise: StepId(2),
            hear: Hear::Music,
        },
        Step::Release { cause: Cause::NORMAL_CLEARING },
    ];
    Program::plain("check".into(), steps)
}

/// Runs one flow through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let program = program();
    let mut wanted = StepId(0);
    restored_behaves_the_same(Flow::new(), steps, move |flow, _| {
        let id = match random.below(6) {
            0 => StepId(9),
            n => {
                wanted = flow.fetching_id().unwrap_or(wanted);
                if n == 1 { StepId(0) } else { wanted }
            }
        };
        match random.below(16) {
            0 => Stimulus::Input(Input::Notice(Notice::Started)),
            1..=4 => Stimulus::Input(Input::Notice(Notice::Played { token: flow.token() })),
            5 => Stimulus::Input(Input::Notice(Notice::Played { token: 0 })),
            6 | 7 => Stimulus::Input(Input::Notice(Notice::Digit(*random.pick(&Digit::ALL)))),
            8 => Stimulus::Input(Input::Notice(Notice::Digit(Digit::ALL[0]))),
            9 => Stimulus::Input(Input::Notice(Notice::RingFailed { cause: Cause::USER_BUSY })),
            10..=12 => Stimulus::Input(Input::Step(id, program.step_for(id, &Facts::default()))),
            13 => Stimulus::Timeout,
            14 => Stimulus::Wait(Duration::from_millis(random.below(3000))),
            _ if random.one_in(12) => {
                Stimulus::Input(Input::Notice(*random.pick(&[Notice::Connected, Notice::Gone])))
            }
            _ => Stimulus::Wait(Duration::from_millis(1)),
        }
    })
}
