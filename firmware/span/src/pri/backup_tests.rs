//! Two D channels in a group, with another such group at the far end.

use bearer::{Access, Calling, Indication, Request, Side};
use machine::Machine;
use machine::check::Random;
use q931::State as At;
use units::{Cause, Digits, Duration, Instant, LegId, LineId};

use super::Pri;
use super::check::with_backup;
use super::detail::Channel;
use crate::event::{Frame, Input, Output};
use bearer::DChannel::{self, Active, MaintenanceBusy, OutOfService, Standby};

const USER: usize = 0;
const NETWORK: usize = 1;
const ENDS: [usize; 2] = [USER, NETWORK];
const ONE: usize = 0;
const TWO: usize = 1;

/// What a D channel does to frames that an end sends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wire {
    Whole,
    Cut,
    /// Messages of layer 3 are lost, and taken for received.
    Dumb,
}

/// Both ends, joined; what they told.
struct Pair {
    ends: [Pri; 2],
    told: [Vec<Indication>; 2],
    states: [Vec<(u8, DChannel)>; 2],
    /// Of each D channel, for what each end sends.
    wires: [[Wire; 2]; 2],
    now: Instant,
    legs: u64,
}

fn ends() -> [Pri; 2] {
    [with_backup(q921::Role::User, 1), with_backup(q921::Role::Network, 2)]
}

impl Pair {
    fn idle() -> Self {
        let (told, states) = ([vec![], vec![]], [vec![], vec![]]);
        let wires = [[Wire::Whole; 2]; 2];
        Self { ends: ends(), told, states, wires, now: Instant::from_millis(1), legs: 100 }
    }

    fn new() -> Self {
        let mut pair = Self::idle();
        for d in [ONE, TWO] {
            pair.layer1(d, true);
        }
        pair.pass(Duration::from_secs(1));
        pair
    }

    fn layer1_at(&mut self, end: usize, d: usize, up: bool) {
        self.input(end, Input::Layer1 { of: u8::from(d == TWO), up });
    }

    fn layer1(&mut self, d: usize, up: bool) {
        for end in ENDS {
            self.layer1_at(end, d, up);
        }
    }

    /// The cable of a D channel is pulled, or there again.
    fn cable(&mut self, d: usize, there: bool) {
        self.wires[d] = [if there { Wire::Whole } else { Wire::Cut }; 2];
        self.layer1(d, there);
    }

    fn input(&mut self, end: usize, input: Input) {
        self.ends[end].handle(self.now, input);
        self.settle();
    }

    fn drain(&mut self, end: usize, frames: &mut Vec<(usize, usize, Frame)>) {
        while let Some(output) = self.ends[end].poll_output() {
            match output {
                Output::Transmit(frame) => frames.push((end, ONE, frame)),
                Output::TransmitBackup(frame) => frames.push((end, TWO, frame)),
                Output::Indication(indication) => self.told[end].push(indication),
                Output::DChannel { of, state } => self.states[end].push((of, state)),
                _ => {}
            }
        }
    }

    fn settle(&mut self) {
        for _ in 0..300 {
            let mut frames = vec![];
            for end in ENDS {
                self.drain(end, &mut frames);
            }
            if frames.is_empty() {
                return;
            }
            for (end, d, frame) in frames {
                let is_message = frame.get(2).is_some_and(|control| control & 1 == 0);
                let came = match self.wires[d][end] {
                    Wire::Whole => frame,
                    Wire::Cut => continue,
                    Wire::Dumb if is_message => mute(&frame),
                    Wire::Dumb => frame,
                };
                let input = if d == ONE { Input::Frame(came) } else { Input::FrameBackup(came) };
                self.ends[1 - end].handle(self.now, input);
            }
        }
        panic!("it never ends");
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..20_000 {
            let next = self.ends.iter().filter_map(Pri::poll_timeout).min();
            let Some(next) = next.filter(|next| *next <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(next);
            for end in ENDS {
                if self.ends[end].poll_timeout().is_some_and(|at| at <= self.now) {
                    self.ends[end].handle_timeout(self.now);
                }
            }
            self.settle();
        }
        panic!("timers run and run");
    }

    fn d_channels(&self, end: usize) -> [DChannel; 2] {
        [0, 1].map(|span| self.ends[end].d_channel(span).expect("a D channel"))
    }

    fn are(&self, wanted: [DChannel; 2]) {
        assert_eq!(ENDS.map(|end| self.d_channels(end)), [wanted; 2]);
    }

    /// An end calls; the leg at the other end, if the call comes there.
    fn calls(&mut self, end: usize) -> Option<LegId> {
        self.legs += 1;
        let (leg, line) = (LegId(self.legs), LineId(1));
        let called = Digits::parse("95588").expect("digits");
        let before = self.told[1 - end].len();
        let place = Request::Place { leg, line, calling: Calling::default(), called };
        self.input(end, Input::Request(place));
        self.told[1 - end][before..].iter().find_map(|told| match told {
            Indication::Offered { leg, .. } => Some(*leg),
            _ => None,
        })
    }

    /// An end calls, and the other one answers: its leg.
    fn talks(&mut self, end: usize) -> LegId {
        let leg = self.calls(end).expect("a call");
        self.input(1 - end, Input::Request(Request::Answer { leg }));
        leg
    }

    fn releases(&mut self, end: usize, leg: LegId) {
        let release = Request::Release { leg, cause: Cause::NORMAL_CLEARING };
        self.input(end, Input::Request(release));
    }

    fn causes(&self, end: usize) -> Vec<Cause> {
        let ended = self.told[end].iter().filter_map(|told| match told {
            Indication::Released { cause, .. } => Some(*cause),
            _ => None,
        });
        ended.collect()
    }

    /// Active calls of each end, by their channels.
    fn active(&self, end: usize) -> Vec<super::Place> {
        let all = self.ends[end].channels();
        all.filter(|(_, used)| matches!(used, Channel::Call(At::Active, _)))
            .map(|(place, _)| place)
            .collect()
    }

    /// Telephones ring for calls that came late.
    fn ring(&mut self) {
        for end in ENDS {
            let all = self.ends[end].channels();
            let new: Vec<_> = all
                .filter_map(|(_, used)| match used {
                    Channel::Call(At::CallPresent, leg) => leg,
                    _ => None,
                })
                .collect();
            for leg in new {
                self.input(end, Input::Request(Request::Alert { leg }));
            }
        }
    }

    fn agree_on(&self, calls: usize) {
        assert_eq!(self.active(USER), self.active(NETWORK));
        assert_eq!(self.active(USER).len(), calls);
    }
}

/// The frame with something that is no message of Q.931.
fn mute(frame: &Frame) -> Frame {
    Frame::from_iter(frame.iter().take(4).copied().chain([0x41, 0, 0]))
}

// Q.931 F.2.1
#[test]
fn one_is_used_and_two_stands_by_with_its_link_up() {
    let mut pair = Pair::new();
    pair.are([Active, Standby]);
    pair.talks(NETWORK);
    pair.talks(USER);
    pair.agree_on(2);
    assert_eq!(pair.ends[USER].usage().channels, 60);
    // T203 asks on both: nothing but that tells that two has died.
    pair.wires[TWO] = [Wire::Cut; 2];
    pair.pass(Duration::from_secs(30));
    pair.are([Active, OutOfService]);
    pair.wires[TWO] = [Wire::Whole; 2];
    pair.pass(Duration::from_secs(10));
    pair.are([Active, Standby]);
    pair.agree_on(2);
}

// Q.931 F.2.2
#[test]
fn a_cable_that_is_pulled_moves_the_signalling_to_the_other_one_and_calls_stay() {
    for (first, second) in [(ONE, TWO), (TWO, ONE)] {
        let mut pair = Pair::new();
        if first == TWO {
            pair.cable(ONE, false);
            pair.pass(Duration::from_secs(5));
            pair.cable(ONE, true);
            pair.pass(Duration::from_secs(5));
            pair.are([Standby, Active]);
        }
        let leg = pair.talks(NETWORK);
        let ringing = pair.calls(NETWORK);
        assert!(ringing.is_some());
        pair.cable(first, false);
        pair.pass(Duration::from_secs(1));
        let mut wanted = [OutOfService; 2];
        wanted[second] = Active;
        pair.are(wanted);
        pair.agree_on(1);
        assert_eq!(pair.causes(NETWORK), [Cause::TEMPORARY_FAILURE], "the one that rang");
        // At once, in both directions.
        pair.talks(USER);
        pair.talks(NETWORK);
        pair.agree_on(3);
        pair.releases(USER, leg);
        pair.agree_on(2);
        pair.cable(first, true);
        pair.pass(Duration::from_secs(5));
        wanted[first] = Standby;
        pair.are(wanted);
        // And back.
        pair.cable(second, false);
        pair.pass(Duration::from_secs(1));
        wanted[first] = Active;
        wanted[second] = OutOfService;
        pair.are(wanted);
    }
}

#[test]
fn the_backup_tells_that_the_calls_of_the_span_that_is_down_are_over() {
    let mut pair = Pair::new();
    let places: Vec<_> = (0..40)
        .map(|_| {
            pair.talks(NETWORK);
            pair.active(USER).len()
        })
        .collect();
    assert_eq!(places.last(), Some(&40));
    let on_one = pair.active(USER).iter().filter(|place| place.span() == 0).count();
    assert!((1..40).contains(&on_one), "{on_one}");
    pair.cable(ONE, false);
    pair.pass(Duration::from_secs(9));
    pair.agree_on(40);
    pair.pass(Duration::from_secs(2));
    pair.agree_on(40 - on_one);
    assert_eq!(pair.causes(USER), vec![Cause::DESTINATION_OUT_OF_ORDER; on_one]);
}

#[test]
fn a_d_channel_that_dies_in_one_direction_or_without_an_alarm_is_left_by_both_ends() {
    for dead in [[Wire::Cut, Wire::Whole], [Wire::Whole, Wire::Cut], [Wire::Cut; 2]] {
        let mut pair = Pair::new();
        pair.talks(NETWORK);
        pair.wires[ONE] = dead;
        pair.pass(Duration::from_secs(60));
        assert_eq!(ENDS.map(|end| pair.d_channels(end)[TWO]), [Active; 2]);
        pair.agree_on(1);
        pair.talks(USER);
        pair.agree_on(2);
        pair.wires[ONE] = [Wire::Whole; 2];
        pair.pass(Duration::from_secs(30));
        pair.are([Standby, Active]);
    }
}

#[test]
fn the_end_that_hears_of_the_failure_last_follows_at_once() {
    for (first, calls) in [(USER, 1), (NETWORK, 1), (USER, 0), (NETWORK, 0)] {
        let mut pair = Pair::new();
        for _ in 0..calls {
            pair.talks(NETWORK);
        }
        pair.layer1_at(first, ONE, false);
        pair.pass(Duration::from_secs(1));
        assert_eq!(pair.d_channels(first), [OutOfService, Active]);
        assert_eq!(pair.d_channels(1 - first), [Standby, Active]);
        pair.layer1_at(first, ONE, true);
        pair.pass(Duration::from_secs(5));
        pair.are([Standby, Active]);
        pair.agree_on(calls);
    }
}

// Q.931 F.2.2: maintenance busy.
#[test]
fn one_that_is_held_answers_an_invitation_with_dm_until_the_other_one_is_used() {
    let mut pair = Pair::new();
    pair.talks(NETWORK);
    pair.wires[TWO] = [Wire::Dumb; 2];
    pair.layer1_at(USER, ONE, false);
    pair.pass(Duration::from_secs(1));
    assert_eq!(pair.d_channels(USER), [MaintenanceBusy, Standby]);
    let sabme = Frame::from_iter([0x02, 0x01, 0x7F]);
    pair.ends[USER].handle(pair.now, Input::Frame(sabme));
    let mut frames = vec![];
    pair.drain(USER, &mut frames);
    let dm = Frame::from_iter([0x02, 0x01, 0x1F]);
    assert!(frames.contains(&(USER, ONE, dm)), "{frames:?}");
    pair.wires[TWO] = [Wire::Whole; 2];
}

// Q.931 F.2.2: T321.
#[test]
fn without_an_answer_in_t321_both_are_out_of_service_and_one_is_tried_first() {
    for (access, seconds) in [(Access::default(), 30), (short(), 7)] {
        let mut pair = Pair::new();
        pair.ends[USER].configure(pair.now, &access);
        pair.talks(NETWORK);
        pair.wires[TWO] = [Wire::Dumb; 2];
        pair.cable(ONE, false);
        pair.pass(Duration::from_secs(seconds));
        assert_eq!(pair.d_channels(USER), [MaintenanceBusy, Standby], "{seconds} s");
        assert_eq!(pair.calls(USER), None, "nothing is signalled meanwhile");
        pair.pass(Duration::from_millis(900));
        assert_eq!(pair.d_channels(USER)[ONE], OutOfService);
        assert_ne!(pair.d_channels(USER)[TWO], Active);
        pair.agree_on(1);
        // Both come at the same time.
        pair.cable(TWO, false);
        pair.pass(Duration::from_secs(3));
        pair.are([OutOfService; 2]);
        for d in [TWO, ONE] {
            pair.wires[d] = [Wire::Whole; 2];
        }
        pair.layer1(TWO, true);
        pair.layer1(ONE, true);
        pair.pass(Duration::from_secs(20));
        pair.agree_on(1);
        let used = ENDS.map(|end| pair.d_channels(end));
        assert_eq!(used[0], used[1]);
    }
}

fn short() -> Access {
    let mut access = Access::default();
    access.timers.push((321, 7000)).expect("room");
    access
}

#[test]
fn both_lost_and_back_mean_one() {
    let mut pair = Pair::new();
    pair.talks(NETWORK);
    for d in [ONE, TWO] {
        pair.cable(d, false);
    }
    pair.pass(Duration::from_secs(20));
    pair.are([OutOfService; 2]);
    pair.agree_on(1);
    for d in [ONE, TWO] {
        pair.cable(d, true);
    }
    pair.pass(Duration::from_secs(10));
    pair.are([Active, Standby]);
    pair.talks(USER);
    // Without any for as long as T309, calls are over; 10 s more and both ends are idle.
    for d in [ONE, TWO] {
        pair.cable(d, false);
    }
    pair.pass(Duration::from_secs(100));
    pair.agree_on(0);
}

#[test]
fn only_two_is_there_at_the_beginning_and_is_used() {
    for told in [true, false] {
        let mut pair = Pair::idle();
        if told {
            pair.cable(ONE, false);
        }
        pair.wires[ONE] = [Wire::Cut; 2];
        pair.layer1(TWO, true);
        pair.pass(Duration::from_secs(6));
        pair.are([OutOfService, Active]);
        pair.talks(USER);
        pair.cable(ONE, true);
        pair.pass(Duration::from_secs(6));
        pair.are([Standby, Active]);
        pair.agree_on(1);
    }
}

// Q.931 F.2.1
#[test]
fn on_the_one_that_stands_by_an_answer_is_ignored_and_a_message_is_followed() {
    let mut pair = Pair::new();
    pair.talks(NETWORK);
    let status = [8, 2, 0x80, 1, 0x7D, 8, 2, 0x80, 0x9E, 0x14, 1, 0];
    let say = |pair: &mut Pair, message: &[u8]| {
        let backup = pair.ends[NETWORK].backup.as_mut().expect("two");
        backup.link.data(pair.now, message).expect("it is up");
        let now = pair.now;
        pair.ends[NETWORK].drain_other(now);
        pair.settle();
    };
    say(&mut pair, &status);
    pair.are([Active, Standby]);
    assert_eq!(pair.ends[USER].usage().refused_frames, 1);
    // A far end that counts on the first that is up says so with its next call.
    let enquiry = [8, 2, 0x12, 0x34, 0x75];
    say(&mut pair, &enquiry);
    assert_eq!(pair.d_channels(USER), [Standby, Active]);
    pair.talks(USER);
    pair.are([Standby, Active]);
    pair.agree_on(2);
}

#[test]
fn a_message_on_two_makes_it_the_one_in_use_when_one_is_down() {
    let mut pair = Pair::new();
    pair.talks(NETWORK);
    // The user's end does not see that one has failed before the network speaks on two.
    pair.wires[ONE] = [Wire::Cut; 2];
    pair.layer1_at(NETWORK, ONE, false);
    pair.pass(Duration::from_millis(900));
    assert_eq!(pair.d_channels(NETWORK), [OutOfService, Active]);
    assert_eq!(pair.d_channels(USER), [Standby, Active]);
    pair.talks(USER);
    pair.agree_on(2);
    pair.pass(Duration::from_secs(30));
    pair.are([OutOfService, Active]);
}

// Q.931 5.8.8
#[test]
fn a_new_process_goes_on_with_the_one_that_was_in_use() {
    for on_two in [false, true] {
        let mut pair = Pair::new();
        pair.talks(NETWORK);
        if on_two {
            pair.cable(ONE, false);
            pair.pass(Duration::from_secs(2));
            pair.cable(ONE, true);
            pair.pass(Duration::from_secs(2));
        }
        let ringing = pair.calls(NETWORK).expect("a call");
        pair.input(USER, Input::Request(Request::Alert { leg: ringing }));
        let (mut room, mut parts) = (vec![0; limits::SNAPSHOT_OCTETS], vec![]);
        let keep = &mut |part: u32, octets: Option<&[u8]>| {
            parts.extend(octets.map(|octets| (part, octets.to_vec())));
        };
        pair.ends[USER].changed(&mut room, keep).expect("room");
        let [mut new, _] = ends();
        let parts = parts.iter().map(|(part, octets)| (*part, octets.as_slice()));
        new.go_on(pair.now, parts).expect("it can be read");
        pair.ends[USER] = new;
        // The other one comes first.
        let (used, other) = if on_two { (TWO, ONE) } else { (ONE, TWO) };
        pair.layer1_at(USER, other, true);
        pair.pass(Duration::from_millis(500));
        pair.layer1_at(USER, used, true);
        pair.pass(Duration::from_secs(20));
        pair.are(if on_two { [Standby, Active] } else { [Active, Standby] });
        pair.agree_on(1);
        pair.input(USER, Input::Request(Request::Answer { leg: ringing }));
        pair.agree_on(2);
    }
}

#[test]
fn another_side_of_the_interface_sets_both_up_anew() {
    let mut pair = Pair::new();
    pair.cable(ONE, false);
    pair.pass(Duration::from_secs(2));
    pair.cable(ONE, true);
    pair.pass(Duration::from_secs(2));
    for (end, side) in [(USER, Side::Network), (NETWORK, Side::User)] {
        pair.ends[end].configure(pair.now, &Access { side, ..Access::default() });
    }
    pair.settle();
    pair.pass(Duration::from_secs(20));
    assert_eq!(pair.d_channels(USER), pair.d_channels(NETWORK));
    pair.talks(USER);
    pair.agree_on(1);
}

#[test]
fn whatever_is_cut_and_healed_both_ends_agree_on_one_active_d_channel_and_on_calls() {
    for seed in 0..500 {
        let mut random = Random::new(seed);
        let mut pair = Pair::new();
        for _ in 0..12 {
            for _ in 0..random.below(3) {
                let end = ENDS[usize::from(random.one_in(2))];
                if let Some(leg) = pair.calls(end) {
                    let rings = random.one_in(4);
                    let said = if rings { Request::Alert { leg } } else { Request::Answer { leg } };
                    pair.input(1 - end, Input::Request(said));
                }
            }
            let d = usize::from(random.one_in(2));
            let wire = *random.pick(&[Wire::Whole, Wire::Cut, Wire::Cut]);
            match random.below(4) {
                0 => pair.cable(d, random.one_in(2)),
                1 => pair.wires[d][usize::from(random.one_in(2))] = wire,
                2 => pair.wires[d] = [wire; 2],
                _ => {
                    let (end, up) = (usize::from(random.one_in(2)), random.one_in(2));
                    pair.layer1_at(end, d, up);
                }
            }
            pair.pass(Duration::from_millis(random.below(20_000)));
            pair.ring();
        }
        pair.cable(ONE, true);
        pair.cable(TWO, true);
        for _ in 0..5 {
            pair.ring();
            pair.pass(Duration::from_secs(30));
        }
        let states = ENDS.map(|end| pair.d_channels(end));
        assert_eq!(states[USER], states[NETWORK], "seed {seed}");
        assert!([[Active, Standby], [Standby, Active]].contains(&states[USER]), "seed {seed}");
        assert_eq!(pair.active(USER), pair.active(NETWORK), "seed {seed}");
        // And both can call.
        let busy = pair.active(USER).len();
        for end in ENDS {
            let leg = pair.calls(end);
            let leg = leg.unwrap_or_else(|| panic!("seed {seed}: {:?}", pair.told[end].last()));
            pair.input(1 - end, Input::Request(Request::Answer { leg }));
        }
        pair.agree_on(busy + 2);
    }
}
