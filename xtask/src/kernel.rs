//! `cargo xtask kernel`: guests with real kernel interfaces in QEMU, tested (tests/kernel).

use std::path::Path;

use crate::run::cargo;
use crate::{Outcome, prompts, say, setup};

/// Installs what they need, then runs the tests that are named, or all; `gate` names those of
/// `cargo xtask test`.
pub(crate) fn run(names: &[String]) -> Outcome {
    setup::for_guests()?;
    tests(names)
}

/// The tests that `cargo xtask test` runs. They are skipped, with a line that says so, where there
/// is no Debian to take QEMU and the kernel from; nothing else excuses.
pub(crate) fn gate() -> Outcome {
    let debian = Path::new("/etc/debian_version").exists() && setup::has_apt();
    if !debian {
        say("the real kernel was not tried: QEMU cannot be installed here\n");
        return Ok(());
    }
    setup::for_guests().map_err(|mut faults| {
        faults.push("the real kernel was not tried: installing QEMU failed".into());
        faults
    })?;
    tests(&["gate".into()])
}

fn tests(names: &[String]) -> Outcome {
    // A box in a guest speaks them.
    prompts::run(&[])?;
    let mut words =
        vec!["run", "-q", "--package", "kernel-tests", "--bin", "ringmain-kernel", "--", "test"];
    words.extend(names.iter().map(String::as_str));
    cargo(&words)
}
