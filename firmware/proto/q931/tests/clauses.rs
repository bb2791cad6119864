//! One call against a hand-made peer, clause by clause.

mod bench;

use bench::{Bench, by_timer, cause, disconnect, params};
use machine::Machine;
use q931::wire::{
    Bearer, CallReference, CallState, CauseElement, Kind, Location, Message, Progress, Received, id,
};
use q931::{
    By, Call, Config, Event, Input, Interface, InterfaceInput, InterfaceOutput, Role, SetupParams,
    State, Stray, Timer, without_call,
};
use units::{Cause, Instant};

// Q.931 5.1.1, table 9-2
#[test]
fn an_unanswered_setup_is_repeated_octet_for_octet_once_and_then_given_up() {
    let mut bench = Bench::new(Call::outgoing(Config::new(Role::User), 5));
    bench.ask(Input::Setup(params()));
    bench.timeout();
    assert_eq!(bench.seconds(), 4);
    assert_eq!(bench.sent[0], bench.sent[1]);
    bench.sent.clear();
    bench.timeout();
    assert_eq!(bench.sent_cause().1, Some(Cause::RECOVERY_ON_TIMER_EXPIRY));
    assert_eq!(bench.events(), [by_timer(Cause::NO_USER_RESPONDING, Timer::T303)]);
    assert_eq!(bench.call.call_state(), State::Null);
    assert_eq!(bench.call.poll_timeout(), None);
}

// Q.931 table 9-2: T310, T301, T304
#[test]
fn a_far_side_that_falls_silent_is_given_up_after_the_timer_of_the_state() {
    let progress = |bench: &Bench| {
        let indicator = Progress { location: Location::PublicLocal, description: 8 };
        Message { progress: Some(indicator), ..bench.message(Kind::Progress) }
    };
    let cases = [
        (Kind::CallProceeding, false, 30, Cause::NO_USER_RESPONDING, Timer::T310),
        (Kind::Alerting, false, 180, Cause::NO_ANSWER, Timer::T301),
        (Kind::SetupAcknowledge, false, 30, Cause::INVALID_NUMBER_FORMAT, Timer::T304),
        (Kind::CallProceeding, true, 180, Cause::NO_ANSWER, Timer::T301),
    ];
    for (kind, in_band, seconds, value, timer) in cases {
        let mut bench = Bench::caller();
        bench.hear_kind(kind);
        if in_band {
            bench.hear(progress(&bench));
        }
        bench.timeout();
        assert_eq!(bench.seconds(), seconds, "{kind:?}");
        let (sent, told, _) = bench.sent_cause();
        assert_eq!((sent, told), (Kind::Disconnect, Some(Cause::RECOVERY_ON_TIMER_EXPIRY)));
        bench.events.clear();
        bench.hear_kind(Kind::Release);
        assert_eq!(bench.events(), [by_timer(value, timer)]);
    }
}

// Q.931 5.2.8
#[test]
fn a_connect_that_is_not_acknowledged_is_given_up_after_t313() {
    let mut bench = Bench::callee();
    bench.ask(Input::Answer { channel: params().channel, connected: None });
    assert_eq!(bench.sent(), [Kind::Connect]);
    bench.timeout();
    assert_eq!((bench.sent(), bench.seconds()), (vec![Kind::Disconnect], 4));
}

// Q.931 5.2.3.1
#[test]
fn the_channel_stands_in_the_first_response_only() {
    let mut bench = Bench::callee();
    let channel = params().channel;
    bench.ask(Input::Proceed { channel });
    bench.ask(Input::Alert { channel, in_band: true });
    bench.ask(Input::Answer { channel, connected: None });
    let channels: Vec<_> = bench.sent.iter().map(|message| message.channel).collect();
    assert_eq!(channels, [channel, None, None]);
    assert!(bench.sent[1].progress.is_some_and(|progress| progress.is_in_band()));
    bench.hear_kind(Kind::ConnectAcknowledge);
    assert_eq!(bench.events(), [Event::Confirmed]);
}

// Q.931 5.3.3, 5.3.4
#[test]
fn the_location_of_the_cause_tells_the_person_from_the_network() {
    for (location, by) in [(Location::User, By::Person), (Location::Transit, By::Network)] {
        let mut bench = Bench::active();
        let element = CauseElement::new(location, Cause::USER_BUSY);
        bench.hear(Message { cause: Some(element), ..bench.message(Kind::Disconnect) });
        assert_eq!(bench.sent(), [Kind::Release]);
        bench.hear_kind(Kind::ReleaseComplete);
        let cause = Cause::USER_BUSY;
        assert_eq!(
            bench.events(),
            [Event::Disconnected { cause, by, in_band: false }, Event::Released { cause, by }]
        );
    }
}

// Q.931 5.3.4.1
#[test]
fn an_announcement_after_disconnect_can_be_heard_until_we_release_or_t306() {
    for patient in [false, true] {
        let mut bench = Bench::caller();
        bench.hear_kind(Kind::CallProceeding);
        bench.events.clear();
        let progress = Some(Progress { location: Location::PublicLocal, description: 8 });
        let cause = cause(Cause::UNALLOCATED_NUMBER);
        bench.hear(Message { progress, cause, ..bench.message(Kind::Disconnect) });
        assert!(matches!(bench.events()[..], [Event::Disconnected { in_band: true, .. }]));
        assert_eq!(bench.sent(), []);
        if patient {
            bench.timeout();
        } else {
            bench.ask(disconnect());
        }
        assert_eq!(bench.sent(), [Kind::Release]);
        bench.hear_kind(Kind::ReleaseComplete);
        let (cause, by) = (Cause::UNALLOCATED_NUMBER, By::Network);
        assert_eq!(bench.events(), [Event::Released { cause, by }]);
    }
}

// Q.931 5.3.3, table 9-2: T305, T308
#[test]
fn a_release_that_nobody_answers_leaves_a_suspect_channel() {
    let mut bench = Bench::active();
    bench.ask(disconnect());
    bench.timeout();
    assert_eq!((bench.sent(), bench.seconds()), (vec![Kind::Disconnect, Kind::Release], 30));
    bench.timeout();
    assert_eq!((bench.sent(), bench.seconds()), (vec![Kind::Release], 34));
    bench.timeout();
    let released = Event::Released { cause: Cause::NORMAL_CLEARING, by: By::Us };
    assert_eq!(bench.events(), [Event::ChannelSuspect, released]);
}

// Q.931 5.8.8
#[test]
fn a_disconnect_that_the_link_may_have_lost_is_followed_by_its_release_at_once() {
    let mut bench = Bench::active();
    bench.ask(disconnect());
    bench.ask(Input::LinkReset);
    assert_eq!((bench.sent(), bench.seconds()), (vec![Kind::Disconnect, Kind::Release], 0));
    bench.ask(Input::LinkReset);
    assert_eq!((bench.sent(), bench.seconds()), (vec![Kind::Release], 0), "nor may it be lost");
    bench.timeout();
    assert_eq!((bench.sent(), bench.seconds()), (vec![Kind::Release], 4));
}

// Q.932 7.1.1
#[test]
fn a_facility_message_leaves_the_basic_call_as_it_is_and_is_not_answered() {
    // Advice of charge, an invoke component.
    let facility = [8, 1, 0x85, 0x62, 0x1C, 4, 0x91, 0xA1, 2, 0];
    for make in [Bench::active, Bench::caller, Bench::callee] {
        let mut bench = make();
        let before = bench.call.call_state();
        bench.ask(Input::Message(Received::parse(&facility).expect("a message")));
        assert_eq!((bench.sent(), bench.call.call_state()), (vec![], before));
    }
}

// Q.931 5.3.5
#[test]
fn two_releases_that_cross_end_the_call_without_more() {
    let mut bench = Bench::active();
    bench.hear_cause(Kind::Disconnect, Cause::NORMAL_CLEARING);
    assert_eq!(bench.sent(), [Kind::Release]);
    bench.hear_kind(Kind::Release);
    assert_eq!(bench.sent(), []);
    assert_eq!(bench.call.call_state(), State::Null);
}

// Q.931 5.8.4
#[test]
fn an_unexpected_or_unknown_message_gets_status_with_the_state() {
    let mut bench = Bench::active();
    bench.hear_kind(Kind::Alerting);
    assert_eq!(bench.sent[0].call_state, Some(CallState(10)));
    let not_compatible = Some(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE);
    assert_eq!(bench.sent_cause(), (Kind::Status, not_compatible, vec![0x01]));
    bench.hear_kind(Kind::Unknown(0x62));
    let non_existent = Some(Cause::MESSAGE_TYPE_NON_EXISTENT);
    assert_eq!(bench.sent_cause(), (Kind::Status, non_existent, vec![0x62]));
    assert_eq!(bench.call.call_state(), State::Active);
}

// Q.931 5.8.4
#[test]
fn an_unexpected_release_ends_the_call_in_every_state() {
    for mut bench in [Bench::caller(), Bench::callee(), Bench::active()] {
        bench.hear_cause(Kind::Release, Cause::NORMAL_UNSPECIFIED);
        assert_eq!(bench.sent(), [Kind::ReleaseComplete]);
        assert_eq!(bench.call.call_state(), State::Null);
    }
}

// Q.931 5.8.6.1, 5.8.6.2
#[test]
fn what_is_missing_or_wrong_is_answered_as_the_message_demands() {
    let missing = Some(Cause::MANDATORY_ELEMENT_MISSING);
    let invalid = Some(Cause::INVALID_ELEMENT_CONTENTS);
    // SETUP without bearer capability and channel.
    let reference = CallReference::new(9);
    let mut bench = Bench::new(Call::incoming(Config::new(Role::User), reference));
    bench.hear(Message::new(reference, Kind::Setup));
    let about = vec![id::BEARER, id::CHANNEL];
    assert_eq!(bench.sent_cause(), (Kind::ReleaseComplete, missing, about));
    let cause = Cause::MANDATORY_ELEMENT_MISSING;
    assert_eq!(bench.events(), [Event::Released { cause, by: By::Protocol }]);
    // PROGRESS without its indicator: not acted on.
    let mut bench = Bench::caller();
    bench.hear_kind(Kind::CallProceeding);
    bench.events.clear();
    bench.hear_kind(Kind::Progress);
    assert_eq!(bench.sent_cause(), (Kind::Status, missing, vec![id::PROGRESS]));
    assert_eq!(bench.events(), []);
    // DISCONNECT without cause counts as 31, with a wrong one too.
    let mut bench = Bench::active();
    bench.hear_kind(Kind::Disconnect);
    assert_eq!(bench.sent_cause(), (Kind::Release, missing, vec![id::CAUSE]));
    let mut bench = Bench::active();
    let mut received = Received::from(bench.message(Kind::Disconnect));
    received.invalid.push(id::CAUSE).expect("room");
    bench.ask(Input::Message(received));
    assert_eq!(bench.sent_cause(), (Kind::Release, invalid, vec![id::CAUSE]));
    bench.hear_kind(Kind::ReleaseComplete);
    let unspecified = Event::Released { cause: Cause::NORMAL_UNSPECIFIED, by: By::Network };
    assert_eq!(bench.events().last(), Some(&unspecified));
    // RELEASE as the first clearing message.
    let mut bench = Bench::active();
    bench.hear_kind(Kind::Release);
    assert_eq!(bench.sent_cause(), (Kind::ReleaseComplete, missing, vec![id::CAUSE]));
    // A first response without a channel is fine where SETUP named one, and not otherwise.
    let mut bench = Bench::new(Call::outgoing(Config::new(Role::User), 5));
    bench.ask(Input::Setup(SetupParams { channel: None, ..params() }));
    bench.sent.clear();
    bench.hear_kind(Kind::CallProceeding);
    assert_eq!(bench.sent_cause(), (Kind::Status, missing, vec![id::CHANNEL]));
}

// Q.931 5.8.7.1, 5.8.7.2
#[test]
fn an_element_that_may_be_ignored_is_ignored_and_told() {
    let unknown = Some(Cause::ELEMENT_NON_EXISTENT);
    let with = |bench: &Bench, kind| {
        let mut received = Received::from(bench.message(kind));
        received.message.cause = cause(Cause::NORMAL_CLEARING);
        received.unknown.push(0x3A).expect("room");
        Input::Message(received)
    };
    let mut bench = Bench::caller();
    bench.ask(with(&bench, Kind::Alerting));
    assert!(matches!(bench.events()[..], [Event::Alerting { .. }]));
    assert_eq!(bench.sent[0].call_state, Some(CallState(4)), "the state after the message");
    assert_eq!(bench.sent_cause(), (Kind::Status, unknown, vec![0x3A]));
    bench.ask(with(&bench, Kind::Disconnect));
    assert_eq!(bench.sent_cause(), (Kind::Release, unknown, vec![0x3A]));
    // One that must be comprehended.
    let mut bench = Bench::caller();
    let mut received = Received::from(bench.message(Kind::Alerting));
    received.not_comprehended.push(0x05).expect("room");
    bench.ask(Input::Message(received));
    assert_eq!(bench.events(), []);
    let missing = Some(Cause::MANDATORY_ELEMENT_MISSING);
    assert_eq!(bench.sent_cause(), (Kind::Status, missing, vec![0x05]));
    // A known one with contents of no meaning.
    let mut received = Received::from(bench.message(Kind::Alerting));
    received.invalid.push(id::DISPLAY).expect("room");
    bench.ask(Input::Message(received));
    assert_eq!(bench.events().len(), 1);
    let invalid = Some(Cause::INVALID_ELEMENT_CONTENTS);
    assert_eq!(bench.sent_cause(), (Kind::Status, invalid, vec![id::DISPLAY]));
}

// Q.931 5.8.10
#[test]
fn an_enquiry_is_answered_and_one_without_answer_clears_the_call_at_the_second_t322() {
    let mut bench = Bench::active();
    bench.hear_kind(Kind::StatusEnquiry);
    assert_eq!(bench.sent[0].call_state, Some(CallState(10)));
    let response = Some(Cause::RESPONSE_TO_STATUS_ENQUIRY);
    assert_eq!(bench.sent_cause(), (Kind::Status, response, vec![]));
    bench.ask(Input::Enquire);
    bench.ask(Input::Enquire);
    assert_eq!(bench.sent(), [Kind::StatusEnquiry], "one at a time");
    bench.timeout();
    assert_eq!(bench.sent(), [Kind::StatusEnquiry]);
    bench.timeout();
    assert_eq!(bench.sent_cause().1, Some(Cause::TEMPORARY_FAILURE));
    bench.hear_kind(Kind::Release);
    assert_eq!(bench.events(), [by_timer(Cause::TEMPORARY_FAILURE, Timer::T322)]);
}

// Q.931 5.8.11
#[test]
fn a_status_that_contradicts_clears_and_one_that_agrees_does_not() {
    let cases = [
        (Bench::active as fn() -> Bench, 10, State::Active),
        (Bench::active, 3, State::DisconnectRequest),
        (Bench::active, 0, State::Null),
        (Bench::caller, 1, State::CallInitiated),
        (Bench::caller, 10, State::DisconnectRequest),
        (Bench::callee, 6, State::CallPresent),
        (Bench::callee, 10, State::Null),
        // A network that counts states from its own end, as libpri does.
        (Bench::callee, 3, State::CallPresent),
        (Bench::caller, 9, State::CallInitiated),
        (Bench::callee, 0, State::Null),
    ];
    for (bench, reported, state) in cases {
        let mut bench = bench();
        let before = bench.call.call_state();
        bench.hear_status(reported);
        assert_eq!(bench.call.call_state(), state, "{before:?} hears {reported}");
    }
    let mut bench = Bench::callee();
    bench.ask(Input::Answer { channel: None, connected: None });
    bench.hear_status(10);
    assert_eq!(bench.call.call_state(), State::Active, "the acknowledgement was lost");
    let mut bench = Bench::active();
    bench.ask(disconnect());
    bench.hear_status(10);
    assert_eq!(bench.call.call_state(), State::DisconnectRequest);
    bench.hear_status(0);
    assert_eq!(bench.call.call_state(), State::Null);
}

// Q.931 5.8.9
#[test]
fn a_call_that_ends_while_the_link_is_down_ends_at_once_and_t309_is_not_started_anew() {
    let mut bench = Bench::active();
    bench.ask(Input::LinkDown);
    let at = bench.call.poll_timeout();
    bench.now = Instant::from_millis(20_000);
    bench.ask(Input::LinkDown);
    assert_eq!(bench.call.poll_timeout(), at);
    bench.ask(disconnect());
    assert_eq!(bench.sent(), []);
    let released = Event::Released { cause: Cause::NORMAL_CLEARING, by: By::Us };
    assert_eq!(bench.events(), [Event::ChannelSuspect, released]);
}

// Q.931 5.8.3.2 e), 5.5
#[test]
fn a_second_setup_is_ignored_and_a_restart_ends_the_call_without_a_word() {
    let mut bench = Bench::callee();
    let mut setup = bench.message(Kind::Setup);
    setup.bearer = Some(Bearer::SPEECH);
    bench.hear(setup);
    assert_eq!((bench.sent(), bench.events()), (vec![], vec![]));
    bench.ask(Input::RestartChannel);
    assert_eq!(bench.sent(), []);
    let released = Event::Released { cause: Cause::TEMPORARY_FAILURE, by: By::Network };
    assert_eq!(bench.events(), [released]);
}

// Q.931 5.8.3.2 a) to d), 5.8.10, 5.8.11 a)
#[test]
fn a_message_without_a_call_is_answered_by_its_type() {
    let config = Config::new(Role::User);
    let answer = |kind, flag, state: Option<u8>| {
        let reference = CallReference { flag, ..CallReference::new(77) };
        let mut message = Message::new(reference, kind);
        message.call_state = state.map(CallState);
        match without_call(&config, &message.into()) {
            Stray::NewCall => Err("a new call"),
            Stray::Ignore => Err("ignored"),
            Stray::Reply(octets) => {
                let reply = Received::parse(&octets).expect("a message").message;
                assert_eq!(reply.reference, reference.answered());
                Ok((reply.kind, reply.cause.map(|c| c.cause), reply.call_state))
            }
        }
    };
    let invalid = Ok((Kind::ReleaseComplete, Some(Cause::INVALID_CALL_REFERENCE), None));
    for kind in [Kind::Disconnect, Kind::Release, Kind::Connect, Kind::Unknown(1)] {
        assert_eq!(answer(kind, true, None), invalid);
    }
    assert_eq!(answer(Kind::ReleaseComplete, true, None), Err("ignored"));
    assert_eq!(answer(Kind::Setup, false, None), Err("a new call"));
    assert_eq!(answer(Kind::Setup, true, None), Err("ignored"));
    assert_eq!(answer(Kind::Status, true, Some(0)), Err("ignored"));
    let incompatible = Some(Cause::MESSAGE_NOT_COMPATIBLE_WITH_STATE);
    let wanted = Ok((Kind::ReleaseComplete, incompatible, None));
    assert_eq!(answer(Kind::Status, true, Some(10)), wanted);
    let response = Some(Cause::RESPONSE_TO_STATUS_ENQUIRY);
    let wanted = Ok((Kind::Status, response, Some(CallState::NULL)));
    assert_eq!(answer(Kind::StatusEnquiry, true, None), wanted);
}

// Q.931 5.8.3.2 f), h), 5.8.6.1
#[test]
fn what_does_not_belong_on_the_global_reference_is_told_so() {
    let answer = |kind, flag| {
        let mut interface = Interface::new(Config::new(Role::User));
        let reference = CallReference { flag, ..CallReference::new(0) };
        let message = Message::new(reference, kind);
        interface.handle(Instant::ZERO, InterfaceInput::Message(message.into()));
        let Some(InterfaceOutput::Transmit(octets)) = interface.poll_output() else {
            panic!("no answer to {kind:?}");
        };
        let reply = Received::parse(&octets).expect("a message").message;
        (reply.kind, reply.cause.map(|c| c.cause), reply.call_state)
    };
    let wrong = (Kind::Status, Some(Cause::INVALID_CALL_REFERENCE), Some(CallState::NULL));
    assert_eq!(answer(Kind::Setup, false), wrong);
    assert_eq!(answer(Kind::Restart, true), wrong);
    assert_eq!(answer(Kind::RestartAcknowledge, false), wrong);
    let missing = Some(Cause::MANDATORY_ELEMENT_MISSING);
    assert_eq!(answer(Kind::Restart, false), (Kind::Status, missing, Some(CallState::NULL)));
}

// Q.931 5.8.8, 5.8.10, 5.8.11
#[test]
fn what_was_lost_with_the_links_queue_is_made_up_for() {
    let proceeding = || {
        let mut bench = Bench::caller();
        bench.hear_kind(Kind::CallProceeding);
        bench
    };
    let alerted = || {
        let mut bench = Bench::callee();
        bench.ask(Input::Alert { channel: None, in_band: false });
        bench
    };
    let answered = || {
        let mut bench = Bench::callee();
        bench.ask(Input::Answer { channel: None, connected: None });
        bench
    };
    let active = || Bench::active();
    type Make<'a> = &'a dyn Fn() -> Bench;
    // Where we are, where the peer says it is, what we say, where we are then.
    let lost: [(Make<'_>, u8, &[Kind], State); 10] = [
        // SETUP
        (&Bench::caller, 0, &[Kind::Setup], State::CallInitiated),
        // its CALL PROCEEDING, ALERTING, CONNECT
        (&Bench::caller, 3, &[], State::OutgoingProceeding),
        (&proceeding, 4, &[], State::CallDelivered),
        (&proceeding, 10, &[Kind::ConnectAcknowledge], State::Active),
        // our ALERTING, our CONNECT, its CONNECT ACKNOWLEDGE
        (&alerted, 6, &[Kind::Alerting], State::CallReceived),
        (&answered, 7, &[Kind::Connect], State::ConnectRequest),
        (&answered, 10, &[], State::Active),
        // our CONNECT ACKNOWLEDGE, its DISCONNECT, its RELEASE
        (&active, 8, &[Kind::ConnectAcknowledge], State::Active),
        (&active, 12, &[Kind::Release], State::ReleaseRequest),
        (&active, 19, &[Kind::Release], State::ReleaseRequest),
    ];
    for (make, peer, said, state) in lost {
        let mut bench = make();
        let before = bench.call.call_state();
        bench.ask(Input::LinkReset);
        bench.ask(Input::Enquire);
        bench.sent.clear();
        bench.hear_status(peer);
        assert_eq!(bench.sent(), said, "{before:?}, the peer in {peer}");
        assert_eq!(bench.call.call_state(), state, "{before:?}, the peer in {peer}");
        if peer == 0 {
            continue;
        }
        // Unasked, a word of the peer is taken as it stands.
        let mut bench = make();
        bench.sent.clear();
        bench.hear_status(peer);
        let again = bench.sent();
        let makes_up = |kind: &Kind| matches!(kind, Kind::Alerting | Kind::Connect);
        assert!(!again.iter().any(makes_up), "{before:?}, the peer in {peer}: {again:?}");
    }
}

#[test]
fn while_there_was_nobody_to_answer_no_answer_was_late() {
    let mut bench = Bench::callee();
    bench.ask(Input::Answer { channel: None, connected: None });
    bench.ask(Input::Enquire);
    let late = bench.now + units::Duration::from_secs(60);
    bench.call.go_on(late, Config::new(Role::User));
    let next = bench.call.poll_timeout().expect("T313 goes on");
    assert_eq!(next - late, units::Duration::from_secs(4), "T313 anew, and the enquiry forgotten");
}
