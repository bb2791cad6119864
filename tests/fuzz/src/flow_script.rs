//! One caller in a flow through a script, with a program of the script's own or a usual one.

use call::app::{Action, Notice};
use ivr::check::program;
use ivr::{Facts, Flow, Input, Output, Program, StepId};
use units::Digit;

use crate::beside::drive;
use crate::q931_values::cause;
use crate::script::Script;
use crate::seen;

/// A program that can be read is the same when it is written and read again; a flow in it hears
/// anything, and restored from its snapshot it says the same.
pub fn flow(data: &[u8]) {
    let mut script = Script::new(data);
    let program = if script.flag() {
        let octets = script.some(250);
        match Program::from_octets(octets) {
            Ok(program) => {
                let again = program.to_octets().expect("it came in as many octets");
                assert_eq!(Program::from_octets(&again).as_ref(), Ok(&program));
                seen::note(("program", program.steps.len()));
                program
            }
            Err(fault) => return seen::note(std::mem::discriminant(&fault)),
        }
    } else {
        program()
    };
    let (mut wanted, mut playing) = (StepId(0), 0);
    drive(Flow::new(), &mut script, |_, op, script, said| {
        for output in said {
            match output {
                Output::Fetch(id) => wanted = id,
                Output::Act(Action::Play { token, .. }) => playing = token,
                Output::Act(_) => {}
            }
        }
        match op {
            0..=9 => Input::Notice(Notice::Started),
            10..=39 => Input::Notice(Notice::Played { token: playing }),
            40 => Input::Notice(Notice::Played { token: script.word() }),
            41..=60 => Input::Notice(Notice::Digit(Digit::ALL[usize::from(script.octet() & 15)])),
            61..=66 => Input::Notice(Notice::RingFailed { cause: cause(script) }),
            67 => Input::Notice(Notice::Connected),
            68 => Input::Notice(Notice::Gone),
            69..=72 => {
                let id = StepId(script.word());
                Input::Step(id, program.step_for(id, &Facts::default()))
            }
            73 => Input::Step(wanted, None),
            _ => Input::Step(wanted, program.step_for(wanted, &Facts::default())),
        }
    });
}
