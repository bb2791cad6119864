//! `cargo xtask check` before each commit, `cargo xtask test` for everything that a machine
//! without special hardware can prove, `cargo xtask docs` for what is made from the code.

use std::fs;
use std::time::Instant;

use crate::run::cargo;
use crate::{Outcome, kernel, nostd, prompts, rooms, say, setup, spec, tidy};

/// One step: what it is called, and what it does.
type Step = (&'static str, fn() -> Outcome);

const CHECKS: &[Step] = &[
    ("format", || cargo(&["fmt", "--all", "--check"])),
    ("rooms", || rooms::run(&[])),
    ("tidy", || tidy::run(&[])),
    ("spec", || spec::run(&[])),
    ("docs", || docs(&["--check".into()])),
    ("clippy", || cargo(&["clippy", "-q", "--workspace", "--all-targets", "--", "-D", "warnings"])),
];

const QUICK: &[Step] =
    &[("unit tests", || cargo(&["test", "-q", "--workspace", "--lib", "--bins"]))];

const ALL: &[Step] = &[
    // The scenarios start the programs; cargo builds those of other packages only when told.
    ("build", || cargo(&["build", "-q", "--workspace", "--bins"])),
    ("no_std probe", || nostd::run(&[])),
    ("tests", || cargo(&["test", "-q", "--workspace"])),
    ("demonstration", || cargo(&["run", "-q", "--package", "scenarios", "--bin", "ringmain-demo"])),
    ("real kernel", kernel::gate),
];

fn steps(steps: &[Step]) -> Outcome {
    for (name, run) in steps {
        let begin = Instant::now();
        say(&format!("== {name}\n"));
        run()?;
        say(&format!("== {name}: {:.1} s\n", begin.elapsed().as_secs_f32()));
    }
    Ok(())
}

/// `cargo xtask check`
pub(crate) fn check(_: &[String]) -> Outcome {
    setup::run(&[])?;
    prompts::run(&[])?;
    steps(CHECKS)?;
    steps(QUICK)
}

/// `cargo xtask test`
pub(crate) fn all(_: &[String]) -> Outcome {
    let begin = Instant::now();
    kernel::announce()?;
    setup::run(&[])?;
    prompts::run(&[])?;
    steps(CHECKS)?;
    steps(ALL)?;
    say(&format!("all of it: {:.0} s\n", begin.elapsed().as_secs_f32()));
    Ok(())
}

const CONFIG: &str = "docs/CONFIG.md";
const BOARDS: &str = "docs/BOARDS.md";

/// `cargo xtask docs`: writes what is made from the code; with `--check` it only compares.
pub(crate) fn docs(arguments: &[String]) -> Outcome {
    let text = format!(
        "# The configuration, field by field\n\n\
         Made from the code by `cargo xtask docs`. The document of a fresh box is\n\
         `images/default/config.toml`.\n\n{}",
        config::reference()
    );
    let boards = format!(
        "# Boards and countries, field by field\n\n\
         Made from the code by `cargo xtask docs`. What to plug in where is told in\n\
         `CARDS.md`.\n\n{}",
        board::reference()
    );
    let only_compare = arguments.iter().any(|argument| argument == "--check");
    for (path, text) in [(CONFIG, text), (BOARDS, boards)] {
        if !only_compare {
            fs::write(path, text).map_err(|fault| vec![format!("{path}: {fault}")])?;
        } else if fs::read_to_string(path).ok().as_deref() != Some(&text) {
            return Err(vec![format!("{path} is not what the code says: cargo xtask docs")]);
        }
    }
    Ok(())
}

/// `cargo xtask tables`: writes what every machine does in every state.
pub(crate) fn tables(_: &[String]) -> Outcome {
    let mut command = std::process::Command::new("cargo");
    command.args(["test", "-q", "-p", "restore-property"]).env("RINGMAIN_WRITE_TABLES", "1");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(vec!["a machine does not go on as it should".into()]),
        Err(fault) => Err(vec![format!("cargo: {fault}")]),
    }
}

/// What `make` without a target prints.
pub(crate) fn make_help(_: &[String]) -> Outcome {
    say("\
make run    a box on the virtual board: one call told as it happens, then the console
make test   everything that this machine can prove (installs what it needs, and says so)
make test-kernel  all tests on real kernels in QEMU: calls on DAHDI's lines, jacks, pins
make check  before each commit: format, lints, rooms, sizes, clauses, unit tests
make bench  the figures of the first call

More commands: cargo xtask help
");
    Ok(())
}
