//! A telephone and whoever lifts its handset.

use analog::Cadence;
use clid::{Message, Told};
use machine::check::Visits;
use units::BoxId;

use super::*;

fn telephone() -> Telephone {
    Telephone::new(LineId::of_analog(1), PortId(30), Mint::new(BoxId(1), 1, 1), Settings::default())
}

fn feed(telephone: &mut Telephone, at_ms: u64, input: Input) -> Vec<Output> {
    telephone.handle(Instant::from_millis(at_ms), input);
    std::iter::from_fn(|| telephone.poll_output()).collect()
}

fn place(leg: u64) -> Input {
    Input::Request(Request::Place {
        leg: LegId(leg),
        line: LineId::of_analog(1),
        calling: Calling::default(),
        called: Digits::new(),
    })
}

#[test]
fn a_telephone_that_is_rung_answers_and_hangs_up() {
    let mut telephone = telephone();
    let leg = LegId(5);
    let said = feed(&mut telephone, 0, place(5));
    assert_eq!(said[2], Output::Ringing(PortId(30), true));
    let said = feed(&mut telephone, 100, Input::Hook { off_hook: true });
    assert_eq!(said[1], Output::Indication(Indication::Answered { leg }));
    assert!(feed(&mut telephone, 2000, Input::Hook { off_hook: false }).is_empty());
    let at = telephone.poll_timeout().expect("hang-up timer");
    telephone.handle_timeout(at);
    let (cause, by) = (Cause::NORMAL_CLEARING, Party::Called);
    let released = Output::Indication(Indication::Released { leg, cause, by });
    assert_eq!(telephone.poll_output(), Some(released));
}

/// What is sent, and what was said before and behind it.
fn sent(said: &[Output]) -> (Vec<u8>, Option<Lead>) {
    let octets = said.iter().filter_map(|output| match output {
        Output::CallerOctet(PortId(30), octet) => Some(*octet),
        Output::CallerKey(PortId(30), digit) => Some(digit.ascii()),
        _ => None,
    });
    let lead = said.iter().find_map(|output| match output {
        Output::Caller(PortId(30), lead) => *lead,
        _ => None,
    });
    (octets.collect(), lead)
}

fn timeout(telephone: &mut Telephone) -> (u64, Vec<Output>) {
    let at = telephone.poll_timeout().expect("a timer runs");
    telephone.handle_timeout(at);
    (at.as_millis(), std::iter::from_fn(|| telephone.poll_output()).collect())
}

fn of(telling: Telling, steps_ms: &[u16]) -> Telephone {
    let cadence = Cadence::new(steps_ms).expect("a cadence");
    let timing = Timing { inside: cadence, outside: cadence, ..Timing::default() };
    let settings = Settings { timing, telling: Some(telling), reversal: false };
    Telephone::new(LineId::of_analog(1), PortId(30), Mint::new(BoxId(1), 1, 1), settings)
}

fn called_by(number: &str) -> Input {
    let number = Digits::parse(number).expect("digits");
    let calling = Calling { number, ..Calling::default() };
    let (leg, line, called) = (LegId(5), LineId::of_analog(1), Digits::new());
    Input::Request(Request::Place { leg, line, calling, called })
}

fn says(octets: &[u8], number: &str) -> bool {
    let number = Told::Is(Digits::parse(number).expect("digits"));
    let call = clid::Call { number: Some(number), ..clid::Call::default() };
    Message::parse(octets) == Ok(Message::Call(call))
}

const HUNG_UP: Input = Input::Hook { off_hook: false };
const LIFTED: Input = Input::Hook { off_hook: true };
const REVERSED: Output = Output::Reversed(PortId(30), true);
const NORMAL: Output = Output::Reversed(PortId(30), false);
const RINGS: Output = Output::Ringing(PortId(30), true);

#[test]
fn who_calls_is_told_after_the_first_ring_and_no_more_when_the_handset_is_lifted() {
    let mut telephone = of(Telling::default(), &[1000, 4000]);
    assert_eq!(feed(&mut telephone, 0, called_by("13800138000")).len(), 3);
    let (at, said) = timeout(&mut telephone);
    assert_eq!((at, &said[0]), (1000, &Output::Ringing(PortId(30), false)));
    let (octets, lead) = sent(&said);
    assert!(says(&octets, "13800138000"));
    assert_eq!(lead, Some(Lead { wait_ms: 600, alert_ms: 0, gap_ms: 0 }));
    let lifted = feed(&mut telephone, 2000, LIFTED);
    assert_eq!(lifted[0], Output::Caller(PortId(30), None));
    // The second pause tells nothing again.
    assert!(telephone.caller.is_none());
}

#[test]
fn who_calls_is_told_behind_the_whole_first_group_of_rings() {
    let mut telephone = of(Telling::default(), &[400, 200, 400, 2000]);
    feed(&mut telephone, 0, called_by("13800138000"));
    for _ in 0..2 {
        assert_eq!(sent(&timeout(&mut telephone).1), (vec![], None));
    }
    let (at, said) = timeout(&mut telephone);
    assert_eq!(at, 1000);
    assert!(says(&sent(&said).0, "13800138000"));
}

#[test]
fn a_message_that_has_no_room_in_the_pause_is_not_begun() {
    let mut telephone = of(Telling::default(), &[1000, 1300]);
    feed(&mut telephone, 0, called_by("13800138000"));
    assert_eq!(timeout(&mut telephone).1, [Output::Ringing(PortId(30), false)]);
    // It is no later either.
    timeout(&mut telephone);
    assert_eq!(timeout(&mut telephone).1, [Output::Ringing(PortId(30), false)]);
}

#[test]
fn who_calls_is_told_before_the_first_ring_behind_a_reversal_and_an_alert() {
    let telling = Telling { before_ring: true, reversal: true, alert: true, keys: None };
    let mut telephone = of(telling, &[400, 200, 400, 2000]);
    let said = feed(&mut telephone, 0, called_by("801"));
    assert_eq!(said[2], REVERSED);
    let (octets, lead) = sent(&said);
    assert!(says(&octets, "801"));
    assert_eq!(lead, Some(Lead { wait_ms: 200, alert_ms: 100, gap_ms: 60 }));
    let (at, said) = timeout(&mut telephone);
    // 8 octets: 565 bits, 471 ms; and 300 ms of silence before the ring.
    assert_eq!((at, said), (200 + 100 + 60 + 471 + 300, vec![NORMAL, RINGS]));
}

#[test]
fn who_calls_is_told_in_digits_before_the_first_ring() {
    let keys = Some(clid::Dtmf::CHINA);
    let telling = Telling { before_ring: true, reversal: false, alert: false, keys };
    let mut telephone = of(telling, &[1000, 4000]);
    let said = feed(&mut telephone, 0, called_by("801"));
    let lead = Lead { wait_ms: 200, alert_ms: 0, gap_ms: 0 };
    assert_eq!(sent(&said), (b"D801C".to_vec(), Some(lead)));
    assert_eq!(timeout(&mut telephone), (200 + 5 * 160 + 300, vec![RINGS]));
}

#[test]
fn a_handset_lifted_before_the_first_ring_has_the_one_who_calls() {
    let telling = Telling { before_ring: true, reversal: true, ..Telling::default() };
    let mut telephone = of(telling, &[1000, 4000]);
    feed(&mut telephone, 0, called_by("801"));
    let answered = Output::Indication(Indication::Answered { leg: LegId(5) });
    let silent = Output::Caller(PortId(30), None);
    assert_eq!(feed(&mut telephone, 500, LIFTED), [silent, NORMAL, answered]);
}

#[test]
fn a_caller_who_gives_up_before_the_first_ring_leaves_the_telephone_free() {
    let telling = Telling { before_ring: true, reversal: true, ..Telling::default() };
    let mut telephone = of(telling, &[1000, 4000]);
    feed(&mut telephone, 0, called_by("801"));
    let (leg, cause) = (LegId(5), Cause::NORMAL_CLEARING);
    let said = feed(&mut telephone, 500, Input::Request(Request::Release { leg, cause }));
    assert_eq!(said[..2], [Output::Caller(PortId(30), None), NORMAL]);
    assert_eq!((telephone.usage().busy, telephone.poll_timeout()), (0, None));
}

#[test]
fn the_lamp_is_told_when_the_telephone_has_rested_and_once() {
    let mut telephone = of(Telling::default(), &[1000, 4000]);
    let now = Instant::from_millis;
    feed(&mut telephone, 0, LIFTED);
    telephone.configure(now(10), Extension { waiting: true, ..Extension::default() });
    assert_eq!(telephone.poll_timeout(), None, "nobody looks at a lamp while they talk");
    feed(&mut telephone, 1000, HUNG_UP);
    timeout(&mut telephone);
    let (at, said) = timeout(&mut telephone);
    let waiting = clid::Waiting { on: true, messages: None };
    assert_eq!((at, Message::parse(&sent(&said).0)), (3500, Ok(Message::Waiting(waiting))));
    timeout(&mut telephone);
    assert_eq!((telephone.usage().busy, telephone.poll_timeout()), (0, None));
    telephone.configure(now(9000), Extension::default());
    let (at, said) = timeout(&mut telephone);
    let waiting = clid::Waiting { on: false, messages: None };
    assert_eq!((at, Message::parse(&sent(&said).0)), (11000, Ok(Message::Waiting(waiting))));
}

#[test]
fn a_call_goes_before_the_lamp_which_is_told_behind_it() {
    let mut telephone = of(Telling::default(), &[1000, 4000]);
    let waiting = Extension { waiting: true, ..Extension::default() };
    telephone.configure(Instant::from_millis(0), waiting);
    timeout(&mut telephone);
    let said = feed(&mut telephone, 2100, called_by("801"));
    assert_eq!((&said[0], said.last()), (&Output::Caller(PortId(30), None), Some(&RINGS)));
    feed(&mut telephone, 2200, LIFTED);
    feed(&mut telephone, 5000, HUNG_UP);
    timeout(&mut telephone);
    assert!(!sent(&timeout(&mut telephone).1).0.is_empty());
}

#[test]
fn the_feeding_is_reversed_on_answer_only_where_country_or_extension_say_so() {
    let ours = |country, extension| {
        let mut telephone = of(Telling::default(), &[1000, 4000]);
        telephone.reversal = country;
        telephone.extension.reversal = extension;
        feed(&mut telephone, 0, LIFTED);
        let leg = telephone.leg().expect("a leg");
        let answer = feed(&mut telephone, 10, Input::Request(Request::Answer { leg }));
        let cause = Cause::NORMAL_CLEARING;
        let over = feed(&mut telephone, 20, Input::Request(Request::Release { leg, cause }));
        (answer, over)
    };
    assert_eq!(ours(true, None), (vec![REVERSED], vec![NORMAL]));
    assert_eq!(ours(false, Some(true)), (vec![REVERSED], vec![NORMAL]));
    assert_eq!(ours(true, Some(false)), (vec![], vec![]));
    assert_eq!(ours(false, None), (vec![], vec![]));
}

#[test]
fn a_telephone_that_goes_on_rings_as_the_country_says_now() {
    let mut before = telephone();
    feed(&mut before, 0, Input::Hook { off_hook: true });
    let mut room = [0; 256];
    let octets = before.snapshot(&mut room).expect("room");
    let mut now = of(Telling::default(), &[400, 200, 400, 2000]);
    now.go_on(Instant::from_millis(0), octets).expect("of this release");
    assert_eq!((now.leg(), now.telling), (before.leg(), Some(Telling::default())));
    assert!(now.leg().is_some());
    assert_eq!(now.fxs.timing().inside, Cadence::new(&[400, 200, 400, 2000]).expect("it"));
}

#[test]
fn a_telephone_in_use_is_busy_for_a_second_call() {
    let mut telephone = telephone();
    feed(&mut telephone, 0, Input::Hook { off_hook: true });
    let (leg, cause, by) = (LegId(9), Cause::USER_BUSY, Party::Called);
    assert_eq!(
        feed(&mut telephone, 1, place(9)),
        [Output::Indication(Indication::Released { leg, cause, by })]
    );
}

#[test]
fn restored_after_any_event_a_telephone_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..100 {
        let visit = check::visit(seed, 200);
        visits.join(&visit.unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Telephone>("telephone");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
