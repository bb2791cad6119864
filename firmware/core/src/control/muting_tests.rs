//! Keys that nobody else hears, through the whole of control, a killed core included.

use call::{Directory, Whose};
use engine::Command;
use units::{Digits, PortId};

use super::conferences_tests::{Bench, directory};
use crate::control::{Heard, Order, Said};

const A: PortId = PortId(0);
const B: PortId = PortId(1);

/// Four telephones and two conferences; keys of those who call these numbers are muted.
fn muting(numbers: &[&str]) -> Bench {
    let number = |number: &&str| Whose::Number(Digits::parse(number).expect("digits"));
    let muted = numbers.iter().map(number).collect();
    Bench::with(&Directory { muted, ..directory() })
}

/// Where keys are muted, and where they are not any more.
fn muted(said: &[Said]) -> Vec<(PortId, bool)> {
    let muted = |said: &Said| match said {
        Said::Order(Order::Engine(Command::MuteKeys(port, on))) => Some((*port, *on)),
        _ => None,
    };
    said.iter().filter_map(muted).collect()
}

#[test]
fn the_callers_keys_are_muted_while_two_talk_and_again_after_the_core_was_killed() {
    let mut bench = muting(&["802"]);
    assert_eq!(muted(&bench.dial(A, "802")), [], "nobody hears them yet");
    assert_eq!(muted(&bench.hear(Heard::Hook(B, true))), [(A, true)]);
    let (mut bench, said) = bench.killed();
    assert_eq!(muted(&said), [(A, true)]);
    assert_eq!(muted(&bench.hang_up(B)), [(A, false)]);
    assert_eq!(muted(&bench.hang_up(A)), []);
}

#[test]
fn keys_in_a_conference_are_muted_and_those_of_other_calls_are_not() {
    let mut bench = muting(&["880"]);
    assert_eq!(muted(&bench.dial(A, "880")), [(A, true)]);
    assert_eq!(muted(&bench.dial(B, "881")), []);
    assert_eq!(muted(&bench.hang_up(A)), [(A, false)]);
    assert_eq!(muted(&bench.hang_up(B)), []);
}
