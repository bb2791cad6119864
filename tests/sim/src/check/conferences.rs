//! Conferences: who is in one hears all others of it once, and nobody else.

use std::collections::{BTreeMap, BTreeSet};

use units::PortId;

use super::{Held, hold};
use crate::appliance::matrix::Source;
use crate::world::World;

const NAME: &str = "in a conference each hears all others once, and nobody who left";

/// What holds after every event.
pub(super) fn all_hear_each_other(world: &mut World) -> Held {
    let Some(control) = &world.appliance.control else { return Ok(()) };
    let ports: BTreeMap<_, _> =
        control.calls_now().filter_map(|call| Some((call.call, call.port?))).collect();
    let mut conferences: BTreeMap<_, BTreeMap<PortId, bool>> = BTreeMap::new();
    for seat in control.seats_now().filter(|seat| seat.entered.is_some()) {
        if let Some(port) = ports.get(&seat.call) {
            let own = conferences.entry(seat.conference.to_string()).or_default();
            own.insert(*port, !seat.muted);
        }
    }
    let matrix = &world.appliance.matrix;
    let seated: BTreeSet<_> = conferences.values().flat_map(BTreeMap::keys).collect();
    for port in matrix.ports() {
        let inside = matches!(matrix.hears(port), Source::Room(..));
        hold(NAME, !inside || seated.contains(&port), || format!("{port} is in none"))?;
    }
    let mut met = 0;
    for (number, parties) in &conferences {
        for port in parties.keys() {
            let others = parties.iter().filter(|(other, heard)| **heard && *other != port);
            let wanted: Vec<_> = others.map(|(other, _)| *other).collect();
            let heard = matrix.hears_of(*port);
            hold(NAME, heard == wanted, || {
                format!("{number}: {port} hears {heard:?}, not {wanted:?}")
            })?;
            let source = matrix.hears(*port);
            let waits = parties.len() == 1 && matches!(source, Source::Player(_));
            let meets = matches!(source, Source::Room(..));
            hold(NAME, waits || meets, || format!("{number}: {port} hears {source:?}"))?;
        }
        met += usize::from(parties.len() > 1);
        if parties.len() > 2 {
            world.tally.count("three-in-conference");
        }
    }
    world.met += met as u64;
    Ok(())
}
