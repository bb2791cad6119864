//! The core is killed while people talk: they hear each other again, the caller in the menu hears
//! the menu again, and each call has its one record, which tells the interruption.

use nix::sys::signal::Signal;
use scenarios::play::{greeted, is, link_up, place, quiet, talked};
use scenarios::{City, Pace, Program, Rig, Settings, scene};
use serde_json::{Value, json};

/// Waits until caller and telephone hear each other to the last octet.
fn both_sound(city: &mut City, id: &str, port: usize) -> Result<(), String> {
    let mut last = Value::Null;
    for _ in 0..400 {
        city.mark();
        city.command(&json!({"cmd": "status"}))?;
        last = city.seen("its status", |event| event["event"] == "status")?;
        let of = |list: &str, name: &str, wanted: Value| {
            let all = last[list].as_array().cloned().unwrap_or_default();
            all.into_iter().any(|one| one[name] == wanted && one["sounds"] == true)
        };
        if of("calls", "call", json!(id)) && of("telephones", "port", json!(port)) {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    Err(format!("{id} and telephone {port} do not hear each other: {last}"))
}

fn telephone(city: &mut City, port: usize) -> Result<(), String> {
    city.command(&json!({
        "cmd": "telephone", "port": port, "answer_after_ms": 300, "patience_ms": 3_000,
        "talk": {"send": 10 + port, "expect": 20 + port, "gaps": true},
    }))
}

fn talk(port: usize, ms: u64) -> Value {
    json!({"talk": {"send": 20 + port, "expect": 10 + port, "ms": ms, "gaps": true}})
}

fn kill(rig: &mut Rig) -> Result<(), String> {
    rig.end(Program::Core, Signal::SIGKILL);
    rig.start_program(Program::Core)
}

#[test]
fn a_killed_core_goes_on_with_the_call_and_the_menu_that_it_had() {
    scene(Settings { telephones: 2, ..Settings::new(Pace::Free) }, |rig, city| {
        (1..=2).try_for_each(|port| telephone(city, port))?;
        let mut script = greeted(rig, "1")?;
        script.extend([talk(1, 600_000), json!({"hangup": 16})]);
        place(city, "talking", "95588", &json!(script))?;
        both_sound(city, "talking", 1)?;
        let mut script = greeted(rig, "")?;
        let again = json!({"hear": rig.prompt("zh", "welcome")?, "ms": 30_000});
        script.extend([again, json!({"digits": "2"}), talk(2, 600_000), json!({"hangup": 16})]);
        place(city, "menu", "95588", &json!(script))?;
        city.seen("the menu", |event| is(event, "heard", "menu"))?;
        kill(rig)?;
        city.mark();
        city.seen("the menu again", |event| is(event, "heard", "menu"))?;
        both_sound(city, "talking", 1)?;
        both_sound(city, "menu", 2)?;
        rig.console_when("show calls", |text| {
            text.contains("talking 801") && text.contains("talking 802")
        })?;
        rig.console_when("show spans", |text| text.contains("data link up; 2/30 busy, 0 blocked"))?;
        for id in ["menu", "talking"] {
            city.command(&json!({"cmd": "finish", "id": id}))?;
            city.seen("its end", |event| is(event, "call_passed", id))?;
            city.seen("its release", |event| is(event, "released", id))?;
        }
        quiet(city)?;
        link_up(rig, city)?;
        let mut script = greeted(rig, "2")?;
        script.extend([talk(2, 5_000), json!({"hangup": 16})]);
        place(city, "next", "95588", &json!(script))?;
        talked(city, "next")?;
        quiet(city)?;
        let records = rig.records_when(3)?;
        let mut paths: Vec<_> = records.iter().filter_map(|r| r["path"].as_str()).collect();
        paths.sort_unstable();
        let talking = "E1 1 > main > rang 801 > 801 > interrupted";
        let menu = "E1 1 > main > interrupted > rang 802 > 802";
        assert_eq!(paths, [menu, talking, "E1 1 > main > rang 802 > 802"]);
        // One gap at either end, and no other.
        let gaps = city.events.iter().filter(|event| event["event"] == "gap");
        assert_eq!(gaps.count(), 2);
        Ok(())
    });
}
