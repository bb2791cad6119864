//! The figures of the first call, as its far ends measure them: time from SETUP to the greeting,
//! delay through the box one way, in real time and in the time of the line.
//!
//! The delay counts from a sample that the sender gives to the line to the same sample at the
//! listener, the blocks of both lines included; the same call with nothing in the box but an
//! answer to each block has 33 and 32 samples (`tests/exchange`).

use std::io::Write;
use std::process::ExitCode;

use scenarios::{Figures, Pace, Rig, Settings};

/// Calls at each pace.
const CALLS: usize = 10;

fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn measure(pace: Pace) -> Result<(), String> {
    let rig = Rig::start(Settings::new(pace))?;
    let mut all = vec![];
    for number in 0..CALLS {
        let figures = Figures::of_a_call(&rig, &format!("bench-{number}"));
        all.push(figures.map_err(|fault| format!("{fault}\n{}", rig.logs()))?);
    }
    let column = |of: fn(&Figures) -> f64| -> Vec<f64> { all.iter().map(of).collect() };
    let worst = |of| column(of).into_iter().fold(0.0, f64::max);
    let middle = |of| median(column(of));
    say(&format!(
        "first-call: pace={pace:?} calls={CALLS} setup_to_greeting_ms_p50={:.1} max={:.1} \
         delay_in_ms_p50={:.2} max={:.2} delay_out_ms_p50={:.2} max={:.2}",
        middle(|figures| figures.setup_to_greeting_ms),
        worst(|figures| figures.setup_to_greeting_ms),
        middle(|figures| figures.delay_in_ms),
        worst(|figures| figures.delay_in_ms),
        middle(|figures| figures.delay_out_ms),
        worst(|figures| figures.delay_out_ms),
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
