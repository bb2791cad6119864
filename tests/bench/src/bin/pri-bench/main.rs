//! What a call costs in Q.921 and Q.931: two of our groups against two of libpri, the same calls,
//! with the journal off and on.
//!
//! ```text
//!   user ◄── frames in memory ──► network        ours: span::pri, each with a journal or without
//!                                                theirs: libpri, its loop in C, its clock free
//! ```
//!
//! A capture of both is compared first: the same types of messages in the same order, or it is no
//! comparison. Then rounds of each take turns; the figure is the median of the rounds' processor
//! time per call, both ends together.
//!
//! `--only ours|journalled|libpri --calls N` runs one of them once, for a profiler.

mod capture;
mod ours;
mod theirs;
mod wire;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use bench::own_ns;
use ours::Ours;
use theirs::Theirs;

/// Who calls whom.
const CALLING: &str = "13800001111";
const CALLED: &str = "02155559558";
/// Calls that are up at once.
const AT_ONCE: usize = 10;
/// Calls of one round, and rounds of each kind.
const CALLS: usize = 400;
const ROUNDS: usize = 31;
/// Calls whose frames are compared: both sides place some.
const COMPARED: usize = 4 * AT_ONCE;
/// What is aimed at, without the journal and with it.
const AIMS: [f64; 2] = [0.33, 0.5];

fn measured(calls: impl FnOnce() -> Result<(), String>) -> Result<u64, String> {
    let begin = own_ns();
    calls()?;
    Ok(own_ns() - begin)
}

/// Microseconds of one call.
#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a second")]
fn median_us(mut rounds: Vec<u64>) -> f64 {
    rounds.sort_unstable();
    rounds[rounds.len() / 2] as f64 / CALLS as f64 / 1000.0
}

fn whole() -> Result<(String, bool), String> {
    let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
    let mut ours = Ours::new(None)?;
    let mut journalled = Ours::new(Some(folder.path()))?;
    let mut theirs = Theirs::new()?;
    let mut text = String::new();
    let captured = theirs.capture(COMPARED)?;
    let compared = ours.capture(COMPARED)?.compare(&captured)?;
    journalled.capture(COMPARED)?.compare(&captured)?;
    let _ = writeln!(
        text,
        "capture: messages={} same={} octets={}/{} frames={}/{} (ours/libpri)",
        compared.messages,
        compared.same,
        compared.octets[0],
        compared.octets[1],
        compared.frames[0],
        compared.frames[1]
    );
    for (difference, times) in &compared.differences {
        let _ = writeln!(text, "  differs in {times}: {difference}");
    }
    let mut rounds = [vec![], vec![], vec![]];
    for round in 0..=ROUNDS {
        let times = [
            measured(|| ours.calls(CALLS))?,
            measured(|| journalled.calls(CALLS))?,
            measured(|| theirs.calls(CALLS))?,
        ];
        // The first warms up.
        if round > 0 {
            rounds.iter_mut().zip(times).for_each(|(rounds, time)| rounds.push(time));
        }
    }
    let [a, b, c] = rounds.map(median_us);
    let before = journalled.changes();
    let keeping = journalled.keeping_ns(CALLS)?;
    let changes = journalled.changes() - before;
    let idle = ours.keeping_ns(CALLS)?;
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a second")]
    let per_change = keeping.saturating_sub(idle) as f64 / changes.max(1) as f64 / 1000.0;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let changes_per_call = changes as f64 / CALLS as f64;
    let ratios = [a / c, b / c];
    let met = ratios.iter().zip(AIMS).all(|(ratio, aim)| *ratio <= aim);
    let _ = writeln!(
        text,
        "journal: journal_us_per_change={per_change:.2} changes_per_call={changes_per_call:.1}"
    );
    let _ = write!(
        text,
        "pri: ours_us={a:.2} ours_journalled_us={b:.2} libpri_us={c:.2} ratio={:.3} \
         ratio_journalled={:.3} aim={}",
        ratios[0],
        ratios[1],
        if met { "met" } else { "missed" }
    );
    Ok((text, met))
}

fn only(which: &str, calls: usize) -> Result<(), String> {
    match which {
        "ours" => Ours::new(None)?.calls(calls),
        "journalled" => {
            let folder = tempfile::tempdir().map_err(|fault| fault.to_string())?;
            Ours::new(Some(folder.path()))?.calls(calls)
        }
        "libpri" => Theirs::new()?.calls(calls),
        _ => Err("--only ours, journalled or libpri".into()),
    }
}

fn main() -> ExitCode {
    let mut out = std::io::stdout();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["--only", which, "--calls", calls] => calls
            .parse()
            .map_err(|fault| format!("--calls: {fault}"))
            .and_then(|calls| only(which, calls))
            .map(|()| (format!("{which}: {calls} calls"), true)),
        _ => whole(),
    };
    let (text, code) = match result {
        Ok((text, _)) => (text, ExitCode::SUCCESS),
        Err(fault) => (format!("pri: not comparable: {fault}"), ExitCode::FAILURE),
    };
    let _ = writeln!(out, "{text}");
    code
}
