//! What an exchange does for a call, and what the record says of it.

use bearer::{Dialling, Indication, Request, Served, Service};
use units::{Cause, Digits, Finding, LegId, Party};

use crate::app::{Action, Hear};
use crate::check::{CALLER, back, call, offer, place};
use crate::story::{Record, Step, Story};
use crate::tests::{FAR, feed, flow, other, talking, timeout};
use crate::{Call, Input, Output, Phase};

fn number() -> Digits {
    Digits::parse("801").expect("digits")
}

fn served(leg: LegId, service: Service, done: bool) -> Input {
    Input::Line(Indication::Served { leg, service, done })
}

fn to() -> Service {
    Service::Deflect(number())
}

fn placed(said: &[Output]) -> bool {
    said.iter().any(|output| matches!(output, Output::Line(Request::Place { .. })))
}

fn asked(said: &[Output]) -> Vec<Service> {
    let asked = |output: &Output| match output {
        Output::Line(Request::Ask { service, .. }) => Some(service.clone()),
        _ => None,
    };
    said.iter().filter_map(asked).collect()
}

fn record(said: &[Output]) -> &Record {
    let record = said.iter().find_map(|output| match output {
        Output::Story(Story::Ended(record)) => Some(record),
        _ => None,
    });
    record.expect("a record")
}

/// A caller whose number leads out again where it came in.
fn deflecting() -> (Call, Vec<Output>) {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    let said = feed(&mut call, 1, Input::Route(back()));
    assert!(matches!(call.phase(), Phase::Deflecting { .. }));
    (call, said)
}

fn released(leg: LegId) -> Input {
    let cause = Cause::NORMAL_CLEARING;
    Input::Line(Indication::Released { leg, cause, by: Party::Network })
}

#[test]
fn a_caller_who_leads_out_again_is_sent_there_by_the_exchange() {
    let (mut call, said) = deflecting();
    assert_eq!((asked(&said), placed(&said)), (vec![to()], false));
    assert!(said.contains(&Output::Line(Request::Proceed { leg: CALLER })));
    let said = feed(&mut call, 500, served(CALLER, to(), true));
    assert_eq!(said, [Output::Story(Story::Served(Served::Deflected))]);
    let said = feed(&mut call, 900, released(CALLER));
    let record = record(&said);
    assert_eq!(record.path.last(), Some(&Step::Deflected(number())));
    assert_eq!((record.answered, record.by), (None, Party::Network));
    assert_eq!(*call.phase(), Phase::Ended);
}

#[test]
fn a_caller_whom_the_exchange_does_not_take_back_is_connected_by_the_box() {
    let (mut refused, _) = deflecting();
    assert!(placed(&feed(&mut refused, 500, served(CALLER, to(), false))));
    let (mut silent, _) = deflecting();
    assert!(placed(&timeout(&mut silent)));
    for call in [&mut refused, &mut silent] {
        assert!(matches!(call.phase(), Phase::Ringing { until: Some(_) }));
        // A word that comes late changes nothing.
        assert_eq!(feed(call, 9000, served(CALLER, to(), true)), []);
        let leg = other(call);
        feed(call, 9001, Input::Line(Indication::Channel { leg, port: FAR }));
        feed(call, 9002, Input::Line(Indication::Answered { leg }));
        assert_eq!(*call.phase(), Phase::Talking);
    }
}

#[test]
fn an_exchange_that_took_a_caller_and_does_not_let_go_is_let_go() {
    let (mut call, _) = deflecting();
    feed(&mut call, 500, served(CALLER, to(), true));
    let said = timeout(&mut call);
    assert_eq!(record(&said).cause, Cause::NORMAL_CLEARING);
    let cause = Cause::NORMAL_CLEARING;
    assert!(said.contains(&Output::Line(Request::Release { leg: CALLER, cause })));
}

#[test]
fn a_flow_that_rings_outside_before_it_answers_has_its_caller_sent_there_and_may_change_its_mind() {
    let ring = || Input::App(Action::Ring { number: number(), hear: Hear::RingBack });
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    feed(&mut call, 2, ring());
    assert_eq!(asked(&feed(&mut call, 3, Input::Route(back()))), [to()]);
    feed(&mut call, 4, Input::App(Action::StopRinging));
    assert_eq!(*call.phase(), Phase::InFlow);
    // One who was answered is nobody's to deflect.
    feed(&mut call, 5, Input::App(Action::Answer));
    feed(&mut call, 6, ring());
    let said = feed(&mut call, 7, Input::Route(back()));
    assert_eq!((asked(&said), placed(&said)), (vec![], true));
}

#[test]
fn two_legs_of_one_line_are_joined_by_the_exchange_and_the_record_says_so() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    feed(&mut call, 2, Input::App(Action::Answer));
    feed(&mut call, 3, Input::App(Action::Ring { number: number(), hear: Hear::RingBack }));
    feed(&mut call, 4, Input::Route(back()));
    let leg = other(&call);
    feed(&mut call, 5, Input::Line(Indication::Channel { leg, port: FAR }));
    let said = feed(&mut call, 6, Input::Line(Indication::Answered { leg }));
    assert_eq!(asked(&said), [Service::Join(leg)]);
    assert_eq!(feed(&mut call, 7, served(CALLER, Service::Join(leg), false)), []);
    let said = feed(&mut call, 8, served(CALLER, Service::Join(leg), true));
    assert_eq!(said, [Output::Story(Story::Served(Served::Joined))]);
    let said = feed(&mut call, 9, released(leg));
    feed(&mut call, 10, released(CALLER));
    let told = record(&said);
    assert_eq!((told.path.last(), told.by), (Some(&Step::Joined), Party::Network));
}

#[test]
fn a_caller_is_shown_which_telephone_answered_unless_a_flow_did() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, Input::Route(place()));
    let leg = other(&call);
    feed(&mut call, 2, Input::Line(Indication::Channel { leg, port: FAR }));
    let said = feed(&mut call, 3, Input::Line(Indication::Answered { leg }));
    let show = Output::Line(Request::Ask { leg: CALLER, service: Service::Show(number()) });
    let answer = Output::Line(Request::Answer { leg: CALLER });
    let at = |what: &Output| said.iter().position(|output| output == what);
    assert!(at(&show) < at(&answer) && at(&show).is_some());
}

#[test]
fn an_operator_has_a_caller_noted_by_the_exchange_and_hears_when_it_is_not_done() {
    let mut call = call();
    feed(&mut call, 0, offer(Dialling::Complete));
    feed(&mut call, 1, flow());
    let said = feed(&mut call, 2, Input::Identify);
    assert_eq!(asked(&said), [Service::Identify]);
    let said = feed(&mut call, 3, served(CALLER, Service::Identify, false));
    assert_eq!(said, [Output::Story(Story::Refused(Served::Identified))]);
    for _ in 0..2 {
        feed(&mut call, 4, served(CALLER, Service::Identify, true));
    }
    let said = feed(&mut call, 5, Input::Clear(Cause::NORMAL_CLEARING));
    let noted = record(&said).path.iter().filter(|step| **step == Step::Identified);
    assert_eq!(noted.count(), 1);
    let mut inside = crate::check::call();
    feed(&mut inside, 0, offer(Dialling::InBand));
    let refused = Output::Story(Story::Refused(Served::Identified));
    assert_eq!(feed(&mut inside, 1, Input::Identify), [refused]);
}

#[test]
fn what_the_call_was_by_its_sound_is_in_the_record_once() {
    let mut call = talking();
    for finding in [Finding::FaxCalls, Finding::Person, Finding::FaxCalls, Finding::Machine] {
        assert_eq!(feed(&mut call, 2000, Input::Found(finding)), []);
    }
    let said = feed(&mut call, 3000, Input::Clear(Cause::NORMAL_CLEARING));
    let found = |step: &&Step| matches!(step, Step::Found(_));
    let kept: Vec<_> = record(&said).path.iter().filter(found).collect();
    assert_eq!(kept, [&Step::Found(Finding::FaxCalls), &Step::Found(Finding::Machine)]);
    assert_eq!(feed(&mut call, 3001, Input::Found(Finding::ModemCalls)), []);
}
