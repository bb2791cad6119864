//! The tones that the box itself gives, by what they mean: a plan of a country's.

use units::media::BLOCK_SAMPLES;
use units::{Cause, Dbm0, Duration};

use dsp_tone::{
    CHINA_BUSY, CHINA_CONGESTION, CHINA_DIAL, CHINA_HOWLER, CHINA_RING_BACK, CHINA_UNOBTAINABLE,
    Generator,
};

use crate::Tone;

/// How long the attention tone lasts, the pause behind the second beep included: a voice that
/// begins then is not cut.
pub const ATTENTION: Duration = Duration::from_millis(600);
pub(crate) const ATTENTION_BLOCKS: u16 = 300;
const _: () =
    assert!(ATTENTION_BLOCKS as usize * BLOCK_SAMPLES == 8 * ATTENTION.as_millis() as usize);

/// Two beeps: somebody is about to speak here.
pub(crate) fn attention() -> Generator {
    Generator::new(&dsp_tone::Tone::single(1000.0, Dbm0(-10.0), [180, 120, 180, 120]))
}

/// What each tone is made of. Without another the plan of China.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TonePlan {
    /// Dial tone.
    pub dial: dsp_tone::Tone,
    /// Ring-back tone.
    pub ring_back: dsp_tone::Tone,
    /// Busy tone.
    pub busy: dsp_tone::Tone,
    /// Congestion tone.
    pub congestion: dsp_tone::Tone,
    /// Howler; without parts a country has none.
    pub howler: dsp_tone::Tone,
    /// Dial tone while messages wait (E.182 2.2: special dial tone).
    pub special_dial: dsp_tone::Tone,
    /// What is heard of calls that failed for some causes; busy tone for all others.
    pub failures: [Option<Failure>; FAILURES],
}

/// Tones that tell why a call failed, beside busy tone, at most.
pub const FAILURES: usize = 3;

/// A tone that tells why a call failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failure {
    /// The causes (Q.850) of which it tells.
    pub causes: Causes,
    /// What is heard.
    pub tone: dsp_tone::Tone,
}

/// Some causes of Q.850.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Causes(u128);

impl Causes {
    /// One of them.
    #[must_use]
    pub const fn of(cause: Cause) -> Self {
        Self(1 << cause.get())
    }

    /// Whether it is among them.
    #[must_use]
    pub const fn contains(self, cause: Cause) -> bool {
        self.0 & Self::of(cause).0 != 0
    }
}

impl FromIterator<Cause> for Causes {
    fn from_iter<I: IntoIterator<Item = Cause>>(causes: I) -> Self {
        Self(causes.into_iter().fold(0, |all, cause| all | Self::of(cause).0))
    }
}

/// A tone interrupted for a moment, as special dial tone is where a country names none.
#[must_use]
pub const fn interrupted(tone: dsp_tone::Tone) -> dsp_tone::Tone {
    dsp_tone::Tone { cadence_ms: [400, 40, 0, 0, 0, 0, 0, 0], ..tone }
}

impl Default for TonePlan {
    fn default() -> Self {
        Self {
            dial: CHINA_DIAL,
            ring_back: CHINA_RING_BACK,
            busy: CHINA_BUSY,
            congestion: CHINA_CONGESTION,
            howler: CHINA_HOWLER,
            special_dial: interrupted(CHINA_DIAL),
            failures: [
                Some(Failure {
                    causes: Causes::of(Cause::UNALLOCATED_NUMBER),
                    tone: CHINA_UNOBTAINABLE,
                }),
                None,
                None,
            ],
        }
    }
}

impl TonePlan {
    /// A generator at the beginning of the tone's cadence.
    pub(crate) fn generator(&self, tone: Tone) -> Generator {
        Generator::new(match tone {
            Tone::Dial => &self.dial,
            Tone::RingBack => &self.ring_back,
            Tone::Busy => &self.busy,
            Tone::Congestion => &self.congestion,
            Tone::Howler => &self.howler,
            Tone::SpecialDial => &self.special_dial,
            Tone::Failed(cause) => self.failure(cause),
        })
    }

    /// What tells that a call failed for this cause.
    fn failure(&self, cause: Cause) -> &dsp_tone::Tone {
        let mut failures = self.failures.iter().flatten();
        let found = failures.find(|failure| failure.causes.contains(cause));
        found.map_or(&self.busy, |failure| &failure.tone)
    }
}
