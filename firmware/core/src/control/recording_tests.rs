//! Telephones that are recorded, through the whole of control, a killed core included.

use call::{Directory, Whose};
use engine::Command;
use link::{Detail, NotRecorded, Question, Recording, RecordingId, RecordingStatus, Up, Verdict};
use units::{CallId, ContentHash, Digits, PortId, Utc};

use super::conferences_tests::{Bench, directory};
use crate::control::{Heard, Order, Said};
use crate::recordings::Take;
use crate::task::{Done, Kept, Task};

const A: PortId = PortId(0);
const B: PortId = PortId(1);
const C: PortId = PortId(2);
const D: PortId = PortId(3);

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

/// Four telephones and two conferences; the calls of these numbers are recorded.
fn recording(numbers: &[&str]) -> Bench {
    let recorded = numbers.iter().map(|number| Whose::Number(digits(number))).collect();
    Bench::with(&Directory { recorded, ..directory() })
}

fn takes(said: &[Said]) -> Vec<&Take> {
    fn take(said: &Said) -> Option<&Take> {
        if let Said::Take(take) = said { Some(take) } else { None }
    }
    said.iter().filter_map(take).collect()
}

/// Which taps are put where and taken away.
fn taps(said: &[Said]) -> Vec<Command> {
    let tap = |said: &Said| match said {
        Said::Order(Order::Engine(command @ (Command::Tap(..) | Command::Untap(_)))) => {
            Some(*command)
        }
        _ => None,
    };
    said.iter().filter_map(tap).collect()
}

/// What is told of recordings.
fn told(said: Vec<Said>) -> Vec<Detail> {
    let told = |said| match said {
        Said::Task(Task::Append { detail, .. }) => Some(detail),
        _ => None,
    };
    let of_recordings = |detail: &Detail| {
        matches!(detail, Detail::CallRecorded(_) | Detail::CallNotRecorded { .. })
    };
    said.into_iter().filter_map(told).filter(of_recordings).collect()
}

/// The telephone at A calls B, which answers.
fn talk(bench: &mut Bench) -> Vec<Said> {
    assert!(takes(&bench.dial(A, "802")).is_empty(), "nobody talks yet");
    bench.hear(Heard::Hook(B, true))
}

fn begun(said: &[Said]) -> (u32, String) {
    match takes(said)[..] {
        [Take::Begin { tap, name, most: None, token: None, .. }] => (*tap, name.clone()),
        ref other => panic!("{other:?}"),
    }
}

fn kept(seconds: u32, cut: bool) -> Kept {
    Kept { begun: Utc(1), seconds, missing: 0, cut, hash: ContentHash([9; 32]) }
}

fn done(bench: &mut Bench, done: Done) -> Vec<Said> {
    bench.control.disk(bench.now, done);
    bench.said()
}

fn only_call(bench: &Bench) -> CallId {
    bench.control.calls_now().next().expect("a call").call
}

#[test]
fn a_call_is_recorded_from_the_moment_two_talk_until_one_hangs_up_whoever_of_them_asked() {
    for number in ["801", "802"] {
        let mut bench = recording(&[number]);
        let said = talk(&mut bench);
        let call = only_call(&bench);
        let (tap, name) = begun(&said);
        assert_eq!(name, call.to_string());
        assert_eq!(taps(&said), [Command::Tap(A, tap)], "left the caller, right what it hears");
        let said = bench.hang_up(B);
        assert_eq!(takes(&said), [&Take::End { tap, token: None }]);
        assert_eq!(taps(&said), [Command::Untap(tap)]);
        bench.hang_up(A);
        let said = done(&mut bench, Done::Taken { tap, kept: Some(kept(3, false)), fault: None });
        let id = RecordingId { call, part: 1 };
        let Kept { begun, hash, .. } = kept(3, false);
        let wanted = Recording { id, begun, seconds: 3, missing: 0, cut: false, hash };
        assert_eq!(told(said), [Detail::CallRecorded(wanted)]);
    }
}

#[test]
fn a_call_that_nobody_wants_recorded_is_not() {
    let mut bench = recording(&["803", "880"]);
    let said = talk(&mut bench);
    assert!(takes(&said).is_empty() && taps(&said).is_empty());
}

#[test]
fn who_enters_a_conference_that_is_recorded_is_recorded_from_then_on() {
    let mut bench = recording(&["880"]);
    let (_, name) = begun(&bench.dial(A, "880"));
    assert_eq!(name, only_call(&bench).to_string());
    // The other conference has a pin, and is not recorded.
    assert!(takes(&bench.dial(B, "881")).is_empty());
}

#[test]
fn a_core_that_is_killed_tells_what_it_had_recorded_and_records_the_rest_as_another_part() {
    let mut bench = recording(&["801"]);
    let (tap, _) = begun(&talk(&mut bench));
    let call = only_call(&bench);
    let (mut bench, said) = bench.killed();
    let (first, second) = (RecordingId { call, part: 1 }, RecordingId { call, part: 2 });
    let name = format!("{call}-2");
    let settle = Take::Settle { id: first, name: call.to_string() };
    let [settled, Take::Begin { tap: next, name: found, .. }] = takes(&said)[..] else {
        panic!("{said:?}")
    };
    assert_eq!((settled, found), (&settle, &name));
    assert_eq!(taps(&said), [Command::Tap(A, *next)]);
    let next = *next;
    let said = done(&mut bench, Done::Settled(first, Some(kept(2, true))));
    let [Detail::CallRecorded(Recording { id, seconds: 2, cut: true, .. })] = told(said)[..] else {
        panic!("not told")
    };
    assert_eq!(id, first);
    // Killed once more it does not tell the first part again.
    let (mut bench, said) = bench.killed();
    let settle = Take::Settle { id: second, name };
    assert_eq!(takes(&said)[0], &settle);
    assert_eq!(takes(&said).len(), 2, "{tap} {next}");
    bench.hang_up(A);
    bench.hang_up(B);
    let said = done(&mut bench, Done::Settled(second, None));
    let why = NotRecorded::Lost;
    assert_eq!(told(said), [Detail::CallNotRecorded { id: second, why }]);
}

#[test]
fn when_every_tap_is_used_a_call_goes_on_without_and_that_is_told() {
    let mut bench = recording(&["801", "803"]);
    talk(&mut bench);
    // As if all others were used.
    bench.control.use_up_taps();
    bench.dial(C, "804");
    let said = bench.hear(Heard::Hook(D, true));
    assert!(takes(&said).is_empty() && taps(&said).is_empty());
    let [Detail::CallNotRecorded { id, why: NotRecorded::Full }] = told(said)[..] else {
        panic!("not told")
    };
    assert_eq!(id.part, 1);
    assert_eq!(bench.control.calls_now().count(), 2);
}

#[test]
fn a_disk_that_takes_no_more_ends_the_recording_and_not_the_call() {
    let mut bench = recording(&["801"]);
    let (tap, _) = begun(&talk(&mut bench));
    let said = done(&mut bench, Done::Taken { tap, kept: None, fault: Some(28) });
    assert_eq!(taps(&said), [Command::Untap(tap)]);
    let id = RecordingId { call: only_call(&bench), part: 1 };
    assert_eq!(told(said), [Detail::CallNotRecorded { id, why: NotRecorded::Disk(28) }]);
    assert!(takes(&bench.hang_up(B)).is_empty());
}

#[test]
fn the_daemon_is_told_what_a_file_is_once_it_was_read() {
    let mut bench = recording(&[]);
    let id = RecordingId { call: CallId(7), part: 2 };
    bench.control.daemon_came();
    let question = Question::Recording(id);
    bench.control.daemon(bench.now, link::Down::Ask { token: 9, question });
    let name = format!("{}-2", CallId(7));
    assert_eq!(takes(&bench.said()), [&Take::Judge { id, name, token: 9 }]);
    let status = RecordingStatus { id, verdict: Verdict::Missing, seconds: 0, hash: None };
    let said = done(&mut bench, Done::Judged { token: 9, status });
    assert!(said.contains(&Said::Up(Up::Recording { token: 9, status })), "{said:?}");
    assert!(matches!(said.last(), Some(Said::Up(Up::Done { token: 9, .. }))), "{said:?}");
}
