//! A new core takes over while people talk.

use nix::sys::signal::Signal;
use scenarios::play::{greeted, is, listening, matched, place};
use scenarios::{City, Pace, Program, Rig, Settings, scene};
use serde_json::{Value, json};

/// Octets of one tick.
const TICK: u64 = 16;

/// A call from the exchange to the telephone in which the caller compares every octet.
fn talk(rig: &Rig, city: &mut City, id: &str) -> Result<(), String> {
    city.command(&json!({
        "cmd": "telephone", "port": 1, "answer_after_ms": 300,
        "talk": {"send": 2, "expect": 1},
    }))?;
    let mut script = greeted(rig, "1")?;
    script.push(json!({"talk": {"send": 1, "expect": 2, "ms": 40_300, "exact_ms": 40_000}}));
    // Time runs fast: the telephone hangs up when the upgrade is over.
    script.push(json!({"await": "release", "ms": 3_600_000}));
    place(city, id, "95588", &Value::Array(script))?;
    matched(city, "caller", Some(id))?;
    matched(city, "telephone", Some(id))?;
    Ok(())
}

fn hang_up(city: &mut City, id: &str) -> Result<(), String> {
    city.command(&json!({"cmd": "hang_up", "port": 1}))?;
    city.seen("the end of the call", |event| is(event, "call_passed", id)).map(drop)
}

/// The octets that an end of a call did not hear as they were said.
fn wrong(city: &mut City, end: &str) -> Result<u64, String> {
    let event = city.seen("the comparison", |e| e["event"] == "exact" && e["end"] == end)?;
    let (bad, missing) = (event["bad"].as_u64(), event["missing"].as_u64());
    Ok(bad.ok_or(format!("no figure: {event}"))? + missing.unwrap_or(0))
}

fn upgrade(rig: &Rig, start: &str) -> Result<(), String> {
    let (done, said) = rig.console("upgrade core")?;
    if !done || !said.contains("takes over") {
        return Err(format!("upgrade core: {said}"));
    }
    rig.console_ready()?;
    rig.console_when("show core", |text| text.contains(start)).map(drop)
}

#[test]
fn a_new_core_takes_over_and_nobody_misses_more_than_one_tick() {
    scene(Settings::new(Pace::Free), |rig, city| {
        let process = rig.pid(Program::Core);
        for (id, start) in [("first", "(start 2)"), ("second", "(start 3)")] {
            talk(rig, city, id)?;
            upgrade(rig, start)?;
            let shown = rig.console_when("show core", |text| text.contains("1 calls"))?;
            assert!(shown.contains("went on with 1 calls"), "{shown}");
            let wrong = wrong(city, "caller")?;
            println!("{id}: {wrong} octets not heard as they were said");
            assert!(wrong <= TICK, "{wrong} octets");
            hang_up(city, id)?;
            city.seen("its release", |event| is(event, "released", id))?;
            city.mark();
        }
        assert_eq!(rig.pid(Program::Core), process, "whoever watches over it sees one process");
        assert!(rig.runs(Program::Core));
        for record in rig.records_when(2)? {
            assert_eq!(record["path"], "E1 1 > main > rang 801 > 801 > interrupted", "{record}");
        }
        // The one who stands for the core ends with it, and hands signals on.
        rig.end(Program::Core, Signal::SIGTERM);
        rig.start_program(Program::Core)?;
        listening(rig).map(drop)
    });
}

#[test]
fn a_core_that_does_not_come_up_is_refused_and_the_present_one_goes_on() {
    scene(Settings::new(Pace::Free), |rig, city| {
        talk(rig, city, "call")?;
        // The board file of the next start is not there any more.
        let (board, aside) = (rig.path("board.toml"), rig.path("board.aside"));
        std::fs::rename(&board, &aside).map_err(|fault| fault.to_string())?;
        let (done, said) = rig.console("upgrade core")?;
        assert!(!done && said.contains("the present one goes on"), "{said}");
        assert_eq!(wrong(city, "caller")?, 0);
        hang_up(city, "call")?;
        std::fs::rename(&aside, &board).map_err(|fault| fault.to_string())
    });
}
