//! R2 spans with all programs: an exchange that is our own machines in the other role, signalling
//! bits in slot 16 of the card's E1, register signals as tones in its slots.

use scenarios::play::{CALLER, conversation, matched, place, quiet, scene_with, talked};
use scenarios::{City, Pace, Rig, Settings};
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
