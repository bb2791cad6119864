//! Calls on a line of an exchange, from the first ring or digit to its release.

use alloc::vec::Vec;

use clid::Told;
use machine::Machine;
use machine::check::Visits;
use units::{CallTone, Digits, Instant};

use crate::check::visit_fxo;
use crate::fxo::{Ear, Fxo, Input, Output, Timing, Why};

fn feed(line: &mut Fxo, at_ms: u64, input: Input) -> Vec<Output> {
    line.handle(Instant::from_millis(at_ms), input);
    core::iter::from_fn(|| line.poll_output()).collect()
}

/// Lets the next timer end; when that was, and what it brought.
fn timeout(line: &mut Fxo) -> (u64, Vec<Output>) {
    let now = line.poll_timeout().expect("a timer runs");
    line.handle_timeout(now);
    (now.as_millis(), core::iter::from_fn(|| line.poll_output()).collect())
}

fn number(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

fn caller() -> Told<Digits> {
    Told::Is(number("13800138000"))
}

const RELEASED: [Output; 2] = [Output::Loop(false), Output::Listen(Ear::Nothing)];
const FREE: [Output; 2] = [Output::Listen(Ear::Caller), Output::Idle];
const CLOSED: [Output; 2] = [Output::Loop(true), Output::Listen(Ear::Tones)];

#[test]
fn who_calls_comes_between_the_first_ring_and_the_second() {
    let mut line = Fxo::new(Timing::default());
    assert_eq!(feed(&mut line, 0, Input::Ringing(true)), []);
    assert_eq!(timeout(&mut line), (150, Vec::new()));
    assert_eq!(feed(&mut line, 1000, Input::Ringing(false)), []);
    let said = feed(&mut line, 2300, Input::Caller(caller()));
    assert_eq!(said, [Output::Offered(Some(caller()))]);
    assert_eq!(feed(&mut line, 5000, Input::Ringing(true)), []);
    assert_eq!(feed(&mut line, 5500, Input::Answer), CLOSED);
}

#[test]
fn who_calls_in_dtmf_comes_before_the_first_ring_which_offers_the_call() {
    let mut line = Fxo::new(Timing::default());
    assert_eq!(feed(&mut line, 0, Input::Caller(caller())), []);
    assert_eq!(feed(&mut line, 500, Input::Ringing(true)), []);
    assert_eq!(timeout(&mut line), (650, [Output::Offered(Some(caller()))].to_vec()));
    // One that no ring follows is forgotten.
    let mut line = Fxo::new(Timing::default());
    feed(&mut line, 0, Input::Caller(caller()));
    assert_eq!(timeout(&mut line), (10_000, Vec::new()));
    assert!(line.is_idle());
}

#[test]
fn a_call_without_a_caller_is_offered_at_the_second_ring_or_when_none_can_come_any_more() {
    for second in [true, false] {
        let mut line = Fxo::new(Timing::default());
        feed(&mut line, 0, Input::Ringing(true));
        timeout(&mut line);
        feed(&mut line, 1000, Input::Ringing(false));
        let said =
            if second { feed(&mut line, 3000, Input::Ringing(true)) } else { timeout(&mut line).1 };
        assert_eq!(said, [Output::Offered(None)]);
    }
}

#[test]
fn a_ring_whose_end_is_not_told_frees_the_line_or_is_followed_by_the_second() {
    let begun = || {
        let mut line = Fxo::new(Timing::default());
        feed(&mut line, 0, Input::Ringing(true));
        assert_eq!(timeout(&mut line), (150, Vec::new()));
        line
    };
    let mut line = begun();
    assert_eq!(timeout(&mut line), (20_150, FREE.to_vec()));
    assert!(line.is_idle());
    let mut line = begun();
    assert_eq!(feed(&mut line, 5000, Input::Ringing(true)), [Output::Offered(None)]);
}

#[test]
fn a_blow_on_the_line_is_no_ring() {
    let mut line = Fxo::new(Timing::default());
    feed(&mut line, 0, Input::Ringing(true));
    assert_eq!(feed(&mut line, 100, Input::Ringing(false)), []);
    assert!(line.is_idle() && line.poll_timeout().is_none());
}

#[test]
fn a_caller_who_gives_up_frees_the_line_six_seconds_after_the_last_ring() {
    let mut line = Fxo::new(Timing::default());
    feed(&mut line, 0, Input::Ringing(true));
    timeout(&mut line);
    feed(&mut line, 1000, Input::Ringing(false));
    feed(&mut line, 5000, Input::Ringing(true));
    feed(&mut line, 6000, Input::Ringing(false));
    let released = [&[Output::Released(Why::Abandoned)][..], &FREE].concat();
    assert_eq!(timeout(&mut line), (12_000, released));
}

#[test]
fn a_call_that_nobody_wants_keeps_the_line_until_it_rings_no_more() {
    let mut line = Fxo::new(Timing::default());
    feed(&mut line, 0, Input::Ringing(true));
    timeout(&mut line);
    feed(&mut line, 1000, Input::Ringing(false));
    feed(&mut line, 5000, Input::Ringing(true));
    assert_eq!(feed(&mut line, 5100, Input::Release), [Output::Listen(Ear::Nothing)]);
    feed(&mut line, 6000, Input::Ringing(false));
    assert_eq!(timeout(&mut line), (12_000, FREE.to_vec()));
}

/// A line on which a call was answered.
fn answered(timing: Timing) -> Fxo {
    let mut line = Fxo::new(timing);
    feed(&mut line, 0, Input::Ringing(true));
    timeout(&mut line);
    feed(&mut line, 1000, Input::Ringing(false));
    feed(&mut line, 2000, Input::Caller(caller()));
    assert_eq!(feed(&mut line, 3000, Input::Answer), CLOSED);
    line
}

#[test]
fn busy_congestion_and_unobtainable_tone_release_and_others_do_not() {
    for tone in CallTone::ALL {
        let mut line = answered(Timing::default());
        let said = feed(&mut line, 60_000, Input::Tone(tone));
        if tone.ends() {
            let released = [&RELEASED[..], &[Output::Released(Why::Tone(tone))]].concat();
            assert_eq!(said, released);
            assert_eq!(timeout(&mut line), (61_500, FREE.to_vec()));
        } else {
            assert_eq!(said, [], "{tone:?}");
        }
    }
}

#[test]
fn a_break_of_the_loop_of_350_ms_releases_and_a_shorter_one_does_not() {
    let mut line = answered(Timing::default());
    feed(&mut line, 60_000, Input::Current(false));
    feed(&mut line, 60_300, Input::Current(true));
    assert_eq!(line.poll_timeout(), None);
    feed(&mut line, 70_000, Input::Current(false));
    let released = [&RELEASED[..], &[Output::Released(Why::Broken)]].concat();
    assert_eq!(timeout(&mut line), (70_350, released));
    // What the line does as we close it is our own doing.
    let mut line = answered(Timing::default());
    feed(&mut line, 3200, Input::Current(false));
    assert_eq!(line.poll_timeout(), None);
}

#[test]
fn a_number_is_sent_in_tones_when_dial_tone_comes() {
    let mut line = Fxo::new(Timing { reversal: true, ..Timing::default() });
    assert_eq!(feed(&mut line, 0, Input::Place(number("114"))), CLOSED);
    let keys: Vec<_> = number("114").as_slice().iter().map(|d| Output::Key(*d)).collect();
    assert_eq!(feed(&mut line, 1400, Input::Tone(CallTone::Dial)), keys);
    assert_eq!(timeout(&mut line), (1880, [Output::Sent].to_vec()));
    let alerting = feed(&mut line, 6000, Input::Tone(CallTone::RingBack));
    assert_eq!(alerting, [Output::Alerting]);
    assert_eq!(feed(&mut line, 11_000, Input::Tone(CallTone::RingBack)), []);
    assert_eq!(feed(&mut line, 12_000, Input::Polarity), [Output::Answered]);
    let released = [&RELEASED[..], &[Output::Released(Why::Reversed)]].concat();
    assert_eq!(feed(&mut line, 60_000, Input::Polarity), released);
}

#[test]
fn without_dial_tone_a_number_is_sent_blindly_or_the_call_fails() {
    for blind in [true, false] {
        let mut line = Fxo::new(Timing { blind, ..Timing::default() });
        feed(&mut line, 0, Input::Place(number("1")));
        let (at, said) = timeout(&mut line);
        assert_eq!(at, 5000);
        let failed = said.contains(&Output::Released(Why::NoDialTone));
        assert_eq!((failed, said.len()), (!blind, if blind { 1 } else { 3 }));
    }
}

#[test]
fn a_line_that_never_reverses_is_answered_when_the_number_is_sent() {
    let mut line = Fxo::new(Timing::default());
    feed(&mut line, 0, Input::Place(number("1")));
    feed(&mut line, 1400, Input::Tone(CallTone::Dial));
    assert_eq!(timeout(&mut line), (1560, [Output::Sent, Output::Answered].to_vec()));
    assert_eq!(feed(&mut line, 60_000, Input::Polarity), []);
}

#[test]
fn a_number_in_pulses_opens_the_loop_for_60_of_100_ms_as_often_as_the_digit_says() {
    let mut line = Fxo::new(Timing { pulses: true, reversal: true, ..Timing::default() });
    feed(&mut line, 0, Input::Place(number("2*0")));
    let mut edges = Vec::new();
    let begun = feed(&mut line, 2000, Input::Tone(CallTone::Dial));
    edges.push((2000, begun));
    while edges.last().is_some_and(|(_, said)| *said != [Output::Sent]) {
        edges.push(timeout(&mut line));
    }
    let opened: Vec<u64> = edges
        .iter()
        .filter(|(_, said)| *said == [Output::Loop(false)])
        .map(|(at, _)| *at)
        .collect();
    let closed = edges.iter().filter(|(_, said)| *said == [Output::Loop(true)]);
    assert!(closed.zip(&opened).all(|((at, _), opened)| at - opened == 60));
    let wanted: Vec<u64> =
        [2000, 2100].into_iter().chain((0..10).map(|n| 2960 + n * 100)).collect();
    assert_eq!(opened, wanted);
    assert_eq!(edges.last().map(|(at, _)| *at), Some(2960 + 900 + 60 + 800));
}

#[test]
fn the_loop_of_a_call_that_the_box_ends_stays_open_for_the_guard_time() {
    let mut line = answered(Timing::default());
    assert_eq!(feed(&mut line, 9000, Input::Release), RELEASED);
    assert_eq!(feed(&mut line, 9100, Input::Place(number("1"))), []);
    assert_eq!(timeout(&mut line), (10_500, FREE.to_vec()));
}

#[test]
fn restored_after_any_event_an_exchange_line_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..150 {
        visits.join(&visit_fxo(seed, 200).unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Fxo>("analog fxo");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
