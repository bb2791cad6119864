//! The figures that are promises, in the time of the line: the same on every machine.

use scenarios::{Figures, Pace, Rig, Settings};

#[test]
fn the_greeting_comes_within_60_ms_and_sound_passes_within_12_ms() {
    let rig = Rig::start(Settings::new(Pace::Free)).expect("a box");
    let figures = Figures::of_a_call(&rig, "figures").expect("a call");
    println!("{figures:?}");
    assert!(figures.setup_to_greeting_ms <= 60.0, "{figures:?}");
    assert!(figures.delay_in_ms <= 12.0 && figures.delay_out_ms <= 12.0, "{figures:?}");
}
