//! Builds tests/nostd-probe, which proves that the crates below the machines need no `std`.

use std::process::Command;

use crate::Outcome;
use crate::tree::top;

/// Builds the probe.
pub(crate) fn run(_: &[String]) -> Outcome {
    let top = top();
    let targets = std::env::var_os("CARGO_TARGET_DIR").map_or(top.join("target"), Into::into);
    let built = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .args(["build", "--quiet", "--manifest-path", "tests/nostd-probe/Cargo.toml"])
        .arg("--target-dir")
        .arg(targets.join("nostd-probe"))
        .current_dir(top)
        .status();
    match built {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => {
            Err(vec!["tests/nostd-probe does not build: see above which crate needs std.".into()])
        }
        Err(fault) => Err(vec![format!("cargo cannot be started: {fault}")]),
    }
}
