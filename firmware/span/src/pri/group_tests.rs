//! Several spans under one D channel.

use bearer::{Calling, Indication, Request};
use machine::Machine;
use q931::InterfaceInput;
use q931::wire::{ChannelId, RestartClass, Select};
use units::{
    BoxId, Cause, Digits, Duration, Instant, LegId, LineId, Mint, Party, PortId, Timeslot,
};

use super::Pri;
use super::group::CUT;
use super::place::Place;
use crate::event::{Frame, Input, Output};

const USER: usize = 0;
const NETWORK: usize = 1;

fn place(span: u8, slot: u8) -> Place {
    Place::new(span, Timeslot::new(slot).expect("a slot")).expect("a span")
}

/// Two spans: 30 channels and 31.
fn group(role: q921::Role, lane: u16) -> Pri {
    let of_span = |span| {
        let slots = Timeslot::all().filter(move |slot| span > 0 || *slot != Timeslot::D);
        slots.map(move |slot| Place::new(span, slot).expect("a span"))
    };
    let channels = of_span(0).chain(of_span(1)).zip((0..).map(PortId));
    Pri::new(LineId(1), role, Mint::new(BoxId(1), 1, lane), channels).with_spans(&[0, 5])
}

/// Both ends, joined; what they told.
struct Pair {
    ends: [Pri; 2],
    told: [Vec<Indication>; 2],
    now: Instant,
}

impl Pair {
    fn new() -> Self {
        let ends = [group(q921::Role::User, 1), group(q921::Role::Network, 2)];
        let mut pair = Self { ends, told: [vec![], vec![]], now: Instant::from_millis(1) };
        for end in [USER, NETWORK] {
            pair.input(end, Input::Layer1 { of: 0, up: true });
        }
        pair
    }

    fn input(&mut self, end: usize, input: Input) {
        self.ends[end].handle(self.now, input);
        self.settle();
    }

    fn settle(&mut self) {
        for _ in 0..200 {
            let mut frames: Vec<(usize, Frame)> = vec![];
            for end in [USER, NETWORK] {
                while let Some(output) = self.ends[end].poll_output() {
                    match output {
                        Output::Transmit(frame) => frames.push((1 - end, frame)),
                        Output::Indication(indication) => self.told[end].push(indication),
                        _ => {}
                    }
                }
            }
            if frames.is_empty() {
                return;
            }
            for (end, frame) in frames {
                self.ends[end].handle(self.now, Input::Frame(frame));
            }
        }
        panic!("it never ends");
    }

    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..1000 {
            let next = self.ends.iter().filter_map(Pri::poll_timeout).min();
            let Some(next) = next.filter(|next| *next <= until) else { break };
            self.now = self.now.max(next);
            for end in [USER, NETWORK] {
                if self.ends[end].poll_timeout().is_some_and(|at| at <= self.now) {
                    self.ends[end].handle_timeout(self.now);
                }
            }
            self.settle();
        }
        self.now = until;
    }

    /// The network takes no channel of another span, or takes them again.
    fn close_all_but(&mut self, span: u8, on: bool) {
        let all: Vec<_> = self.ends[NETWORK].channels().map(|(place, _)| place).collect();
        for place in all.into_iter().filter(|place| place.span() != span) {
            assert!(self.ends[NETWORK].block(place, on));
        }
    }

    /// A call of the network's that is talked on, on a span; its leg at the user's end.
    fn talks(&mut self, leg: u64, span: u8) -> LegId {
        let leg = LegId(leg);
        self.close_all_but(span, true);
        let (calling, called) = (Calling::default(), Digits::parse("95588").expect("digits"));
        let line = LineId(1);
        self.input(NETWORK, Input::Request(Request::Place { leg, line, calling, called }));
        self.close_all_but(span, false);
        let offered = self.told[USER].iter().rev().find_map(|told| match told {
            Indication::Offered { leg, .. } => Some(*leg),
            _ => None,
        });
        let leg = offered.expect("a call");
        self.input(USER, Input::Request(Request::Answer { leg }));
        leg
    }

    fn ended(&self, end: usize) -> Vec<(LegId, Cause)> {
        let ended = self.told[end].iter().filter_map(|told| match told {
            Indication::Released { leg, cause, .. } => Some((*leg, *cause)),
            _ => None,
        });
        ended.collect()
    }

    fn busy(&self, end: usize) -> [u8; 2] {
        [0, 1].map(|span| self.ends[end].usage_of(span).busy)
    }
}

// Q.931 4.5.13
#[test]
fn both_ends_mean_the_same_channel_of_the_same_span() {
    let mut pair = Pair::new();
    pair.talks(100, 0);
    pair.talks(101, 1);
    pair.talks(102, 1);
    let carried = |end: &Pri| {
        let all = end.channels();
        all.filter(|(_, used)| matches!(used, super::detail::Channel::Call(..)))
            .map(|(place, _)| place)
            .collect::<Vec<_>>()
    };
    assert_eq!(carried(&pair.ends[USER]), carried(&pair.ends[NETWORK]));
    assert_eq!([pair.busy(USER), pair.busy(NETWORK)], [[1, 2]; 2]);
    assert_eq!(pair.ends[USER].usage().channels, 61);
}

#[test]
fn an_interface_that_nobody_has_names_no_channel() {
    let group = group(q921::Role::User, 1);
    let id = |interface| ChannelId { interface, ..ChannelId::exclusive(Timeslot::D) };
    assert_eq!(group.place(&id(Some(5))), Some(place(1, 16)));
    assert_eq!(group.place(&id(Some(1))), None, "1 is no identifier of this group");
    assert_eq!(group.place(&id(None)), Some(place(0, 16)), "that of the D channel");
    assert_eq!(group.channel_id(place(1, 16)).interface, Some(5));
    let alone = super::check::group(q921::Role::User, 1);
    assert_eq!(alone.channel_id(place(0, 1)).interface, None);
    assert_eq!(alone.place(&id(Some(9))), Some(place(0, 16)), "a span alone is meant by any");
}

// Q.931 5.5
#[test]
fn a_restart_of_one_interface_ends_the_calls_of_its_span_only() {
    let mut pair = Pair::new();
    pair.talks(100, 0);
    let two = pair.talks(101, 1);
    let channel = ChannelId { select: Select::None, exclusive: true, interface: Some(5) };
    let (class, channel) = (RestartClass::SingleInterface, Some(channel));
    pair.ends[NETWORK].interface(pair.now, InterfaceInput::Restart { class, channel });
    pair.settle();
    assert_eq!(pair.ended(USER).iter().map(|(leg, _)| *leg).collect::<Vec<_>>(), [two]);
    assert_eq!(pair.busy(USER), [1, 0]);
    // Without a name it is that of the D channel; of all, all.
    for (class, left) in
        [(RestartClass::SingleInterface, [0, 1]), (RestartClass::AllInterfaces, [0, 0])]
    {
        let mut pair = Pair::new();
        pair.talks(100, 0);
        pair.talks(101, 1);
        let restart = InterfaceInput::Restart { class, channel: None };
        pair.ends[NETWORK].interface(pair.now, restart);
        pair.settle();
        assert_eq!(pair.busy(USER), left, "{class:?}");
    }
}

#[test]
fn a_span_that_stays_down_loses_its_calls_and_a_short_cut_takes_none() {
    let mut pair = Pair::new();
    pair.talks(100, 0);
    let two = pair.talks(101, 1);
    pair.input(USER, Input::Layer1 { of: 1, up: false });
    pair.pass(Duration::from_secs(5));
    pair.input(USER, Input::Layer1 { of: 1, up: true });
    pair.pass(Duration::from_secs(30));
    assert_eq!(pair.busy(USER), [1, 1]);
    pair.input(USER, Input::Layer1 { of: 1, up: false });
    pair.pass(CUT - Duration::from_millis(1));
    assert_eq!(pair.busy(USER), [1, 1]);
    pair.pass(Duration::from_millis(2));
    assert_eq!(pair.ended(USER), [(two, Cause::DESTINATION_OUT_OF_ORDER)]);
    let by_line =
        |told: &Indication| matches!(told, Indication::Released { by: Party::Network, .. });
    assert!(pair.told[USER].iter().any(by_line), "nobody asked for it: {:?}", pair.told[USER]);
    assert_eq!([pair.busy(USER), pair.busy(NETWORK)], [[1, 0]; 2], "both ends know");
    // The far end does not see it, and calls there.
    pair.talks_refused();
    pair.input(USER, Input::Layer1 { of: 1, up: true });
    pair.talks(103, 1);
    assert_eq!(pair.busy(USER), [1, 1]);
}

impl Pair {
    /// A call on span 1 is refused.
    fn talks_refused(&mut self) {
        self.close_all_but(1, true);
        let (leg, line) = (LegId(102), LineId(1));
        let called = Digits::parse("95588").expect("digits");
        let place = Request::Place { leg, line, calling: Calling::default(), called };
        self.input(NETWORK, Input::Request(place));
        self.close_all_but(1, false);
        let refused = (leg, Cause::REQUESTED_CHANNEL_NOT_AVAILABLE);
        assert_eq!(self.ended(NETWORK).last(), Some(&refused));
    }
}

// Q.931 5.8.9
#[test]
fn without_the_data_link_a_span_that_is_down_waits_until_it_can_be_told() {
    let mut pair = Pair::new();
    pair.talks(100, 1);
    // Both spans go; the link fails after its patience.
    for of in [0, 1] {
        pair.input(USER, Input::Layer1 { of, up: false });
        pair.input(NETWORK, Input::Layer1 { of, up: false });
    }
    pair.pass(Duration::from_secs(15));
    assert_eq!(pair.busy(USER), [0, 1], "T309 has not ended");
    for end in [USER, NETWORK] {
        pair.input(end, Input::Layer1 { of: 0, up: true });
    }
    pair.pass(Duration::from_secs(5));
    assert_eq!([pair.busy(USER), pair.busy(NETWORK)], [[0, 0]; 2], "span 1 is still down");
}

// Q.931 5.8.8
#[test]
fn a_group_that_goes_on_in_a_new_process_has_its_calls_on_the_same_spans() {
    let mut pair = Pair::new();
    let legs = [pair.talks(100, 0), pair.talks(101, 1)];
    let (mut room, mut parts) = (vec![0; limits::SNAPSHOT_OCTETS], vec![]);
    let keep = &mut |part: u32, octets: Option<&[u8]>| {
        parts.extend(octets.map(|octets| (part, octets.to_vec())));
    };
    pair.ends[USER].changed(&mut room, keep).expect("room");
    let before: Vec<_> = pair.ends[USER].channels().collect();
    let mut new = group(q921::Role::User, 1);
    let parts = parts.iter().map(|(part, octets)| (*part, octets.as_slice()));
    new.go_on(pair.now, parts).expect("it can be read");
    assert_eq!(new.channels().collect::<Vec<_>>(), before);
    pair.ends[USER] = new;
    pair.input(USER, Input::Layer1 { of: 0, up: true });
    pair.pass(Duration::from_secs(20));
    assert_eq!([pair.busy(USER), pair.busy(NETWORK)], [[1, 1]; 2], "a reset of the link");
    // And they end where they are.
    let release = Request::Release { leg: legs[1], cause: Cause::NORMAL_CLEARING };
    pair.input(USER, Input::Request(release));
    assert_eq!([pair.busy(USER), pair.busy(NETWORK)], [[1, 0]; 2]);
}
