//! A card that makes no frames without its core: the line goes down when the core dies. Short of
//! T309 calls outlive that; after it the exchange gives them up, and the box tells what was lost.

use std::time::Duration;

use nix::sys::signal::Signal;
use scenarios::play::{is, link_up, place, quiet, telephone_rests};
use scenarios::storm::documents;
use scenarios::{City, Pace, Program, Rig, Settings, scene};
use serde_json::json;

/// libpri asks a silent link after 2 s and gives it up 4 s later; then T309.
const TIMERS: [&str; 4] = ["--t203", "2000", "--t309", "6000"];
/// Longer than all of them: 2 s, 4 s and 6 s.
const LONG: Duration = Duration::from_secs(14);

fn settings() -> Settings {
    let settings = Settings {
        telephones: 2,
        card: vec!["--core-frames".into()],
        city: TIMERS.map(String::from).to_vec(),
        ..Settings::new(Pace::Free)
    };
    documents(settings)
}

/// A call to telephone 1 that goes on until it is finished.
fn call(city: &mut City) -> Result<(), String> {
    city.command(&json!({
        "cmd": "telephone", "port": 1, "answer_after_ms": 300, "patience_ms": 60_000,
        "talk": {"send": 11, "expect": 21, "gaps": true},
    }))?;
    let talk = json!({"send": 21, "expect": 11, "ms": 86_400_000, "gaps": true});
    let script = json!([{"wait": "answer", "ms": 20_000}, {"talk": talk}, {"hangup": 16}]);
    place(city, "talk", "701", &script)?;
    for end in ["caller", "telephone"] {
        city.seen("the other's voice", |event| event["event"] == "matched" && event["end"] == end)?;
    }
    Ok(())
}

/// The core is dead for a while, and the line with it.
fn dead(rig: &mut Rig, length: Duration) -> Result<(), String> {
    rig.end(Program::Core, Signal::SIGKILL);
    std::thread::sleep(length);
    rig.start_program(Program::Core)
}

#[test]
fn a_call_outlives_a_line_that_was_down_for_a_second() {
    scene(settings(), |rig, city| {
        call(city)?;
        dead(rig, Duration::from_secs(1))?;
        for end in ["caller", "telephone"] {
            city.seen("the other again", |event| event["event"] == "gap" && event["end"] == end)?;
        }
        link_up(rig, city)?;
        city.command(&json!({"cmd": "finish", "id": "talk"}))?;
        city.seen("its end", |event| is(event, "call_passed", "talk"))?;
        city.seen("its release", |event| is(event, "released", "talk"))?;
        quiet(city)?;
        let records = rig.records_when(1)?;
        assert_eq!(records[0]["cause"], 16, "{records:?}");
        Ok(())
    });
}

#[test]
fn a_call_that_the_exchange_gave_up_while_the_line_was_down_is_told_and_leaves_nothing() {
    scene(settings(), |rig, city| {
        call(city)?;
        city.set_strict(false);
        dead(rig, LONG)?;
        city.seen("the exchange's end", |event| is(event, "released", "talk"))?;
        telephone_rests(city)?;
        quiet(city)?;
        link_up(rig, city)?;
        rig.console_when("show calls", |text| text.trim() == "No calls.")?;
        rig.console_when("show spans", |text| text.contains("data link up; 0/30 busy, 0 blocked"))?;
        let records = rig.records_when(1)?;
        // What became of the call the exchange cannot say: it does not know it any more.
        let path = records[0]["path"].as_str().unwrap_or_default();
        assert!(path.ends_with("interrupted"), "{records:?}");
        assert_eq!((&records[0]["by"], &records[0]["cause"]), (&json!("network"), &json!(81)));
        Ok(())
    });
}
