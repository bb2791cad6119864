//! A private exchange on a tie line behind the box: its people are of the house, and what callers
//! and called say to each other by signalling goes through.

use scenarios::play::{CALLER, is, link_up, matched};
use scenarios::{City, Pace, Rig, Settings, scene};
use serde_json::{Value, json};

const TIE: &str = r#"
[[span]]
number = 2
side = "network"
callers = "inside"

[[trunk]]
prefix = "6"
span = 2
at_least = 4
open = true
"#;

fn settings() -> Settings {
    let cities = vec![(2, "--user-side".to_owned())];
    let more = vec![("config/config.toml".to_owned(), TIE.to_owned())];
    Settings { spans: 2, cities, more, ..Settings::new(Pace::Free) }
}

/// A call from one exchange to the other, both of them heard; what the called one was told.
fn through(from: &mut City, to: &mut City, called: &str) -> Result<Value, String> {
    to.command(&json!({
        "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
    }))?;
    let script = json!([
        {"wait": "answer", "ms": 20_000},
        {"talk": {"send": 4, "expect": 3, "ms": 3_000}},
        {"hangup": 16},
    ]);
    from.command(&json!({
        "cmd": "call", "id": "a", "called": called, "calling": CALLER, "user": "file 17",
        "script": script,
    }))?;
    let setup = to.seen("SETUP", |event| event["event"] == "incoming_setup")?;
    matched(to, "called", None)?;
    from.seen("the end", |event| is(event, "call_passed", "a"))?;
    Ok(setup)
}

fn second(rig: &Rig) -> Result<City, String> {
    let mut city = rig.city_at(2)?;
    city.set_strict(true);
    rig.console_when("show spans", |text| text.matches("data link up").count() == 2)?;
    link_up(rig, &mut city)?;
    Ok(city)
}

#[test]
fn people_behind_the_private_exchange_call_out_and_are_called_with_all_that_is_said_to_them() {
    scene(settings(), |rig, city| {
        let mut pbx = second(rig)?;
        let setup = through(city, &mut pbx, "6001")?;
        assert_eq!([&setup["called"], &setup["calling"]], ["6001", CALLER], "{setup}");
        assert_eq!(setup["user"], "file 17", "{setup}");
        let setup = through(&mut pbx, city, "013800001111")?;
        assert_eq!([&setup["called"], &setup["calling"]], ["13800001111", "95588"], "{setup}");
        assert_eq!(setup["user"], "file 17", "{setup}");
        let records = rig.records_when(2)?;
        let paths: Vec<_> = records.iter().map(|record| record["path"].to_string()).collect();
        assert!(paths[0].contains("rang 6001") && paths[1].contains("E1 2"), "{paths:?}");
        let call = records[0]["call"].as_str().unwrap_or_default();
        let (_, trace) = rig.console(&format!("trace call {call}"))?;
        assert_eq!(trace.matches(": 3.1 kHz audio, A-law").count(), 2, "{trace}");
        assert_eq!(trace.matches("user-user (4.5.30): \"file 17\"").count(), 2, "{trace}");
        Ok(())
    });
}

#[test]
fn what_one_end_of_a_call_notifies_the_other_hears() {
    // Q.932: remote hold, remote retrieval.
    const HELD: [u8; 2] = [0x79, 0x7A];
    scene(settings(), |rig, city| {
        let mut pbx = second(rig)?;
        pbx.command(&json!({
            "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
        }))?;
        let script = json!([{"wait": "answer", "ms": 20_000}, {"await": "release", "ms": 600_000}]);
        city.command(&json!({
            "cmd": "call", "id": "a", "called": "6001", "calling": CALLER, "script": script,
        }))?;
        let setup = pbx.seen("SETUP", |event| event["event"] == "incoming_setup")?;
        city.seen("the answer", |event| is(event, "answered", "a"))?;
        let far = &setup["call"];
        for what in HELD {
            pbx.command(&json!({"cmd": "notify", "id": far, "what": what}))?;
            let notified = |event: &Value| event["event"] == "notified" && event["what"] == what;
            let heard = city.seen("NOTIFY", notified)?;
            assert_eq!(heard["call"], "a", "{heard}");
            city.command(&json!({"cmd": "notify", "id": "a", "what": what}))?;
            let heard = pbx.seen("NOTIFY", notified)?;
            assert_eq!(&heard["call"], far, "{heard}");
        }
        let calls = rig.console_when("show calls", |text| text.contains("c1-"))?;
        let call = calls.split_whitespace().find(|word| word.starts_with("c1-")).unwrap_or("?");
        rig.console(&format!("clear call {call}"))?;
        city.seen("the end", |event| is(event, "call_passed", "a"))?;
        let (_, trace) = rig.console(&format!("trace call {call}"))?;
        assert_eq!(trace.matches("NOTIFY").count(), 8, "{trace}");
        Ok(())
    });
}

#[test]
fn a_call_goes_out_on_the_second_span_of_a_trunk_while_the_first_ones_data_link_is_down() {
    // Both ends of span 3 are the network: its data link stays down.
    let dead = "[[span]]\nnumber = 3\nside = \"network\"\n";
    let text = format!("{}{dead}", TIE.replace("span = 2", "span = [3, 2]"));
    let more = vec![("config/config.toml".to_owned(), text)];
    scene(Settings { spans: 3, more, ..settings() }, |rig, city| {
        let mut pbx = second(rig)?;
        let (_, spans) = rig.console("show spans")?;
        assert_eq!(spans.matches("data link down").count(), 1, "{spans}");
        let setup = through(city, &mut pbx, "6001")?;
        assert_eq!(setup["called"], "6001", "{setup}");
        let records = rig.records_when(1)?;
        let path = records[0]["path"].to_string();
        assert_eq!(path.matches("rang 6001").count(), 1, "{path}");
        Ok(())
    });
}

#[test]
fn a_stranger_does_not_get_out_through_the_box() {
    scene(settings(), |rig, city| {
        second(rig)?;
        let script = json!([{"await": "release", "ms": 20_000}]);
        city.command(&json!({
            "cmd": "call", "id": "a", "called": "013800001111", "calling": CALLER,
            "script": script,
        }))?;
        let refused = city.seen("the refusal", |event| is(event, "released", "a"))?;
        assert_eq!(refused["cause"], 1, "{refused}");
        Ok(())
    });
}
