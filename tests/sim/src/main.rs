//! The swarm, and the replay of one life.
//!
//! `sim --calls N` lives until N calls were made; `sim --seed S` lives one life and prints its
//! trace.

use std::io::Write;
use std::process::ExitCode;

use sim::{Kinds, commit, live};

/// Calls from outside in one life.
const CALLS_OF_A_LIFE: u32 = 6;

fn say(text: &str) {
    // One who closed the terminal does not want to read.
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn option(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

fn main() -> ExitCode {
    if let Some(seed) = option("--seed") {
        return replay(seed);
    }
    let Some(calls) = option("--calls") else {
        say("sim --calls N [--from SEED]   the swarm\nsim --seed SEED   one life, with its trace");
        return ExitCode::from(2);
    };
    let lives = calls.div_ceil(u64::from(CALLS_OF_A_LIFE));
    let from = option("--from").unwrap_or(0);
    let (mut records, mut seconds, mut bad) = (0, 0, 0);
    for seed in from..from.saturating_add(lives) {
        match live(seed, CALLS_OF_A_LIFE, Kinds::of(seed), None) {
            Ok(report) => {
                records += report.records;
                seconds += report.seconds;
            }
            Err(violation) => {
                bad += 1;
                say(&format!("seed {seed}, commit {}: {violation}", commit()));
            }
        }
    }
    say(&format!("{lives} lives, {records} records, {seconds} simulated seconds, {bad} failed"));
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn replay(seed: u64) -> ExitCode {
    let mut trace = vec![];
    let lived = live(seed, CALLS_OF_A_LIFE, Kinds::of(seed), Some(&mut trace));
    for line in &trace {
        say(line);
    }
    say(&format!("seed {seed}, commit {}, {:?}", commit(), Kinds::of(seed)));
    match lived {
        Ok(report) => {
            say(&format!("{report:?}"));
            ExitCode::SUCCESS
        }
        Err(violation) => {
            say(&violation.to_string());
            ExitCode::FAILURE
        }
    }
}
