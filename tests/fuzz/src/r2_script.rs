//! R2 through scripts: a circuit, both registers, a span with random bits and signals.

use bearer::{Calling, Indication, Request};
use q441::{Incoming, IncomingInput, Outgoing, OutgoingInput, Variant, Wants};
use span::r2::R2;
use span::{Input, Output};
use units::{Cause, Digits, Instant, LegId, LineId, MfSignal, PortId};

use crate::beside::drive;
use crate::script::Script;

fn signal(script: &mut Script<'_>) -> Option<MfSignal> {
    MfSignal::new(script.octet() & 15)
}

fn variant(script: &mut Script<'_>) -> Variant {
    match script.octet() % 3 {
        0 => q441::check::itu(),
        1 => q441::check::china(),
        _ => q441::check::mexico(),
    }
}

/// A circuit sees any bits and gets any orders; restored it says the same.
pub fn q421_circuit(data: &[u8]) {
    let mut script = Script::new(data);
    drive(q421::check::circuit(), &mut script, |_, op, script, _| match op {
        0..=59 => q421::Input::Bits(script.octet()),
        60..=69 => q421::Input::Seize,
        70..=75 => q421::Input::ClearForward,
        76..=81 => q421::Input::Answer,
        82..=85 => q421::Input::ClearBack,
        86..=88 => q421::Input::ForceRelease,
        89..=91 => q421::Input::Meter,
        92..=95 => q421::Input::Lost,
        96..=101 => q421::Input::Found,
        102..=106 => q421::Input::Block,
        _ => q421::Input::Unblock,
    });
}

/// An outgoing register hears any signals.
pub fn q441_outgoing(data: &[u8]) {
    let mut script = Script::new(data);
    let number = |count: usize| {
        let digits = "80123456789*#";
        Digits::parse(&digits[..count.min(digits.len())]).unwrap_or_default()
    };
    let (variant, called, calling) =
        (variant(&mut script), number(script.below(14)), number(script.below(14)));
    let register = Outgoing::new(variant, called, calling, script.flag());
    drive(register, &mut script, |_, op, script, _| match op {
        0..=9 => OutgoingInput::Begin,
        10..=70 => OutgoingInput::Heard(signal(script)),
        _ => OutgoingInput::Heard(None),
    });
}

/// An incoming register hears any signals and gets any verdicts.
pub fn q441_incoming(data: &[u8]) {
    let mut script = Script::new(data);
    let variant = variant(&mut script);
    let wants = Wants {
        called: script.octet() & 7,
        caller: script.flag(),
        caller_after: script.octet() & 3,
    };
    let register = Incoming::new(Instant::from_millis(1000), variant, wants);
    drive(register, &mut script, |_, op, script, _| match op {
        0..=59 => IncomingInput::Heard(signal(script)),
        60..=95 => IncomingInput::Heard(None),
        96..=103 => IncomingInput::Accept { charged: script.flag() },
        _ => IncomingInput::Reject(Cause::USER_BUSY),
    });
}

/// A span sees any bits, hears any signals and gets any requests; every leg that it offers is
/// released once at most.
pub fn r2(data: &[u8]) {
    let mut script = Script::new(data);
    let machine: R2 = span::r2::check::span(span::r2::check::config(script.flag()), 1, 4);
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
        let port = PortId(u16::from(script.octet() & 3));
        let leg = legs[legs.len() - 1 - script.below(3).min(legs.len() - 1)];
        match op {
            0..=29 => Input::Cas { port, bits: script.octet() & 15 },
            30..=54 => Input::Mf { port, signal: signal(script) },
            55..=69 => {
                minted += 1;
                legs.push(LegId(minted));
                Input::Request(Request::Place {
                    leg: LegId(minted),
                    line: LineId(1),
                    calling: Calling::default(),
                    called: Digits::parse("80123").unwrap_or_default(),
                })
            }
            70..=79 => Input::Request(Request::Answer { leg }),
            80..=85 => Input::Request(Request::Alert { leg }),
            86..=95 => Input::Request(Request::Release { leg, cause: Cause::NORMAL_CLEARING }),
            96..=108 => Input::Layer1 { of: 0, up: true },
            _ => Input::Layer1 { of: 0, up: false },
        }
    });
}
