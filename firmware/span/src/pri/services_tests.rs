//! A user's group with an exchange that tells charges, answers what it is asked, and names people.

use bearer::{Access, Indication, Request, Service as Wish, Switch};
use machine::Machine;
use rose::{Advice, Component, Name, Profile, Service, Shown};
use units::{Cause, Charge, Instant, LegId};

use super::tests::{NETWORK, Pair, USER, digits};
use crate::event::{Frame, Input};

/// What the user's group has sent as facilities, as the exchange reads them.
impl Pair {
    fn with(access: &Access) -> Self {
        let mut pair = Self::new();
        pair.ends[USER].configure(Instant::ZERO, access);
        pair
    }

    /// The exchange says this in the call of a leg of its own.
    fn facility(&mut self, leg: LegId, content: &[u8]) {
        let (ours, value) = self.ends[NETWORK].reference(leg).expect("a call");
        let [high, low] = value.to_be_bytes();
        let flag = if ours { 0 } else { 0x80 };
        let length = u8::try_from(content.len()).expect("short");
        let head = [8, 2, high | flag, low, 0x62, 0x1C, length];
        assert!(self.ends[NETWORK].say(self.now, &[&head[..], content].concat()));
        self.exchange();
    }

    fn ask(&mut self, leg: LegId, service: Wish) {
        self.deaf = true;
        self.input(USER, Input::Request(Request::Ask { leg, service }));
    }

    /// What the exchange was asked last.
    fn asked(&self) -> (i32, Service) {
        let asked = |frame: &Vec<u8>| {
            let head = q931::wire::Head::parse(frame.get(4..)?).ok()?;
            let content = head.facilities().next()?;
            match rose::components(content)?.next()? {
                Component::Invoke { id, service: Some(service) } => Some((id, service)),
                _ => None,
            }
        };
        self.sent[USER].iter().rev().find_map(asked).expect("something asked")
    }

    fn served(&mut self) -> Vec<(LegId, Wish, bool)> {
        let served = |told: Indication| match told {
            Indication::Served { leg, service, done } => Some((leg, service, done)),
            _ => None,
        };
        self.told(USER).into_iter().filter_map(served).collect()
    }
}

fn result(id: i32, of: &Service, number: Option<i32>) -> rose::Octets {
    rose::write_result(Profile::Public, id, of, number).expect("room")
}

fn open() -> Access {
    Access { deflect: true, transfer: true, ..Access::default() }
}

#[test]
fn what_a_call_costs_is_told_while_it_lasts_and_with_its_end() {
    let mut pair = Pair::new();
    let (near, far) = pair.talk(USER);
    for (units, last) in [(3, false), (7, true)] {
        let advice = Advice { charge: Some(Charge::Units(units)), last };
        let told = rose::write_invoke(Profile::Public, 1, &Service::Charge(advice));
        pair.facility(far, &told.expect("room"));
        let charge = Charge::Units(units);
        assert_eq!(pair.told(USER), [Indication::Charge { leg: near, charge }]);
    }
}

#[test]
fn the_exchange_is_asked_to_note_who_calls_and_says_that_it_did() {
    let mut pair = Pair::new();
    let (far, near) = pair.talk(NETWORK);
    pair.told(USER);
    pair.ask(near, Wish::Identify);
    let (id, service) = pair.asked();
    assert_eq!((service, pair.served()), (Service::Identify, vec![]));
    pair.facility(far, &result(id, &Service::Identify, None));
    assert_eq!(pair.served(), [(near, Wish::Identify, true)]);
    // An answer that comes twice is an answer to nothing.
    pair.facility(far, &result(id, &Service::Identify, None));
    assert_eq!(pair.served(), []);
}

#[test]
fn what_the_exchange_refuses_rejects_or_leaves_without_an_answer_was_not_done() {
    let mut pair = Pair::new();
    let (far, near) = pair.talk(NETWORK);
    pair.told(USER);
    let error = |id| rose::write_error(Profile::Public, id, 3).expect("room");
    let reject = |id| {
        let why = rose::Problem::UnrecognisedOperation;
        rose::write_reject(Profile::Public, Some(id), why).expect("room")
    };
    for answer in [&error as &dyn Fn(i32) -> rose::Octets, &reject] {
        pair.ask(near, Wish::Identify);
        let (id, _) = pair.asked();
        pair.facility(far, &answer(id));
        assert_eq!(pair.served(), [(near, Wish::Identify, false)]);
    }
    pair.ask(near, Wish::Identify);
    pair.pass(4);
    assert_eq!(pair.served(), []);
    pair.pass(2);
    assert_eq!(pair.served(), [(near, Wish::Identify, false)]);
}

#[test]
fn a_caller_is_sent_elsewhere_before_the_answer_and_not_after_it() {
    let mut pair = Pair::with(&open());
    pair.place(NETWORK, LegId(7));
    let [Indication::Offered { leg, .. }] = pair.told(USER)[..] else { panic!("no offer") };
    let to = Wish::Deflect(digits("13800138000"));
    pair.ask(leg, to.clone());
    assert_eq!(pair.served(), [(leg, to.clone(), false)], "before the first response");
    pair.input(USER, Input::Request(Request::Proceed { leg }));
    pair.ask(leg, to.clone());
    let (id, service) = pair.asked();
    assert_eq!(service, Service::Deflect(digits("13800138000")));
    pair.facility(LegId(7), &result(id, &service, None));
    assert_eq!(pair.served(), [(leg, to.clone(), true)]);
    pair.release(NETWORK, LegId(7));
    let cause = Cause::NORMAL_CLEARING;
    let released =
        |told: &Indication| matches!(told, Indication::Released { cause: c, .. } if *c == cause);
    assert!(pair.told(USER).iter().any(released) && pair.idle());
    let (_, near) = pair.talk(NETWORK);
    pair.told(USER);
    pair.ask(near, to.clone());
    assert_eq!(pair.served(), [(near, to, false)]);
}

#[test]
fn two_calls_are_joined_by_the_number_of_one_of_them() {
    let mut pair = Pair::with(&open());
    let (far, near) = pair.talk(NETWORK);
    pair.place(USER, LegId(5));
    let offered = |told: &Indication| match told {
        Indication::Offered { leg, .. } => Some(*leg),
        _ => None,
    };
    let out = pair.told(NETWORK).iter().find_map(offered).expect("an offer");
    for request in [Request::Proceed { leg: out }, Request::Answer { leg: out }] {
        pair.input(NETWORK, Input::Request(request));
    }
    pair.told(USER);
    pair.ask(near, Wish::Join(LegId(5)));
    let (id, service) = pair.asked();
    assert_eq!(service, Service::LinkId);
    pair.facility(out, &result(id, &service, Some(300)));
    let (id, service) = pair.asked();
    assert_eq!((service.clone(), pair.served()), (Service::Transfer(300), vec![]));
    pair.facility(far, &result(id, &service, None));
    assert_eq!(pair.served(), [(near, Wish::Join(LegId(5)), true)]);
    // Another time the exchange has no number to give.
    pair.ask(near, Wish::Join(LegId(5)));
    let (id, service) = pair.asked();
    pair.facility(out, &result(id, &service, None));
    assert_eq!(pair.served(), [(near, Wish::Join(LegId(5)), false)]);
}

#[test]
fn what_was_not_agreed_with_the_exchange_is_not_asked() {
    let mut pair = Pair::new();
    let (_, near) = pair.talk(NETWORK);
    pair.told(USER);
    pair.sent[USER].clear();
    pair.ask(near, Wish::Join(LegId(5)));
    assert_eq!(pair.served(), [(near, Wish::Join(LegId(5)), false)]);
    pair.ends[USER].configure(pair.now, &Access { switch: Switch::Qsig, ..open() });
    pair.ask(near, Wish::Identify);
    assert_eq!(pair.served(), [(near, Wish::Identify, false)]);
    assert!(pair.sent[USER].is_empty());
}

#[test]
fn what_the_far_side_asks_and_is_not_done_here_is_refused_in_its_own_words() {
    let mut pair = Pair::new();
    let (far, _) = pair.talk(NETWORK);
    for (asked, answer) in [
        (&[0x91, 0xA1, 6, 2, 1, 9, 2, 1, 3][..], Component::Error { id: 9, error: 4 }),
        (&[0x91, 0xA1, 6, 2, 1, 8, 2, 1, 99], Component::Reject { id: Some(8) }),
        (&[0x91, 0xA1, 6, 2, 1, 7, 2, 1, 13], Component::Reject { id: Some(7) }),
    ] {
        pair.sent[USER].clear();
        pair.facility(far, asked);
        let answers = pair.sent[USER].iter().filter_map(|frame| {
            let head = q931::wire::Head::parse(frame.get(4..)?).ok()?;
            let content = head.facilities().next()?;
            rose::components(content)?.next()
        });
        assert_eq!(answers.collect::<Vec<_>>(), [answer]);
    }
}

#[test]
fn names_of_a_private_network_go_both_ways_as_displays() {
    let private = Access { switch: Switch::Qsig, ..Access::default() };
    let mut pair = Pair::with(&private);
    pair.ends[NETWORK].configure(Instant::ZERO, &Access { side: bearer::Side::Network, ..private });
    let said = |text: &str| {
        let length = u8::try_from(text.len()).expect("short");
        [&[0x28, length][..], text.as_bytes()].concat()
    };
    let say = |leg, elements: Vec<u8>| Input::Say { leg, elements: Frame::from_iter(elements) };
    let leg = LegId(900);
    pair.input(NETWORK, say(leg, said("Li Lei")));
    pair.place(NETWORK, leg);
    let told = pair.told(USER);
    let [Indication::Offered { leg: far, .. }] = told[..] else { panic!("{told:?}") };
    assert_eq!(pair.said[USER], [(far, said("Li Lei"))]);
    let named = |frame: &Vec<u8>| {
        let head = q931::wire::Head::parse(frame.get(4..)?).ok()?;
        let content = head.facilities().next()?;
        rose::components(content)?.next()
    };
    let name = Name::from_slice(b"Li Lei").expect("short");
    let calling = Service::CallingName(Shown::Allowed(name));
    let sent: Vec<_> = pair.sent[NETWORK].iter().filter_map(named).collect();
    assert_eq!(sent, [Component::Invoke { id: 1, service: Some(calling) }]);
    pair.input(USER, Input::Request(Request::Proceed { leg: far }));
    pair.input(USER, say(far, said("Han")));
    pair.input(USER, Input::Request(Request::Answer { leg: far }));
    assert_eq!(pair.said[NETWORK], [(leg, said("Han"))]);
}

#[test]
fn a_caller_is_shown_the_number_that_answered() {
    let mut pair = Pair::new();
    pair.place(NETWORK, LegId(900));
    let [Indication::Offered { leg, .. }] = pair.told(USER)[..] else { panic!("no offer") };
    pair.ask(leg, Wish::Show(digits("801")));
    for request in [Request::Proceed { leg }, Request::Answer { leg }] {
        pair.input(USER, Input::Request(request));
    }
    let elements = vec![0x4C, 5, 0x01, 0x80, b'8', b'0', b'1'];
    assert_eq!(pair.said[NETWORK], [(LegId(900), elements)]);
    assert_eq!(pair.served(), []);
    pair.release(NETWORK, LegId(900));
    assert!(pair.idle() && pair.ends[USER].poll_output().is_none());
}

#[test]
fn a_notification_goes_both_ways_while_a_call_is_active_and_no_longer() {
    let mut pair = Pair::new();
    let (near, far) = pair.talk(USER);
    for (end, leg, other, heard_by) in [(USER, near, NETWORK, far), (NETWORK, far, USER, near)] {
        pair.input(end, Input::Request(Request::Notify { leg, what: 0x79 }));
        assert_eq!(pair.told(other), [Indication::Notified { leg: heard_by, what: 0x79 }]);
    }
    pair.input(USER, Input::Request(Request::Release { leg: near, cause: Cause::NORMAL_CLEARING }));
    pair.told(USER);
    pair.input(NETWORK, Input::Request(Request::Notify { leg: far, what: 0x7A }));
    assert_eq!(pair.told(USER), []);
}
