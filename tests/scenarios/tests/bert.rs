//! What an installer asks of a span: all its layers in words, and a test of its channels.

use scenarios::play::{conversation, link_up, place, quiet, settled, talked};
use scenarios::{Pace, Settings, scene};
use serde_json::json;

/// Longer than any test here, in the line's time.
const LONG_MS: u64 = 3_600_000;

#[test]
fn a_looped_span_passes_its_test_and_carries_calls_again_after_it() {
    scene(Settings::new(Pace::Free), |rig, city| {
        // libpri says what it thinks of hearing itself.
        city.set_strict(false);
        city.command(&json!({"cmd": "fault", "kind": "loop", "ms": LONG_MS}))?;
        let (passed, said) = rig.console("bert span 1 10")?;
        assert!(passed && said.contains("30 of 30 channels receive the pattern"), "{said}");
        assert!(said.contains("errors 0, errored seconds 0, losses 0\nPassed."), "{said}");
        // The plug is out of the socket again, and what was on its way in it is over.
        city.command(&json!({"cmd": "fault", "kind": "loop", "ms": 0}))?;
        settled(city)?;
        link_up(rig, city)?;
        city.set_strict(true);
        rig.console_when("show span 1", |text| {
            text.contains("established (state 7)") && text.contains("Channels free: 1-15, 17-31")
        })?;
        city.mark();
        city.telephone_answers(500)?;
        place(city, "after", "95588", &conversation(rig, "1", 1, 2, 5_000)?)?;
        talked(city, "after")?;
        quiet(city).map(drop)
    });
}

#[test]
fn a_test_without_a_loop_or_with_wrong_bits_fails_and_says_how_much_came_wrong() {
    scene(Settings::new(Pace::Free), |rig, city| {
        city.set_strict(false);
        let (passed, said) = rig.console("bert span 1 2")?;
        assert!(!passed && said.contains("0 of 30 channels receive the pattern"), "{said}");
        assert!(said.contains("Failed."), "{said}");
        for (kind, rate) in [("loop", 1.0), ("bit_errors", 0.000_1)] {
            let fault = json!({"cmd": "fault", "kind": kind, "ms": LONG_MS, "rate": rate});
            city.command(&fault)?;
        }
        let (passed, said) = rig.console("bert span 1 10")?;
        assert!(!passed && said.contains("Failed."), "{said}");
        // One bit in ten thousand each way, on thirty channels for ten seconds.
        let errors = said.split("errors ").nth(1).and_then(|rest| rest.split(',').next());
        let errors: f64 = errors.and_then(|word| word.parse().ok()).ok_or("no figure")?;
        let wanted = 30.0 * 10.0 * 64_000.0 * 0.000_1;
        assert!((wanted * 0.7..wanted * 1.3).contains(&errors), "{errors}, not {wanted}: {said}");
        let quality = rig.console_when("show span 1", |text| text.contains("this quarter"))?;
        let errored = quality.lines().find(|line| line.contains("this quarter"));
        let errored = errored.and_then(|line| line.split_whitespace().nth(3));
        assert!(errored.is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n >= 9)), "{quality}");
        Ok(())
    });
}
