//! `cargo xtask kernel`: guests with real kernel interfaces in QEMU, tested (tests/kernel).

use crate::run::cargo;
use crate::{Outcome, setup};

/// Installs what they need, then runs the tests that are named, or all.
pub(crate) fn run(names: &[String]) -> Outcome {
    setup::for_guests()?;
    let mut words =
        vec!["run", "-q", "--package", "kernel-tests", "--bin", "ringmain-kernel", "--", "test"];
    words.extend(names.iter().map(String::as_str));
    cargo(&words)
}
