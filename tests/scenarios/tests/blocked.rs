//! An operator takes channels and circuits out of use, and brings them back.

use nix::sys::signal::Signal;
use scenarios::play::{CALLER, conversation, is, matched, place, quiet, scene_with, talked, until};
use scenarios::{City, Pace, Program, Rig, Settings, scene};
use serde_json::json;

/// A number at the far end of R2 circuits.
const FAR: &str = "88886666";

/// Says it to the console, which must do it.
fn said(rig: &Rig, line: &str) -> Result<(), String> {
    match rig.console(line)? {
        (true, _) => Ok(()),
        (false, text) => Err(format!("{line}: {text}")),
    }
}

/// Lets telephone 1 dial out; the slot of the call at the far end.
fn call_out(city: &mut City, digits: &str) -> Result<serde_json::Value, String> {
    city.mark();
    let talk = json!({"send": 4, "expect": 3});
    city.command(&json!({"cmd": "lift", "port": 1, "digits": digits, "talk": talk}))?;
    let setup = city.seen("the call", |event| event["event"] == "incoming_setup")?;
    matched(city, "telephone", None)?;
    Ok(setup["slot"].clone())
}

fn hang_up(rig: &Rig, city: &mut City, rest: &str) -> Result<(), String> {
    city.command(&json!({"cmd": "hang_up", "port": 1}))?;
    city.seen("its release", |event| event["event"] == "released")?;
    quiet(city)?;
    rig.console_when("show span 1", |text| text.contains(rest)).map(drop)
}

fn answers(city: &mut City) -> Result<(), String> {
    city.command(&json!({
        "cmd": "incoming", "answer_after_ms": 300, "talk": {"send": 3, "expect": 4},
    }))
}

fn circuits() -> Settings {
    Settings {
        r2: Some("cn".into()),
        r2_city: Some("cn".into()),
        city: vec!["--digits".into(), FAR.len().to_string()],
        ..Settings::new(Pace::Free)
    }
}

fn circuits_up(rig: &Rig) -> Result<City, String> {
    rig.console_ready()?;
    rig.console_when("show span 1", |text| text.contains("idle: 1-15, 17-31"))?;
    let mut city = rig.city()?;
    city.set_strict(true);
    quiet(&mut city)?;
    Ok(city)
}

#[test]
fn a_circuit_that_the_operator_blocks_serves_its_call_to_the_end_and_then_no_other() {
    scene_with(circuits(), circuits_up, |rig, city| {
        answers(city)?;
        // The box takes the highest that is free: circuit 30 is slot 31.
        assert_eq!(call_out(city, &format!("0{FAR}"))?, 31);
        said(rig, "block span 1 circuit 30")?;
        rig.console_when("show span 1", |text| text.contains("1/30 busy, 0 blocked"))?;
        hang_up(rig, city, "0/30 busy, 1 blocked")?;
        for _ in 0..2 {
            assert_eq!(call_out(city, &format!("0{FAR}"))?, 30);
            hang_up(rig, city, "0/30 busy, 1 blocked")?;
            rig.end(Program::Core, Signal::SIGKILL);
            rig.start_program(Program::Core)?;
            rig.console_when("show span 1", |text| text.contains("0/30 busy, 1 blocked"))?;
        }
        // The far end sees it: it seizes from below, and none that is blocked.
        said(rig, "block span 1 slot 1")?;
        rig.console_when("show span 1", |text| text.contains("0/30 busy, 2 blocked"))?;
        // The bits are on their way, and stay for some milliseconds before they count.
        city.mark();
        city.command(&json!({"cmd": "status"}))?;
        let now = city.seen("its status", |event| event["event"] == "status")?;
        until(city, now["at_us"].as_u64().unwrap_or(0) + 500_000)?;
        city.telephone_answers(300)?;
        place(city, "in", "95588", &conversation(rig, "1", 1, 2, 2_000)?)?;
        let sent = city.seen("the seizure", |event| is(event, "setup_sent", "in"))?;
        assert_eq!(sent["slot"], 2);
        talked(city, "in")?;
        quiet(city)?;
        said(rig, "unblock span 1 circuit 30")?;
        said(rig, "unblock span 1 slot 1")?;
        rig.console_when("show span 1", |text| text.contains("idle: 1-15, 17-31"))?;
        assert_eq!(call_out(city, &format!("0{FAR}"))?, 31);
        hang_up(rig, city, "idle: 1-15, 17-31")
    });
}

// Q.931 5.2.3.1
#[test]
fn a_channel_that_the_operator_blocks_is_refused_and_not_chosen_until_it_is_opened() {
    scene(Settings::new(Pace::Free), |rig, city| {
        answers(city)?;
        city.telephone_answers(300)?;
        for slot in [31, 3] {
            said(rig, &format!("block span 1 slot {slot}"))?;
        }
        let held = "Channels blocked by the operator: 3, 31";
        rig.console_when("show span 1", |text| text.contains(held))?;
        for _ in 0..2 {
            assert_eq!(call_out(city, "088886666")?, 30);
            hang_up(rig, city, held)?;
            // The exchange asks for this channel and no other.
            let call = |id: &str, slot: u8, script: serde_json::Value| {
                json!({"cmd": "call", "id": id, "called": "95588", "calling": CALLER,
                       "slot": slot, "script": script})
            };
            city.command(&call("refused", 3, json!([{"await": "release", "ms": 20_000}])))?;
            let refused = city.seen("its end", |event| is(event, "released", "refused"))?;
            assert_eq!((&refused["by"], &refused["cause"]), (&json!("box"), &json!(44)));
            city.command(&call(
                "taken",
                4,
                json!([{"wait": "answer", "ms": 20_000}, {"hangup": 16}]),
            ))?;
            city.seen("its answer", |event| is(event, "answered", "taken"))?;
            quiet(city)?;
            rig.end(Program::Core, Signal::SIGKILL);
            rig.start_program(Program::Core)?;
            rig.console_when("show span 1", |text| {
                text.contains(held) && text.contains("established (state 7)")
            })?;
            city.mark();
        }
        for slot in [31, 3] {
            said(rig, &format!("unblock span 1 slot {slot}"))?;
        }
        rig.console_when("show span 1", |text| text.contains("Channels free: 1-15, 17-31"))?;
        assert_eq!(call_out(city, "088886666")?, 31);
        hang_up(rig, city, "Channels free: 1-15, 17-31")?;
        let (done, text) = rig.console("block span 1 slot 16")?;
        assert!(!done && text.contains("it is not there"), "{text}");
        Ok(())
    });
}
