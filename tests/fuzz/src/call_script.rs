//! One call of the box through a script.

use bearer::{Calling, Dialling, Indication};
use call::app::{Action, Hear, Prompts};
use call::story::Story;
use call::{Call, Input, Output, Phase, Route};
use units::{BoxId, ContentHash, Digit, LegId, LineId, Mint, Party, PortId, Tenant};

use crate::beside::drive;
use crate::q931_values::{cause, digits};
use crate::script::Script;

const CALLER: LegId = LegId(1);
const PORT: PortId = PortId(3);

fn line(script: &mut Script<'_>, leg: LegId) -> Indication {
    match script.octet() & 7 {
        0 => Indication::Digits { leg, digits: digits(script), complete: script.flag() },
        1 | 2 => Indication::Channel { leg, port: PortId(script.word()) },
        3 => Indication::Alerting { leg, in_band: script.flag() },
        4 => Indication::Progress { leg },
        5 if script.flag() => Indication::Notified { leg, what: script.octet() & 0x7F },
        5 | 6 => Indication::Answered { leg },
        _ => {
            let by = script.pick(&[Party::Called, Party::Caller, Party::Network, Party::Box]);
            Indication::Released { leg, cause: cause(script), by }
        }
    }
}

fn offer(script: &mut Script<'_>) -> Indication {
    let hot = Dialling::Hot { after_ms: u32::from(script.word()) };
    let dialling =
        script.pick(&[Dialling::Complete, Dialling::Overlap, Dialling::InBand, Dialling::Own, hot]);
    Indication::Offered {
        leg: CALLER,
        line: LineId(script.word()),
        port: PORT,
        calling: Calling::default(),
        called: digits(script),
        dialling,
    }
}

fn route(script: &mut Script<'_>) -> Route {
    match script.octet() & 7 {
        0 => Route::More,
        1 => Route::Nowhere(cause(script)),
        2..=4 => Route::Flow { tenant: Tenant(1), flow: ContentHash([script.octet(); 32]) },
        _ => Route::Place {
            tenant: Tenant(1),
            line: LineId(script.word()),
            called: digits(script),
            show: digits(script),
            overlap: script.flag(),
            others: if script.flag() {
                [LineId(2)].into_iter().collect()
            } else {
                call::Lines::new()
            },
        },
    }
}

fn action(script: &mut Script<'_>) -> Action {
    match script.octet() & 7 {
        0 | 1 => Action::Answer,
        2 => {
            let prompts = script.some(limits::PROMPTS_PER_STEP);
            let prompts = prompts.iter().map(|n| ContentHash([*n; 32])).collect::<Prompts>();
            Action::Play { token: script.word(), prompts }
        }
        3 => Action::StopPlaying,
        4 | 5 => {
            let hear = script.pick(&[Hear::RingBack, Hear::Music]);
            Action::Ring { number: digits(script), hear }
        }
        6 if script.flag() => Action::StopRinging,
        6 => Action::Entered { digits: digits(script) },
        _ => Action::Release { cause: cause(script) },
    }
}

/// A call hears anything; restored from its snapshot it says the same. It has one record at most,
/// and one exactly when it was offered and has ended.
pub fn call(data: &[u8]) {
    let mut script = Script::new(data);
    let call = Call::new(Mint::new(BoxId(1), 1, 0).call());
    let mut records = 0;
    let mut offered = false;
    drive(call, &mut script, |call, op, script, said| {
        let told = |output: &&Output| matches!(output, Output::Story(Story::Ended(_)));
        records += said.iter().filter(told).count();
        assert!(records <= 1, "a record is told once");
        if *call.phase() == Phase::Ended && offered {
            assert_eq!(records, 1, "the record of an ended call");
        }
        let input = input(call, op, script);
        offered |=
            matches!(input, Input::Line(Indication::Offered { .. })) && *call.phase() == Phase::New;
        input
    });
}

fn input(call: &Call, op: u8, script: &mut Script<'_>) -> Input {
    let other = call.legs().1.unwrap_or(LegId(99));
    match op {
        0..=30 if *call.phase() == Phase::New => Input::Line(offer(script)),
        0 => Input::Line(offer(script)),
        1..=15 => Input::Line(line(script, CALLER)),
        16..=40 => Input::Line(line(script, other)),
        41..=50 => Input::Digit(PORT, Digit::ALL[usize::from(script.octet() & 15)]),
        51..=55 => Input::Played(PORT, script.word()),
        56..=80 => Input::App(action(script)),
        81..=105 => Input::Route(route(script)),
        106..=108 => Input::Clear(cause(script)),
        109 => Input::Digit(PortId(script.word()), Digit::ALL[0]),
        _ => Input::Interrupted,
    }
}
