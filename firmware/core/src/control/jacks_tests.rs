//! Calls to jacks, from their buttons, and music while one waits, through the whole of control.

use call::app::Hear;
use call::{Directory, Entry, JackLabel, JackName, Origin, Pin, Target, Terms};
use engine::{Clip, Command, Tone};
use ivr::{Program, Step, StepId};
use link::{Alarm, CallRecord, Detail, Down, Outcome, Trouble, Up};
use units::time::UtcMapping;
use units::{BoxId, Cause, ContentHash, Digits, Duration, Instant, LineId, PortId, Tenant};

use crate::control::{Control, Heard, Identity, Order, Said, music};
use crate::task::{Current, Done, Known, PromptFault, Task};

const BOARD: &str = r#"
name = "x"
title = "Jacks"
pins = "simulated"
[card.a]
driver = "virtual"
socket = "s"
telephone = { 1 = { label = "TEL 1" }, 2 = { label = "TEL 2" } }
[audio]
1 = { label = "HALL", device = "a", role = "paging" }
2 = { label = "DOOR", device = "b", role = "door" }
3 = { label = "MUSIC", device = "c", role = "music" }
[button.ring]
label = "RING"
pin = { line = 1 }
role = "call"
audio = 2
"#;
const TEL_1: PortId = PortId(0);
const TEL_2: PortId = PortId(1);
const HALL: PortId = PortId(2);
const DOOR: PortId = PortId(3);
const MUSIC: PortId = PortId(4);
/// Sockets in the order of the layout: two telephones, three jacks, the button.
const HALL_SOCKET: u16 = 2;
const MUSIC_SOCKET: u16 = 4;
const RING_SOCKET: u16 = 5;

const TABLE: ContentHash = ContentHash([1; 32]);
const FLOW: ContentHash = ContentHash([2; 32]);

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

fn jack(label: &str, calls: &str) -> Target {
    let label = JackLabel::try_from(label).expect("short");
    Target::Jack { jack: JackName::Label(label), calls: digits(calls) }
}

fn numbers() -> [(&'static str, Target); 6] {
    let (number, pin) = (digits("880"), Pin(digits("")));
    [
        ("880", Target::Conference(Terms { number, pin, most: 3, tones: false })),
        ("801", Target::Telephone(LineId::of_analog(1))),
        ("802", Target::Telephone(LineId::of_analog(2))),
        ("810", jack("HALL", "")),
        ("811", jack("DOOR", "801")),
        ("9", Target::Flow(FLOW)),
    ]
}

/// A piece of music in memory; one of 9 is not there.
fn piece_of(hash: ContentHash) -> Option<Clip> {
    static SOUND: [u8; 40] = [0x55; 40];
    let length = usize::from(hash.0[0]);
    (length != 9).then(|| &SOUND[..length])
}

struct Bench {
    control: Control,
    now: Instant,
    generation: u64,
    said: Vec<Said>,
}

impl Bench {
    /// With a table of these numbers; `Err` if control refuses it.
    fn new(numbers: &[(&str, Target)]) -> Result<Self, Outcome> {
        let mut bench = Self::empty();
        match bench.publish(numbers, &[]) {
            Outcome::Done => Ok(bench),
            other => Err(other),
        }
    }

    fn empty() -> Self {
        let layout = board::read(&|_: &str| Ok(BOARD.into()), "x").expect("a board").layout();
        let identity =
            Identity { box_id: BoxId(1), tenant: Tenant::default(), tests_allowed: false };
        let known = Known { boot: 1, ..Known::default() };
        let control =
            Control::new(identity, layout, &known, UtcMapping::default(), false, &mut |_| None);
        let mut bench =
            Self { control, now: Instant::from_millis(1000), generation: 0, said: vec![] };
        bench.control.daemon_came();
        bench
    }

    /// Puts a table of these numbers and this music in force; pieces with a 9 are missing.
    fn publish(&mut self, numbers: &[(&str, Target)], music: &[ContentHash]) -> Outcome {
        let tenant = Tenant::default();
        let entry = |(number, target): &(&str, Target)| {
            let (prefix, target) = (digits(number), target.clone());
            Entry { tenant, prefix, exact: true, origin: Origin::Inside, target }
        };
        let entries = numbers.iter().map(entry).collect();
        let table = Directory { entries, music: music.to_vec(), ..Directory::default() };
        let end = StepId(1);
        let (number, hear) = (digits("802"), Hear::Music);
        let ring = Step::Ring { number, patience_ms: 20_000, otherwise: end, hear };
        let steps = vec![ring, Step::Release { cause: Cause::NO_ANSWER }];
        let program = Program::plain("main".into(), steps);
        self.generation += 1;
        let generation = self.generation;
        self.control.daemon(self.now, Down::Apply { token: 7, generation, table: TABLE });
        let octets = table.to_octets().expect("fits");
        self.control.disk(self.now, Done::Fetched(TABLE, Some(octets)));
        let octets = program.to_octets().expect("fits");
        self.control.disk(self.now, Done::Fetched(FLOW, Some(octets)));
        self.drain();
        for piece in music {
            let wanted = Said::Task(Task::LoadPrompt(*piece));
            if self.said.contains(&wanted) {
                let clip = piece_of(*piece).ok_or(PromptFault::Missing);
                self.control.disk(self.now, Done::Prompt(*piece, clip));
            }
        }
        self.drain();
        let mut answers = self.said.iter().filter_map(|said| match said {
            Said::Up(Up::Done { token: 7, outcome }) => Some(*outcome),
            _ => None,
        });
        answers.next_back().expect("an answer")
    }

    fn usual() -> Self {
        let mut bench = Self::new(&numbers()).expect("in force");
        bench.said.clear();
        bench
    }

    fn drain(&mut self) {
        self.said.extend(std::iter::from_fn(|| self.control.poll()));
    }

    fn hear(&mut self, heard: Heard) {
        self.now += Duration::from_millis(20);
        self.control.heard(self.now, heard);
        self.drain();
    }

    /// Lets so much time pass.
    fn wait(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.control.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.control.timeout(self.now);
            self.drain();
        }
        self.now = until;
    }

    fn dial(&mut self, port: PortId, number: &str) {
        self.hear(Heard::Hook(port, true));
        for digit in digits(number).as_slice() {
            self.hear(Heard::Digit(port, *digit));
        }
    }

    fn hang_up(&mut self, port: PortId) {
        self.hear(Heard::Hook(port, false));
        self.wait(Duration::from_secs(2));
    }

    /// What the engine was told since the last question, keys and silence excepted.
    fn engine(&mut self) -> Vec<Command> {
        let said = std::mem::take(&mut self.said).into_iter();
        said.filter_map(|said| match said {
            Said::Order(Order::Engine(Command::Listen(..) | Command::Silence(_))) => None,
            Said::Order(Order::Engine(command)) => Some(command),
            _ => None,
        })
        .collect()
    }

    fn records(&mut self) -> Vec<CallRecord> {
        let said = std::mem::take(&mut self.said).into_iter();
        said.filter_map(|said| match said {
            Said::Task(Task::Append { detail: Detail::CallEnded(record), .. }) => Some(record),
            _ => None,
        })
        .collect()
    }
}

#[test]
fn paging_beeps_and_carries_the_voice_at_once_and_is_busy_for_a_second_caller() {
    let mut bench = Bench::usual();
    bench.dial(TEL_1, "810");
    let said = bench.engine();
    assert_eq!(said[1..], [Command::Attention(HALL), Command::Join(TEL_1, HALL)], "{said:?}");
    bench.dial(TEL_2, "810");
    let records = bench.records();
    assert_eq!((records.len(), records[0].cause), (1, Cause::USER_BUSY));
    bench.hang_up(TEL_1);
    let records = bench.records();
    assert_eq!((records[0].cause, &records[0].called), (Cause::NORMAL_CLEARING, &digits("810")));
    assert!(records[0].connected.is_some());
    assert_eq!(bench.control.lines[&LineId::of_jack(1)].usage().busy, 0);
}

#[test]
fn the_door_answers_behind_its_beeps() {
    let mut bench = Bench::usual();
    bench.dial(TEL_1, "811");
    let said = bench.engine();
    let wanted = [Command::Attention(DOOR), Command::Tone(TEL_1, Tone::RingBack)];
    assert_eq!(said[1..], wanted, "{said:?}");
    bench.wait(engine::ATTENTION);
    assert_eq!(bench.engine(), [Command::Join(TEL_1, DOOR)]);
    assert_eq!(engine::ATTENTION, span::jack::ATTENTION, "it answers when the tone is over");
}

#[test]
fn the_button_of_the_door_calls_with_the_number_of_the_door_and_hangs_up() {
    let mut bench = Bench::usual();
    bench.hear(Heard::ButtonPressed(RING_SOCKET));
    assert_eq!(bench.engine(), [Command::Tone(DOOR, Tone::RingBack)]);
    bench.hear(Heard::Hook(TEL_1, true));
    assert_eq!(bench.engine(), [Command::Join(DOOR, TEL_1)]);
    bench.hear(Heard::ButtonPressed(RING_SOCKET));
    let records = bench.records();
    assert_eq!((&records[0].caller, &records[0].called), (&digits("811"), &digits("801")));
    assert_eq!(records[0].by, units::Party::Caller);
    // A button of another kind, or of nothing, calls nobody.
    bench.hear(Heard::ButtonPressed(0));
    bench.hear(Heard::ButtonPressed(99));
    assert_eq!(bench.engine(), []);
}

#[test]
fn whoever_pressed_the_button_hears_that_nobody_is_free() {
    let mut bench = Bench::usual();
    bench.hear(Heard::Hook(TEL_1, true));
    bench.engine();
    bench.hear(Heard::ButtonPressed(RING_SOCKET));
    assert_eq!(bench.engine(), [Command::Tone(DOOR, Tone::Busy)]);
    bench.wait(span::jack::PARKED);
    assert_eq!(bench.control.lines[&LineId::of_jack(2)].usage().busy, 0);
    assert_eq!(bench.control.calls.len(), 1, "that of the telephone is left");
}

#[test]
fn a_jack_whose_device_is_missing_refuses_calls_with_cause_27_and_ends_the_one_it_has() {
    let mut bench = Bench::usual();
    bench.hear(Heard::Trouble(HALL_SOCKET, Some(Trouble::Missing)));
    bench.dial(TEL_1, "810");
    assert_eq!(bench.records()[0].cause, Cause::DESTINATION_OUT_OF_ORDER);
    bench.hang_up(TEL_1);
    bench.hear(Heard::Trouble(HALL_SOCKET, None));
    bench.dial(TEL_1, "810");
    assert!(bench.engine().contains(&Command::Join(TEL_1, HALL)));
    bench.hear(Heard::Trouble(HALL_SOCKET, Some(Trouble::Silent)));
    assert_eq!(bench.records()[0].cause, Cause::DESTINATION_OUT_OF_ORDER);
}

#[test]
fn callers_who_wait_hear_the_player_and_ring_back_while_it_is_missing() {
    let mut bench = Bench::usual();
    bench.dial(TEL_1, "9");
    let said = bench.engine();
    assert_eq!(said.last(), Some(&Command::Hear(TEL_1, MUSIC)), "{said:?}");
    bench.hear(Heard::Trouble(MUSIC_SOCKET, Some(Trouble::Missing)));
    assert_eq!(bench.engine(), [Command::Tone(TEL_1, Tone::RingBack)]);
    bench.hear(Heard::Trouble(MUSIC_SOCKET, None));
    assert_eq!(bench.engine(), [Command::Hear(TEL_1, MUSIC)]);
    bench.hear(Heard::Hook(TEL_2, true));
    assert_eq!(bench.engine(), [Command::Join(TEL_1, TEL_2)]);
    // Who talks does not hear it any more, whatever becomes of it.
    bench.hear(Heard::Trouble(MUSIC_SOCKET, Some(Trouble::Missing)));
    bench.hear(Heard::Trouble(MUSIC_SOCKET, None));
    assert_eq!(bench.engine(), []);
}

#[test]
fn without_a_player_at_the_start_a_caller_who_waits_hears_ring_back() {
    let mut bench = Bench::usual();
    bench.hear(Heard::Trouble(MUSIC_SOCKET, Some(Trouble::Missing)));
    bench.dial(TEL_1, "9");
    assert_eq!(bench.engine().last(), Some(&Command::Tone(TEL_1, Tone::RingBack)));
    bench.hang_up(TEL_1);
    bench.hear(Heard::Trouble(MUSIC_SOCKET, None));
    assert_eq!(bench.engine(), [], "nobody waits");
}

#[test]
fn who_waits_hears_all_pieces_in_turn_and_one_round_is_always_ahead() {
    let mut bench = Bench::usual();
    let [one, two, lost] = [11, 12, 9].map(|octet| ContentHash([octet; 32]));
    assert_eq!(bench.publish(&numbers(), &[one, lost, two]), Outcome::Done);
    bench.dial(TEL_1, "9");
    assert_eq!(bench.engine().last(), Some(&Command::Hear(TEL_1, MUSIC)), "a player goes before");
    let play = |piece, last| {
        let clip = piece_of(piece).expect("there");
        Command::Play { port: TEL_1, token: music::MUSIC, clip, last }
    };
    let round = [play(one, false), play(two, true)];
    bench.hear(Heard::Trouble(MUSIC_SOCKET, Some(Trouble::Missing)));
    assert_eq!(bench.engine(), [round, round].concat());
    let round_ended = Heard::Played(TEL_1, music::MUSIC);
    bench.hear(round_ended.clone());
    assert_eq!(bench.engine(), round, "one more, behind the one that has begun");
    // A word of an earlier announcement means nothing.
    bench.hear(Heard::Played(TEL_1, 3));
    assert_eq!(bench.engine(), []);
    // Other music is heard at once, none is ring-back tone.
    assert_eq!(bench.publish(&numbers(), &[two]), Outcome::Done);
    assert_eq!(bench.engine(), [play(two, true), play(two, true)]);
    assert_eq!(bench.publish(&numbers(), &[]), Outcome::Done);
    assert_eq!(bench.engine(), [Command::Tone(TEL_1, Tone::RingBack)]);
    assert_eq!(bench.publish(&numbers(), &[one]), Outcome::Done);
    bench.engine();
    bench.hear(Heard::Hook(TEL_2, true));
    assert_eq!(bench.engine(), [Command::Join(TEL_1, TEL_2)]);
    bench.hear(round_ended);
    assert_eq!(bench.engine(), [], "who talks hears no music");
}

#[test]
fn who_is_alone_in_a_conference_hears_music_until_somebody_comes() {
    let mut bench = Bench::usual();
    let piece = ContentHash([11; 32]);
    bench.hear(Heard::Trouble(MUSIC_SOCKET, Some(Trouble::Missing)));
    assert_eq!(bench.publish(&numbers(), &[piece]), Outcome::Done);
    bench.dial(TEL_1, "880");
    let clip = piece_of(piece).expect("there");
    let play = Command::Play { port: TEL_1, token: music::MUSIC, clip, last: true };
    let said = bench.engine();
    assert!(said.ends_with(&[play, play]), "{said:?}");
    bench.hear(Heard::Played(TEL_1, music::MUSIC));
    assert_eq!(bench.engine(), [play], "and round again");
    bench.dial(TEL_2, "880");
    let said = bench.engine();
    let meets =
        |port| said.iter().any(|c| matches!(c, Command::Meet { port: at, .. } if *at == port));
    assert!(meets(TEL_1) && meets(TEL_2) && !said.contains(&play), "{said:?}");
    bench.hear(Heard::Played(TEL_1, music::MUSIC));
    assert_eq!(bench.engine(), [], "they hear each other");
}

#[test]
fn a_table_with_a_number_for_music_or_for_a_jack_that_is_not_there_is_refused() {
    for target in [jack("MUSIC", ""), jack("CELLAR", ""), jack("TEL 1", "")] {
        assert_eq!(Bench::new(&[("810", target)]).err(), Some(Outcome::Refused));
    }
    let by_number = |number| Target::Jack { jack: JackName::Number(number), calls: digits("") };
    assert!(Bench::new(&[("810", by_number(1))]).is_ok());
    for number in [3, 4, 900, u16::MAX] {
        assert_eq!(Bench::new(&[("810", by_number(number))]).err(), Some(Outcome::Refused));
    }
}

#[test]
fn a_table_is_in_force_though_the_program_of_a_call_that_goes_on_is_nowhere() {
    let mut bench = Bench::usual();
    bench.dial(TEL_1, "9");
    bench.engine();
    let entry = |prefix: &str, target| {
        let (prefix, origin) = (digits(prefix), Origin::Inside);
        Entry { tenant: Tenant::default(), prefix, exact: true, origin, target }
    };
    let mut table =
        Directory { entries: vec![entry("810", jack("HALL", ""))], ..Default::default() };
    let newer = ContentHash([3; 32]);
    let load = |bench: &mut Bench, table: &Directory| {
        let octets = table.to_octets().expect("fits");
        let current = Some(Current { table: newer, generation: 9 });
        let mut fetch = |hash| (hash == newer).then(|| octets.clone());
        bench.control.load(bench.now, current, &mut fetch);
        // What it said goes out with the next input.
        bench.hear(Heard::ButtonPressed(99));
    };
    let missing = |bench: &Bench, wanted| {
        let is = |said: &Said| match said {
            Said::Task(Task::Append { detail: Detail::Alarm(alarm), .. }) => {
                *alarm == Alarm::ProgramMissing(wanted)
            }
            _ => false,
        };
        bench.said.iter().any(is)
    };
    load(&mut bench, &table);
    assert!(missing(&bench, FLOW), "it is told");
    assert_eq!(bench.control.current.map(|current| current.table), Some(newer));
    assert_eq!(bench.control.directory.entries.len(), 1);
    // One that the table itself names keeps it out.
    let other = ContentHash([4; 32]);
    table.entries.push(entry("7", Target::Flow(other)));
    load(&mut bench, &table);
    assert!(missing(&bench, other));
    assert_eq!(bench.control.directory.entries.len(), 1, "the table before stays");
}
