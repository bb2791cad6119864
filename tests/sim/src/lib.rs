//! The simulated world: one box, its spans and exchanges, its telephones, one disk, a daemon and
//! power, in one process, from one seed. The same seed lives the same life, to the last bit.
//!
//! The box is `ringmain_core::control::Control`, exactly as the product runs it; so are the spool,
//! the data link, plan, records and store. Each device around it opens with its fault model: what
//! the box must survive, and what it need not. [`check`] has the invariants, by name.
//!
//! `cargo test -p sim` lives some hundred lives; `cargo run --release -p sim -- --calls 10000` is
//! the swarm; `cargo run -p sim -- --seed 7` replays one life with a trace; `--hours 24` lives a
//! day and measures its memory.

mod appliance;
pub mod check;
mod daemon;
mod exchange_line;
mod faults;
pub mod heap;
pub mod long;
mod mix;
pub mod tally;
mod telephone;
mod trunk;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use units::{Duration, Instant};

pub use check::Violation;
pub use faults::kinds::{Fault, Kinds};
pub use mix::Mix;
use tally::Tally;
use world::World;

/// How long after all faults are lifted and everybody hung up everything must be idle: T309 (90 s),
/// then a RESTART with its repetition (2 x 120 s, Q.931 5.5.1), and the daemon's catching up.
pub const AT_REST_AFTER: Duration = Duration::from_secs(360);
/// A life that takes longer than this does not end.
const LONGEST: Duration = Duration::from_secs(100_000);
/// Happenings in a life at most.
const MOST: u64 = 20_000_000;

/// What a life is made from.
#[derive(Clone, Debug)]
pub struct Life {
    /// All that is left to chance.
    pub seed: u64,
    /// The size of its world.
    pub mix: Mix,
    /// What may go wrong.
    pub kinds: Kinds,
    /// Before which of the things that it does the core is killed, rising.
    pub kills: Vec<u64>,
}

/// What a life was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lives.
    pub lives: u64,
    /// Calls that came from outside.
    pub calls: u64,
    /// Calls that left a record.
    pub records: u64,
    /// Marked blocks that crossed a bridge, both ways.
    pub bridged: u64,
    /// Looks at conferences of several who heard each other.
    pub met: u64,
    /// Happenings.
    pub happened: u64,
    /// Things that the core did.
    pub steps: u64,
    /// Simulated time.
    pub seconds: u64,
    /// Faults that really happened, by name.
    pub faults: Tally,
}

impl Report {
    fn of(world: &World) -> Self {
        let mut faults = world.tally.clone();
        world.trunks.iter().for_each(|trunk| faults.join(&trunk.exchange.tally));
        Self {
            lives: 1,
            calls: world.calls,
            records: world.truth.all_ended(),
            bridged: world.bridged,
            met: world.met,
            happened: world.happened,
            steps: world.steps,
            seconds: world.now.as_millis() / 1000,
            faults,
        }
    }

    /// Adds what another life was.
    pub fn join(&mut self, other: &Self) {
        self.lives += other.lives;
        self.calls += other.calls;
        self.records += other.records;
        self.bridged += other.bridged;
        self.met += other.met;
        self.happened += other.happened;
        self.steps += other.steps;
        self.seconds += other.seconds;
        self.faults.join(&other.faults);
    }
}

impl Life {
    /// What a seed chooses.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self { seed, mix: Mix::of(seed), kinds: Kinds::of(seed), kills: vec![] }
    }

    /// A short one in a small world, for kills at every step: nothing else takes calls of the core.
    #[must_use]
    pub fn history(seed: u64) -> Self {
        let kinds = Kinds::of(seed).without(Fault::Core).without(Fault::Power);
        Self { seed, mix: Mix::history(seed), kinds, kills: vec![] }
    }

    /// Lives it. `trace` gets every step if it is there.
    ///
    /// # Errors
    /// The first invariant that did not hold.
    pub fn live(&self, trace: Option<&mut Vec<String>>) -> Result<Report, Violation> {
        let mut world = World::new(self, trace.is_some())?;
        let lived = guarded(|| whole_life(&mut world));
        if let Some(trace) = trace {
            *trace = world.take_trace();
        }
        lived?;
        Ok(Report::of(&world))
    }
}

/// A panic is a violation.
fn guarded<T>(act: impl FnOnce() -> Result<T, Violation>) -> Result<T, Violation> {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        Err(Violation::new("nothing panics", "see the message of the panic above".into()))
    })
}

/// One history from one seed, lived again and again: each time the core is killed before another
/// of the things that it does, and soon after once more. Every `stride`th thing is tried. Gives
/// back what all those lives were.
///
/// # Errors
/// The kills, and the first invariant that did not hold after them.
pub fn killed_at_every_step(seed: u64, stride: u64) -> Result<Report, (Vec<u64>, Violation)> {
    let history = Life::history(seed);
    let whole = history.live(None).map_err(|violation| (vec![], violation))?;
    let mut all = Report::default();
    let mut random = machine::check::Random::new(seed ^ 0xD1E);
    for at in (1..=whole.steps).filter(|at| (at + seed).is_multiple_of(stride)) {
        // Twice in a row half of the time: often in the middle of going on.
        let again = random.one_in(2).then(|| at + 1 + random.below(20));
        let kills: Vec<_> = std::iter::once(at).chain(again).collect();
        let lived = Life { kills: kills.clone(), ..history.clone() }.live(None);
        all.join(&lived.map_err(|violation| (kills, violation))?);
    }
    Ok(all)
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
