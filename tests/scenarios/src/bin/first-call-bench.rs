//! The figures of the first call, as its far ends measure them: time from SETUP to the greeting,
//! delay through the box one way, in real time and in the time of the line.
//!
//! The delay counts from a sample that the sender gives to the line to the same sample at the
//! listener, the blocks of both lines included; the same call with nothing in the box but an
//! answer to each block has 33 and 32 samples (`tests/exchange`).

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use scenarios::{Pace, Rig, Settings};
use serde_json::json;

/// Calls at each pace.
const CALLS: usize = 10;

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// What one call showed: ms from SETUP to greeting, samples caller to telephone and back.
fn call(rig: &Rig, number: usize) -> Result<[f64; 3], String> {
    let mut city = rig.city()?;
    city.telephone_answers(500)?;
    let index = std::fs::read_to_string(rig.prompts().join("index.toml"));
    let index = index.map_err(|fault| fault.to_string())?;
    let welcome = index.lines().find_map(|line| line.strip_prefix("welcome = "));
    let hash = welcome.unwrap_or_default().trim_matches('"');
    let id = format!("bench-{number}");
    city.command(&json!({
        "cmd": "call", "id": id, "called": "95588", "calling": "01088886666",
        "script": [
            {"wait": "answer", "ms": 10_000},
            {"hear": rig.prompts().join(format!("{hash}.alaw")), "ms": 10_000},
            {"digits": "1"},
            {"talk": {"send": 1, "expect": 2, "ms": 6_000}},
            {"hangup": 16},
        ],
    }))?;
    let ended = |event: &serde_json::Value| {
        event["call"] == id.as_str()
            && (event["event"] == "call_passed" || event["event"] == "call_failed")
    };
    let end = city.wait("the end of the call", Duration::from_secs(60), ended)?;
    if end["event"] == "call_failed" {
        return Err(end.to_string());
    }
    let field = |name: &str, end: &str, field: &str| {
        let found = city
            .events
            .iter()
            .find(|event| event["event"] == name && (end.is_empty() || event["end"] == end));
        found.and_then(|event| event[field].as_f64()).unwrap_or(f64::NAN)
    };
    Ok([
        field("heard", "", "setup_to_first_sample_ms"),
        field("matched", "telephone", "delay_samples"),
        field("matched", "caller", "delay_samples"),
    ])
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn measure(pace: Pace) -> Result<(), String> {
    let rig = Rig::start(Settings::new(pace))?;
    let mut city = rig.city()?;
    city.command(&json!({"cmd": "status"}))?;
    city.wait("the data link", Duration::from_secs(20), |event| {
        event["event"] == "link_up" || (event["event"] == "status" && event["link"] == "up")
    })?;
    let mut all = vec![];
    for number in 0..CALLS {
        all.push(call(&rig, number).map_err(|fault| format!("{fault}\n{}", rig.logs()))?);
    }
    let column = |n: usize| all.iter().map(move |figures| figures[n]);
    let worst = |n: usize| column(n).fold(0.0, f64::max);
    let middle = |n: usize| median(column(n).collect());
    say(&format!(
        "first-call: pace={pace:?} calls={CALLS} setup_to_greeting_ms_p50={:.1} max={:.1} \
         delay_in_ms_p50={:.2} max={:.2} delay_out_ms_p50={:.2} max={:.2}",
        middle(0),
        worst(0),
        middle(1) / 8.0,
        worst(1) / 8.0,
        middle(2) / 8.0,
        worst(2) / 8.0,
    ));
    Ok(())
}

fn main() -> ExitCode {
    for pace in [Pace::Free, Pace::Real] {
        if let Err(fault) = measure(pace) {
            say(&format!("first-call: not measured: {fault}"));
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
