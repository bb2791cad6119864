//! What a person does with a handset.

use alloc::vec::Vec;

use machine::Machine;
use machine::check::Visits;
use units::Instant;

use crate::check::visit;
use crate::{Fxs, Input, Output, Timing};

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
    assert_eq!(feed(&mut port, 0, Input::Ring), [Output::Ringing(true)]);
    assert_eq!(port.poll_timeout(), Some(Instant::from_millis(1000)));
    assert_eq!(timeout(&mut port), [Output::Ringing(false)]);
    assert_eq!(port.poll_timeout(), Some(Instant::from_millis(5000)));
    assert_eq!(timeout(&mut port), [Output::Ringing(true)]);
    assert_eq!(feed(&mut port, 5100, LIFT), [Output::Ringing(false), Output::Answered]);
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
