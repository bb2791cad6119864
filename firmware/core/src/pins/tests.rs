//! Panel and cabinet on the simulated board: each thing does what the board file says, each can
//! fail, and each trouble is told once with its socket.

use hal_gpio::{Level, Place, Reason};
use link::Trouble;
use nix::libc::EINVAL;

use super::hand::{Hand, Simulated};
use super::thing::{RETRY, as_told};
use super::*;
use crate::vitals::{Health, Mood};

const BOARD: &str = r#"
name = "bench"
title = "Bench"
pins = "simulated"
relay = { label = "LINES", pet = { line = 0 }, position = { line = 1 }, settle_ms = 40 }
thermometer = { bus = 1, address = 0x48 }
eeprom = { bus = 0, address = 0x50 }
fan = { pin = { line = 6, active_low = true }, on_above = 60, off_below = 50 }
[led]
status = { label = "STATUS", pin = { line = 2 } }
lines = { label = "E1", pin = { line = 3, active_low = true } }
[button.reset]
label = "RESET"
pin = { line = 4, active_low = true }
hold_ms = 10000
[button.ring]
label = "RING"
pin = { line = 5, active_low = true }
role = "call"
audio = 1
[audio.1]
label = "DOOR"
device = "hw:0"
role = "door"
"#;
const PET: u32 = 0;
const POSITION: u32 = 1;
const STATUS: u32 = 2;
const LINES: u32 = 3;
const BUTTON: u32 = 4;
const RING: u32 = 5;
const FAN: u32 = 6;

struct Bench {
    simulated: Arc<Simulated>,
    board: Board,
    layout: Layout,
    panel: Panel,
    cabinet: Cabinet,
    now: Instant,
    alive: bool,
    health: Health,
    told: Vec<(String, Option<Trouble>)>,
    held: Vec<String>,
    pressed: Vec<String>,
    log: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let board = board::read(&|_: &str| Ok(BOARD.into()), "bench").expect("a board");
        let (layout, simulated) = (board.layout(), Arc::new(Simulated::of(&board)));
        let hand: Arc<dyn Hand> = simulated.clone();
        Self {
            panel: Panel::new(&board, &layout, hand.clone()),
            cabinet: Cabinet::new(&board, &layout, hand),
            board,
            layout,
            simulated,
            now: Instant::from_millis(1000),
            alive: true,
            health: Health { status: Mood::Well, lines: Mood::Well },
            told: vec![],
            held: vec![],
            pressed: vec![],
            log: vec![],
        }
    }

    /// Time passes; what is due is done each 5 ms.
    fn run(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(5) {
            self.panel.step(self.now, self.alive, self.health);
            self.cabinet.step(self.now);
            let news: Vec<_> =
                std::iter::from_fn(|| self.panel.poll().or_else(|| self.cabinet.poll())).collect();
            for news in news {
                self.hear(news);
            }
            self.now += Duration::from_millis(5);
        }
    }

    fn hear(&mut self, news: News) {
        let label = |socket: u16| self.layout.units[usize::from(socket)].label.clone();
        match news {
            News::Heard(Heard::Trouble(socket, trouble)) => {
                self.told.push((label(socket), trouble));
            }
            News::Heard(Heard::ButtonHeld(socket)) => self.held.push(label(socket)),
            News::Heard(Heard::ButtonPressed(socket)) => self.pressed.push(label(socket)),
            News::Heard(other) => panic!("pins do not tell {other:?}"),
            News::Log(text) => self.log.push(text),
        }
    }

    /// How often a pin changes while so much time passes.
    fn changes(&mut self, pin: u32, ms: u64) -> u32 {
        let (mut changes, mut last) = (0, self.simulated.pins.level(pin));
        for _ in 0..ms.div_ceil(5) {
            self.run(5);
            let level = self.simulated.pins.level(pin);
            changes += u32::from(level != last);
            last = level;
        }
        changes
    }

    fn take(&mut self) -> Vec<(String, Option<Trouble>)> {
        std::mem::take(&mut self.told)
    }

    fn lit(&self, pin: u32) -> bool {
        self.simulated.pins.level(pin).is_high()
    }
}

fn told(label: &str, trouble: Option<Trouble>) -> (String, Option<Trouble>) {
    (label.into(), trouble)
}

#[test]
fn a_board_that_is_well_tells_nothing_but_its_name() {
    let mut bench = Bench::new();
    bench.run(10_000);
    assert_eq!(bench.take(), []);
    let said = "board memory: Ringmain bench, 00000000-0000-0000-0000-000000000000";
    assert_eq!(bench.log, [said]);
}

#[test]
fn the_relay_is_petted_while_the_box_is_alive_and_lets_go_when_it_hangs() {
    let mut bench = Bench::new();
    bench.run(200);
    // 50 ms between two edges.
    let changes = bench.changes(PET, 1000);
    assert!((19..=21).contains(&changes), "{changes} edges in a second");
    assert!(bench.lit(POSITION), "the lines are here");
    bench.alive = false;
    // Four pets, and what the charge pump holds.
    bench.run(200 + 150 + 20);
    assert!(!bench.lit(POSITION), "the other box has them");
    assert_eq!(bench.changes(PET, 1000), 0);
    assert_eq!(bench.take(), [], "letting go is as it should be");
}

#[test]
fn a_relay_that_does_not_follow_is_a_contradiction_until_it_does() {
    let mut bench = Bench::new();
    bench.simulated.pins.stick(POSITION, Some(Level::Low));
    bench.run(500);
    assert_eq!(bench.take(), [told("LINES", Some(Trouble::Contradiction))]);
    bench.simulated.pins.stick(POSITION, None);
    bench.run(500);
    assert_eq!(bench.take(), [told("LINES", None)]);
}

#[test]
fn a_pin_that_cannot_be_opened_is_told_once_and_tried_again() {
    for (pin, label) in [(PET, "LINES"), (STATUS, "STATUS"), (BUTTON, "RESET"), (FAN, "fan")] {
        let mut bench = Bench::new();
        bench.simulated.pins.fail(pin, Some(Reason::Busy));
        bench.run(2 * u64::try_from(RETRY.as_millis()).expect("short"));
        assert_eq!(bench.take(), [told(label, Some(Trouble::Busy))]);
        assert!(bench.log.iter().any(|line| line.starts_with(label)), "{:?}", bench.log);
        bench.simulated.pins.fail(pin, None);
        bench.run(6000);
        assert_eq!(bench.take(), [told(label, None)]);
        // A lamp is only touched when it changes.
        bench.health.status = Mood::Trouble;
        bench.simulated.pins.fail(pin, Some(Reason::Missing));
        bench.run(6000);
        assert_eq!(bench.take(), [told(label, Some(Trouble::Missing))], "one that fails later");
    }
}

#[test]
fn lamps_show_how_the_box_does() {
    let mut bench = Bench::new();
    bench.run(100);
    assert!(bench.lit(STATUS), "all is well");
    assert!(!bench.lit(LINES), "an active-low lamp is lit by a low level");
    bench.health = Health { status: Mood::Trouble, lines: Mood::Out };
    // A second lit, a second dark.
    assert_eq!(bench.changes(STATUS, 4100), 4);
    assert!(bench.lit(LINES), "and dark by a high one");
    bench.health.status = Mood::Well;
    bench.alive = false;
    bench.run(100);
    assert!(!bench.lit(STATUS), "a box that stands still shows nothing");
    bench.alive = true;
    bench.run(100);
    bench.panel.end();
    assert!(!bench.lit(STATUS) && bench.lit(LINES) && !bench.lit(PET), "ended, it is dark");
}

#[test]
fn a_long_press_warns_by_fast_lamps_and_is_told_once() {
    let mut bench = Bench::new();
    bench.run(500);
    bench.simulated.pins.drive(BUTTON, Level::Low);
    bench.run(4900);
    assert!(bench.lit(STATUS), "no warning before half of the time");
    bench.run(200);
    // 125 ms each.
    let changes = bench.changes(STATUS, 2000);
    assert!((15..=17).contains(&changes), "{changes} changes in two seconds");
    assert_eq!(bench.held, [""; 0]);
    bench.run(10_000);
    assert_eq!(bench.held, ["RESET"]);
    assert!(bench.lit(STATUS), "the warning is over");
    bench.simulated.pins.drive(BUTTON, Level::High);
    bench.run(1000);
    assert_eq!((bench.held.len(), bench.take()), (1, vec![]));
}

#[test]
fn a_short_press_is_told_of_a_button_that_calls_and_of_no_other() {
    let mut bench = Bench::new();
    bench.run(500);
    for (button, presses) in [(RING, 1), (BUTTON, 1), (RING, 2)] {
        bench.simulated.pins.drive(button, Level::Low);
        bench.run(300);
        assert!(bench.pressed.len() < presses || button == BUTTON, "told when it is let go");
        bench.simulated.pins.drive(button, Level::High);
        bench.run(300);
        assert_eq!(bench.pressed, vec!["RING"; presses]);
    }
    // A contact that bounces for less than 20 ms.
    bench.simulated.pins.drive(RING, Level::Low);
    bench.run(10);
    bench.simulated.pins.drive(RING, Level::High);
    bench.run(300);
    assert_eq!((bench.pressed.len(), bench.held.len(), bench.take()), (2, 0, vec![]));
}

#[test]
fn letting_go_in_time_or_a_wire_that_is_shorted_from_the_start_asks_for_nothing() {
    let mut bench = Bench::new();
    bench.run(500);
    bench.simulated.pins.drive(BUTTON, Level::Low);
    bench.run(8000);
    bench.simulated.pins.drive(BUTTON, Level::High);
    bench.run(5000);
    assert_eq!(bench.held, [""; 0]);
    let mut bench = Bench::new();
    bench.simulated.pins.drive(BUTTON, Level::Low);
    bench.run(59_000);
    assert_eq!((bench.held.len(), bench.take()), (0, vec![]));
    bench.run(2000);
    assert_eq!(bench.take(), [told("RESET", Some(Trouble::Contradiction))], "it is stuck");
    bench.simulated.pins.drive(BUTTON, Level::High);
    bench.run(100);
    assert_eq!(bench.take(), [told("RESET", None)]);
}

#[test]
fn the_fan_follows_the_thermometer_and_turns_without_one() {
    let mut bench = Bench::new();
    let bus = bench.board.thermometer.clone().expect("named");
    let chip = bench.simulated.chip(&bus).expect("there");
    let turns = |bench: &Bench| !bench.lit(FAN);
    bench.run(100);
    assert!(!turns(&bench), "25 °C");
    for (degrees, expected) in [(61, true), (51, true), (49, false), (59, false)] {
        chip.load(0, &[degrees, 0]);
        bench.run(5100);
        assert_eq!(turns(&bench), expected, "{degrees} °C");
    }
    chip.fail(Some(Reason::NoAnswer));
    bench.run(5100);
    assert!(turns(&bench), "nobody knows how warm it is");
    assert_eq!(bench.take(), [told("thermometer", Some(Trouble::Silent))]);
    chip.fail(None);
    bench.run(5100);
    assert_eq!((turns(&bench), bench.take()), (false, vec![told("thermometer", None)]));
}

#[test]
fn a_memory_that_names_another_board_is_unexpected_and_one_that_cannot_be_read_missing() {
    let mut bench = Bench::new();
    let bus = bench.board.eeprom.clone().expect("named");
    let chip = bench.simulated.chip(&bus).expect("there");
    chip.fail(Some(Reason::NoAnswer));
    bench.run(4000);
    assert_eq!(bench.take(), [told("board memory", Some(Trouble::Missing))]);
    chip.fail(None);
    bench.run(4000);
    assert_eq!(bench.take(), [told("board memory", None)]);
    let mut bench = Bench::new();
    let other = bench.simulated.chip(&bus).expect("there");
    let identity = hal_gpio::eeprom::Identity {
        vendor: "Ringmain".try_into().expect("short"),
        product: "another".try_into().expect("short"),
        ..hal_gpio::eeprom::Identity::default()
    };
    other.load(0, &hal_gpio::eeprom::build(&identity, &[]).expect("fits"));
    bench.run(4000);
    assert_eq!(bench.take(), [told("board memory", Some(Trouble::Unexpected))]);
    let mut bench = Bench::new();
    bench.simulated.chip(&bus).expect("there").load(0, b"blank");
    bench.run(4000);
    assert_eq!(bench.take(), [told("board memory", Some(Trouble::Missing))]);
}

#[test]
fn every_thing_of_the_shipped_boards_has_a_socket_that_its_trouble_names() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../boards");
    let text = |file: &str| std::fs::read_to_string(folder.join(file)).map_err(|f| f.to_string());
    for (name, things) in [("qemu-x86", 5), ("rpi4-pair-relay", 7)] {
        let mut board = board::read(&text, name).expect("shipped");
        let layout = board.layout();
        // Nobody drives the pins: each thing is missing.
        board.pins = board::PinsDriver::None;
        let hand: Arc<dyn Hand> = hand::of(&board).into();
        let mut panel = Panel::new(&board, &layout, hand.clone());
        let mut cabinet = Cabinet::new(&board, &layout, hand);
        let now = Instant::from_millis(1000);
        panel.step(now, true, Health::default());
        cabinet.step(now);
        let news = std::iter::from_fn(|| panel.poll().or_else(|| cabinet.poll()));
        let mut sockets: Vec<u16> = news
            .filter_map(|news| match news {
                News::Heard(Heard::Trouble(socket, Some(Trouble::Missing))) => Some(socket),
                _ => None,
            })
            .collect();
        sockets.sort_unstable();
        sockets.dedup();
        assert_eq!(sockets.len(), things, "{name}");
    }
}

#[test]
fn the_threads_tell_control_and_ring_its_bell_until_they_are_told_to_end() {
    use nix::sys::eventfd::{EfdFlags, EventFd};
    use std::sync::atomic::{AtomicBool, AtomicU64};
    let mut board = board::read(&|_: &str| Ok(BOARD.into()), "bench").expect("a board");
    board.pins = board::PinsDriver::None;
    let (heard, told) = std::sync::mpsc::channel();
    let shared = Arc::new(Shared {
        blocks: AtomicU64::new(0),
        taken: AtomicU64::new(0),
        dropped: AtomicU64::new(0),
        idle_ticks: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        hand_over: AtomicBool::new(false),
        bell: EventFd::from_flags(EfdFlags::EFD_NONBLOCK).expect("eventfd"),
    });
    let ears = Ears { heard, shared: shared.clone(), vitals: Arc::default(), log: |_| {} };
    let panel = start(&board, &board.layout(), &ears).expect("threads");
    // Four on the panel, three in the cabinet.
    for _ in 0..7 {
        let one = told.recv_timeout(Duration::from_secs(10)).expect("a trouble");
        assert!(matches!(one, Heard::Trouble(_, Some(Trouble::Missing))), "{one:?}");
    }
    assert!(shared.bell.read().is_ok(), "control was woken");
    shared.stop.store(true, Ordering::Relaxed);
    panel.expect("a panel").join().expect("ends");
}

#[test]
fn every_fault_of_a_pin_has_a_trouble() {
    let place = Place::Pin { chip: 0, line: 1 };
    for (reason, trouble) in [
        (Reason::Permission, Trouble::Forbidden),
        (Reason::NoAnswer, Trouble::Silent),
        (Reason::OutOfRange, Trouble::Refused(EINVAL)),
        (Reason::System(5), Trouble::Failing(5)),
    ] {
        assert_eq!(as_told(place.fault(reason).reason), trouble);
    }
}
