//! Some hundred seeded calls; a failure prints the seed that `cargo run -p sim -- --seed` replays.

use sim::{Kinds, Report, commit, killed_at_every_step, live};

/// Calls from outside in one life.
const CALLS: u32 = 6;

fn lives(seeds: std::ops::Range<u64>, kinds: impl Fn(u64) -> Kinds) -> Report {
    let mut all = Report::default();
    let mut bad = vec![];
    for seed in seeds {
        match live(seed, CALLS, kinds(seed), None) {
            Ok(report) => {
                all.records += report.records;
                all.bridged += report.bridged;
            }
            Err(violation) => bad.push(format!("seed {seed}, commit {}: {violation}", commit())),
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    all
}

#[test]
fn lives_with_faults_of_every_kind_keep_every_invariant() {
    let all = lives(0..200, Kinds::of);
    assert!(all.records > 1000 && all.bridged > 1000, "they lived too little: {all:?}");
}

#[test]
fn in_a_peaceful_world_every_call_leaves_its_record() {
    let all = lives(1000..1010, |_| Kinds::default());
    assert!(all.records >= 60, "{all:?}");
}

#[test]
fn the_core_is_killed_at_every_step_of_a_history_and_every_invariant_holds() {
    let mut lives = 0;
    for seed in 0..6 {
        // A third of the steps of each; `sim --killed` takes them all.
        match killed_at_every_step(seed, 2, 3) {
            Ok(lived) => lives += lived,
            Err((kills, violation)) => {
                panic!("seed {seed}, kills {kills:?}, commit {}: {violation}", commit())
            }
        }
    }
    assert!(lives > 200, "they died too seldom: {lives}");
}

#[test]
fn a_seed_lives_the_same_life_twice() {
    for seed in 0..3 {
        let mut traces = [vec![], vec![]];
        for trace in &mut traces {
            let _ = live(seed, CALLS, Kinds::of(seed), Some(trace));
        }
        assert!(!traces[0].is_empty());
        assert_eq!(traces[0], traces[1]);
    }
}
