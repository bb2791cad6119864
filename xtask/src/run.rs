//! `cargo xtask run`: everything from a bare machine to a call that is told as it happens.

use std::process::{Command, Stdio};

use crate::{Outcome, prompts, say, setup};

/// Runs a command of cargo.
pub(crate) fn cargo(arguments: &[&str]) -> Outcome {
    match Command::new(env!("CARGO")).args(arguments).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(vec![format!("cargo {} failed", arguments.join(" "))]),
        Err(fault) => Err(vec![format!("cargo: {fault}")]),
    }
}

/// As [`cargo`]; what it prints is shown and given back.
pub(crate) fn cargo_prints(arguments: &[&str]) -> Result<String, Vec<String>> {
    let no = |fault: std::io::Error| vec![format!("cargo: {fault}")];
    let mut command = Command::new(env!("CARGO"));
    let output = command.args(arguments).stderr(Stdio::inherit()).output().map_err(no)?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    say(&printed);
    if output.status.success() {
        return Ok(printed);
    }
    Err(vec![format!("cargo {} failed", arguments.join(" "))])
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
