//! Loops through scripts: a telephone's, an exchange's, and the exchange line made of it.

use analog::fxo::{self, Fxo};
use analog::{Fxs, Timing};
use bearer::{Calling, Indication, Request};
use clid::Told;
use span::trunk::Trunk;
use span::{Exchange, Input, Output};
use units::{CallTone, Cause, Digit, Digits, LegId, LineId};

use crate::beside::drive;
use crate::script::Script;

fn tone(script: &mut Script<'_>) -> CallTone {
    CallTone::ALL[script.below(5)]
}

fn number(script: &mut Script<'_>) -> Digits {
    Digits::parse(&"0123456789*#"[..script.below(13)]).unwrap_or_default()
}

fn timing(script: &mut Script<'_>) -> fxo::Timing {
    let (pulses, blind, reversal) = (script.flag(), script.flag(), script.flag());
    fxo::Timing { pulses, blind, reversal, ..fxo::Timing::default() }
}

/// The loop of a telephone is opened and closed at any time, whatever the exchange wants.
pub fn fxs(data: &[u8]) {
    let mut script = Script::new(data);
    drive(Fxs::new(Timing::default()), &mut script, |_, op, script, _| match op {
        0..=39 => analog::Input::Hook { off_hook: true },
        40..=79 => analog::Input::Hook { off_hook: false },
        80..=94 => analog::Input::Ring { outside: script.flag() },
        95..=104 => analog::Input::StopRinging,
        105..=114 => analog::Input::Release,
        _ => analog::Input::Answered,
    });
}

/// The line of an exchange does anything at any time.
pub fn fxo(data: &[u8]) {
    let mut script = Script::new(data);
    let machine = Fxo::new(timing(&mut script));
    drive(machine, &mut script, |_, op, script, _| match op {
        0..=29 => fxo::Input::Ringing(script.flag()),
        30..=39 => fxo::Input::Polarity,
        40..=49 => fxo::Input::Current(script.flag()),
        50..=54 => fxo::Input::Caller(Told::Withheld),
        55..=59 => fxo::Input::Caller(Told::Is(number(script))),
        60..=84 => fxo::Input::Tone(tone(script)),
        85..=99 => fxo::Input::Place(number(script)),
        100..=114 => fxo::Input::Answer,
        _ => fxo::Input::Release,
    });
}

fn exchange(script: &mut Script<'_>) -> Exchange {
    match script.octet() % 16 {
        0..=4 => Exchange::Ringing(script.flag()),
        5 => Exchange::Polarity,
        6 => Exchange::Current(script.flag()),
        7 => Exchange::Mark,
        8..=10 => Exchange::Octet(script.octet()),
        11 => Exchange::Cut,
        12 => Exchange::Key(Digit::ALL[script.below(16)]),
        _ => Exchange::Tone(tone(script)),
    }
}

/// An exchange line sees anything and gets any requests; every leg that it offers is released once
/// at most.
pub fn trunk(data: &[u8]) {
    let mut script = Script::new(data);
    let machine: Trunk = span::trunk::check::trunk(timing(&mut script));
    let (mut legs, mut gone, mut minted) = (vec![LegId(1)], vec![], 1_u64 << 40);
    drive(machine, &mut script, |_, op, script, said| {
        for output in said {
            match output {
                Output::Indication(Indication::Offered { leg, .. }) => legs.push(leg),
                Output::Indication(Indication::Released { leg, .. }) => {
                    assert!(!gone.contains(&leg), "{leg:?} is released once");
                    gone.push(leg);
                }
                _ => {}
            }
        }
        let leg = legs[legs.len() - 1 - script.below(3).min(legs.len() - 1)];
        match op {
            0..=79 => Input::Exchange(exchange(script)),
            80..=94 => {
                minted += 1;
                legs.push(LegId(minted));
                Input::Request(Request::Place {
                    leg: LegId(minted),
                    line: LineId::of_analog(5),
                    calling: Calling::default(),
                    called: number(script),
                })
            }
            95..=109 => Input::Request(Request::Answer { leg }),
            _ => Input::Request(Request::Release { leg, cause: Cause::NORMAL_CLEARING }),
        }
    });
}
