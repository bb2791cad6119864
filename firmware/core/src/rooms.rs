//! The cancellers of rooms, if this core was built with them (feature `acoustic`, on unless said):
//! a build for another machine than its own has no WebRTC to link with.

use engine::Echo;
use units::PortId;

/// Cancellers and their ports.
pub type Cancellers = Vec<(PortId, Box<dyn Echo>)>;

#[cfg(feature = "acoustic")]
pub(crate) use acoustic::Worker;
#[cfg(feature = "acoustic")]
pub(crate) use with::rooms;

/// Nobody works.
#[cfg(not(feature = "acoustic"))]
pub(crate) enum Worker {}

/// None: rooms keep their echo, and it is said.
#[cfg(not(feature = "acoustic"))]
pub(crate) fn rooms(ports: &[PortId], _: bool) -> Result<(Cancellers, Option<Worker>), String> {
    if !ports.is_empty() {
        let count = ports.len();
        crate::log::log(&format!("built without the cancellers of rooms: {count} keep their echo"));
    }
    Ok((vec![], None))
}

#[cfg(feature = "acoustic")]
mod with {
    use acoustic::{Room, Settings, Worker};
    use engine::{EchoFigures, tenths};
    use units::LinearBlock;

    use super::{Cancellers, Echo, PortId};

    /// A room's canceller in the engine.
    #[derive(Debug)]
    struct OfRoom(Room);

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

    /// Those of these ports, and their worker. `lockstep`: what takes time is done at once.
    pub(crate) fn rooms(
        ports: &[PortId],
        lockstep: bool,
    ) -> Result<(Cancellers, Option<Worker>), String> {
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
        Ok((ports.iter().copied().zip(rooms).collect(), worker))
    }
}
