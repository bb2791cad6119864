//! Drives circuits for the property test over all machines.

use alloc::string::String;

use machine::Survey;
use machine::check::{Random, Stimulus, Visits, restored_behaves_the_same};
use units::Duration;

use crate::{Circuit, Code, Input, Timing};

/// A circuit with every signal that any variant has.
#[must_use]
pub fn circuit() -> Circuit {
    let code = Code { mask: 0b1110, forced_release: Some(0b0001), ..Code::ITU };
    let timing = Timing { metering: Duration::from_millis(300), ..Timing::default() };
    Circuit::new(code, timing)
}

/// Runs one circuit through `steps` random stimuli.
///
/// # Errors
/// What differed after a restore.
pub fn visit(seed: u64, steps: usize) -> Result<Visits, String> {
    let mut random = Random::new(seed);
    // Mostly a far end that keeps its bits long enough, and now and then one that does not.
    let mut patience = 0;
    restored_behaves_the_same(circuit(), steps, move |circuit, _| {
        if patience > 0 {
            patience -= 1;
            return Stimulus::Timeout;
        }
        match random.below(24) {
            0..=9 => {
                let bits = match circuit.state() {
                    "Seized" | "Metering" if random.one_in(2) => 0b0101,
                    "Answered" if !random.one_in(3) => 0b1101,
                    "ClearBack" => 0b1101,
                    _ => *random.pick(&[0b1001, 0b1001, 0b0001, 0b1101, 0b1101, 0b0101, 0b0111]),
                };
                // Once for the recognition, and now and then for what follows from it.
                patience = 1 + u64::from(random.one_in(3));
                Stimulus::Input(Input::Bits(bits))
            }
            10..=11 => Stimulus::Input(Input::Seize),
            12 => Stimulus::Input(Input::Answer),
            13 => Stimulus::Input(Input::ClearBack),
            14 => Stimulus::Input(Input::ClearForward),
            15 => Stimulus::Input(Input::Meter),
            16 => Stimulus::Input(Input::Block),
            17 => Stimulus::Input(Input::Unblock),
            18 if random.one_in(2) => Stimulus::Input(Input::ForceRelease),
            19 if random.one_in(3) || circuit.state() == "MeteringIn" => {
                Stimulus::Input(Input::Lost)
            }
            18..=20 => Stimulus::Input(Input::Found),
            21 | 22 => Stimulus::Timeout,
            _ => Stimulus::Wait(Duration::from_millis(random.below(200))),
        }
    })
}
