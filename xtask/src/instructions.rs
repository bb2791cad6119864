//! `cargo xtask bench instructions`: what a channel costs in instructions, here and on arm64.
//!
//! A clock of a shared machine is a poor judge, and no arm64 is at hand: valgrind counts here,
//! qemu-user with a plugin there. Two runs of different length, of which the difference counts.

use std::path::Path;
use std::process::Command;

use crate::run::cargo;
use crate::{Outcome, prompts, say, setup};

const ARM64: &str = "aarch64-unknown-linux-gnu";
/// What is run, and its channels.
const SHAPES: [(&str, u64); 2] = [("full", 8), ("e1", 30)];
/// Ticks of the two runs: the cancellers have converged before the first ends.
const TICKS: [u64; 2] = [1000, 1500];
/// A Cortex-A72 at 1.5 GHz that ends one instruction a cycle.
const A72: u64 = 1_500_000_000;

fn text(command: &mut Command) -> Result<String, Vec<String>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|fault| vec![format!("{name}: {fault}")])?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(told) } else { Err(vec![format!("{name} failed: {told}")]) }
}

/// The number behind a word.
fn count(told: &str, word: &str) -> Result<u64, Vec<String>> {
    let behind = told.split(word).nth(1).and_then(|rest| rest.split_whitespace().next());
    behind
        .and_then(|number| number.replace(',', "").parse().ok())
        .ok_or_else(|| vec![format!("no count behind \"{word}\" in: {told}")])
}

fn here(shape: &str, ticks: u64) -> Result<u64, Vec<String>> {
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    command.arg("target/release/channel-bench").args(["--run", shape, &ticks.to_string()]);
    count(&text(&mut command)?, "Collected :")
}

fn on_arm64(shape: &str, ticks: u64) -> Result<u64, Vec<String>> {
    let mut command = Command::new("qemu-aarch64");
    command.args(["-L", "/usr/aarch64-linux-gnu", "-plugin", "target/count.so"]);
    command.arg(format!("target/{ARM64}/release/channel-bench"));
    command.args(["--run", shape, &ticks.to_string()]);
    count(&text(&mut command)?, "instructions:")
}

/// Instructions for 10 ms of one channel.
fn cost(
    run: fn(&str, u64) -> Result<u64, Vec<String>>,
    (shape, channels): (&str, u64),
) -> Result<u64, Vec<String>> {
    let [short, long] = TICKS;
    let more = run(shape, long)?.saturating_sub(run(shape, short)?);
    // Five ticks of 2 ms.
    Ok(more * 5 / (long - short) / channels)
}

/// `cargo xtask bench instructions`
pub(crate) fn run() -> Outcome {
    setup::for_counting()?;
    prompts::run(&[])?;
    let build = ["build", "--quiet", "--release", "--package", "channel-bench"];
    cargo(&build)?;
    let linker = "target.aarch64-unknown-linux-gnu.linker=\"aarch64-linux-gnu-gcc\"";
    cargo(&[&build[..], &["--target", ARM64, "--config", linker]].concat()).map_err(
        |mut fault| {
            fault.push(format!("is its library there? rustup target add {ARM64}"));
            fault
        },
    )?;
    if !Path::new("tests/channel/count.c").exists() {
        return Err(vec!["run it in the folder of the workspace".into()]);
    }
    let plugin = ["-shared", "-fPIC", "-O2", "-o", "target/count.so", "tests/channel/count.c"];
    text(Command::new("cc").args(plugin))?;
    let mut line = "instructions:".to_owned();
    for (name, run) in [("x86_64", here as fn(&str, u64) -> _), ("aarch64", on_arm64)] {
        for shape in SHAPES {
            let cost = cost(run, shape)?;
            line += &format!(" {name}_{}={cost}", shape.0);
            if (name, shape.0) == ("aarch64", "e1") {
                line += &format!(" e1_on_a72={:.1}", ratio(A72, cost * 30 * 100));
            }
        }
    }
    say(&format!("for 10 ms of one channel, its wires included\n{line}\n"));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "two digits are enough")]
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other.max(1) as f64
}
