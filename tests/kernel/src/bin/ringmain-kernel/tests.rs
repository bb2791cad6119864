//! Runs the tests in guests and tells what became of them.

use std::sync::Mutex;
use std::time::Instant;

use kernel_tests::guest::Report;
use kernel_tests::packages::repository;
use kernel_tests::{Fault, Outcome, say};

use crate::arguments::Arguments;
use crate::figures::Figures;
use crate::list::{TESTS, Test, When};

/// The word for those that `make test` runs.
const GATE: &str = "gate";

fn wanted(names: &[String]) -> Outcome<Vec<&'static Test>> {
    let known = |name: &&String| !TESTS.iter().any(|test| test.name == **name);
    if let [only] = names
        && only == GATE
    {
        return Ok(TESTS.iter().filter(|test| test.when != When::Full).collect());
    }
    if names.is_empty() {
        return Ok(TESTS.iter().filter(|test| test.when != When::Short).collect());
    }
    if let Some(name) = names.iter().find(known) {
        let all: Vec<_> = TESTS.iter().map(|test| test.name).collect();
        return Err(Fault(format!("There is no test {name}, but {}.", all.join(", "))));
    }
    Ok(TESTS.iter().filter(|test| names.iter().any(|name| name == test.name)).collect())
}

/// Runs those that are named, those of `make test` (`gate`), or all. True if one failed.
pub(crate) fn run(names: &[String]) -> Outcome<bool> {
    let (figures, all) = (Mutex::new(Figures::default()), Instant::now());
    // Those of the other machine beside the rest: a guest's processor is one thread, and its clock
    // counts instructions.
    let (others, own): (Vec<_>, Vec<_>) =
        wanted(names)?.into_iter().partition(|test| test.words.contains("--arch"));
    let failed = std::thread::scope(|scope| {
        let beside = scope.spawn(|| lane(&others, &figures));
        let mut failed = lane(&own, &figures);
        failed.extend(beside.join().unwrap_or_else(|_| vec!["those of the other machine"]));
        failed
    });
    let figures = figures.into_inner().unwrap_or_default();
    if !failed.is_empty() {
        say(&format!("kernel: FAILED: {}\n", failed.join(", ")));
    }
    let minutes = all.elapsed().as_secs_f32() / 60.0;
    say(&match names {
        [] => format!("{}\n", figures.last_line(minutes)),
        _ => format!("kernel: minutes={minutes:.1}\n"),
    });
    Ok(!failed.is_empty())
}

/// Runs tests one after the other; those that failed.
fn lane(tests: &[&'static Test], figures: &Mutex<Figures>) -> Vec<&'static str> {
    let mut failed = vec![];
    for test in tests {
        let begin = Instant::now();
        let verdict = one(test, figures);
        let took = begin.elapsed().as_secs_f32();
        let told = match &verdict {
            Ok(()) => "ok".to_owned(),
            Err(fault) => format!("FAILED: {fault}"),
        };
        say(&format!("kernel: {}: {told} ({took:.1} s)\n", test.name));
        note(figures, |figures| figures.verdict(test.name, verdict.is_ok()));
        if verdict.is_err() {
            failed.push(test.name);
        }
    }
    failed
}

fn note(figures: &Mutex<Figures>, take: impl FnOnce(&mut Figures)) {
    if let Ok(mut figures) = figures.lock() {
        take(&mut figures);
    }
}

fn one(test: &Test, figures: &Mutex<Figures>) -> Outcome {
    let read = |name: &str, words: &str| {
        let mut all = vec!["--build".to_owned(), test.program.to_owned()];
        all.extend(["--name".to_owned(), format!("test-{name}")]);
        let top = format!("{}/", repository().display());
        all.extend(words.split_whitespace().map(|word| word.replacen("@/", &top, 1)));
        Arguments::read(&all)
    };
    let first = read(test.name, test.words)?;
    let mut said = String::new();
    let hear = |line: &str| {
        note(figures, |figures| figures.line(test.name, line));
        if let Some(result) = line.strip_prefix("RESULT ") {
            say(&format!("kernel: {}: {result}\n", test.name));
        }
    };
    let reports = match test.other {
        None => {
            let mut each = |line: &str| {
                hear(line);
                said = format!("{said}{line}\n");
            };
            vec![crate::report(&first, &mut each)?]
        }
        Some(words) => {
            let both = [first, read(&format!("{}-other", test.name), words)?];
            let mut each = |number: usize, line: &str| {
                hear(line);
                said = format!("{said}{number}: {line}\n");
            };
            crate::pair_report(&both, &mut each)?.into()
        }
    };
    let judged = reports.iter().try_for_each(Report::judge);
    judged.map_err(|Fault(fault)| Fault(format!("{fault}\n{said}")))
}
