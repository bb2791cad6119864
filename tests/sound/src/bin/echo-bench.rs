//! Echo cancellers side by side, and the tests of G.168: `cargo xtask bench echo`.
//!
//! Writes docs/bench/echo.md, echo.svg and g168.md. `--only ours|speexdsp` runs one of them once
//! over ten seconds, for a profiler.
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use dsp_echo::Canceller;
use sound::echo::measure::{Ends, Figures, figures, mean_min, paths};
use sound::echo::peers::{ALL, LONG, Maker};
use sound::echo::{Sound, g168};
use sound::svg::{Curve, chart};
use sound::table::Table;

/// Rounds of the clock; the best one counts.
const ROUNDS: usize = 15;
const TIMED: &str = "ours with suppressor";

/// Microseconds for 10 ms of sound, of each; in turn, so that all have the same machine.
fn times(sound: &Sound) -> Vec<f64> {
    let all: Vec<Maker> = ALL.iter().chain(&LONG).map(|(_, make)| *make).collect();
    let mut best = vec![f64::INFINITY; all.len()];
    for _ in 0..ROUNDS {
        for (best, make) in best.iter_mut().zip(&all) {
            let mut canceller = make();
            let start = Instant::now();
            sound.through(&mut *canceller);
            *best = best.min(start.elapsed().as_secs_f64() * 1e6 / 1000.0);
        }
    }
    best
}

/// Mean and worst of all columns.
fn cells(name: &str, all: &[Figures], time: f64) -> Vec<String> {
    let pair = |(mean, worst): (f64, f64)| format!("{mean:.1} ({worst:.1})");
    let (mean, worst) = mean_min(all, |f| -f.ms_to_20);
    let kib = if name.starts_with("ours") {
        format!("{:.1}", f64::from(u32::try_from(size_of::<Canceller>()).unwrap_or(0)) / 1024.0)
    } else {
        "not known".into()
    };
    vec![
        name.into(),
        pair(mean_min(all, |f| f.erle)),
        pair(mean_min(all, |f| f.erle_1s)),
        format!("{:.0} ({:.0})", -mean, -worst),
        pair(mean_min(all, |f| f.erle_speech)),
        pair(mean_min(all, |f| f.after)),
        pair(mean_min(all, |f| f.near)),
        "0".into(),
        format!("{time:.2}"),
        kib,
    ]
}

const HEADS: [&str; 10] = [
    "",
    "ERLE composite, mean (worst) dB",
    "at 1 s",
    "ms to 20 dB",
    "ERLE speech",
    "after double talk",
    "near end in double talk, dB",
    "delay ms",
    "µs per 10 ms",
    "KiB",
];

const ABOUT: &str = "Eight hybrids of G.168 Annex D, each behind 0, 20 and 40 ms, ERL 10 dB, \
A-law both ways, far end −15 dBm0 (composite source signal\nof G.168 C.1, or Mandarin speech), \
near end Mandarin speech of −15 dBm0 from second 5 to 9. Made by `cargo xtask bench echo`; the \
times\nare of that run only. speexdsp's filter for a constant turns the phase of the near end \
below 200 Hz: its near-end column is not what\none hears. With the suppressor soft sounds of the \
near end may go while both speak.\n\n";

fn run() -> Result<(), String> {
    let ends = Ends::new()?;
    let sounds: Vec<[Sound; 3]> = paths().map(|(_, path)| ends.over(&path)).collect();
    let times = times(&ends.busy());
    let mut table = Table::new(&HEADS);
    let mut all: Vec<(&str, Vec<Figures>)> = vec![];
    for ((name, make), time) in ALL.iter().chain(&LONG).zip(&times) {
        let these: Vec<_> = sounds.iter().map(|sound| figures(sound, *make)).collect();
        table.row(&cells(name, &these, *time));
        all.push((name, these));
    }
    let mean =
        |of: &[Figures], n: usize| mean_min(of, |f| f.curve.get(n).copied().unwrap_or(0.0)).0;
    let curves: Vec<Curve<'_>> = all
        .iter()
        .filter(|(name, _)| matches!(*name, "ours" | "speexdsp MDF"))
        .map(|(name, of)| Curve {
            name,
            points: (0..of.first().map_or(0, |f| f.curve.len()))
                .map(|n| (f64::from(u32::try_from(n).unwrap_or(0)) / 10.0, mean(of, n)))
                .collect(),
        })
        .collect();
    let title = "ERLE of the composite signal, mean of 24 lines";
    let picture = chart(title, ["s", "dB"], [10.0, 50.0], &curves);
    let mut rules = Table::new(&["test", "what", "limit", "reached", ""]);
    for row in g168::all() {
        let passed = if row.passed() { "passed" } else { "**missed**" };
        let number = |value: f64| format!("{value:.1} {}", row.unit);
        rules.row(&[
            row.test.into(),
            row.what.into(),
            number(row.limit),
            number(row.reached),
            passed.into(),
        ]);
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/bench");
    let write = |name: &str, text: String| {
        let written = fs::create_dir_all(&docs).and_then(|()| fs::write(docs.join(name), text));
        written.map_err(|fault| format!("docs/bench/{name}: {fault}"))
    };
    let text =
        format!("# Echo cancellers side by side\n\n{ABOUT}{}\n![ERLE](echo.svg)\n", table.text());
    println!("{text}\n{}", rules.text());
    write("echo.md", text)?;
    write("echo.svg", picture)?;
    write(
        "g168.md",
        format!(
            "# The tests of G.168 clause 6.4\n\nMade by `cargo xtask bench echo` with the models \
             and signals of the Recommendation, on a tail of 64 ms, ERL 10 dB and\n−15 dBm0; the \
             worst line counts. The signals of tests 8, 10 and 14 are V.21 and sines of ours, \
             not recordings.\n\n{}",
            rules.text()
        ),
    )?;
    last_line(&all, &times);
    Ok(())
}

fn last_line(all: &[(&str, Vec<Figures>)], times: &[f64]) {
    let Some((_, ours)) = all.first() else { return };
    let time = |name: &str| {
        let place = all.iter().position(|(other, _)| *other == name);
        place.and_then(|place| times.get(place)).copied().unwrap_or(f64::NAN)
    };
    let (erle, erle_min) = mean_min(ours, |f| f.erle);
    println!(
        "echo: echo_erle_mean={erle:.1} echo_erle_min={erle_min:.1} ms_to_20db={:.0} \
         after_double_talk_min={:.1} near_snr_db={:.1} echo_us={:.2} echo_vs_speexdsp={:.2} \
         kib={:.1}",
        -mean_min(ours, |f| -f.ms_to_20).0,
        mean_min(ours, |f| f.after).1,
        mean_min(ours, |f| f.near).1,
        time(TIMED),
        time(TIMED) / time("speexdsp MDF"),
        f64::from(u32::try_from(size_of::<Canceller>()).unwrap_or(0)) / 1024.0
    );
}

fn only(which: &str) -> Result<(), String> {
    let wanted = if which == "ours" { TIMED } else { "speexdsp MDF" };
    let (_, make) = ALL.iter().find(|(name, _)| *name == wanted).ok_or("ours or speexdsp")?;
    Ends::new()?.busy().through(&mut *make());
    Ok(())
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [flag, which] if flag == "--only" => only(which),
        _ => run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}
