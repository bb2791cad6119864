//! A jack answers by itself, calls by its button, and says when it cannot sound.

use machine::check::Visits;
use units::BoxId;

use super::*;

const PORT: PortId = PortId(30);
const OWN: LegId = LegId(5);

fn jack(answering: Answering) -> Jack {
    Jack::new(LineId::of_jack(1), PORT, Mint::new(BoxId(1), 1, 1), answering)
}

fn feed(jack: &mut Jack, at_ms: u64, input: Input) -> Vec<Output> {
    jack.handle(Instant::from_millis(at_ms), input);
    std::iter::from_fn(|| jack.poll_output()).collect()
}

fn place(leg: LegId) -> Input {
    let (line, calling) = (LineId::of_jack(1), Calling::default());
    Input::Request(Request::Place { leg, line, calling, called: Digits::new() })
}

fn release(leg: LegId) -> Input {
    Input::Request(Request::Release { leg, cause: Cause::NORMAL_CLEARING })
}

fn press(number: &str) -> Input {
    Input::Pressed { calls: Digits::parse(number).expect("digits") }
}

fn told(indication: Indication) -> Output {
    Output::Indication(indication)
}

fn released(leg: LegId, cause: Cause, by: Party) -> Vec<Output> {
    vec![told(Indication::Released { leg, cause, by })]
}

fn timeout(jack: &mut Jack) -> (Instant, Vec<Output>) {
    let at = jack.poll_timeout().expect("a timer");
    jack.handle_timeout(at);
    (at, std::iter::from_fn(|| jack.poll_output()).collect())
}

#[test]
fn an_intercom_beeps_and_then_answers_by_itself() {
    let mut jack = jack(Answering::AfterTone);
    let said = feed(&mut jack, 0, place(OWN));
    let wanted = [
        told(Indication::Channel { leg: OWN, port: PORT }),
        told(Indication::Alerting { leg: OWN, in_band: false }),
        Output::Attention(PORT),
    ];
    assert_eq!(said, wanted);
    let answered = vec![told(Indication::Answered { leg: OWN })];
    assert_eq!(timeout(&mut jack), (Instant::ZERO + ATTENTION, answered));
    let by_call = released(OWN, Cause::NORMAL_CLEARING, Party::Box);
    assert_eq!(feed(&mut jack, 9000, release(OWN)), by_call);
    assert_eq!(jack.usage().busy, 0);
}

#[test]
fn paging_answers_at_once() {
    let mut jack = jack(Answering::AtOnce);
    let said = feed(&mut jack, 0, place(OWN));
    assert_eq!(said[1..], [Output::Attention(PORT), told(Indication::Answered { leg: OWN })]);
    assert_eq!(jack.poll_timeout(), None);
}

#[test]
fn a_second_caller_finds_a_jack_in_use_busy() {
    let mut jack = jack(Answering::AtOnce);
    feed(&mut jack, 0, place(OWN));
    let busy = released(LegId(6), Cause::USER_BUSY, Party::Called);
    assert_eq!(feed(&mut jack, 1, place(LegId(6))), busy);
    assert_eq!(feed(&mut jack, 2, release(LegId(6))), [], "the first talks on");
    assert_eq!(jack.usage().busy, 1);
}

#[test]
fn a_jack_without_its_device_is_out_of_order_and_serves_when_it_is_back() {
    let mut jack = jack(Answering::AfterTone);
    assert_eq!(feed(&mut jack, 0, Input::Layer1 { of: 0, up: false }), []);
    let refused = released(OWN, Cause::DESTINATION_OUT_OF_ORDER, Party::Network);
    assert_eq!(feed(&mut jack, 1, place(OWN)), refused);
    assert_eq!(feed(&mut jack, 2, press("801")), []);
    feed(&mut jack, 3, Input::Layer1 { of: 0, up: true });
    assert_eq!(feed(&mut jack, 4, place(OWN)).len(), 3);
    // And it ends a call that it can carry no longer.
    assert_eq!(feed(&mut jack, 5, Input::Layer1 { of: 0, up: false }), refused);
}

#[test]
fn its_button_calls_and_hangs_up() {
    let mut jack = jack(Answering::AfterTone);
    let said = feed(&mut jack, 0, press("801"));
    let [Output::Indication(Indication::Offered { leg, port, called, dialling, .. })] = &said[..]
    else {
        panic!("{said:?}")
    };
    assert_eq!((*port, called, *dialling), (PORT, &Digits::parse("801").unwrap(), Dialling::Own));
    let by_person = released(*leg, Cause::NORMAL_CLEARING, Party::Caller);
    assert_eq!(feed(&mut jack, 5000, press("801")), by_person);
    assert_eq!(feed(&mut jack, 6000, press("")), [], "it may call nobody");
    // In a call that came it hangs up too.
    feed(&mut jack, 7000, place(OWN));
    let by_person = released(OWN, Cause::NORMAL_CLEARING, Party::Called);
    assert_eq!(feed(&mut jack, 7100, press("801")), by_person);
}

#[test]
fn whoever_pressed_the_button_hears_for_3_s_that_the_call_is_over() {
    let mut jack = jack(Answering::AfterTone);
    let said = feed(&mut jack, 0, press("801"));
    let Output::Indication(Indication::Offered { leg, .. }) = said[0] else { panic!("{said:?}") };
    assert_eq!(feed(&mut jack, 100, release(leg)), []);
    assert_eq!(feed(&mut jack, 200, place(OWN)).len(), 1, "busy meanwhile");
    let over = released(leg, Cause::NORMAL_CLEARING, Party::Box);
    assert_eq!(timeout(&mut jack), (Instant::from_millis(100) + PARKED, over));
    assert_eq!(jack.usage().busy, 0);
}

#[test]
fn restored_after_any_event_a_jack_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..100 {
        let visit = check::visit(seed, 200);
        visits.join(&visit.unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Jack>("jack");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
