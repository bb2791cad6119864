//! `cargo xtask run`: everything from a bare machine to a call that is told as it happens.

use std::process::Command;

use crate::{Outcome, prompts, say, setup};

/// Runs a command of cargo.
pub(crate) fn cargo(arguments: &[&str]) -> Outcome {
    match Command::new(env!("CARGO")).args(arguments).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(vec![format!("cargo {} failed", arguments.join(" "))]),
        Err(fault) => Err(vec![format!("cargo: {fault}")]),
    }
}

/// `cargo xtask run`
pub(crate) fn run(arguments: &[String]) -> Outcome {
    setup::run(&[])?;
    prompts::run(&[])?;
    say("building the box and the city around it\n");
    cargo(&["build", "--workspace", "--bins", "--quiet"])?;
    let mut command =
        vec!["run", "--quiet", "--package", "scenarios", "--bin", "ringmain-demo", "--"];
    command.extend(arguments.iter().map(String::as_str));
    cargo(&command)
}
