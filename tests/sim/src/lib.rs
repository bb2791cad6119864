//! The simulated world: one box, one exchange line, one telephone, one disk, a daemon and power, in
//! one process, from one seed. The same seed lives the same life, to the last bit.
//!
//! The box is `ringmain_core::control::Control`, exactly as the product runs it; so are the spool,
//! the data link, plan, records and store. Each device around it opens with its fault model: what
//! the box must survive, and what it need not. [`check`] has the invariants, by name.
//!
//! `cargo test -p sim` lives some hundred calls; `cargo run --release -p sim -- --calls 10000` is
//! the swarm; `cargo run -p sim -- --seed 7` replays one life with a trace.

mod appliance;
mod cards;
pub mod check;
mod daemon;
mod disk;
mod exchange;
mod faults;
mod happen;
mod jacks;
mod matrix;
mod plant;
mod telephone;
mod truth;
mod wire;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use units::{Duration, Instant};

pub use check::Violation;
pub use faults::Kinds;
use world::World;

/// How long after all faults are lifted and everybody hung up everything must be idle: T309 (90 s),
/// then a RESTART with its repetition (2 x 120 s, Q.931 5.5.1), and the daemon's catching up.
pub const AT_REST_AFTER: Duration = Duration::from_secs(360);
/// A life that takes longer than this does not end.
const LONGEST: Duration = Duration::from_secs(100_000);
/// Happenings in a life at most.
const MOST: u64 = 20_000_000;

/// What a life was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Calls that left a record.
    pub records: u64,
    /// Marked blocks that crossed a bridge, both ways.
    pub bridged: u64,
    /// Happenings.
    pub happened: u64,
    /// Things that the core did.
    pub steps: u64,
    /// Simulated time.
    pub seconds: u64,
}

/// One life from one seed: `calls` calls from outside, and what the telephone does meanwhile.
/// `trace` gets every step if it is there.
///
/// # Errors
/// The first invariant that did not hold.
pub fn live(
    seed: u64,
    calls: u32,
    kinds: Kinds,
    trace: Option<&mut Vec<String>>,
) -> Result<Report, Violation> {
    live_and_die(seed, calls, kinds, &[], trace)
}

/// As [`live`], and the core is killed before the things that it does as `kills` count them,
/// rising.
///
/// # Errors
/// The first invariant that did not hold.
pub fn live_and_die(
    seed: u64,
    calls: u32,
    kinds: Kinds,
    kills: &[u64],
    trace: Option<&mut Vec<String>>,
) -> Result<Report, Violation> {
    let mut world = World::new(seed, calls, kinds, kills, trace.is_some())?;
    let lived = catch_unwind(AssertUnwindSafe(|| whole_life(&mut world)));
    if let Some(trace) = trace {
        *trace = world.take_trace();
    }
    lived.unwrap_or_else(|_| {
        Err(Violation::new("nothing panics", "see the message of the panic above".into()))
    })?;
    Ok(Report {
        records: world.daemon.rows().len() as u64,
        bridged: world.bridged,
        happened: world.happened,
        steps: world.steps,
        seconds: world.now.as_millis() / 1000,
    })
}

/// One history from one seed, lived again and again: each time the core is killed before another
/// of the things that it does, and soon after once more. Every `stride`th thing is tried. Gives
/// back how many lives that were.
///
/// # Errors
/// The kill, and the first invariant that did not hold after it.
pub fn killed_at_every_step(
    seed: u64,
    calls: u32,
    stride: u64,
) -> Result<u64, (Vec<u64>, Violation)> {
    let kinds = Kinds { core: false, power: false, ..Kinds::of(seed) };
    let whole = live(seed, calls, kinds, None).map_err(|violation| (vec![], violation))?;
    let mut lives = 0;
    let mut random = machine::check::Random::new(seed ^ 0xD1E);
    for at in (1..=whole.steps).filter(|at| (at + seed).is_multiple_of(stride)) {
        // Twice in a row half of the time: often in the middle of going on.
        let again = random.one_in(2).then(|| at + 1 + random.below(20));
        let kills: Vec<_> = std::iter::once(at).chain(again).collect();
        let lived = live_and_die(seed, calls, kinds, &kills, None);
        lived.map_err(|violation| (kills, violation))?;
        lives += 1;
    }
    Ok(lives)
}

fn whole_life(world: &mut World) -> Result<(), Violation> {
    let end = world.now + LONGEST;
    while !world.evening {
        alive(world, end)?;
        world.step(end)?;
    }
    // One who is killed in the evening has that long from there.
    while world.step(world.unrest + AT_REST_AFTER)? {
        alive(world, end)?;
    }
    check::at_rest(world)
}

fn alive(world: &World, end: Instant) -> Result<(), Violation> {
    let lives = world.now < end && world.happened < MOST;
    if lives { Ok(()) } else { Err(Violation::new("a life ends", format!("{}", world.now))) }
}

/// The commit that this was built from, if the tools say so; a failure is seed and commit.
#[must_use]
pub fn commit() -> String {
    let git = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    git.ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".into(), |text| text.trim().to_owned())
}
