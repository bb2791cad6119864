//! Two hours of speech and music, and a thousand tones, ours beside spandsp where it can:
//! `cargo xtask bench progress`.
#![expect(clippy::print_stdout, reason = "what it is for")]

use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use progress_test::{All, countries, music, speech, tones};

/// Pieces of speech and of music, each so many seconds long.
const PIECES: u64 = 60;
const SECONDS: usize = 60;
/// Threads that work on them.
const THREADS: u64 = 2;
const TRUE_TONES: usize = 1000;
/// Times that each is measured, in turns; the best counts.
const ROUNDS: usize = 15;

/// Blocks of 2 ms.
fn blocks(samples: &[f64]) -> impl Iterator<Item = [i16; 16]> {
    #[expect(clippy::cast_possible_truncation, reason = "samples of 16 bits")]
    samples.as_chunks::<16>().0.iter().map(|block| block.map(|sample| sample as i16))
}

/// False releases: by the box in any of its countries, by it in China, by spandsp there.
fn falses(thread: u64) -> Result<[usize; 3], String> {
    let countries = countries();
    let mut count = [0; 3];
    let mut all = All::default();
    let mut peer = tones::spandsps(&countries[0]).ok_or("spandsp has no memory")?;
    for seed in (0..PIECES).filter(|seed| seed % THREADS == thread) {
        for (kind, samples) in
            [("speech", speech::piece(seed, SECONDS)?), ("music", music::piece(seed, SECONDS))]
        {
            let said = all.releases(&samples);
            count[0] += said.len();
            count[1] += said.iter().filter(|(_, country, _)| *country == 0).count();
            count[2] += blocks(&samples).filter_map(|block| peer(&block)).count();
            for (block, country, tone) in said {
                println!("{kind} {seed}: {tone:?} of country {country} at {} ms", block * 2);
            }
        }
    }
    Ok(count)
}

/// Microseconds for 10 ms of speech in China: ours, spandsp's.
fn times() -> Result<[f64; 2], String> {
    let china = &countries()[0];
    let sound: Vec<_> = blocks(&speech::piece(1001, SECONDS)?).collect();
    let peer = tones::spandsps(china).ok_or("spandsp has no memory")?;
    let mut ears = [tones::ours(china), peer];
    let mut best = [f64::MAX; 2];
    for _ in 0..ROUNDS {
        for (ear, best) in ears.iter_mut().zip(&mut best) {
            let begin = Instant::now();
            let told = sound.iter().filter_map(ear).count();
            let seconds = begin.elapsed().as_secs_f64();
            std::hint::black_box(told);
            #[expect(clippy::cast_precision_loss, reason = "a count of blocks")]
            let tens = sound.len() as f64 / 5.0;
            *best = best.min(seconds * 1e6 / tens);
        }
    }
    Ok(best)
}

fn run() -> Result<bool, String> {
    let threads: Vec<_> = (0..THREADS).map(|n| thread::spawn(move || falses(n))).collect();
    let mut falses = [0; 3];
    for thread in threads {
        let more = thread.join().map_err(|_| "a thread ended early")??;
        falses.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
    let (countries, before) = (countries(), speech::piece(1000, 30)?);
    let ours = |country: &board::Country| Some(tones::ours(country));
    let (released, worst) = tones::told(1, TRUE_TONES, &countries, &before, ours);
    let china = &countries[..1];
    let (in_china, _) = tones::told(2, TRUE_TONES, china, &before, ours);
    let (by_spandsp, _) = tones::told(2, TRUE_TONES, china, &before, tones::spandsps);
    let [us, spandsp_us] = times()?;
    let [any, own, peers] = falses;
    println!(
        "in China alone: {in_china} of {TRUE_TONES} true tones, {own} false releases, {us:.2} us \
         for 10 ms; spandsp {by_spandsp}, {peers}, {spandsp_us:.2} us"
    );
    println!(
        "progress: hours=2.0 false_releases={any} true_tones={TRUE_TONES} released={released} \
         worst_cycles={worst:.2} spandsp_released={by_spandsp} spandsp_false={peers} us={us:.2} \
         spandsp_us={spandsp_us:.2}"
    );
    Ok(any == 0 && released >= 999)
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
