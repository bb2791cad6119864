//! The echo cancellers of a box, as its board file says: for rooms on a worker of their own.

use acoustic::{Room, Settings, Worker};
use board::{Canceller, Layout};
use engine::{Echo, EchoFigures};
use units::{LinearBlock, PortId};

/// Cancellers and their ports.
pub type Cancellers = Vec<(PortId, Box<dyn Echo>)>;

/// A room's canceller in the engine.
#[derive(Debug)]
struct OfRoom(Room);

/// Tenths.
#[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
fn tenths(db: f32) -> i16 {
    (db * 10.0).round() as i16
}

impl Echo for OfRoom {
    fn process(&mut self, sent: &LinearBlock, heard: &mut LinearBlock) -> bool {
        self.0.process(sent, heard);
        true
    }

    /// A room stays as it is, whoever calls.
    fn begin(&mut self) {}

    fn figures(&self) -> EchoFigures {
        let seen = self.0.figures();
        EchoFigures {
            erl: tenths(seen.erl_db),
            erle: tenths(seen.erle_db),
            delay_ms: u16::try_from(seen.delay_ms).unwrap_or(u16::MAX),
            double_talk_ms: 0,
        }
    }
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
    let settings = vec![Settings::default(); ports.len()];
    let said = |fault: acoustic::Fault| fault.to_string();
    let (rooms, worker) = if lockstep {
        let rooms: Result<Vec<_>, _> = settings.into_iter().map(acoustic::inline).collect();
        (rooms.map_err(said)?, None)
    } else {
        let (rooms, worker) = acoustic::start(&settings).map_err(said)?;
        (rooms, Some(worker))
    };
    let rooms = rooms.into_iter().map(|room| Box::new(OfRoom(room)) as Box<dyn Echo>);
    Ok((ports.into_iter().zip(rooms).collect(), worker))
}
