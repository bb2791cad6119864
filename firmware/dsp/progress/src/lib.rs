//! Recognises the tones of an exchange in what comes from a line: dial, ring-back, busy,
//! congestion, unobtainable (E.180, E.182), by frequency and cadence.
//!
//! ```text
//!  16 samples ─► sums with sine and cosine of each frequency of the plan        every 2 ms
//!                 the last ten ─► 20 ms:  level, place of the frequency, its share of all energy
//!                   share above 85 % ─► on;  below ─► off
//!  on   as loud from beginning to end, the frequency the same within 2.5 Hz, else all is forgotten
//!  off  9 dB quieter than the tone at every moment, else all is forgotten
//!  on off on off on:  each as long as the plan says, equal to the one before, as loud, as high
//!                 ─► it is this tone
//! ```
//!
//! Tones that are modulated in their country have an ear of their own, whose window is one period
//! of what modulates them: in it carrier and sidebands are three frequencies that do not disturb
//! each other, and their sum is even however deep the modulation is.
//!
//! Calls are released by what this says, so that it must never say it of speech or music: a voice
//! has harmonics, a played note swells or fades, a sung one trembles, and a pause in either is not
//! silent for long. A machine's tone has none of that, and each test is one that a machine passes
//! by far. What is left in doubt is no tone.
#![no_std]

mod judge;
mod plan;
mod spectrum;
#[cfg(test)]
mod tests;

use units::CallTone;
use units::media::BLOCK_SAMPLES;

pub use plan::{CADENCE, PATTERNS, Pattern, Plan, Refused};

use judge::Judge;
use plan::Tones;
use spectrum::Spectrum;

/// Listens to one channel.
#[derive(Clone, Debug)]
pub struct Detector {
    even: Ear,
    /// Where the plan has such tones.
    modulated: Option<Ear>,
}

/// Listens with one window.
#[derive(Clone, Debug)]
struct Ear {
    spectrum: Spectrum,
    judge: Judge,
}

impl Ear {
    fn new(tones: &Tones) -> Self {
        let spectrum = Spectrum::new(tones);
        Self { judge: Judge::new(tones, spectrum.window()), spectrum }
    }

    fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<CallTone> {
        let heard = self.spectrum.push(samples);
        self.judge.push(&heard)
    }
}

impl Detector {
    /// Hears nothing yet; listens for the tones of `plan`.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let some = !plan.modulated.patterns.is_empty();
        Self { even: Ear::new(&plan.even), modulated: some.then(|| Ear::new(&plan.modulated)) }
    }

    /// Takes 2 ms of linear samples at 8 kHz in. A tone in a cadence is told at the end of its
    /// third time on (of more than one: after two whole cycles), and again after each further
    /// cycle; ring-back after one time on and most of the pause behind it; one without a cadence
    /// when it has been on for longer than any other of its frequency could be.
    pub fn push(&mut self, samples: &[i16; BLOCK_SAMPLES]) -> Option<CallTone> {
        let even = self.even.push(samples);
        let modulated = self.modulated.as_mut().and_then(|ear| ear.push(samples));
        even.or(modulated)
    }
}
