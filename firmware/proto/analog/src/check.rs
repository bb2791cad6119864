//! Drives loops for the property test over all machines.

use alloc::string::String;

use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::Duration;

use crate::{Fxs, Input, Timing};

/// Runs one port through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    restored_behaves_the_same(Fxs::new(Timing::default()), steps, move |_, _| {
        match random.below(10) {
            0..=1 => Stimulus::Input(Input::Hook { off_hook: true }),
            2..=3 => Stimulus::Input(Input::Hook { off_hook: false }),
            4 => Stimulus::Input(Input::Ring),
            5 => Stimulus::Input(Input::StopRinging),
            6 => Stimulus::Input(Input::Release),
            7 => Stimulus::Input(Input::Answered),
            8 => Stimulus::Timeout,
            _ => Stimulus::Wait(Duration::from_millis(random.below(700))),
        }
    })
}
