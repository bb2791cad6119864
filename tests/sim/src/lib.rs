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
    let mut world = World::new(seed, calls, kinds, trace.is_some())?;
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
        seconds: world.now.as_millis() / 1000,
    })
}

fn whole_life(world: &mut World) -> Result<(), Violation> {
    let end = world.now + LONGEST;
    while !world.evening {
        alive(world, end)?;
        world.step(end)?;
    }
    let rest = world.now + AT_REST_AFTER;
    while world.step(rest)? {
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
