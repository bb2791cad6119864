//! Q.422, procedure by procedure, with two ends joined.

extern crate std;

use machine::Machine;
use machine::check::Visits;
use std::vec::Vec;
use units::{Duration, Instant};

use crate::check::visit;
use crate::{Circuit, Code, Input, Output, Timing};

/// Two ends and the time; what each was told.
struct Joined {
    now: Instant,
    ends: [Circuit; 2],
    told: [Vec<Output>; 2],
}

impl Joined {
    fn new(code: Code, timing: Timing) -> Self {
        let ends = [Circuit::new(code, timing), Circuit::new(code, timing)];
        let mut joined = Self { now: Instant::from_millis(1000), ends, told: [vec(), vec()] };
        for end in 0..2 {
            let bits = joined.ends[1 - end].bits();
            joined.give(end, Input::Bits(bits));
        }
        joined.pass(500);
        assert_eq!(joined.take(0), [Output::Unblocked]);
        assert_eq!(joined.take(1), [Output::Unblocked]);
        joined
    }

    fn usual() -> Self {
        Self::new(Code::ITU, Timing::default())
    }

    fn give(&mut self, end: usize, input: Input) {
        self.ends[end].handle(self.now, input);
        self.drain(end);
    }

    fn drain(&mut self, end: usize) {
        while let Some(output) = self.ends[end].poll_output() {
            match output {
                Output::Send(bits) => self.ends[1 - end].handle(self.now, Input::Bits(bits)),
                told => self.told[end].push(told),
            }
        }
    }

    fn pass(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        while let Some(at) = self.ends.iter().filter_map(Machine::poll_timeout).min() {
            if at > end {
                break;
            }
            self.now = self.now.max(at);
            for which in 0..2 {
                self.ends[which].handle_timeout(self.now);
                self.drain(which);
            }
        }
        self.now = end;
    }

    fn take(&mut self, end: usize) -> Vec<Output> {
        std::mem::take(&mut self.told[end])
    }

    fn call(&mut self) {
        self.give(0, Input::Seize);
        self.pass(60);
        assert_eq!(self.take(0), [Output::Acknowledged]);
        assert_eq!(self.take(1), [Output::Seized]);
    }
}

const fn vec() -> Vec<Output> {
    Vec::new()
}

#[test]
fn the_bits_are_those_of_q_421_table_1() {
    let mut joined = Joined::usual();
    let shown = |joined: &Joined| (joined.ends[0].bits() >> 2, joined.ends[1].bits() >> 2);
    assert_eq!(shown(&joined), (0b10, 0b10));
    joined.call();
    assert_eq!(shown(&joined), (0b00, 0b11));
    joined.give(1, Input::Answer);
    joined.pass(60);
    assert_eq!(shown(&joined), (0b00, 0b01));
    joined.give(1, Input::ClearBack);
    joined.pass(60);
    assert_eq!(shown(&joined), (0b00, 0b11));
    joined.give(0, Input::ClearForward);
    assert_eq!(shown(&joined), (0b10, 0b11));
    joined.pass(60);
    assert_eq!(shown(&joined), (0b10, 0b10));
}

// Q.422 3.2.2.1 to 3.2.2.4
#[test]
fn a_call_is_seized_answered_cleared_back_and_cleared_forward() {
    let mut joined = Joined::usual();
    joined.call();
    joined.give(1, Input::Answer);
    joined.pass(60);
    assert_eq!(joined.take(0), [Output::Answered]);
    joined.give(1, Input::ClearBack);
    joined.pass(60);
    assert_eq!(joined.take(0), [Output::ClearedBack]);
    joined.give(1, Input::Answer);
    joined.pass(60);
    assert_eq!(joined.take(0), [Output::Answered]);
    joined.give(0, Input::ClearForward);
    joined.pass(300);
    assert_eq!(joined.take(0), [Output::Released]);
    assert_eq!(joined.take(1), [Output::ClearedForward]);
    assert!(joined.ends.iter().all(Circuit::is_free));
}

// Q.422 3.2.1
#[test]
fn a_change_that_does_not_stay_for_the_recognition_time_is_none() {
    let mut circuit = Joined::usual().ends[0].clone();
    let at = |ms: u64| Instant::from_millis(10_000 + ms);
    circuit.handle(at(0), Input::Bits(0b0001));
    circuit.handle_timeout(at(19));
    circuit.handle(at(19), Input::Bits(0b1001));
    circuit.handle_timeout(at(60));
    assert_eq!(circuit.poll_output(), None);
    assert!(circuit.is_free());
    circuit.handle(at(100), Input::Bits(0b0001));
    circuit.handle_timeout(at(120));
    assert_eq!(circuit.poll_output(), Some(Output::Send(0b1101)));
    assert_eq!(circuit.poll_output(), Some(Output::Seized));
}

// Q.422 3.2.2.5
#[test]
fn a_blocked_circuit_is_not_seized_until_it_is_unblocked() {
    let mut joined = Joined::usual();
    joined.give(1, Input::Block);
    joined.pass(60);
    assert_eq!(joined.take(0), [Output::Blocked]);
    joined.give(0, Input::Seize);
    assert_eq!(joined.take(0), [Output::Refused]);
    joined.give(1, Input::Unblock);
    joined.pass(60);
    assert_eq!(joined.take(0), [Output::Unblocked]);
    joined.call();
    // Wanted in the middle of a call it waits for the end.
    joined.give(1, Input::Block);
    joined.give(0, Input::ClearForward);
    joined.pass(400);
    assert_eq!(joined.take(0), [Output::Released, Output::Blocked]);
    assert!(!joined.ends[0].is_free() && joined.ends[0].is_blocked());
}

#[test]
fn an_end_that_seizes_while_the_circuit_is_blocked_is_acknowledged_when_it_is_free_again() {
    let mut circuit = Joined::usual().ends[0].clone();
    let at = |ms: u64| Instant::from_millis(10_000 + ms);
    circuit.handle(at(100), Input::Block);
    while circuit.poll_output().is_some() {}
    // It had begun before it saw that the circuit is blocked.
    circuit.handle(at(110), Input::Bits(0b0001));
    circuit.handle_timeout(at(170));
    assert_eq!(circuit.poll_output(), None);
    circuit.handle(at(5000), Input::Unblock);
    let said: Vec<_> = std::iter::from_fn(|| circuit.poll_output()).collect();
    assert_eq!(said.last(), Some(&Output::Seized));
    assert_eq!(circuit.bits(), 0b1101);
}

// Q.422 3.2.4
#[test]
fn a_double_seizure_clears_both_ends_after_100_ms_and_leaves_the_circuit_free() {
    let mut joined = Joined::usual();
    joined.give(0, Input::Seize);
    joined.give(1, Input::Seize);
    joined.pass(25);
    assert_eq!(joined.take(0), [Output::DoubleSeizure]);
    assert_eq!(joined.take(1), [Output::DoubleSeizure]);
    assert_eq!(joined.ends[0].bits() >> 2, 0b00);
    joined.pass(90);
    assert_eq!(joined.ends[0].bits() >> 2, 0b00, "kept for 100 ms");
    joined.pass(400);
    assert_eq!(joined.take(0), [Output::Released]);
    assert!(joined.ends.iter().all(Circuit::is_free));
    joined.take(1);
    joined.call();
}

// Q.422 3.2.4
#[test]
fn an_end_that_never_saw_the_double_seizure_has_its_call_taken() {
    let mut joined = Joined::usual();
    // Nothing comes in at the second end while the first one seizes, and gives way.
    joined.ends[1].handle(joined.now, Input::Seize);
    while let Some(output) = joined.ends[1].poll_output() {
        if let Output::Send(bits) = output {
            joined.ends[0].handle(joined.now, Input::Bits(bits));
        }
    }
    joined.ends[0].handle(joined.now, Input::Seize);
    while joined.ends[0].poll_output().is_some() {}
    for _ in 0..150 {
        joined.now += Duration::from_millis(1);
        joined.ends[0].handle_timeout(joined.now);
        while joined.ends[0].poll_output().is_some() {}
    }
    joined.pass(5000);
    assert!(joined.take(0).starts_with(&[Output::Released, Output::Seized]));
    joined.pass(5000);
    assert!(joined.ends.iter().all(Circuit::is_free));
}

#[test]
fn two_ends_that_both_take_the_other_for_the_caller_become_free_again() {
    let mut joined = Joined::usual();
    for end in 0..2 {
        // Noise that looks like a seizure.
        joined.ends[end].handle(joined.now, Input::Bits(0b0001));
    }
    // Both recognise it before either hears of the other's acknowledgement.
    joined.now += Duration::from_millis(25);
    for end in &mut joined.ends {
        end.handle_timeout(joined.now);
    }
    joined.drain(0);
    joined.drain(1);
    assert_eq!(
        (joined.take(0), joined.take(1)),
        ([Output::Seized].into(), [Output::Seized].into())
    );
    joined.pass(5000);
    assert!(joined.ends.iter().all(|end| !end.is_free()));
    joined.pass(6000);
    assert!(joined.ends.iter().all(Circuit::is_free));
    joined.told = [vec(), vec()];
    joined.call();
}

// Q.422 3.2.2.1, 3.2.3.1
#[test]
fn a_seizure_that_nobody_acknowledges_is_told_and_kept_until_somebody_does() {
    let mut joined = Joined::usual();
    let far = joined.ends[1].clone();
    joined.give(1, Input::Lost);
    joined.give(0, Input::Seize);
    joined.pass(5000);
    assert_eq!(joined.take(0), [Output::Unacknowledged]);
    assert_eq!(joined.ends[0].bits() >> 2, 0b00);
    joined.ends[1] = far;
    joined.give(1, Input::Bits(0b0001));
    joined.pass(500);
    assert_eq!(joined.take(0), [Output::Released]);
    assert!(joined.ends.iter().all(Circuit::is_free));
}

#[test]
fn a_call_that_ends_before_its_acknowledgement_is_cleared_when_it_comes() {
    let mut joined = Joined::usual();
    joined.give(0, Input::Seize);
    joined.give(0, Input::ClearForward);
    assert_eq!(joined.ends[0].bits() >> 2, 0b00);
    joined.pass(500);
    assert_eq!(joined.take(0), [Output::Released]);
    assert_eq!(joined.take(1), [Output::Seized, Output::ClearedForward]);
}

#[test]
fn a_short_clear_back_is_a_unit_of_charge_where_there_are_such() {
    let timing = Timing { metering: Duration::from_millis(300), ..Timing::default() };
    let mut joined = Joined::new(Code::ITU, timing);
    joined.call();
    joined.give(1, Input::Answer);
    joined.pass(60);
    for _ in 0..3 {
        joined.give(1, Input::Meter);
        joined.pass(500);
    }
    let metered = [Output::Answered, Output::Metered, Output::Metered, Output::Metered];
    assert_eq!(joined.take(0), metered);
    joined.give(1, Input::ClearBack);
    joined.pass(310);
    assert_eq!(joined.take(0), []);
    joined.pass(20);
    assert_eq!(joined.take(0), [Output::ClearedBack]);
}

#[test]
fn a_forced_release_breaks_our_call_and_the_circuit_comes_back() {
    let mut joined =
        Joined::new(Code { forced_release: Some(0b0001), ..Code::ITU }, Timing::default());
    joined.call();
    joined.give(1, Input::ForceRelease);
    joined.pass(60);
    assert_eq!(joined.take(0), [Output::Broken]);
    joined.give(0, Input::ClearForward);
    joined.pass(400);
    assert_eq!(joined.take(0), [Output::Released]);
    assert!(joined.ends.iter().all(Circuit::is_free));
}

// Q.422 3.2.3.1
#[test]
fn a_far_end_that_goes_idle_in_a_call_breaks_it_and_frees_the_circuit() {
    let mut joined = Joined::usual();
    joined.call();
    joined.give(0, Input::Bits(0b1001));
    joined.pass(25);
    assert_eq!(joined.take(0), [Output::Broken]);
    joined.pass(200);
    assert_eq!(joined.take(0), [Output::Released]);
    assert!(joined.ends[0].is_free());
}

#[test]
fn a_third_bit_counts_where_the_code_has_one() {
    // China No. 1: a, b and c; c is 1.
    let code = Code {
        mask: 0b1110,
        idle: 0b1011,
        seize: 0b0011,
        acknowledge: 0b1111,
        answer: 0b0111,
        clear_back: 0b1111,
        forced_release: None,
    };
    let mut joined = Joined::new(code, Timing::default());
    joined.give(0, Input::Bits(0b0001));
    joined.pass(100);
    assert_eq!(joined.take(0), [Output::Blocked], "c is 0: no seizure of this code");
    joined.give(0, Input::Bits(0b1011));
    joined.pass(100);
    joined.take(0);
    joined.call();
}

// Q.424: with the multiframe lost no bit counts and nothing is seized.
#[test]
fn bits_without_a_multiframe_mean_nothing() {
    let mut joined = Joined::usual();
    joined.call();
    joined.give(0, Input::Lost);
    joined.give(0, Input::Bits(0b1001));
    joined.pass(1000);
    assert_eq!(joined.take(0), []);
    joined.give(0, Input::Found);
    joined.give(1, Input::Answer);
    joined.pass(60);
    assert_eq!(joined.take(0), [Output::Answered]);
}

#[test]
fn restored_after_any_event_a_circuit_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..200 {
        visits.join(&visit(seed, 400).unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Circuit>("q421 circuit");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
