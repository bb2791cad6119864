//! What holds when all faults have been lifted for the time stated and everybody has gone home.

use std::collections::BTreeMap;

use records::Row;
use units::{Cause, Duration, Instant};

use crate::appliance::matrix::Source;
use crate::appliance::plant;
use crate::check::{Held, Violation, hold};
use crate::exchange_line::State;
use crate::trunk::Trunk;
use crate::trunk::exchange::Person;
use crate::world::World;

/// What holds when all faults have been lifted for the time stated and everybody has gone home.
pub(crate) fn at_rest(world: &World) -> Held {
    everything_is_idle(world)?;
    store_is_in_step(world)?;
    records_are_right(world)?;
    people_find_their_records(world)?;
    charges_are_right(world)?;
    lines_are_right(world)?;
    answered_calls_live(world)
}

/// Every exchange line is free; what the box dialled stands in a record, and so does who was told
/// to it and taken.
fn lines_are_right(world: &World) -> Held {
    let rows = world.daemon.rows();
    for line in &world.lines {
        let free = line.state == State::Quiet && !line.looped && !line.rings;
        hold("every seizure ends in idle", free, || format!("{line:?}"))?;
        if world.truth.power_went() || world.truth.killed {
            continue;
        }
        for number in &line.dialled {
            let rang = format!("rang {number}");
            let found = rows.iter().any(|row| row.path.contains(&rang));
            hold("a number that was dialled is the one of a call", found, || {
                format!("{number} on {}", line.line)
            })?;
        }
        for caller in line.callers.iter().filter(|caller| caller.told) {
            let mine = rows.iter().filter(|row| row.caller == caller.number).count();
            let right = mine == 1 || (mine == 0 && !caller.taken);
            hold(ONE, right, || format!("{caller:?} on {} has {mine} records", line.line))?;
        }
    }
    Ok(())
}

/// How long a unit of charge is on the line, with its way to the box and the box's recognition of
/// its beginning and its end.
const UNIT: Duration = Duration::from_millis(250);
/// How long a message that tells what a call costs may take over a line that repeats it (Q.921:
/// N200 times T200).
const ADVICE: Duration = Duration::from_secs(5);

fn count(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX)
}

/// The units of charge of a record are those that the exchange sent. One that was on the line while
/// the core was dead, or when the call ended, may be lost; none is counted that was not sent. What
/// an exchange says late, on a line that is ill, or to a line thread that sleeps, is not known.
fn charges_are_right(world: &World) -> Held {
    let late = world.trunks.iter().any(|trunk| trunk.exchange.late > 0);
    let asleep = world.tally.of("line-thread-late") + world.tally.of("r2-bits-late") > 0;
    if late || asleep || world.truth.power_went() || world.trunks.iter().any(Trunk::harmed_anywhere)
    {
        return Ok(());
    }
    // Of each call: how many at most, and at least.
    let mut sent: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for trunk in &world.trunks {
        let (pulses, upset) = (trunk.exchange.far.is_r2(), trunk.exchange.upsets() > 0);
        for person in &trunk.exchange.gone {
            let Some(call) = person.call.filter(|_| !person.metered.is_empty()) else { continue };
            let (most, least) = sent.entry(call.to_string()).or_default();
            let time = if pulses { UNIT } else { ADVICE };
            let arrived = |at: &&Instant| {
                let over = **at + time;
                let cut = person.ended.is_some_and(|ended| ended < over);
                !cut && !upset && !world.truth.was_dead(**at, over)
            };
            *most += count(person.metered.len());
            *least += if pulses {
                count(person.metered.iter().filter(arrived).count())
            } else {
                // Each tells how many it are in all.
                let last = person.metered.iter().rposition(|at| arrived(&at));
                last.map_or(0, |last| count(last + 1))
            };
        }
    }
    for row in world.daemon.rows() {
        let (most, least) = sent.get(&row.call).copied().unwrap_or_default();
        let told = row.charge_units.unwrap_or(0);
        hold(
            "a record has the units of charge that were sent",
            (least..=most).contains(&told),
            || format!("{least} to {most} units: {row:?}"),
        )?;
    }
    Ok(())
}

/// From then on an answered call is active at both ends, or cleared (T313, Q.931 5.2.8): before, a
/// data link that goes down takes it (5.8.9).
const CONFIRMED: Duration = Duration::from_secs(5);

/// Where line and exchange are well, at both ends of the call, nothing that goes wrong elsewhere in
/// the box, beside it or in it ends a call that was answered: neither a kill of the core nor a
/// reset of the data link. Of the causes that would say so none is seen at either side.
fn answered_calls_live(world: &World) -> Held {
    const NAME: &str = "where the line is well no answered call is taken";
    let taken = |cause: u8| matches!(cause, 38 | 41 | 81 | 82 | 96..=102 | 111);
    let harmed = |crossed: u8| {
        let of = |(n, trunk): (usize, &Trunk)| trunk.harmed_anywhere() && crossed & 1 << n != 0;
        world.trunks.iter().enumerate().any(of)
    };
    for trunk in world.trunks.iter().filter(|trunk| !trunk.harmed) {
        // A word that clears may be lost with the link; then the box's record tells (below).
        if trunk.exchange.upsets() > 0 {
            continue;
        }
        let answered = |person: &&Person| {
            let here = trunk.harmed_at(&world.appliance.layout, person.port);
            person.lasted() >= CONFIRMED && !here && !harmed(person.crossed)
        };
        for person in trunk.exchange.gone.iter().filter(answered) {
            let lost = person.released.is_some_and(|(cause, _)| taken(cause.get()));
            hold(NAME, !lost, || format!("{person:?}"))?;
        }
    }
    if world.trunks.iter().any(Trunk::harmed_anywhere) || world.truth.power_went() {
        return Ok(());
    }
    let confirmed = i64::try_from(CONFIRMED.as_micros()).unwrap_or(i64::MAX);
    let lasted = |row: &&Row| row.answered.is_some_and(|at| row.ended - at >= confirmed);
    let upset = world.trunks.iter().any(|trunk| trunk.exchange.upsets() > 0);
    let hung_up = |number: &str| {
        let mut gone = world.trunks.iter().flat_map(|trunk| &trunk.exchange.gone);
        gone.any(|person| person.hung_up && person.number.to_string() == number)
    };
    for row in world.daemon.rows().iter().filter(lasted) {
        // Somebody hung up, and that may have been lost with the link.
        if upset && (row.connected.is_some() || hung_up(&row.caller)) {
            continue;
        }
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
    let kept = world.appliance.kept_calls();
    hold(NAME, kept.is_empty(), || format!("the journal holds {kept:?}"))?;
    for trunk in &world.trunks {
        let (exchange, name) = (&trunk.exchange, trunk.span());
        let (usage, known) = (exchange.far.usage(), exchange.far.calls());
        hold(NAME, usage.busy == 0 && usage.blocked == 0 && known == 0, || {
            format!("exchange of {name}: {usage:?}, {known} calls, {:?}", exchange.people)
        })?;
        hold("both ends are in step", exchange.data_link, || {
            format!("the data link of {name} is down")
        })?;
    }
    let matrix = &world.appliance.matrix;
    for port in matrix.ports() {
        let hears = matrix.hears(port);
        hold(NAME, hears == Source::Silence && !matrix.listening(port), || {
            format!("{port} hears {hears:?}, listens: {}", matrix.listening(port))
        })?;
    }
    let rings = world.telephones.iter().find(|telephone| telephone.ringing);
    hold(NAME, rings.is_none(), || format!("{:?} rings", rings.map(|of| &of.number)))
}

fn store_is_in_step(world: &World) -> Held {
    let disk = &world.appliance.disk;
    let (folded, last) = (world.daemon.folded_up_to(disk.identity()), disk.last_number());
    hold("no event number is lost or doubled in the store", folded == last, || {
        format!("folded up to {folded}, told up to {last}")
    })?;
    hold("the daemon runs", world.daemon.running, String::new)?;
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
        let lost: Vec<_> = truth
            .ended
            .keys()
            .filter(|call| !stored.contains_key(call.to_string().as_str()))
            .collect();
        format!("{} rows, {} calls ended, without one: {lost:?}", rows.len(), truth.ended.len())
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
    // Where octets were wrong, one caller may have been told to be another one.
    if !world.trunks.iter().any(|trunk| trunk.exchange.garbled) {
        for trunk in &world.trunks {
            for person in trunk.exchange.gone.iter().filter(|person| person.called.is_some()) {
                caller_finds_record(world, trunk, person, &rows)?;
            }
        }
    }
    for telephone in &world.telephones {
        let from = world.appliance.layout.units.get(telephone.unit).map(|unit| &unit.label);
        let from_here = |row: &&Row| row.path.split(" > ").next() == from.map(String::as_str);
        for lifted in telephone.lifted.iter().filter(|lifted| !lifted.cut) {
            let then = |row: &&Row| world.appliance.worlds(row.offered).any(|at| at == lifted.at);
            let mine: Vec<_> = rows.iter().filter(from_here).filter(then).collect();
            let mut lost = world.truth.lost_offers.iter();
            if lost.any(|at| world.appliance.worlds(*at).any(|at| at == lifted.at)) {
                continue;
            }
            hold(ONE, mine.len() == 1, || format!("{lifted:?} has the records {mine:?}"))?;
            let heard = |row: &&Row| lifted.killed || lifted.pressed.starts_with(&row.called);
            let called = mine.iter().all(heard);
            hold(RIGHT, called, || format!("{lifted:?} has the record {mine:?}"))?;
        }
    }
    Ok(())
}

fn caller_finds_record(world: &World, trunk: &Trunk, person: &Person, rows: &[Row]) -> Held {
    if world.truth.lost.contains(&person.number) {
        return Ok(());
    }
    let exchange = &trunk.exchange;
    let number = person.number.to_string();
    let mine: Vec<_> = rows.iter().filter(|row| row.caller == number).collect();
    let reached = person.alerted || person.answered.is_some();
    // An exchange whose SETUP was answered in vain, because the link failed or was reset, sends it
    // again (T303, Q.931 5.2.1; 5.8.10): another call for the box, for which the first is over.
    // A core that dies over its answer leaves the same SETUP to the next one.
    let again = match trunk.harmed_anywhere() || exchange.upsets() > 0 {
        true => usize::MAX,
        false => 2.max(1 + world.truth.deaths()),
    };
    hold(ONE, mine.len() == 1 || (!reached && mine.len() <= again), || {
        format!("{person:?} has the records {mine:?}")
    })?;
    let Some(row) = mine.first() else { return Ok(()) };
    // Line signals carry no causes, and one who hangs up while registers talk has called half a
    // number.
    // What an exchange believes that said wrong things, or late ones, is its own affair.
    if exchange.confused {
        return Ok(());
    }
    let called = person.called.as_ref().is_some_and(|called| called.to_string() == row.called);
    hold(RIGHT, called, || format!("{person:?} called another number than {row:?}"))?;
    let desk = world.telephones.iter().any(|telephone| telephone.number == row.called);
    let exists = desk || [plant::FLOW, plant::MEETING_OUTSIDE].contains(&row.called.as_str());
    // Once it was answered the cause is what somebody it reached was told.
    let answered = row.answered.is_some();
    let known = !exists || answered || row.cause != Cause::UNALLOCATED_NUMBER.get();
    hold("a number that exists is never unallocated", known, || format!("{row:?}"))?;
    if exchange.far.is_r2() {
        return Ok(());
    }
    let answered = person.answered.is_none() || row.answered.is_some();
    hold(RIGHT, answered, || format!("{person:?} was answered, not so {row:?}"))?;
    match person.released {
        // A timer of layer 3 may have cleared the line's side before (T313, Q.931 5.2.8).
        Some((Cause::RECOVERY_ON_TIMER_EXPIRY, _)) => Ok(()),
        // So may a group that gave up a dead span, while the flow came to its end.
        Some((Cause::DESTINATION_OUT_OF_ORDER, _))
            if trunk.harmed_at(&world.appliance.layout, person.port) =>
        {
            Ok(())
        }
        // One who heard nothing may have been refused at a repetition of the SETUP.
        Some((cause, units::Party::Called)) if !person.hung_up && reached => {
            let same = row.cause == cause.get() && row.by != "caller";
            hold(RIGHT, same, || format!("{person:?} was told another cause than {row:?}"))
        }
        _ => Ok(()),
    }
}
