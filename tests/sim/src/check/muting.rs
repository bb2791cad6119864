//! Keys that are muted: of who talks over the first line, and of nobody who does not talk.

use std::collections::BTreeSet;

use link::CallPhase;
use units::LineId;

use super::{Held, hold};
use crate::appliance::matrix::Source;
use crate::world::World;

const NAME: &str = "keys are muted of those who talk, where that was said, and of nobody else";

/// What holds after every event.
pub(super) fn only_who_talks(world: &mut World) -> Held {
    let Some(control) = &world.appliance.control else { return Ok(()) };
    let matrix = &world.appliance.matrix;
    let mut talking = BTreeSet::new();
    let mut muted = false;
    for status in control.calls_now() {
        let together = status.phase == CallPhase::Talking;
        if together || status.phase == CallPhase::Conference {
            talking.extend(status.port);
        }
        talking.extend(status.other.filter(|_| together));
        let Some(port) = status.port.filter(|_| status.line == LineId(1)) else { continue };
        let heard = together || matches!(matrix.hears(port), Source::Room(..));
        muted |= heard;
        hold(NAME, !heard || matrix.mutes_keys(port), || format!("{port} talks: {status:?}"))?;
    }
    for port in matrix.ports().filter(|port| matrix.mutes_keys(*port)) {
        hold(NAME, talking.contains(&port), || format!("{port} is muted and talks not"))?;
    }
    if muted {
        world.tally.count("keys-muted");
    }
    Ok(())
}
