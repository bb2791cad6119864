//! The swarm, and the replay of one life.
//!
//! `sim --calls N` lives until N calls were made; `sim --seed S` lives one life and prints its
//! trace.

use std::io::Write;
use std::process::ExitCode;

use sim::{Kinds, commit, killed_at_every_step, live, live_and_die};

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

const HELP: &str = "\
sim --calls N [--from SEED]            the swarm
sim --killed N [--from SEED]           N histories, the core killed at every single step of each
sim --seed SEED [--kills STEP,STEP]    one life, with its trace; killed before these steps of a
                                       history of --killed";

/// Calls from outside in a history that is lived again for each of its steps.
const CALLS_OF_A_HISTORY: u32 = 2;

/// Kills at every single step.
fn killed(histories: u64) -> ExitCode {
    let from = option("--from").unwrap_or(0);
    let (mut lives, mut bad) = (0, 0);
    for seed in from..from.saturating_add(histories) {
        match killed_at_every_step(seed, CALLS_OF_A_HISTORY, 1) {
            Ok(lived) => lives += lived,
            Err((kills, violation)) => {
                bad += 1;
                let kills: Vec<_> = kills.iter().map(u64::to_string).collect();
                let (kills, commit) = (kills.join(","), commit());
                say(&format!("seed {seed}, kills {kills}, commit {commit}: {violation}"));
            }
        }
    }
    say(&format!("{histories} histories, {lives} lives with kills, {bad} failed"));
    if bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn main() -> ExitCode {
    if let Some(histories) = option("--killed") {
        return killed(histories);
    }
    if let Some(seed) = option("--seed") {
        return replay(seed);
    }
    let Some(calls) = option("--calls") else {
        say(HELP);
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
    let kills: Vec<u64> = std::env::args()
        .skip_while(|argument| argument != "--kills")
        .nth(1)
        .map(|text| text.split(',').filter_map(|step| step.parse().ok()).collect())
        .unwrap_or_default();
    let lived = if kills.is_empty() {
        live(seed, CALLS_OF_A_LIFE, Kinds::of(seed), Some(&mut trace))
    } else {
        let kinds = Kinds { core: false, power: false, ..Kinds::of(seed) };
        live_and_die(seed, CALLS_OF_A_HISTORY, kinds, &kills, Some(&mut trace))
    };
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
