//! What the box says of a span when it is asked.

use link::{SpanCounters, SpanStatus};

use crate::check::Violation;
use crate::world::World;

/// Alarms and counters are those that its card told last.
pub(crate) fn status_is_what_the_card_told(
    world: &World,
    status: &SpanStatus,
) -> Result<(), Violation> {
    const NAME: &str = "a span's status is what its card told";
    let mut cables = world.trunks.iter().flat_map(|trunk| &trunk.cables);
    let Some(cable) = cables.find(|cable| cable.span == status.span) else {
        return Err(Violation::new(NAME, format!("there is no such span: {status:?}")));
    };
    let (told, counters) = (cable.told, status.counters);
    let alarms = told.alarms.unwrap_or_default();
    let told_counters = SpanCounters {
        code_violations: told.counters.code_violations,
        crc_errors: told.counters.crc_errors,
        far_crc_errors: told.counters.far_crc_errors,
        fas_errors: told.counters.fas_errors,
        slips: told.counters.slips,
        losses_of_frame: told.counters.losses_of_frame,
        bad_frames: told.bad_frames,
        frames_in: told.frames,
        ..counters
    };
    let same = (status.los, status.lof, status.ais, status.rai, status.lomf)
        == (alarms.los, alarms.lof, alarms.ais, alarms.rai, alarms.lomf);
    if same && counters == told_counters {
        return Ok(());
    }
    Err(Violation::new(NAME, format!("{status:?}, told {told:?}")))
}
