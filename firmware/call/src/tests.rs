//! What callers meet, and that each call leaves one record.

use bearer::{Dialling, Indication, Request};
use engine::Tone;
use machine::Machine;
use machine::check::Visits;
use units::{
    Cause, Charge, ContentHash, Digit, Digits, Instant, LegId, LineId, Party, PortId, Tenant,
};

use crate::app::{Action, Hear, Notice, Prompts};
use crate::check::{CALLER, PORT, call, offer, place, visit};
use crate::story::{Record, Step, Story};
use crate::{Call, Input, Media, Output, Phase, Route, Whole};

pub(crate) const FAR: PortId = PortId(31);

pub(crate) fn feed(call: &mut Call, at_ms: u64, input: Input) -> Vec<Output> {
    call.handle(Instant::from_millis(at_ms), input);
    std::iter::from_fn(|| call.poll_output()).collect()
}

pub(crate) fn timeout(call: &mut Call) -> Vec<Output> {
    call.handle_timeout(call.poll_timeout().expect("a timer runs"));
    std::iter::from_fn(|| call.poll_output()).collect()
}

pub(crate) fn flow() -> Input {
    Input::Route(Route::Flow { tenant: Tenant(1), flow: ContentHash([5; 32]) })
}

fn ring() -> Input {
    ring_with(Hear::RingBack)
}

fn ring_with(hear: Hear) -> Input {
    Input::App(Action::Ring { number: Digits::parse("801").expect("digits"), hear })
}

pub(crate) fn other(call: &Call) -> LegId {
    call.legs().1.expect("a second leg")
}

/// A caller who went through a flow and rings 801.
fn ringing() -> Call {
    ringing_at(place())
}

fn ringing_at(route: Route) -> Call {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    feed(&mut call, 2, Input::App(Action::Answer));
    feed(&mut call, 3, ring());
    feed(&mut call, 4, Input::Route(route));
    let leg = other(&call);
    feed(&mut call, 5, Input::Line(Indication::Channel { leg, port: FAR }));
    call
}

pub(crate) fn talking() -> Call {
    talking_at(place())
}

/// As [`talking`], with somebody beyond a span.
fn talking_out() -> Call {
    let Route::Place { tenant, called, show, overlap, others, .. } = place() else { panic!() };
    talking_at(Route::Place { tenant, line: LineId(2), called, show, overlap, others })
}

fn talking_at(route: Route) -> Call {
    let mut call = ringing_at(route);
    let leg = other(&call);
    let said = feed(&mut call, 1000, Input::Line(Indication::Answered { leg }));
    assert!(said.contains(&Output::Media(Media::Join(PORT, FAR))), "{said:?}");
    assert!(said.contains(&Output::App(Notice::Connected)));
    call
}

fn records(outputs: &[Output]) -> Vec<&Record> {
    outputs
        .iter()
        .filter_map(|output| match output {
            Output::Story(Story::Ended(record)) => Some(&**record),
            _ => None,
        })
        .collect()
}

fn released(leg: LegId) -> Input {
    let (cause, by) = (Cause::NORMAL_CLEARING, Party::Called);
    Input::Line(Indication::Released { leg, cause, by })
}

#[test]
fn the_caller_hangs_up_and_one_record_tells_the_whole_way() {
    let mut call = talking();
    let leg = other(&call);
    let said = feed(&mut call, 5000, released(CALLER));
    let release =
        |o: &Output| matches!(o, Output::Line(Request::Release { leg: l, .. }) if *l == leg);
    assert!(said.iter().any(release), "{said:?}");
    let [record] = records(&said)[..] else { panic!("{said:?}") };
    assert_eq!(record.by, Party::Caller);
    assert_eq!(record.answered, Some(Instant::from_millis(2)));
    assert_eq!(record.connected, Some(Instant::from_millis(1000)));
    assert_eq!(record.ended, Instant::from_millis(5000));
    assert_eq!(record.path.len(), 4);
    let said = feed(&mut call, 5001, released(leg));
    assert!(records(&said).is_empty());
    assert_eq!(*call.phase(), Phase::Ended);
}

#[test]
fn the_called_hangs_up_and_the_caller_is_released() {
    let mut call = talking();
    let leg = other(&call);
    let said = feed(&mut call, 5000, released(leg));
    assert_eq!(records(&said)[0].by, Party::Called);
    let cause = Cause::NORMAL_CLEARING;
    assert!(said.contains(&Output::Line(Request::Release { leg: CALLER, cause })));
    assert!(matches!(call.phase(), Phase::Clearing { .. }));
    feed(&mut call, 5001, released(CALLER));
    assert_eq!(*call.phase(), Phase::Ended);
}

#[test]
fn a_busy_extension_gives_the_caller_back_to_the_flow() {
    let mut call = ringing();
    let leg = other(&call);
    let cause = Cause::USER_BUSY;
    let busy = Indication::Released { leg, cause, by: Party::Called };
    let said = feed(&mut call, 9, Input::Line(busy));
    assert!(said.contains(&Output::App(Notice::RingFailed { cause })));
    assert_eq!(*call.phase(), Phase::InFlow);
}

#[test]
fn the_flow_gives_up_ringing_and_plays_a_prompt_meanwhile() {
    let mut call = ringing();
    let leg = other(&call);
    let said = feed(&mut call, 9, Input::App(Action::StopRinging));
    let cause = Cause::NORMAL_CLEARING;
    assert!(said.contains(&Output::Line(Request::Release { leg, cause })));
    let prompts = Prompts::from_iter([ContentHash([1; 32])]);
    let said = feed(&mut call, 10, Input::App(Action::Play { token: 4, prompts }));
    assert!(matches!(said.last(), Some(Output::Media(Media::Play { token: 4, .. }))));
    // The late word of the line changes nothing.
    assert!(feed(&mut call, 11, released(leg)).is_empty());
}

#[test]
fn a_caller_who_was_answered_hears_ring_back_from_us() {
    let mut call = ringing();
    let leg = other(&call);
    let said = feed(&mut call, 9, Input::Line(Indication::Alerting { leg, in_band: false }));
    assert_eq!(said, [Output::Media(Media::Tone(PORT, Tone::RingBack))]);
}

#[test]
fn a_lifted_telephone_hears_dial_tone_dials_and_is_routed() {
    let mut call = call();
    let said = feed(&mut call, 0, offer(Dialling::InBand));
    assert!(said.contains(&Output::Media(Media::Tone(PORT, Tone::Dial))));
    let said = feed(&mut call, 100, Input::Digit(PORT, Digit::ALL[0]));
    assert!(said.contains(&Output::Media(Media::Silence(PORT))));
    feed(&mut call, 100, Input::Route(Route::More));
    let until = call.poll_timeout().expect("inter-digit timer");
    call.handle_timeout(until);
    let said: Vec<_> = std::iter::from_fn(|| call.poll_output()).collect();
    assert!(matches!(said[..], [Output::AskRoute { whole: Whole::Yes, inside: true, .. }]));
    let said = feed(&mut call, 5000, Input::Route(place()));
    assert!(said.iter().any(|o| matches!(o, Output::Line(Request::Place { .. }))));
}

#[test]
fn a_number_that_leads_nowhere_is_refused_with_its_cause_and_recorded() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    let cause = Cause::UNALLOCATED_NUMBER;
    let said = feed(&mut call, 0, Input::Route(Route::Nowhere(cause)));
    assert!(said.contains(&Output::Line(Request::Release { leg: CALLER, cause })));
    assert_eq!(records(&said)[0].cause, cause);
}

#[test]
fn a_line_that_never_says_released_does_not_keep_the_call() {
    let mut call = talking();
    feed(&mut call, 5000, released(CALLER));
    let until = call.poll_timeout().expect("a limit");
    call.handle_timeout(until);
    assert_eq!(*call.phase(), Phase::Ended);
}

#[test]
fn a_caller_who_was_answered_waits_with_music_until_the_other_answers() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    feed(&mut call, 2, Input::App(Action::Answer));
    feed(&mut call, 3, ring_with(Hear::Music));
    let said = feed(&mut call, 4, Input::Route(place()));
    assert!(said.contains(&Output::Media(Media::Music(PORT))), "{said:?}");
    let leg = other(&call);
    feed(&mut call, 5, Input::Line(Indication::Channel { leg, port: FAR }));
    for in_band in [false, true] {
        let said = feed(&mut call, 6, Input::Line(Indication::Alerting { leg, in_band }));
        assert_eq!(said, [], "the music goes on");
    }
    let said = feed(&mut call, 9, Input::Line(Indication::Answered { leg }));
    assert!(said.contains(&Output::Media(Media::Join(PORT, FAR))), "{said:?}");
}

#[test]
fn a_caller_on_a_trunk_who_was_not_answered_hears_the_networks_ring_back() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    feed(&mut call, 3, ring_with(Hear::Music));
    let said = feed(&mut call, 4, Input::Route(place()));
    assert!(!said.iter().any(|output| matches!(output, Output::Media(_))), "{said:?}");
}

#[test]
fn a_button_asks_from_inside_and_hears_our_tones() {
    let mut call = call();
    let said = feed(&mut call, 0, offer(Dialling::Own));
    assert!(
        said.iter().any(|o| matches!(o, Output::AskRoute { inside: true, whole: Whole::Yes, .. }))
    );
    feed(&mut call, 1, Input::Route(place()));
    let leg = other(&call);
    let said = feed(&mut call, 9, Input::Line(Indication::Alerting { leg, in_band: false }));
    assert!(said.contains(&Output::Media(Media::Tone(PORT, Tone::RingBack))), "{said:?}");
    let (cause, by) = (Cause::USER_BUSY, Party::Called);
    let said = feed(&mut call, 20, Input::Line(Indication::Released { leg, cause, by }));
    assert!(said.contains(&Output::Media(Media::Tone(PORT, Tone::Busy))), "{said:?}");
}

#[test]
fn a_telephone_hears_why_its_call_failed_but_after_a_conversation_only_that_it_is_over() {
    let hears = |said: &[Output]| {
        let tone = |output: &Output| match output {
            Output::Media(Media::Tone(PORT, tone)) => Some(*tone),
            _ => None,
        };
        said.iter().filter_map(tone).collect::<Vec<_>>()
    };
    for cause in [Cause::UNALLOCATED_NUMBER, Cause::NUMBER_CHANGED, Cause::CALL_REJECTED] {
        for answered in [false, true] {
            let mut call = call();
            feed(&mut call, 0, offer(Dialling::Own));
            feed(&mut call, 1, Input::Route(place()));
            let (leg, port, by) = (other(&call), FAR, Party::Network);
            feed(&mut call, 2, Input::Line(Indication::Channel { leg, port }));
            if answered {
                feed(&mut call, 3, Input::Line(Indication::Answered { leg }));
            }
            let said = feed(&mut call, 9, Input::Line(Indication::Released { leg, cause, by }));
            let wanted = if answered { Tone::Busy } else { Tone::Failed(cause) };
            assert_eq!(hears(&said), [wanted], "{cause}");
        }
    }
}

fn charge(leg: LegId, units: u32) -> Input {
    Input::Line(Indication::Charge { leg, charge: Charge::Units(units) })
}

#[test]
fn the_record_waits_for_the_charge_that_comes_with_the_end_of_the_leg() {
    let mut call = talking_out();
    let leg = other(&call);
    feed(&mut call, 4000, charge(leg, 3));
    let said = feed(&mut call, 5000, released(CALLER));
    assert!(records(&said).is_empty(), "the other leg is not gone: {said:?}");
    assert_eq!(call.untold().expect("not told").charge, Some(Charge::Units(3)));
    feed(&mut call, 5100, charge(leg, 7));
    let said = feed(&mut call, 5200, released(leg));
    let [record] = records(&said)[..] else { panic!("one record: {said:?}") };
    assert_eq!((record.charge, record.ended), (Some(Charge::Units(7)), Instant::from_millis(5000)));
    assert_eq!((call.phase(), call.untold()), (&Phase::Ended, None));
}

#[test]
fn a_line_that_never_says_released_does_not_keep_the_record() {
    let mut call = talking_out();
    feed(&mut call, 5000, released(CALLER));
    let said = timeout(&mut call);
    assert_eq!((records(&said).len(), call.phase()), (1, &Phase::Ended));
    assert_eq!(records(&said)[0].charge, None);
}

#[test]
fn all_legs_that_were_charged_are_in_the_record() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    feed(&mut call, 3, ring_with(Hear::RingBack));
    feed(&mut call, 4, Input::Route(place()));
    let leg = other(&call);
    feed(&mut call, 5, charge(leg, 1));
    let (cause, by) = (Cause::USER_BUSY, Party::Called);
    feed(&mut call, 6, Input::Line(Indication::Released { leg, cause, by }));
    feed(&mut call, 7, ring_with(Hear::RingBack));
    feed(&mut call, 8, Input::Route(place()));
    let leg = other(&call);
    feed(&mut call, 9, charge(leg, 4));
    feed(&mut call, 10, charge(leg, 5));
    feed(&mut call, 11, charge(CALLER, 10));
    feed(&mut call, 12, Input::Line(Indication::Released { leg, cause, by }));
    let said = feed(&mut call, 13, released(CALLER));
    assert_eq!(records(&said)[0].charge, Some(Charge::Units(16)));
}

#[test]
fn a_handset_that_stays_lifted_hears_busy_tone_for_a_minute_then_the_howler_then_nothing() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::InBand));
    feed(&mut call, 100, Input::Digit(PORT, Digit::ALL[0]));
    let cause = Cause::UNALLOCATED_NUMBER;
    let said = feed(&mut call, 100, Input::Route(Route::Nowhere(cause)));
    assert!(said.contains(&Output::Media(Media::Tone(PORT, Tone::Failed(cause)))), "{said:?}");
    let howls = timeout(&mut call);
    assert_eq!(howls, [Output::Media(Media::Tone(PORT, Tone::Howler))]);
    assert_eq!(timeout(&mut call), [Output::Media(Media::Silence(PORT))]);
    assert_eq!(*call.phase(), Phase::Ended);
}

#[test]
fn restored_after_any_event_a_call_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..800 {
        visits.join(&visit(seed, 120).unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Call>("call");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}

#[test]
fn the_busy_tone_ends_before_the_one_who_never_hangs_up_is_forgotten() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::InBand));
    feed(&mut call, 1, Input::Digit(PORT, Digit::new(b'4').expect("a key")));
    let cause = Cause::UNALLOCATED_NUMBER;
    let said = feed(&mut call, 2, Input::Route(Route::Nowhere(cause)));
    assert!(said.contains(&Output::Media(Media::Tone(PORT, Tone::Failed(cause)))), "{said:?}");
    timeout(&mut call);
    let until = call.poll_timeout().expect("it does not wait for ever");
    call.handle_timeout(until);
    let said: Vec<_> = std::iter::from_fn(|| call.poll_output()).collect();
    assert!(said.contains(&Output::Media(Media::Silence(PORT))), "{said:?}");
    assert_eq!(*call.phase(), Phase::Ended);
}

#[test]
fn a_hotline_calls_its_number_if_nothing_is_dialled_and_not_once_something_was() {
    let hot = Dialling::Hot { after_ms: 5000 };
    let mut call = call();
    let said = feed(&mut call, 0, offer(hot));
    assert!(said.contains(&Output::Media(Media::Tone(PORT, Tone::Dial))), "{said:?}");
    assert_eq!(call.poll_timeout(), Some(Instant::from_millis(5000)));
    let called = Digits::parse("95588").expect("digits");
    let asked = Output::AskRoute { called: called.clone(), inside: true, whole: Whole::Yes };
    assert_eq!(timeout(&mut call), [Output::Media(Media::Silence(PORT)), asked.clone()]);
    assert_eq!(*call.parties().1, called);
    let mut call = crate::check::call();
    feed(&mut call, 0, offer(hot));
    feed(&mut call, 100, Input::Digit(PORT, Digit::new(b'8').expect("a key")));
    assert!(!timeout(&mut call).contains(&asked));
    assert_eq!(call.parties().1.to_string(), "8");
}

fn placed(said: &[Output]) -> Option<(LegId, LineId)> {
    said.iter().find_map(|output| match output {
        Output::Line(Request::Place { leg, line, .. }) => Some((*leg, *line)),
        _ => None,
    })
}

/// A call that is placed on the first of three lines.
fn hunting() -> (Call, LegId) {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    let said = feed(&mut call, 1, Input::Route(place()));
    let (leg, line) = placed(&said).expect("placed");
    assert_eq!(line, LineId(101));
    (call, leg)
}

fn refused(leg: LegId, cause: Cause) -> Input {
    Input::Line(Indication::Released { leg, cause, by: Party::Network })
}

#[test]
fn a_line_that_is_busy_or_dead_is_passed_over_for_the_next_and_the_last_cause_is_told() {
    let (mut call, leg) = hunting();
    let said = feed(&mut call, 2, refused(leg, Cause::NETWORK_OUT_OF_ORDER));
    let (leg, line) = placed(&said).expect("placed again");
    assert_eq!((line, said.len()), (LineId(2), 1), "{said:?}");
    let said = feed(&mut call, 3, refused(leg, Cause::NO_CHANNEL_AVAILABLE));
    let (leg, line) = placed(&said).expect("placed again");
    assert_eq!(line, LineId::of_analog(5));
    let cause = Cause::DESTINATION_OUT_OF_ORDER;
    let said = feed(&mut call, 4, refused(leg, cause));
    assert_eq!(placed(&said), None);
    let [record] = records(&said)[..] else { panic!("{said:?}") };
    let rang = record.path.iter().filter(|step| matches!(step, Step::Rang(_))).count();
    assert_eq!((record.cause, rang), (cause, 1));
}

#[test]
fn a_called_party_who_is_busy_is_not_called_by_another_line() {
    let (mut call, leg) = hunting();
    let said = feed(&mut call, 2, refused(leg, Cause::USER_BUSY));
    assert_eq!((placed(&said), records(&said).len()), (None, 1));
}

#[test]
fn no_other_line_is_tried_once_the_far_end_was_heard() {
    for heard in [
        |leg| Indication::Alerting { leg, in_band: false },
        |leg| Indication::Progress { leg },
        |leg| Indication::Answered { leg },
    ] {
        let (mut call, leg) = hunting();
        feed(&mut call, 2, Input::Line(Indication::Channel { leg, port: FAR }));
        feed(&mut call, 3, Input::Line(heard(leg)));
        let said = feed(&mut call, 4, refused(leg, Cause::TEMPORARY_FAILURE));
        assert_eq!((placed(&said), records(&said).len()), (None, 1), "{said:?}");
    }
}

#[test]
fn a_caller_who_hangs_up_while_lines_are_tried_is_followed_by_no_other_attempt() {
    let (mut call, leg) = hunting();
    feed(&mut call, 2, released(CALLER));
    let said = feed(&mut call, 3, refused(leg, Cause::NO_CHANNEL_AVAILABLE));
    assert_eq!(placed(&said), None);
    assert_eq!(*call.phase(), Phase::Ended);
}

#[test]
fn digits_dialled_after_the_number_went_out_follow_it_until_it_rings() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::InBand));
    feed(&mut call, 100, Input::Digit(PORT, Digit::new(b'0').expect("a digit")));
    let said = feed(&mut call, 200, Input::Route(place()));
    let leg = said.iter().find_map(|output| match output {
        Output::Line(Request::Place { leg, .. }) => Some(*leg),
        _ => None,
    });
    let leg = leg.expect("placed");
    let dial = |call: &mut Call, key| {
        let said = feed(call, 300, Input::Digit(PORT, Digit::new(key).expect("a digit")));
        said.into_iter().find_map(|output| match output {
            Output::Line(Request::Digits { digits, complete, .. }) => {
                Some((digits.to_string(), complete))
            }
            _ => None,
        })
    };
    assert_eq!(dial(&mut call, b'7'), Some(("7".into(), false)));
    assert_eq!(dial(&mut call, b'#'), Some((String::new(), true)));
    assert_eq!(dial(&mut call, b'8'), None, "it was whole");
    assert_eq!(call.parties().1.to_string(), "07");
    feed(&mut call, 400, Input::Line(Indication::Alerting { leg, in_band: false }));
    assert_eq!(dial(&mut call, b'9'), None, "it rings");
}

#[test]
fn what_a_leg_notifies_is_told_to_the_other_one_while_they_talk_and_at_no_other_time() {
    let notified = |leg, what| Input::Line(Indication::Notified { leg, what });
    let mut call = ringing();
    let leg = other(&call);
    assert_eq!(feed(&mut call, 500, notified(leg, 1)), []);
    let mut call = talking_out();
    let leg = other(&call);
    for (from, to) in [(leg, CALLER), (CALLER, leg)] {
        let said = feed(&mut call, 2000, notified(from, 0x79));
        assert_eq!(said, [Output::Line(Request::Notify { leg: to, what: 0x79 })]);
    }
    feed(&mut call, 5000, released(CALLER));
    assert_eq!(feed(&mut call, 5100, notified(leg, 1)), []);
}
