//! Several spans under one D channel, with libpri at the far end: calls on all of them, what the
//! loss of one span takes with it, and a second D channel that goes on where the first is lost.

use nix::sys::signal::Signal;
use scenarios::play::{CALLER, conversation, greeted, is, matched, quiet, talked, until};
use scenarios::tshark::{
    capture, capture_of, complaints, finished_capture, finished_capture_of, tshark,
};
use scenarios::{City, Pace, Program, Rig, Settings, scene};
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

/// Two spans with a D channel each.
fn with_backup() -> Settings {
    Settings { backup: true, telephones: 4, ..settings() }
}

/// Waits until the D channels of both spans do this.
fn d_channels(rig: &Rig, wanted: [&str; 2]) -> Result<(), String> {
    for (span, does) in (1..).zip(wanted) {
        let wanted = format!("D channel: {does}.");
        rig.console_when(&format!("show span {span}"), |text| text.contains(&wanted))?;
    }
    Ok(())
}

/// A cable is pulled, or there again; when.
fn cable(city: &mut City, of: u64, there: bool) -> Result<u64, String> {
    let ms = if there { 0 } else { 600_000 };
    city.command(&json!({"cmd": "fault", "kind": "los", "ms": ms, "of": of}))?;
    let told = city.seen("the fault", |event| event["event"] == "fault")?;
    city.mark();
    Ok(told["at_us"].as_u64().unwrap_or(0))
}

/// The exchange calls telephone 3 on a slot; both talk, and the exchange clears.
fn calls_in(rig: &Rig, city: &mut City, id: &str, slot: u64) -> Result<(), String> {
    city.mark();
    city.command(&json!({
        "cmd": "telephone", "port": 3, "answer_after_ms": 500,
        "talk": {"send": 8, "expect": 7},
    }))?;
    call_on(city, id, slot, &conversation(rig, "3", 7, 8, 2000)?)?;
    let ends = |event: &Value| is(event, "call_passed", id) || is(event, "call_failed", id);
    let end = city.seen("its end", ends)?;
    if end["event"] != "call_passed" {
        return Err(end.to_string());
    }
    // It is free for the next one.
    let on_hook = |event: &Value| event["event"] == "telephone_on_hook" && event["port"] == 3;
    city.seen("the handset", on_hook).map(drop)
}

/// The next of the calls in progress that ends: which, and when.
fn cut_off(city: &mut City, id: &str) -> Result<u64, String> {
    let released = city.seen("the end of a call", |event| is(event, "released", id))?;
    if (released["cause"] != 27) || (released["by"] != "box") {
        return Err(released.to_string());
    }
    Ok(released["at_us"].as_u64().unwrap_or(0))
}

/// The city has a call yet.
fn has(city: &mut City, id: &str) -> Result<(), String> {
    let calls = city_calls(city)?;
    if calls.iter().any(|call| call == id) { Ok(()) } else { Err(format!("{id}: {calls:?}")) }
}

#[test]
fn a_backup_d_channel_goes_on_where_the_cable_of_the_first_is_pulled_and_back() {
    scene(with_backup(), |rig, city| {
        d_channels(rig, ["active", "standby"])?;
        let (_, spans) = rig.console("show spans")?;
        assert_eq!(spans.matches("/30 busy").count(), 2, "{spans}");
        capture_of(rig, 2)?;
        let talking = one_on_each(rig, city)?;
        until(city, talking + 2_000_000)?;
        let begin = cable(city, 0, false)?;
        d_channels(rig, ["out of service", "active"])?;
        // At once, both ways.
        calls_in(rig, city, "in", SECOND + 3)?;
        let out = calls_out(city, 4)?;
        assert!(out > SECOND, "{out}");
        let after = cut_off(city, "one")? - begin;
        assert!((9_500_000..13_000_000).contains(&after), "{after}");
        has(city, "two")?;

        cable(city, 0, true)?;
        d_channels(rig, ["standby", "active"])?;
        calls_in(rig, city, "first", 3)?;
        // And back.
        let begin = cable(city, 1, false)?;
        d_channels(rig, ["active", "out of service"])?;
        calls_in(rig, city, "back", 5)?;
        let after = cut_off(city, "two")? - begin;
        assert!((9_500_000..13_000_000).contains(&after), "{after}");
        let (_, found) = rig.console("diagnose span 1")?;
        assert!(found.contains("The other D channel of the group is down"), "{found}");
        cable(city, 1, true)?;
        d_channels(rig, ["active", "standby"])?;
        let out = calls_out(city, 4)?;
        quiet(city)?;
        assert!(out > 0, "{out}");
        let file = finished_capture_of(rig, 2)?;
        assert_eq!(complaints(&file, 0)?, "");
        let calls = tshark(&file, &["-Y", "q931.message_type == 0x05"])?;
        assert!(calls.lines().count() >= 3, "{calls}");
        Ok(())
    });
}

#[test]
fn a_core_that_is_killed_while_the_backup_is_used_goes_on_with_it() {
    scene(with_backup(), |rig, city| {
        d_channels(rig, ["active", "standby"])?;
        cable(city, 0, false)?;
        d_channels(rig, ["out of service", "active"])?;
        city.command(&json!({
            "cmd": "telephone", "port": 2, "answer_after_ms": 500, "patience_ms": 60_000,
            "talk": {"send": 6, "expect": 5},
        }))?;
        let mut script = greeted(rig, "2")?;
        script.extend([
            json!({"talk": {"send": 5, "expect": 6, "ms": 60_000}}),
            json!({"await": "release", "ms": 600_000}),
        ]);
        call_on(city, "lasting", SECOND + 1, &json!(script))?;
        matched(city, "caller", Some("lasting"))?;
        cable(city, 0, true)?;
        d_channels(rig, ["standby", "active"])?;
        rig.end(Program::Core, Signal::SIGKILL);
        rig.start_program(Program::Core)?;
        d_channels(rig, ["standby", "active"])?;
        has(city, "lasting")?;
        calls_in(rig, city, "next", 2)?;
        has(city, "lasting")?;
        city.command(&json!({"cmd": "hang_up", "port": 2}))?;
        city.seen("its end", |event| is(event, "released", "lasting"))?;
        Ok(())
    });
}
