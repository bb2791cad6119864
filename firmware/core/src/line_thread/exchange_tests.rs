//! Calls in and out on an exchange line, sound and signals and all: control, engine and line
//! thread as they are, with an exchange and a person at the card.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use bearer::{ExchangeLine, Extension};
use call::{Directory, Entry, Hotline, Origin, Target};
use dsp_fsk::{Framing, Modulator, Standard};
use dsp_tone::{DigitSender, Generator};
use hal_card::{Channel, Counters, Fault, Received};
use heapless::spsc::Queue;
use link::{CallRecord, Detail, Down};
use nix::sys::eventfd::EfdFlags;
use units::time::UtcMapping;
use units::{BoxId, Cause, ClockDomain, ContentHash, Dbm0, Digits, Instant, LineId, Tenant};

use super::*;
use crate::control::{Control, Identity, Said};
use crate::task::{Done, Known, Task};

const BOARD: &str = r#"
name = "x"
title = "X"
country = "COUNTRY"
[card.a]
driver = "dahdi"
[card.a.telephone.1]
label = "TEL 1"
kernel = 1
[card.a.trunk.5]
label = "LINE 5"
kernel = 2
"#;
const TELEPHONE: usize = 0;
const LINE: usize = 1;
const TABLE: ContentHash = ContentHash([1; 32]);

/// The far ends of the two wires.
#[derive(Default)]
struct Far {
    events: VecDeque<Event>,
    commands: Vec<Command>,
    keys: Option<DigitSender>,
    message: Option<Modulator>,
    tone: Option<Generator>,
    /// What the box sends to the exchange.
    heard: String,
    receiver: dsp_dtmf::Receiver,
    /// The block, and whether each command came, with the block.
    block: u64,
    at: Vec<(u64, Command)>,
    /// Keys that the telephone heard.
    keyed: String,
    shown_keys: dsp_dtmf::Receiver,
    /// What the telephone shows while it rings, and the block in which it was told.
    told_at: Vec<u64>,
    shown: Vec<clid::Message>,
    /// Energy near the tones of the alerting signal, block by block.
    loud: Vec<bool>,
    demodulator: dsp_fsk::Demodulator,
    assembler: clid::Assembler,
}

struct Wires {
    channels: [Channel; 2],
    far: Arc<Mutex<Far>>,
    clock: u64,
}

impl Card for Wires {
    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn receive(&mut self, blocks: &mut [Octets], _: Duration) -> Result<Received, Fault> {
        let mut far = self.far.lock().expect("whole");
        let (mut person, mut exchange) = ([0; 16], [0; 16]);
        if let Some(keys) = &mut far.keys {
            keys.fill(&mut person);
        }
        if let Some(tone) = &mut far.tone {
            tone.fill(&mut exchange);
        } else if let Some(message) = &mut far.message {
            message.fill(&mut exchange);
        }
        g711::encode_block(Law::A, &person, &mut blocks[TELEPHONE]);
        g711::encode_block(Law::A, &exchange, &mut blocks[LINE]);
        self.clock += 1;
        Ok(Received { block: true, missing: 0, clock: self.clock })
    }

    fn transmit(&mut self, blocks: &[Octets]) -> Result<(), Fault> {
        let mut samples = [0; 16];
        g711::decode_block(Law::A, &blocks[LINE], &mut samples);
        let mut far = self.far.lock().expect("whole");
        if let Some(dsp_dtmf::Event::Begin(digit)) = far.receiver.push(&samples) {
            far.heard.push(digit.ascii().into());
        }
        g711::decode_block(Law::A, &blocks[TELEPHONE], &mut samples);
        far.block += 1;
        far.loud.push(samples.iter().any(|sample| sample.unsigned_abs() > 500));
        if let Some(dsp_dtmf::Event::Begin(digit)) = far.shown_keys.push(&samples) {
            far.keyed.push(digit.ascii().into());
        }
        match far.demodulator.push(&samples) {
            Some(dsp_fsk::Event::Mark) => far.assembler.begin(),
            Some(dsp_fsk::Event::Octet(octet)) => {
                let message = far.assembler.octet(octet);
                let block = far.block;
                far.told_at.extend(message.as_ref().map(|_| block));
                far.shown.extend(message.map(|message| message.expect("whole")));
            }
            Some(dsp_fsk::Event::Broken | dsp_fsk::Event::Lost) => drop(far.assembler.end()),
            None => {}
        }
        Ok(())
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.far.lock().expect("whole").events.pop_front()
    }

    fn send_frame(&mut self, _: usize, _: &[u8]) -> Result<(), Fault> {
        Err(Fault::NoSuchChannel)
    }

    fn command(&mut self, command: Command) -> Result<(), Fault> {
        let mut far = self.far.lock().expect("whole");
        let block = far.block;
        far.at.push((block, command));
        far.commands.push(command);
        Ok(())
    }

    fn counters(&self, _: SpanId) -> Option<Counters> {
        None
    }
}

struct Bench {
    control: Control,
    line: LineThread,
    heard: Consumer<'static, Heard>,
    orders: Producer<'static, Order>,
    far: Arc<Mutex<Far>>,
    ticks: u64,
    records: Vec<CallRecord>,
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

fn layout(country: &str) -> Layout {
    let board = BOARD.replace("COUNTRY", country);
    let files = BTreeMap::from([
        ("x.toml", &board[..]),
        ("country/cn.toml", include_str!("../../../../boards/country/cn.toml")),
        ("country/gb.toml", include_str!("../../../../boards/country/gb.toml")),
        ("country/se.toml", include_str!("../../../../boards/country/se.toml")),
    ]);
    let read = |file: &str| files.get(file).map(|text| (*text).into()).ok_or(file.to_owned());
    board::read(&read, "x").expect("a board").layout()
}

/// 801 is the telephone, 0 leads out by line 5, whose calls reach 801.
fn table() -> Directory {
    let line = LineId::of_analog(5);
    let entry = |prefix, exact, origin, target| {
        let (tenant, prefix) = (Tenant::default(), digits(prefix));
        Entry { tenant, prefix, exact, origin, target }
    };
    let telephone = Target::Telephone(LineId::of_analog(1));
    let out = Target::Trunk { line, strip: 1, at_least: 4, show: Digits::new() };
    let reached = Target::Reached { line, number: digits("801") };
    Directory {
        entries: vec![
            entry("801", true, Origin::Inside, telephone),
            entry("0", false, Origin::Inside, out),
            entry("", true, Origin::Anybody, reached),
        ],
        ..Directory::default()
    }
}

impl Bench {
    fn new() -> Self {
        Self::with(&table())
    }

    fn with(table: &Directory) -> Self {
        Self::of("cn", table)
    }

    fn of(country: &str, table: &Directory) -> Self {
        let layout = layout(country);
        let heard: &'static mut Queue<Heard, { limits::LINE_RING }> = Box::leak(Box::default());
        let orders: &'static mut Queue<Order, { limits::COMMAND_RING }> = Box::leak(Box::default());
        let ((to_control, heard), (orders, from_control)) = (heard.split(), orders.split());
        let shared = Arc::new(Shared {
            blocks: AtomicU64::new(0),
            taken: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            idle_ticks: AtomicU64::new(0),
            stop: AtomicBool::new(false),
            hand_over: AtomicBool::new(false),
            bell: EventFd::from_flags(EfdFlags::EFD_NONBLOCK).expect("eventfd"),
        });
        let far = Arc::new(Mutex::new(Far::default()));
        let channel = |kind| Channel { kind, law: Law::A, clock: ClockDomain(0) };
        let channels = [channel(Kind::Fxs), channel(Kind::Fxo)];
        let card = Box::new(Wires { channels, far: far.clone(), clock: 0 });
        let rings =
            Rings { heard: to_control, orders: from_control, taps: crate::recordings::no_taps() };
        let line = LineThread::new(vec![card], &layout, vec![], shared, rings);
        let tenant = Tenant::default();
        let identity = Identity { box_id: BoxId(1), tenant, tests_allowed: false };
        let known = Known { boot: 1, ..Known::default() };
        let utc = UtcMapping::default();
        let mut control = Control::new(identity, layout, &known, utc, false, &mut |_| None);
        control.daemon_came();
        control.daemon(Instant::ZERO, Down::Apply { token: 7, generation: 1, table: TABLE });
        let octets = table.to_octets().expect("fits");
        control.disk(Instant::ZERO, Done::Fetched(TABLE, Some(octets)));
        Self { control, line, heard, orders, far, ticks: 0, records: vec![] }
    }

    fn far<T>(&self, act: impl FnOnce(&mut Far) -> T) -> T {
        act(&mut self.far.lock().expect("whole"))
    }

    /// Lets so much time pass, tick by tick.
    fn wait(&mut self, ms: u64) {
        for _ in 0..ms / 2 {
            self.ticks += 1;
            let now = Instant(self.ticks * limits::TICK_US);
            self.line.tick();
            while let Some(heard) = self.heard.dequeue() {
                self.control.heard(now, heard);
            }
            while self.control.poll_timeout().is_some_and(|at| at <= now) {
                self.control.timeout(now);
            }
            while let Some(said) = self.control.poll() {
                match said {
                    Said::Order(order) => self.orders.enqueue(order).expect("room"),
                    Said::Task(Task::Append { detail: Detail::CallEnded(record), .. }) => {
                        self.records.push(record);
                    }
                    _ => {}
                }
            }
        }
    }

    /// Waits until the box has told the card this.
    fn await_command(&mut self, wanted: Command) {
        for _ in 0..1000 {
            if self.far(|far| far.commands.contains(&wanted)) {
                return self.far(|far| far.commands.clear());
            }
            self.wait(20);
        }
        panic!("{wanted:?} did not come: {:?}", self.far(|far| far.commands.clone()));
    }

    fn event(&self, event: Event) {
        self.far(|far| far.events.push_back(event));
    }

    fn hook(&self, off_hook: bool) {
        self.event(Event::Hook { channel: TELEPHONE, off_hook });
    }

    fn ring(&self, on: bool) {
        self.event(Event::Ringing { channel: LINE, on });
    }

    fn tone(&self, tone: Option<&dsp_tone::Tone>) {
        self.far(|far| far.tone = tone.map(Generator::new));
    }
}

impl Bench {
    /// The telephone is lifted and dials 0114.
    fn dial_out(&mut self) {
        self.wait(100);
        self.hook(true);
        self.wait(500);
        let mut keys = DigitSender::new(80, 80, Dbm0(-9.0), Dbm0(-7.0));
        for digit in digits("0114#").as_slice() {
            keys.push(*digit).expect("few");
        }
        self.far(|far| far.keys = Some(keys));
        self.await_command(CLOSED);
    }
}

const CLOSED: Command = Command::Loop { channel: LINE, closed: true };
const OPEN: Command = Command::Loop { channel: LINE, closed: false };

#[test]
fn a_call_in_on_an_exchange_line_shows_who_calls_in_its_record() {
    for standard in [Standard::Bell202, Standard::V23] {
        let mut bench = Bench::new();
        bench.ring(true);
        bench.wait(1000);
        bench.ring(false);
        bench.wait(500);
        let number = Some(clid::Told::Is(digits("13800138000")));
        let call = clid::Message::Call(clid::Call { number, ..clid::Call::default() });
        let octets = call.emit(clid::Format::Mdmf).expect("a message");
        let mut modulator = Modulator::new(standard, Dbm0(-20.0));
        modulator.send(&octets, Framing::ON_HOOK).expect("short");
        bench.far(|far| far.message = Some(modulator));
        bench.await_command(Command::Ring { channel: TELEPHONE, on: true });
        // The telephone shows it too, after its own first ring.
        bench.wait(2600);
        assert_eq!(bench.far(|far| far.shown.clone()), std::slice::from_ref(&call));
        bench.hook(true);
        bench.await_command(CLOSED);
        bench.wait(20_000);
        assert!(bench.records.is_empty(), "they talk");
        // The caller hangs up, and the exchange says so.
        bench.tone(Some(&dsp_tone::CHINA_BUSY));
        bench.await_command(OPEN);
        bench.hook(false);
        bench.wait(2000);
        let [record] = &bench.records[..] else { panic!("{:?}", bench.records) };
        assert_eq!((&record.caller, &record.called), (&digits("13800138000"), &digits("801")));
        assert!(record.answered.is_some());
        assert_eq!(record.cause, Cause::NORMAL_CLEARING);
    }
}

impl Bench {
    /// A call comes in, and the exchange tells who calls.
    fn call_in(&mut self) {
        self.ring(true);
        self.wait(1000);
        self.ring(false);
        self.wait(500);
        let mut modulator = Modulator::new(Standard::V23, Dbm0(-20.0));
        let octets = call().emit(clid::Format::Mdmf).expect("a message");
        modulator.send(&octets, Framing::ON_HOOK).expect("short");
        self.far(|far| far.message = Some(modulator));
    }

    /// Milliseconds from the first to each of what the card was told for the telephone.
    fn commands_ms(&self) -> Vec<(u64, Command)> {
        let all = self.far(|far| far.at.clone());
        let mine = all.into_iter().filter(|(_, command)| {
            matches!(
                command,
                Command::Ring { channel: TELEPHONE, .. }
                    | Command::Polarity { channel: TELEPHONE, .. }
            )
        });
        let mine: Vec<_> = mine.collect();
        let first = mine.first().map_or(0, |(block, _)| *block);
        mine.into_iter().map(|(block, command)| ((block - first) * 2, command)).collect()
    }
}

fn call() -> clid::Message {
    let number = Some(clid::Told::Is(digits("13800138000")));
    clid::Message::Call(clid::Call { number, ..clid::Call::default() })
}

const REVERSED: Command = Command::Polarity { channel: TELEPHONE, reversed: true };
const NORMAL: Command = Command::Polarity { channel: TELEPHONE, reversed: false };
const RINGS: Command = Command::Ring { channel: TELEPHONE, on: true };
const QUIET: Command = Command::Ring { channel: TELEPHONE, on: false };

#[test]
fn a_british_telephone_is_told_who_calls_behind_a_reversal_and_an_alert_and_then_rings_twice() {
    let mut bench = Bench::of("gb", &table());
    bench.call_in();
    bench.await_command(RINGS);
    bench.ring(true);
    bench.wait(4000);
    let commands = bench.commands_ms();
    let orders: Vec<_> = commands.iter().map(|(_, command)| *command).collect();
    assert_eq!(orders[..6], [REVERSED, NORMAL, RINGS, QUIET, RINGS, QUIET]);
    let first = commands[1].0;
    let rung: Vec<_> = commands[2..7].iter().map(|(at, _)| (*at - first).div_euclid(10)).collect();
    assert_eq!(rung, [0, 40, 60, 100, 300]);
    assert_eq!(bench.far(|far| far.shown.clone()), [call()]);
    // It is told between the reversal and the ring, with 200 ms of silence at least behind it.
    let reversed = bench.far(|far| far.at.iter().find(|(_, c)| *c == REVERSED).expect("it").0);
    let told_ms = (bench.far(|far| far.told_at[0]) - reversed) * 2;
    assert!(told_ms + 200 <= first && first <= told_ms + 500, "{told_ms} {first}");
    // Silence, the alerting signal, silence, the message.
    let from = usize::try_from(reversed).expect("small");
    let loud = bench.far(|far| far.loud[from..].to_vec());
    let mut turns = (1..loud.len()).filter(|at| loud[*at] != loud[at - 1]).map(|at| at * 2);
    let mut next = || turns.next().expect("a turn");
    let (alert, gap, message) = (next(), next(), next());
    assert!((196..=208).contains(&alert), "{alert}");
    assert!((96..=104).contains(&(gap - alert)) && (56..=64).contains(&(message - gap)));
}

#[test]
fn a_swedish_telephone_is_told_who_calls_in_digits_before_it_rings() {
    let mut bench = Bench::of("se", &table());
    bench.call_in();
    bench.await_command(RINGS);
    assert_eq!(bench.far(|far| far.keyed.clone()), "A13800138000C");
    let commands: Vec<_> = bench.commands_ms().into_iter().map(|(_, command)| command).collect();
    assert_eq!(commands, [REVERSED, NORMAL, RINGS]);
}

#[test]
fn a_call_out_by_an_exchange_line_is_released_by_busy_tone() {
    let mut bench = Bench::new();
    bench.dial_out();
    bench.wait(600);
    assert_eq!(bench.far(|far| far.heard.clone()), "", "nothing is dialled before dial tone");
    bench.tone(Some(&dsp_tone::CHINA_DIAL));
    bench.wait(1600);
    bench.tone(None);
    bench.wait(1000);
    assert_eq!(bench.far(|far| far.heard.clone()), "114");
    bench.tone(Some(&dsp_tone::CHINA_RING_BACK));
    bench.wait(12_000);
    assert!(bench.records.is_empty());
    bench.tone(Some(&dsp_tone::CHINA_BUSY));
    let begun = bench.ticks;
    bench.await_command(OPEN);
    let took_ms = (bench.ticks - begun) * 2;
    assert!(took_ms <= 3 * 700, "three cycles: {took_ms} ms");
    bench.hook(false);
    bench.wait(5000);
    let [record] = &bench.records[..] else { panic!("{:?}", bench.records) };
    assert_eq!((&record.caller, &record.called), (&digits("801"), &digits("0114")));
    assert_eq!(record.cause, Cause::USER_BUSY);
}

#[test]
fn a_call_out_by_a_line_with_reversal_is_answered_by_it_and_not_before() {
    let decided = ExchangeLine { reversal: true, ..ExchangeLine::default() };
    let mut bench =
        Bench::with(&Directory { lines: vec![(LineId::of_analog(5), decided)], ..table() });
    bench.dial_out();
    bench.tone(Some(&dsp_tone::CHINA_DIAL));
    bench.wait(1600);
    bench.tone(Some(&dsp_tone::CHINA_RING_BACK));
    bench.wait(8000);
    bench.tone(None);
    bench.event(Event::Polarity { channel: LINE });
    bench.wait(20_000);
    bench.event(Event::Polarity { channel: LINE });
    bench.await_command(OPEN);
    bench.hook(false);
    bench.wait(5000);
    let [record] = &bench.records[..] else { panic!("{:?}", bench.records) };
    let talked = record.ended.0 - record.answered.expect("answered").0;
    assert!((20_000_000..20_100_000).contains(&talked), "{talked} us");
    assert_eq!(record.cause, Cause::NORMAL_CLEARING);
}

#[test]
fn a_telephone_with_a_hotline_calls_it_when_it_is_lifted() {
    for after_ms in [0, 3000] {
        let hotline = Hotline { number: digits("0114"), after_ms };
        let hotlines = vec![(LineId::of_analog(1), hotline)];
        let mut bench = Bench::with(&Directory { hotlines, ..table() });
        bench.wait(100);
        bench.hook(true);
        let begun = bench.ticks;
        bench.await_command(CLOSED);
        let took_ms = (bench.ticks - begun) * 2;
        let wanted = u64::from(after_ms);
        assert!((wanted..wanted + 50).contains(&took_ms), "{took_ms} ms");
        bench.tone(Some(&dsp_tone::CHINA_DIAL));
        bench.wait(1600);
        assert_eq!(bench.far(|far| far.heard.clone()), "114");
        bench.hook(false);
        bench.wait(3000);
        let [record] = &bench.records[..] else { panic!("{:?}", bench.records) };
        assert_eq!((&record.caller, &record.called), (&digits("801"), &digits("0114")));
    }
}

#[test]
fn messages_that_wait_light_the_lamp_and_change_the_dial_tone() {
    let waiting = Extension { waiting: true, ..Extension::default() };
    let extensions = vec![(LineId::of_analog(1), waiting)];
    let mut bench = Bench::with(&Directory { extensions, ..table() });
    bench.wait(4000);
    let lamp = clid::Message::Waiting(clid::Waiting { on: true, messages: None });
    assert_eq!(bench.far(|far| far.shown.clone()), [lamp]);
    // A card that shuts its ports to sound was told before.
    let sound = Command::OnHookSound { channel: TELEPHONE, ms: 6000 };
    assert!(bench.far(|far| far.commands.contains(&sound)));
    bench.hook(true);
    bench.wait(100);
    let from = bench.far(|far| far.loud.len());
    bench.wait(4400);
    let loud = bench.far(|far| far.loud[from..].to_vec());
    // 400 ms of tone, 40 ms of silence: ten times.
    let silences = (1..loud.len()).filter(|at| loud[at - 1] && !loud[*at]).count();
    assert_eq!(silences, 10);
    assert!(loud.iter().filter(|loud| **loud).count() > 9 * loud.len() / 10);
}
