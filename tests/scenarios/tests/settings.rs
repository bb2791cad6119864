//! Settings of a span change on a running box, and what would end calls says so first.

use scenarios::play::{conversation, greeted, link_up, matched, place, quiet, talked, until};
use scenarios::{Pace, Rig, Settings, scene};
use serde_json::json;

/// Writes `[[span]]` for span 1 behind what the document was at first.
fn settle(rig: &Rig, first: &str, span: &str) -> Result<(), String> {
    let text = format!("{first}\n[[span]]\nnumber = 1\n{span}\n");
    std::fs::write(rig.path("config/config.toml"), text).map_err(|fault| fault.to_string())
}

fn document(rig: &Rig) -> Result<String, String> {
    std::fs::read_to_string(rig.path("config/config.toml")).map_err(|fault| fault.to_string())
}

#[test]
fn another_side_ends_calls_only_when_told_twice_and_the_way_back_carries_calls_again() {
    scene(Settings::new(Pace::Free), |rig, city| {
        let first = document(rig)?;
        city.telephone_answers(500)?;
        let mut script = greeted(rig, "1")?;
        script.push(json!({"talk": {"send": 1, "expect": 2, "ms": 3_000}}));
        script.push(json!({"await": "release", "ms": 3_600_000}));
        place(city, "a", "95588", &json!(script))?;
        matched(city, "caller", Some("a"))?;
        settle(rig, &first, "side = \"network\"")?;
        let told = "Span 1 changes its side of the interface: its 1 calls end.";
        let (_, would) = rig.console("compare")?;
        assert!(would.contains(told), "{would}");
        let (done, said) = rig.console("load")?;
        assert!(!done && said.contains(told) && said.contains("`load now` does it"), "{said}");
        rig.console_when("show spans", |text| text.contains("data link up; 1/30 busy"))?;

        city.set_strict(false);
        let (done, said) = rig.console("load now")?;
        assert!(done, "{said}");
        rig.console_when("show spans", |text| text.contains("data link down; 0/30 busy"))?;
        let record = rig.records_when(1)?;
        assert!(record.last().is_some_and(|r| r["cause"] == 38), "{record:?}");

        // Without calls nothing is asked.
        settle(rig, &first, "timers = { t309 = 6 }")?;
        let (done, said) = rig.console("load")?;
        assert!(done, "{said}");
        link_up(rig, city)?;
        quiet(city)?;
        city.mark();
        place(city, "b", "95588", &conversation(rig, "1", 1, 2, 3_000)?)?;
        talked(city, "b")?;
        quiet(city).map(drop)
    });
}

#[test]
fn a_channel_out_of_service_keeps_its_call_and_takes_no_other() {
    scene(Settings::new(Pace::Free), |rig, city| {
        let first = document(rig)?;
        city.telephone_answers(500)?;
        let mut script = greeted(rig, "1")?;
        script.push(json!({"talk": {"send": 1, "expect": 2, "ms": 3_000}}));
        script.push(json!({"await": "release", "ms": 3_600_000}));
        place(city, "a", "95588", &json!(script))?;
        let heard = matched(city, "caller", Some("a"))?;
        // Past the end of the talk, which must not be cut short.
        until(city, heard["at_us"].as_u64().unwrap_or(0) + 4_000_000)?;
        settle(rig, &first, "channels = \"9\"")?;
        let (done, said) = rig.console("load")?;
        assert!(done, "{said}");
        let detail = rig.console("show span 1")?.1;
        assert!(detail.contains("Channels free: 9\n"), "{detail}");
        assert!(detail.contains("Channels out of service by configuration: "), "{detail}");
        let call = detail.lines().find(|line| line.contains("active"));
        let call = call.and_then(|line| line.rsplit(' ').next()).ok_or("the call is gone")?;
        let (done, said) = rig.console(&format!("clear call {call}"))?;
        assert!(done, "{said}");
        rig.console_when("show span 1", |text| {
            text.contains("configuration: 1-8, 10-15, 17-31\n") && !text.contains("active")
        })?;
        city.mark();
        place(city, "b", "95588", &json!([{"await": "release", "ms": 20_000}]))?;
        let refused =
            city.seen("the refusal", |event| event["event"] == "released" && event["call"] == "b")?;
        // 44: the requested channel is not available (Q.931 5.2.3.1).
        assert_eq!(refused["cause"], 44, "{refused}");
        Ok(())
    });
}

#[test]
fn digits_dialled_after_a_number_went_out_follow_one_by_one_and_libpri_takes_them() {
    let city = vec!["--digits".to_owned(), "11".to_owned()];
    let overlap = "\n[[span]]\nnumber = 1\noverlap = true\n";
    let more = vec![("config/config.toml".to_owned(), overlap.to_owned())];
    scene(Settings { city, more, ..Settings::new(Pace::Free) }, |rig, city| {
        city.command(&json!({
            "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
        }))?;
        // No key says that the number is complete.
        city.command(&json!({
            "cmd": "lift", "port": 1, "digits": "002160001234", "talk": {"send": 4, "expect": 3},
        }))?;
        let setup = city.seen("SETUP", |event| event["event"] == "incoming_setup")?;
        assert_eq!(setup["called"], "02160001234", "{setup}");
        let heard = city.since_mark().filter(|event| event["event"] == "digits_heard").count();
        assert_eq!(heard, 8, "the first three went out with the SETUP");
        matched(city, "called", None)?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        let record = rig.records_when(1)?;
        assert_eq!(record[0]["called"], "002160001234", "{record:?}");
        quiet(city).map(drop)
    });
}
