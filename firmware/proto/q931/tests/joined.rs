//! Whole calls between a user and a network, each judged by tshark.
#![expect(clippy::expect_used, clippy::panic, reason = "the helpers of a test are test code too")]

mod world;

use machine::check::Random;
use q931::wire::{ChannelId, Location, NumberType, PartyNumber, RestartClass};
use q931::{By, Event, Input, InterfaceInput, InterfaceOutput, Timer};
use units::{Cause, Duration};
use world::{Key, NETWORK, USER, World, digits, params, slot};

const SOON: Duration = Duration::from_millis(200);

fn disconnect(cause: Cause) -> Input {
    Input::Disconnect { cause, location: Location::User }
}

/// The same call at the other end.
fn there(key: Key) -> Key {
    (key.0, !key.1)
}

/// A call that is answered, placed by `end`; all events so far are forgotten.
fn answered(world: &mut World, end: usize) -> Key {
    let key = world.place(end, params("95588"));
    world.run(SOON);
    let channel = Some(ChannelId::exclusive(slot(1)));
    world.ask(1 - end, there(key), Input::Alert { channel, in_band: false });
    world.run(SOON);
    world.ask(1 - end, there(key), Input::Answer { channel: None, connected: None });
    world.run(SOON);
    world.events(USER);
    world.events(NETWORK);
    key
}

// Q.931 5.1, 5.2, 5.3
#[test]
fn a_call_is_placed_answered_and_cleared_in_either_direction() {
    for end in [USER, NETWORK] {
        let mut world = World::new();
        let key = world.place(end, params("95588"));
        world.run(SOON);
        let offered = world.events(1 - end);
        let [Event::Offered { called: Some(called), complete: true, channel, .. }] = &offered[..]
        else {
            panic!("{offered:?}");
        };
        assert_eq!(called.digits, digits("95588"));
        let channel = *channel;
        assert_eq!(channel, Some(ChannelId::exclusive(slot(1))));
        let other = there(key);
        world.ask(1 - end, other, Input::Proceed { channel });
        world.ask(1 - end, other, Input::Progress { in_band: true });
        world.ask(1 - end, other, Input::Alert { channel: None, in_band: true });
        let connected = PartyNumber::isdn(NumberType::National, digits("1095588"));
        let connected = Some(connected);
        let answer = Input::Answer { channel: None, connected: connected.clone() };
        world.ask(1 - end, other, answer);
        world.run(SOON);
        assert_eq!(
            world.events(end),
            [
                Event::Proceeding { channel, in_band: false },
                Event::Progress { in_band: true },
                Event::Alerting { channel: None, in_band: true },
                Event::Answered { channel: None, connected },
            ]
        );
        assert_eq!(world.events(1 - end), [Event::Confirmed]);
        world.run(Duration::from_secs(600));
        world.ask(end, key, disconnect(Cause::NORMAL_CLEARING));
        world.run(SOON);
        let (cause, by) = (Cause::NORMAL_CLEARING, By::Person);
        let far =
            [Event::Disconnected { cause, by, in_band: false }, Event::Released { cause, by }];
        assert_eq!(world.events(1 - end), far);
        assert_eq!(world.events(end), [Event::Released { cause, by: By::Us }]);
        assert!(world.ends.iter().all(|end| end.calls.is_empty()));
        world.judge(&format!("call{end}.pcap"));
    }
}

// Q.931 5.1.3, 5.2.4
#[test]
fn digits_dialled_one_by_one_arrive_one_by_one() {
    for end in [USER, NETWORK] {
        let mut world = World::new();
        let mut setup = params("9");
        setup.complete = false;
        let key = world.place(end, setup);
        world.run(SOON);
        let channel = Some(ChannelId::exclusive(slot(3)));
        world.ask(1 - end, there(key), Input::SetupAck { channel });
        world.run(SOON);
        assert_eq!(world.events(end), [Event::MoreDigitsWanted { channel, in_band: false }]);
        world.events(1 - end);
        for digit in ["5", "5", "8"] {
            let called = PartyNumber::unknown(digits(digit));
            world.ask(end, key, Input::MoreDigits { called, complete: false });
            world.run(Duration::from_secs(10));
        }
        let called = PartyNumber::unknown(digits("8"));
        world.ask(end, key, Input::MoreDigits { called, complete: true });
        world.run(SOON);
        let got: Vec<_> = world.events(1 - end);
        let one = |text, complete| Event::Digits { digits: digits(text), complete };
        assert_eq!(got, [one("5", false), one("5", false), one("8", false), one("8", true)]);
        world.ask(1 - end, there(key), Input::Proceed { channel: None });
        world.ask(1 - end, there(key), disconnect(Cause::USER_BUSY));
        world.run(SOON);
        let released = Event::Released { cause: Cause::USER_BUSY, by: By::Person };
        assert_eq!(world.events(end).last(), Some(&released));
        world.judge(&format!("overlap{end}.pcap"));
    }
}

// Q.931 5.2.4
#[test]
fn digits_that_stop_coming_are_complete_after_t302() {
    let mut world = World::new();
    let key = world.place(USER, params("9"));
    world.run(SOON);
    world.ask(NETWORK, there(key), Input::SetupAck { channel: None });
    world.events(NETWORK);
    world.run(Duration::from_secs(16));
    let none = Event::Digits { digits: digits(""), complete: true };
    assert_eq!(world.events(NETWORK), [none]);
}

// Q.931 5.3.2 a)
#[test]
fn a_call_that_is_refused_at_once_ends_with_release_complete() {
    for end in [USER, NETWORK] {
        let mut world = World::new();
        let key = world.place(end, params("1"));
        world.run(SOON);
        let location = Location::PublicRemote;
        let cause = Cause::UNALLOCATED_NUMBER;
        world.ask(1 - end, there(key), Input::Disconnect { cause, location });
        world.run(SOON);
        assert_eq!(world.events(end), [Event::Released { cause, by: By::Network }]);
        world.judge(&format!("refused{end}.pcap"));
    }
}

// Q.931 5.3.5
#[test]
fn both_ends_may_clear_at_once() {
    let mut world = World::new();
    let key = answered(&mut world, USER);
    world.ask(USER, key, disconnect(Cause::NORMAL_CLEARING));
    world.ask(NETWORK, there(key), disconnect(Cause::TEMPORARY_FAILURE));
    world.run(SOON);
    let user = Event::Released { cause: Cause::NORMAL_CLEARING, by: By::Us };
    let network = Event::Released { cause: Cause::TEMPORARY_FAILURE, by: By::Us };
    assert_eq!(world.events(USER), [user]);
    assert_eq!(world.events(NETWORK), [network]);
    world.judge("collision.pcap");
}

// Q.931 5.1.9: both seize the same channel; the machines keep the two calls apart.
#[test]
fn two_calls_with_the_same_value_from_either_end_do_not_meet() {
    let mut world = World::new();
    let ours = world.place(USER, params("1"));
    let theirs = world.place(NETWORK, params("2"));
    assert_eq!(ours, theirs, "one value, two owners");
    world.run(SOON);
    assert_eq!(world.ends[USER].calls.len(), 2);
    assert_eq!(world.ends[NETWORK].calls.len(), 2);
    world.ask(USER, there(theirs), disconnect(Cause::REQUESTED_CHANNEL_NOT_AVAILABLE));
    world.run(SOON);
    assert_eq!(world.ends[NETWORK].calls.len(), 1);
    assert_eq!(world.ends[USER].calls[0].0, ours);
    world.judge("glare.pcap");
}

// Q.931 5.5
#[test]
fn a_restart_clears_what_was_there_on_both_sides_and_is_acknowledged() {
    for end in [USER, NETWORK] {
        let mut world = World::new();
        answered(&mut world, USER);
        let (class, channel) = (RestartClass::Channels, Some(ChannelId::exclusive(slot(1))));
        world.restart(end, InterfaceInput::Restart { class, channel });
        world.run(SOON);
        assert_eq!(
            world.ends[1 - end].restarts,
            [InterfaceOutput::RestartWanted { class, channel }]
        );
        assert_eq!(world.ends[end].restarts, [InterfaceOutput::Restarted { class, channel }]);
        let released = Event::Released { cause: Cause::TEMPORARY_FAILURE, by: By::Network };
        assert_eq!(world.events(1 - end), [released]);
        let class = RestartClass::SingleInterface;
        world.restart(end, InterfaceInput::Restart { class, channel: None });
        world.run(SOON);
        assert_eq!(world.ends[end].restarts.len(), 2);
        world.judge(&format!("restart{end}.pcap"));
    }
}

// Q.931 5.5.1
#[test]
fn a_restart_without_answer_is_repeated_once_and_then_reported() {
    let mut world = World::new();
    world.data_link(NETWORK, q921::Input::ReceiverBusy);
    let class = RestartClass::AllInterfaces;
    world.restart(USER, InterfaceInput::Restart { class, channel: None });
    world.run(Duration::from_secs(239));
    assert_eq!(world.ends[USER].restarts, []);
    world.run(Duration::from_secs(2));
    let failed = InterfaceOutput::RestartFailed { class, channel: None };
    assert_eq!(world.ends[USER].restarts, [failed]);
}

// Q.931 5.8.9
#[test]
fn an_active_call_outlives_a_cut_within_t309_and_is_audited_and_others_do_not() {
    let mut world = World::new();
    answered(&mut world, USER);
    world.place(NETWORK, params("95588"));
    world.run(SOON);
    world.events(USER);
    world.cut = true;
    world.run(Duration::from_secs(60));
    let lost = Event::Released { cause: Cause::TEMPORARY_FAILURE, by: By::Network };
    assert_eq!(world.events(USER), [Event::ChannelSuspect, lost]);
    assert_eq!(world.ends[USER].calls.len(), 1);
    world.cut = false;
    world.run(Duration::from_secs(30));
    assert_eq!(world.ends[USER].calls.len(), 1);
    assert_eq!(world.ends[NETWORK].calls.len(), 1);
    assert_eq!(world.events(USER), []);
    world.run(Duration::from_secs(100));
    assert_eq!(world.ends[USER].calls.len(), 1, "T309 was stopped");
    let enquiries = world.ask_tshark("cut.pcap", "q931.message_type == 0x75");
    // One from each side; a SABME that crosses may cost the first, and T322 repeats it.
    assert!((2..=3).contains(&enquiries.lines().count()), "{enquiries}");
    world.judge("cut.pcap");
}

// Q.931 5.8.9
#[test]
fn a_cut_longer_than_t309_ends_the_call_on_both_sides() {
    let mut world = World::new();
    answered(&mut world, NETWORK);
    world.cut = true;
    world.run(Duration::from_secs(150));
    let cause = Cause::DESTINATION_OUT_OF_ORDER;
    let released = Event::Released { cause, by: By::Timer(Timer::T309) };
    let released = [Event::ChannelSuspect, released];
    assert_eq!(world.events(USER), released);
    assert_eq!(world.events(NETWORK), released);
}

// Q.931 5.8.8
#[test]
fn a_reset_of_the_link_leaves_active_calls_and_clears_calls_in_overlap() {
    let mut world = World::new();
    let active = answered(&mut world, USER);
    let overlap = world.place(USER, params("9"));
    world.run(SOON);
    world.ask(NETWORK, there(overlap), Input::SetupAck { channel: None });
    world.run(SOON);
    world.events(USER);
    // DL-ESTABLISH request on a link that is up: a reset at both ends.
    world.data_link(USER, q921::Input::EstablishRequest);
    world.run(SOON);
    let released = Event::Released { cause: Cause::TEMPORARY_FAILURE, by: By::Network };
    assert_eq!(world.events(USER), [released]);
    assert_eq!(world.ends[USER].calls.len(), 1);
    assert_eq!(world.ends[USER].calls[0].0, active);
    assert_eq!(world.ends[NETWORK].calls.len(), 1);
    world.judge("reset.pcap");
}

// Q.931 5.8.10, 5.8.11
#[test]
fn a_call_that_only_one_side_remembers_is_found_by_an_enquiry() {
    let mut world = World::new();
    let key = answered(&mut world, USER);
    world.ends[NETWORK].calls.clear();
    world.ask(USER, key, Input::Enquire);
    world.run(SOON);
    let cause = Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE;
    assert_eq!(world.events(USER), [Event::Released { cause, by: By::Protocol }]);
    world.judge("forgotten.pcap");
}

#[test]
fn the_judge_reads_our_calls_and_finds_a_message_that_is_cut_off() {
    let mut world = World::new();
    answered(&mut world, USER);
    let setups = world.ask_tshark("judge.pcap", "q931.called_party_number.digits == \"95588\"");
    assert_eq!(setups.lines().count(), 1, "{setups}");
    world.judge("judge.pcap");
    // A CONNECT whose last element is longer than the message.
    world.smuggle(&[2, 1, 0x10, 0x10, 8, 2, 0, 1, 7, 0x18, 9, 0xA9]);
    let faults = world.ask_tshark("judge.pcap", "_ws.malformed");
    assert_eq!(faults.lines().count(), 1, "{faults}");
}

/// Something at random happens at one end.
fn meddle(world: &mut World, random: &mut Random) {
    let end = usize::from(random.one_in(2));
    if world.ends[end].calls.len() < 4 && random.one_in(3) {
        let mut setup = params(if random.one_in(2) { "9" } else { "95588" });
        setup.complete = random.one_in(2);
        world.place(end, setup);
        return;
    }
    if random.one_in(60) {
        let class = RestartClass::SingleInterface;
        return world.restart(end, InterfaceInput::Restart { class, channel: None });
    }
    let keys: Vec<Key> = world.ends[end].calls.iter().map(|(key, _)| *key).collect();
    if keys.is_empty() {
        return;
    }
    let key = *random.pick(&keys);
    let channel = Some(ChannelId::exclusive(slot(2)));
    let in_band = random.one_in(2);
    let called = PartyNumber::unknown(digits("5"));
    let input = match random.below(9) {
        0 => Input::SetupAck { channel },
        1 => Input::Proceed { channel },
        2 => Input::Alert { channel, in_band },
        3 => Input::Progress { in_band },
        4 | 5 => Input::Answer { channel, connected: None },
        6 => Input::MoreDigits { called, complete: in_band },
        7 => Input::Enquire,
        _ => disconnect(Cause::NORMAL_CLEARING),
    };
    world.ask(end, key, input);
}

#[test]
fn whatever_happens_every_call_ends_on_both_sides_and_every_octet_is_good() {
    for seed in 0..40 {
        let mut random = Random::new(seed);
        let mut world = World::new();
        for _ in 0..150 {
            meddle(&mut world, &mut random);
            let pause = random.below(400);
            world.run(Duration::from_millis(pause));
            if random.one_in(40) {
                world.cut = !world.cut;
                let pause = random.below(60);
                world.run(Duration::from_secs(pause));
            }
        }
        world.cut = false;
        world.run(Duration::from_secs(30));
        for end in [USER, NETWORK] {
            let keys: Vec<Key> = world.ends[end].calls.iter().map(|(key, _)| *key).collect();
            for key in keys {
                world.ask(end, key, disconnect(Cause::NORMAL_CLEARING));
            }
        }
        world.run(Duration::from_secs(300));
        for end in &world.ends {
            assert!(end.calls.is_empty(), "seed {seed}: {:?}", end.calls);
            let offered =
                end.events.iter().filter(|(_, event)| matches!(event, Event::Offered { .. }));
            let released =
                end.events.iter().filter(|(_, event)| matches!(event, Event::Released { .. }));
            let placed = end.next_value() - 1;
            let all = offered.count() + usize::from(placed);
            assert_eq!(released.count(), all, "seed {seed}: each call is released once");
        }
        if seed < 10 {
            world.judge(&format!("random{seed}.pcap"));
        }
    }
}
