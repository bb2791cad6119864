//! Echo cancellers side by side: `cargo xtask bench echo`.
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::process::ExitCode;
use std::time::Instant;

use sound_test::echo::measure::{Ends, Figures, figures, mean_min, paths};
use sound_test::echo::peers::{ALL, LONG, Maker};

fn run() -> Result<(), String> {
    let ends = Ends::new()?;
    let sounds: Vec<_> = paths().map(|(name, path)| (name, ends.over(&path))).collect();
    for (name, make) in ALL.iter().chain(&LONG) {
        if !(*name == "ours" || *name == "ours, 128 ms") && std::env::args().any(|a| a == "--quick")
        {
            continue;
        }
        let all: Vec<Figures> = sounds.iter().map(|(_, sound)| figures(sound, *make)).collect();
        let (a, b) = mean_min(&all, |f| f.erle);
        let (c, d) = mean_min(&all, |f| f.erle_1s);
        let (e, f) = mean_min(&all, |f| -f.ms_to_20);
        let (g, h) = mean_min(&all, |f| f.erle_speech);
        let (i, j) = mean_min(&all, |f| f.after);
        let (k, l) = mean_min(&all, |f| f.near);
        println!(
            "{name:24} css {a:.1} ({b:.1}) @1s {c:.1} ({d:.1}) ms {:.0} ({:.0}) speech {g:.1} ({h:.1}) after {i:.1} ({j:.1}) near {k:.1} ({l:.1})",
            -e, -f
        );
        if std::env::args().any(|a| a == "--each") {
            for ((n, _), f) in sounds.iter().zip(&all) {
                println!(
                    "   {n} {:.1} {:.1} {:.0} {:.1} {:.1} {:.1}",
                    f.erle, f.erle_1s, f.ms_to_20, f.erle_speech, f.after, f.near
                );
            }
        }
    }
    if std::env::args().any(|a| a == "--quick") {
        return Ok(());
    }
    let busy = ends.busy();
    let time = |make: Maker| {
        let mut c = make();
        let t = Instant::now();
        busy.through(&mut *c);
        t.elapsed().as_secs_f64() * 1e6 / 1000.0
    };
    for _ in 0..2 {
        for (name, make) in ALL.iter().chain(&LONG) {
            if name.starts_with("spandsp") {
                continue;
            }
            let best = (0..15).map(|_| time(*make)).fold(1e9, f64::min);
            println!("{name:24} {best:.2} us");
        }
    }
    println!("{} octets", size_of::<dsp_echo::Canceller>());
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}
