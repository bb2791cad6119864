//! A box in one guest and the city in another, joined by TDM over Ethernet; the city's guest loses
//! its power under a call and gets it back.
//!
//! ```text
//!   ringmain-tdmoe box                        ringmain-tdmoe city
//!   core, daemon; span 2 == Ethernet == span 1; libpri
//!     switches the city on when it is ready
//!     waits for N records                       N calls in, by key 9 out again, sound both ways
//!     waits for one that talks                  one more call that lasts
//!     "KERNEL: power off peer"                  (gone)
//!     the alarm, T309, no call, its record
//!     "KERNEL: power on peer"                   from the beginning
//!     data link up, N records more
//!     "KERNEL: power off peer"                  (gone)
//! ```
//!
//! The guests' clocks are the host's, so a block can come too late: what is heard must be the
//! prompt and the noise of the far end, and how much of that came otherwise is told, not judged.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use scenarios::play::{is, place};
use scenarios::{City, Pace, Program, Rig, Settings};
use serde_json::{Value, json};

/// The number that key 9 rings, through the span and back to the city.
const OUTSIDE: &str = "0555000111";
/// Calls of the city in each of its lives.
const CALLS: usize = 6;
/// How often a caller presses the key.
const PRESSES: usize = 6;
/// How long a call talks: a busy host may be late with the first of it.
const TALK_MS: u64 = 12_000;
/// How much of the far noise is compared with what the far end sends.
const COMPARED_MS: u64 = 1500;
/// Until the other guest has booted and its line and data link are up.
const BOOT: Duration = Duration::from_secs(180);
/// T309 of the box, 90 s, and what leads to it.
const CLEARED: Duration = Duration::from_secs(150);
/// Both must last: the peer's power must not come back within T309.
const T309: Duration = Duration::from_secs(85);
/// Q.850: the destination is out of order, which is what a call says that T309 ended.
const OUT_OF_ORDER: u8 = 27;

#[expect(clippy::print_stdout, reason = "the host reads it")]
fn say(line: &str) {
    println!("{line}");
}

fn settings(city: &[&str]) -> Settings {
    let mut settings = Settings::new(Pace::Real);
    settings.board = "qemu-tdmoe".into();
    settings.outside = Some(OUTSIDE.into());
    settings.sources = "/data".into();
    settings.programs = "/data".into();
    settings.city = city.iter().map(|word| (*word).to_owned()).collect();
    settings
}

/// Waits until a command of the console answers as wanted; the answer, and how long it took.
fn until(
    rig: &Rig,
    line: &str,
    patience: Duration,
    good: impl Fn(&str) -> bool,
) -> Result<(String, Duration), String> {
    let begin = Instant::now();
    loop {
        let (_, text) = rig.console(line)?;
        if good(&text) {
            return Ok((text, begin.elapsed()));
        }
        if begin.elapsed() > patience {
            return Err(format!("`{line}` does not come to what is wanted but says:\n{text}"));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Waits for so many records, oldest first.
fn records(rig: &Rig, count: usize) -> Result<Vec<Value>, String> {
    let lines = |text: &str| text.lines().filter(|line| line.starts_with('{')).count();
    until(rig, "show records json 1000", BOOT, |text| lines(text) >= count)?;
    let records = rig.records()?;
    if records.len() == count {
        return Ok(records);
    }
    Err(format!("{} records, not {count}: {records:?}", records.len()))
}

/// The city's calls of one life, each ended in the usual way.
fn usual(records: &[Value]) -> Result<(), String> {
    let wrong = records.iter().find(|record| record["cause"] != 16);
    wrong.map_or(Ok(()), |record| Err(format!("not released by cause 16: {record}")))
}

/// The peer's power goes while a call talks; what the box does of it, in words.
fn power_cut(rig: &Rig) -> Result<String, String> {
    until(rig, "show calls", BOOT, |text| text.contains("talking"))?;
    say(kernel::OFF);
    let (board, alarm) = until(rig, "show board", BOOT, |text| !text.contains("up\n"))?;
    say(&format!("the alarm came after {:.1} s:\n{board}", alarm.as_secs_f32()));
    let kept = rig.console("show calls")?.1;
    if !kept.contains("talking") {
        return Err(format!("the call did not outlive the alarm:\n{kept}"));
    }
    let (_, cleared) = until(rig, "show calls", CLEARED, |text| !text.contains(" since "))?;
    let cut = records(rig, CALLS + 1)?.pop().unwrap_or_default();
    if cleared < T309 || cut["cause"] != OUT_OF_ORDER {
        return Err(format!("cleared after {:.1} s: {cut}", cleared.as_secs_f32()));
    }
    let times = format!("alarm_s={:.1} t309_s={:.1}", alarm.as_secs_f32(), cleared.as_secs_f32());
    say(&format!("the call was cleared; {times}"));
    Ok(times)
}

/// Keeps the kernel following span 1, which has a clock: whenever an alarm comes or goes it takes
/// another one, and if it is the one over Ethernet, each packet is answered by the next at once.
fn keep_time() -> Result<(), String> {
    const FOLLOWED: &str = "/sys/bus/dahdi_spans/drivers/generic_lowlevel/master_span";
    let follow = || std::fs::write(FOLLOWED, "1");
    follow().map_err(|fault| format!("{FOLLOWED}: {fault}"))?;
    std::thread::spawn(move || {
        while follow().is_ok() {
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    Ok(())
}

/// The box's side.
fn the_box() -> Result<String, String> {
    let mut rig = Rig::new(settings(&[]))?;
    let done = act(&mut rig);
    done.map_err(|fault| format!("{fault}\n{}", rig.logs()))
}

fn act(rig: &mut Rig) -> Result<String, String> {
    // Before it has its configuration, a box refuses calls.
    say(kernel::OFF);
    keep_time()?;
    rig.start_program(Program::Core)?;
    rig.start_program(Program::Daemon)?;
    rig.wait_until_in_force()?;
    say(kernel::ON);
    until(rig, "show spans", BOOT, |text| text.contains("data link up"))?;
    usual(&records(rig, CALLS)?)?;
    let times = power_cut(rig)?;
    say(kernel::ON);
    let (_, back) = until(rig, "show spans", BOOT, |text| text.contains("data link up"))?;
    until(rig, "show board", BOOT, |text| text.contains("up\n"))?;
    usual(&records(rig, 2 * CALLS + 1)?[CALLS + 1..])?;
    if !rig.runs(Program::Core) {
        return Err("the core ended".into());
    }
    say(kernel::OFF);
    let back = back.as_secs_f32();
    Ok(format!("calls={} {times} back_s={back:.1}", 2 * CALLS))
}

/// The script of a call that comes in and goes out again, and talks to itself for so long.
fn script(rig: &Rig, ms: u64) -> Result<Value, String> {
    let mut script = vec![
        json!({"wait": "answer", "ms": 20_000}),
        json!({"hear": rig.prompt("zh", "welcome")?, "ms": 20_000, "exact": true}),
    ];
    // As a person does who hears no answer: a hole in the line can swallow a key.
    for _ in 0..PRESSES {
        script.extend([json!({"digits": "9"}), json!({"pause_ms": 1500})]);
    }
    let talk = json!({"send": 3, "expect": 4, "ms": ms, "exact_ms": COMPARED_MS});
    script.extend([json!({ "talk": talk }), json!({"hangup": 16})]);
    Ok(json!(script))
}

fn status(city: &mut City) -> Result<Value, String> {
    city.mark();
    city.command(&json!({"cmd": "status"}))?;
    city.seen("status", |event| event["event"] == "status")
}

/// Waits until the data link is up, and longer than libpri takes it for up before it is.
fn linked(city: &mut City) -> Result<(), String> {
    let (begin, mut good) = (Instant::now(), 0);
    while good < 10 {
        if begin.elapsed() > BOOT {
            return Err("the data link does not come up".into());
        }
        std::thread::sleep(Duration::from_millis(300));
        good = if status(city)?["link"] == true { good + 1 } else { 0 };
    }
    Ok(())
}

/// The city's side, in each of its lives.
fn the_city() -> Result<String, String> {
    let mut rig = Rig::new(settings(&["--dahdi-span", "1"]))?;
    rig.start_program(Program::City)?;
    let done = rig.city().and_then(|mut city| calls(&rig, &mut city));
    done.map_err(|fault| format!("{fault}\n{}", rig.logs()))
}

fn calls(rig: &Rig, city: &mut City) -> Result<String, String> {
    linked(city)?;
    city.set_strict(true);
    let talk = json!({"send": 4, "expect": 3, "exact_ms": COMPARED_MS});
    city.command(&json!({"cmd": "incoming", "answer_after_ms": 300, "talk": talk}))?;
    city.mark();
    let (mut octets, mut bad) = (0, 0);
    for index in 0..CALLS {
        let id = format!("call-{index}");
        // Two at a time: these guests have to keep up with the clock on the wall.
        place(city, &id, "95588", &script(rig, TALK_MS)?)?;
        if index % 2 == 1 {
            for id in [format!("call-{}", index - 1), id] {
                let exact = city.seen("the noise", |event| is(event, "exact", &id))?;
                octets += exact["octets"].as_u64().unwrap_or(0);
                bad += exact["bad"].as_u64().unwrap_or(0);
                city.seen("the end of the call", |event| is(event, "call_passed", &id))?;
                city.seen("its release", |event| is(event, "released", &id))?;
            }
        }
    }
    let told = status(city)?;
    let missing = &told["counters"]["missing"];
    say(&format!("RESULT tdmoe-city ok calls={CALLS} octets={octets} bad={bad} missing={missing}"));
    city.set_strict(false);
    place(city, "last", "95588", &script(rig, 600_000)?)?;
    // The box has this guest switched off, under this call and at the end.
    say("RESULT tdmoe-life ok");
    std::thread::sleep(BOOT);
    Err("nobody switched the city off".into())
}

/// What tests/kernel understands.
mod kernel {
    /// The other guest's plug is pulled.
    pub(super) const OFF: &str = "KERNEL: power off peer";
    /// And put back.
    pub(super) const ON: &str = "KERNEL: power on peer";
}

fn main() -> ExitCode {
    let (name, done) = match std::env::args().nth(1).as_deref() {
        Some("box") => ("tdmoe-box", the_box()),
        Some("city") => ("tdmoe-end", the_city()),
        _ => {
            say("ringmain-tdmoe box|city");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(figures) => {
            say(&format!("RESULT {name} ok {figures}"));
            ExitCode::SUCCESS
        }
        Err(fault) => {
            say(&format!("RESULT {name} FAILED {}", fault.lines().next().unwrap_or_default()));
            say(&fault);
            ExitCode::FAILURE
        }
    }
}
