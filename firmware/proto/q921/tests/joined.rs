//! A user and a network joined by a line that loses, repeats and damages frames.
//!
//! Damage goes through a real frame check sequence, as on a line: what fails it is dropped.
#![expect(clippy::expect_used, reason = "the helpers of a test are test code too")]

use std::collections::VecDeque;

use machine::Machine;
use machine::check::Random;
use q921::{Config, Frame, Input, Link, MdlError, Message, Output, Role};
use units::{Duration, Instant};

/// Faults once in so many frames; 0 for never.
#[derive(Clone, Copy)]
struct Faults {
    loss: u64,
    repeat: u64,
    damage: u64,
    /// Damaged frames are delivered all the same: a broken FCS checker.
    blind: bool,
}

struct End {
    link: Link,
    got: Vec<u32>,
    /// EstablishIndication after the first: messages may be lost.
    resets: u32,
    refused: u32,
    line: VecDeque<(Instant, Frame)>,
}

struct World {
    random: Random,
    faults: Faults,
    now: Instant,
    ends: [End; 2],
}

/// Q.921 2.7: the polynomial x^16 + x^12 + x^5 + 1, least significant bit first.
fn fcs(octets: &[u8]) -> u16 {
    !octets.iter().fold(0xFFFF, |crc, octet| {
        (0..8).fold(crc ^ u16::from(*octet), |crc: u16, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0x8408 } else { crc >> 1 }
        })
    })
}

impl World {
    fn new(seed: u64, faults: Faults) -> Self {
        let end = |role| End {
            link: Link::new(Config::new(role)),
            got: vec![],
            resets: 0,
            refused: 0,
            line: VecDeque::new(),
        };
        let ends = [end(Role::User), end(Role::Network)];
        Self { random: Random::new(seed), faults, now: Instant::from_millis(1), ends }
    }

    fn happens(&mut self, once_in: u64) -> bool {
        once_in != 0 && self.random.one_in(once_in)
    }

    fn carry(&mut self, to: usize, mut frame: Frame) {
        let Faults { loss, repeat, damage, blind } = self.faults;
        if self.happens(loss) {
            return;
        }
        if self.happens(damage) {
            let sum = fcs(&frame);
            let index = usize::try_from(self.random.below(frame.len() as u64)).expect("small");
            frame[index] ^= 1 << self.random.below(8);
            if fcs(&frame) != sum && !blind {
                return;
            }
        }
        let copies = if self.happens(repeat) { 2 } else { 1 };
        for _ in 0..copies {
            let at = self.now + Duration::from_millis(5);
            self.ends[to].line.push_back((at, frame.clone()));
        }
    }

    fn drain(&mut self, end: usize) {
        while let Some(output) = self.ends[end].link.poll_output() {
            let this = &mut self.ends[end];
            match output {
                Output::Transmit(frame) => self.carry(1 - end, frame),
                Output::Data(message) => {
                    let number = message.first_chunk::<4>().expect("four octets");
                    this.got.push(u32::from_be_bytes(*number));
                }
                Output::EstablishIndication => this.resets += 1,
                Output::ReleaseIndication => {
                    this.resets += 1;
                    this.link.handle(self.now, Input::EstablishRequest);
                }
                Output::EstablishConfirm | Output::ReleaseConfirm | Output::Error(_) => {}
                Output::Full | Output::NotEstablished => this.refused += 1,
            }
        }
    }

    fn put(&mut self, end: usize, input: Input) {
        self.ends[end].link.handle(self.now, input);
        self.drain(end);
    }

    /// Runs until `until`, or until nothing is left to happen.
    fn run(&mut self, until: Instant) {
        loop {
            let next = |end: &End| {
                Instant::earliest(end.line.front().map(|f| f.0), end.link.poll_timeout())
            };
            let Some(at) = Instant::earliest(next(&self.ends[0]), next(&self.ends[1])) else {
                return;
            };
            if at > until {
                self.now = until;
                return;
            }
            self.now = self.now.max(at);
            for end in 0..2 {
                if self.ends[end].line.front().is_some_and(|f| f.0 <= self.now)
                    && let Some((_, frame)) = self.ends[end].line.pop_front()
                {
                    self.put(end, Input::Frame(frame));
                }
                if self.ends[end].link.poll_timeout().is_some_and(|at| at <= self.now) {
                    self.ends[end].link.handle_timeout(self.now);
                    self.drain(end);
                }
            }
        }
    }

    fn run_for(&mut self, time: Duration) {
        self.run(self.now + time);
    }

    /// Both send `count` numbered messages at random times, under faults; then all is quiet.
    fn talk(&mut self, count: u32) {
        self.put(0, Input::EstablishRequest);
        for _ in 0..200 {
            if self.ends.iter().all(|end| end.link.is_established()) {
                break;
            }
            self.run_for(Duration::from_millis(500));
        }
        let mut sent = [0; 2];
        while sent != [count; 2] {
            let end = usize::from(self.random.one_in(2));
            let room = self.ends[end].link.unacknowledged() < limits::MESSAGE_QUEUE;
            if sent[end] < count && room && self.ends[end].link.is_established() {
                let mut message = Message::from_slice(&u32::to_be_bytes(sent[end])).expect("short");
                let more = self.random.below(40);
                message.extend((0..more).map(|_| self.random.octet()));
                self.put(end, Input::DataRequest(message));
                sent[end] += 1;
            }
            let pause = self.random.below(60);
            self.run_for(Duration::from_millis(pause));
        }
        self.faults = Faults { loss: 0, repeat: 0, damage: 0, blind: false };
        self.run_for(Duration::from_secs(60));
    }
}

#[test]
fn all_messages_arrive_once_and_in_order_over_a_line_that_loses_repeats_and_damages() {
    let mut clean = 0;
    for seed in 0..300 {
        let faults = Faults {
            loss: [0, 8, 20][usize::try_from(seed % 3).expect("small")],
            repeat: [0, 10, 30][usize::try_from(seed / 3 % 3).expect("small")],
            damage: [0, 12, 40][usize::try_from(seed / 9 % 3).expect("small")],
            blind: false,
        };
        let mut world = World::new(seed, faults);
        world.talk(60);
        let reset = world.ends.iter().any(|end| {
            end.resets > u32::from(end.link.config().role == Role::Network)
                || end.link.counters().discarded > 0
        });
        for end in &world.ends {
            assert!(end.link.is_established(), "seed {seed}");
            assert_eq!(end.refused, 0, "seed {seed}");
            assert_eq!(end.link.unacknowledged(), 0, "seed {seed}");
            assert!(end.got.is_sorted_by(|a, b| a < b), "seed {seed}: {:?}", end.got);
            // A reset loses messages and says so; nothing else may.
            if !reset {
                assert_eq!(end.got.len(), 60, "seed {seed}");
            }
        }
        clean += u32::from(!reset);
    }
    assert!(clean >= 250, "only {clean} of 300 runs without a reset: the test proves little");
}

#[test]
fn a_line_that_only_loses_and_damages_never_loses_a_message_silently() {
    for seed in 0..100 {
        let faults = Faults { loss: 4, repeat: 0, damage: 6, blind: false };
        let mut world = World::new(seed, faults);
        world.talk(60);
        let lost = world.ends.iter().map(|end| 60 - end.got.len()).sum::<usize>();
        let told = world.ends.iter().map(|end| end.link.counters().discarded).sum::<u32>();
        assert!(lost <= usize::try_from(told).expect("small"), "seed {seed}: {lost} > {told}");
        assert!(world.ends.iter().all(|end| end.link.is_established()), "seed {seed}");
        assert!(world.ends.iter().all(|end| end.got.is_sorted_by(|a, b| a < b)), "seed {seed}");
    }
}

#[test]
fn frames_damaged_behind_the_back_of_the_fcs_leave_an_established_link_when_they_stop() {
    for seed in 0..100 {
        let faults = Faults { loss: 10, repeat: 10, damage: 3, blind: true };
        let mut world = World::new(seed, faults);
        world.put(0, Input::EstablishRequest);
        for n in 0..200 {
            let end = n % 2;
            world.put(end, Input::DataRequest(Message::from_slice(&[0; 8]).expect("short")));
            world.run_for(Duration::from_millis(30));
        }
        world.faults = Faults { loss: 0, repeat: 0, damage: 0, blind: false };
        world.run_for(Duration::from_secs(60));
        assert!(world.ends.iter().all(|end| end.link.is_established()), "seed {seed}");
    }
}

#[test]
fn a_cut_of_ten_seconds_on_an_idle_link_passes_unseen_by_layer_3() {
    let none = Faults { loss: 0, repeat: 0, damage: 0, blind: false };
    let mut world = World::new(1, none);
    world.put(0, Input::EstablishRequest);
    world.run_for(Duration::from_secs(1));
    world.faults.loss = 1;
    world.run_for(Duration::from_secs(10));
    world.faults.loss = 0;
    world.run_for(Duration::from_secs(30));
    assert!(world.ends.iter().all(|end| end.link.is_established()));
    assert_eq!((world.ends[0].resets, world.ends[1].resets), (0, 1));
}

#[test]
fn a_cut_that_lasts_releases_both_ends_and_ends_in_an_established_link_when_it_is_over() {
    let none = Faults { loss: 0, repeat: 0, damage: 0, blind: false };
    let mut world = World::new(1, none);
    world.put(0, Input::EstablishRequest);
    world.run_for(Duration::from_secs(1));
    world.faults.loss = 1;
    world.run_for(Duration::from_secs(40));
    assert!(world.ends.iter().all(|end| !end.link.is_established()));
    assert!(world.ends.iter().all(|end| end.link.counters().error(MdlError::I) == 1));
    world.faults.loss = 0;
    world.run_for(Duration::from_secs(10));
    assert!(world.ends.iter().all(|end| end.link.is_established()));
}
