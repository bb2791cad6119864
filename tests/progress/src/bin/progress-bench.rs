//! Two hours of speech and music, and a thousand tones: `cargo xtask bench progress`.
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::process::ExitCode;
use std::thread;

use progress_test::{All, countries, music, speech, tones};

/// Pieces of speech and of music, each so many seconds long.
const PIECES: u64 = 60;
const SECONDS: usize = 60;
/// Threads that work on them.
const THREADS: u64 = 2;

fn falses(thread: u64) -> Result<usize, String> {
    let mut count = 0;
    let mut all = All::default();
    for seed in (0..PIECES).filter(|seed| seed % THREADS == thread) {
        for (kind, samples) in
            [("speech", speech::piece(seed, SECONDS)?), ("music", music::piece(seed, SECONDS))]
        {
            let said = all.releases(&samples);
            count += said.len();
            for (block, country, tone) in said {
                println!("{kind} {seed}: {tone:?} of country {country} at {} ms", block * 2);
            }
        }
    }
    Ok(count)
}

fn run() -> Result<bool, String> {
    let threads: Vec<_> = (0..THREADS).map(|n| thread::spawn(move || falses(n))).collect();
    let mut false_releases = 0;
    for thread in threads {
        false_releases += thread.join().map_err(|_| "a thread ended early")??;
    }
    let before = speech::piece(1000, 30)?;
    let (released, worst) = tones::told(1, 1000, &countries(), &before);
    let seconds = 2.0 * 60.0 * 60.0;
    println!(
        "progress: hours={:.1} false_releases={false_releases} true_tones=1000 \
         released={released} worst_cycles={worst:.2}",
        seconds / 3600.0
    );
    Ok(false_releases == 0 && released >= 999)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            println!("{fault}");
            ExitCode::FAILURE
        }
    }
}
