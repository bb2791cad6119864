//! The swarm, the replay of one life, the long life.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sim::{Life, Mix, Report, commit, heap, killed_at_every_step, long};

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

fn say(text: &str) {
    // One who closed the terminal does not want to read.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn option(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

const HELP: &str = "\
sim --calls N [--from SEED] [--jobs J]    the swarm: lives until N calls came from outside
sim --killed N [--from SEED] [--jobs J]   N histories, the core killed at every single step of each
sim --hours N [--seed SEED] [--trace]     one long life; what it holds in memory, hour by hour; the
                                          trace of the last hour
sim --seed SEED [--kills STEP,STEP]       one life, with its trace; with kills: the history of
                                          --killed, killed before these steps
A swarm says every ten seconds how far it is. J threads live J lives at a time.";

/// How often a swarm says how far it is.
const EVERY: Duration = Duration::from_secs(10);

/// What all threads of a swarm have done.
struct Swarm {
    name: &'static str,
    from: u64,
    begun: Instant,
    next: AtomicU64,
    end: u64,
    so_far: Mutex<SoFar>,
}

#[derive(Default)]
struct SoFar {
    all: Report,
    failed: u64,
    said: Duration,
}

impl Swarm {
    /// Lives `end - from` seeds.
    fn run(
        name: &'static str,
        from: u64,
        end: u64,
        one: impl Fn(u64) -> Outcome + Sync,
    ) -> ExitCode {
        let begun = Instant::now();
        let (next, so_far) = (AtomicU64::new(from), Mutex::default());
        let swarm = Self { name, from, begun, next, end, so_far };
        std::thread::scope(|scope| {
            for _ in 0..option("--jobs").unwrap_or(1) {
                scope.spawn(|| swarm.work(&one));
            }
        });
        let so_far = swarm.so_far.into_inner().unwrap_or_default();
        let SoFar { all, failed, .. } = &so_far;
        let (lives, calls, records) = (all.lives, all.calls, all.records);
        say(&format!(
            "sim{name}: lives={lives} calls={calls} records={records} hours={} failed={failed} \
             seeds={from}..{end} commit={} faults={}",
            all.seconds / 3600,
            commit(),
            all.faults
        ));
        if *failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    fn work(&self, one: impl Fn(u64) -> Outcome) {
        loop {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end {
                return;
            }
            let outcome = one(seed);
            let Ok(mut so_far) = self.so_far.lock() else { return };
            match outcome {
                Ok(report) => so_far.all.join(&report),
                Err(what) => {
                    so_far.failed += 1;
                    so_far.all.lives += 1;
                    say(&format!("seed {seed}, commit {}, {what}", commit()));
                }
            }
            let passed = self.begun.elapsed();
            if passed >= so_far.said + EVERY {
                so_far.said = passed;
                self.progress(&so_far, seed, passed);
            }
        }
    }

    fn progress(&self, SoFar { all, failed, .. }: &SoFar, seed: u64, passed: Duration) {
        let seconds = passed.as_secs().max(1);
        say(&format!(
            "sim{}: {seconds} s, seeds {}..{seed} of {}, {} calls, {} records, {} calls/s, \
             {failed} failed",
            self.name,
            self.from,
            self.end,
            all.calls,
            all.records,
            all.calls / seconds
        ));
    }
}

/// What a seed came to, or what went wrong.
type Outcome = Result<Report, String>;

fn swarm(calls: u64) -> ExitCode {
    let from = option("--from").unwrap_or(0);
    // As many seeds as these calls take: each says how many it has.
    let (mut end, mut planned) = (from, 0);
    while planned < calls {
        planned += u64::from(Mix::of(end).calls);
        end += 1;
    }
    Swarm::run("", from, end, |seed| {
        Life::of(seed).live(None).map_err(|violation| violation.to_string())
    })
}

fn killed(histories: u64) -> ExitCode {
    let from = option("--from").unwrap_or(0);
    Swarm::run(" --killed", from, from.saturating_add(histories), |seed| {
        killed_at_every_step(seed, 1).map_err(|(kills, violation)| {
            let kills: Vec<_> = kills.iter().map(u64::to_string).collect();
            format!("kills {}: {violation}", kills.join(","))
        })
    })
}

fn hours(hours: u64) -> ExitCode {
    let (seed, begun) = (option("--seed").unwrap_or(0), Instant::now());
    let mut hour = 0;
    let mut trace = vec![];
    let wanted = std::env::args().any(|argument| argument == "--trace");
    let lived = long::live(
        seed,
        u32::try_from(hours).unwrap_or(u32::MAX),
        |weighed| {
            hour += 1;
            say(&format!(
                "hour {hour:2}: {} octets of heap at rest, {} at most, {} records",
                weighed.at_rest, weighed.most, weighed.records
            ));
        },
        wanted.then_some(&mut trace),
    );
    trace.iter().for_each(|line| say(line));
    match lived {
        Ok(Report { calls, records, faults, .. }) => {
            say(&format!(
                "sim --hours: hours={hours} calls={calls} records={records} seed={seed} seconds={} \
                 commit={} faults={faults}",
                begun.elapsed().as_secs(),
                commit()
            ));
            ExitCode::SUCCESS
        }
        Err(violation) => {
            say(&format!("seed {seed}, commit {}, hour {}: {violation}", commit(), hour + 1));
            ExitCode::FAILURE
        }
    }
}

fn replay(seed: u64) -> ExitCode {
    let mut trace = vec![];
    let kills: Option<Vec<u64>> = std::env::args()
        .skip_while(|argument| argument != "--kills")
        .nth(1)
        .map(|text| text.split(',').filter_map(|step| step.parse().ok()).collect());
    let life = match kills {
        Some(kills) => Life { kills, ..Life::history(seed) },
        None => Life::of(seed),
    };
    let lived = life.live(Some(&mut trace));
    for line in &trace {
        say(line);
    }
    say(&format!("commit {}, {life:?}", commit()));
    match lived {
        Ok(report) => {
            say(&format!("{report:?}"));
            ExitCode::SUCCESS
        }
        Err(violation) => {
            say(&violation.to_string());
            ExitCode::FAILURE
        }
    }
}

fn main() -> ExitCode {
    if let Some(histories) = option("--killed") {
        return killed(histories);
    }
    if let Some(number) = option("--hours") {
        return hours(number);
    }
    if let Some(seed) = option("--seed") {
        return replay(seed);
    }
    if let Some(calls) = option("--calls") {
        return swarm(calls);
    }
    say(HELP);
    ExitCode::from(2)
}
