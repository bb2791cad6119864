//! The management daemon is disposable: it is killed at a hundred random moments of calls, and no
//! caller notices, and each call has its one right record afterwards.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use scenarios::play::{CALLER, conversation, is, link_up, listening, place, quiet, talked};
use scenarios::{City, Pace, Program, Rig, Settings, scene};
use serde_json::{Value, json};

const SEED: u64 = 20_260_221;
const KILLS: usize = 100;
/// Telephones, and so calls at once.
const LINES: usize = 4;
/// A daemon lives at most so long, in time of the wall: long enough to start, to connect, perhaps
/// on a second attempt, and to fold a few events in.
const LIFE_MS: u64 = 300;
/// Kills after the calls of a round have ended.
const AFTERWARDS: usize = 2;

/// Numbers from a seed (Knuth's MMIX generator, its upper half).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What the exchange knows of a call that is over.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Known {
    caller: String,
    called: String,
    path: String,
    digits: String,
    cause: u64,
    by: String,
}

fn known(record: &Value) -> Known {
    let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
    Known {
        caller: text("caller"),
        called: text("called"),
        path: text("path"),
        digits: text("digits"),
        cause: record["cause"].as_u64().unwrap_or(0),
        by: text("by"),
    }
}

/// Telephone `port` answers, and its noise and the caller's are its own.
fn prepare(city: &mut City) -> Result<(), String> {
    for port in 1..=LINES {
        city.command(&json!({
            "cmd": "telephone", "port": port, "answer_after_ms": 300 * port,
            "talk": {"send": 10 + port, "expect": 20 + port},
        }))?;
    }
    Ok(())
}

/// One call to each telephone; what their records must say.
fn place_all(rig: &Rig, city: &mut City, round: usize) -> Result<Vec<Known>, String> {
    let mut wanted = vec![];
    for port in 1..=LINES as u64 {
        let script = conversation(rig, &port.to_string(), 20 + port, 10 + port, 5000)?;
        place(city, &format!("{round}-{port}"), "95588", &script)?;
        wanted.push(Known {
            caller: CALLER.into(),
            called: "95588".into(),
            path: format!("E1 1 > main > rang 80{port} > 80{port}"),
            digits: port.to_string(),
            cause: 16,
            by: "caller".into(),
        });
    }
    Ok(wanted)
}

/// Kills the daemon at random moments, at most `left` times, until `over` says that enough has
/// happened. The daemon is always started again at once.
fn kill_until(
    rig: &mut Rig,
    city: &mut City,
    random: &mut Random,
    left: &mut usize,
    over: impl Fn(&City) -> bool,
) -> Result<(), String> {
    while !over(city) {
        if *left == 0 {
            city.poll()?;
        } else {
            kill_once(rig, city, random, left)?;
        }
    }
    Ok(())
}

/// Lets the daemon live for a moment, kills it, starts it again.
fn kill_once(
    rig: &mut Rig,
    city: &mut City,
    random: &mut Random,
    left: &mut usize,
) -> Result<(), String> {
    let life = Duration::from_millis(random.below(LIFE_MS));
    let born = Instant::now();
    while born.elapsed() < life {
        city.poll()?;
    }
    *left -= 1;
    rig.end(Program::Daemon, Signal::SIGKILL);
    // A daemon that comes up is killed as well as one that is up.
    rig.spawn_program(Program::Daemon)
}

fn counted(all: &[Known]) -> BTreeMap<Known, usize> {
    let mut count = BTreeMap::new();
    for one in all {
        *count.entry(one.clone()).or_default() += 1;
    }
    count
}

#[test]
fn a_daemon_killed_a_hundred_times_costs_no_call_and_no_record() {
    scene(Settings { telephones: LINES, ..Settings::new(Pace::Free) }, |rig, city| {
        prepare(city)?;
        let (mut random, mut left) = (Random(SEED), KILLS);
        let (mut wanted, mut rounds) = (vec![], 0);
        while left > 0 {
            wanted.extend(place_all(rig, city, rounds)?);
            let ids: Vec<_> = (1..=LINES).map(|port| format!("{rounds}-{port}")).collect();
            kill_until(rig, city, &mut random, &mut left, |city| {
                let released = |id: &String| city.events.iter().any(|e| is(e, "released", id));
                ids.iter().all(released)
            })?;
            // Killed as well while it folds the records of these calls in.
            for _ in 0..AFTERWARDS.min(left) {
                kill_once(rig, city, &mut random, &mut left)?;
            }
            for id in &ids {
                talked(city, id)?;
            }
            quiet(city)?;
            rounds += 1;
        }
        rig.console_ready()?;
        let records = rig.records_when(wanted.len())?;
        let found: Vec<_> = records.iter().map(known).collect();
        assert_eq!(counted(&found), counted(&wanted));
        let mut ids: Vec<_> = records.iter().map(|record| record["call"].to_string()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), records.len(), "a call has two records");
        // Nothing more comes after all have been folded in.
        rig.console_when("show calls", |text| text.trim() == "No calls.")?;
        assert_eq!(rig.records()?.len(), wanted.len());
        println!(
            "{KILLS} kills of the daemon, {} calls in {rounds} rounds, {} records",
            wanted.len(),
            records.len()
        );
        Ok(())
    });
}

#[test]
fn a_core_that_starts_with_the_daemon_dead_routes_by_what_was_published_before() {
    scene(Settings::new(Pace::Free), |rig, city| {
        rig.end(Program::Daemon, Signal::SIGKILL);
        city.set_strict(false);
        rig.end(Program::Core, Signal::SIGKILL);
        rig.start_program(Program::Core)?;
        // Nobody tells when the link is up at our end: libpri's word comes with a call that works.
        let mut city = rig.city()?;
        city.telephone_answers(300)?;
        let mut tries = 0;
        let id = loop {
            tries += 1;
            let id = format!("try-{tries}");
            place(&mut city, &id, "95588", &conversation(rig, "1", 1, 2, 3000)?)?;
            let end = city.seen("its end", |event| {
                is(event, "call_passed", &id) || is(event, "call_failed", &id)
            })?;
            if end["event"] == "call_passed" {
                break id;
            }
            if tries == 20 {
                return Err("no call works".into());
            }
            std::thread::sleep(Duration::from_millis(100));
        };
        talked(&mut city, &id)?;
        quiet(&mut city)?;
        rig.start_program(Program::Daemon)?;
        link_up(rig, &mut city)?;
        rig.console_ready()?;
        let begin = Instant::now();
        let path = "E1 1 > main > rang 801 > 801";
        while !rig.records()?.iter().any(|record| record["path"] == path) {
            if begin.elapsed() > Duration::from_secs(20) {
                return Err(format!("its record does not come: {:?}", rig.records()?));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // The daemon has nothing to publish again: what it wants is in force.
        let (_, text) = rig.console("load")?;
        assert!(text.contains("Nothing to do"), "{text}");
        let mut city = listening(rig)?;
        place(&mut city, "with", "95588", &conversation(rig, "1", 1, 2, 3000)?)?;
        talked(&mut city, "with")
    });
}
