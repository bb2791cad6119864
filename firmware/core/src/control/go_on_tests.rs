//! Going on: what one control kept, the next one has.

use engine::{Command, Tone};
use ha::{Journal, Key};
use link::{Detail, PathStep};
use units::time::UtcMapping;
use units::{BoxId, Cause, Instant, PortId, SpanId, Tenant, Timeslot, Utc};

use super::{Control, Heard, Identity, Order, Record, Said};
use crate::task::{Known, Task};

const BOARD: &str = "name = \"two\"\ntitle = \"Two telephones\"\n[card.a]\n\
                     driver = \"virtual\"\nsocket = \"card.sock\"\n\
                     telephone = { 1 = { label = \"A\" }, 2 = { label = \"B\" } }\n";
const IDENTITY: Identity = Identity { box_id: BoxId(1), tenant: Tenant(1), tests_allowed: false };
const TEL: PortId = PortId(0);

fn layout() -> board::Layout {
    board::read(&|_: &str| Ok(BOARD.into()), "two").expect("a board").layout()
}

fn known(boot: u32) -> Known {
    Known { boot, ..Known::default() }
}

/// A control and its journal.
struct Bench {
    control: Control,
    journal: Journal<Vec<u8>>,
}

impl Bench {
    fn new() -> Self {
        let utc = UtcMapping::default();
        let control = Control::new(IDENTITY, layout(), &known(1), utc, true, &mut |_| None);
        Self { control, journal: Journal::fresh(vec![0; 1 << 18]).expect("room") }
    }

    /// Keeps what is to be kept; what leaves after that.
    fn settle(&mut self) -> Vec<Said> {
        let mut left = vec![];
        while let Some(said) = self.control.poll() {
            match said {
                Said::Keep(keep) => {
                    self.journal.append(keep.at, &keep.transaction).expect("room");
                    self.control.kept(keep.change);
                }
                other => left.push(other),
            }
        }
        left
    }

    fn lift(&mut self) {
        self.control.heard(Instant::from_millis(10), Heard::Hook(TEL, true));
        let left = self.settle();
        let tone = Said::Order(Order::Engine(Command::Tone(TEL, Tone::Dial)));
        assert!(left.contains(&tone), "{left:?}");
    }

    /// The process is killed, and the next one wakes up at `at_ms`.
    fn killed(self, at_ms: u64) -> Self {
        let memory = self.journal.into_memory();
        let journal = Journal::open(memory).expect("whole").expect("a journal").journal;
        let records: Vec<Record<'_>> = journal.records().collect();
        let utc = UtcMapping { at: Instant::from_millis(at_ms), utc: Utc(0) };
        let control = Control::go_on(IDENTITY, layout(), &known(2), utc, &records, &mut |_| None);
        Self { control: control.expect("readable"), journal }
    }
}

fn records(said: &[Said]) -> Vec<link::CallRecord> {
    let record = |said: &Said| match said {
        Said::Task(Task::Append { detail: Detail::CallEnded(record), .. }) => Some(record.clone()),
        _ => None,
    };
    said.iter().filter_map(record).collect()
}

#[test]
fn nothing_leaves_before_its_change_is_kept() {
    let mut bench = Bench::new();
    bench.settle();
    bench.control.heard(Instant::from_millis(10), Heard::Hook(TEL, true));
    let first = bench.control.poll();
    assert!(matches!(first, Some(Said::Keep(_))), "{first:?}");
    let second = bench.control.poll();
    assert_eq!(second, None, "it left before it was kept");
}

#[test]
fn a_caller_who_hears_the_dial_tone_hears_it_again_and_leaves_one_record() {
    let mut bench = Bench::new();
    bench.settle();
    bench.lift();
    let mut bench = bench.killed(500);
    let left = bench.settle();
    for order in [Command::Listen(TEL, true), Command::Tone(TEL, Tone::Dial)] {
        assert!(left.contains(&Said::Order(Order::Engine(order))), "{order:?} in {left:?}");
    }
    // The card tells that the handset was put down meanwhile.
    bench.control.heard(Instant::from_millis(510), Heard::Hook(TEL, false));
    bench.control.timeout(Instant::from_millis(3000));
    let told = records(&bench.settle());
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].path.last(), Some(&PathStep::Interrupted));
    // It is not on the disk yet: the next process tells it again, the same.
    let again = records(&bench.killed(4000).settle());
    assert_eq!(again, told);
}

#[test]
fn who_hears_why_a_call_failed_hears_it_again_when_the_core_was_killed() {
    let mut bench = Bench::new();
    bench.settle();
    bench.lift();
    // Without a table no number leads anywhere.
    let digit = units::Digit::new(b'7').expect("a digit");
    bench.control.heard(Instant::from_millis(20), Heard::Digit(TEL, digit));
    let tone = |said: &Said| match said {
        Said::Order(Order::Engine(Command::Tone(TEL, Tone::Failed(cause)))) => Some(*cause),
        _ => None,
    };
    let cause = bench.settle().iter().find_map(tone).expect("why it failed");
    assert_eq!(bench.killed(500).settle().iter().find_map(tone), Some(cause));
}

#[test]
fn a_record_that_the_spool_has_is_not_told_again() {
    let mut bench = Bench::new();
    bench.settle();
    bench.lift();
    bench.control.heard(Instant::from_millis(20), Heard::Hook(TEL, false));
    bench.control.timeout(Instant::from_millis(3000));
    let left = bench.settle();
    let origin = left.iter().find_map(|said| match said {
        Said::Task(Task::Append { detail: Detail::CallEnded(_), origin, .. }) => Some(*origin),
        _ => None,
    });
    let memory = bench.journal.into_memory();
    let journal = Journal::open(memory).expect("whole").expect("a journal").journal;
    let records_of: Vec<Record<'_>> = journal.records().collect();
    let mut known = known(2);
    known.origins.extend(origin);
    let utc = UtcMapping { at: Instant::from_millis(4000), utc: Utc(0) };
    let next = Control::go_on(IDENTITY, layout(), &known, utc, &records_of, &mut |_| None);
    let mut next = Bench { control: next.expect("readable"), journal: fresh() };
    assert_eq!(records(&next.settle()), []);
}

fn fresh() -> Journal<Vec<u8>> {
    Journal::fresh(vec![0; 1 << 18]).expect("room")
}

#[test]
fn after_a_power_cut_a_call_in_progress_leaves_a_record_and_nothing_else() {
    let mut bench = Bench::new();
    bench.settle();
    bench.lift();
    let journal = bench.journal;
    let records_of: Vec<Record<'_>> = journal.records().collect();
    let utc = UtcMapping { at: Instant::from_millis(9000), utc: Utc(9_000_000) };
    let times = (utc, journal.at());
    let control =
        Control::after_power_cut(IDENTITY, layout(), &known(2), times, &records_of, &mut |_| None);
    let mut next = Bench { control: control.expect("readable"), journal: fresh() };
    let left = next.settle();
    let told = records(&left);
    assert_eq!(told.len(), 1, "{left:?}");
    assert_eq!((told[0].cause, told[0].ended), (Cause::TEMPORARY_FAILURE, Utc(10_000)));
    assert!(!left.iter().any(|said| matches!(said, Said::Order(_))), "{left:?}");
    assert_eq!(next.control.calls_now().count(), 0);
}

#[test]
fn after_a_power_cut_no_record_takes_the_place_of_one_on_its_way_to_the_spool() {
    let mut bench = Bench::new();
    // That the core started is on its way; then a call is cut off.
    bench.settle();
    bench.lift();
    let records_of: Vec<Record<'_>> = bench.journal.records().collect();
    let utc = UtcMapping { at: Instant::from_millis(9000), utc: Utc(9_000_000) };
    let times = (utc, bench.journal.at());
    let control =
        Control::after_power_cut(IDENTITY, layout(), &known(2), times, &records_of, &mut |_| None);
    let mut next = Bench { control: control.expect("readable"), journal: fresh() };
    let mut origins: Vec<u64> = vec![];
    for said in next.settle() {
        match said {
            Said::Task(Task::Append { origin, .. }) if origin > 0 => origins.push(origin),
            _ => {}
        }
    }
    origins.sort_unstable();
    assert_eq!(origins, [1, 2, 3], "two starts and a call, each with a place of its own");
}

#[test]
fn what_an_operator_blocked_stays_blocked_after_a_kill_and_a_power_cut() {
    use link::{ChannelUse, Down, Outcome, Up};
    const SPAN: &str = "name = \"two\"\ntitle = \"E1\"\n[card.a]\ndriver = \"virtual\"\n\
                        socket = \"card.sock\"\nspan = { 1 = { label = \"E1\" } }\n";
    let layout = || board::read(&|_: &str| Ok(SPAN.into()), "two").expect("a board").layout();
    let (span, utc) = (SpanId(1), UtcMapping::default());
    let control = Control::new(IDENTITY, layout(), &known(1), utc, true, &mut |_| None);
    let mut bench = Bench { control, journal: Journal::fresh(vec![0; 1 << 18]).expect("room") };
    bench.control.daemon_came();
    let block = |bench: &mut Bench, slot: u8, on: bool| {
        let slot = Timeslot::new(slot).expect("a slot");
        bench.control.daemon(Instant::ZERO, Down::Block { token: 5, span, slot, on });
        let done = |said: &Said| match said {
            Said::Up(Up::Done { token: 5, outcome }) => Some(*outcome),
            _ => None,
        };
        bench.settle().iter().find_map(done).expect("an answer")
    };
    let held = |bench: &mut Bench| {
        let question = link::Question::Span(span);
        bench.control.daemon(Instant::ZERO, Down::Ask { token: 6, question });
        let told = |said: Said| match said {
            Said::Up(Up::SpanDetail { detail, .. }) => Some(detail),
            _ => None,
        };
        let detail = bench.settle().into_iter().find_map(told).expect("the span");
        let held = detail.channels.iter().filter(|channel| channel.used == ChannelUse::Held);
        held.map(|channel| channel.slot).collect::<Vec<_>>()
    };
    for slot in [3, 7, 31] {
        assert_eq!(block(&mut bench, slot, true), Outcome::Done);
    }
    assert_eq!(block(&mut bench, 7, false), Outcome::Done);
    assert_eq!(block(&mut bench, 16, true), Outcome::NotFound);
    assert_eq!(held(&mut bench), [3, 31]);
    let memory = bench.journal.into_memory();
    let journal = || Journal::open(memory.clone()).expect("whole").expect("a journal").journal;
    for power in [false, true] {
        let journal = journal();
        let records: Vec<Record<'_>> = journal.records().collect();
        let known = known(2);
        let control = if power {
            let times = (utc, Instant::ZERO);
            Control::after_power_cut(IDENTITY, layout(), &known, times, &records, &mut |_| None)
        } else {
            Control::go_on(IDENTITY, layout(), &known, utc, &records, &mut |_| None)
        };
        let mut next = Bench { control: control.expect("readable"), journal };
        next.control.daemon_came();
        assert_eq!(held(&mut next), [3, 31], "power cut: {power}");
        for slot in [3, 31] {
            assert_eq!(block(&mut next, slot, false), Outcome::Done);
        }
        assert_eq!(held(&mut next), []);
    }
}

#[test]
fn a_record_that_makes_no_sense_refuses_them_all() {
    let utc = UtcMapping::default();
    let refused = |kind: u8, octets: &[u8]| {
        let records: [Record<'_>; 1] = [(Key { kind, id: 1 }, octets)];
        let next = Control::go_on(IDENTITY, layout(), &known(2), utc, &records, &mut |_| None);
        next.expect_err("refused").to_string()
    };
    assert!(refused(99, &[0, 1]).contains("kind 99 makes no sense"));
    assert!(refused(2, &[0xFF, 0xFF, 1]).contains("has version 65535"));
    let short = [&<call::Call as machine::Restore>::VERSION.to_be_bytes()[..], &[7]].concat();
    assert!(refused(2, &short).contains("makes no sense"));
}
