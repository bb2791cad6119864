//! The journals that releases have written are read by this one: files of each format stay here.
//!
//! A change of what a record looks like breaks the newest of them. Then the version of that record
//! goes up, the old form is read for one release more, and
//! `cargo test -p ringmain-core -- --ignored write_the_journal_of_this_release` writes a new file.

use std::collections::BTreeMap;

use bearer::{Calling, Request};
use call::app::{Hear, Prompts};
use call::{Directory, Entry, Origin, Target, Whose};
use ha::Journal;
use ivr::{Program, Step, StepId};
use link::{CallPhase, Detail, PathStep};
use machine::Machine;
use span::pri::Pri;
use span::{Input, Output};
use units::time::UtcMapping;
use units::{
    BoxId, Cause, ContentHash, Digits, Instant, LegId, LineId, Mint, PortId, SpanId, Tenant,
    Timeslot, Utc,
};

use super::{Control, Heard, Identity, Order, Record, Said};
use crate::disk::hash_of;
use crate::recordings::Take;
use crate::task::{Current, Known, Task};

const BOARD: &str = "name = \"golden\"\ntitle = \"Golden\"\n[card.a]\ndriver = \"virtual\"\n\
                     socket = \"card.sock\"\nspan = { 1 = { label = \"E1\" } }\n\
                     telephone = { 1 = { label = \"A\" }, 2 = { label = \"B\" } }\n";
const IDENTITY: Identity = Identity { box_id: BoxId(1), tenant: Tenant(1), tests_allowed: false };
const SPAN: SpanId = SpanId(1);
/// The telephones follow the channels of the span.
const A: PortId = PortId(30);
const B: PortId = PortId(31);
const FORMAT_1: &[u8] = include_bytes!("golden/journal-1");
const FORMAT_2: &[u8] = include_bytes!("golden/journal-2");
const FORMAT_3: &[u8] = include_bytes!("golden/journal-3");
const FORMAT_4: &[u8] = include_bytes!("golden/journal-4");
/// Two areas of 32 KiB.
const OCTETS: usize = 4096 + 2 * (32 << 10);

fn layout() -> board::Layout {
    board::read(&|_: &str| Ok(BOARD.into()), "golden").expect("a board").layout()
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

/// A flow that waits at a prompt, and a number for each thing.
fn documents() -> (BTreeMap<ContentHash, Vec<u8>>, ContentHash) {
    let prompt = ContentHash([7; 32]);
    let steps = vec![
        Step::Answer { next: StepId(1) },
        Step::Play { prompts: [prompt].into_iter().collect::<Prompts>(), next: StepId(2) },
        Step::Ring {
            number: digits("801"),
            patience_ms: 60_000,
            otherwise: StepId(3),
            hear: Hear::Music,
        },
        Step::Release { cause: Cause::NORMAL_CLEARING },
    ];
    let program = Program::plain("main".into(), steps).to_octets().expect("a program");
    let flow = hash_of(&program);
    let entry = |number: &str, target| Entry {
        tenant: Tenant(1),
        prefix: digits(number),
        exact: true,
        origin: Origin::Anybody,
        target,
    };
    let telephone = |port| Target::Telephone(LineId::of_analog(port));
    let entries = vec![
        entry("95588", Target::Flow(flow)),
        entry("801", telephone(1)),
        entry("802", telephone(2)),
    ];
    let recorded = vec![Whose::Number(digits("801"))];
    let table =
        Directory { entries, recorded, ..Directory::default() }.to_octets().expect("a table");
    let hash = hash_of(&table);
    ([(flow, program), (hash, table)].into(), hash)
}

fn known(boot: u32) -> Known {
    let current = Current { table: documents().1, generation: 1 };
    Known { boot, current: Some(current), ..Known::default() }
}

/// The box with its journal, and the exchange at its span.
struct World {
    control: Control,
    journal: Journal<Vec<u8>>,
    exchange: Pri,
    now: Instant,
}

impl World {
    fn new() -> Self {
        let (documents, _) = documents();
        let now = Instant::from_millis(1000);
        let utc = UtcMapping { at: now, utc: Utc(1_800_000_000_000_000) };
        let mut fetch = |hash| documents.get(&hash).cloned();
        let control = Control::new(IDENTITY, layout(), &known(1), utc, true, &mut fetch);
        let journal = Journal::fresh(vec![0; OCTETS]).expect("room");
        let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D).zip((0..).map(PortId));
        let mint = Mint::new(BoxId(2), 1, 0);
        let exchange = Pri::new(LineId(1), q921::Role::Network, mint, slots);
        let mut world = Self { control, journal, exchange, now };
        world.settle();
        world.exchange(Input::Layer1 { of: 0, up: true });
        world
    }

    /// Does what the box says, and carries frames, until there is silence.
    fn settle(&mut self) {
        for _ in 0..1000 {
            let Some(said) = self.control.poll() else { return };
            match said {
                Said::Keep(keep) => {
                    self.journal.append(keep.at, &keep.transaction).expect("room");
                    self.control.kept(keep.change);
                }
                Said::Order(Order::Frame(_, frame)) => {
                    self.exchange.handle(self.now, Input::Frame(frame));
                    self.carry();
                }
                _ => {}
            }
        }
        panic!("it never comes to rest");
    }

    fn carry(&mut self) {
        while let Some(output) = self.exchange.poll_output() {
            if let Output::Transmit(frame) = output {
                self.control.heard(self.now, Heard::Frame(SPAN, frame));
            }
        }
    }

    fn exchange(&mut self, input: Input) {
        self.now = Instant(self.now.0 + 10_000);
        self.exchange.handle(self.now, input);
        self.carry();
        self.settle();
    }

    fn heard(&mut self, heard: Heard) {
        self.now = Instant(self.now.0 + 10_000);
        self.control.heard(self.now, heard);
        self.settle();
    }

    fn place(&mut self, leg: u64, called: &str) {
        let calling = Calling { number: digits("01088886666"), ..Calling::default() };
        let (leg, line, called) = (LegId(leg), LineId(1), digits(called));
        self.exchange(Input::Request(Request::Place { leg, line, calling, called }));
    }
}

/// One call in the flow, one that talks, one that dials, and one that has ended.
fn lively() -> World {
    let mut world = World::new();
    world.place(1, "95588");
    world.place(2, "801");
    world.heard(Heard::Hook(A, true));
    world.place(3, "802");
    let cause = Cause::NORMAL_CLEARING;
    world.exchange(Input::Request(Request::Release { leg: LegId(3), cause }));
    world.heard(Heard::Hook(B, true));
    world
}

/// What a core that goes on with these records has, tells, and wants to record.
fn phases(memory: Vec<u8>) -> (Vec<(CallPhase, String)>, Vec<Detail>, Vec<Take>) {
    let journal = Journal::open(memory).expect("whole").expect("a journal").journal;
    let records: Vec<Record<'_>> = journal.records().collect();
    let utc = UtcMapping { at: Instant::from_millis(5000), utc: Utc(1_800_000_004_000_000) };
    let (documents, _) = documents();
    // The disk still has the program as the release before wrote it, by a hash of its own.
    let program = documents.values().find(|octets| Program::from_octets(octets).is_ok()).cloned();
    let mut fetch = |hash| documents.get(&hash).cloned().or_else(|| program.clone());
    let mut next =
        Control::go_on(IDENTITY, layout(), &known(2), utc, &records, &mut fetch).expect("readable");
    let phases = next.calls_now().map(|call| (call.phase, call.called.to_string())).collect();
    let (mut told, mut takes) = (vec![], vec![]);
    while let Some(said) = next.poll() {
        match said {
            Said::Keep(keep) => next.kept(keep.change),
            Said::Task(Task::Append { detail, .. }) => told.push(detail),
            Said::Take(take) => takes.push(take),
            _ => {}
        }
    }
    (phases, told, takes)
}

fn expect_lively(memory: Vec<u8>) -> Vec<Take> {
    let (phases, told, takes) = phases(memory);
    let wanted =
        [(CallPhase::InFlow, "95588"), (CallPhase::Talking, "801"), (CallPhase::Dialling, "")];
    assert_eq!(phases, wanted.map(|(phase, called)| (phase, called.to_owned())));
    let ended: Vec<_> = told
        .iter()
        .filter_map(|detail| match detail {
            Detail::CallEnded(record) => Some(record),
            _ => None,
        })
        .collect();
    assert_eq!(ended.len(), 1, "the record that the spool did not have: {told:?}");
    assert_eq!((&*ended[0].called.to_string(), ended[0].cause), ("802", Cause::NORMAL_CLEARING));
    assert!(!ended[0].path.contains(&PathStep::Interrupted));
    takes
}

#[test]
fn a_journal_of_format_1_is_read_as_it_was_meant() {
    expect_lively(FORMAT_1.to_vec());
}

#[test]
fn a_journal_of_calls_that_may_be_in_conferences_is_read_as_it_was_meant() {
    expect_parts(&expect_lively(FORMAT_2.to_vec()), 1);
}

/// What is begun of a call that talked unrecorded, and of one whose first part was begun.
fn expect_parts(takes: &[Take], wanted: u8) {
    let name = |take: &Take| match take {
        Take::Begin { name, .. } | Take::Settle { name, .. } | Take::Judge { name, .. } => {
            name.clone()
        }
        Take::End { .. } => String::new(),
    };
    let names: Vec<_> = takes.iter().map(name).collect();
    let call = &names[0];
    let part = format!("{call}-2");
    let all = [call.clone(), part];
    assert_eq!(names, all[..wanted.into()]);
}

#[test]
fn a_journal_with_a_recording_is_read_as_it_was_meant() {
    expect_parts(&expect_lively(FORMAT_3.to_vec()), 2);
}

#[test]
fn a_journal_of_telephones_that_may_hear_why_a_call_failed_is_read_as_it_was_meant() {
    expect_parts(&expect_lively(FORMAT_4.to_vec()), 2);
}

#[test]
fn what_this_release_writes_is_what_it_reads() {
    expect_parts(&expect_lively(lively().journal.into_memory()), 2);
}

#[test]
#[ignore = "writes a file for the releases that follow"]
fn write_the_journal_of_this_release() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control/golden/journal-4");
    std::fs::write(path, lively().journal.into_memory()).expect("written");
}
