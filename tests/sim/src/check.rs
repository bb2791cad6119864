//! The invariants, each with its name.

mod conferences;
mod muting;
mod rest;
pub(crate) mod spans;
pub(crate) mod truth;

use std::collections::BTreeMap;
use std::fmt;

use link::CallPhase;
use units::{CallId, PortId};

use crate::appliance::cards;
use crate::appliance::matrix::{Mark, Source};
use crate::world::World;

pub(crate) use rest::at_rest;

/// An invariant that did not hold.
#[derive(Clone, Debug)]
pub struct Violation {
    /// Its name.
    pub invariant: &'static str,
    /// What was found.
    pub what: String,
}

impl Violation {
    pub(crate) fn new(invariant: &'static str, what: String) -> Self {
        Self { invariant, what }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

type Held = Result<(), Violation>;

fn hold(invariant: &'static str, held: bool, what: impl FnOnce() -> String) -> Held {
    if held { Ok(()) } else { Err(Violation::new(invariant, what())) }
}

/// What holds after every event.
pub(crate) fn after_event(world: &mut World) -> Held {
    one_call_a_slot(world)?;
    for status in world.appliance.control.iter().flat_map(|control| control.calls_now()) {
        if status.phase == CallPhase::Clearing {
            world.truth.ends(world.now, status.call);
        }
    }
    // What a line thread that is late was ordered it has not done yet.
    if world.line_thread.sleeps() {
        return Ok(());
    }
    joins_are_symmetric(world)?;
    bridges_pass_both_ways(world)?;
    conferences::all_hear_each_other(world)?;
    muting::only_who_talks(world)?;
    cards::after_event(world)?;
    dial_tone(world);
    Ok(())
}

fn one_call_a_slot(world: &World) -> Held {
    let mut used: BTreeMap<PortId, CallId> = BTreeMap::new();
    for status in world.appliance.control.iter().flat_map(|control| control.calls_now()) {
        for port in [status.port, status.other].into_iter().flatten() {
            let before = used.insert(port, status.call);
            hold("a time slot carries at most one call", before.is_none(), || {
                format!("{port}: {} and {before:?}", status.call)
            })?;
        }
    }
    Ok(())
}

fn joins_are_symmetric(world: &World) -> Held {
    let matrix = &world.appliance.matrix;
    for port in matrix.ports() {
        let Source::Port(other) = matrix.hears(port) else { continue };
        let back = matrix.hears(other);
        hold("a port is joined with one other, both ways", back == Source::Port(port), || {
            format!("{port} hears {other}, which hears {back:?}")
        })?;
    }
    let refused = matrix.refused;
    hold("the engine refuses nothing", refused == 0, || format!("{refused} commands"))
}

/// Who is at a port, by number.
fn at_port(world: &World, port: PortId) -> Option<String> {
    if let Some(telephone) = world.telephones.iter().find(|telephone| telephone.port == port) {
        return Some(telephone.number.clone());
    }
    let exchange = &world.trunks[world.trunk_at(port)?].exchange;
    // After wrong messages the exchange may think otherwise of who is where. One whose call is
    // still being set up may have a channel that the box has not given up yet.
    let person = exchange
        .at_port(port)
        .filter(|person| !exchange.confused && !person.hung_up && person.answered.is_some())?;
    Some(person.number.to_string())
}

/// Two who talk hear each other's blocks, of this very moment, and are the two that the call says.
fn bridges_pass_both_ways(world: &mut World) -> Held {
    const NAME: &str = "a bridge passes marked blocks both ways";
    let Some(control) = &world.appliance.control else { return Ok(()) };
    let talking: Vec<_> =
        control.calls_now().filter(|status| status.phase == CallPhase::Talking).collect();
    world.blocks += 1;
    for status in talking {
        let (Some(a), Some(b)) = (status.port, status.other) else {
            return Err(Violation::new(NAME, format!("{} talks without ports", status.call)));
        };
        let said = |port: PortId| Mark::Person(u32::from(port.0), world.blocks);
        let matrix = &world.appliance.matrix;
        let heard = (matrix.heard(a, said), matrix.heard(b, said));
        hold(NAME, heard == (said(b), said(a)), || format!("{}: {heard:?}", status.call))?;
        world.bridged += 1;
        note_crossing(world, a, b);
        if let Some(at) = world.trunk_at(b)
            && let Some(person) = world.trunks[at].exchange.at_port_mut(b)
        {
            person.call = Some(status.call);
        }
        let reached = world.truth.reached.get(&status.call).map(ToString::to_string);
        let right = |port, number: Option<String>| {
            let found = at_port(world, port);
            let same = found.is_none() || found == number;
            hold("who talks is who called and who was reached", same, || {
                format!("{}: at {port} is {found:?}, expected {number:?}", status.call)
            })
        };
        let telephone = world.telephones.iter().find(|of| of.line == status.line);
        let caller = telephone.map_or_else(|| status.caller.to_string(), |of| of.number.clone());
        right(a, Some(caller))?;
        // The telling of it may have been lost with the core; the call was not.
        if reached.is_some() || !world.truth.killed {
            right(b, reached)?;
        }
    }
    Ok(())
}

/// Notes who talked with somebody through which trunk.
fn note_crossing(world: &mut World, a: PortId, b: PortId) {
    let (Some(at_a), Some(at_b)) = (world.trunk_at(a), world.trunk_at(b)) else { return };
    for (at, port, other) in [(at_a, a, at_b), (at_b, b, at_a)] {
        if let Some(person) = world.trunks[at].exchange.at_port_mut(port) {
            person.crossed |= 1 << other;
        }
    }
}

/// Whether the people at telephones hear the dial tone: then there is a call.
fn dial_tone(world: &mut World) {
    for telephone in &mut world.telephones {
        let heard =
            world.appliance.matrix.hears(telephone.port) == Source::Tone(engine::Tone::Dial);
        telephone.hears_dial_tone(world.now, heard);
    }
}
