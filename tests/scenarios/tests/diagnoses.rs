//! An installer asks what is wrong with a span, and is told what really is.

use scenarios::play::{link_up, settled};
use scenarios::{City, Pace, Rig, Settings, scene};
use serde_json::json;

/// What is said of a span.
fn diagnosis(rig: &Rig) -> Result<String, String> {
    let (done, said) = rig.console("diagnose span 1")?;
    if done { Ok(said) } else { Err(format!("diagnose: {said}")) }
}

fn expect(rig: &Rig, what: &str, sentence: &str) -> Result<(), String> {
    let said = diagnosis(rig)?;
    if said.lines().last().is_some_and(|line| line.contains(sentence)) {
        return Ok(());
    }
    let spans = rig.console("show span 1")?.1;
    Err(format!("{what}: not `{sentence}` but {said}{spans}"))
}

/// Each fault of the line, one after the other, and nothing in between.
fn one_after_the_other(faults: &[(&str, f64, &str)]) {
    scene(Settings::new(Pace::Free), |rig, city| {
        city.set_strict(false);
        expect(rig, "before all", "Nothing is found to be wrong")?;
        faults.iter().try_for_each(|(kind, rate, sentence)| {
            let fault = |ms: u64| json!({"cmd": "fault", "kind": kind, "ms": ms, "rate": rate});
            if *kind == "loop" {
                // A link that is up takes its own enquiry for the answer to it (Q.921 3.3.2): a
                // loop shows when the link is set up.
                let los = |ms: u64| json!({"cmd": "fault", "kind": "los", "ms": ms});
                city.command(&los(86_400_000))?;
                rig.console_when("show spans", |text| text.contains("data link down"))?;
                city.command(&fault(86_400_000))?;
                city.command(&los(0))?;
                rig.console_when("show spans", |text| text.contains("up, data link down"))?;
                settled(city)?;
            } else {
                city.command(&fault(86_400_000))?;
            }
            if matches!(*kind, "idle" | "aborts") {
                // The data link notices after T203 and N200 times T200.
                rig.console_when("show spans", |text| text.contains("data link down"))?;
            }
            expect(rig, kind, sentence)?;
            city.command(&fault(0))?;
            recovered(rig, city)
        })
    });
}

fn recovered(rig: &Rig, city: &mut City) -> Result<(), String> {
    rig.console_when("show spans", |text| text.contains("up, data link up"))?;
    link_up(rig, city)?;
    settled(city)
}

#[test]
fn what_cuts_or_disturbs_the_line_is_named() {
    one_after_the_other(&[
        ("los", 1.0, "No signal comes in"),
        ("ais", 1.0, "sends all ones"),
        ("rai", 1.0, "does not understand us"),
        ("bit_errors", 0.000_02, "has bit errors"),
    ]);
}

#[test]
fn what_is_wrong_with_clock_loop_and_d_channel_is_named() {
    one_after_the_other(&[
        ("slip", 1.0, "(slips)"),
        ("loop", 1.0, "the line is looped"),
        ("idle", 1.0, "no messages on slot 16"),
        ("aborts", 1.0, "Only damaged frames"),
    ]);
}

/// What is said of a far end that is set up otherwise.
fn set_up_otherwise(option: &str, sentence: &str) -> Result<(), String> {
    let city = vec![option.to_owned()];
    let rig = Rig::start(Settings { city, ..Settings::new(Pace::Free) })?;
    let said = rig.console_ready().and_then(|()| expect(&rig, option, sentence));
    said.map_err(|fault| format!("{fault}\n{}", rig.logs()))
}

#[test]
fn a_far_end_that_plays_our_side_is_named() {
    assert_eq!(set_up_otherwise("--user-side", "the same side as we do"), Ok(()));
}

#[test]
fn a_far_end_without_crc_4_is_named() {
    assert_eq!(set_up_otherwise("--no-crc4", "sends no CRC-4"), Ok(()));
}
