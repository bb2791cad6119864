//! Octets there and back, and known encodings.

use proptest::option::of;
use proptest::prelude::*;
use units::{Cause, Digit, Digits, Law, Slots, Timeslot};

use super::*;

fn number() -> impl Strategy<Value = PartyNumber> {
    let kinds = [
        NumberType::Unknown,
        NumberType::International,
        NumberType::National,
        NumberType::NetworkSpecific,
        NumberType::Subscriber,
        NumberType::Abbreviated,
    ];
    let plans = [
        NumberPlan::Unknown,
        NumberPlan::Isdn,
        NumberPlan::Data,
        NumberPlan::Telex,
        NumberPlan::National,
        NumberPlan::Private,
    ];
    let presentations =
        [Presentation::Allowed, Presentation::Restricted, Presentation::Unavailable];
    let screenings = [
        Screening::UserProvided,
        Screening::Verified,
        Screening::Failed,
        Screening::NetworkProvided,
    ];
    let shown = of((
        proptest::sample::select(presentations.to_vec()),
        proptest::sample::select(screenings.to_vec()),
    ));
    let digits = proptest::collection::vec(proptest::sample::select(Digit::ALL.to_vec()), 0..=32);
    (
        proptest::sample::select(kinds.to_vec()),
        proptest::sample::select(plans.to_vec()),
        shown,
        digits,
    )
        .prop_map(|(kind, plan, shown, list)| {
            let mut digits = Digits::new();
            for digit in list {
                digits.push(digit).expect("32 at most");
            }
            PartyNumber { kind, plan, shown, digits }
        })
}

fn channel() -> impl Strategy<Value = ChannelId> {
    let slots = proptest::collection::btree_set(1u8..=31, 1..=31).prop_map(|numbers| {
        let mut slots = Slots::default();
        for number in numbers {
            slots.insert(Timeslot::new(number).expect("1 to 31"));
        }
        Select::Slots(slots)
    });
    let select = prop_oneof![Just(Select::None), Just(Select::Any), slots];
    (select, any::<bool>(), of(0u8..128)).prop_map(|(select, exclusive, interface)| ChannelId {
        select,
        exclusive,
        interface,
    })
}

fn location() -> impl Strategy<Value = Location> {
    (0u8..16).prop_map(Location::from_code)
}

fn cause() -> impl Strategy<Value = CauseElement> {
    (location(), 1u8..128, proptest::collection::vec(any::<u8>(), 0..=DIAGNOSTICS)).prop_map(
        |(location, cause, diagnostics)| {
            CauseElement::about(location, Cause::new(cause).expect("1 to 127"), &diagnostics)
        },
    )
}

fn bearer() -> impl Strategy<Value = Bearer> {
    let law = prop_oneof![Just(None), Just(Some(Law::A)), Just(Some(Law::Mu))];
    let other = Vec::from_slice(&[0x88, 0xC0, 0xC6, 0xE6]).expect("short");
    prop_oneof![
        law.clone().prop_map(|law| Bearer::Speech { law }),
        law.prop_map(|law| Bearer::Audio { law }),
        Just(Bearer::Unrestricted),
        Just(Bearer::Other(other)),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    let reference = (any::<u16>(), any::<bool>(), any::<bool>()).prop_map(|(value, flag, two)| {
        let (mask, octets) = if two { (0x7FFF, 2) } else { (0x7F, 1) };
        CallReference { value: value & mask, flag, octets }
    });
    let kind = prop_oneof![
        proptest::sample::select(Kind::ALL.to_vec()),
        any::<u8>().prop_map(Kind::from_code)
    ];
    let progress = (location(), 0u8..128)
        .prop_map(|(location, description)| Progress { location, description });
    let restart = prop_oneof![
        Just(RestartClass::Channels),
        Just(RestartClass::SingleInterface),
        Just(RestartClass::AllInterfaces)
    ];
    let display = proptest::collection::vec(0x20u8..0x7F, 0..=80)
        .prop_map(|text| Display::from_slice(&text).expect("80 at most"));
    let state = (0u8..64).prop_map(CallState);
    let head = (reference, kind, any::<bool>(), of(bearer()), of(cause()), of(state));
    let tail = (of(channel()), of(progress), of(0u8..128), of(display), of(restart));
    let numbers = (of(number()), of(number()), of(number()));
    (head, tail, numbers).prop_map(|(head, tail, numbers)| Message {
        reference: head.0,
        kind: head.1,
        sending_complete: head.2,
        bearer: head.3,
        cause: head.4,
        call_state: head.5,
        channel: tail.0,
        progress: tail.1,
        notification: tail.2,
        display: tail.3,
        restart: tail.4,
        connected: numbers.0,
        calling: numbers.1,
        called: numbers.2,
    })
}

proptest! {
    #[test]
    fn a_message_reads_back_as_it_was_written(message in message()) {
        if let Some(octets) = message.emit() {
            let received = Received::parse(&octets).expect("we wrote it");
            prop_assert!(received.is_understood());
            prop_assert_eq!(received.message, message);
        }
    }

    #[test]
    fn arbitrary_octets_never_panic_and_what_they_mean_can_be_written(
        mut octets in proptest::collection::vec(any::<u8>(), 0..264),
        plausible in any::<bool>(),
    ) {
        if plausible && octets.len() > 4 {
            octets[..2].copy_from_slice(&[DISCRIMINATOR, 2]);
        }
        if let Ok(received) = Received::parse(&octets)
            && let Some(written) = received.message.emit()
        {
            let again = Received::parse(&written).expect("we wrote it");
            prop_assert_eq!(again.message, received.message);
        }
    }
}

fn parse(octets: &[u8]) -> Received {
    Received::parse(octets).expect("a message")
}

// Q.931 4.5: the octets of a SETUP, written out by hand from the figures of clause 4.
#[test]
fn a_setup_stands_on_the_wire_as_q_931_4_draws_it() {
    let slot = Timeslot::new(5).expect("a slot");
    let shown = Some((Presentation::Allowed, Screening::UserProvided));
    let digits = |text| Digits::parse(text).expect("digits");
    let setup = Message {
        sending_complete: true,
        bearer: Some(Bearer::SPEECH),
        channel: Some(ChannelId::exclusive(slot)),
        calling: Some(PartyNumber {
            shown,
            ..PartyNumber::isdn(NumberType::National, digits("1062551234"))
        }),
        called: Some(PartyNumber::unknown(digits("95588"))),
        ..Message::new(CallReference::new(0x0123), Kind::Setup)
    };
    let mut wanted = std::vec![0x08, 0x02, 0x01, 0x23, 0x05, 0xA1];
    wanted.extend([0x04, 0x03, 0x80, 0x90, 0xA3]);
    wanted.extend([0x18, 0x03, 0xA9, 0x83, 0x85]);
    wanted.extend([0x6C, 0x0C, 0x21, 0x80]);
    wanted.extend(b"1062551234");
    wanted.extend([0x70, 0x06, 0x80]);
    wanted.extend(b"95588");
    assert_eq!(setup.emit().expect("fits"), wanted[..]);
}

// Q.931 5.8.1, 5.8.2, 5.8.3.1
#[test]
fn what_is_no_message_of_call_control_is_ignored() {
    assert_eq!(Received::parse(&[]), Err(Ignored::TooShort));
    assert_eq!(Received::parse(&[8, 2, 1]), Err(Ignored::TooShort));
    assert_eq!(Received::parse(&[8, 2, 1, 1]), Err(Ignored::TooShort));
    assert_eq!(Received::parse(&[3, 2, 0, 1, 5]), Err(Ignored::Discriminator(3)));
    assert_eq!(Received::parse(&[8, 0, 0x62, 0x1C, 0]), Err(Ignored::CallReference));
    assert_eq!(Received::parse(&[8, 3, 0, 0, 1, 5]), Err(Ignored::CallReference));
    assert_eq!(Received::parse(&[8, 0x12, 0, 1, 5]), Err(Ignored::CallReference));
}

#[test]
fn a_call_reference_of_one_octet_is_taken_and_given_back() {
    let received = parse(&[8, 1, 0x85, 0x75]);
    assert_eq!(received.message.reference, CallReference { value: 5, flag: true, octets: 1 });
    assert_eq!(received.message.emit().expect("fits"), [8, 1, 0x85, 0x75]);
}

// Q.931 4.5.1, 5.8.7.1, 5.8.7.2
#[test]
fn what_is_not_understood_is_noted_by_its_kind() {
    let received = parse(&[
        8, 2, 0, 1, 0x07, // CONNECT
        0x05, 1, 0, // unknown, to be comprehended
        0x18, 1, 0x81, // channel identification of a basic access
        0x28, 2, 65, 66, // display
        0x3A, 1, 0, // unknown
        0x7E, 2, 4, 65,   // user-user
        0xE1, // unknown single octet
        0x96, 0x08, 1, 1, // codeset 6
    ]);
    assert_eq!(received.not_comprehended, [0x05]);
    assert_eq!(received.invalid, [0x18]);
    assert_eq!(received.unknown, [0x3A, 0xE1]);
    assert_eq!(received.message.display.as_deref(), Some(&b"AB"[..]));
    assert_eq!(received.message.cause, None);
}

// Q.931 5.8.5.2
#[test]
fn of_an_element_that_comes_twice_the_first_counts() {
    let received = parse(&[8, 2, 0, 1, 0x45, 8, 2, 0x80, 0x91, 8, 2, 0x82, 0x90]);
    let cause = received.message.cause.expect("one");
    assert_eq!((cause.location, cause.cause), (Location::User, Cause::USER_BUSY));
    let received = parse(&[8, 2, 0, 1, 1, 0x1E, 2, 0x82, 0x82, 0x1E, 2, 0x82, 0x88]);
    assert!(received.message.progress.expect("the second").is_in_band());
}

// Q.931 4.5.13
#[test]
fn a_channel_may_be_named_by_a_slot_map() {
    let received = parse(&[8, 2, 0, 1, 2, 0x18, 6, 0xA9, 0x93, 0, 2, 0, 0]);
    assert_eq!(received.message.channel.and_then(|c| c.slot()), Timeslot::new(17));
}

// Q.850 2.2.1
#[test]
fn a_cause_with_a_recommendation_or_of_a_foreign_coding_is_read() {
    let cause = |octets: &[u8]| CauseElement::parse(octets).map(|c| (c.location, c.cause));
    assert_eq!(cause(&[0x02, 0x80, 0x90]), Some((Location::PublicLocal, Cause::NORMAL_CLEARING)));
    assert_eq!(cause(&[0xC2, 0x95]), Some((Location::PublicLocal, Cause::NORMAL_UNSPECIFIED)));
    assert_eq!(cause(&[0x82]), None);
    assert_eq!(cause(&[0x82, 0x80]), None, "cause 0 does not exist");
}
