//! A box on the virtual board, one call through it told in plain words, then the console.
//!
//! Ends with status 0 only if libpri, tshark, the sound at both ends and the store agree that the
//! call was right; without a terminal the last line is the record as JSON.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use scenarios::play::link_up;
use scenarios::{City, Pace, Rig, Settings};
use serde_json::Value;

/// How long the whole call may take.
const CALL: Duration = Duration::from_secs(60);

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn number(event: &Value, field: &str) -> f64 {
    event[field].as_f64().unwrap_or(f64::NAN)
}

/// What an event of the city means to a person; `None` if it is no news.
fn words(event: &Value) -> Option<String> {
    let end = event["end"].as_str().unwrap_or_default();
    Some(match event["event"].as_str()? {
        "link_up" => "the data link to the exchange is up (Q.921)".into(),
        "setup_sent" => "the exchange dials 95588 over ISDN PRI (SETUP)".into(),
        "proceeding" => "the box: a destination was found (CALL PROCEEDING)".into(),
        "answered" => "the box answers (CONNECT)".into(),
        "heard" => format!(
            "the caller hears the greeting: first sample {:.0} ms after SETUP, correlation {:.3}",
            number(event, "setup_to_first_sample_ms"),
            number(event, "correlation"),
        ),
        "digits_sent" => "the caller presses 1 (DTMF in the voice channel)".into(),
        "ringing" => "extension 801: the telephone rings".into(),
        "telephone_answered" => "extension 801: the handset is lifted".into(),
        "matched" => {
            let delay = event["delay_samples"].as_f64();
            let delay = delay.map_or(String::new(), |d| format!(", delay {:.1} ms", d / 8.0));
            format!(
                "the {end} hears the other end: correlation {:.3} (own voice {:.3}){delay}",
                number(event, "correlation"),
                number(event, "other_correlation"),
            )
        }
        "released" => "the caller hangs up; the exchange has released the channel".into(),
        "call_passed" => "the exchange is satisfied with the call".into(),
        "call_failed" => format!("THE CALL FAILED: {}", event["why"]),
        "libpri_error" => format!("libpri complains: {}", event["text"]),
        _ => return None,
    })
}

/// Follows the call to its end; what was wrong, if anything.
fn follow(city: &mut City) -> Result<(), String> {
    let begin = Instant::now();
    let (mut matched, mut heard, mut complaints) = (vec![], false, vec![]);
    while begin.elapsed() < CALL {
        let Some(event) = city.poll()? else { continue };
        if let Some(words) = words(&event) {
            say(&format!("  {words}"));
        }
        match event["event"].as_str().unwrap_or_default() {
            "heard" => heard = true,
            "matched" => matched.push(event["end"].as_str().unwrap_or_default().to_owned()),
            "libpri_error" => complaints.push(event["text"].to_string()),
            "call_failed" => return Err(format!("the call failed: {event}")),
            "call_passed" => {
                matched.sort();
                matched.dedup();
                return match () {
                    () if matched != ["caller", "telephone"] => {
                        Err(format!("only {matched:?} heard the other end"))
                    }
                    () if !heard => Err("the greeting was not heard".into()),
                    () if !complaints.is_empty() => Err(format!("libpri: {complaints:?}")),
                    () => Ok(()),
                };
            }
            _ => {}
        }
    }
    Err("the call did not end".into())
}

/// Runs tshark over the capture of the D channel; what it prints.
fn tshark(capture: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("tshark").arg("-r").arg(capture).args(arguments).output();
    let output = output.map_err(|fault| format!("tshark: {fault}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether tshark finds the call in the capture, and nothing malformed.
fn judge(rig: &Rig) -> Result<(), String> {
    let folder = std::fs::read_dir(rig.path("core/captures")).map_err(|f| f.to_string())?;
    let capture = folder.flatten().next().ok_or("nothing was captured")?.path();
    let messages = tshark(&capture, &["-Y", "q931", "-T", "fields", "-e", "q931.message_type"])?;
    let wrong = tshark(&capture, &["-Y", "_ws.malformed || _ws.expert.severity >= 0x600000"])?;
    let count = messages.lines().count();
    if count < 6 || !wrong.is_empty() {
        return Err(format!("tshark reads {count} messages and finds malformed:\n{wrong}"));
    }
    say(&format!("  tshark reads {count} messages on the D channel and finds nothing malformed"));
    Ok(())
}

/// The one record, as soon as it is in the store.
fn record(rig: &Rig) -> Result<String, String> {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        let (_, text) = rig.console("show records json")?;
        let records: Vec<_> = text.lines().collect();
        match records[..] {
            [] => std::thread::sleep(Duration::from_millis(50)),
            [record] => return Ok(record.to_owned()),
            _ => return Err(format!("{} records of one call", records.len())),
        }
    }
    Err("no record came into the store".into())
}

fn demonstrate() -> Result<(Rig, String), String> {
    say("starting the card, the city, the core and the daemon");
    let rig = Rig::start(Settings::new(Pace::Steady))?;
    let mut city = rig.city()?;
    city.telephone_answers(1500)?;
    link_up(&rig, &mut city)?;
    for command in ["capture span 1", "place test call 95588"] {
        let (done, text) = rig.console(command)?;
        if !done {
            return Err(text);
        }
    }
    follow(&mut city).map_err(|fault| format!("{fault}\n{}", rig.logs()))?;
    // The last word on the D channel has been said when the B channel is free.
    rig.console_when("show spans", |text| text.contains(" 0/30 busy"))?;
    rig.console("capture span 1 off")?;
    judge(&rig)?;
    let record = record(&rig)?;
    say("one call record stands in the store:");
    let (_, sentence) = rig.console("show records")?;
    say(&format!("  {}", sentence.trim_end()));
    Ok((rig, record))
}

fn main() -> ExitCode {
    match demonstrate() {
        Ok((rig, record)) => {
            if std::io::stdin().is_terminal() {
                let console =
                    std::env::current_exe().unwrap_or_default().with_file_name("ringmain");
                let status = Command::new(console).arg("--run").arg(rig.path("run")).status();
                return if status.is_ok_and(|status| status.success()) {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                };
            }
            drop(rig);
            say(&record);
            ExitCode::SUCCESS
        }
        Err(fault) => {
            say(&format!("NOT DONE: {fault}"));
            ExitCode::FAILURE
        }
    }
}
