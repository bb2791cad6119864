//! Calls of every kind through a whole box, judged by libpri and by what the far ends hear, and
//! the one record that each of them leaves.

use std::collections::BTreeSet;

use scenarios::play::{
    CALLER, conversation, greeted, is, matched, place, quiet, talked, telephone_rests,
};
use scenarios::{City, Pace, Rig, Settings, scene};
use serde_json::{Value, json};

/// The number that the telephone dials, behind the 0 for a line.
const FAR: &str = "02160001234";

fn free() -> Settings {
    Settings::new(Pace::Free)
}

/// The only record, with its fields of text compared: caller, called, path, digits, by; and cause.
fn only_record(rig: &Rig, wanted: [&str; 5], cause: u8) -> Result<Value, String> {
    let record = rig.records_when(1)?.remove(0);
    let found = ["caller", "called", "path", "digits", "by"].map(|field| record[field].clone());
    assert_eq!(found, wanted.map(Value::from), "{record}");
    assert_eq!(record["cause"], cause, "{record}");
    assert_eq!(record["tenant"], 1, "{record}");
    assert!(record["call"].as_str().is_some_and(|call| call.starts_with("c1-1-")), "{record}");
    Ok(record)
}

/// Times in microseconds; a call that did not come so far has none there.
fn times(record: &Value) -> [Option<i64>; 4] {
    ["offered", "answered", "connected", "ended"].map(|field| record[field].as_i64())
}

/// Nothing is left of the calls: libpri has none, nor have the box's channels.
fn all_idle(rig: &Rig, city: &mut City) -> Result<(), String> {
    quiet(city)?;
    rig.console_when("show spans", |text| text.contains("; 0/30 busy, 0 blocked"))?;
    rig.console_when("show calls", |text| text.trim() == "No calls.")?;
    Ok(())
}

#[test]
fn a_caller_is_greeted_presses_1_and_talks_to_the_desk() {
    scene(free(), |rig, city| {
        city.telephone_answers(1500)?;
        place(city, "a", "95588", &conversation(rig, "1", 1, 2, 8_000)?)?;
        talked(city, "a")?;
        all_idle(rig, city)?;
        let path = "E1 1 > main > rang 801 > 801";
        let record = only_record(rig, [CALLER, "95588", path, "1", "caller"], 16)?;
        assert_eq!(record["presentation"], "allowed");
        let [Some(offered), Some(answered), Some(connected), Some(ended)] = times(&record) else {
            return Err(format!("a time is missing: {record}"));
        };
        assert!(offered <= answered && answered < connected && connected < ended, "{record}");
        // The exchange's own clock: from SETUP to the release.
        let at = |kind: &str| {
            let found = city.events.iter().find(|event| is(event, kind, "a"));
            found.and_then(|event| event["at_us"].as_i64()).unwrap_or(-1)
        };
        let lasted = at("released") - at("setup_sent");
        assert!((lasted - (ended - offered)).abs() < 100_000, "{lasted} us, {record}");
        Ok(())
    });
}

#[test]
fn the_desk_hangs_up_and_the_caller_is_released_with_cause_16() {
    scene(free(), |rig, city| {
        city.command(&json!({
            "cmd": "telephone", "port": 1, "answer_after_ms": 500, "hangup_after_ms": 6000,
            "talk": {"send": 2, "expect": 1},
        }))?;
        let mut script = greeted(rig, "1")?;
        script.push(json!({"talk": {"send": 1, "expect": 2, "ms": 4000}}));
        script.push(json!({"await": "release", "ms": 20_000}));
        place(city, "a", "95588", &json!(script))?;
        talked(city, "a")?;
        let released = city.seen("the release", |event| is(event, "released", "a"))?;
        assert_eq!((&released["cause"], &released["by"]), (&json!(16), &json!("box")));
        all_idle(rig, city)?;
        let path = "E1 1 > main > rang 801 > 801";
        only_record(rig, [CALLER, "95588", path, "1", "called"], 16)?;
        Ok(())
    });
}

#[test]
fn nobody_answers_and_the_caller_is_told_so_and_hears_the_menu_again() {
    scene(free(), |rig, city| {
        city.command(&json!({"cmd": "telephone", "port": 1, "never": true}))?;
        let mut script = greeted(rig, "1")?;
        script.extend([
            json!({"hear": rig.prompt("zh", "nobody")?, "ms": 40_000}),
            json!({"hear": rig.prompt("en", "nobody")?, "ms": 20_000}),
            json!({"hear": rig.prompt("zh", "welcome")?, "ms": 20_000}),
            json!({"hear": rig.prompt("zh", "menu")?, "ms": 20_000}),
            json!({"hangup": 16}),
        ]);
        place(city, "a", "95588", &json!(script))?;
        let rang = city.seen("ringing", |event| event["event"] == "ringing")?;
        let told = city.seen("the prompt", |event| {
            is(event, "heard", "a") && event["at_us"].as_u64() > rang["at_us"].as_u64()
        })?;
        let seconds = |event: &Value, field: &str| event[field].as_f64().unwrap_or(0.0) / 1e6;
        let after = seconds(&told, "first_sample_at_us") - seconds(&rang, "at_us");
        assert!((19.0..21.0).contains(&after), "it rang for {after} s, not 20");
        city.seen("the end", |event| is(event, "call_passed", "a"))?;
        all_idle(rig, city)?;
        let path = "E1 1 > main > rang 801";
        let record = only_record(rig, [CALLER, "95588", path, "1", "caller"], 16)?;
        assert_eq!(record["connected"], Value::Null);
        Ok(())
    });
}

#[test]
fn a_caller_who_hangs_up_while_it_rings_ends_the_ringing() {
    scene(free(), |rig, city| {
        city.command(&json!({"cmd": "telephone", "port": 1, "never": true}))?;
        let mut script = greeted(rig, "1")?;
        script.extend([json!({"pause_ms": 3000}), json!({"hangup": 16})]);
        place(city, "a", "95588", &json!(script))?;
        city.seen("ringing", |event| event["event"] == "ringing")?;
        let released = city.seen("the release", |event| is(event, "released", "a"))?;
        let stopped = city.seen("its end", |event| event["event"] == "ringing_stopped")?;
        // A telephone knows that it has stopped when the next ring is overdue: 4 s and 2 more.
        let until =
            stopped["at_us"].as_u64().unwrap_or(0) - released["at_us"].as_u64().unwrap_or(0);
        assert!(until < 6_100_000, "it rang on for {until} us");
        all_idle(rig, city)?;
        let path = "E1 1 > main > rang 801";
        let record = only_record(rig, [CALLER, "95588", path, "1", "caller"], 16)?;
        assert_eq!(record["connected"], Value::Null);
        Ok(())
    });
}

#[test]
fn a_number_that_is_nobodys_is_released_with_cause_1() {
    scene(free(), |rig, city| {
        place(city, "a", "12345", &json!([{"await": "release", "ms": 30_000}]))?;
        let released = city.seen("the release", |event| is(event, "released", "a"))?;
        assert_eq!(released["cause"], 1, "{released}");
        all_idle(rig, city)?;
        let record = only_record(rig, [CALLER, "12345", "E1 1", "", "box"], 1)?;
        assert_eq!(times(&record)[1..3], [None, None]);
        Ok(())
    });
}

#[test]
fn a_desk_whose_handset_is_lifted_is_busy_and_the_caller_is_told() {
    scene(free(), |rig, city| {
        city.command(&json!({"cmd": "telephone", "port": 1, "busy": true}))?;
        let mut script = greeted(rig, "1")?;
        script.push(json!({"hear": rig.prompt("zh", "nobody")?, "ms": 10_000}));
        script.push(json!({"hangup": 16}));
        place(city, "a", "95588", &json!(script))?;
        city.seen("the end", |event| is(event, "call_passed", "a"))?;
        assert!(city.events.iter().all(|event| event["event"] != "ringing"), "it rang");
        city.command(&json!({"cmd": "telephone", "port": 1}))?;
        all_idle(rig, city)?;
        let records = rig.records_when(2)?;
        let callers: Vec<_> = records.iter().map(|record| &record["caller"]).collect();
        assert_eq!(callers.iter().filter(|caller| **caller == CALLER).count(), 1, "{records:?}");
        // The lifted handset dialled nothing.
        let own = records.iter().find(|record| record["caller"] == "801");
        let own = own.ok_or_else(|| format!("no record of the handset: {records:?}"))?;
        assert_eq!((&own["called"], &own["connected"]), (&json!(""), &Value::Null), "{own}");
        Ok(())
    });
}

/// How the exchange treats calls of the box: it answers, says noise 3 and listens for noise 4.
fn exchange_answers(city: &mut City) -> Result<(), String> {
    city.command(&json!({
        "cmd": "incoming", "answer_after_ms": 1000, "talk": {"send": 3, "expect": 4},
    }))
}

fn dial_out(city: &mut City, number: &str) -> Result<(), String> {
    let talk = json!({"send": 4, "expect": 3});
    city.command(&json!({"cmd": "lift", "port": 1, "digits": number, "talk": talk}))
}

#[test]
fn the_telephone_dials_0_and_a_number_and_talks_to_the_far_end() {
    scene(free(), |rig, city| {
        exchange_answers(city)?;
        dial_out(city, &format!("0{FAR}"))?;
        city.seen("dial tone", |event| event["event"] == "dial_tone")?;
        let setup = city.seen("SETUP", |event| event["event"] == "incoming_setup")?;
        assert_eq!((&setup["called"], &setup["calling"]), (&json!(FAR), &json!("95588")));
        matched(city, "telephone", None)?;
        matched(city, "called", None)?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        let released = city.seen("the release", |event| event["event"] == "released")?;
        assert_eq!((&released["cause"], &released["by"]), (&json!(16), &json!("box")));
        all_idle(rig, city)?;
        let dialled = format!("0{FAR}");
        let path = format!("TEL 1 > rang {FAR} > {FAR}");
        let record = only_record(rig, ["801", &dialled, &path, "", "caller"], 16)?;
        let [Some(offered), Some(answered), _, Some(ended)] = times(&record) else {
            return Err(format!("a time is missing: {record}"));
        };
        assert!(offered < answered && answered < ended, "{record}");
        Ok(())
    });
}

#[test]
fn a_far_end_that_is_busy_lets_the_telephone_hear_busy_tone() {
    scene(free(), |rig, city| {
        city.command(&json!({"cmd": "incoming", "cause": 17}))?;
        dial_out(city, &format!("0{FAR}"))?;
        let why = telephone_rests(city)?;
        assert_eq!(why, "busy tone");
        all_idle(rig, city)?;
        let dialled = format!("0{FAR}");
        let path = format!("TEL 1 > rang {FAR}");
        let record = only_record(rig, ["801", &dialled, &path, "", "called"], 17)?;
        assert_eq!(times(&record)[1..3], [None, None]);
        Ok(())
    });
}

#[test]
fn one_telephone_calls_the_other() {
    scene(Settings { telephones: 2, ..free() }, |rig, city| {
        city.command(&json!({
            "cmd": "telephone", "port": 2, "answer_after_ms": 1000,
            "talk": {"send": 3, "expect": 4},
        }))?;
        dial_out(city, "802")?;
        for port in [1, 2] {
            let heard = city.seen("both hear each other", |event| {
                event["event"] == "matched" && event["port"] == port
            })?;
            assert!(heard["other_correlation"].as_f64().is_some_and(|own| own < 0.2), "{heard}");
        }
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        all_idle(rig, city)?;
        only_record(rig, ["801", "802", "TEL 1 > rang 802 > 802", "", "caller"], 16)?;
        Ok(())
    });
}

#[test]
fn ten_calls_one_after_the_other_and_three_at_once_leave_nothing_busy() {
    scene(Settings { telephones: 3, ..free() }, |rig, city| {
        city.telephone_answers(200)?;
        for number in 0..10 {
            let id = format!("one-{number}");
            place(city, &id, "95588", &conversation(rig, "1", 1, 2, 3000)?)?;
            talked(city, &id)?;
            quiet(city)?;
        }
        for port in 2..=3 {
            city.command(&json!({
                "cmd": "telephone", "port": port, "answer_after_ms": 200,
                "talk": {"send": 10 + port, "expect": 20 + port},
            }))?;
        }
        for port in 1..=3u64 {
            let (send, expect) = if port == 1 { (1, 2) } else { (20 + port, 10 + port) };
            let script = conversation(rig, &port.to_string(), send, expect, 6000)?;
            place(city, &format!("at-once-{port}"), "95588", &script)?;
        }
        for port in 1..=3 {
            talked(city, &format!("at-once-{port}"))?;
        }
        all_idle(rig, city)?;
        let records = rig.records_when(13)?;
        let ids: BTreeSet<_> =
            records.iter().filter_map(|record| record["call"].as_str()).collect();
        assert_eq!(ids.len(), 13);
        assert!(records.iter().all(|record| record["cause"] == 16), "{records:?}");
        Ok(())
    });
}
