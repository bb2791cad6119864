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

/// Why the tests of `cargo xtask test` cannot be run here, if so: there is no Debian to take QEMU
/// and the kernel from. Nothing else excuses.
fn excuse() -> Option<&'static str> {
    let debian = Path::new("/etc/debian_version").exists() && setup::has_apt();
    (!debian).then_some("QEMU cannot be installed here (no Debian with apt-get)")
}

/// Says at the beginning of everything what will not be tried in the end; continuous integration
/// (`CI` is set) skips nothing.
pub(crate) fn announce() -> Outcome {
    let Some(excuse) = excuse() else { return Ok(()) };
    if std::env::var_os("CI").is_some() {
        return Err(vec![format!(
            "the real kernel cannot be tried: {excuse}; CI must not skip it"
        )]);
    }
    say(&format!("the real kernel will not be tried: {excuse}\n"));
    Ok(())
}

/// The tests that `cargo xtask test` runs, or a line that says why not.
pub(crate) fn gate() -> Outcome {
    if let Some(excuse) = excuse() {
        say(&format!("the real kernel was not tried: {excuse}\n"));
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
