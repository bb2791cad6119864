//! Messages as they stand in the standards, and what is none.

extern crate std;

use proptest::prelude::*;
use std::vec::Vec;
use units::{Digit, Digits};

use crate::{
    Assembler, At, Call, Collector, Dtmf, Fault, Format, Message, Name, Octets, Told, Waiting,
};

fn number(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

const AT: At = At { month: 9, day: 30, hour: 12, minute: 24 };

/// With a right checksum.
fn sealed(octets: &[u8]) -> Vec<u8> {
    let sum = octets.iter().fold(0u8, |sum, octet| sum.wrapping_add(*octet));
    [octets, &[sum.wrapping_neg()]].concat()
}

#[test]
fn the_example_of_a_single_data_message_reads_as_it_is_printed() {
    // GR-30: 30 September 12:24, 609 555 1212; the checksum printed there is 51.
    let octets = b"\x04\x1209301224609555\x31212\x51";
    let read = Message::parse(octets).expect("a message");
    let told = Some(Told::Is(number("6095551212")));
    let call = Message::Call(Call { at: Some(AT), number: told, ..Call::default() });
    assert_eq!(read, call);
    assert_eq!(call.emit(Format::Sdmf).as_deref(), Some(&octets[..]));
}

#[test]
fn a_message_of_parameters_has_the_octets_of_en_300_659_3() {
    let name = Name::from_slice(b"LI LEI").expect("short");
    let call = Message::Call(Call {
        at: Some(AT),
        number: Some(Told::Is(number("13800138000"))),
        name: Some(Told::Is(name)),
        first_called: Some(number("801")),
    });
    let wanted = sealed(b"\x80\x24\x01\x0809301224\x02\x0b13800138000\x07\x06LI LEI\x12\x03801");
    assert_eq!(call.emit(Format::Mdmf).as_deref(), Some(&wanted[..]));
    assert_eq!(Message::parse(&wanted), Ok(call));
}

#[test]
fn absent_numbers_and_names_say_why() {
    for (told, letter) in [(Told::Withheld, b'P'), (Told::Unavailable, b'O')] {
        let call = Call { at: Some(AT), number: Some(told), ..Call::default() };
        let message = Message::Call(call);
        let single = sealed(&[&b"\x04\x0909301224"[..], &[letter]].concat());
        assert_eq!(message.emit(Format::Sdmf).as_deref(), Some(&single[..]));
        assert_eq!(Message::parse(&single), Ok(message.clone()));
        let many = sealed(&[&b"\x80\x0d\x01\x0809301224\x04\x01"[..], &[letter]].concat());
        assert_eq!(message.emit(Format::Mdmf).as_deref(), Some(&many[..]));
        assert_eq!(Message::parse(&many), Ok(message));
    }
    let name = sealed(b"\x80\x03\x08\x01P");
    let call = Call { name: Some(Told::Withheld), ..Call::default() };
    assert_eq!(Message::parse(&name), Ok(Message::Call(call)));
}

#[test]
fn the_lamp_of_waiting_messages_goes_on_and_off() {
    for (on, lamp, octet) in [(true, b"BBB", 0xFF), (false, b"ooo", 0)] {
        let single = sealed(&[&b"\x06\x03"[..], lamp].concat());
        let waiting = Message::Waiting(Waiting { on, messages: None });
        assert_eq!(Message::parse(&single), Ok(waiting.clone()));
        assert_eq!(waiting.emit(Format::Sdmf).as_deref(), Some(&single[..]));
        let many = sealed(&[0x82, 6, 0x0B, 1, octet, 0x13, 1, 3]);
        let waiting = Message::Waiting(Waiting { on, messages: Some(3) });
        assert_eq!(Message::parse(&many), Ok(waiting.clone()));
        assert_eq!(waiting.emit(Format::Mdmf).as_deref(), Some(&many[..]));
    }
}

#[test]
fn what_is_wrong_with_a_message_is_told() {
    let faults: [(Vec<u8>, Fault); 12] = [
        (b"\x04".to_vec(), Fault::Cut),
        (b"\x04\x00".to_vec(), Fault::Cut),
        (sealed(b"\x04\x05123"), Fault::Length),
        (b"\x80\x00\x01".to_vec(), Fault::Checksum),
        (sealed(b"\x55\x00"), Fault::Type(0x55)),
        (sealed(b"\x04\x0913301224P"), Fault::Parameter(1)),
        (sealed(b"\x80\x03\x02\x021"), Fault::Length),
        (sealed(b"\x80\x04\x02\x021x"), Fault::Parameter(2)),
        (sealed(b"\x80\x02\x02\x00"), Fault::Parameter(2)),
        (sealed(b"\x80\x06\x02\x011\x02\x012"), Fault::Parameter(2)),
        (sealed(b"\x80\x06\x02\x011\x04\x01P"), Fault::Parameter(4)),
        (sealed(b"\x82\x00"), Fault::Parameter(0x0B)),
    ];
    for (octets, fault) in faults {
        assert_eq!(Message::parse(&octets), Err(fault), "{octets:x?}");
    }
}

#[test]
fn unknown_parameters_are_passed_over() {
    let octets = sealed(b"\x80\x0a\x55\x02ab\x02\x04\x31234");
    let told = Some(Told::Is(number("1234")));
    let call = Message::Call(Call { number: told, ..Call::default() });
    assert_eq!(Message::parse(&octets), Ok(call));
}

#[test]
fn a_message_comes_together_octet_by_octet_behind_a_mark() {
    let octets = sealed(b"\x80\x06\x02\x04\x31234");
    let mut assembler = Assembler::new();
    assert!(octets.iter().all(|octet| assembler.octet(*octet).is_none()), "there was no mark");
    assembler.begin();
    assert!(octets[..8].iter().all(|octet| assembler.octet(*octet).is_none()));
    assert!(matches!(assembler.octet(octets[8]), Some(Ok(Message::Call(_)))));
    assert_eq!(assembler.octet(0x80), None);
    assert_eq!(assembler.end(), None);
    assembler.begin();
    assembler.octet(0x80);
    assert_eq!(assembler.end(), Some(Fault::Cut));
    assert_eq!(assembler.end(), None);
}

fn collected(text: &str) -> Option<Result<Told<Digits>, Fault>> {
    let mut collector = Collector::new();
    text.bytes().find_map(|ascii| collector.digit(Digit::new(ascii).expect("a digit")))
}

#[test]
fn numbers_in_dtmf_have_a_letter_before_and_an_end_behind() {
    let told = |text| Some(Ok(Told::Is(number(text))));
    assert_eq!(collected("D13800138000C"), told("13800138000"));
    assert_eq!(collected("A5551234#"), told("5551234"));
    assert_eq!(collected("AD801C"), told("801"));
    assert_eq!(collected("12*A5551234D801B00C"), told("5551234"));
    assert_eq!(collected("B10C"), Some(Ok(Told::Withheld)));
    assert_eq!(collected("B00C"), Some(Ok(Told::Unavailable)));
    assert_eq!(collected("DC"), Some(Ok(Told::Unavailable)));
    assert_eq!(collected("D12*"), Some(Err(Fault::Parameter(b'D'))));
    assert_eq!(collected("D1D2C"), Some(Err(Fault::Parameter(b'D'))));
    assert_eq!(collected("13800138000C"), None);
    let mut collector = Collector::new();
    assert_eq!(collector.end(), None);
    assert_eq!(collector.digit(Digit::new(b'D').expect("a digit")), None);
    assert_eq!(collector.end(), Some(Fault::Cut));
}

#[test]
fn what_is_sent_in_dtmf_is_read_again() {
    let other = Dtmf::new(Digit::ALL[3], Digit::ALL[14]).expect("A and #");
    assert!(Dtmf::new(Digit::ALL[0], Digit::ALL[14]).is_none());
    for style in [Dtmf::CHINA, other] {
        for told in [Told::Is(number("02081234567")), Told::Withheld, Told::Unavailable] {
            let sent = style.emit(&told).expect("digits");
            let text = std::format!("{sent}");
            assert_eq!(collected(&text), Some(Ok(told)), "{text}");
        }
    }
    assert_eq!(Dtmf::CHINA.emit(&Told::Is(number("12*"))), None);
    let long = number("12345678901234567890123456789012");
    assert_eq!(Dtmf::CHINA.emit(&Told::Is(long)), None);
}

fn told<T: Clone + core::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<Told<T>>> {
    prop_oneof![
        Just(None),
        Just(Some(Told::Withheld)),
        Just(Some(Told::Unavailable)),
        value.prop_map(|value| Some(Told::Is(value))),
    ]
}

fn calls() -> impl Strategy<Value = Call> {
    let time = (1..=12u8, 1..=31u8, 0..24u8, 0..60u8);
    let time = time.prop_map(|(month, day, hour, minute)| At { month, day, hour, minute });
    let digits = || "[0-9*#]{1,32}".prop_map(|text| number(&text));
    let name = proptest::collection::vec(any::<u8>(), 0..=50);
    let name = name.prop_map(|octets| Name::from_slice(&octets).expect("50 at most"));
    let all = (prop::option::of(time), told(digits()), told(name), prop::option::of(digits()));
    all.prop_map(|(at, number, name, first_called)| Call { at, number, name, first_called })
}

proptest! {
    #[test]
    fn every_call_reads_back_as_it_was_written(call in calls()) {
        let message = Message::Call(call);
        let octets = message.emit(Format::Mdmf).expect("everything has room");
        prop_assert_eq!(Message::parse(&octets), Ok(message.clone()));
        let mut assembler = Assembler::new();
        assembler.begin();
        let whole: Vec<_> = octets.iter().filter_map(|octet| assembler.octet(*octet)).collect();
        prop_assert_eq!(whole, [Ok(message)]);
    }

    #[test]
    fn a_message_with_one_wrong_octet_is_none(call in calls(), place: usize, other in 1..=255u8) {
        let mut octets: Octets = Message::Call(call).emit(Format::Mdmf).expect("room");
        let place = place % octets.len();
        octets[place] = octets[place].wrapping_add(other);
        prop_assert!(Message::parse(&octets).is_err());
    }
}
