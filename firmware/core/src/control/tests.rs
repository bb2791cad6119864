//! What the assembly itself promises: a broken call harms no other.

use link::{Alarm, Detail, Trouble};
use units::time::UtcMapping;
use units::{BoxId, CallId, Cause, Instant, PortId, SpanId, Tenant};

use super::{Control, Heard, Identity, Said};
use crate::task::{Known, Task};
use crate::vitals::Mood;

const BOARD: &str = "name = \"two\"\ntitle = \"Two telephones\"\n[card.a]\n\
                     driver = \"virtual\"\nsocket = \"card.sock\"\n\
                     telephone = { 1 = { label = \"A\" }, 2 = { label = \"B\" } }\n";

fn control() -> Control {
    control_of(BOARD)
}

fn control_of(board: &str) -> Control {
    let name = if board == BOARD { "two" } else { "e" };
    let layout = board::read(&|_: &str| Ok(board.into()), name).expect("a board").layout();
    let identity = Identity { box_id: BoxId(1), tenant: Tenant::default(), tests_allowed: false };
    let known = Known { boot: 1, ..Known::default() };
    Control::new(identity, layout, &known, UtcMapping::default(), false, &mut |_| None)
}

/// What was told since the last question.
fn told(control: &mut Control) -> Vec<Detail> {
    std::iter::from_fn(|| control.poll())
        .filter_map(|said| match said {
            Said::Task(Task::Append { detail, .. }) => Some(detail),
            _ => None,
        })
        .collect()
}

/// Lifts the handset at a port; the call that this begins.
fn lift(control: &mut Control, port: PortId) -> CallId {
    control.heard(Instant::from_millis(10), Heard::Hook(port, true));
    let told = told(control);
    let offered = told.iter().find_map(|detail| match detail {
        Detail::CallOffered { call, .. } => Some(*call),
        _ => None,
    });
    offered.expect("a call")
}

#[test]
fn a_tripped_assertion_ends_its_own_call_with_a_record_and_an_alarm_and_no_other() {
    let mut control = control();
    let broken = lift(&mut control, PortId(0));
    let other = lift(&mut control, PortId(1));
    let now = Instant::from_millis(20);
    control.guard(now, broken, |_| panic!("a rule of its own"));
    control.run(now);
    control.commit(now);
    let details = told(&mut control);
    assert!(details.contains(&Detail::Alarm(Alarm::MachineFault(broken))), "{details:?}");
    let records: Vec<_> = details
        .iter()
        .filter_map(|detail| match detail {
            Detail::CallEnded(record) => Some((record.call, record.cause)),
            _ => None,
        })
        .collect();
    assert_eq!(records, [(broken, Cause::TEMPORARY_FAILURE)]);
    assert!(control.calls.contains_key(&other) && !control.calls.contains_key(&broken));
    // The other goes on: its telephone is hung up and it leaves its record.
    control.heard(Instant::from_millis(30), Heard::Hook(PortId(1), false));
    control.timeout(Instant::from_millis(2000));
    let ended = told(&mut control)
        .into_iter()
        .any(|detail| matches!(detail, Detail::CallEnded(record) if record.call == other));
    assert!(ended);
}

#[test]
fn a_button_that_was_held_is_an_alarm_with_its_label() {
    let mut control = control();
    control.heard(Instant::from_millis(10), Heard::ButtonHeld(1));
    let label = "B".try_into().expect("short");
    assert!(told(&mut control).contains(&Detail::Alarm(Alarm::ButtonHeld { label })));
    control.heard(Instant::from_millis(10), Heard::ButtonHeld(99));
    assert_eq!(told(&mut control), [], "a socket that is not there");
}

#[test]
fn lamps_are_told_of_troubles_and_of_lines_that_cannot_carry_calls() {
    let mut control = control();
    let health = |control: &Control| (control.health().status, control.health().lines);
    assert_eq!(health(&control), (Mood::Well, Mood::Well));
    control.heard(Instant::from_millis(10), Heard::Trouble(0, Some(Trouble::Missing)));
    assert_eq!(health(&control), (Mood::Trouble, Mood::Trouble));
    control.heard(Instant::from_millis(11), Heard::Trouble(1, Some(Trouble::Busy)));
    assert_eq!(health(&control), (Mood::Trouble, Mood::Out));
    control.heard(Instant::from_millis(12), Heard::Trouble(0, None));
    control.heard(Instant::from_millis(12), Heard::Trouble(1, None));
    assert_eq!(health(&control), (Mood::Well, Mood::Well));
}

#[test]
fn an_e1_in_alarm_is_a_trouble_and_no_line() {
    let text = "name = \"e\"\ntitle = \"E\"\n[card.a]\ndriver = \"virtual\"\n\
                socket = \"s\"\nspan = { 1 = { label = \"E1\" } }\n";
    let mut control = control_of(text);
    let alarms = hal_card::Alarms { los: true, ..hal_card::Alarms::default() };
    control.heard(Instant::from_millis(10), Heard::Alarms(SpanId(1), alarms));
    let health = control.health();
    assert_eq!((health.status, health.lines), (Mood::Trouble, Mood::Out));
}
