//! Two groups against each other, frame by frame.

use std::collections::VecDeque;

use bearer::{Access, Calling, Dialling, Indication, Request, Side};
use machine::Machine;
use machine::check::Visits;
use units::{Cause, Digits, Duration, Instant, LegId, LineId, Party};

use q931::InterfaceInput;

use super::check::{group, visit};
use super::{CALL_OCTETS, Pri, State};
use crate::event::{Input, Output};

/// A user and a network, a wire between them, and what each tells its calls.
pub(super) struct Pair {
    pub(super) now: Instant,
    pub(super) ends: [Pri; 2],
    told: [Vec<Indication>; 2],
    /// What each was told beside.
    pub(super) said: [Vec<(LegId, Vec<u8>)>; 2],
    /// Every frame that each has sent.
    pub(super) sent: [Vec<Vec<u8>>; 2],
    cut: bool,
    /// The network does not understand facilities, so that a test answers them in its place.
    pub(super) deaf: bool,
}

pub(super) const USER: usize = 0;
pub(super) const NETWORK: usize = 1;

impl Pair {
    pub(super) fn new() -> Self {
        let ends = [group(q921::Role::User, 1), group(q921::Role::Network, 2)];
        let mut pair = Self {
            now: Instant::ZERO,
            ends,
            told: Default::default(),
            said: Default::default(),
            sent: Default::default(),
            cut: false,
            deaf: false,
        };
        pair.input(USER, Input::Layer1 { of: 0, up: true });
        pair.input(NETWORK, Input::Layer1 { of: 0, up: true });
        pair
    }

    pub(super) fn input(&mut self, end: usize, input: Input) {
        self.ends[end].handle(self.now, input);
        self.exchange();
    }

    /// Carries frames until none is on its way; who sends is drained after every input.
    pub(super) fn exchange(&mut self) {
        let mut under_way = VecDeque::new();
        for _ in 0..10_000 {
            for end in [USER, NETWORK] {
                while let Some(output) = self.ends[end].poll_output() {
                    match output {
                        Output::Transmit(frame) if !self.cut => {
                            self.sent[end].push(frame.to_vec());
                            let mut frame = frame;
                            if self.deaf && end == USER && frame.get(8) == Some(&0x62) {
                                // User-user, which nobody acts on.
                                frame[9] = 0x7E;
                            }
                            under_way.push_back((1 - end, frame));
                        }
                        Output::Indication(indication) => self.told[end].push(indication),
                        Output::Said { leg, elements } => {
                            self.said[end].push((leg, elements.to_vec()));
                        }
                        _ => {}
                    }
                }
            }
            let Some((end, frame)) = under_way.pop_front() else { return };
            self.ends[end].handle(self.now, Input::Frame(frame));
        }
        panic!("the two keep each other busy for ever");
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        for _ in 0..10_000 {
            let next = self.ends.iter().filter_map(Machine::poll_timeout).min();
            let Some(at) = next.filter(|at| *at <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(at);
            for end in &mut self.ends {
                end.handle_timeout(self.now);
            }
            self.exchange();
        }
        panic!("timers without end");
    }

    pub(super) fn place(&mut self, end: usize, leg: LegId) {
        let calling = Calling { number: digits("01088886666"), ..Calling::default() };
        let called = digits("95588");
        self.input(end, Input::Request(Request::Place { leg, line: LineId(1), calling, called }));
    }

    pub(super) fn told(&mut self, end: usize) -> Vec<Indication> {
        std::mem::take(&mut self.told[end])
    }

    /// A call from one end to the other, answered; the legs of both.
    pub(super) fn talk(&mut self, from: usize) -> (LegId, LegId) {
        let near = LegId(900);
        self.place(from, near);
        let told = self.told(1 - from);
        let [Indication::Offered { leg: far, .. }] = told[..] else { panic!("{told:?}") };
        for request in [
            Request::Proceed { leg: far },
            Request::Alert { leg: far },
            Request::Answer { leg: far },
        ] {
            self.input(1 - from, Input::Request(request));
        }
        let told = self.told(from);
        assert!(told.contains(&Indication::Answered { leg: near }), "{told:?}");
        (near, far)
    }

    pub(super) fn release(&mut self, end: usize, leg: LegId) {
        let cause = Cause::NORMAL_CLEARING;
        self.input(end, Input::Request(Request::Release { leg, cause }));
    }

    pub(super) fn idle(&self) -> bool {
        self.ends.iter().all(|end| {
            let usage = end.usage();
            end.calls() == 0 && usage.busy == 0 && usage.blocked == 0
        })
    }
}

pub(super) fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

#[test]
fn a_call_is_offered_with_both_numbers_and_the_same_channel_at_both_ends() {
    let mut pair = Pair::new();
    pair.place(NETWORK, LegId(7));
    let told = pair.told(USER);
    let [Indication::Offered { ref calling, ref called, port, dialling, .. }] = told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(calling.number, digits("01088886666"));
    assert_eq!(*called, digits("95588"));
    assert_eq!(dialling, Dialling::Complete);
    let near = pair.told(NETWORK);
    assert_eq!(near[0], Indication::Channel { leg: LegId(7), port });
}

#[test]
fn calls_go_through_in_both_directions_and_clear_from_either_side() {
    for from in [USER, NETWORK] {
        for clears in [USER, NETWORK] {
            let mut pair = Pair::new();
            let (near, far) = pair.talk(from);
            let legs = if from == USER { [near, far] } else { [far, near] };
            pair.release(clears, legs[clears]);
            let heard = pair.told(1 - clears);
            let cause = Cause::NORMAL_CLEARING;
            let by = Party::Called;
            assert_eq!(heard, [Indication::Released { leg: legs[1 - clears], cause, by }]);
            let by = Party::Box;
            let own = Indication::Released { leg: legs[clears], cause, by };
            assert!(pair.told(clears).contains(&own));
            assert!(pair.idle(), "from {from}, {clears} clears");
        }
    }
}

#[test]
fn thirty_calls_fill_the_group_and_the_next_is_refused() {
    let mut pair = Pair::new();
    for n in 0..30 {
        pair.place(if n % 2 == 0 { USER } else { NETWORK }, LegId(n));
    }
    assert_eq!(pair.ends[USER].usage().busy, 30);
    pair.told(USER);
    pair.place(USER, LegId(99));
    let (cause, by) = (Cause::NO_CHANNEL_AVAILABLE, Party::Network);
    assert_eq!(pair.told(USER), [Indication::Released { leg: LegId(99), cause, by }]);
}

#[test]
fn both_seize_the_last_channel_at_once_and_one_call_gets_it() {
    let mut pair = Pair::new();
    for n in 0..29 {
        pair.place(NETWORK, LegId(n));
    }
    pair.told(USER);
    // Both SETUPs cross on the wire.
    pair.cut = true;
    pair.place(USER, LegId(200));
    pair.place(NETWORK, LegId(201));
    pair.cut = false;
    pair.pass(30);
    for end in [USER, NETWORK] {
        assert!(pair.ends[end].usage().busy <= 30);
    }
    for n in 0..29 {
        pair.release(NETWORK, LegId(n));
    }
    for (end, leg) in [(USER, 200), (NETWORK, 201)] {
        pair.release(end, LegId(leg));
    }
    pair.pass(60);
    let offered: Vec<_> = pair
        .told(NETWORK)
        .into_iter()
        .chain(pair.told(USER))
        .filter_map(|told| matches!(told, Indication::Offered { .. }).then(|| told.leg()))
        .collect();
    for leg in offered {
        pair.release(USER, leg);
        pair.release(NETWORK, leg);
    }
    pair.pass(60);
    assert!(pair.idle());
}

#[test]
fn an_active_call_survives_a_cut_of_twenty_seconds_and_a_longer_one_ends_it_at_both_ends() {
    let mut pair = Pair::new();
    pair.talk(NETWORK);
    pair.cut = true;
    pair.pass(20);
    pair.cut = false;
    pair.pass(20);
    assert_eq!(pair.ends[USER].usage().busy, 1);
    assert!(pair.told(USER).is_empty());
    pair.cut = true;
    pair.pass(200);
    pair.cut = false;
    pair.pass(60);
    assert!(pair.idle());
}

#[test]
fn a_call_whose_release_nobody_answers_has_its_channel_restarted_and_back_in_service() {
    let mut pair = Pair::new();
    let (_, far) = pair.talk(NETWORK);
    pair.cut = true;
    pair.release(USER, far);
    // T305, T308 twice: the data link has not been given up yet by then or comes back.
    pair.pass(45);
    pair.cut = false;
    pair.pass(400);
    assert!(pair.idle(), "{:?} {:?}", pair.ends[0].usage(), pair.ends[1].usage());
}

#[test]
fn a_call_that_the_far_side_gave_up_is_found_out_after_a_reset_of_the_link() {
    let mut pair = Pair::new();
    let (near, far) = pair.talk(NETWORK);
    pair.told(USER);
    let (key, _) = pair.ends[NETWORK].key_of(near).expect("the call");
    let slot = pair.ends[NETWORK].calls.get(key).and_then(|entry| entry.place).expect("its slot");
    pair.ends[NETWORK].calls.remove(key);
    pair.ends[NETWORK].channels.free(slot, key);
    let now = pair.now;
    pair.ends[USER].link_is_up(now);
    pair.exchange();
    let told = pair.told(USER);
    assert!(matches!(told[..], [Indication::Released { leg, .. }] if leg == far), "{told:?}");
    assert!(pair.idle());
}

#[test]
fn a_call_that_ends_while_the_link_is_down_ends_at_the_far_side_when_the_link_is_back() {
    for ends in [USER, NETWORK] {
        let mut pair = Pair::new();
        let (near, far) = pair.talk(NETWORK);
        pair.told(1 - ends);
        let now = pair.now;
        pair.cut = true;
        pair.ends[ends].link_is_down(now);
        pair.exchange();
        pair.release(ends, if ends == USER { far } else { near });
        pair.cut = false;
        pair.pass(5);
        let told = pair.told(1 - ends);
        assert!(matches!(told[..], [Indication::Released { .. }]), "{told:?}");
        assert!(pair.idle());
    }
}

#[test]
fn two_starts_of_the_box_do_not_use_the_same_call_references_one_after_the_other() {
    let values = |boot| {
        let first = super::first_value(boot);
        first..first + u16::try_from(limits::CALLS_PER_SPAN).expect("small")
    };
    for boot in 1..1000 {
        let (a, b) = (values(boot), values(boot + 1));
        assert!(a.end <= b.start || b.end <= a.start, "boot {boot}");
    }
}

#[test]
fn a_restart_that_fails_is_tried_again_until_the_channel_is_back_in_service() {
    let mut pair = Pair::new();
    let (_, far) = pair.talk(NETWORK);
    let now = pair.now;
    let user = &mut pair.ends[USER];
    let (key, _) = user.key_of(far).expect("the call");
    let slot = user.calls.get(key).and_then(|entry| entry.place).expect("its slot");
    assert!(user.channels.suspect(slot, key));
    user.restart_suspects(now);
    // The RESTART is lost on its way and then given up.
    while user.poll_output().is_some() {}
    user.interface(now, InterfaceInput::LinkDown);
    assert_eq!(user.usage().blocked, 1);
    pair.pass(50);
    assert_eq!(pair.ends[USER].usage().blocked, 1);
    pair.pass(20);
    assert_eq!(pair.ends[USER].usage().blocked, 0);
}

#[test]
fn garbage_on_the_d_channel_is_counted_and_calls_go_on() {
    let mut pair = Pair::new();
    let (near, _) = pair.talk(NETWORK);
    let mut random = machine::check::Random::new(5);
    for _ in 0..2000 {
        let octets: Vec<u8> = (0..random.below(264)).map(|_| random.octet()).collect();
        let frame = super::frame(&octets).expect("short enough");
        pair.ends[USER].handle(pair.now, Input::Frame(frame));
        while pair.ends[USER].poll_output().is_some() {}
    }
    pair.pass(60);
    pair.release(NETWORK, near);
    pair.pass(60);
    assert!(pair.idle());
}

#[test]
fn restored_after_any_event_a_group_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..60 {
        visits.join(&visit(seed, 400).unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Pri>("pri group");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}

#[test]
fn only_what_changed_is_told_and_all_of_it_to_one_who_asks_late() {
    let told = |pri: &mut Pri| {
        let mut parts = vec![];
        let mut room = vec![0; limits::SNAPSHOT_OCTETS];
        let keep = &mut |part: u32, octets: Option<&[u8]>| parts.push((part, octets.is_some()));
        pri.changed(&mut room, keep).expect("room enough");
        parts
    };
    let mut pair = Pair::new();
    pair.place(NETWORK, LegId(77));
    let first = told(&mut pair.ends[USER]);
    assert_eq!(first.len(), 2, "a call and the group: {first:?}");
    assert!(first.contains(&(0, true)));
    assert_eq!(told(&mut pair.ends[USER]), [], "nothing has changed");
    let leg = pair.ends[USER].legs().next().expect("the call");
    pair.input(USER, Input::Request(Request::Alert { leg }));
    let call = first[0].0;
    assert_eq!(told(&mut pair.ends[USER]), [(call, true)], "the group is as it was");
    let cause = Cause::NORMAL_CLEARING;
    pair.input(USER, Input::Request(Request::Release { leg, cause }));
    assert_eq!(told(&mut pair.ends[USER]), [(call, false)], "the call is gone");
}

// Q.931 table 9-1: T310 of the network is 10 s, of the user 30 s.
#[test]
fn a_call_that_goes_on_has_the_timers_of_its_role() {
    let mut pair = Pair::new();
    pair.place(NETWORK, LegId(77));
    let leg = pair.ends[USER].legs().next().expect("the call");
    pair.input(USER, Input::Request(Request::Proceed { leg }));
    let mut room = vec![0; limits::SNAPSHOT_OCTETS];
    let mut parts = vec![];
    let keep = &mut |part: u32, octets: Option<&[u8]>| {
        parts.push((part, octets.expect("there").to_vec()));
    };
    pair.ends[NETWORK].changed(&mut room, keep).expect("room enough");
    let now = pair.now + Duration::from_secs(5);
    let mut fresh = group(q921::Role::Network, 3);
    let parts = parts.iter().map(|(part, octets)| (*part, octets.as_slice()));
    fresh.go_on(now, parts).expect("what was kept can be read");
    let (_, entry) = fresh.calls.of_leg(LegId(77)).expect("it goes on");
    assert_eq!(entry.call.poll_timeout(), Some(now + Duration::from_secs(10)));
}

#[test]
fn a_timer_that_is_set_holds_for_calls_that_are_up() {
    let mut pair = Pair::new();
    pair.talk(NETWORK);
    let mut access = Access::default();
    access.timers.push((309, 6000)).expect("room");
    pair.ends[USER].configure(pair.now, &access);
    // The data link is lost after T203, four times T200, and as long again for SABME.
    pair.cut = true;
    pair.pass(23);
    assert_eq!(pair.ends[USER].usage().busy, 1);
    pair.pass(3);
    assert_eq!([USER, NETWORK].map(|end| pair.ends[end].usage().busy), [0, 1], "T309 is 90 there");
    access.timers.clear();
    pair.ends[USER].configure(pair.now, &access);
    assert_eq!(pair.ends[USER].config.timers, q931::TimerValues::new(q931::Role::User));
}

#[test]
fn sides_that_change_at_both_ends_carry_calls_again() {
    let mut pair = Pair::new();
    let (_, far) = pair.talk(NETWORK);
    for (end, side) in [(USER, Side::Network), (NETWORK, Side::User)] {
        pair.ends[end].configure(pair.now, &Access { side, ..Access::default() });
        pair.exchange();
    }
    let ended = |told: &Indication| matches!(told, Indication::Released { leg, .. } if *leg == far);
    assert!(pair.told(USER).iter().any(ended));
    pair.pass(60);
    assert!(pair.idle());
    pair.told(NETWORK);
    for end in [USER, NETWORK] {
        pair.talk(end);
        pair.told(end);
    }
}

#[test]
fn a_line_that_is_gone_is_noticed_within_a_second_and_its_link_is_back_at_once() {
    let mut pair = Pair::new();
    pair.talk(NETWORK);
    let link = |pair: &Pair| pair.ends[USER].state;
    let layer1 = |pair: &mut Pair, up: bool| {
        pair.cut = !up;
        pair.input(USER, Input::Layer1 { of: 0, up });
    };
    // A short loss passes unseen.
    layer1(&mut pair, false);
    pair.ends[USER].handle_timeout(pair.now + Duration::from_millis(700));
    layer1(&mut pair, true);
    pair.pass(2);
    assert_eq!((link(&pair), pair.ends[USER].usage().busy), (State::Up, 1));
    layer1(&mut pair, false);
    pair.pass(1);
    assert!(matches!(link(&pair), State::Waiting { .. }), "{:?}", link(&pair));
    pair.pass(5);
    layer1(&mut pair, true);
    assert_eq!((link(&pair), pair.ends[USER].usage().busy), (State::Up, 1), "T309 keeps the call");
}

#[test]
fn a_span_that_says_much_at_once_loses_nothing_of_it() {
    let mut pair = Pair::new();
    pair.cut = true;
    let legs: Vec<_> = (1..=30).map(LegId).collect();
    for leg in &legs {
        pair.place(NETWORK, *leg);
    }
    pair.cut = false;
    pair.pass(5);
    let offered: Vec<_> = pair.told(USER).iter().map(Indication::leg).collect();
    assert_eq!(offered.len(), 30);
    // Three answers to each call, before any of them is acknowledged.
    pair.cut = true;
    for leg in offered {
        for request in [Request::Proceed { leg }, Request::Alert { leg }, Request::Answer { leg }] {
            pair.input(USER, Input::Request(request));
        }
    }
    pair.cut = false;
    pair.pass(5);
    let told = pair.told(NETWORK);
    let answered = told.iter().filter(|told| matches!(told, Indication::Answered { .. }));
    assert_eq!(answered.count(), 30, "{told:?}");
}

#[test]
fn digits_go_out_one_by_one_as_the_far_side_asks_for_them() {
    let mut pair = Pair::new();
    let access = Access { overlap: true, ..Access::default() };
    pair.ends[NETWORK].configure(pair.now, &Access { side: Side::Network, ..access });
    let near = LegId(900);
    // The second comes before the far side has asked.
    pair.place(NETWORK, near);
    let told = pair.told(USER);
    let [Indication::Offered { leg, ref called, dialling: Dialling::Overlap, .. }] = told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(*called, digits("95588"));
    let more = |text, complete| {
        Input::Request(Request::Digits { leg: near, digits: digits(text), complete })
    };
    pair.input(NETWORK, more("1", false));
    assert_eq!(pair.told(USER), []);
    pair.input(USER, Input::Request(Request::MoreDigits { leg }));
    pair.input(NETWORK, more("2", true));
    let one = |text, complete| Indication::Digits { leg, digits: digits(text), complete };
    assert_eq!(pair.told(USER), [one("1", false), one("2", true)]);
    for request in [Request::Proceed { leg }, Request::Answer { leg }] {
        pair.input(USER, Input::Request(request));
    }
    assert!(pair.told(NETWORK).contains(&Indication::Answered { leg: near }));
}

#[test]
fn what_one_call_says_is_never_taken_for_what_another_does() {
    let mut pair = Pair::new();
    let legs = [LegId(900), LegId(901)];
    for leg in legs {
        pair.place(USER, leg);
    }
    pair.told(USER);
    let user = &mut pair.ends[USER];
    let [one, other] = legs.map(|leg| user.key_of(leg).expect("a call").0);
    let restarted = q931::Input::RestartChannel;
    // While the first still has something to say, something happens to the second.
    user.turn(pair.now, one).expect("its turn").take(pair.now, &restarted);
    user.call(pair.now, other, &restarted);
    pair.exchange();
    let released = |leg| {
        let (cause, by) = (Cause::TEMPORARY_FAILURE, Party::Network);
        Indication::Released { leg, cause, by }
    };
    assert_eq!(pair.told(USER), legs.map(released));
    assert_eq!(pair.ends[USER].calls(), 0);
}

#[test]
fn a_call_takes_at_most_one_kibioctet() {
    // Nothing of it is anywhere else: see `Entry`.
    const { assert!(CALL_OCTETS <= 1024) };
}
