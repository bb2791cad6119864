//! Telephones that dial a conference, through the whole of control, a killed core included.

use call::{Directory, Entry, Origin, Pin, Target, Terms};
use engine::{Chime, Command, RoomId, Tone};
use ha::Journal;
use link::{CallPhase, Detail, Down, Outcome, PathStep, Question, SeatStatus, Trouble, Up};
use units::time::UtcMapping;
use units::{
    BoxId, CallId, Cause, ContentHash, Digits, Duration, Instant, LineId, PortId, Tenant, Utc,
};

use crate::control::{Control, Heard, Identity, Order, Record, Said};
use crate::disk::hash_of;
use crate::task::{Current, Known, Task};

const BOARD: &str = r#"
name = "x"
title = "Conference"
[card.a]
driver = "virtual"
socket = "s"
telephone = { 1 = { label = "1" }, 2 = { label = "2" }, 3 = { label = "3" }, 4 = { label = "4" } }
[audio]
1 = { label = "MUSIC", device = "c", role = "music" }
"#;
const A: PortId = PortId(0);
const B: PortId = PortId(1);
const C: PortId = PortId(2);
const D: PortId = PortId(3);
const MUSIC: PortId = PortId(4);
const MUSIC_SOCKET: u16 = 4;
const ROOM: RoomId = RoomId(0);
const IDENTITY: Identity = Identity { box_id: BoxId(1), tenant: Tenant(1), tests_allowed: false };

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

pub(super) fn directory() -> Directory {
    let entry = |number: &str, target| Entry {
        tenant: Tenant(1),
        prefix: digits(number),
        exact: true,
        origin: Origin::Inside,
        target,
    };
    let conference = |number: &str, pin: &str| {
        let pin = Pin(digits(pin));
        Target::Conference(Terms { number: digits(number), pin, most: 3, tones: true })
    };
    let telephone = |port| Target::Telephone(LineId::of_analog(port));
    let mut entries =
        vec![entry("880", conference("880", "")), entry("881", conference("881", "12"))];
    entries.extend((1..=4).map(|port| entry(&format!("80{port}"), telephone(port))));
    Directory { entries, ..Directory::default() }
}

/// A box of four telephones with its journal.
pub(super) struct Bench {
    pub(super) control: Control,
    pub(super) now: Instant,
    journal: Journal<Vec<u8>>,
    boot: u32,
    table: (ContentHash, Vec<u8>),
}

fn known(boot: u32, table: ContentHash) -> Known {
    let current = Current { table, generation: 1 };
    Known { boot, current: Some(current), ..Known::default() }
}

fn layout() -> board::Layout {
    board::read(&|_: &str| Ok(BOARD.into()), "x").expect("a board").layout()
}

impl Bench {
    fn new() -> Self {
        Self::with(&directory())
    }

    pub(super) fn with(directory: &Directory) -> Self {
        let octets = directory.to_octets().expect("fits");
        let table = (hash_of(&octets), octets);
        let (utc, known) = (UtcMapping::default(), known(1, table.0));
        let fetch = &mut |_| Some(table.1.clone());
        let control = Control::new(IDENTITY, layout(), &known, utc, true, fetch);
        let journal = Journal::fresh(vec![0; 1 << 18]).expect("room");
        let mut bench = Self { control, journal, now: Instant::from_millis(1000), boot: 1, table };
        bench.said();
        bench
    }

    /// What leaves, its change being kept.
    pub(super) fn said(&mut self) -> Vec<Said> {
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

    pub(super) fn hear(&mut self, heard: Heard) -> Vec<Said> {
        self.now += Duration::from_millis(20);
        self.control.heard(self.now, heard);
        self.said()
    }

    pub(super) fn dial(&mut self, port: PortId, number: &str) -> Vec<Said> {
        let mut said = self.hear(Heard::Hook(port, true));
        said.extend(self.keys(port, number));
        said
    }

    fn keys(&mut self, port: PortId, keys: &str) -> Vec<Said> {
        let keys = digits(keys);
        keys.as_slice().iter().flat_map(|key| self.hear(Heard::Digit(port, *key))).collect()
    }

    pub(super) fn hang_up(&mut self, port: PortId) -> Vec<Said> {
        let mut said = self.hear(Heard::Hook(port, false));
        said.extend(self.wait(2));
        said
    }

    fn wait(&mut self, seconds: u64) -> Vec<Said> {
        let until = self.now + Duration::from_secs(seconds);
        let mut said = vec![];
        while let Some(at) = self.control.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.control.timeout(self.now);
            said.extend(self.said());
        }
        self.now = until;
        said
    }

    pub(super) fn killed(mut self) -> (Self, Vec<Said>) {
        let memory = self.journal.into_memory();
        let journal = Journal::open(memory).expect("whole").expect("a journal").journal;
        let records: Vec<Record<'_>> = journal.records().collect();
        let (now, boot) = (self.now + Duration::from_millis(300), self.boot + 1);
        let utc = UtcMapping { at: now, utc: Utc(0) };
        let (table, known) = (self.table.clone(), known(boot, self.table.0));
        let fetch = &mut |_| Some(table.1.clone());
        let control = Control::go_on(IDENTITY, layout(), &known, utc, &records, fetch);
        self = Self { control: control.expect("readable"), journal, now, boot, table };
        let said = self.said();
        (self, said)
    }

    pub(super) fn asks(&mut self, question: Question) -> Vec<Up> {
        self.tell(Down::Ask { token: 9, question })
    }

    pub(super) fn tell(&mut self, down: Down<'_>) -> Vec<Up> {
        self.control.daemon_came();
        self.control.daemon(self.now, down);
        let up = |said| match said {
            Said::Up(up) => Some(up),
            _ => None,
        };
        self.said().into_iter().filter_map(up).collect()
    }

    fn seats(&mut self) -> Vec<SeatStatus> {
        let seat = |up| match up {
            Up::Seat { status, .. } => Some(status),
            _ => None,
        };
        self.asks(Question::Conferences).into_iter().filter_map(seat).collect()
    }
}

/// What the engine is told of conferences, music and beeps.
fn engine(said: &[Said]) -> Vec<Command> {
    let told = said.iter().filter_map(|said| match said {
        Said::Order(Order::Engine(command)) => Some(*command),
        _ => None,
    });
    told.filter(|command| {
        !matches!(command, Command::Listen(..) | Command::Silence(_) | Command::Tone(_, Tone::Dial))
    })
    .collect()
}

const fn meet(port: PortId) -> Command {
    Command::Meet { port, room: ROOM, gain_db: Some(0) }
}

fn ended(said: &[Said]) -> Vec<(Cause, Option<PathStep>)> {
    let record = |said: &Said| match said {
        Said::Task(Task::Append { detail: Detail::CallEnded(record), .. }) => {
            Some((record.cause, record.path.last().cloned()))
        }
        _ => None,
    };
    said.iter().filter_map(record).collect()
}

#[test]
fn three_telephones_meet_and_a_killed_core_leaves_them_together_until_they_hang_up() {
    let mut bench = Bench::new();
    assert_eq!(engine(&bench.dial(A, "880")), [Command::Hear(A, MUSIC)]);
    let came = Command::Chime(ROOM, Chime::Came);
    assert_eq!(engine(&bench.dial(B, "880")), [meet(A), meet(B), came]);
    assert_eq!(engine(&bench.dial(C, "880")), [meet(C), came]);
    let (mut bench, said) = bench.killed();
    assert_eq!(engine(&said), [meet(A), meet(B), meet(C)]);
    let seats = bench.seats();
    let callers: Vec<_> = seats.iter().map(|seat| seat.caller.to_string()).collect();
    assert_eq!(callers, ["801", "802", "803"]);
    let said = bench.hang_up(B);
    assert_eq!(engine(&said), [Command::Chime(ROOM, Chime::Went)]);
    let conference = Some(PathStep::Interrupted);
    assert_eq!(ended(&said), [(Cause::NORMAL_CLEARING, conference)]);
    assert_eq!(engine(&bench.hang_up(C)), [Command::Hear(A, MUSIC), Command::Attention(A)]);
    let (mut bench, said) = bench.killed();
    assert_eq!(engine(&said), [Command::Hear(A, MUSIC)]);
    // The player falls silent: the room is quiet, and not a ring-back tone.
    let said = bench.hear(Heard::Trouble(MUSIC_SOCKET, Some(Trouble::Missing)));
    assert_eq!(engine(&said), [meet(A)]);
    bench.hang_up(A);
    assert_eq!(bench.seats(), []);
    let (_, said) = bench.killed();
    assert_eq!(engine(&said), []);
}

#[test]
fn a_full_conference_is_busy() {
    let mut bench = Bench::new();
    for port in [A, B, C] {
        bench.dial(port, "880");
    }
    let said = bench.dial(D, "880");
    assert_eq!(engine(&said), [Command::Tone(D, Tone::Busy)]);
    assert_eq!(ended(&said), [(Cause::USER_BUSY, Some(PathStep::Line(LineId::of_analog(4))))]);
    bench.hang_up(D);
    bench.hang_up(A);
    assert_eq!(engine(&bench.dial(D, "880"))[0], meet(D));
}

#[test]
fn the_pin_is_asked_by_two_beeps_and_whoever_does_not_know_it_is_rejected() {
    let mut bench = Bench::new();
    assert_eq!(engine(&bench.dial(A, "881")), [Command::Attention(A)]);
    // The core is killed in the middle of it.
    bench.keys(A, "1");
    let (mut bench, _) = bench.killed();
    assert_eq!(engine(&bench.keys(A, "2")), [Command::Hear(A, MUSIC)]);
    bench.dial(B, "881");
    let said = bench.keys(B, "999999");
    assert_eq!(engine(&said).last(), Some(&Command::Tone(B, Tone::Congestion)));
    let told = |said: &Said| {
        matches!(said, Said::Task(Task::Append { detail: Detail::PinRefused { number, .. }, .. })
            if *number == digits("881"))
    };
    assert!(said.iter().any(told), "{said:?}");
    assert_eq!(ended(&bench.wait(4))[0].0, Cause::CALL_REJECTED);
}

#[test]
fn an_operator_makes_a_party_softer_or_mute_and_it_stays_so_in_the_next_process() {
    let mut bench = Bench::new();
    bench.dial(A, "880");
    bench.dial(B, "880");
    let call = bench.seats()[1].call;
    let voice = |call, gain_db, muted| Down::Voice { token: 3, call, gain_db, muted };
    let done = |outcome| Up::Done { token: 3, outcome };
    assert_eq!(bench.tell(voice(call, Some(-3), None)), [done(Outcome::Done)]);
    assert_eq!(bench.tell(voice(call, None, Some(true))), [done(Outcome::Done)]);
    assert_eq!(bench.tell(voice(CallId(77), None, Some(true))), [done(Outcome::NotFound)]);
    let (mut bench, said) = bench.killed();
    let muted = Command::Meet { port: B, room: ROOM, gain_db: None };
    assert_eq!(engine(&said), [meet(A), muted]);
    let seat = &bench.seats()[1];
    assert_eq!((seat.gain_db, seat.muted), (-3, true));
    bench.control.daemon(bench.now, voice(call, None, Some(false)));
    let softer = Command::Meet { port: B, room: ROOM, gain_db: Some(-3) };
    assert_eq!(engine(&bench.said()), [softer]);
    assert!(bench.control.calls_now().all(|call| call.phase == CallPhase::Conference));
}
