//! Two registers, joined; what each country's exchange of signals is, signal by signal.

extern crate std;

use std::string::String;
use std::vec::Vec;

use machine::Machine;
use machine::check::Visits;
use units::{Cause, Digits, Duration, Instant, MfSignal};

use crate::check::{china, itu, mexico, visit_incoming, visit_outgoing};
use crate::{
    Incoming, IncomingInput, IncomingOutput, Outgoing, OutgoingInput, OutgoingOutput, Presented,
    Variant, Wants,
};

/// How long a signal takes to be heard, and its end.
const HEARD: Duration = Duration::from_millis(20);

struct Joined {
    now: Instant,
    outgoing: Outgoing,
    incoming: Incoming,
    /// Signals in their order: `f5` forward, `b1` backward.
    spoken: Vec<String>,
    presented: Option<Presented>,
    out: Option<OutgoingOutput>,
    inc: Option<IncomingOutput>,
    verdict: Option<IncomingInput>,
    /// What is on its way: when it arrives, forward or backward, the signal.
    wire: Vec<(Instant, bool, Option<MfSignal>)>,
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

const FIVE: Wants = Wants { called: 5, caller: true, caller_after: 0 };
const ACCEPT: IncomingInput = IncomingInput::Accept { charged: true };

impl Joined {
    fn new(variant: &Variant, called: &str, calling: &str, restricted: bool, wants: Wants) -> Self {
        let now = Instant::from_millis(1000);
        Self {
            now,
            outgoing: Outgoing::new(variant.clone(), digits(called), digits(calling), restricted),
            incoming: Incoming::new(now, variant.clone(), wants),
            spoken: Vec::new(),
            presented: None,
            out: None,
            inc: None,
            verdict: Some(ACCEPT),
            wire: Vec::new(),
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.outgoing.poll_output() {
            match output {
                OutgoingOutput::Send(signal) => self.speak(true, signal),
                told => self.out = Some(told),
            }
        }
        while let Some(output) = self.incoming.poll_output() {
            match output {
                IncomingOutput::Send(signal) => self.speak(false, signal),
                IncomingOutput::Complete(presented) => self.presented = Some(presented),
                told => self.inc = Some(told),
            }
        }
    }

    fn speak(&mut self, forward: bool, signal: Option<MfSignal>) {
        if let Some(signal) = signal {
            self.spoken.push(std::format!("{}{signal}", if forward { 'f' } else { 'b' }));
        }
        self.wire.push((self.now + HEARD, forward, signal));
    }

    /// Until both are done or nothing happens any more; milliseconds it took.
    fn run(&mut self) -> u64 {
        let begin = self.now;
        self.outgoing.handle(self.now, OutgoingInput::Begin);
        self.drain();
        for _ in 0..1000 {
            if self.presented.is_some()
                && let Some(verdict) = self.verdict.take()
            {
                self.incoming.handle(self.now, verdict);
                self.drain();
            }
            let wire = self.wire.first().map(|first| first.0);
            let timers = [self.outgoing.poll_timeout(), self.incoming.poll_timeout()];
            let Some(next) = timers.into_iter().flatten().chain(wire).min() else { break };
            self.now = self.now.max(next);
            if wire == Some(self.now) {
                let (_, forward, signal) = self.wire.remove(0);
                if forward {
                    self.incoming.handle(self.now, IncomingInput::Heard(signal));
                } else {
                    self.outgoing.handle(self.now, OutgoingInput::Heard(signal));
                }
            } else {
                self.outgoing.handle_timeout(self.now);
                self.incoming.handle_timeout(self.now);
            }
            self.drain();
        }
        (self.now - begin).as_millis().try_into().expect("short")
    }

    fn forward(&self) -> Vec<&str> {
        self.spoken.iter().filter_map(|word| word.strip_prefix('f')).collect()
    }

    fn backward(&self) -> Vec<&str> {
        self.spoken.iter().filter_map(|word| word.strip_prefix('b')).collect()
    }
}

/// A call whose numbers arrive exactly and which goes through.
fn exact(variant: &Variant, wants: Wants) -> Joined {
    let mut joined = Joined::new(variant, "80123", "13800138000", false, wants);
    joined.run();
    let presented = joined.presented.clone().expect("a number");
    assert_eq!(presented.called, digits("80123"));
    let calling = if wants.caller { digits("13800138000") } else { Digits::new() };
    assert_eq!((presented.calling, presented.restricted), (calling, false));
    assert_eq!(joined.out, Some(OutgoingOutput::Through { charged: true }));
    assert_eq!(joined.inc, Some(IncomingOutput::Done(true)));
    joined
}

// Q.441, Q.460 to Q.474
#[test]
fn an_itu_call_sends_digits_category_number_and_end_and_gets_b_6() {
    let joined = exact(&itu(), FIVE);
    let forward = "8 10 1 2 3 1 1 3 8 10 10 1 3 8 10 10 10 15 1";
    assert_eq!(joined.forward().join(" "), forward);
    assert_eq!(joined.backward().join(" "), "1 1 1 1 5 5 5 5 5 5 5 5 5 5 5 5 5 3 6");
}

#[test]
fn a_call_in_china_sends_ka_the_caller_and_15_behind_a_6_and_kd_behind_a_3() {
    let joined = exact(&china(), FIVE);
    // Digits; KA 1; the caller; 15; KD 3.
    let forward = "8 10 1 2 3 1 1 3 8 10 10 1 3 8 10 10 10 15 3";
    assert_eq!(joined.forward().join(" "), forward);
    // A-1 four times; A-6; A-1 for each digit of the caller; A-3; KB 1.
    assert_eq!(joined.backward().join(" "), "1 1 1 1 6 1 1 1 1 1 1 1 1 1 1 1 1 3 1");
}

#[test]
fn in_china_the_caller_may_be_asked_for_before_the_called_number_is_complete() {
    let joined = exact(&china(), Wants { caller_after: 3, ..FIVE });
    let forward = "8 10 1 1 1 3 8 10 10 1 3 8 10 10 10 15 2 3 3";
    assert_eq!(joined.forward().join(" "), forward);
}

#[test]
fn a_call_in_mexico_asks_for_the_caller_in_group_c() {
    let joined = exact(&mexico(), FIVE);
    assert_eq!(joined.backward().join(" "), "1 1 1 1 6 1 1 1 1 1 1 1 1 1 1 1 1 3 1");
    let joined = exact(&mexico(), Wants { caller_after: 2, ..FIVE });
    assert_eq!(joined.backward().join(" "), "1 6 1 1 1 1 1 1 1 1 1 1 1 1 5 1 1 3 1");
}

#[test]
fn a_caller_that_may_not_be_shown_is_said_so_where_a_signal_says_it() {
    for (variant, restricted) in [(itu(), true), (china(), false)] {
        let mut joined = Joined::new(&variant, "80123", "138", true, FIVE);
        joined.run();
        let presented = joined.presented.clone().expect("a number");
        assert_eq!((presented.calling.len(), presented.restricted), (0, restricted));
    }
}

// Q.473
#[test]
fn a_number_of_unknown_length_ends_by_i_15() {
    let joined = exact(&itu(), Wants { called: 0, ..FIVE });
    assert_eq!(joined.forward()[..6], ["8", "10", "1", "2", "3", "15"]);
}

// Q.442, Q.471
#[test]
fn without_i_15_a_number_ends_by_a_pause_and_a_pulse_of_150_ms() {
    let wants = Wants { called: 0, caller: false, caller_after: 0 };
    let mut joined = Joined::new(&china(), "80123", "", false, wants);
    let took = joined.run();
    assert_eq!(joined.presented.clone().expect("a number").called, digits("80123"));
    assert_eq!(joined.out, Some(OutgoingOutput::Through { charged: true }));
    assert_eq!(joined.spoken[10..], ["b3", "f3", "b1"]);
    // Five cycles, 4 s, the pulse, and 300 ms in which KD is not looked at.
    assert!((4800..5200).contains(&took), "{took} ms");
}

// Q.474
#[test]
fn each_refusal_reaches_the_other_end_as_its_cause() {
    for (variant, cause) in [
        (itu(), Cause::USER_BUSY),
        (itu(), Cause::UNALLOCATED_NUMBER),
        (itu(), Cause::DESTINATION_OUT_OF_ORDER),
        (itu(), Cause::SWITCHING_EQUIPMENT_CONGESTION),
        (china(), Cause::USER_BUSY),
        (china(), Cause::UNALLOCATED_NUMBER),
        (mexico(), Cause::USER_BUSY),
    ] {
        let mut joined = Joined::new(&variant, "80123", "138", false, FIVE);
        joined.verdict = Some(IncomingInput::Reject(cause));
        joined.run();
        assert_eq!(joined.out, Some(OutgoingOutput::Failed(cause)));
        assert_eq!(joined.inc, Some(IncomingOutput::Done(false)));
    }
}

/// What the outgoing register sends when it hears these signals, each with its end.
fn answers(variant: Variant, heard: &[u8]) -> (String, Option<OutgoingOutput>) {
    let mut register = Outgoing::new(variant, digits("1234"), digits("56"), false);
    let now = Instant::from_millis(0);
    let (mut sent, mut told) = (String::new(), None);
    register.handle(now, OutgoingInput::Begin);
    let mut drain = |register: &mut Outgoing| {
        while let Some(output) = register.poll_output() {
            match output {
                OutgoingOutput::Send(Some(signal)) => sent += &std::format!("{signal} "),
                OutgoingOutput::Send(None) => {}
                other => told = Some(other),
            }
        }
    };
    drain(&mut register);
    for number in heard {
        register.handle(now, OutgoingInput::Heard(MfSignal::new(*number)));
        register.handle(now, OutgoingInput::Heard(None));
        drain(&mut register);
    }
    (sent, told)
}

// Q.441 4.2.4
#[test]
fn digits_are_sent_again_as_a_2_a_7_and_a_8_ask() {
    assert_eq!(answers(itu(), &[1, 1, 2]).0, "1 2 3 2 ");
    assert_eq!(answers(itu(), &[1, 1, 1, 7]).0, "1 2 3 4 2 ");
    assert_eq!(answers(itu(), &[1, 1, 1, 8]).0, "1 2 3 4 1 ");
    assert_eq!(answers(itu(), &[8]).0, "1 1 ", "there is nothing before the first digit");
    assert_eq!(answers(china(), &[1, 1, 2]).0, "1 2 3 1 ");
}

#[test]
fn a_4_a_6_and_signals_without_a_meaning_end_the_work() {
    let congestion = OutgoingOutput::Failed(Cause::SWITCHING_EQUIPMENT_CONGESTION);
    assert_eq!(answers(itu(), &[4]).1, Some(congestion));
    assert_eq!(answers(itu(), &[1, 6]).1, Some(OutgoingOutput::Through { charged: true }));
    let nonsense = OutgoingOutput::Failed(Cause::NETWORK_OUT_OF_ORDER);
    assert_eq!(answers(itu(), &[9]).1, Some(nonsense));
    assert_eq!(answers(china(), &[7]).1, Some(nonsense));
    assert_eq!(answers(itu(), &[3, 12]).1, Some(nonsense));
}

// Q.476 5.5.1 and 5.5.2
#[test]
fn a_far_end_that_falls_silent_ends_the_work_after_15_and_24_s() {
    let at = Instant::from_millis;
    let failed = OutgoingOutput::Failed(Cause::NETWORK_OUT_OF_ORDER);
    let mut register = Outgoing::new(china(), digits("1"), digits("2"), false);
    register.handle(at(0), OutgoingInput::Begin);
    assert_eq!(register.poll_timeout(), Some(at(15_000)));
    register.handle(at(100), OutgoingInput::Heard(MfSignal::new(1)));
    register.handle(at(200), OutgoingInput::Heard(None));
    assert_eq!(register.poll_timeout(), Some(at(24_200)));
    while register.poll_output().is_some() {}
    register.handle_timeout(at(24_200));
    assert_eq!(register.poll_output(), Some(failed));
    let mut register = Incoming::new(at(0), itu(), FIVE);
    assert_eq!(register.poll_timeout(), Some(at(15_000)));
    register.handle_timeout(at(15_000));
    let failed = IncomingOutput::Failed(Cause::INVALID_NUMBER_FORMAT);
    assert_eq!(register.poll_output(), Some(failed));
}

/// An incoming register that was interrupted behind `heard`; what it says then and whether the
/// far end was heard to send on.
fn interrupted(heard: u8, sends_on: bool) -> Vec<IncomingOutput> {
    let mut now = Instant::from_millis(1000);
    let wants = Wants { called: 2, caller: false, caller_after: 0 };
    let mut register = Incoming::new(now, itu(), wants);
    for signal in 1..=heard {
        register.handle(now, IncomingInput::Heard(MfSignal::new(1)));
        while register.poll_output().is_some() {}
        register.handle(now, ACCEPT);
        while register.poll_output().is_some() {}
        if signal < 3 {
            register.handle(now, IncomingInput::Heard(None));
            while register.poll_output().is_some() {}
        }
    }
    register.handle(now, IncomingInput::Interrupted);
    if sends_on {
        register.handle(now, IncomingInput::Heard(MfSignal::new(1)));
        now += Duration::from_secs(1);
        register.handle_timeout(now);
        register.handle(now, IncomingInput::Heard(None));
    }
    let mut said = Vec::new();
    for _ in 0..10 {
        now += Duration::from_millis(200);
        register.handle_timeout(now);
        said.extend(core::iter::from_fn(|| register.poll_output()));
    }
    said
}

// Q.442
#[test]
fn a_register_that_was_interrupted_in_the_number_says_congestion_and_gives_up() {
    let congestion = IncomingOutput::Send(MfSignal::new(4));
    let over = [congestion, IncomingOutput::Send(None), IncomingOutput::Done(false)];
    assert_eq!(interrupted(1, false), over);
}

#[test]
fn a_register_that_was_interrupted_behind_its_last_signal_ends_as_the_far_end_does() {
    for sends_on in [false, true] {
        let said = interrupted(3, sends_on);
        assert_eq!(said.last(), Some(&IncomingOutput::Done(true)));
    }
}

#[test]
fn restored_after_any_event_registers_go_on_as_if_nothing_had_happened() {
    let (mut outgoing, mut incoming) = (Visits::default(), Visits::default());
    for seed in 0..400 {
        let told = |fault| panic!("seed {seed}: {fault}");
        outgoing.join(&visit_outgoing(seed, 150).unwrap_or_else(told));
        incoming.join(&visit_incoming(seed, 150).unwrap_or_else(told));
    }
    let (table, wrong) = outgoing.report::<Outgoing>("q441 outgoing");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
    let (table, wrong) = incoming.report::<Incoming>("q441 incoming");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
