//! Calls in and out on an exchange line, as the call sees them.

use machine::check::Visits;

use super::check::trunk;
use super::*;

fn drain(trunk: &mut Trunk) -> Vec<Output> {
    std::iter::from_fn(|| trunk.poll_output()).collect()
}

fn feed(trunk: &mut Trunk, at_ms: u64, input: Input) -> Vec<Output> {
    trunk.handle(Instant::from_millis(at_ms), input);
    drain(trunk)
}

fn exchange(trunk: &mut Trunk, at_ms: u64, exchange: Exchange) -> Vec<Output> {
    feed(trunk, at_ms, Input::Exchange(exchange))
}

fn timeout(trunk: &mut Trunk) -> Vec<Output> {
    let at = trunk.poll_timeout().expect("a timer runs");
    trunk.handle_timeout(at);
    drain(trunk)
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

/// A line that rings, and what it offers when this message came behind the first ring.
fn rung(message: &[u8]) -> (Trunk, LegId, Calling) {
    let mut trunk = trunk(fxo::Timing::default());
    assert_eq!(exchange(&mut trunk, 0, Exchange::Ringing(true)), []);
    assert_eq!(timeout(&mut trunk), []);
    exchange(&mut trunk, 1000, Exchange::Ringing(false));
    exchange(&mut trunk, 1500, Exchange::Mark);
    let mut said = vec![];
    for octet in message {
        said.extend(exchange(&mut trunk, 2000, Exchange::Octet(*octet)));
    }
    if said.is_empty() {
        said = exchange(&mut trunk, 5000, Exchange::Ringing(true));
    }
    let [Output::Indication(Indication::Offered { leg, calling, .. })] = &said[..] else {
        panic!("{said:?}")
    };
    let (leg, calling) = (*leg, calling.clone());
    (trunk, leg, calling)
}

#[test]
fn a_call_that_comes_in_shows_who_calls() {
    let call = clid::Call { number: Some(Told::Is(digits("13800138000"))), ..<_>::default() };
    let message = Message::Call(call).emit(clid::Format::Mdmf).expect("a message");
    let (mut trunk, leg, calling) = rung(&message);
    assert_eq!(calling.number, digits("13800138000"));
    let answer = Input::Request(Request::Answer { leg });
    let closed = [Output::Loop(PortId(30), true), Output::Listen(PortId(30), Ear::Tones)];
    assert_eq!(feed(&mut trunk, 3000, answer), closed);
    let said = exchange(&mut trunk, 60_000, Exchange::Tone(CallTone::Busy));
    let (cause, by) = (Cause::NORMAL_CLEARING, Party::Caller);
    assert!(said.contains(&Output::Indication(Indication::Released { leg, cause, by })));
}

#[test]
fn a_message_with_a_wrong_octet_shows_nobody() {
    let call = clid::Call { number: Some(Told::Is(digits("801"))), ..<_>::default() };
    let mut message = Message::Call(call).emit(clid::Format::Mdmf).expect("a message");
    message[5] ^= 1;
    let (_, _, calling) = rung(&message);
    assert_eq!((calling.number, calling.presentation), (Digits::new(), Presentation::Unavailable));
}

#[test]
fn a_number_in_keys_before_the_ring_shows_who_calls() {
    let mut trunk = trunk(fxo::Timing::default());
    for digit in digits("D02081234567C").as_slice() {
        assert_eq!(exchange(&mut trunk, 0, Exchange::Key(*digit)), []);
    }
    exchange(&mut trunk, 900, Exchange::Ringing(true));
    let said = timeout(&mut trunk);
    let number = match &said[..] {
        [Output::Indication(Indication::Offered { calling, .. })] => calling.number.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(number, digits("02081234567"));
}

fn place(leg: u64) -> Input {
    Input::Request(Request::Place {
        leg: LegId(leg),
        line: LineId::of_analog(5),
        calling: Calling::default(),
        called: digits("114"),
    })
}

#[test]
fn a_call_out_ends_with_the_cause_that_the_tone_says() {
    let causes = [
        (CallTone::Busy, Cause::USER_BUSY, Party::Called),
        (CallTone::Congestion, Cause::NO_CHANNEL_AVAILABLE, Party::Network),
        (CallTone::Unobtainable, Cause::UNALLOCATED_NUMBER, Party::Network),
    ];
    for (tone, cause, by) in causes {
        let mut trunk = trunk(fxo::Timing { reversal: true, ..fxo::Timing::default() });
        let leg = LegId(9);
        feed(&mut trunk, 0, place(9));
        exchange(&mut trunk, 1400, Exchange::Tone(CallTone::Dial));
        assert_eq!(timeout(&mut trunk), [Output::Indication(Indication::Progress { leg })]);
        let said = exchange(&mut trunk, 5000, Exchange::Tone(tone));
        let released = Output::Indication(Indication::Released { leg, cause, by });
        assert_eq!(said.last(), Some(&released), "{tone:?}");
    }
}

#[test]
fn busy_tone_behind_an_answer_that_the_exchange_told_is_the_end_of_the_call() {
    let mut trunk = trunk(fxo::Timing { reversal: true, ..fxo::Timing::default() });
    feed(&mut trunk, 0, place(9));
    exchange(&mut trunk, 1400, Exchange::Tone(CallTone::Dial));
    timeout(&mut trunk);
    exchange(&mut trunk, 4000, Exchange::Polarity);
    let said = exchange(&mut trunk, 8000, Exchange::Tone(CallTone::Busy));
    let (leg, cause, by) = (LegId(9), Cause::NORMAL_CLEARING, Party::Called);
    let released = Output::Indication(Indication::Released { leg, cause, by });
    assert_eq!(said.last(), Some(&released));
}

#[test]
fn a_line_that_rings_is_not_there_for_a_call_out() {
    let mut trunk = trunk(fxo::Timing::default());
    exchange(&mut trunk, 0, Exchange::Ringing(true));
    let (leg, cause, by) = (LegId(9), Cause::NO_CHANNEL_AVAILABLE, Party::Network);
    let released = Output::Indication(Indication::Released { leg, cause, by });
    assert_eq!(feed(&mut trunk, 10, place(9)), [released]);
}

#[test]
fn what_is_decided_during_a_call_is_in_force_from_the_next() {
    let mut trunk = trunk(fxo::Timing::default());
    let leg = LegId(9);
    feed(&mut trunk, 0, place(9));
    trunk.configure(&ExchangeLine { reversal: true, ..ExchangeLine::default() });
    let answered = Output::Indication(Indication::Answered { leg });
    exchange(&mut trunk, 1400, Exchange::Tone(CallTone::Dial));
    assert!(timeout(&mut trunk).contains(&answered), "as soon as it was sent");
    exchange(&mut trunk, 9000, Exchange::Tone(CallTone::Busy));
    timeout(&mut trunk);
    feed(&mut trunk, 20_000, place(9));
    exchange(&mut trunk, 21_400, Exchange::Tone(CallTone::Dial));
    assert!(!timeout(&mut trunk).contains(&answered));
    assert!(exchange(&mut trunk, 29_000, Exchange::Polarity).contains(&answered));
}

#[test]
fn a_line_in_pulses_that_awaits_dial_tone_sends_no_keys_and_does_not_dial_without() {
    let mut trunk = trunk(fxo::Timing::default());
    trunk.configure(&ExchangeLine { pulses: true, dial_tone: true, reversal: false });
    feed(&mut trunk, 0, place(9));
    let said = exchange(&mut trunk, 1400, Exchange::Tone(CallTone::Dial));
    assert_eq!(said, [Output::Loop(PortId(30), false)], "the first pulse");
    let mut trunk = check::trunk(fxo::Timing::default());
    trunk.configure(&ExchangeLine { dial_tone: true, ..ExchangeLine::default() });
    feed(&mut trunk, 0, place(9));
    let (leg, cause, by) = (LegId(9), Cause::DESTINATION_OUT_OF_ORDER, Party::Network);
    let released = Output::Indication(Indication::Released { leg, cause, by });
    assert!(timeout(&mut trunk).contains(&released));
}

#[test]
fn a_line_that_goes_on_says_anew_that_its_loop_is_closed() {
    let (mut trunk, leg, _) = rung(&[]);
    feed(&mut trunk, 6000, Input::Request(Request::Answer { leg }));
    let mut room = [0; 1024];
    let octets = trunk.snapshot(&mut room).expect("room").to_vec();
    let mut fresh = check::trunk(fxo::Timing::default());
    fresh.go_on(&octets).expect("its own octets");
    let closed = [Output::Loop(PortId(30), true), Output::Listen(PortId(30), Ear::Tones)];
    assert_eq!(drain(&mut fresh), closed);
    assert_eq!(fresh.leg(), Some(leg));
}

#[test]
fn restored_after_any_event_an_exchange_line_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..150 {
        let visit = check::visit(seed, 300);
        visits.join(&visit.unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Trunk>("exchange line");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
