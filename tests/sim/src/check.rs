//! The invariants, each with its name.

use std::collections::BTreeMap;
use std::fmt;

use link::CallPhase;
use records::Row;
use units::{CallId, Cause, PortId};

use crate::exchange::Person;
use crate::faults::Kinds;
use crate::matrix::{Mark, Source};
use crate::telephone;
use crate::world::World;
use crate::{appliance, cards, plant};

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
    joins_are_symmetric(world)?;
    bridges_pass_both_ways(world)?;
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

/// Who is at a port, by name and number.
fn at_port(world: &World, port: PortId) -> Option<(u32, String)> {
    if port == world.telephone_port() {
        return Some((telephone::NAME, plant::DESK.into()));
    }
    // One whose call is still being set up may have a channel that the box has not given up yet.
    let here = |person: &&Person| !person.hung_up && person.answered.is_some();
    let person = world.exchange.at_port(port).filter(here)?;
    Some((person.name, person.number.to_string()))
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
        // After wrong messages the exchange may think otherwise of who is where.
        if world.kinds.wrong {
            continue;
        }
        let reached = world.truth.reached.get(&status.call).map(ToString::to_string);
        let right = |port, number: Option<String>| {
            let found = at_port(world, port);
            let same = found.as_ref().is_none_or(|(_, is)| Some(is) == number.as_ref());
            hold("who talks is who called and who was reached", same, || {
                format!("{}: at {port} is {found:?}, expected {number:?}", status.call)
            })
        };
        let caller = if status.line == plant::TELEPHONE {
            plant::DESK.into()
        } else {
            status.caller.to_string()
        };
        right(a, Some(caller))?;
        // The telling of it may have been lost with the core; the call was not.
        if reached.is_some() || !world.truth.killed {
            right(b, reached)?;
        }
    }
    Ok(())
}

/// Whether the person at the telephone hears the dial tone: then there is a call.
fn dial_tone(world: &mut World) {
    let port = world.telephone_port();
    let heard = world.appliance.matrix.hears(port) == Source::Tone(engine::Tone::Dial);
    world.telephone.hears_dial_tone(world.now, heard);
}

/// What holds when all faults have been lifted for the time stated and everybody has gone home.
pub(crate) fn at_rest(world: &World) -> Held {
    everything_is_idle(world)?;
    store_is_in_step(world)?;
    records_are_right(world)?;
    people_find_their_records(world)?;
    kills_take_no_answered_call(world)
}

/// Where the line and the exchange are well, a kill of the core ends no call that was answered: of
/// the causes that say so none is seen at either side.
fn kills_take_no_answered_call(world: &World) -> Held {
    const NAME: &str = "a kill takes no call that was answered";
    let Kinds { noise, cuts, mute, wrong, power, cards, .. } = world.kinds;
    if noise || cuts || mute || wrong || power || cards {
        return Ok(());
    }
    let taken = |cause: u8| matches!(cause, 38 | 41 | 81 | 82 | 96..=102 | 111);
    for person in world.exchange.gone.iter().filter(|person| person.answered.is_some()) {
        let lost = person.released.is_some_and(|(cause, _)| taken(cause.get()));
        hold(NAME, !lost, || format!("{person:?}"))?;
    }
    for row in world.daemon.rows().iter().filter(|row| row.answered.is_some()) {
        hold(NAME, !taken(row.cause), || format!("{row:?}"))?;
    }
    Ok(())
}

fn everything_is_idle(world: &World) -> Held {
    const NAME: &str = "every seizure ends in idle";
    let Some(control) = &world.appliance.control else {
        return Err(Violation::new(NAME, "the box is dead".into()));
    };
    let calls: Vec<_> = control.calls_now().collect();
    hold(NAME, calls.is_empty(), || format!("calls: {calls:?}"))?;
    for (line, usage) in control.usage() {
        hold(NAME, usage.busy == 0 && usage.blocked == 0, || format!("box, {line}: {usage:?}"))?;
    }
    let (usage, known) = (world.exchange.pri.usage(), world.exchange.pri.calls());
    hold(NAME, usage.busy == 0 && usage.blocked == 0 && known == 0, || {
        format!("exchange: {usage:?}, {known} calls, {:?}", world.exchange.people)
    })?;
    hold("both ends are in step", world.exchange.data_link, || "the data link is down".into())?;
    let matrix = &world.appliance.matrix;
    for port in matrix.ports() {
        let hears = matrix.hears(port);
        hold(NAME, hears == Source::Silence && !matrix.listening(port), || {
            format!("{port} hears {hears:?}, listens: {}", matrix.listening(port))
        })?;
    }
    hold(NAME, !world.telephone.ringing, || "the telephone rings".into())
}

fn store_is_in_step(world: &World) -> Held {
    let disk = &world.appliance.disk;
    let (folded, last) = (world.daemon.folded_up_to(disk.identity()), disk.last_number());
    hold("no event number is lost or doubled in the store", folded == last, || {
        format!("folded up to {folded}, told up to {last}")
    })?;
    let live = world.daemon.live_calls();
    hold("the daemon knows that nothing goes on", live == 0, || format!("{live} calls"))
}

const ONE: &str = "an ended call has exactly one record";
const RIGHT: &str = "a record tells what happened";

fn records_are_right(world: &World) -> Held {
    let rows = world.daemon.rows();
    let truth = &world.truth;
    hold(ONE, truth.open.is_empty(), || format!("no end was told of {:?}", truth.open))?;
    let stored: BTreeMap<&str, &Row> = rows.iter().map(|row| (row.call.as_str(), row)).collect();
    hold(ONE, stored.len() == rows.len() && rows.len() == truth.ended.len(), || {
        format!("{} rows, {} calls ended", rows.len(), truth.ended.len())
    })?;
    for record in truth.ended.values() {
        let wanted = Row::new(record, |_| Some("main".into()));
        let found = stored.get(wanted.call.as_str()).copied();
        hold(RIGHT, found == Some(&wanted), || format!("wanted {wanted:?}, found {found:?}"))?;
    }
    for row in &rows {
        let answered = row.answered.unwrap_or(row.offered);
        let connected = row.connected.unwrap_or(answered);
        let ordered = row.offered <= answered && answered <= connected && connected <= row.ended;
        hold(RIGHT, ordered, || format!("times out of order: {row:?}"))?;
    }
    Ok(())
}

fn people_find_their_records(world: &World) -> Held {
    let rows = world.daemon.rows();
    // Wrong messages may change numbers on their way.
    if !world.kinds.wrong {
        for person in world.exchange.gone.iter().filter(|person| person.called.is_some()) {
            caller_finds_record(world, person, &rows)?;
        }
    }
    for lifted in world.telephone.lifted.iter().filter(|lifted| !lifted.cut) {
        let at = appliance::utc(lifted.at).0;
        let mine: Vec<_> =
            rows.iter().filter(|row| row.offered == at && row.path.starts_with("TEL 1")).collect();
        hold(ONE, mine.len() == 1, || format!("{lifted:?} has the records {mine:?}"))?;
        let heard = |row: &&Row| lifted.killed || lifted.pressed.starts_with(&row.called);
        let called = mine.iter().all(heard);
        hold(RIGHT, called, || format!("{lifted:?} has the record {mine:?}"))?;
    }
    Ok(())
}

fn caller_finds_record(world: &World, person: &Person, rows: &[Row]) -> Held {
    if world.truth.lost.contains(&person.number) {
        return Ok(());
    }
    let number = person.number.to_string();
    let mine: Vec<_> = rows.iter().filter(|row| row.caller == number).collect();
    let reached = person.alerted || person.answered.is_some();
    // An exchange whose SETUP was answered in vain, because the link failed, sends it again (T303,
    // Q.931 5.2.1): another call for the box, for which the first is over.
    hold(ONE, mine.len() == 1 || (!reached && mine.len() <= 2), || {
        format!("{person:?} has the records {mine:?}")
    })?;
    let Some(row) = mine.first() else { return Ok(()) };
    let called = person.called.as_ref().is_some_and(|called| called.to_string() == row.called);
    hold(RIGHT, called, || format!("{person:?} called another number than {row:?}"))?;
    let exists = [plant::FLOW, plant::DESK].contains(&row.called.as_str());
    let known = !exists || row.cause != Cause::UNALLOCATED_NUMBER.get();
    hold("a number that exists is never unallocated", known, || format!("{row:?}"))?;
    let answered = person.answered.is_none() || row.answered.is_some();
    hold(RIGHT, answered, || format!("{person:?} was answered, not so {row:?}"))?;
    match person.released {
        // A timer of layer 3 may have cleared the line's side before (T313, Q.931 5.2.8).
        Some((Cause::RECOVERY_ON_TIMER_EXPIRY, _)) => Ok(()),
        // One who heard nothing may have been refused at a repetition of the SETUP.
        Some((cause, units::Party::Called)) if !person.hung_up && reached => {
            let same = row.cause == cause.get() && row.by != "caller";
            hold(RIGHT, same, || format!("{person:?} was told another cause than {row:?}"))
        }
        _ => Ok(()),
    }
}
