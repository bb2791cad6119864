//! The tones that the box itself gives, by what they mean. The plan of China (GB 3380, as the
//! notes of the country file say); other countries are data of a later release.

use dsp_tone::{CHINA_BUSY, CHINA_CONGESTION, CHINA_DIAL, CHINA_RING_BACK, Generator};

use crate::Tone;

/// A generator at the beginning of the tone's cadence.
pub(crate) fn generator(tone: Tone) -> Generator {
    Generator::new(&match tone {
        Tone::Dial => CHINA_DIAL,
        Tone::RingBack => CHINA_RING_BACK,
        Tone::Busy => CHINA_BUSY,
        Tone::Congestion => CHINA_CONGESTION,
    })
}
