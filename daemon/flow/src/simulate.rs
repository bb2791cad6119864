//! What a caller would meet: the program is run by the code that runs it in the core.

use call::app::{Action, Hear, Notice};
use ivr::{Facts, Flow, Input, Output, Program};
use machine::Machine;
use units::{Cause, Digits, Instant};

use crate::prompts::Prompts;

/// Turns that a simulation takes at most.
const TURNS: usize = 200;

/// Runs a caller through a program who presses these keys, one at each menu, and nothing when they
/// are used up; nobody answers what is rung. Of the call these `facts` are known. Gives back what
/// happens, a line each.
#[must_use]
pub fn simulate(
    program: &Program,
    keys: &Digits,
    mut facts: Facts,
    prompts: &Prompts,
) -> Vec<String> {
    let mut flow = Flow::new();
    let mut keys = keys.as_slice().iter().copied();
    let mut now = Instant::ZERO;
    let mut said = vec![];
    let mut next = Some(Notice::Started);
    for _ in 0..TURNS {
        match next.take() {
            Some(notice) => flow.handle(now, Input::Notice(notice)),
            None => match (keys.next(), flow.poll_timeout()) {
                (Some(key), Some(_)) => {
                    said.push(format!("the caller presses {key}"));
                    flow.handle(now, Input::Notice(Notice::Digit(key)));
                }
                (_, Some(at)) => {
                    said.push(format!("nothing for {} s", (at - now).as_secs_f32()));
                    now = at;
                    flow.handle_timeout(now);
                }
                (_, None) => break,
            },
        }
        while let Some(output) = flow.poll_output() {
            match output {
                Output::Fetch(id) => {
                    flow.handle(now, Input::Step(id, program.step_for(id, &facts)));
                }
                Output::Act(action) => {
                    next = notice(&action).or(next);
                    if let Action::Entered { digits } = &action {
                        digits.as_slice().iter().for_each(|key| {
                            let _ = facts.entered.push(*key);
                        });
                    }
                    said.extend(words(&action, prompts));
                }
            }
        }
        if flow.is_done() {
            break;
        }
    }
    said
}

/// What the call would tell the flow at once.
fn notice(action: &Action) -> Option<Notice> {
    match action {
        Action::Play { token, .. } => Some(Notice::Played { token: *token }),
        Action::Ring { .. } => Some(Notice::RingFailed { cause: Cause::NO_ANSWER }),
        Action::Answer
        | Action::StopPlaying
        | Action::StopRinging
        | Action::Entered { .. }
        | Action::Release { .. } => None,
    }
}

fn words(action: &Action, prompts: &Prompts) -> Option<String> {
    Some(match action {
        Action::Answer => "the box answers".into(),
        Action::Play { prompts: list, .. } => {
            let names = list.iter().map(|hash| match prompts.name(*hash) {
                Some((name, language)) => format!("{name} ({language})"),
                None => format!("{hash:?}"),
            });
            format!("the caller hears {}", names.collect::<Vec<_>>().join(", "))
        }
        Action::Ring { number, hear: Hear::RingBack } => {
            format!("{number} is rung; nobody answers")
        }
        Action::Ring { number, hear: Hear::Music } => {
            format!("{number} is rung, the caller hears music meanwhile; nobody answers")
        }
        Action::Entered { digits } => format!("{digits} goes into the record"),
        Action::Release { cause } => format!("the box releases the call: cause {cause}"),
        Action::StopPlaying | Action::StopRinging => return None,
    })
}
