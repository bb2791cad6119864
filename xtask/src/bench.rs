//! `cargo xtask bench first-call`: the figures of one call, measured at the far ends.

use crate::run::cargo;
use crate::{Outcome, prompts, setup};

/// `cargo xtask bench WHICH`
pub(crate) fn run(arguments: &[String]) -> Outcome {
    if arguments.first().map(String::as_str) != Some("first-call") {
        return Err(vec!["there is: cargo xtask bench first-call".into()]);
    }
    setup::run(&[])?;
    prompts::run(&[])?;
    cargo(&["build", "--workspace", "--bins", "--quiet", "--release"])?;
    let run =
        ["run", "--quiet", "--release", "--package", "scenarios", "--bin", "first-call-bench"];
    cargo(&run)
}
