//! Scenes: a rig, a city that is listened to, calls and what must come of them.
//!
//! What decides is what libpri says and what the far ends hear: every helper fails at a complaint
//! of libpri and at a call whose script fails.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{City, Rig, Settings};

/// The number that the caller of the scenes shows.
pub const CALLER: &str = "01088886666";
/// Own voice that a far end may hear at most.
const OWN_VOICE: f64 = 0.2;

/// Plays a scene in a fresh rig. What goes wrong is told with the last words of all programs.
///
/// # Panics
/// If the scene fails: this is for tests.
pub fn scene(settings: Settings, act: impl FnOnce(&mut Rig, &mut City) -> Result<(), String>) {
    scene_with(settings, listening, act);
}

/// As [`scene`], with another way to wait until all is ready.
///
/// # Panics
/// If the scene fails: this is for tests.
#[expect(clippy::panic, reason = "a test fails by it")]
pub fn scene_with(
    settings: Settings,
    listening: impl FnOnce(&Rig) -> Result<City, String>,
    act: impl FnOnce(&mut Rig, &mut City) -> Result<(), String>,
) {
    let mut rig = match Rig::start(settings) {
        Ok(rig) => rig,
        Err(fault) => panic!("the rig does not start: {fault}"),
    };
    let done = listening(&rig).and_then(|mut city| act(&mut rig, &mut city));
    if let Err(fault) = done {
        panic!("{fault}\n{}", rig.logs());
    }
}

/// A strict client of the city, with the data link up.
///
/// # Errors
/// The data link does not come up.
pub fn listening(rig: &Rig) -> Result<City, String> {
    let mut city = rig.city()?;
    city.set_strict(true);
    link_up(rig, &mut city)?;
    Ok(city)
}

/// Waits until the data link is up at both ends: when both begin at once, libpri takes it for up a
/// moment before it is (Q.921 5.5.1.2), and would lose a SETUP of that moment.
///
/// # Errors
/// It stays down.
pub fn link_up(rig: &Rig, city: &mut City) -> Result<(), String> {
    rig.console_when("show spans", |text| {
        text.contains("data link up") || text.contains("链路已建立")
    })?;
    city.command(&json!({"cmd": "status"}))?;
    city.mark();
    city.seen("the data link", |event| {
        event["event"] == "link_up" || (event["event"] == "status" && event["link"] == true)
    })?;
    city.mark();
    Ok(())
}

/// A flow that answers and rings 801, with music meanwhile.
pub const WAITS_WITH_MUSIC: &str = "title = \"Waits with music\"
languages = []
start = \"answer\"
[[step]]
id = \"answer\"
do = \"answer\"
next = \"desk\"
[[step]]
id = \"desk\"
do = \"ring\"
number = \"801\"
hear = \"music\"
otherwise = \"end\"
[[step]]
id = \"end\"
do = \"release\"
";

/// Asks the exchange to dial.
///
/// # Errors
/// The city is gone.
pub fn place(city: &mut City, id: &str, called: &str, script: &Value) -> Result<(), String> {
    city.command(&json!({
        "cmd": "call", "id": id, "called": called, "calling": CALLER, "script": script,
    }))
}

/// What a caller does until it is answered and greeted, then presses `key`.
///
/// # Errors
/// The prompt is not there.
pub fn greeted(rig: &Rig, key: &str) -> Result<Vec<Value>, String> {
    Ok(vec![
        json!({"wait": "answer", "ms": 20_000}),
        json!({"hear": rig.prompt("zh", "welcome")?, "ms": 20_000}),
        json!({"digits": key}),
    ])
}

/// A call of noise `send` to whoever says noise `expect`, for `ms` after key 1; the caller clears.
///
/// # Errors
/// The prompt is not there.
pub fn conversation(
    rig: &Rig,
    key: &str,
    send: u64,
    expect: u64,
    ms: u64,
) -> Result<Value, String> {
    let mut script = greeted(rig, key)?;
    script.push(json!({"talk": {"send": send, "expect": expect, "ms": ms}}));
    script.push(json!({"hangup": 16}));
    Ok(Value::Array(script))
}

/// Whether an event is this one, of this call.
#[must_use]
pub fn is(event: &Value, kind: &str, call: &str) -> bool {
    event["event"] == kind && event["call"] == call
}

/// Waits until a far end hears the other and not itself; the event.
///
/// # Errors
/// It does not, or hears itself.
pub fn matched(city: &mut City, end: &str, call: Option<&str>) -> Result<Value, String> {
    let found = city.seen(&format!("the {end} hears the other"), |event| {
        event["event"] == "matched"
            && event["end"] == end
            && call.is_none_or(|call| event["call"] == call)
    })?;
    if found["other_correlation"].as_f64().is_none_or(|own| own >= OWN_VOICE) {
        return Err(format!("the {end} hears itself: {found}"));
    }
    Ok(found)
}

/// Waits until a call has passed with sound both ways and libpri has released it.
///
/// # Errors
/// It fails, or one of both hears nothing.
pub fn talked(city: &mut City, id: &str) -> Result<(), String> {
    matched(city, "caller", Some(id))?;
    matched(city, "telephone", Some(id))?;
    city.seen("the end of the call", |event| is(event, "call_passed", id))?;
    city.seen("its release", |event| is(event, "released", id))?;
    Ok(())
}

/// Waits until the line's time has come so far.
///
/// # Errors
/// It stands still.
pub fn until(city: &mut City, at_us: u64) -> Result<(), String> {
    for _ in 0..2000 {
        city.command(&json!({"cmd": "status"}))?;
        let status =
            city.wait("its status", Duration::from_secs(30), |event| event["event"] == "status")?;
        if status["at_us"].as_u64().is_some_and(|now| now >= at_us) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Err(format!("the line's time does not come to {at_us} us"))
}

/// Lets some seconds of the line pass after a fault: counters are told each second, and a data link
/// that failed is up again.
///
/// # Errors
/// Time stands still.
pub fn settled(city: &mut City) -> Result<(), String> {
    city.mark();
    city.command(&json!({"cmd": "status"}))?;
    let status = city.seen("its status", |event| event["event"] == "status")?;
    until(city, status["at_us"].as_u64().unwrap_or(0) + 12_000_000)
}

/// Waits until a telephone is put down again; why.
///
/// # Errors
/// It stays lifted.
pub fn telephone_rests(city: &mut City) -> Result<String, String> {
    let event = city.seen("the handset", |event| event["event"] == "telephone_on_hook")?;
    Ok(event["why"].as_str().unwrap_or_default().to_owned())
}

/// Waits until libpri has no call and all telephones are on hook.
///
/// # Errors
/// Something stays busy.
pub fn quiet(city: &mut City) -> Result<Value, String> {
    let mut last = Value::Null;
    for _ in 0..300 {
        city.command(&json!({"cmd": "status"}))?;
        city.mark();
        last = city.seen("its status", |event| event["event"] == "status")?;
        let calls = last["calls"].as_array().is_some_and(Vec::is_empty);
        let on_hook = |telephone: &Value| telephone["state"] == "OnHook";
        if calls && last["telephones"].as_array().is_some_and(|all| all.iter().all(on_hook)) {
            return Ok(last);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(format!("it does not come to rest: {last}"))
}
