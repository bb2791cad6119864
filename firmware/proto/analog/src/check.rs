//! Drives loops for the property test over all machines.

use alloc::string::String;

use clid::Told;
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::{CallTone, Digits, Duration};

use crate::fxo::{self, Fxo};
use crate::{Cadence, Fxs, Input, Timing};

/// Runs one port through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let timing = Timing {
        inside: Cadence::new(&[400, 200, 400, 2000]).unwrap_or(Cadence::USUAL),
        ..Timing::default()
    };
    restored_behaves_the_same(Fxs::new(timing), steps, move |_, _| match random.below(10) {
        0..=1 => Stimulus::Input(Input::Hook { off_hook: true }),
        2..=3 => Stimulus::Input(Input::Hook { off_hook: false }),
        4 => Stimulus::Input(Input::Ring { outside: random.below(2) == 0 }),
        5 => Stimulus::Input(Input::StopRinging),
        6 => Stimulus::Input(Input::Release),
        7 => Stimulus::Input(Input::Answered),
        8 => Stimulus::Timeout,
        _ => Stimulus::Wait(Duration::from_millis(random.below(700))),
    })
}

/// Runs one line of an exchange through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit_fxo(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    let timing = fxo::Timing {
        pulses: random.below(2) == 0,
        blind: random.below(2) == 0,
        reversal: random.below(3) > 0,
        ..fxo::Timing::default()
    };
    let number = Digits::parse("12").unwrap_or_default();
    restored_behaves_the_same(Fxo::new(timing), steps, move |_, _| match random.below(20) {
        0..=2 => Stimulus::Input(fxo::Input::Ringing(true)),
        3 => Stimulus::Input(fxo::Input::Ringing(false)),
        4 => Stimulus::Input(fxo::Input::Polarity),
        5 => Stimulus::Input(fxo::Input::Current(false)),
        6 => Stimulus::Input(fxo::Input::Current(true)),
        7 => Stimulus::Input(fxo::Input::Caller(Told::Withheld)),
        8 => Stimulus::Input(fxo::Input::Tone(CallTone::Dial)),
        9 => Stimulus::Input(fxo::Input::Tone(CallTone::RingBack)),
        10 if random.below(3) == 0 => Stimulus::Input(fxo::Input::Tone(CallTone::Busy)),
        11 | 12 => Stimulus::Input(fxo::Input::Place(number.clone())),
        13 => Stimulus::Input(fxo::Input::Answer),
        14 if random.below(3) == 0 => Stimulus::Input(fxo::Input::Release),
        15..=17 => Stimulus::Timeout,
        _ => Stimulus::Wait(Duration::from_millis(random.below(1500))),
    })
}
