//! Some hundred seeded calls; a failure prints the seed that `cargo run -p sim -- --seed` replays.

use sim::{Kinds, Report, commit, live};

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
