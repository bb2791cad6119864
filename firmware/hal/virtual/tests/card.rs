//! The card as a program, between a driver and a far end that are both in this test.

#![expect(clippy::expect_used, reason = "a test may fail anywhere")]

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use g704::{Deframer, Delay, FRAME, Framer};
use hal_card::{Card, Event, Octets};
use hal_socket::Reading;
use hal_virtual::VirtualCard;
use hal_virtual::frame::{BLOCK_OCTETS, LINE_OCTETS, Line, PORT_LEN, Port};
use hdlc::{Decoder, Encoder};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use units::{ClockDomain, Duration, SpanId};

const PATIENCE: Duration = Duration::from_secs(5);

/// A running card in a directory of its own.
struct Program {
    child: Child,
    dir: PathBuf,
}

fn directory(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("rm-card-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).expect("directory");
    dir
}

fn command(dir: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ringmain-virtual-card"));
    command.arg("--dir").arg(dir).args(options).stderr(Stdio::piped());
    command
}

impl Program {
    fn start(name: &str, options: &[&str]) -> Self {
        let dir = directory(name);
        let child = command(&dir, options).spawn().expect("card");
        Self { child, dir }
    }

    fn dial(&self, name: &str) -> UnixStream {
        dial(&self.dir.join(name))
    }

    fn open(&self) -> VirtualCard {
        drop(self.dial("card.sock"));
        let path = self.dir.join("card.sock");
        (0..500)
            .find_map(|_| {
                let card = VirtualCard::open(&path, SpanId(1), ClockDomain(0), PATIENCE).ok();
                card.or_else(pause)
            })
            .expect("the card speaks")
    }

    /// Nanoseconds of CPU time so far.
    fn cpu_ns(&self) -> u64 {
        let path = format!("/proc/{}/schedstat", self.child.id());
        let text = std::fs::read_to_string(path).expect("schedstat");
        text.split(' ').next().and_then(|word| word.parse().ok()).expect("number")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Processes have no common clock to wait by: ask again 500 times at most.
fn now_ms() -> i64 {
    let clock = nix::time::ClockId::CLOCK_MONOTONIC;
    let now = nix::time::clock_gettime(clock).expect("a clock");
    now.tv_sec() * 1000 + now.tv_nsec() / 1_000_000
}

fn pause<T>() -> Option<T> {
    let wait = nix::sys::time::TimeSpec::new(0, 10_000_000);
    let flags = nix::time::ClockNanosleepFlags::empty();
    let _ = nix::time::clock_nanosleep(nix::time::ClockId::CLOCK_MONOTONIC, flags, &wait);
    None
}

fn dial(path: &Path) -> UnixStream {
    (0..500).find_map(|_| hal_socket::dial(path).ok().or_else(pause)).expect("the card listens")
}

/// The far exchange: one frame of 31 channels repeated for ever, D channel in slot 16.
struct Far {
    stream: UnixStream,
    framer: Framer,
    deframer: Deframer,
    delay: Delay,
    encoder: Encoder<264>,
    decoder: Decoder<264>,
    heard: Vec<[u8; FRAME]>,
    frames: Vec<Vec<u8>>,
    /// What its time slots carry: the number of the sample.
    count: u64,
    sequence: u64,
}

impl Far {
    fn new(stream: UnixStream, bits: u8) -> Self {
        Self {
            stream,
            framer: Framer::new(true),
            deframer: Deframer::new(true),
            delay: Delay::new(bits),
            encoder: Encoder::new(),
            decoder: Decoder::new(),
            heard: Vec::new(),
            frames: Vec::new(),
            count: 0,
            sequence: 0,
        }
    }

    /// Answers the next block, and all that queued behind it, with so many frames each. `false`:
    /// the card is gone.
    fn block(&mut self, frames: usize) -> bool {
        hal_socket::wait(&self.stream, PATIENCE);
        (0..1000).take_while(|_| self.one(frames)).count() > 0
    }

    /// Answers the next block and no other.
    fn next(&mut self, frames: usize) -> bool {
        hal_socket::wait(&self.stream, PATIENCE);
        self.one(frames)
    }

    fn one(&mut self, frames: usize) -> bool {
        let mut room = [0; LINE_OCTETS + 100];
        let Reading::Datagram(length) = hal_socket::read(&self.stream, &mut room) else {
            return false;
        };
        let line = Line::parse(&room[..length]).expect("E1");
        assert_eq!(line.octets.len(), BLOCK_OCTETS);
        self.sequence = line.sequence;
        let heard = &mut self.heard;
        heard.clear();
        self.deframer.push(line.octets, |frame| heard.push(*frame));
        for frame in &self.heard {
            if let Some(hdlc::Received::Good(octets)) = self.decoder.push(frame[16]) {
                self.frames.push(octets.to_vec());
            }
        }
        self.framer.set_rai(!self.deframer.in_service());
        let mut octets = Vec::new();
        for _ in 0..frames {
            self.count += 1;
            let mut frame = [self.count.to_le_bytes()[0]; FRAME];
            frame[2] = self.count.to_le_bytes()[1];
            frame[16] = self.encoder.pull();
            self.framer.frame(&mut frame);
            octets.extend(frame.map(|octet| self.delay.push(octet)));
        }
        let line = Line { sequence: self.sequence, signal: true, octets: &octets };
        hal_socket::write(&self.stream, line.write(&mut room).expect("room"))
    }
}

fn drain(card: &mut VirtualCard) -> Vec<Event> {
    core::iter::from_fn(|| card.poll_event()).collect()
}

#[test]
fn sound_and_frames_pass_both_ways_at_any_bit_phase() {
    let program = Program::start("both", &["--pace", "free", "--fxs", "0"]);
    let mut far = Far::new(program.dial("e1-1.sock"), 5);
    let mut card = program.open();
    assert!(card.lockstep());
    let mut octets: Vec<Octets> = vec![[0; 16]; 31];
    let (mut events, mut last) = (Vec::new(), None);
    far.encoder.send(&[1; 100]).expect("ready");
    card.send_frame(15, &[2; 100]).expect("slot 16");
    let (mut started, mut before, mut lag) = (0, 0, None);
    for block in 0..2000u32 {
        if block == 200 {
            events = drain(&mut card);
            started = program.cpu_ns();
            before = card.counters(SpanId(1)).expect("span 1").slips;
        }
        if block == 300 {
            far.encoder.send(&[3; 264]).expect("ready");
            card.send_frame(15, &[4; 264]).expect("slot 16");
        }
        // What queued while the card had no core is answered at the beginning.
        assert!(if block < 100 { far.block(16) } else { far.next(16) });
        let received = card.receive(&mut octets, PATIENCE).expect("card");
        assert!(received.block && received.missing == 0);
        if block > 200 {
            // Slot 1 counts samples without a gap; slot 2 has their upper octet.
            let samples = octets[0].iter().zip(&octets[1]);
            for (low, high) in samples {
                let now = u16::from_le_bytes([*low, *high]);
                assert!(last.is_none_or(|last: u16| now == last.wrapping_add(1)), "{last:?} {now}");
                last = Some(now);
            }
            // In slot 7 the number of the block that we answered. The answer to block n is on the
            // line in n + 1; a far end that was there before us may look at it a block later.
            let got = far.heard.last().expect("frames")[7];
            let behind = block.to_le_bytes()[0].wrapping_sub(got);
            assert!((1..=2).contains(&behind), "{behind} blocks behind");
            assert_eq!(*lag.get_or_insert(behind), behind, "it stays as it began");
        }
        let mut out = octets.clone();
        out[6] = [block.to_le_bytes()[0]; 16];
        card.transmit(&out).expect("card");
    }
    let used = program.cpu_ns() - started;
    println!("card, free pace, one span: {} ns of CPU time a block", used / 1800);
    // From the first sample of the far end to the core: what it answers to block n, with block
    // n + 1 at the earliest, one frame in the elastic store and one in the bit phase.
    let behind = far.count - u64::from(last.expect("samples"));
    assert!((1..=18).contains(&behind), "{behind} samples");
    events.extend(drain(&mut card));
    let frames: Vec<usize> = events
        .iter()
        .filter_map(|event| match event {
            Event::Frame { channel: 15, frame } => Some(frame.len()),
            _ => None,
        })
        .collect();
    // The first ones met a line that was not yet aligned.
    assert_eq!(frames.last(), Some(&264));
    assert_eq!(far.frames.last(), Some(&vec![4; 264]));
    let counters = card.counters(SpanId(1)).expect("span 1");
    assert_eq!((counters.crc_errors, counters.slips), (0, before));
    let clear = Event::Alarms { span: SpanId(1), alarms: hal_card::Alarms::default() };
    assert!(events.contains(&clear), "{events:?}");
    assert!(card.counters(SpanId(2)).is_none());
}

#[test]
fn a_card_with_a_far_end_that_goes_tells_loss_of_signal_and_slips_are_counted() {
    let program = Program::start("los", &["--pace", "free", "--fxs", "0"]);
    let mut far = Far::new(program.dial("e1-1.sock"), 0);
    let mut card = program.open();
    let mut octets: Vec<Octets> = vec![[0; 16]; 31];
    // Blocks that queued before the core came may have slipped.
    let mut before = 0;
    for block in 0..300 {
        if block == 200 {
            before = card.counters(SpanId(1)).expect("span 1").slips;
            drain(&mut card);
        }
        assert!(far.block(if block > 200 && block % 10 == 0 { 17 } else { 16 }));
        card.receive(&mut octets, PATIENCE).expect("card");
        card.transmit(&octets).expect("card");
    }
    let slips = card.counters(SpanId(1)).expect("span 1").slips - before;
    assert!((7..=9).contains(&slips), "{slips}");
    let told = drain(&mut card).iter().filter(|e| matches!(e, Event::Slip { .. })).count();
    assert_eq!(told as u64, slips);
    drop(far);
    for _ in 0..3 {
        card.receive(&mut octets, PATIENCE).expect("card");
        card.transmit(&octets).expect("card");
    }
    let los = hal_card::Alarms { los: true, ..Default::default() };
    assert_eq!(drain(&mut card), [Event::Alarms { span: SpanId(1), alarms: los }]);
    assert_eq!(octets[0], [0xD5; 16]);
}

#[test]
fn a_dead_core_leaves_framing_and_idle_octets_on_the_line() {
    let program = Program::start("dead", &["--pace", "free", "--fxs", "0"]);
    let mut far = Far::new(program.dial("e1-1.sock"), 3);
    let mut card = program.open();
    let mut octets: Vec<Octets> = vec![[0; 16]; 31];
    for _ in 0..100 {
        assert!(far.block(16));
        card.receive(&mut octets, PATIENCE).expect("card");
        card.transmit(&[[0x11; 16]; 31]).expect("card");
    }
    assert_eq!(far.heard[0][9], 0x11);
    drop(card);
    let losses = far.deframer.counters().losses_of_frame;
    for _ in 0..100 {
        assert!(far.block(16));
    }
    assert_eq!(far.deframer.alarms(), g704::Alarms::default());
    assert_eq!(far.deframer.counters().losses_of_frame, losses);
    assert_eq!((far.heard[0][9], far.heard[0][16], far.heard[0][31]), (0xD5, 0xFF, 0xD5));
}

#[test]
fn a_core_that_comes_too_late_misses_blocks_and_the_line_idles() {
    let program = Program::start("late", &["--fxs", "1"]);
    let mut card = program.open();
    let mut octets: Vec<Octets> = vec![[0; 16]; 32];
    hal_card::conformance::alone(&mut card, 50).expect("conforms");
    let before = card.receive(&mut octets, PATIENCE).expect("card");
    for _ in 0..10 {
        pause::<()>();
    }
    let after = card.receive(&mut octets, PATIENCE).expect("card");
    assert!(after.missing >= 40, "{}", after.missing);
    assert!(after.clock - before.clock >= u64::from(after.missing));
}

#[test]
fn a_steady_card_waits_for_a_late_core_and_runs_by_the_clock_otherwise() {
    let program = Program::start("steady", &["--pace", "steady", "--fxs", "1"]);
    let mut card = program.open();
    let mut octets: Vec<Octets> = vec![[0; 16]; 32];
    let begin = now_ms();
    let mut missing = 0;
    for block in 0..300 {
        if block == 100 {
            for _ in 0..10 {
                pause::<()>();
            }
        }
        let received = card.receive(&mut octets, PATIENCE).expect("card");
        assert!(received.block);
        missing += received.missing;
        card.transmit(&octets).expect("card");
    }
    assert_eq!(missing, 0);
    // It makes up for at most 100 ms.
    let elapsed = now_ms() - begin;
    assert!(elapsed >= 500, "{elapsed} ms");
}

#[test]
fn a_telephone_is_rung_answers_and_talks() {
    let program = Program::start("phone", &["--pace", "free", "--spans", "0", "--fxs", "2"]);
    let telephone = program.dial("analog-2.sock");
    let mut card = program.open();
    assert_eq!(card.channels().len(), 2);
    let mut octets: Vec<Octets> = vec![[0; 16]; 2];
    card.command(hal_card::Command::Ring { channel: 1, on: true }).expect("port");
    let mut hooks = Vec::new();
    let mut down = 0;
    for block in 0..20u8 {
        hal_socket::wait(&telephone, PATIENCE);
        let mut room = [0; PORT_LEN];
        // Blocks that queued before the core came are answered by the answer to the last.
        let last = (0..1000)
            .map_while(|_| match hal_socket::read(&telephone, &mut room) {
                Reading::Datagram(_) => Port::parse(&room),
                _ => None,
            })
            .last();
        let port = last.expect("port");
        if block > 2 {
            assert!(port.feed().ring && !port.feed().reversed);
            down = block - port.octets[0];
            assert_eq!(port.octets, [port.octets[0]; 16]);
        }
        let answer = Port::to_card(port.sequence, block >= 10, [block; 16]);
        assert!(hal_socket::write(&telephone, &answer.write()));
        card.receive(&mut octets, PATIENCE).expect("card");
        if block > 2 {
            // From telephone to core and back: a block each, wherever this loop began.
            assert_eq!(down + block - octets[1][0], 2);
        }
        assert_eq!(octets[0], [0xD5; 16]);
        hooks.extend(drain(&mut card).into_iter().map(|event| (block, event)));
        card.transmit(&[[0; 16], [block; 16]]).expect("card");
    }
    let hook = |off_hook| Event::Hook { channel: 1, off_hook };
    hooks.retain(|(_, event)| !matches!(event, Event::Hook { channel: 0, .. }));
    let [(0..=2, first), (10..=11, second)] = &hooks[..] else { panic!("{hooks:?}") };
    assert_eq!((first, second), (&hook(false), &hook(true)), "how it is at first, then the change");
}

#[test]
fn a_second_card_is_refused_by_the_number_of_the_first_and_a_dead_one_is_replaced() {
    let mut program = Program::start("second", &["--fxs", "1"]);
    let mut card = program.open();
    let second = command(&program.dir, &[]).output().expect("card");
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(said.contains(&format!("process {}", program.child.id())), "{said}");

    program.child.kill().expect("kill");
    program.child.wait().expect("dead");
    let mut octets: Vec<Octets> = vec![[0; 16]; 32];
    let gone = (0..500).find_map(|_| card.receive(&mut octets, Duration::ZERO).err());
    assert_eq!(gone, Some(hal_card::Fault::Gone));
    assert!(drain(&mut card).contains(&Event::Gone));

    program.child = command(&program.dir, &["--fxs", "1"]).spawn().expect("card");
    let back = (0..500).find_map(|_| {
        let received = card.receive(&mut octets, PATIENCE).ok().filter(|now| now.block);
        received.or_else(pause)
    });
    assert!(back.is_some());
    assert_eq!(card.poll_event(), Some(Event::Back));

    let pid = Pid::from_raw(i32::try_from(program.child.id()).expect("pid"));
    kill(pid, Signal::SIGTERM).expect("signal");
    assert!(program.child.wait().expect("end").success());
    assert!(!program.dir.join("card.sock").exists() && !program.dir.join("e1-1.sock").exists());
    let mut said = String::new();
    program.child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    assert!(said.contains("card.sock is connected"), "{said}");
}
