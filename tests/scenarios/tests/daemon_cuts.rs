//! The daemon is disposable: killed at any moment of calls, the calls go on and each leaves exactly
//! one correct record.
#![expect(clippy::expect_used, reason = "a test")]

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use scenarios::{City, Pace, Program, Rig, Settings};
use serde_json::{Value, json};

/// How often the daemon is killed.
const KILLS: usize = 100;
/// Beyond this something hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// Small seeded random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % bound
    }
}

fn place(rig: &Rig, city: &mut City, caller: &str) -> Result<(), String> {
    city.command(&json!({
        "cmd": "call", "id": caller, "called": "95588", "calling": caller,
        "script": [
            {"wait": "answer", "ms": 10_000},
            {"hear": rig.prompt("zh", "welcome")?, "ms": 10_000},
            // The handset of the call before is down by then.
            {"pause_ms": 3000},
            {"digits": "1"},
            {"talk": {"send": 1, "expect": 2, "ms": 6000}},
            {"hangup": 16},
        ],
    }))
}

/// Whether both ends of the call heard each other.
fn heard_both_ways(city: &City, caller: &str) -> bool {
    ["caller", "telephone"].iter().all(|end| {
        city.events.iter().any(|event| {
            event["event"] == "matched" && event["end"] == *end && event["call"] == caller
        })
    })
}

fn records(rig: &Rig) -> Vec<Value> {
    let (_, text) = rig.console("show records json 10000").expect("a console");
    text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

/// Waits until there are so many records, not longer than patience.
fn records_when(rig: &Rig, count: usize) -> Vec<Value> {
    let begin = Instant::now();
    loop {
        let found = records(rig);
        if found.len() >= count || begin.elapsed() > Duration::from_secs(20) {
            return found;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_daemon_killed_a_hundred_times_costs_no_call_and_no_record() {
    let mut rig = Rig::start(Settings::new(Pace::Free)).expect("a box");
    let mut city = rig.city().expect("a city");
    city.wait_for_link().expect("a link");
    city.telephone_answers(400).expect("a telephone");
    let mut random = Random(20_261_122);
    let (mut calls, mut kills, mut running) = (vec![], 0, false);
    let begin = Instant::now();
    let mut next_kill = Instant::now() + Duration::from_millis(random.below(250));
    while kills < KILLS || running {
        assert!(begin.elapsed() < PATIENCE, "{kills} kills, {} calls\n{}", calls.len(), rig.logs());
        if !running && kills < KILLS {
            let caller = format!("0108888{:04}", calls.len());
            place(&rig, &mut city, &caller).expect("a call");
            calls.push(caller);
            running = true;
        }
        if kills < KILLS && Instant::now() >= next_kill {
            rig.end(Program::Daemon, Signal::SIGKILL);
            kills += 1;
            rig.start_program(Program::Daemon).expect("a daemon");
            next_kill = Instant::now() + Duration::from_millis(random.below(250));
        }
        let Some(event) = city.poll().expect("a city") else { continue };
        assert_ne!(event["event"], "call_failed", "{event}\n{}", rig.logs());
        assert_ne!(event["event"], "libpri_error", "{event}");
        if event["event"] == "call_passed" {
            let caller = calls.last().expect("a call");
            assert!(heard_both_ways(&city, caller), "{caller}: not heard both ways");
            running = false;
        }
    }
    let found = records_when(&rig, calls.len());
    println!("daemon cuts: kills={kills} calls={} records={}", calls.len(), found.len());
    let callers: Vec<_> = found.iter().map(|record| record["caller"].clone()).collect();
    assert_eq!(callers, calls.iter().map(|caller| json!(caller)).collect::<Vec<_>>());
    for record in &found {
        assert_eq!(record["path"], "E1 1 > main > rang 801 > 801", "{record}");
        assert_eq!((&record["digits"], &record["by"]), (&json!("1"), &json!("caller")), "{record}");
        assert_eq!(record["cause"], 16, "{record}");
        let times = ["offered", "answered", "connected", "ended"].map(|t| record[t].as_i64());
        assert!(times.iter().all(Option::is_some) && times.is_sorted(), "{record}");
    }
}

#[test]
fn a_core_that_starts_while_the_daemon_is_dead_routes_by_what_was_published() {
    let mut rig = Rig::start(Settings::new(Pace::Free)).expect("a box");
    rig.end(Program::Daemon, Signal::SIGKILL);
    rig.end(Program::Core, Signal::SIGKILL);
    rig.start_program(Program::Core).expect("a core");
    let mut city = rig.city().expect("a city");
    city.wait_for_link().expect("a link");
    city.telephone_answers(400).expect("a telephone");
    place(&rig, &mut city, "01088881234").expect("a call");
    let ended = |event: &Value| event["event"] == "call_passed" || event["event"] == "call_failed";
    let end = city.wait("the call", Duration::from_secs(60), ended).expect("an end");
    assert_eq!(end["event"], "call_passed", "{end}");
    rig.start_program(Program::Daemon).expect("a daemon");
    let found = records_when(&rig, 1);
    assert_eq!(found.len(), 1);
    // The second boot of this box.
    assert!(found[0]["call"].as_str().is_some_and(|call| call.starts_with("c1-2-")), "{found:?}");
}
