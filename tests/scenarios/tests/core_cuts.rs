//! The core is killed while people talk: they hear each other again, the caller in the menu hears
//! the menu again, and each call has its one record, which tells the interruption.

use std::time::Duration;

use nix::sys::signal::Signal;
use scenarios::play::{greeted, is, link_up, place, quiet, talked, until};
use scenarios::storm::{Storm, Wish, documents};
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
        std::thread::sleep(Duration::from_millis(10));
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
        rig.console_when("show calls", |text| text.contains("talking 801"))?;
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

/// Kills in each storm of every test run; `cargo xtask bench restart` has 200.
const KILLS: usize = 10;
/// Calls at once that come and go, beside those that stay.
const COMING_AND_GOING: usize = 12;

/// Kills the core at random moments while calls of every kind come and go, and then looks at what
/// became of all of them.
fn storm(seed: u64, t309_ms: u64) {
    let settings = documents(Settings {
        telephones: 16,
        spans: 2,
        city: vec!["--t309".into(), t309_ms.to_string()],
        ..Settings::new(Pace::Free)
    });
    scene(settings, |rig, city| {
        city.set_strict(false);
        act(rig, &mut Storm::new(rig, seed)?, t309_ms)
    });
}

fn act(rig: &mut Rig, storm: &mut Storm, t309_ms: u64) -> Result<(), String> {
    for wish in [Wish::Desk, Wish::Desk, Wish::Outside, Wish::Menu] {
        storm.place(wish, true)?;
    }
    for _ in 0..KILLS {
        storm.live_and_kill(rig, [60, 1200], |storm| storm.keep_busy(COMING_AND_GOING))?;
    }
    storm.until("the long calls do not sound", |storm| storm.long_ones_sound())?;
    storm.finish(rig)?;
    storm.come_to_rest(rig)?;
    // What waits for T309 or the answer to a RESTART (T316) shows by then.
    storm.let_pass((t309_ms + 130_000) * 1000)?;
    storm.come_to_rest(rig)?;
    assert!(storm.complaints.is_empty(), "{:#?}", storm.complaints);
    let records = rig.records()?;
    let lost = storm.lost();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
    let wrong = storm.wrong_records(&records);
    let all = [&wrong.missing, &wrong.double, &wrong.untrue].map(|list| list.join("\n"));
    assert!(all.iter().all(String::is_empty), "{}", all.join("\n"));
    let answered = storm.done.iter().filter(|(_, seen)| seen.answered).count();
    let interrupted = storm.done.iter().filter(|(_, seen)| seen.interrupted).count();
    assert!(interrupted > KILLS && interrupted <= answered, "the kills hit {interrupted} calls");
    Ok(())
}

#[test]
fn a_core_killed_at_random_loses_no_answered_call_with_t309_at_6_s() {
    storm(20_261_122, 6_000);
}

#[test]
fn a_core_killed_at_random_loses_no_answered_call_with_t309_at_90_s() {
    storm(20_261_123, 90_000);
}

/// One call to a telephone that is lifted while the core is dead; what the caller does meanwhile.
fn lifted_meanwhile(script: &[Value], after: impl FnOnce(&mut City) -> Result<(), String>) {
    let settings = Settings { telephones: 2, ..Settings::new(Pace::Free) };
    scene(documents(settings), |rig, city| {
        city.set_strict(false);
        telephone(city, 1)?;
        place(city, "rung", "701", &json!(script))?;
        city.seen("ringing", |event| event["event"] == "ringing")?;
        rig.end(Program::Core, Signal::SIGKILL);
        city.seen("the answer", |event| event["event"] == "telephone_answered")?;
        let answered = city.events.last().and_then(|event| event["at_us"].as_u64());
        until(city, answered.unwrap_or(0) + 300_000)?;
        rig.start_program(Program::Core)?;
        after(city)?;
        quiet(city)?;
        rig.records_when(1).map(drop)
    });
}

#[test]
fn a_telephone_that_was_lifted_while_the_core_was_dead_answers() {
    let script = [json!({"wait": "answer", "ms": 20_000}), talk(1, 5_000), json!({"hangup": 16})];
    lifted_meanwhile(&script, |city| talked(city, "rung"));
}

#[test]
fn a_telephone_that_was_lifted_for_one_who_has_gone_meanwhile_leaves_nothing_busy() {
    let script = [json!({"pause_ms": 400}), json!({"hangup": 16})];
    lifted_meanwhile(&script, |city| {
        city.seen("the handset", |event| event["event"] == "telephone_on_hook").map(drop)
    });
}
