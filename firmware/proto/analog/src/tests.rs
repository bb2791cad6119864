//! What a person does with a handset.

use alloc::vec::Vec;

use machine::check::Visits;
use machine::{Machine, Restore};
use units::{Duration, Instant};

use crate::check::visit;
use crate::{Cadence, Fxs, Input, Output, Timing};

fn feed(port: &mut Fxs, at_ms: u64, input: Input) -> Vec<Output> {
    port.handle(Instant::from_millis(at_ms), input);
    core::iter::from_fn(|| port.poll_output()).collect()
}

fn timeout(port: &mut Fxs) -> Vec<Output> {
    let now = port.poll_timeout().expect("a timer runs");
    port.handle_timeout(now);
    core::iter::from_fn(|| port.poll_output()).collect()
}

const LIFT: Input = Input::Hook { off_hook: true };
const HANG_UP: Input = Input::Hook { off_hook: false };

#[test]
fn a_telephone_rings_one_second_in_five_until_it_is_lifted() {
    let mut port = Fxs::new(Timing::default());
    assert_eq!(feed(&mut port, 0, Input::Ring { outside: false }), [Output::Ringing(true)]);
    assert_eq!(port.poll_timeout(), Some(Instant::from_millis(1000)));
    let pause = Output::Pause(Duration::from_secs(4));
    assert_eq!(timeout(&mut port), [Output::Ringing(false), pause]);
    assert_eq!(port.poll_timeout(), Some(Instant::from_millis(5000)));
    assert_eq!(timeout(&mut port), [Output::Ringing(true)]);
    assert_eq!(feed(&mut port, 5100, LIFT), [Output::Ringing(false), Output::Answered]);
}

/// The United Kingdom.
const TWICE: [u16; 4] = [400, 200, 400, 2000];

fn british() -> Timing {
    let outside = Cadence::new(&TWICE).expect("two pairs");
    Timing { outside, ..Timing::default() }
}

/// Every edge from now on, with its time in milliseconds.
fn edges(port: &mut Fxs, count: usize) -> Vec<(u64, Output)> {
    let mut edges = Vec::new();
    while edges.len() < count {
        let at = port.poll_timeout().expect("it rings").as_millis();
        edges.extend(timeout(port).into_iter().map(|output| (at, output)));
    }
    edges
}

#[test]
fn a_telephone_rings_all_steps_of_its_cadence_over_and_over() {
    let mut port = Fxs::new(british());
    assert_eq!(feed(&mut port, 0, Input::Ring { outside: true }), [Output::Ringing(true)]);
    let (on, off, pause) =
        (Output::Ringing(true), Output::Ringing(false), Output::Pause(Duration::from_secs(2)));
    // The pause between the two rings of a group is not for who calls.
    let rung = [(400, off), (600, on), (1000, off), (1000, pause), (3000, on), (3400, off)];
    assert_eq!(edges(&mut port, 6), rung);
}

#[test]
fn a_call_of_the_house_rings_otherwise_than_one_from_outside() {
    let mut port = Fxs::new(british());
    feed(&mut port, 0, Input::Ring { outside: false });
    assert_eq!(edges(&mut port, 1)[0], (1000, Output::Ringing(false)));
}

#[test]
fn a_port_that_is_restored_in_the_middle_of_its_rings_goes_on_at_the_same_step() {
    let mut port = Fxs::new(british());
    feed(&mut port, 0, Input::Ring { outside: true });
    edges(&mut port, 2);
    let mut room = [0; 64];
    let mut read = Fxs::restore(port.snapshot(&mut room).expect("room")).expect("its own");
    let rest = edges(&mut read, 3);
    assert_eq!(rest[0], (1000, Output::Ringing(false)));
    assert_eq!(rest, edges(&mut port, 3));
}

#[test]
fn a_cadence_has_one_to_four_pairs_and_its_longest_pause_is_the_one_between_groups() {
    let wrong: [&[u16]; 4] = [&[], &[400], &[400, 0], &[1; 10]];
    assert!(wrong.into_iter().all(|steps| Cadence::new(steps).is_none()));
    assert_eq!(Cadence::new(&TWICE).expect("it").pause(), 3);
    assert_eq!(Cadence::new(&[800, 4000, 800, 4000]).expect("it").pause(), 1);
}

#[test]
fn a_short_break_is_a_bounce_a_longer_one_a_flash_a_long_one_a_hang_up() {
    let mut port = Fxs::new(Timing::default());
    assert_eq!(feed(&mut port, 0, LIFT), [Output::Seized]);
    feed(&mut port, 1000, HANG_UP);
    assert_eq!(feed(&mut port, 1040, LIFT), []);
    feed(&mut port, 2000, HANG_UP);
    assert_eq!(feed(&mut port, 2200, LIFT), [Output::Flash]);
    feed(&mut port, 3000, HANG_UP);
    assert_eq!(timeout(&mut port), [Output::HungUp, Output::Idle]);
    assert!(port.is_idle());
}

#[test]
fn a_handset_left_lifted_after_release_frees_the_port_when_it_is_hung_up() {
    let mut port = Fxs::new(Timing::default());
    feed(&mut port, 0, LIFT);
    assert_eq!(feed(&mut port, 10, Input::Answered), [Output::Reversed(true)]);
    assert_eq!(feed(&mut port, 20, Input::Release), [Output::Reversed(false)]);
    assert!(!port.is_idle());
    assert_eq!(feed(&mut port, 30, HANG_UP), [Output::Idle]);
}

#[test]
fn restored_after_any_event_a_loop_goes_on_as_if_nothing_had_happened() {
    let mut visits = Visits::default();
    for seed in 0..50 {
        visits.join(&visit(seed, 200).unwrap_or_else(|fault| panic!("seed {seed}: {fault}")));
    }
    let (table, wrong) = visits.report::<Fxs>("analog fxs");
    assert!(wrong.is_empty(), "{table}\n{wrong:#?}");
}
