//! What five hundred calls cost: to keep them, and to go on with them.
//!
//! ```text
//!  16 groups of the network ══ frames ══ the core's control ── changes ──► journal, a real file
//!  20 telephones ── hooks, keys ──────────┘        ▲
//!                                                  └── wake: read, believe, restore
//! ```
//!
//! All calls are in the menu. What a change costs is the difference that the journal makes to the
//! same calls, by the processor's time of this thread; waking up is the core's own function, from
//! opening the file to the machines that go on.

use std::collections::VecDeque;
use std::io::Write;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::ExitCode;

use bearer::{Calling, Request};
use bench::{clock_ns, own_ns};
use board::Layout;
use call::app::{Hear, Prompts};
use call::{Directory, Entry, Origin, Target};
use ha::Journal;
use hal_mapped::Mapped;
use ivr::{Choice, Program, Step, StepId};
use machine::Machine;
use ringmain_core::control::{Control, Heard, Identity, Order, Said};
use ringmain_core::disk::hash_of;
use ringmain_core::journal::{Wanted, wake};
use ringmain_core::task::{Current, Done, Known, Task};
use span::pri::Pri;
use span::{Frame, Input, Output};
use units::time::UtcMapping;
use units::{
    BoxId, Cause, ContentHash, Digit, Digits, Instant, LegId, LineId, Mint, PortId, SpanId, Tenant,
    Timeslot,
};

/// Calls that come in at a span: all its slots.
const PER_SPAN: usize = 30;
/// Calls of telephones.
const TELEPHONES: usize = 20;
const CALLS: usize = limits::SPANS * PER_SPAN + TELEPHONES;
/// Times that each thing is measured.
const TIMES: usize = 11;
const FLOW: &str = "95588";
const IDENTITY: Identity = Identity { box_id: BoxId(1), tenant: Tenant(1), tests_allowed: false };
static SOUND: [u8; 160_000] = [0x55; 160_000];

type Fault = String;

/// The far end of a span.
struct Far {
    group: Pri,
    to: VecDeque<Frame>,
}

/// Documents by their hashes, and the table in force.
struct Documents {
    table: (ContentHash, Vec<u8>),
    flow: (ContentHash, Vec<u8>),
}

impl Documents {
    fn new() -> Result<Self, Fault> {
        let prompt = ContentHash([7; 32]);
        let choice = |ascii: u8| Some(Choice { digit: Digit::new(ascii)?, next: StepId(2) });
        let digits = |text: &str| Digits::parse(text).unwrap_or_default();
        let steps = vec![
            Step::Answer { next: StepId(1) },
            Step::Menu {
                prompts: [prompt].into_iter().collect::<Prompts>(),
                invalid: Prompts::default(),
                choices: choice(b'1').into_iter().collect(),
                wait_ms: 5000,
                attempts: 3,
                otherwise: StepId(3),
            },
            Step::Ring {
                number: digits("864"),
                patience_ms: 5000,
                otherwise: StepId(3),
                hear: Hear::Music,
            },
            Step::Release { cause: Cause::NORMAL_CLEARING },
        ];
        let program = Program::plain("main".into(), steps);
        let program = program.to_octets().map_err(|fault| format!("{fault:?}"))?;
        let hash = hash_of(&program);
        let entry = Entry {
            tenant: Tenant(1),
            prefix: digits(FLOW),
            exact: true,
            origin: Origin::Anybody,
            target: Target::Flow(hash),
        };
        let table = Directory { entries: vec![entry], ..Directory::default() };
        let table = table.to_octets().ok_or("the table is too large")?;
        Ok(Self { table: (hash_of(&table), table), flow: (hash, program) })
    }

    fn fetch(&self, hash: ContentHash) -> Option<Vec<u8>> {
        let all = [&self.table, &self.flow];
        all.into_iter().find(|(of, _)| *of == hash).map(|(_, octets)| octets.clone())
    }

    fn known(&self) -> Known {
        let current = Current { table: self.table.0, generation: 1 };
        Known { boot: 1, current: Some(current), ..Known::default() }
    }
}

/// A board of sixteen spans and sixty-four telephones.
fn layout() -> Result<Layout, Fault> {
    let list = |what: &str, numbers: RangeInclusive<usize>| {
        let all: Vec<_> = numbers.map(|n| format!("{n} = {{ label = \"{what} {n}\" }}")).collect();
        all.join(", ")
    };
    let card = |name: &str, rest: String| {
        format!("[card.{name}]\ndriver = \"virtual\"\nsocket = \"{name}.sock\"\n{rest}\n")
    };
    let half = limits::SPANS / 2;
    let text = format!(
        "name = \"large\"\ntitle = \"Large\"\n{}{}{}",
        card("a", format!("span = {{ {} }}", list("E1", 1..=half))),
        card("b", format!("span = {{ {} }}", list("E1", half + 1..=limits::SPANS))),
        card("c", format!("telephone = {{ {} }}", list("TEL", 1..=limits::ANALOG_PORTS))),
    );
    let board = board::read(&|_: &str| Ok(text.clone()), "large");
    board.map(|board| board.layout()).map_err(|fault| format!("{fault:?}"))
}

/// A core and its far ends.
struct Exchange {
    control: Control,
    journal: Option<Journal<Mapped>>,
    now: Instant,
    far: Vec<Far>,
    changes: u64,
    next_leg: u64,
}

impl Exchange {
    /// With a journal in the folder, or without.
    fn new(documents: &Documents, layout: &Layout, folder: Option<&Path>) -> Result<Self, Fault> {
        let known = documents.known();
        let mut fetch = |hash| documents.fetch(hash);
        let (control, journal) = match folder {
            None => {
                let at = Instant::from_millis(1000);
                let utc = UtcMapping { at, ..UtcMapping::default() };
                (Control::new(IDENTITY, layout.clone(), &known, utc, false, &mut fetch), None)
            }
            Some(folder) => {
                let layout = layout.clone();
                let wanted = Wanted { identity: IDENTITY, layout, known: &known, lockstep: true };
                let mut awake = wake(folder, &wanted, &mut fetch, |_| {});
                // As the control thread does each minute.
                awake.control.anchor(awake.clock.now(), &awake.clock.anchor());
                (awake.control, Some(awake.journal.ok_or("no journal")?))
            }
        };
        let far = (1..=limits::SPANS).map(|number| {
            let line = LineId(u16::try_from(number).unwrap_or(0));
            let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D).zip((0..).map(PortId));
            let mint = Mint::new(BoxId(2), 1, line.0);
            let group = Pri::new(line, q921::Role::Network, mint, slots);
            Far { group, to: VecDeque::new() }
        });
        let far = far.collect();
        let now = Instant::from_millis(1000);
        Ok(Self { control, journal, now, far, changes: 0, next_leg: 1 << 40 })
    }

    /// Does what the core says until it says nothing.
    fn settle(&mut self) -> Result<(), Fault> {
        while let Some(said) = self.control.poll() {
            match said {
                Said::Keep(keep) => {
                    let journal = self.journal.as_mut().ok_or("nothing is kept")?;
                    journal
                        .append(keep.at, &keep.transaction)
                        .map_err(|_| "the journal is full")?;
                    self.control.kept(keep.change);
                    self.changes += 1;
                }
                Said::Order(Order::Frame(span, frame)) => {
                    let far = self.far.get_mut(usize::from(span.0) - 1).ok_or("no such span")?;
                    far.to.push_back(frame);
                }
                Said::Task(Task::LoadPrompt(hash)) => {
                    self.control.disk(self.now, Done::Prompt(hash, Ok(&SOUND)));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn heard(&mut self, heard: Heard) -> Result<(), Fault> {
        self.control.heard(self.now, heard);
        self.settle()
    }

    /// Tells a far end something and carries frames until there is silence.
    fn far(&mut self, index: usize, input: Input) -> Result<(), Fault> {
        let span = SpanId(u8::try_from(index + 1).unwrap_or(0));
        self.far[index].group.handle(self.now, input);
        for _ in 0..100 {
            let mut frames = vec![];
            while let Some(output) = self.far[index].group.poll_output() {
                if let Output::Transmit(frame) = output {
                    frames.push(frame);
                }
            }
            for frame in frames {
                self.heard(Heard::Frame(span, frame))?;
            }
            let Some(frame) = self.far[index].to.pop_front() else { return Ok(()) };
            self.far[index].group.handle(self.now, Input::Frame(frame));
        }
        Err("frames go back and forth for ever".into())
    }

    /// All calls that the box can have at once.
    fn fill(&mut self) -> Result<(), Fault> {
        self.settle()?;
        for index in 0..self.far.len() {
            self.far(index, Input::Layer1 { of: 0, up: true })?;
        }
        let called = Digits::parse(FLOW).ok_or("no number")?;
        for _ in 0..PER_SPAN {
            for index in 0..self.far.len() {
                self.now = Instant(self.now.0 + 1000);
                let leg = LegId(self.next_leg);
                self.next_leg += 1;
                let line = LineId(u16::try_from(index + 1).unwrap_or(0));
                let (calling, called) = (Calling::default(), called.clone());
                let place = Request::Place { leg, line, calling, called };
                self.far(index, Input::Request(place))?;
            }
        }
        let first = 30 * limits::SPANS;
        for port in (first..first + TELEPHONES).filter_map(|port| u16::try_from(port).ok()) {
            self.now = Instant(self.now.0 + 1000);
            self.heard(Heard::Hook(PortId(port), true))?;
            for digit in FLOW.bytes().filter_map(Digit::new) {
                self.heard(Heard::Digit(PortId(port), digit))?;
            }
        }
        let calls = self.control.calls_now().count();
        if calls == CALLS { Ok(()) } else { Err(format!("{calls} of {CALLS} calls came about")) }
    }
}

fn median(mut values: Vec<u64>) -> u64 {
    values.sort_unstable();
    values[values.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a minute")]
fn measure() -> Result<String, Fault> {
    let (documents, layout) = (Documents::new()?, layout()?);
    let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
    let (mut without, mut with, mut changes, mut wakes) = (vec![], vec![], 0, vec![]);
    for _ in 0..TIMES {
        let mut exchange = Exchange::new(&documents, &layout, None)?;
        let begin = own_ns();
        exchange.fill()?;
        without.push(own_ns() - begin);
        let place = tempfile::tempdir_in(folder.path()).map_err(|fault| fault.to_string())?;
        let mut exchange = Exchange::new(&documents, &layout, Some(place.path()))?;
        let begin = own_ns();
        exchange.fill()?;
        with.push(own_ns() - begin);
        changes = exchange.changes;
        drop(exchange);
        let begin = clock_ns();
        let woken = Exchange::new(&documents, &layout, Some(place.path()))?;
        wakes.push(clock_ns() - begin);
        let calls = woken.control.calls_now().count();
        if calls != CALLS {
            return Err(format!("{calls} of {CALLS} calls go on"));
        }
    }
    let longest = wakes.iter().copied().max().unwrap_or(0);
    let (without, with, wake) = (median(without), median(with), median(wakes));
    let each = with.saturating_sub(without) as f64 / 1000.0 / changes.max(1) as f64;
    Ok(format!(
        "wake: changes={changes} without_journal_ms={:.2} with_journal_ms={:.2} longest_ms={:.2}\n\
         wake: calls={CALLS} restore_ms={:.2} journal_us_per_change={each:.2}",
        without as f64 / 1e6,
        with as f64 / 1e6,
        longest as f64 / 1e6,
        wake as f64 / 1e6,
    ))
}

fn main() -> ExitCode {
    let (text, code) = match measure() {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(fault) => (format!("wake: not measured: {fault}"), ExitCode::FAILURE),
    };
    let _ = writeln!(std::io::stdout(), "{text}");
    code
}
