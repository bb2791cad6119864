//! What the far ends of a call measure of the box.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Rig;
use crate::play::link_up;

/// The figures of one call.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// From SETUP to the first sample of the greeting at the caller.
    pub setup_to_greeting_ms: f64,
    /// From the caller's sample on the E1 to the telephone.
    pub delay_in_ms: f64,
    /// From the telephone to the caller.
    pub delay_out_ms: f64,
}

impl Figures {
    /// Places a call through the main flow to the telephone and measures it.
    ///
    /// # Errors
    /// The call failed, or something was not measured.
    pub fn of_a_call(rig: &Rig, id: &str) -> Result<Self, String> {
        let mut city = rig.city()?;
        link_up(rig, &mut city)?;
        city.telephone_answers(500)?;
        let greeting = rig.prompt("zh", "welcome")?;
        city.command(&json!({
            "cmd": "call", "id": id, "called": "95588", "calling": "01088886666",
            "script": [
                {"wait": "answer", "ms": 10_000},
                {"hear": greeting, "ms": 10_000},
                {"digits": "1"},
                {"talk": {"send": 1, "expect": 2, "ms": 6_000}},
                {"hangup": 16},
            ],
        }))?;
        let ended = |event: &Value| {
            event["call"] == id
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
            let value = found.and_then(|event| event[field].as_f64());
            value.ok_or(format!("{name} {end}: {field} was not measured"))
        };
        Ok(Self {
            setup_to_greeting_ms: field("heard", "", "setup_to_first_sample_ms")?,
            delay_in_ms: field("matched", "telephone", "delay_samples")? / 8.0,
            delay_out_ms: field("matched", "caller", "delay_samples")? / 8.0,
        })
    }
}
