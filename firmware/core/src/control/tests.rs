//! What the assembly itself promises: a broken call harms no other.

use link::{Alarm, Detail};
use units::time::UtcMapping;
use units::{BoxId, CallId, Cause, Instant, PortId, Tenant};

use super::{Control, Heard, Identity, Said};
use crate::task::{Known, Task};

const BOARD: &str = "name = \"two\"\ntitle = \"Two telephones\"\n[card.a]\n\
                     driver = \"virtual\"\nsocket = \"card.sock\"\n\
                     telephone = { 1 = { label = \"A\" }, 2 = { label = \"B\" } }\n";

fn control() -> Control {
    let layout = board::read(&|_: &str| Ok(BOARD.into()), "two").expect("a board").layout();
    let identity = Identity { box_id: BoxId(1), tenant: Tenant::default(), tests_allowed: false };
    let known = Known { boot: 1, spool: 1, acknowledged: 0, last: 0, current: None };
    Control::new(identity, layout, &known, UtcMapping::default())
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
