//! The tests of the guests themselves: that what other tests rely on is there and works.

use std::time::Instant;

use kernel_tests::{Fault, Outcome, say};

use crate::arguments::Arguments;

/// A test: its name, and the words of `run` for it. `guest-check` is the program.
struct Test {
    name: &'static str,
    words: &'static [&'static str],
}

const TESTS: &[Test] = &[
    Test { name: "spans", words: &["--", "spans"] },
    Test { name: "card", words: &["--card", "pairs=1 e1=1", "--", "card"] },
    Test {
        name: "buses",
        words: &[
            "--gpio",
            "54",
            "--module",
            "spi_loopback",
            "--module",
            "i2c-stub:chip_addr=0x20",
            "--module",
            "i2c-dev",
            "--",
            "buses",
        ],
    },
];

/// Runs those that are named, or all. True if one failed.
pub(crate) fn run(names: &[String]) -> Outcome<bool> {
    let known = |name: &&String| !TESTS.iter().any(|test| test.name == **name);
    if let Some(name) = names.iter().find(known) {
        return Err(Fault(format!("There is no test {name}.")));
    }
    let mut failed = false;
    for test in TESTS.iter().filter(|t| names.is_empty() || names.iter().any(|n| n == t.name)) {
        let begin = Instant::now();
        let verdict = one(test);
        let took = begin.elapsed().as_secs_f32();
        let told = match &verdict {
            Ok(()) => "ok".to_owned(),
            Err(fault) => format!("FAILED: {fault}"),
        };
        say(&format!("kernel: {}: {told} ({took:.1} s)\n", test.name));
        failed |= verdict.is_err();
    }
    Ok(failed)
}

fn one(test: &Test) -> Outcome {
    let mut words = vec!["--build".to_owned(), "kernel-tests/guest-check".to_owned()];
    words.extend(["--name".to_owned(), format!("test-{}", test.name)]);
    words.extend(test.words.iter().map(|word| (*word).to_owned()));
    let mut said = String::new();
    let report = crate::report(&Arguments::read(&words)?, &mut |line| {
        said.push_str(line);
        said.push('\n');
    })?;
    report.judge().map_err(|Fault(fault)| Fault(format!("{fault}\n{said}")))
}
