//! R2 spans with all programs: an exchange that is our own machines in the other role, signalling
//! bits in slot 16 of the card's E1, register signals as tones in its slots.

use nix::sys::signal::Signal;
use scenarios::play::{
    CALLER, conversation, greeted, is, matched, place, quiet, scene_with, talked, until,
};
use scenarios::{City, Pace, Program, Rig, Settings};
use serde_json::{Value, json};

/// A number at the far end.
const FAR: &str = "88886666";

/// A box and a city that read these files of `boards/r2`.
fn settings(near: Option<&str>, far: Option<&str>) -> Settings {
    Settings {
        r2: near.map(str::to_owned),
        r2_city: far.map(str::to_owned),
        city: vec!["--digits".into(), FAR.len().to_string()],
        ..Settings::new(Pace::Free)
    }
}

/// Plays a scene in a fresh rig whose circuits are up.
fn scene(settings: Settings, act: impl FnOnce(&mut Rig, &mut City) -> Result<(), String>) {
    scene_with(settings, circuits_up, |rig, city| {
        act(rig, city).map_err(|fault| {
            let spans = rig.console("show span 1").map(|(_, text)| text).unwrap_or_default();
            format!("{fault}\n{spans}")
        })
    });
}

fn circuits_up(rig: &Rig) -> Result<City, String> {
    rig.console_ready()?;
    rig.console_when("show spans", |text| {
        text.contains("R2 signalling up") || text.contains("R2 信令正常")
    })?;
    let mut city = rig.city()?;
    city.set_strict(true);
    at_rest(rig, &mut city)?;
    Ok(city)
}

/// Waits until nothing is busy or blocked at the box, and nothing busy at the city.
fn at_rest(rig: &Rig, city: &mut City) -> Result<(), String> {
    quiet(city)?;
    rig.console_when("show span 1", |text| {
        text.contains("0/30 busy, 0 blocked") && text.contains("idle: 1-15, 17-31")
    })
    .map(drop)
}

fn calls_both_ways(country: &str) {
    scene(settings(Some(country), Some(country)), |rig, city| {
        city.telephone_answers(300)?;
        place(city, "in", "95588", &conversation(rig, "1", 1, 2, 3_000)?)?;
        talked(city, "in")?;
        at_rest(rig, city)?;
        city.mark();
        city.command(&json!({
            "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
        }))?;
        let talk = json!({"send": 4, "expect": 3});
        let digits = format!("0{FAR}");
        city.command(&json!({"cmd": "lift", "port": 1, "digits": digits, "talk": talk}))?;
        let setup = city.seen("the call", |event| event["event"] == "incoming_setup")?;
        assert_eq!((&setup["called"], &setup["calling"]), (&json!(FAR), &json!("95588")));
        matched(city, "telephone", None)?;
        matched(city, "called", None)?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        let released = city.seen("its release", |event| event["event"] == "released")?;
        assert_eq!((&released["cause"], &released["by"]), (&json!(16), &json!("box")));
        at_rest(rig, city)?;
        let records = rig.records_when(2)?;
        let of = |record: &Value| {
            ["caller", "called", "path", "by"]
                .map(|field| record[field].as_str().map(str::to_owned))
        };
        let record = |fields: [&str; 4]| fields.map(|field| Some(field.to_owned()));
        assert_eq!(
            of(&records[0]),
            record([CALLER, "95588", "E1 1 > main > rang 801 > 801", "caller"])
        );
        let path = format!("TEL 1 > rang {FAR} > {FAR}");
        assert_eq!(of(&records[1]), record(["801", &digits, &path, "caller"]));
        Ok(())
    });
}

#[test]
fn calls_both_ways_with_exact_numbers_in_the_variant_of_china() {
    calls_both_ways("cn");
}

#[test]
fn calls_both_ways_with_exact_numbers_in_the_variant_of_the_itu() {
    calls_both_ways("itu");
}

/// What the caller does who hears the menu and talks to telephone `port` until it is told to stop.
fn long_talk(rig: &Rig, port: u64, hangup: bool) -> Result<Value, String> {
    let mut script = greeted(rig, &port.to_string())?;
    let talk = json!({"send": 20 + port, "expect": 10 + port, "ms": 600_000, "gaps": true});
    script.push(json!({"talk": talk}));
    script.push(if hangup {
        json!({"hangup": 16})
    } else {
        json!({"await": "release", "ms": 60_000})
    });
    Ok(json!(script))
}

fn telephone(city: &mut City, port: u64) -> Result<(), String> {
    city.command(&json!({
        "cmd": "telephone", "port": port, "answer_after_ms": 300, "patience_ms": 60_000,
        "talk": {"send": 10 + port, "expect": 20 + port, "gaps": true},
    }))
}

/// Waits until so many calls of the city and telephones hear each other to the last octet.
fn all_sound(city: &mut City, count: usize) -> Result<(), String> {
    let mut last = Value::Null;
    for _ in 0..600 {
        city.mark();
        city.command(&json!({"cmd": "status"}))?;
        last = city.seen("its status", |event| event["event"] == "status")?;
        let sounding = |list: &str| {
            let all = last[list].as_array().cloned().unwrap_or_default();
            all.iter().filter(|one| one["sounds"] == true).count()
        };
        if sounding("calls") == count && sounding("telephones") == count {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let told: Vec<_> = city
        .events
        .iter()
        .filter(|event| event["event"] != "status")
        .map(Value::to_string)
        .collect();
    Err(format!("not {count} sound: {last}\n{}", told.join("\n")))
}

#[test]
fn several_calls_at_once_are_cleared_from_both_sides_and_leave_every_circuit_idle() {
    let settings = Settings { telephones: 6, ..settings(Some("cn"), Some("cn")) };
    scene(settings, |rig, city| {
        for port in 1..=4 {
            telephone(city, port)?;
            place(city, &format!("own-{port}"), "95588", &long_talk(rig, port, port < 3)?)?;
        }
        city.command(&json!({
            "cmd": "incoming", "answer_after_ms": 300, "by_number": true,
            "talk": {"send": 40, "expect": 50, "gaps": true},
        }))?;
        for port in 5..=6u64 {
            telephone(city, port)?;
            let talk = json!({"send": 50 + port, "expect": 40 + port, "gaps": true});
            let digits = format!("088886{port:03}");
            city.command(&json!({"cmd": "lift", "port": port, "digits": digits, "talk": talk}))?;
        }
        all_sound(city, 6)?;
        // The called are heard before their answer is recognised.
        let spans = rig.console_when("show span 1", |text| {
            text.contains("6/30 busy, 0 blocked") && text.matches(": answered, call c").count() == 2
        })?;
        assert_eq!(
            spans.matches(": answered, called by the far end, call c").count(),
            4,
            "{spans}"
        );
        for port in 1..=4 {
            city.command(&json!({"cmd": "finish", "id": format!("own-{port}")}))?;
        }
        for port in 3..=6 {
            city.command(&json!({"cmd": "hang_up", "port": port}))?;
        }
        for id in ["own-1", "own-2", "own-3", "own-4"] {
            city.seen("its release", |event| is(event, "released", id))?;
        }
        at_rest(rig, city)?;
        let records = rig.records_when(6)?;
        assert!(records.iter().all(|record| record["cause"] == 16), "{records:?}");
        Ok(())
    });
}

#[test]
fn blocked_circuits_carry_no_call_and_serve_again() {
    scene(settings(Some("cn"), Some("cn")), |rig, city| {
        // The box takes the highest that is free, and the city the lowest.
        for slot in [1, 31] {
            city.command(&json!({"cmd": "block", "slot": slot, "on": true}))?;
        }
        rig.console_when("show span 1", |text| {
            text.contains("0/30 busy, 2 blocked") && text.contains("by the far end: 1, 31")
        })?;
        let said = rig.console("diagnose span 1")?.1;
        assert!(said.contains("The far end blocks some circuits"), "{said}");
        city.telephone_answers(300)?;
        place(city, "in", "95588", &conversation(rig, "1", 1, 2, 2_000)?)?;
        let sent = city.seen("the seizure", |event| is(event, "setup_sent", "in"))?;
        assert_eq!(sent["slot"], 2);
        talked(city, "in")?;
        quiet(city)?;
        city.command(&json!({"cmd": "lift", "port": 1, "digits": format!("0{FAR}")}))?;
        let setup = city.seen("the call", |event| event["event"] == "incoming_setup")?;
        assert_eq!(setup["slot"], 30);
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        city.command(&json!({"cmd": "block", "slot": 0, "on": true}))?;
        rig.console_when("show span 1", |text| text.contains("0/30 busy, 30 blocked"))?;
        let said = rig.console("diagnose span 1")?.1;
        assert!(said.contains("The far end blocks all circuits"), "{said}");
        city.command(&json!({"cmd": "block", "slot": 0, "on": false}))?;
        at_rest(rig, city)
    });
}

#[test]
fn a_killed_core_keeps_its_answered_calls_and_the_far_end_clears_none() {
    let settings = Settings { telephones: 3, ..settings(Some("cn"), Some("cn")) };
    scene(settings, |rig, city| {
        for port in 1..=2 {
            telephone(city, port)?;
            place(city, &format!("own-{port}"), "95588", &long_talk(rig, port, true)?)?;
        }
        city.command(&json!({
            "cmd": "incoming", "answer_after_ms": 300, "by_number": true,
            "talk": {"send": 40, "expect": 50, "gaps": true},
        }))?;
        telephone(city, 3)?;
        let talk = json!({"send": 53, "expect": 43, "gaps": true});
        city.command(&json!({"cmd": "lift", "port": 3, "digits": "088886003", "talk": talk}))?;
        all_sound(city, 3)?;
        city.mark();
        let before = city.events.len();
        for _ in 0..3 {
            rig.end(Program::Core, Signal::SIGKILL);
            // Longer than any persistence check: the card keeps the bits.
            city.command(&json!({"cmd": "status"}))?;
            let now = city.wait("its status", std::time::Duration::from_secs(30), |event| {
                event["event"] == "status"
            })?;
            until(city, now["at_us"].as_u64().unwrap_or(0) + 500_000)?;
            rig.start_program(Program::Core)?;
            all_sound(city, 3)?;
        }
        let ended = |event: &&Value| {
            // The card changes its pace with the core: a slip may cost the multiframe for some
            // milliseconds, which ends nothing.
            matches!(event["event"].as_str(), Some("released" | "telephone_on_hook"))
        };
        let lost: Vec<_> = city.events[before..].iter().filter(ended).collect();
        assert!(lost.is_empty(), "{lost:?}");
        rig.console_when("show span 1", |text| text.contains("3/30 busy, 0 blocked"))?;
        for id in ["own-1", "own-2"] {
            city.command(&json!({"cmd": "finish", "id": id}))?;
            city.seen("its release", |event| is(event, "released", id))?;
        }
        city.command(&json!({"cmd": "hang_up", "port": 3}))?;
        at_rest(rig, city)?;
        // It carries calls as before.
        city.command(&json!({"cmd": "telephone", "port": 1, "answer_after_ms": 300,
            "talk": {"send": 2, "expect": 1}}))?;
        place(city, "next", "95588", &conversation(rig, "1", 1, 2, 2_000)?)?;
        talked(city, "next")?;
        at_rest(rig, city)?;
        let records = rig.records_when(4)?;
        let interrupted = |record: &&Value| {
            record["path"].as_str().is_some_and(|path| path.contains("interrupted"))
        };
        assert_eq!(records.iter().filter(interrupted).count(), 3, "{records:?}");
        Ok(())
    });
}

/// Where the units of charge go: `pulses` of them, one each half second, and their time.
fn metered(city: &mut City, pulses: u64) -> Result<(), String> {
    city.mark();
    city.command(&json!({"cmd": "meter", "pulses": pulses, "every_ms": 500}))?;
    city.command(&json!({"cmd": "status"}))?;
    let now = city.seen("its status", |event| event["event"] == "status")?;
    until(city, now["at_us"].as_u64().unwrap_or(0) + pulses * 500_000 + 500_000)
}

#[test]
fn units_of_charge_are_counted_across_a_kill_of_the_core() {
    scene(settings(Some("br"), Some("br")), |rig, city| {
        city.command(&json!({
            "cmd": "incoming", "answer_after_ms": 300, "talk": {"send": 3, "expect": 4},
        }))?;
        let talk = json!({"send": 4, "expect": 3});
        let digits = format!("0{FAR}");
        city.command(&json!({"cmd": "lift", "port": 1, "digits": digits, "talk": talk}))?;
        matched(city, "telephone", None)?;
        metered(city, 3)?;
        rig.end(Program::Core, Signal::SIGKILL);
        rig.start_program(Program::Core)?;
        rig.console_when("show span 1", |text| text.contains("1/30 busy, 0 blocked"))?;
        metered(city, 4)?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        city.seen("its release", |event| event["event"] == "released")?;
        at_rest(rig, city)?;
        let records = rig.records_when(1)?;
        assert_eq!(records[0]["charge_units"], 7, "{records:?}");
        assert_eq!(records[0]["charge_thousandths"], Value::Null);
        let (_, said) = rig.console("show records")?;
        assert!(said.contains(", cost 7 units, ended by caller"), "{said}");
        Ok(())
    });
}

#[test]
fn a_payphone_that_calls_is_told_in_the_record() {
    scene(settings(Some("br"), Some("br")), |rig, city| {
        city.telephone_answers(300)?;
        for kind in ["payphone", "ordinary"] {
            city.command(&json!({"cmd": "category", "is": kind}))?;
            place(city, kind, "95588", &conversation(rig, "1", 1, 2, 2_000)?)?;
            talked(city, kind)?;
            at_rest(rig, city)?;
        }
        let records = rig.records_when(2)?;
        let kinds: Vec<_> = records.iter().map(|record| record["category"].clone()).collect();
        assert_eq!(kinds, ["payphone", "ordinary"]);
        assert!(records.iter().all(|record| record["charge_units"].is_null()), "{records:?}");
        let (_, said) = rig.console("show records")?;
        assert!(said.contains(&format!("{CALLER} (payphone) -> 95588")), "{said}");
        Ok(())
    });
}

/// What is said of the span at last.
fn expect(rig: &Rig, sentence: &str) -> Result<(), String> {
    let (_, said) = rig.console("diagnose span 1")?;
    let right = said.lines().last().is_some_and(|line| line.contains(sentence));
    if right { Ok(()) } else { Err(format!("not `{sentence}` but {said}")) }
}

#[test]
fn what_is_wrong_with_a_span_of_circuits_is_named() {
    scene(settings(Some("cn"), Some("cn")), |rig, city| {
        city.set_strict(false);
        expect(rig, "Nothing is found to be wrong")?;
        let fault = |kind: &str, ms: u64| json!({"cmd": "fault", "kind": kind, "ms": ms});
        for (kind, sentence) in [
            ("los", "No signal comes in"),
            ("rai", "does not understand us"),
            ("idle", "Slot 16 comes without a multiframe"),
        ] {
            city.command(&fault(kind, 86_400_000))?;
            rig.console_when("show spans", |text| text.contains("signalling down"))?;
            expect(rig, sentence).map_err(|fault| format!("{kind}: {fault}"))?;
            city.command(&fault(kind, 0))?;
            rig.console_when("show spans", |text| text.contains("signalling up"))?;
            at_rest(rig, city)?;
        }
        // A far end that does not answer seizures.
        city.command(&fault("deaf", 86_400_000))?;
        city.command(&json!({"cmd": "lift", "port": 1, "digits": format!("0{FAR}")}))?;
        rig.console_when("show span 1", |text| text.contains("never acknowledged"))?;
        expect(rig, "does not acknowledge our seizures")
    });
}

#[test]
fn registers_of_another_country_are_named_after_three_calls() {
    scene(settings(Some("itu"), Some("mx")), |rig, city| {
        city.set_strict(false);
        for number in 0..3 {
            let script = json!([{"wait": "answer", "ms": 30_000}]);
            place(city, &format!("own-{number}"), "95588", &script)?;
            city.seen("its end", |event| is(event, "call_failed", &format!("own-{number}")))?;
        }
        rig.console_when("show span 1", |text| text.contains("failed 3 (the last 3 in a row)"))?;
        expect(rig, "The registers do not understand each other")
    });
}

/// What is said of a far end that signals otherwise than the box.
fn otherwise(settings: Settings, sentence: &str) -> Result<(), String> {
    let rig = Rig::start(settings)?;
    let said = rig.console_ready().and_then(|()| expect(&rig, sentence));
    said.map_err(|fault| {
        let spans = rig.console("show span 1").map(|(_, text)| text).unwrap_or_default();
        format!("{fault}{spans}\n{}", rig.logs())
    })
}

#[test]
fn isdn_sent_to_a_span_of_circuits_is_named() {
    let mut settings = settings(Some("cn"), None);
    settings.city.clear();
    assert_eq!(otherwise(settings, "sends messages of a D channel (PRI)"), Ok(()));
}

#[test]
fn circuits_sent_to_a_span_of_isdn_are_named() {
    assert_eq!(otherwise(settings(None, Some("cn")), "sends signalling bits (R2)"), Ok(()));
}

#[test]
fn line_signals_of_another_country_are_named() {
    let said =
        otherwise(settings(Some("cn"), Some("itu")), "line signals that the country set here");
    assert_eq!(said, Ok(()));
}
