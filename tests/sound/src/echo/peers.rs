//! Cancellers side by side.

use dsp_echo::{Canceller, Level, Settings, Tail};
use speexdsp_peer::Speex;
use units::media::BLOCK_SAMPLES;

/// Samples that all of them take at once: 10 ms.
pub const FRAME: usize = speexdsp_peer::FRAME;

/// Something that cancels echo.
pub trait Cancels {
    /// Takes the echo out of 10 ms.
    fn process(&mut self, sent: &[i16; FRAME], heard: &mut [i16; FRAME]);
}

/// Makes a new one.
pub type Maker = fn() -> Box<dyn Cancels>;

impl Cancels for Canceller {
    fn process(&mut self, sent: &[i16; FRAME], heard: &mut [i16; FRAME]) {
        let heard = heard.as_chunks_mut::<BLOCK_SAMPLES>().0;
        for (sent, heard) in sent.as_chunks::<BLOCK_SAMPLES>().0.iter().zip(heard) {
            Self::process(self, sent, heard);
        }
    }
}

impl Cancels for Speex {
    fn process(&mut self, sent: &[i16; FRAME], heard: &mut [i16; FRAME]) {
        Self::process(self, sent, heard);
    }
}

/// Nothing is cancelled.
#[derive(Debug)]
pub struct Nothing;

impl Cancels for Nothing {
    fn process(&mut self, _: &[i16; FRAME], _: &mut [i16; FRAME]) {}
}

fn or_nothing(made: Option<impl Cancels + 'static>) -> Box<dyn Cancels> {
    match made {
        Some(made) => Box::new(made),
        None => Box::new(Nothing),
    }
}

/// Ours, the linear part only.
#[must_use]
pub fn linear(tail: Tail) -> Canceller {
    let settings = Settings { suppress: false, ..Settings::new(tail) };
    Canceller::new(settings, Level::detect())
}

/// Ours with everything.
#[must_use]
pub fn whole(tail: Tail) -> Canceller {
    Canceller::new(Settings::new(tail), Level::detect())
}

/// All with a tail of 64 ms, by name: ours first.
pub const ALL: [(&str, Maker); 3] = [
    ("ours", || Box::new(linear(Tail::Ms64))),
    ("ours with suppressor", || Box::new(whole(Tail::Ms64))),
    ("speexdsp MDF", || or_nothing(Speex::new(512))),
];

/// Those with a tail of 128 ms.
pub const LONG: [(&str, Maker); 2] = [
    ("ours, 128 ms", || Box::new(linear(Tail::Ms128))),
    ("speexdsp MDF, 128 ms", || or_nothing(Speex::new(1024))),
];
