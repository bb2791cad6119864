//! Two spans joined: calls in both directions, double seizure, alarms, what a new process keeps.

use std::collections::BTreeMap;

use bearer::{Calling, Indication, Presentation, Request};
use machine::Machine;
use machine::check::Visits;
use units::{
    Category, Cause, Charge, Digits, Duration, Instant, LegId, LineId, Party, PortId, Timeslot,
};

use super::check::{config, crosses, span, visit};
use super::{Config, R2};
use crate::event::{Input, Output};

/// How long bits and tones take from one end to the other, their recognition included.
const WAY: Duration = Duration::from_millis(20);

struct Joined {
    now: Instant,
    ends: [R2; 2],
    told: [Vec<Indication>; 2],
    wire: Vec<(Instant, usize, Input)>,
    /// Busy tones that began or ended at the second end.
    busy: Vec<(PortId, bool)>,
    /// Bits that each end shows, where they are not those of an idle circuit.
    bits: [BTreeMap<PortId, u8>; 2],
}

fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

impl Joined {
    fn new(china: bool, count: usize) -> Self {
        Self::with(&config(china), count)
    }

    fn with(config: &Config, count: usize) -> Self {
        let ends = [span(config.clone(), 1, count), span(config.clone(), 2, count)];
        let (now, told) = (Instant::from_millis(1000), [vec![], vec![]]);
        let mut joined =
            Self { now, ends, told, wire: vec![], busy: vec![], bits: Default::default() };
        for end in 0..2 {
            joined.give(end, Input::Layer1 { of: 0, up: true });
        }
        joined.pass(500);
        assert_eq!(joined.ends[0].usage().blocked, 0);
        joined
    }

    fn give(&mut self, end: usize, input: Input) {
        self.ends[end].handle(self.now, input);
        self.drain(end);
    }

    fn ask(&mut self, end: usize, request: Request) {
        self.give(end, Input::Request(request));
    }

    fn drain(&mut self, end: usize) {
        while let Some(output) = self.ends[end].poll_output() {
            if let Some(input) = crosses(&output) {
                self.wire.push((self.now + WAY, 1 - end, input));
            }
            match output {
                Output::Indication(indication) => self.told[end].push(indication),
                Output::Cas(port, bits) => drop(self.bits[end].insert(port, bits)),
                Output::Busy(port, on) if end == 1 => self.busy.push((port, on)),
                _ => {}
            }
        }
    }

    fn pass(&mut self, ms: u64) {
        let end = self.now + Duration::from_millis(ms);
        loop {
            let wire = self.wire.first().map(|first| first.0);
            let timers = self.ends.iter().filter_map(Machine::poll_timeout).min();
            let Some(at) = Instant::earliest(wire, timers).filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            if wire == Some(at) {
                let (_, to, input) = self.wire.remove(0);
                self.give(to, input);
            } else {
                for which in 0..2 {
                    self.ends[which].handle_timeout(self.now);
                    self.drain(which);
                }
            }
        }
        self.now = end;
    }

    fn take(&mut self, end: usize) -> Vec<Indication> {
        std::mem::take(&mut self.told[end])
    }

    fn place(&mut self, end: usize, leg: u64) {
        let number = digits("13800138000");
        let calling = Calling { number, presentation: Presentation::Allowed, category: None };
        let (leg, line, called) = (LegId(leg), LineId(1), digits("80123"));
        self.ask(end, Request::Place { leg, line, calling, called });
    }

    /// The leg offered at an end, with both numbers exact.
    fn offered(&mut self, end: usize) -> LegId {
        match &self.take(end)[..] {
            [Indication::Offered { leg, calling, called, .. }] => {
                assert_eq!((called, &calling.number), (&digits("80123"), &digits("13800138000")));
                *leg
            }
            other => panic!("{other:?}"),
        }
    }

    /// Another machine at an end: the card tells it all bits.
    fn renew(&mut self, end: usize, fresh: R2) {
        self.ends[end] = fresh;
        self.drain(end);
        self.give(end, Input::Layer1 { of: 0, up: true });
        for port in (0..30).map(PortId) {
            let bits = self.bits[1 - end].get(&port).copied().unwrap_or(0b1001);
            self.give(end, Input::Cas { port, bits });
        }
    }

    fn idle(&self) -> bool {
        self.ends.iter().all(|end| (end.usage().busy, end.usage().blocked) == (0, 0))
    }
}

const NORMAL: Cause = Cause::NORMAL_CLEARING;

#[test]
fn a_call_arrives_with_both_numbers_is_answered_and_cleared_from_either_side() {
    for (china, caller_clears) in [(true, true), (true, false), (false, true), (false, false)] {
        let mut joined = Joined::new(china, 30);
        joined.place(0, 5);
        joined.pass(3000);
        let leg = joined.offered(1);
        joined.ask(1, Request::Alert { leg });
        joined.pass(200);
        let placed = LegId(5);
        let port = PortId(29);
        assert_eq!(
            joined.take(0),
            [
                Indication::Channel { leg: placed, port },
                Indication::Alerting { leg: placed, in_band: true }
            ]
        );
        joined.ask(1, Request::Answer { leg });
        joined.pass(100);
        assert_eq!(joined.take(0), [Indication::Answered { leg: placed }]);
        let (by_caller, by_called) = if caller_clears {
            joined.ask(0, Request::Release { leg: placed, cause: NORMAL });
            (Party::Box, Party::Caller)
        } else {
            joined.ask(1, Request::Release { leg, cause: NORMAL });
            (Party::Called, Party::Box)
        };
        joined.pass(1000);
        let released = |leg, by| [Indication::Released { leg, cause: NORMAL, by }];
        assert_eq!(joined.take(0), released(placed, by_caller));
        assert_eq!(joined.take(1), released(leg, by_called));
        assert!(joined.idle());
    }
}

#[test]
fn a_call_that_is_answered_at_once_is_answered_behind_its_last_signal() {
    let mut joined = Joined::new(true, 30);
    joined.place(0, 5);
    joined.pass(3000);
    let leg = joined.offered(1);
    joined.ask(1, Request::Answer { leg });
    joined.pass(300);
    assert_eq!(joined.take(0).last(), Some(&Indication::Answered { leg: LegId(5) }));
}

#[test]
fn a_refused_call_gets_its_cause_and_the_circuit_is_free_again() {
    for cause in [Cause::USER_BUSY, Cause::UNALLOCATED_NUMBER] {
        let mut joined = Joined::new(true, 30);
        joined.place(0, 5);
        joined.pass(3000);
        let leg = joined.offered(1);
        joined.ask(1, Request::Release { leg, cause });
        joined.pass(1000);
        let by = if cause == Cause::USER_BUSY { Party::Called } else { Party::Network };
        let released = Indication::Released { leg: LegId(5), cause, by };
        assert_eq!(joined.take(0).last(), Some(&released));
        assert!(joined.idle());
    }
}

// Q.422 3.2.4
#[test]
fn a_double_seizure_turns_to_another_circuit_and_leaves_none_busy() {
    let mut joined = Joined::new(true, 1);
    let two = Joined::new(true, 2);
    // With one circuit there is none to turn to.
    joined.place(0, 5);
    joined.place(1, 6);
    joined.pass(1000);
    let cause = Cause::NO_CHANNEL_AVAILABLE;
    let refused = |leg| Indication::Released { leg: LegId(leg), cause, by: Party::Network };
    assert_eq!(joined.take(0).last(), Some(&refused(5)));
    assert_eq!(joined.take(1).last(), Some(&refused(6)));
    assert!(joined.idle());
    let mut joined = two;
    joined.place(0, 5);
    joined.place(1, 6);
    joined.pass(50);
    // Both turn to the other circuit, and meet there too; the third time nobody is in the way.
    joined.pass(1000);
    assert!(joined.idle());
    joined.told = [vec![], vec![]];
    joined.place(0, 7);
    joined.pass(3000);
    joined.offered(1);
}

#[test]
fn all_thirty_circuits_carry_calls_at_once_and_the_next_finds_none() {
    let mut joined = Joined::new(true, 30);
    for leg in 0..31 {
        joined.place(0, leg);
    }
    joined.pass(3000);
    let offered = joined.take(1).len();
    assert_eq!((offered, joined.ends[1].usage().busy), (30, 30));
    let cause = Cause::NO_CHANNEL_AVAILABLE;
    let refused = Indication::Released { leg: LegId(30), cause, by: Party::Network };
    assert!(joined.take(0).contains(&refused));
}

#[test]
fn calls_live_through_a_short_loss_of_the_span_and_end_with_a_long_one() {
    let mut joined = Joined::new(true, 30);
    joined.place(0, 5);
    joined.pass(3000);
    let leg = joined.offered(1);
    joined.ask(1, Request::Answer { leg });
    joined.pass(300);
    joined.take(0);
    for (seconds, lives) in [(2, true), (4, false)] {
        joined.give(0, Input::Layer1 { of: 0, up: false });
        joined.pass(seconds * 1000);
        joined.give(0, Input::Layer1 { of: 0, up: true });
        joined.pass(1000);
        assert_eq!(joined.take(0).is_empty(), lives);
    }
    assert!(joined.idle());
}

#[test]
fn a_number_under_which_the_span_is_cut_reaches_nobody_and_its_circuit_is_free_again() {
    // While the exchange seizes, and at every moment of its number.
    for into_ms in (10..3000).step_by(30) {
        let mut joined = Joined::new(true, 2);
        joined.place(0, 7);
        joined.pass(into_ms);
        if joined.told[1].iter().any(|told| matches!(told, Indication::Offered { .. })) {
            assert!(into_ms > 600, "the number was through after {into_ms} ms");
            break;
        }
        for end in 0..2 {
            joined.give(end, Input::Layer1 { of: 0, up: false });
        }
        joined.pass(200);
        for end in 0..2 {
            joined.give(end, Input::Layer1 { of: 0, up: true });
        }
        joined.pass(20_000);
        let ended = joined.told[0].iter().any(|told| {
            let Indication::Released { cause, .. } = told else { return false };
            *cause == Cause::TEMPORARY_FAILURE
        });
        assert!(ended, "{into_ms} ms: {:?}", joined.told[0]);
        assert_eq!(joined.told[1], [], "{into_ms} ms");
        let busy = [0, 1].map(|end| joined.ends[end].usage().busy);
        assert_eq!(busy, [0, 0], "{into_ms} ms");
    }
}

#[test]
fn a_call_goes_on_in_a_new_process_with_its_bits_sent_again() {
    let mut joined = Joined::new(true, 30);
    let mut parts = BTreeMap::new();
    let mut room = vec![0; 4096];
    let keep = |end: &mut R2, parts: &mut BTreeMap<u32, Vec<u8>>, room: &mut [u8]| {
        end.changed(room, &mut |part, octets| match octets {
            Some(octets) => drop(parts.insert(part, octets.to_vec())),
            None => drop(parts.remove(&part)),
        })
        .expect("a part fits");
    };
    keep(&mut joined.ends[1], &mut parts, &mut room);
    assert!(parts.is_empty(), "idle circuits need no keeping");
    joined.place(0, 5);
    joined.pass(3000);
    let leg = joined.offered(1);
    joined.ask(1, Request::Answer { leg });
    joined.pass(300);
    joined.take(0);
    keep(&mut joined.ends[1], &mut parts, &mut room);
    assert_eq!(parts.keys().copied().collect::<Vec<_>>(), [31]);
    let mut fresh = span(config(true), 3, 30);
    fresh.go_on(joined.now, parts.iter().map(|(part, octets)| (*part, &octets[..]))).expect("read");
    assert_eq!(fresh.legs().collect::<Vec<_>>(), [leg]);
    assert_eq!(fresh.poll_output(), Some(Output::Cas(PortId(29), 0b0101)));
    joined.ends[1] = fresh;
    joined.give(1, Input::Layer1 { of: 0, up: true });
    joined.pass(500);
    joined.ask(0, Request::Release { leg: LegId(5), cause: NORMAL });
    joined.pass(1000);
    let by = Party::Caller;
    assert_eq!(joined.take(1), [Indication::Released { leg, cause: NORMAL, by }]);
    keep(&mut joined.ends[1], &mut parts, &mut room);
    assert!(parts.is_empty());
}

/// A call of the first end, answered, where a short clear-back is a unit of charge; both legs.
fn charged() -> (Joined, [LegId; 2]) {
    let mut metering = config(false);
    metering.timing.metering = Duration::from_millis(300);
    let mut joined = Joined::with(&metering, 30);
    joined.place(0, 5);
    joined.pass(3000);
    let leg = joined.offered(1);
    joined.ask(1, Request::Answer { leg });
    joined.pass(300);
    assert_eq!(joined.take(0).last(), Some(&Indication::Answered { leg: LegId(5) }));
    (joined, [LegId(5), leg])
}

fn meter(joined: &mut Joined, leg: LegId) {
    assert!(joined.ends[1].meter(joined.now, leg));
    joined.drain(1);
}

fn total(units: u32) -> Indication {
    Indication::Charge { leg: LegId(5), charge: Charge::Units(units) }
}

#[test]
fn units_of_charge_are_counted_and_the_count_goes_on_in_a_new_process() {
    let (mut joined, [ours, theirs]) = charged();
    for units in 1..=5 {
        meter(&mut joined, theirs);
        joined.pass(500);
        assert_eq!(joined.take(0), [total(units)]);
        begin_anew(&mut joined, 0);
        joined.pass(100);
    }
    joined.ask(0, Request::Release { leg: ours, cause: NORMAL });
    joined.pass(1000);
    assert!(joined.idle());
}

#[test]
fn a_unit_of_charge_under_which_the_process_died_is_no_clear_back_and_counts_once() {
    let (mut joined, [_, theirs]) = charged();
    meter(&mut joined, theirs);
    joined.pass(100);
    assert_eq!(joined.take(0), []);
    let parts = kept(&mut joined, 0);
    // It is dead for longer than any unit lasts.
    joined.pass(5000);
    joined.take(0);
    go_on(&mut joined, 0, &parts);
    joined.pass(1000);
    assert_eq!(joined.take(0), [total(1)]);
}

#[test]
fn a_clear_back_under_which_the_process_died_is_one() {
    let (mut joined, [ours, theirs]) = charged();
    joined.ask(1, Request::Release { leg: theirs, cause: NORMAL });
    joined.pass(100);
    begin_anew(&mut joined, 0);
    joined.pass(1000);
    let released = Indication::Released { leg: ours, cause: NORMAL, by: Party::Called };
    assert_eq!(joined.take(0), [released]);
}

#[test]
fn a_called_party_that_is_free_of_charge_is_told_so() {
    let mut free = config(false);
    for verdict in free.variant.b.iter_mut().filter(|b| **b == q441::Verdict::Free) {
        *verdict = q441::Verdict::Unused;
    }
    let mut joined = Joined::with(&free, 30);
    joined.place(0, 5);
    joined.pass(3000);
    let leg = joined.offered(1);
    joined.ask(1, Request::Answer { leg });
    joined.pass(300);
    assert_eq!(joined.take(0)[1], total(0));
}

#[test]
fn the_kind_of_caller_is_told_as_the_country_signals_it() {
    use Category::{Data, Operator, Ordinary, Payphone, Priority, Test};
    let told = |china: bool, category: Option<Category>| {
        let mut joined = Joined::new(china, 30);
        let calling = Calling { number: digits("138"), category, ..Calling::default() };
        let (leg, line, called) = (LegId(5), LineId(1), digits("80123"));
        joined.ask(0, Request::Place { leg, line, calling, called });
        joined.pass(3000);
        match &joined.take(1)[..] {
            [Indication::Offered { calling, .. }] => calling.category,
            other => panic!("{other:?}"),
        }
    };
    for china in [true, false] {
        for category in [Ordinary, Priority, Operator] {
            assert_eq!(told(china, Some(category)), Some(category), "{china}");
        }
        // What the country has no signal for, and what nobody says, is an ordinary subscriber.
        for category in [None, Some(Payphone), Some(Data)] {
            assert_eq!(told(china, category), Some(Ordinary), "{china}");
        }
    }
    // KD says it, and KA an ordinary subscriber.
    assert_eq!(told(true, Some(Test)), Some(Test));
}

fn kept(joined: &mut Joined, end: usize) -> BTreeMap<u32, Vec<u8>> {
    let (mut parts, mut room) = (BTreeMap::new(), vec![0; 4096]);
    let keep = &mut |part, octets: Option<&[u8]>| {
        parts.extend(octets.map(|octets| (part, octets.to_vec())));
    };
    joined.ends[end].changed(&mut room, keep).expect("a part fits");
    parts
}

fn go_on(joined: &mut Joined, end: usize, parts: &BTreeMap<u32, Vec<u8>>) {
    let mut fresh = span(config(true), 3, 30);
    fresh.go_on(joined.now, parts.iter().map(|(part, octets)| (*part, &octets[..]))).expect("read");
    joined.renew(end, fresh);
}

/// A new process in the place of one end, with what that end has kept.
fn begin_anew(joined: &mut Joined, end: usize) {
    let parts = kept(joined, end);
    go_on(joined, end, &parts);
}

#[test]
fn busy_tone_goes_on_in_a_new_process_and_ends_with_the_circuit() {
    let mut joined = Joined::new(true, 30);
    joined.place(0, 5);
    joined.pass(3000);
    let leg = joined.offered(1);
    joined.ask(1, Request::Answer { leg });
    joined.pass(300);
    joined.ask(1, Request::Release { leg, cause: NORMAL });
    let port = PortId(29);
    assert_eq!(joined.busy, [(port, true)]);
    begin_anew(&mut joined, 1);
    assert_eq!(joined.busy, [(port, true), (port, true)]);
    joined.pass(1000);
    assert_eq!(joined.busy.last(), Some(&(port, false)));
    assert!(joined.idle());
    // One that never sounded is not ended, nor begun by a new process.
    joined.busy.clear();
    joined.place(0, 6);
    joined.pass(3000);
    joined.ask(0, Request::Release { leg: LegId(6), cause: NORMAL });
    begin_anew(&mut joined, 1);
    joined.pass(1000);
    assert!(joined.idle() && joined.busy.is_empty());
}

// Q.422 3.2.2.5
#[test]
fn a_circuit_blocked_at_one_end_carries_no_call_of_the_other_until_it_serves_again() {
    let mut joined = Joined::new(true, 1);
    let slot = Timeslot::new(1).expect("a slot");
    joined.ends[1].block(joined.now, slot, true);
    joined.drain(1);
    joined.pass(100);
    assert_eq!((joined.ends[0].usage().blocked, joined.ends[1].usage().blocked), (1, 1));
    // Also after a start anew.
    let blocked = |end: &R2| end.circuits().map(|circuit| circuit.1).collect::<Vec<_>>();
    assert_eq!(blocked(&joined.ends[0]), [q421::Condition::FarBlocked]);
    assert_eq!(blocked(&joined.ends[1]), [q421::Condition::Blocked]);
    joined.place(0, 5);
    joined.pass(100);
    let (leg, cause, by) = (LegId(5), Cause::NO_CHANNEL_AVAILABLE, Party::Network);
    assert_eq!(joined.take(0), [Indication::Released { leg, cause, by }]);
    joined.ends[1].block(joined.now, slot, false);
    joined.drain(1);
    joined.pass(100);
    joined.place(0, 6);
    joined.pass(3000);
    joined.offered(1);
}

#[test]
fn registers_that_never_understand_each_other_are_counted_and_one_that_does_ends_the_row() {
    let mut joined = Joined::new(true, 30);
    // A far end of another country.
    joined.renew(0, span(config(false), 1, 30));
    joined.pass(500);
    for leg in 0..3 {
        joined.place(0, leg);
        joined.pass(60_000);
        // The caller hears that nothing comes of it.
        assert_eq!(joined.busy.pop(), Some((PortId(29), true)));
        let (leg, cause) = (LegId(leg), NORMAL);
        joined.ask(0, Request::Release { leg, cause });
        joined.pass(1000);
        assert_eq!(joined.busy.pop(), Some((PortId(29), false)));
    }
    assert_eq!(joined.ends[1].counts().failed_in_a_row, 3);
    assert_eq!(joined.ends[1].counts().registers, 0);
    assert!(joined.idle());
    let mut alike = Joined::new(true, 30);
    let [_, second] = joined.ends;
    alike.renew(1, second);
    alike.pass(500);
    alike.place(0, 9);
    alike.pass(3000);
    assert_eq!(alike.ends[1].counts().failed_in_a_row, 0);
}

#[test]
fn restored_after_any_event_circuits_go_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..100 {
        visits.join(&visit(seed, 300).unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<R2>("r2 span");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
