//! What an exchange does for the box beyond basic calls, with libpri as the exchange: it tells what
//! a call costs, notes who calls, takes callers back, joins calls, and knows people by name.

use scenarios::play::{CALLER, is, link_up, matched, place, quiet};
use scenarios::{City, Pace, Rig, Settings, scene};
use serde_json::{Value, json};

/// Callers of 95599 are rung through to a mobile telephone before they are answered, those of
/// 95577 after it.
const CONFIG: &str = r#"
[[number]]
called = "95599"
flow = "onward"

[[number]]
called = "95577"
flow = "talk"

[[span]]
number = 1
deflect = true
transfer = true
"#;

fn flow(answers: bool) -> String {
    let start = if answers { "answer" } else { "mobile" };
    let answer = "[[step]]\nid = \"answer\"\ndo = \"answer\"\nnext = \"mobile\"\n";
    format!(
        "title = \"onward\"\nlanguages = [\"en\"]\nstart = \"{start}\"\n{}\
         [[step]]\nid = \"mobile\"\ndo = \"ring\"\nnumber = \"013800138000\"\nseconds = 30\n\
         otherwise = \"end\"\n[[step]]\nid = \"end\"\ndo = \"release\"\ncause = 16\n",
        if answers { answer } else { "" }
    )
}

fn settings() -> Settings {
    let more = vec![
        ("config/config.toml".to_owned(), CONFIG.to_owned()),
        ("config/flows/onward.toml".to_owned(), flow(false)),
        ("config/flows/talk.toml".to_owned(), flow(true)),
    ];
    Settings { more, ..Settings::new(Pace::Free) }
}

/// A telephone of the box calls out and is answered; the name of the call at the exchange.
fn out(city: &mut City) -> Result<Value, String> {
    city.command(&json!({
        "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
    }))?;
    let talk = json!({"send": 4, "expect": 3});
    city.command(&json!({"cmd": "lift", "port": 1, "digits": "013800138000", "talk": talk}))?;
    let setup = city.seen("SETUP", |event| event["event"] == "incoming_setup")?;
    matched(city, "called", None)?;
    Ok(setup["call"].clone())
}

fn record(rig: &Rig, count: usize) -> Result<Value, String> {
    rig.records_when(count)?.pop().ok_or_else(|| "no record".to_owned())
}

/// The messages of the last of so many calls.
fn traced(rig: &Rig, count: usize) -> Result<String, String> {
    let last = record(rig, count)?;
    Ok(rig.console(&format!("trace call {}", last["call"].as_str().unwrap_or_default()))?.1)
}

#[test]
fn what_a_call_costs_is_in_its_record_in_units_or_in_money() {
    scene(settings(), |rig, city| {
        let call = out(city)?;
        city.command(&json!({
            "cmd": "charge", "id": call, "count": 6, "currency": "CNY", "each_s": 60,
        }))?;
        city.command(&json!({"cmd": "charge", "id": call, "count": 3}))?;
        city.command(&json!({"cmd": "charge", "id": call, "count": 7, "last": true}))?;
        let told = record(rig, 1)?;
        assert_eq!((&told["charge_units"], &told["currency"]), (&json!(7), &Value::Null), "{told}");
        let messages = traced(rig, 1)?;
        let tariff = "talk 0.06 CNY for each 60 s that begins, the set-up free of charge";
        assert!(messages.contains(tariff), "{messages}");
        quiet(city)?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;

        let call = out(city)?;
        city.command(&json!({"cmd": "charge", "id": call, "count": 345, "currency": "EUR"}))?;
        scenarios::play::settled(city)?;
        // The last word that came counts, whoever ends the call.
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        let told = record(rig, 2)?;
        assert_eq!(told["charge_thousandths"], 3450, "{told}");
        let (_, shown) = rig.console("show records")?;
        assert!(shown.contains("7 units") && shown.contains("3.45 EUR"), "{shown}");
        quiet(city).map(drop)
    });
}

#[test]
fn an_operator_has_a_caller_noted_by_the_exchange_or_hears_that_it_does_not_do_that() {
    scene(settings(), |rig, city| {
        city.command(&json!({"cmd": "telephone", "port": 1, "never": true}))?;
        let script = json!([{"wait": "answer", "ms": 20_000}, {"await": "release", "ms": 600_000}]);
        place(city, "a", "95588", &script)?;
        city.seen("the answer", |event| is(event, "answered", "a"))?;
        let calls = rig.console_when("show calls", |text| text.contains("c1-"))?;
        let call = calls.split_whitespace().find(|word| word.starts_with("c1-")).unwrap_or("?");
        city.command(&json!({"cmd": "services", "offered": false}))?;
        scenarios::play::settled(city)?;
        let (done, said) = rig.console(&format!("identify call {call}"))?;
        assert!(!done && said.contains("does not offer"), "{said}");
        city.command(&json!({"cmd": "services", "offered": true}))?;
        scenarios::play::settled(city)?;
        let (done, said) = rig.console(&format!("identify call {call}"))?;
        assert!(done && said.contains("has noted who calls"), "{said}");
        city.seen("the note", |event| is(event, "identified", "a"))?;
        let (done, said) = rig.console(&format!("clear call {call}"))?;
        assert!(done, "{said}");
        let told = record(rig, 1)?;
        let path = told["path"].to_string();
        assert_eq!(path.matches("caller noted by the exchange").count(), 1, "{path}");
        let (_, trace) = rig.console(&format!("trace call {call}"))?;
        assert!(trace.matches("FACILITY").count() >= 4, "{trace}");
        quiet(city).map(drop)
    });
}

#[test]
fn a_caller_who_leads_out_again_is_sent_on_by_the_exchange_or_connected_if_it_refuses() {
    scene(settings(), |rig, city| {
        let wait = json!([{"await": "release", "ms": 20_000}]);
        place(city, "a", "95599", &wait)?;
        let deflected = city.seen("the deflection", |event| is(event, "deflected", "a"))?;
        assert_eq!(deflected["to"], "13800138000", "{deflected}");
        let told = record(rig, 1)?;
        assert_eq!(told["path"], "E1 1 > onward > sent to 13800138000 by the exchange", "{told}");
        assert_eq!((&told["answered"], &told["by"]), (&Value::Null, &json!("network")), "{told}");
        quiet(city)?;

        city.command(&json!({"cmd": "services", "offered": false}))?;
        city.command(&json!({
            "cmd": "incoming", "answer_after_ms": 500, "talk": {"send": 3, "expect": 4},
        }))?;
        let script = json!([
            {"wait": "answer", "ms": 20_000},
            {"talk": {"send": 4, "expect": 3, "ms": 3_000}},
            {"hangup": 16},
        ]);
        place(city, "b", "95599", &script)?;
        matched(city, "called", None)?;
        city.seen("the end of the call", |event| is(event, "call_passed", "b"))?;
        let told = record(rig, 2)?;
        assert_eq!(told["path"], "E1 1 > onward > rang 13800138000 > 13800138000", "{told}");
        quiet(city).map(drop)
    });
}

#[test]
fn two_calls_of_a_span_that_talk_are_joined_by_the_exchange_and_leave_its_channels() {
    scene(settings(), |rig, city| {
        city.command(&json!({"cmd": "incoming", "answer_after_ms": 500}))?;
        let wait = json!([{"wait": "answer", "ms": 20_000}, {"await": "release", "ms": 60_000}]);
        place(city, "a", "95577", &wait)?;
        let joined = city.seen("the transfer", |event| event["event"] == "joined")?;
        let calls: Vec<_> = joined["calls"].as_array().into_iter().flatten().collect();
        assert!(calls.len() == 2 && calls.contains(&&json!("a")), "{joined}");
        let told = record(rig, 1)?;
        assert_eq!(
            told["path"], "E1 1 > talk > rang 13800138000 > 13800138000 > joined by the exchange",
            "{told}"
        );
        rig.console_when("show spans", |text| text.contains("0/30 busy"))?;
        quiet(city).map(drop)
    });
}

#[test]
fn people_of_a_private_network_are_known_by_name_and_callers_are_shown_who_answered() {
    let tie = r#"
[[span]]
number = 2
side = "network"
callers = "inside"
switch = "qsig"

[[trunk]]
prefix = "6"
span = 2
at_least = 4
open = true
"#;
    let cities = vec![(2, "--user-side".to_owned()), (2, "--qsig".to_owned())];
    let more = vec![("config/config.toml".to_owned(), tie.to_owned())];
    scene(Settings { spans: 2, cities, more, ..Settings::new(Pace::Free) }, |rig, city| {
        let mut pbx = rig.city_at(2)?;
        pbx.set_strict(true);
        rig.console_when("show spans", |text| text.matches("data link up").count() == 2)?;
        link_up(rig, &mut pbx)?;
        // The telephone of the box answers one of the private network.
        city.telephone_answers(500)?;
        let script = json!([
            {"wait": "answer", "ms": 20_000},
            {"talk": {"send": 1, "expect": 2, "ms": 3_000}},
            {"hangup": 16},
        ]);
        pbx.command(&json!({
            "cmd": "call", "id": "a", "called": "801", "calling": "6001", "name": "Li Lei",
            "script": script,
        }))?;
        let shown = pbx.seen("who answered", |event| is(event, "shown", "a"))?;
        assert_eq!(shown["number"], "801", "{shown}");
        matched(city, "telephone", None)?;
        pbx.seen("the end of the call", |event| is(event, "call_passed", "a"))?;
        // One of the public network calls one of the private one, who has a name.
        pbx.command(&json!({"cmd": "incoming", "answer_after_ms": 500, "name": "Han Meimei"}))?;
        let wait = json!([{"wait": "answer", "ms": 20_000}, {"pause_ms": 500}, {"hangup": 16}]);
        city.command(&json!({
            "cmd": "call", "id": "b", "called": "6001", "calling": CALLER, "script": wait,
        }))?;
        city.seen("the end of the call", |event| is(event, "call_passed", "b"))?;
        let trace = traced(rig, 2)?;
        assert!(trace.contains("who answered: \"Han Meimei\" (ECMA-164)"), "{trace}");
        assert!(trace.contains("display (4.5.16): \"Han Meimei\""), "{trace}");
        // One of the private network calls out, and is named there by the display.
        pbx.command(&json!({
            "cmd": "call", "id": "c", "called": "013800138000", "calling": "6001",
            "name": "Li Lei", "script": wait,
        }))?;
        pbx.seen("the end of the call", |event| is(event, "call_passed", "c"))?;
        let trace = traced(rig, 3)?;
        assert!(trace.contains("who calls: \"Li Lei\" (ECMA-164)"), "{trace}");
        assert!(trace.contains("display (4.5.16): \"Li Lei\""), "{trace}");
        Ok(())
    });
}
