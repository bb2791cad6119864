//! Two telephones and a caller from outside in a conference, with all programs: who is heard by
//! whom, octet for octet, over a kill of the core, and when one leaves.

use std::time::Duration;

use nix::sys::signal::Signal;
use scenarios::play::{CALLER, is, place, quiet};
use scenarios::{City, Pace, Program, Rig, Settings, scene};
use serde_json::{Value, json};

const DOCUMENT: &str = "\n[[conference]]\nnumber = \"881\"\n\
                        [[number]]\ncalled = \"95580\"\nconference = \"881\"\n";

/// Waits until who is named hears, whole, the one whose noise it expects.
fn hears(city: &mut City, list: &str, name: &str, who: &Value) -> Result<(), String> {
    let mut last = Value::Null;
    for _ in 0..400 {
        city.mark();
        city.command(&json!({"cmd": "status"}))?;
        last = city.seen("its status", |event| event["event"] == "status")?;
        let all = last[list].as_array().cloned().unwrap_or_default();
        if all.iter().any(|one| one[name] == *who && one["sounds"] == true) {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(format!("{who} does not hear the one meant: {last}"))
}

fn telephone_hears(city: &mut City, port: usize) -> Result<(), String> {
    hears(city, "telephones", "port", &json!(port))
}

/// Its noise is 10 and its port, and it waits for another.
fn lift(city: &mut City, port: usize, digits: &str, expect: usize) -> Result<(), String> {
    let talk = json!({"send": 10 + port, "expect": expect, "gaps": true});
    city.command(&json!({
        "cmd": "telephone", "port": port, "answer_after_ms": 300, "patience_ms": 600_000,
        "talk": talk,
    }))?;
    city.command(&json!({"cmd": "lift", "port": port, "digits": digits, "talk": talk}))
}

fn done(rig: &Rig, command: &str) -> Result<(), String> {
    match rig.console(command)? {
        (true, _) => Ok(()),
        (false, said) => Err(format!("{command}: {said}")),
    }
}

#[test]
fn three_in_a_conference_hear_each_other_again_when_the_core_was_killed_and_one_who_left_no_more() {
    let more = vec![("config/config.toml".to_owned(), DOCUMENT.to_owned())];
    scene(Settings { telephones: 2, more, ..Settings::new(Pace::Free) }, |rig, city| {
        city.set_strict(false);
        // Each waits for the next one.
        lift(city, 1, "881", 12)?;
        lift(city, 2, "881", 13)?;
        let talk = json!({"talk": {"send": 13, "expect": 11, "ms": 900_000, "gaps": true}});
        let script = json!([{"wait": "answer", "ms": 20_000}, talk, {"hangup": 16}]);
        place(city, "outside", "95580", &script)?;
        rig.console_when("show conferences", |text| text.contains("881, parties: 3"))?;
        // With one of them mute each of the others hears one, as it came.
        done(rig, &format!("conference 881 mute {CALLER}"))?;
        telephone_hears(city, 1)?;
        done(rig, &format!("conference 881 unmute {CALLER}"))?;
        done(rig, "conference 881 mute 801")?;
        telephone_hears(city, 2)?;
        done(rig, "conference 881 unmute 801")?;
        done(rig, "conference 881 mute 802")?;
        hears(city, "calls", "call", &json!("outside"))?;
        rig.end(Program::Core, Signal::SIGKILL);
        rig.start_program(Program::Core)?;
        city.seen("the gap", |event| is(event, "gap", "outside"))?;
        hears(city, "calls", "call", &json!("outside"))?;
        rig.console_when("show conferences", |text| {
            text.contains("881, parties: 3") && text.contains("muted")
        })?;
        // The first one leaves: the second hears the caller from outside and nobody else.
        done(rig, "conference 881 unmute 802")?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        telephone_hears(city, 2)?;
        rig.console_when("show conferences", |text| text.contains("881, parties: 2"))?;
        done(rig, "conference 881 drop 802")?;
        city.command(&json!({"cmd": "hang_up", "port": 2}))?;
        city.command(&json!({"cmd": "finish", "id": "outside"}))?;
        city.seen("its release", |event| is(event, "released", "outside"))?;
        quiet(city)?;
        rig.console_when("show conferences", |text| text == "Nobody is in a conference.\n")?;
        let records = rig.console_when("show records", |text| text.lines().count() == 3)?;
        if records.matches("conference 881 > interrupted").count() != 3 {
            return Err(records);
        }
        Ok(())
    });
}
