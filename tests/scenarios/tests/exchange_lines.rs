//! Lines of an exchange at the virtual card, set up as an installer does: calls come in with the
//! number of who calls, go out after dial tone, and outlive the core.

use nix::sys::signal::Signal;
use scenarios::play::{matched, until};
use scenarios::{City, Pace, Program, Rig, Settings, scene};
use serde_json::{Value, json};

/// Behind telephone 1 stands line 2.
const TRUNK: &str =
    "\n[[trunk]]\nprefix = \"9\"\nline = 2\nstrip = 1\nat_least = 4\nreaches = \"801\"\n";
const CONFERENCE: &str = "\n[[conference]]\nnumber = \"880\"\nname = \"All\"\n";
const REVERSAL: &str = "\n[[line]]\nline = 2\nanswer = \"reversal\"\nwait_dial_tone = true\n";
const PULSES: &str = "\n[[line]]\nline = 2\ndial = \"pulse\"\n";
const CALLER: &str = "13800138000";

fn settings(line: &str) -> Settings {
    let more = vec![("config/config.toml".to_owned(), format!("{TRUNK}{line}"))];
    Settings { lines: 1, more, ..Settings::new(Pace::Free) }
}

/// The telephone answers; both ends say and want to hear something.
fn people(city: &mut City, more: &Value) -> Result<(), String> {
    city.command(&json!({
        "cmd": "telephone", "port": 1, "answer_after_ms": 2_500, "patience_ms": 8_000,
        "talk": {"send": 2, "expect": 3},
    }))?;
    let mut line = json!({
        "cmd": "line", "line": 1, "answer_after_ms": 2_000, "talk": {"send": 3, "expect": 2},
    });
    let (to, from) = (line.as_object_mut(), more.as_object());
    if let (Some(to), Some(from)) = (to, from) {
        to.extend(from.clone());
    }
    city.command(&line)
}

fn seen(city: &mut City, event: &str) -> Result<Value, String> {
    city.seen(event, |seen| seen["event"] == event)
}

fn both_hear(city: &mut City) -> Result<(), String> {
    matched(city, "telephone", None)?;
    matched(city, "line", None)?;
    Ok(())
}

/// Three seconds from now both have heard each other for two.
fn still_hear(city: &mut City) -> Result<(), String> {
    let mut after_us = 0;
    for _ in 0..2 {
        until(city, after_us)?;
        city.mark();
        city.command(&json!({"cmd": "status"}))?;
        let status = seen(city, "status")?;
        if after_us > 0 {
            let looks = [&status["telephones"][0]["looks"], &status["lines"][0]["looks"]];
            let looks = looks.map(|looks| looks.as_array().cloned().unwrap_or_default());
            let good = |look: &Value| look.as_f64().is_some_and(|look| look > 0.8);
            let all = looks.iter().all(|looks| looks.len() == 8 && looks.iter().all(good));
            return if all {
                Ok(())
            } else {
                Err(format!("they do not hear each other: {status}"))
            };
        }
        after_us = status["at_us"].as_u64().unwrap_or(0) + 3_200_000;
    }
    Ok(())
}

/// A line that is idle has its moment before it is taken again.
fn rest(city: &mut City, idle: &Value) -> Result<(), String> {
    until(city, idle["at_us"].as_u64().unwrap_or(0) + 3_000_000)
}

fn last_record(rig: &Rig, count: usize) -> Result<Value, String> {
    let records = rig.records_when(count)?;
    records.last().cloned().ok_or_else(|| "no record".to_owned())
}

#[test]
fn a_call_in_on_an_exchange_line_shows_who_calls_and_ends_when_the_exchange_says_so() {
    scene(settings(REVERSAL), |rig, city| {
        let calls =
            [("message", "busy", CALLER), ("keys", "reversal", CALLER), ("message", "open", "")];
        for (count, (shown, end, calling)) in (1..).zip(calls) {
            city.mark();
            people(city, &json!({"hangup_after_ms": 6_000, "end": end}))?;
            city.command(&json!({
                "cmd": "line_call", "line": 1, "calling": calling, "shown": shown,
            }))?;
            seen(city, "line_answered")?;
            both_hear(city)?;
            let over = seen(city, "line_over")?;
            let idle = seen(city, "line_idle")?;
            let took_us = idle["at_us"].as_u64().zip(over["at_us"].as_u64()).map(|(a, b)| a - b);
            // Three cycles of busy tone; a reversal or an open loop is faster.
            assert!(took_us.is_some_and(|us| us < 3_000_000), "{end}: {took_us:?}");
            seen(city, "telephone_on_hook")?;
            rest(city, &idle)?;
            let record = last_record(rig, count)?;
            assert_eq!([&record["caller"], &record["called"]], [calling, "801"], "{record}");
            assert_eq!(record["cause"], 16, "{record}");
        }
        Ok(())
    });
}

#[test]
fn a_caller_on_an_exchange_line_who_gives_up_leaves_telephone_and_line_free() {
    scene(settings(""), |rig, city| {
        people(city, &json!({"give_up_ms": 7_000}))?;
        city.command(&json!({
            "cmd": "telephone", "port": 1, "answer_after_ms": 0, "never": true,
        }))?;
        city.command(&json!({"cmd": "line_call", "line": 1, "calling": CALLER}))?;
        seen(city, "ringing")?;
        seen(city, "line_given_up")?;
        seen(city, "ringing_stopped")?;
        let record = last_record(rig, 1)?;
        assert!(record["answered"].is_null(), "{record}");
        Ok(())
    });
}

#[test]
fn a_call_out_by_an_exchange_line_is_answered_by_reversal_and_released_by_busy_tone() {
    scene(settings(REVERSAL), |rig, city| {
        people(city, &json!({"reversal": true, "hangup_after_ms": 6_000}))?;
        city.command(&json!({
            "cmd": "lift", "port": 1, "digits": "9114#", "talk": {"send": 2, "expect": 3},
        }))?;
        seen(city, "line_seized")?;
        assert_eq!(seen(city, "line_dialled")?["digits"], "114");
        let answered = seen(city, "line_answered")?;
        both_hear(city)?;
        let over = seen(city, "line_over")?;
        seen(city, "line_idle")?;
        seen(city, "telephone_on_hook")?;
        let record = last_record(rig, 1)?;
        assert_eq!([&record["caller"], &record["called"]], ["801", "9114"], "{record}");
        assert_eq!(record["cause"], 16, "{record}");
        let talked_us = over["at_us"].as_u64().zip(answered["at_us"].as_u64()).map(|(a, b)| a - b);
        assert_eq!(talked_us, Some(6_000_000));
        Ok(())
    });
}

#[test]
fn a_line_that_is_told_to_dial_in_pulses_does_so_from_the_next_call_on() {
    scene(settings(""), |rig, city| {
        people(city, &json!({}))?;
        for (count, digits) in [(1, "9114#"), (2, "9120#")] {
            city.mark();
            city.command(&json!({
                "cmd": "lift", "port": 1, "digits": digits, "talk": {"send": 2, "expect": 3},
            }))?;
            assert_eq!(seen(city, "line_dialled")?["digits"], digits[1..4]);
            both_hear(city)?;
            city.command(&json!({"cmd": "hang_up", "port": 1}))?;
            let idle = seen(city, "line_idle")?;
            rest(city, &idle)?;
            rig.records_when(count)?;
            let document = rig.path("config/config.toml");
            let text = std::fs::read_to_string(&document).map_err(|fault| fault.to_string())?;
            std::fs::write(&document, format!("{text}{PULSES}"))
                .map_err(|fault| fault.to_string())?;
            if count == 1 {
                let (done, said) = rig.console("load")?;
                assert!(done, "{said}");
            }
        }
        Ok(())
    });
}

#[test]
fn a_tone_of_another_country_is_told_with_its_remedy() {
    // Whoever calls waits alone in a conference.
    let config = format!("{}{CONFERENCE}", TRUNK.replace("801", "880"));
    let more = vec![("config/config.toml".to_owned(), config)];
    let settings = Settings { lines: 1, more, ..Settings::new(Pace::Free) };
    scene(settings, |rig, city| {
        let file = rig.path("board.toml");
        let text = std::fs::read_to_string(&file).map_err(|fault| fault.to_string())?;
        std::fs::write(&file, format!("country = \"de\"\n{text}"))
            .map_err(|fault| fault.to_string())?;
        let (done, said) = rig.console("upgrade core")?;
        assert!(done, "{said}");
        city.command(&json!({
            "cmd": "line", "line": 1, "talk": {"send": 3, "expect": 2}, "hangup_after_ms": 3_000,
        }))?;
        city.command(&json!({"cmd": "line_call", "line": 1, "calling": CALLER}))?;
        seen(city, "line_over")?;
        // Busy tone of 450 Hz, which ends no call in Germany.
        let told = rig.console_when("diagnose port 2", |text| text.contains("Hz"))?;
        assert!(told.contains(" 450 Hz") && told.contains("country"), "{told}");
        Ok(())
    });
}

#[test]
fn a_killed_core_goes_on_with_the_calls_that_it_had_on_exchange_lines() {
    scene(settings(REVERSAL), |rig, city| {
        // One in, one out.
        for (count, incoming) in [(1, true), (2, false)] {
            city.mark();
            people(city, &json!({"reversal": true}))?;
            let place = if incoming {
                json!({"cmd": "line_call", "line": 1, "calling": CALLER})
            } else {
                json!({
                    "cmd": "lift", "port": 1, "digits": "9114#", "talk": {"send": 2, "expect": 3},
                })
            };
            city.command(&place)?;
            both_hear(city)?;
            rig.end(Program::Core, Signal::SIGKILL);
            rig.start_program(Program::Core)?;
            still_hear(city)?;
            city.mark();
            let line = json!({
                "cmd": "line", "line": 1, "talk": {"send": 3, "expect": 2}, "hangup_after_ms": 0,
            });
            city.command(&line)?;
            let idle = seen(city, "line_idle")?;
            seen(city, "telephone_on_hook")?;
            rest(city, &idle)?;
            let record = last_record(rig, count)?;
            assert!(record["path"].as_str().is_some_and(|path| path.contains("interrupted")));
            assert_eq!(record["cause"], 16, "{record}");
        }
        Ok(())
    });
}
