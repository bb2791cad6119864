//! Several spans under one D channel, with libpri at the far end: calls on all of them, and what
//! the loss of one span takes with it.

use scenarios::play::{CALLER, conversation, greeted, is, matched, quiet, talked, until};
use scenarios::tshark::{capture, complaints, finished_capture, tshark};
use scenarios::{City, Pace, Rig, Settings, scene};
use serde_json::{Value, json};

/// The first channel of the second span, as the city counts.
const SECOND: u64 = 32;

/// Two spans, the D channel on the first.
fn settings() -> Settings {
    Settings { spans: 2, group: true, ..Settings::new(Pace::Free) }
}

fn call_on(city: &mut City, id: &str, slot: u64, script: &Value) -> Result<(), String> {
    city.command(&json!({
        "cmd": "call", "id": id, "called": "95588", "calling": CALLER, "slot": slot,
        "script": script,
    }))
}

/// The box calls somebody outside; the channel that it takes.
fn calls_out(city: &mut City, port: u64) -> Result<u64, String> {
    city.command(&json!({
        "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
    }))?;
    city.command(&json!({
        "cmd": "lift", "port": port, "digits": "002160001234", "talk": {"send": 4, "expect": 3},
    }))?;
    let setup = city.seen("SETUP", |event| event["event"] == "incoming_setup")?;
    matched(city, "called", None)?;
    city.command(&json!({"cmd": "hang_up", "port": port}))?;
    city.seen("the release", |event| event["event"] == "released")?;
    setup["slot"].as_u64().ok_or_else(|| "no channel".into())
}

#[test]
fn one_d_channel_carries_the_calls_of_two_spans_both_ways() {
    scene(settings(), |rig, city| {
        capture(rig)?;
        let (_, spans) = rig.console("show spans")?;
        assert!(spans.contains("data link up, that of E1 1; 0/31 busy"), "{spans}");
        assert!(spans.contains("data link up; 0/30 busy"), "{spans}");
        // Slot 16 of a span without a D channel is one like the others.
        for (id, slot) in [("first", 1), ("second", SECOND + 1), ("on-16", SECOND + 16)] {
            city.telephone_answers(500)?;
            call_on(city, id, slot, &conversation(rig, "1", 1, 2, 3000)?)?;
            talked(city, id)?;
            quiet(city)?;
        }
        let out = calls_out(city, 1)?;
        quiet(city)?;
        city.command(&json!({"cmd": "restart_channel", "slot": SECOND + 3}))?;
        let done =
            |event: &Value| event["event"] == "restart_done" && event["slot"] == json!(SECOND + 3);
        city.seen("RESTART ACKNOWLEDGE", done)?;
        // A channel that the operator closes on the second span is refused, and no other.
        let (done, text) = rig.console("block span 2 slot 5")?;
        assert!(done, "{text}");
        call_on(city, "closed", SECOND + 5, &json!([{"await": "release", "ms": 20_000}]))?;
        let refused = city.seen("the refusal", |event| is(event, "released", "closed"))?;
        assert_eq!(refused["cause"], 44, "{refused}");
        call_on(city, "open", 5, &conversation(rig, "1", 1, 2, 3000)?)?;
        talked(city, "open")?;
        quiet(city)?;
        assert!((1..=SECOND + 31).contains(&out), "{out}");
        rig.console_when("show spans", |text| {
            text.contains("; 0/30 busy, 0 blocked") && text.contains("; 0/31 busy, 1 blocked")
        })?;
        let file = finished_capture(rig)?;
        assert_eq!(complaints(&file, 0)?, "");
        // It heard of the second span from both sides: the interface is named.
        let named = ["-Y", "q931.channel.interface_id_present == 1 && lapd.direction == 0"];
        assert!(tshark(&file, &named)?.lines().count() > 5);
        Ok(())
    });
}

/// Two calls that last, one on each span.
fn one_on_each(rig: &Rig, city: &mut City) -> Result<u64, String> {
    let mut latest = 0;
    for (id, slot, key, seeds) in [("one", 1, "1", (1, 2)), ("two", SECOND + 1, "2", (5, 6))] {
        let port: u64 = key.parse().unwrap_or(1);
        city.command(&json!({
            "cmd": "telephone", "port": port, "answer_after_ms": 500, "patience_ms": 60_000,
            "talk": {"send": seeds.1, "expect": seeds.0},
        }))?;
        let talk = |ms: u64| json!({"talk": {"send": seeds.0, "expect": seeds.1, "ms": ms}});
        let mut script = greeted(rig, key)?;
        script.extend([talk(3000), json!({"await": "release", "ms": 90_000})]);
        call_on(city, id, slot, &json!(script))?;
        let seen = matched(city, "caller", Some(id))?;
        latest = seen["at_us"].as_u64().unwrap_or(0);
    }
    Ok(latest)
}

#[test]
fn a_span_that_is_cut_takes_its_own_calls_and_no_others() {
    scene(Settings { telephones: 3, ..settings() }, |rig, city| {
        let talking = one_on_each(rig, city)?;
        until(city, talking + 4_000_000)?;
        // A cut of 5 s takes nothing.
        city.command(&json!({"cmd": "fault", "kind": "los", "ms": 5000, "of": 1}))?;
        let begin = city.seen("the fault", |event| event["event"] == "fault")?;
        let begin = begin["at_us"].as_u64().unwrap_or(0);
        until(city, begin + 8_000_000)?;
        let status = city_calls(city)?;
        assert_eq!(status, ["one", "two"]);

        city.command(&json!({"cmd": "fault", "kind": "los", "ms": 30_000, "of": 1}))?;
        let released = city.seen("the end of one", |event| event["event"] == "released")?;
        assert_eq!([&released["call"], &released["by"]], ["two", "box"], "{released}");
        assert_eq!(released["cause"], 27, "{released}");
        let after = released["at_us"].as_u64().unwrap_or(0) - (begin + 8_000_000);
        assert!((9_500_000..12_000_000).contains(&after), "{after}");
        // Nothing new is put on it, in either direction.
        call_on(city, "dead", SECOND + 2, &json!([{"await": "release", "ms": 20_000}]))?;
        let refused = city.seen("the refusal", |event| is(event, "released", "dead"))?;
        assert_eq!(refused["cause"], 44, "{refused}");
        let out = calls_out(city, 3)?;
        assert!(out < SECOND, "{out}");

        // It comes back and carries calls; the other call has never ended.
        until(city, begin + 42_000_000)?;
        assert_eq!(city_calls(city)?, ["one"]);
        rig.console_when("show spans", |text| {
            text.contains("; 1/30 busy, 0 blocked") && text.contains("; 0/31 busy, 0 blocked")
        })?;
        city.telephone_answers(500)?;
        Ok(())
    });
}

/// The calls that the city has.
fn city_calls(city: &mut City) -> Result<Vec<String>, String> {
    city.command(&json!({"cmd": "status"}))?;
    city.mark();
    let status = city.seen("its status", |event| event["event"] == "status")?;
    let calls = status["calls"].as_array().cloned().unwrap_or_default();
    Ok(calls.iter().filter_map(|call| call["call"].as_str().map(Into::into)).collect())
}
