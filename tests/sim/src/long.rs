//! A long life: hours of steady traffic with every kind of fault in one process, and what it holds
//! in memory.
//!
//! ```text
//!   hour 1       every kind of fault, cores killed and started, power cuts
//!   hour 2       the core lives on from here; the busiest hour, with a disk that stands still
//!   hours 3 ...  steady traffic; daemons killed and started, every fault but death of the core
//!   last hour    as the first
//!
//!   │◄──── 46 min: traffic, faults ────►│◄─ rest ─►│ check, settle, weigh │ next hour
//! ```
//!
//! Each hour ends at rest: faults are lifted, everybody goes home, all invariants are held. What
//! the world itself wrote down to check them is forgotten then: what is left is the box, its
//! daemon and what surrounds them. Its octets at rest must not grow. Whatever a call, a fault or a
//! session leaves behind adds up over the hours that one core lives; a buffer that has seen its
//! largest burst does not. The second hour is there so that all have.

use units::{Duration, Instant};

use crate::exchange_line::ExchangeLine;
use crate::faults::kinds::{Fault, Kinds};
use crate::mix::Mix;
use crate::world::{Happening, World};
use crate::{Life, Report, Violation, check, guarded, heap};

const HOUR: Duration = Duration::from_secs(3600);
/// When people go home: the rest of the hour holds a card that is gone (150 s), what a box killed
/// in the evening takes, and [`crate::AT_REST_AFTER`].
const EVENING_MS: u64 = 46 * 60_000;
/// The simulated disk keeps its octets in memory.
const DISK: i64 = limits::SPOOL_OCTETS.cast_signed();
/// The later half may hold a tenth more than the first, at most.
const GROWTH: i64 = 10;
/// From a thousandth more on than ever before an hour counts as a rise: some hundred octets, one
/// for each call. A leak rises every hour; a buffer that doubles once more does so once, so at most
/// a quarter of the hours of the later half may be rises.
const RISE: i64 = 1000;
const RISES: usize = 4;
/// Between two calls at most in the busiest hour, in milliseconds.
const BUSY_MS: u64 = 1500;

/// One hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// Octets of heap at its end, at rest.
    pub at_rest: i64,
    /// The most in it.
    pub most: i64,
    /// Records so far.
    pub records: u64,
}

/// Lives so many hours; `say` hears of each. `trace` gets every step of the last one if it is
/// there; weights mean nothing then.
///
/// # Errors
/// The first invariant that did not hold.
pub fn live(
    seed: u64,
    hours: u32,
    mut say: impl FnMut(&Hour),
    mut trace: Option<&mut Vec<String>>,
) -> Result<Report, Violation> {
    let life = Life { seed, mix: Mix::long(), kinds: Kinds::all(), kills: vec![] };
    let before = heap::live();
    let mut world = World::new(&life, trace.is_some())?;
    let mut weights = Vec::with_capacity(usize::try_from(hours).unwrap_or(0));
    for hour in 0..hours {
        world.of_hour(hour, hours);
        let held = guarded(|| one_hour(&mut world, hour));
        if let Some(trace) = &mut trace {
            **trace = world.take_trace();
        }
        held?;
        let alone = |octets: i64| octets - before - DISK;
        let most = alone(heap::most());
        world.settle()?;
        let at_rest = alone(heap::live());
        // The next hour's most begins here.
        let _ = heap::most();
        weights.push(at_rest);
        say(&Hour { at_rest, most, records: world.truth.all_ended() });
        world.morning();
    }
    grows_not(&weights)?;
    Ok(Report::of(&world))
}

fn one_hour(world: &mut World, hour: u32) -> Result<(), Violation> {
    let end = Instant::ZERO + HOUR * (hour + 1);
    world.later(EVENING_MS, Happening::Evening);
    while world.step(end)? {}
    check::at_rest(world)
}

fn grows_not(weights: &[i64]) -> Result<(), Violation> {
    let (first, last) = weights.split_at(weights.len() / 2);
    let Some(most) = first.iter().copied().max() else { return Ok(()) };
    let (mut highest, mut rises) = (most, 0);
    for weight in last {
        rises += usize::from(*weight > highest + highest / RISE);
        highest = highest.max(*weight);
    }
    if highest <= most + most / GROWTH && rises * RISES <= last.len() {
        return Ok(());
    }
    let what = format!(
        "{most} octets at most in the first half, {highest} in the second, which rose in \
         {rises} of {} hours",
        last.len()
    );
    Err(Violation::new("memory does not grow", what))
}

impl World {
    /// What an hour has of traffic and faults.
    fn of_hour(&mut self, hour: u32, hours: u32) {
        let steady = Kinds::all().without(Fault::Core).without(Fault::Power);
        let deaths = hour == 0 || hour + 1 == hours;
        self.kinds = if deaths { Kinds::all() } else { steady };
        self.mix.pause_ms = if hour == 1 { BUSY_MS } else { Mix::long().pause_ms };
        if hour == 1 {
            for minute in [10, 20, 30] {
                self.later(minute * 60_000, Happening::DiskStands(20_000));
            }
        }
    }

    /// All was found in order: what was written down to check it is forgotten.
    fn settle(&mut self) -> Result<(), Violation> {
        self.truth.settle();
        self.daemon.archive()?;
        for telephone in &mut self.telephones {
            telephone.lifted = vec![];
        }
        self.lines.iter_mut().for_each(ExchangeLine::settle);
        for trunk in &mut self.trunks {
            trunk.exchange.gone = vec![];
            (trunk.exchange.confused, trunk.exchange.garbled) = (false, false);
            trunk.harmed = false;
            trunk.cables.iter_mut().for_each(|cable| cable.harmed = false);
        }
        // The box may not have looked at it yet.
        self.appliance.calendars =
            self.appliance.calendars.split_off(self.appliance.calendars.len() - 1);
        self.happened = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_rises_every_hour_and_a_buffer_once() {
        let leak: Vec<i64> = (0..24).map(|hour| 500_000 + 800 * hour).collect();
        assert!(grows_not(&leak).is_err());
        let buffer: Vec<i64> = (0..24).map(|hour| 500_000 + 20_000 * (hour / 15)).collect();
        assert!(grows_not(&buffer).is_ok());
        let huge: Vec<i64> = (0..24).map(|hour| 500_000 + 60_000 * (hour / 15)).collect();
        assert!(grows_not(&huge).is_err());
        assert!(grows_not(&[]).is_ok());
    }
}
