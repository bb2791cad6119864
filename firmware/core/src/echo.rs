//! The echo cancellers of a box, as its board file says: for lines on the line thread, for rooms on
//! a worker of their own.

use board::{Canceller, Layout, Place, PlaceKind};
use dsp_echo::{Level, Tail};
use engine::{Echo, EchoFigures};
use units::{LinearBlock, PortId};

use crate::rooms::{Worker, rooms};

/// Cancellers and their ports.
pub type Cancellers = Vec<(PortId, Box<dyn Echo>)>;

/// A line's canceller in the engine.
#[derive(Debug)]
struct OfLine {
    canceller: dsp_echo::Canceller,
    level: Level,
    /// The wires are the same in each call.
    same_wires: bool,
}

impl OfLine {
    fn new(place: Place, tail_ms: u8, level: Level) -> Self {
        let tail = match tail_ms {
            ..=32 => Tail::Ms32,
            33..=64 => Tail::Ms64,
            65.. => Tail::Ms128,
        };
        let canceller = dsp_echo::Canceller::new(dsp_echo::Settings::new(tail), level);
        Self { canceller, level, same_wires: !matches!(place.kind, PlaceKind::Bearer(..)) }
    }
}

impl Echo for OfLine {
    fn process(&mut self, sent: &LinearBlock, heard: &mut LinearBlock) -> bool {
        let came = heard.samples;
        self.canceller.process(&sent.samples, &mut heard.samples);
        heard.samples != came
    }

    fn begin(&mut self) {
        let known = self.canceller.hybrid();
        self.canceller = dsp_echo::Canceller::new(self.canceller.settings(), self.level);
        if self.same_wires {
            self.canceller.start_from(&known);
        }
    }

    fn figures(&self) -> EchoFigures {
        let seen = self.canceller.figures();
        let known = self.canceller.hybrid();
        let strongest = known.taps().map(i16::unsigned_abs).enumerate();
        let strongest = strongest.max_by_key(|(_, tap)| *tap).filter(|(_, tap)| *tap > 0);
        let known = strongest.is_some();
        EchoFigures {
            erl: if known { tenths(seen.erl_db) } else { 0 },
            erle: if known { tenths(seen.erle_db) } else { 0 },
            delay_ms: strongest.and_then(|(at, _)| u16::try_from(at / 8).ok()).unwrap_or(0),
            double_talk_ms: seen.double_talk_ms,
        }
    }
}

/// Tenths.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
pub(crate) fn tenths(db: f32) -> i16 {
    (db * 10.0).round() as i16
}

/// All of a layout, and the worker of its rooms. `lockstep`: time is simulated, and what takes time
/// is done at once.
///
/// # Errors
/// A sentence: WebRTC's, or the system has no thread.
pub(crate) fn cancellers(
    layout: &Layout,
    lockstep: bool,
) -> Result<(Cancellers, Option<Worker>), String> {
    let all = |wanted: fn(Canceller) -> bool| {
        layout.places.iter().filter(move |place| wanted(place.echo)).map(|place| place.port)
    };
    let ports: Vec<_> = all(|echo| echo == Canceller::Acoustic).collect();
    let (rooms, worker) = rooms(&ports, lockstep)?;
    let level = Level::detect();
    let lines = layout.places.iter().filter_map(|place| match place.echo {
        Canceller::Line(tail_ms) => {
            let of = OfLine::new(*place, tail_ms, level);
            Some((place.port, Box::new(of) as Box<dyn Echo>))
        }
        Canceller::None | Canceller::Acoustic => None,
    });
    Ok((rooms.into_iter().chain(lines).collect(), worker))
}
