//! The figures of R2, in line time, ours and with libopenr2 at one end: `cargo xtask bench r2`.
#![expect(clippy::print_stdout, reason = "what it is for")]

use bearer::Indication;
use openr2_peer::Joined;
use r2_city::measure;
use units::{Duration, LegId};

const CALLED: &str = "95588";
const CALLING: &str = "13800138000";
/// Our name of each variant, and the library's.
const VARIANTS: [(&str, &str); 5] =
    [("itu", "ITU"), ("cn", "CN"), ("br", "BR"), ("mx", "MX"), ("ar", "AR")];
/// How long a call has, in milliseconds of the line.
const PATIENCE_MS: u64 = 9000;

fn joined(ours: &str, theirs: &str) -> Joined {
    Joined::new(r2_city::variant(ours, 5), theirs, CALLING.len(), CALLED.len())
}

/// From our seizure until the library has both numbers; `None`: it has not, or not these.
fn to_library(ours: &str, theirs: &str) -> Option<Duration> {
    let mut joined = joined(ours, theirs);
    let begin = joined.now;
    joined.place(LegId(7), CALLED, CALLING);
    joined.pass(PATIENCE_MS);
    let (at, offered) = joined.peer_said("offered")?;
    (offered == format!("offered {CALLED} {CALLING}")).then(|| at - begin)
}

/// From the library's seizure until we have both numbers.
fn from_library(ours: &str, theirs: &str) -> Option<Duration> {
    let mut joined = joined(ours, theirs);
    let begin = joined.now;
    joined.peer_calls(CALLED, CALLING);
    joined.pass(PATIENCE_MS);
    joined.told.iter().find_map(|(at, told)| match told {
        Indication::Offered { calling, called, .. } => {
            let exact = called.to_string() == CALLED && calling.number.to_string() == CALLING;
            exact.then(|| *at - begin)
        }
        _ => None,
    })
}

fn main() {
    let (mut cycle, mut exact) = (0, true);
    let mut china = 0;
    let mut library = [Some(0), Some(0)];
    for (name, theirs) in VARIANTS {
        for calls in [1, 30] {
            let figures = measure(name, calls);
            println!(
                "{name}, {calls} at once: longest cycle {} ms, all known after {} ms, exact {}",
                figures.cycle_ms_max, figures.register_ms, figures.exact
            );
            cycle = cycle.max(figures.cycle_ms_max);
            exact &= figures.exact;
            if name == "cn" {
                china = china.max(figures.register_ms);
            }
        }
        let both = [to_library(name, theirs), from_library(name, theirs)];
        let both = both.map(|time| time.map(|time| time.as_millis()));
        let told = both.map(|time| time.map_or("not exact".to_owned(), |ms| format!("{ms} ms")));
        println!(
            "{name}, libopenr2 at one end: it takes our call in {}, we take its in {}",
            told[0], told[1]
        );
        // In China's variant the library cannot be asked for the caller: see the test.
        for (most, time) in library.iter_mut().zip(both).filter(|_| name != "cn") {
            *most = most.zip(time).map(|(most, time)| most.max(time));
        }
    }
    let told = library.map(|most| most.map_or("none".to_owned(), |ms| ms.to_string()));
    println!(
        "r2: cycle_ms_max={cycle} register_ms_5_11={china} calling_exact={exact} \
         libopenr2_takes_ms={} libopenr2_gives_ms={}",
        told[0], told[1]
    );
}
