//! The tests of the guests themselves: that what other tests rely on is there and works.

use std::time::Instant;

use kernel_tests::guest::Report;
use kernel_tests::packages::repository;
use kernel_tests::{Fault, Outcome, say};

use crate::arguments::Arguments;

/// A test: its name, and the words of `run` for it; `guest-check` is the program if they name
/// none, and `@/` is the top of the sources.
struct Test {
    name: &'static str,
    words: &'static str,
    /// Those for a second guest with a span to the first.
    other: Option<&'static str>,
}

const TESTS: &[Test] = &[
    Test { name: "spans", words: "-- spans", other: None },
    Test { name: "card", words: "--card pairs=1,e1=1 -- card", other: None },
    Test {
        name: "buses",
        words: "--gpio 54 --module spi_loopback --module i2c-stub:chip_addr=0x20 \
                --module i2c-dev -- buses",
        other: None,
    },
    Test { name: "spans-arm64", words: "--arch arm64 -- spans", other: None },
    Test { name: "card-arm64", words: "--arch arm64 --card pairs=1,e1=1 -- card", other: None },
    Test {
        name: "buses-arm64",
        words: "--arch arm64 --gpio 54 --module spi_loopback \
                --module i2c-stub:chip_addr=0x20 --module i2c-dev -- buses",
        other: None,
    },
    Test { name: "pair", words: "--limit 120 -- one", other: Some("--limit 120 -- other") },
    Test {
        name: "core-pins",
        words: "--build scenarios/ringmain-kernel-pins --also ringmain-core/ringmain-core \
                --with @/boards=boards --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf \
                --card pairs=2,e1=1 --module configfs --module gpio-sim --module i2c-dev \
                --module i2c-stub:chip_addr=0x48,0x50 --module snd-aloop --limit 120 -- all",
        other: None,
    },
    Test {
        name: "core-bare",
        words: "--build scenarios/ringmain-kernel-pins --also ringmain-core/ringmain-core \
                --with @/boards=boards --with /usr/share/alsa/alsa.conf=/usr/share/alsa/alsa.conf \
                --bare --limit 120 -- bare",
        other: None,
    },
    Test { name: "pi", words: "--arch raspi3b --bare -- pi", other: None },
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
    let read = |name: &str, words: &str| {
        let mut all = vec![];
        if !words.contains("--build ") {
            all.extend(["--build".to_owned(), "kernel-tests/guest-check".to_owned()]);
        }
        all.extend(["--name".to_owned(), format!("test-{name}")]);
        let top = format!("{}/", repository().display());
        all.extend(words.split_whitespace().map(|word| word.replacen("@/", &top, 1)));
        Arguments::read(&all)
    };
    let first = read(test.name, test.words)?;
    let mut said = String::new();
    let reports = match test.other {
        None => vec![crate::report(&first, &mut |line| said = format!("{said}{line}\n"))?],
        Some(words) => {
            let both = [first, read(&format!("{}-other", test.name), words)?];
            let mut each = |number: usize, line: &str| said = format!("{said}{number}: {line}\n");
            crate::pair_report(&both, &mut each)?.into()
        }
    };
    let judged = reports.iter().try_for_each(Report::judge);
    judged.map_err(|Fault(fault)| Fault(format!("{fault}\n{said}")))
}
