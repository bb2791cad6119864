//! A whole box on the kernel's telephony interface, in a guest whose card has two E1 spans back to
//! back and pairs of analog ports: span 2 of the kernel is the box's, span 3 libpri's.
//!
//! `ringmain-kernel-calls --sources DIR [--calls N]`

use std::path::PathBuf;
use std::process::ExitCode;

use scenarios::play::{is, listening, matched, place, quiet, talked, until};
use scenarios::{City, Pace, Rig, Settings};
use serde_json::{Value, json};

/// The number that key 9 rings, through the span and back to the city.
const OUTSIDE: &str = "0555000111";
/// Calls at once: each takes two slots.
const AT_ONCE: usize = 14;
/// What `show alarms` says of blocks, behind their number.
const LOST: &str = " blocks of sound were lost";
/// What the guest's card has in `/sys`.
const KNOBS: &str = "/sys/module/ringmain_card/parameters";

/// What was seen.
#[derive(Default)]
struct Seen {
    calls: usize,
    octets: u64,
    bad: u64,
    /// Ticks that the card's driver was late with, and blocks that the box missed.
    late: u64,
}

fn settings(sources: &str) -> Settings {
    let mut settings = Settings::new(Pace::Real);
    let arm64 = cfg!(target_arch = "aarch64");
    settings.board = if arm64 { "qemu-arm64" } else { "qemu-x86" }.into();
    settings.outside = Some(OUTSIDE.into());
    settings.sources = PathBuf::from(sources);
    settings.programs = PathBuf::from(sources);
    let city = ["--dahdi-span", "3", "--dahdi-phones", "2"];
    settings.city = city.map(str::to_owned).to_vec();
    settings
}

/// What a caller does until it is answered and greeted, octet by octet, then presses `key`.
fn greeted(rig: &Rig, key: &str) -> Result<Vec<Value>, String> {
    Ok(vec![
        json!({"wait": "answer", "ms": 20_000}),
        json!({"hear": rig.prompt("zh", "welcome")?, "ms": 20_000, "exact": true}),
        json!({"digits": key}),
    ])
}

/// Calls that come in, go through the flow by a key and go out again, all at once.
fn batch(rig: &Rig, city: &mut City, first: usize, seen: &mut Seen) -> Result<(), String> {
    city.mark();
    for index in 0..AT_ONCE {
        let mut script = greeted(rig, "9")?;
        let talk = json!({"send": 3, "expect": 4, "ms": 3500, "exact_ms": 1500});
        script.extend([json!({ "talk": talk }), json!({"hangup": 16})]);
        place(city, &format!("out-{}", first + index), "95588", &json!(script))?;
    }
    for index in 0..AT_ONCE {
        let id = format!("out-{}", first + index);
        city.seen("every octet was compared", |event| is(event, "exact", &id))?;
        city.seen("the end of the call", |event| is(event, "call_passed", &id))?;
        city.seen("its release", |event| is(event, "released", &id))?;
        seen.calls += 1;
    }
    let exact: Vec<_> = city.since_mark().filter(|event| event["event"] == "exact").collect();
    if exact.len() != 2 * AT_ONCE {
        return Err(format!("{} ends of {AT_ONCE} calls heard each other", exact.len()));
    }
    exact.into_iter().try_for_each(|event| count(event, seen))
}

fn count(exact: &Value, seen: &mut Seen) -> Result<(), String> {
    let number = |field: &str| exact[field].as_u64().ok_or(format!("{exact}"));
    seen.octets += number("octets")?;
    seen.bad += number("bad")?;
    Ok(())
}

/// The kernel takes a handset that was put down just now for a flash, and a ring for a bounce.
fn rest(city: &mut City) -> Result<(), String> {
    let rested = quiet(city)?["at_us"].as_u64().unwrap_or(0) + 4_000_000;
    until(city, rested)?;
    city.mark();
    Ok(())
}

/// A call to the telephone behind an analog port.
fn to_the_desk(rig: &Rig, city: &mut City, id: &str, seen: &mut Seen) -> Result<(), String> {
    rest(city)?;
    city.telephone_answers(500)?;
    let mut script = greeted(rig, "1")?;
    let talk = json!({"send": 1, "expect": 2, "ms": 4000, "exact_ms": 1500});
    script.extend([json!({ "talk": talk }), json!({"hangup": 16})]);
    place(city, id, "95588", &json!(script))?;
    let exact = city.seen("every octet was compared", |event| is(event, "exact", id))?;
    count(&exact, seen)?;
    talked(city, id)?;
    seen.calls += 1;
    Ok(())
}

fn knob(name: &str, text: &str) -> Result<(), String> {
    let path = format!("{KNOBS}/{name}");
    std::fs::write(&path, text).map_err(|fault| format!("{path}: {fault}"))
}

/// The alarms of the line are told, and told to be over.
fn alarms(rig: &Rig) -> Result<(), String> {
    for (alarm, text) in [("8", "no frame alignment"), ("16", "all ones"), ("4", "remote alarm")] {
        knob("alarms", &format!("1 {alarm}"))?;
        rig.console_when("show board", |said| said.contains(text))?;
        knob("alarms", "1 0")?;
        rig.console_when("show board", |said| said.contains("up\n"))?;
    }
    Ok(())
}

/// The box's span is pulled out in the middle of a call and put back: the call is kept for as long
/// as T309 allows, and both hear each other again.
fn pulled(rig: &Rig, city: &mut City) -> Result<(), String> {
    city.mark();
    city.command(&json!({
        "cmd": "telephone", "port": 1, "answer_after_ms": 500, "patience_ms": 60_000,
        "talk": {"send": 2, "expect": 1},
    }))?;
    rest(city)?;
    let mut script = greeted(rig, "1")?;
    let talk = json!({"send": 1, "expect": 2, "ms": 15_000});
    script.extend([json!({ "talk": talk }), json!({"hangup": 16})]);
    place(city, "kept", "95588", &json!(script))?;
    matched(city, "caller", Some("kept"))?;
    knob("pulled", "2")?;
    let missing = |said: &str| {
        said.lines().any(|line| line.starts_with("E1 1") && line.contains("is not there"))
    };
    rig.console_when("show board", missing)?;
    rig.console_when("show alarms", |said| said.contains("E1 1: the hardware is not there"))?;
    knob("pulled", "0")?;
    rig.console_when("show board", |said| !missing(said))?;
    rig.console_when("show spans", |said| said.contains("data link up"))?;
    let calls = rig.console("show calls")?.1;
    if !calls.contains("talking") {
        return Err(format!("the call was not kept: {calls}"));
    }
    heard_again(city)?;
    city.seen("the end of the call", |event| is(event, "call_passed", "kept"))?;
    city.seen("its release", |event| is(event, "released", "kept"))?;
    city.command(&json!({"cmd": "hang_up", "port": 1}))?;
    city.mark();
    Ok(())
}

/// Waits until the caller's last look found the other's voice.
fn heard_again(city: &mut City) -> Result<(), String> {
    for _ in 0..100 {
        city.mark();
        city.command(&json!({"cmd": "status"}))?;
        let status = city.seen("its status", |event| event["event"] == "status")?;
        let last = status["calls"][0]["looks"].as_array().and_then(|looks| looks.last()?.as_f64());
        if last.is_some_and(|look| look > 0.9) {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    Err("the caller does not hear the other again".into())
}

/// What the card measures is on the board's page, and the city's span, which the board file does
/// not name, among the alarms.
fn measured(rig: &Rig) -> Result<(), String> {
    let extra = "DAHDI span 3: the board file does not name it";
    rig.console_when("show alarms", |said| said.contains(extra))?;
    rig.console_when("show board", |said| said.contains("V across the line")).map(drop)
}

/// Ticks that came late, so that the driver had to make up for them, and blocks of 2 ms that the
/// box was too late for.
fn late(rig: &Rig) -> Result<u64, String> {
    let path = format!("{KNOBS}/late");
    let text = std::fs::read_to_string(&path).map_err(|fault| format!("{path}: {fault}"))?;
    let driver: u64 = text.trim().parse().map_err(|_| format!("{path}: {text}"))?;
    let alarms = rig.console("show alarms")?.1;
    let mut lost = 0;
    for line in alarms.lines().filter(|line| line.contains(LOST)) {
        let before = line.split(LOST).next().unwrap_or_default();
        let count = before.split_whitespace().last().and_then(|word| word.parse::<u64>().ok());
        lost += count.ok_or(format!("no figure: {line}"))?;
    }
    Ok(driver + lost)
}

fn run(sources: &str, calls: usize) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let mut rig = Rig::start(settings(sources))?;
    let done = listening(&rig).and_then(|mut city| {
        let talk = json!({"send": 4, "expect": 3, "exact_ms": 1500});
        city.command(&json!({"cmd": "incoming", "answer_after_ms": 300, "talk": talk}))?;
        while seen.calls < calls {
            let number = seen.calls;
            batch(&rig, &mut city, number, &mut seen)?;
            to_the_desk(&rig, &mut city, &format!("desk-{number}"), &mut seen)?;
            quiet(&mut city)?;
        }
        let records = rig.records_when(seen.calls)?.len();
        if records != seen.calls {
            return Err(format!("{} calls left {records} records", seen.calls));
        }
        city.command(&json!({"cmd": "status"}))?;
        city.mark();
        let status = city.seen("status", |event| event["event"] == "status")?;
        if seen.bad > 0 {
            let (spans, alarms) = (rig.console("show spans")?.1, rig.console("show alarms")?.1);
            return Err(format!("{} bad octets\n{spans}\n{alarms}\n{status}", seen.bad));
        }
        seen.late = late(&rig)?;
        city.set_strict(false);
        measured(&rig)?;
        alarms(&rig)?;
        pulled(&rig, &mut city)?;
        city.set_strict(true);
        to_the_desk(&rig, &mut city, "after", &mut seen)
    });
    done.map_err(|fault| format!("{fault}\n{}", rig.logs()))?;
    if !rig.runs(scenarios::Program::Core) {
        return Err("the core ended".into());
    }
    Ok(seen)
}

#[expect(clippy::print_stdout, reason = "the host reads it")]
fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| {
        let place = words.iter().position(|word| word == name)?;
        words.get(place + 1).cloned()
    };
    let sources = after("--sources").unwrap_or_else(|| "/data".into());
    let calls = after("--calls").and_then(|n| n.parse().ok()).unwrap_or(100);
    match run(&sources, calls) {
        Ok(seen) if seen.bad == 0 => {
            let Seen { calls, octets, late, .. } = seen;
            println!(
                "RESULT calls ok calls={calls} octets={octets} bad_octets=0 ticks_late={late}"
            );
            ExitCode::SUCCESS
        }
        Ok(seen) => {
            let Seen { calls, octets, bad, .. } = seen;
            println!("RESULT calls FAILED calls={calls} octets={octets} bad_octets={bad}");
            ExitCode::FAILURE
        }
        Err(fault) => {
            println!("RESULT calls FAILED {}", fault.lines().next().unwrap_or_default());
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}
