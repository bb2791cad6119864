//! City, virtual card and a box of thirty lines: libpri against libpri over a framed E1, a prompt,
//! a telephone, sound both ways. It proves the world outside before the product is in it.
#![expect(clippy::expect_used, clippy::panic, reason = "a test may fail anywhere")]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dsp_tone::{CHINA_DIAL, Generator};
use exchange::pri::{self, CallRef, Pri, PriEvent, Side, Timers};
use exchange::sound::noise_octets;
use g711::{decode_block, encode_block};
use hal_card::{Card, Command as CardCommand, Event, Octets};
use hal_virtual::VirtualCard;
use serde_json::{Value, json};
use units::{ClockDomain, Law, SpanId};

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn card_program() -> PathBuf {
    let city = PathBuf::from(env!("CARGO_BIN_EXE_ringmain-city"));
    let card = city.with_file_name("ringmain-virtual-card");
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "-q", "-p", "hal-virtual", "--bin", "ringmain-virtual-card"]);
    if city.parent().is_some_and(|folder| folder.ends_with("release")) {
        build.arg("--release");
    }
    assert!(build.status().expect("cargo").success());
    card
}

fn start(program: &Path, dir: &Path, options: &[&str]) -> Running {
    let mut command = Command::new(program);
    command.arg("--dir").arg(dir).args(options).stderr(Stdio::null());
    Running(command.spawn().expect("program"))
}

/// A try each 10 ms, 1000 at most: processes share no clock to wait by.
fn soon<T>(mut attempt: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1000 {
        if let Some(done) = attempt() {
            return done;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("ten seconds without what was waited for");
}

/// The box: answers what comes with a prompt, rings the telephone, bridges; places what is dialled.
struct StandIn {
    card: VirtualCard,
    pri: Pri,
    prompt: Vec<u8>,
    played: usize,
    call: Option<(CallRef, usize)>,
    answered: bool,
    off_hook: bool,
    dial_tone: Generator,
    dtmf: dsp_dtmf::Receiver,
    digits: String,
}

const D: usize = 15;
const PORT: usize = 31;

impl StandIn {
    fn run(mut self, stop: &AtomicBool) {
        let mut heard: Vec<Octets> = vec![[0xD5; 16]; 32];
        while !stop.load(Ordering::Relaxed) {
            let Ok(got) = self.card.receive(&mut heard, Duration::from_secs(5)) else { return };
            pri::set_time_us(got.clock * 2000);
            while let Some(event) = self.card.poll_event() {
                match event {
                    Event::Frame { frame, .. } => self.pri.receive(0, &frame),
                    Event::Hook { off_hook, .. } => self.hook(off_hook),
                    _ => {}
                }
            }
            self.pri.run();
            while let Some(event) = self.pri.poll_event() {
                self.signal(event);
            }
            while let Some(frame) = self.pri.poll_frame(0) {
                let _ = self.card.send_frame(D, &frame);
            }
            let out = self.sound(&heard);
            let _ = self.card.transmit(&out);
        }
    }

    fn hook(&mut self, off_hook: bool) {
        self.off_hook = off_hook;
        let ringing = CardCommand::Ring { channel: PORT, on: false };
        self.card.command(ringing).expect("port");
        match self.call {
            Some((call, slot)) if off_hook && !self.answered => {
                self.answered = true;
                self.pri.answer(call, u8::try_from(slot + 1).expect("slot"));
            }
            Some((call, _)) if !off_hook => self.pri.hang_up(call, 16),
            _ => {}
        }
        self.digits.clear();
    }

    fn signal(&mut self, event: PriEvent) {
        match event {
            PriEvent::Setup { call, channel, .. } => {
                let slot = channel.expect("slot");
                self.pri.proceeding(call, slot);
                self.pri.alerting(call, slot);
                self.call = Some((call, usize::from(slot) - 1));
                self.answered = false;
                self.played = 0;
                let ring = CardCommand::Ring { channel: PORT, on: true };
                self.card.command(ring).expect("port");
            }
            PriEvent::Connect(_) => self.answered = true,
            PriEvent::Disconnect(call, cause) => self.pri.hang_up(call, cause),
            PriEvent::Released(call, cause) => {
                self.pri.hang_up(call, cause);
                self.call = None;
            }
            PriEvent::Gone(_) => self.call = None,
            _ => {}
        }
    }

    fn sound(&mut self, heard: &[Octets]) -> Vec<Octets> {
        let mut out: Vec<Octets> = vec![[0xD5; 16]; 32];
        match self.call {
            Some((_, slot)) if self.answered => {
                out[slot] = heard[PORT];
                out[PORT] = heard[slot];
            }
            Some((_, slot)) => {
                let rest = self.prompt.get(self.played..).unwrap_or(&[]);
                out[slot].iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                self.played += 16;
            }
            None if self.off_hook => self.dialling(heard, &mut out),
            None => {}
        }
        out
    }

    fn dialling(&mut self, heard: &[Octets], out: &mut [Octets]) {
        let mut samples = [0; 16];
        decode_block(Law::A, &heard[PORT], &mut samples);
        if let Some(dsp_dtmf::Event::Begin(digit)) = self.dtmf.push(&samples) {
            self.digits.push(char::from(digit.ascii()));
        }
        if self.digits.is_empty() {
            self.dial_tone.fill(&mut samples);
            encode_block(Law::A, &samples, &mut out[PORT]);
        }
        if self.digits.len() == 5 {
            let call = self.pri.call(9, "8001", &self.digits, "", "").expect("call");
            self.call = Some((call, 8));
            self.answered = false;
            self.digits.clear();
        }
    }
}

struct Tester {
    input: BufReader<UnixStream>,
    seen: Vec<Value>,
    /// Events that nobody asked for yet.
    waiting: Vec<Value>,
}

impl Tester {
    fn say(&mut self, command: &Value) {
        writeln!(self.input.get_mut(), "{command}").expect("city");
    }

    /// The first event of this name that was not asked for before.
    fn expect(&mut self, name: &str) -> Value {
        if let Some(index) = self.waiting.iter().position(|event| event["event"] == name) {
            return self.waiting.remove(index);
        }
        loop {
            let mut line = String::new();
            let got = self.input.read_line(&mut line);
            assert!(got.is_ok_and(|count| count > 0), "no {name} after {:#?}", self.seen);
            let event: Value = serde_json::from_str(&line).expect("JSON");
            self.seen.push(event.clone());
            if event["event"] == name {
                return event;
            }
            self.waiting.push(event.clone());
            assert!(event["event"] != "call_failed", "{event} after {:#?}", self.seen);
        }
    }
}

fn world(name: &str, pace: &str) -> (PathBuf, Running, Running, Tester, Arc<AtomicBool>) {
    let dir = std::env::temp_dir().join(format!("rm-city-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("directory");
    let card = start(&card_program(), &dir, &["--pace", pace]);
    let city = PathBuf::from(env!("CARGO_BIN_EXE_ringmain-city"));
    let city = start(&city, &dir, &["--bit-offset", "3"]);
    let prompt = [noise_octets(77), noise_octets(78)].concat();
    std::fs::write(dir.join("prompt.al"), &prompt).expect("prompt");
    let stream = soon(|| UnixStream::connect(dir.join("city.sock")).ok());
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("timeout");
    let stop = Arc::new(AtomicBool::new(false));
    let (ended, path) = (Arc::clone(&stop), dir.join("card.sock"));
    std::thread::spawn(move || {
        let open = || VirtualCard::open(&path, SpanId(1), ClockDomain(0), Duration::from_secs(1));
        let stand_in = StandIn {
            card: soon(|| open().ok()),
            pri: Pri::new(Side::User, false, 0, Timers::default(), false).expect("libpri"),
            prompt,
            played: 0,
            call: None,
            answered: false,
            off_hook: false,
            dial_tone: Generator::new(&CHINA_DIAL),
            dtmf: dsp_dtmf::Receiver::new(),
            digits: String::new(),
        };
        stand_in.run(&ended);
    });
    (
        dir,
        card,
        city,
        Tester { input: BufReader::new(stream), seen: Vec::new(), waiting: Vec::new() },
        stop,
    )
}

fn number(event: &Value, field: &str) -> f64 {
    event[field].as_f64().unwrap_or_else(|| panic!("{field} of {event}"))
}

#[test]
fn a_call_from_the_city_rings_the_telephone_and_both_hear_each_other() {
    let (dir, _card, _city, mut tester, stop) = world("in", "free");
    tester.expect("link_up");
    tester.say(&json!({"cmd": "telephone", "port": 1, "answer_after_ms": 2500,
        "talk": {"send": 2, "expect": 1}}));
    tester.say(&json!({"cmd": "call", "id": "a1", "called": "95588", "calling": "01088886666",
        "script": [{"wait": "alerting", "ms": 2000},
            {"hear": dir.join("prompt.al"), "ms": 3000},
            {"wait": "answer", "ms": 9000}, {"talk": {"send": 1, "expect": 2, "ms": 4000}},
            {"digits": "12"}, {"hangup": 16}]}));
    let heard = tester.expect("heard");
    assert!(number(&heard, "correlation") > 0.99);
    assert!(number(&heard, "setup_to_first_sample_ms") < 200.0, "{heard}");
    tester.expect("telephone_answered");
    for _ in 0..2 {
        let matched = tester.expect("matched");
        assert!(number(&matched, "correlation") > 0.95, "{matched}");
        assert!(number(&matched, "other_correlation") < 0.2, "{matched}");
        // Three blocks and the two frames of elastic store and bit phase, at most.
        assert!((17.0..=56.0).contains(&number(&matched, "delay_samples")), "{matched}");
        assert_eq!(matched["call"], json!("a1"), "{matched}");
    }
    tester.expect("digits_sent");
    tester.expect("call_passed");
    let released = tester.expect("released");
    assert_eq!((&released["by"], &released["cause"]), (&json!("city"), &json!(16)));
    tester.expect("telephone_on_hook");
    tester.say(&json!({"cmd": "status"}));
    let status = tester.expect("status");
    assert_eq!(status["calls"], json!([]));
    assert_eq!(status["alarms"]["rai"], json!(false));
    stop.store(true, Ordering::Relaxed);
    let _ = std::fs::remove_dir_all(&dir);
}

#[test]
fn a_telephone_that_dials_reaches_the_city_through_a_disturbed_line() {
    let (dir, _card, _city, mut tester, stop) = world("out", "free");
    let began = std::time::Instant::now();
    tester.expect("link_up");
    for kind in ["bit_errors", "garbage", "lose_blocks", "slip", "rai"] {
        tester.say(&json!({"cmd": "fault", "kind": kind, "ms": 500}));
        tester.expect("fault");
    }
    tester
        .say(&json!({"cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 5, "expect": 6}}));
    // Time passes by blocks only: a lifted handset waits out the faults with its dial tone.
    tester.say(&json!({"cmd": "lift", "port": 1, "digits": "95588",
        "talk": {"send": 6, "expect": 5}}));
    tester.expect("dial_tone");
    tester.expect("digits_sent");
    let setup = tester.expect("incoming_setup");
    assert_eq!((&setup["called"], &setup["slot"]), (&json!("95588"), &json!(9)));
    tester.expect("incoming_answered");
    let ends = [tester.expect("matched"), tester.expect("matched")];
    assert!(ends.iter().all(|end| number(end, "correlation") > 0.8), "{ends:?}");
    tester.say(&json!({"cmd": "hang_up", "port": 1}));
    let released = tester.expect("released");
    assert_eq!((&released["by"], &released["cause"]), (&json!("box"), &json!(16)));
    tester.say(&json!({"cmd": "fault", "kind": "los", "ms": 20000}));
    tester.expect("link_down");
    let up = tester.expect("link_up");
    println!("{} s of line in {} s", number(&up, "at_us") / 1e6, began.elapsed().as_secs_f64());
    stop.store(true, Ordering::Relaxed);
    let _ = std::fs::remove_dir_all(&dir);
}

#[test]
#[ignore = "real time needs a machine with nothing else to do"]
fn a_call_in_real_time_passes_too() {
    let (dir, _card, _city, mut tester, stop) = world("real", "real");
    tester.expect("link_up");
    tester.say(&json!({"cmd": "telephone", "port": 1, "answer_after_ms": 100,
        "talk": {"send": 2, "expect": 1}, "hangup_after_ms": 2500}));
    tester.say(&json!({"cmd": "call", "id": "a1", "called": "95588", "calling": "01088886666",
        "script": [{"wait": "answer", "ms": 2000}, {"talk": {"send": 1, "expect": 2, "ms": 2000}},
            {"await": "release", "ms": 2000}]}));
    for _ in 0..2 {
        let matched = tester.expect("matched");
        // Programs that come late cost a block once and delay all that follows by it.
        assert!((17.0..=120.0).contains(&number(&matched, "delay_samples")), "{matched}");
        println!("{matched}");
    }
    tester.expect("call_passed");
    let released = tester.expect("released");
    assert_eq!((&released["by"], &released["cause"]), (&json!("box"), &json!(16)));
    stop.store(true, Ordering::Relaxed);
    let _ = std::fs::remove_dir_all(&dir);
}
