//! What a box says of a call is the words one after the other, octet by octet.

use scenarios::play::{CALLER, is, place, quiet, scene};
use scenarios::{Pace, Rig, Settings};
use serde_json::json;

const NUMBER: &str = "
[[number]]
called = \"95577\"
flow = \"numbers\"
";

const FLOW: &str = "
title = \"Both numbers\"
languages = [\"zh\", \"en\"]
start = \"answer\"

[[step]]
id = \"answer\"
do = \"answer\"
next = \"say\"

[[step]]
id = \"say\"
do = \"play\"
prompts = [{ telephone = \"caller\" }, { digits = \"called\" }]
next = \"end\"

[[step]]
id = \"end\"
do = \"release\"
cause = 16
";

/// The names of the words of digits; 1 is said as `one`.
fn words(digits: &str, one: &str) -> Vec<String> {
    digits
        .chars()
        .map(|digit| if digit == '1' { one.into() } else { format!("say-{digit}") })
        .collect()
}

/// The octets of words one after the other, as a file.
fn joined(rig: &Rig, language: &str, words: &[String]) -> Result<Vec<u8>, String> {
    let mut octets = vec![];
    for word in words {
        let file = rig.prompt(language, word)?;
        octets.extend(std::fs::read(file).map_err(|fault| fault.to_string())?);
    }
    Ok(octets)
}

#[test]
fn a_caller_hears_both_numbers_digit_by_digit_without_a_gap_in_two_languages() {
    let mut settings = Settings::new(Pace::Free);
    settings.more.push(("config/config.toml".into(), NUMBER.into()));
    settings.more.push(("config/flows/numbers.toml".into(), FLOW.into()));
    scene(settings, |rig, city| {
        let mut all = vec![];
        for (language, yao) in [("zh", "say-yao"), ("en", "say-1")] {
            all.extend(joined(rig, language, &words(CALLER, yao))?);
            all.extend(joined(rig, language, &words("95577", "say-1"))?);
        }
        let file = rig.path("said.alaw");
        std::fs::write(&file, &all).map_err(|fault| fault.to_string())?;
        let script = json!([
            {"wait": "answer", "ms": 20_000},
            {"hear": file.display().to_string(), "whole": true, "ms": 60_000},
            {"await": "release", "ms": 20_000},
        ]);
        place(city, "a", "95577", &script)?;
        city.seen("the words", |event| is(event, "heard", "a"))?;
        city.seen("the end", |event| is(event, "call_passed", "a"))?;
        quiet(city)?;
        Ok(())
    });
}
