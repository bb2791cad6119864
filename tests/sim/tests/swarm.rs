//! Some hundred seeded lives; a failure prints the seed that `cargo run -p sim -- --seed` replays.

use sim::{Fault, Kinds, Life, Report, commit, heap, killed_at_every_step, long};

#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

fn lives(all: impl Iterator<Item = Life>) -> Report {
    let mut sum = Report::default();
    let mut bad = vec![];
    for life in all {
        match life.live(None) {
            Ok(report) => sum.join(&report),
            Err(violation) => {
                bad.push(format!("{life:?}, commit {}: {violation}", commit()));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    sum
}

#[test]
fn lives_with_faults_of_every_kind_keep_every_invariant() {
    let all = lives((0..120).map(Life::of));
    assert!(all.records > 1000 && all.bridged > 1000, "they lived too little: {all:?}");
}

#[test]
fn who_meets_in_a_conference_meets_again_when_the_core_was_killed() {
    let killed = |seed| Life { kinds: Kinds::only(Fault::Core), ..Life::of(seed) };
    let busy = |life: &Life| life.mix.telephones > 6;
    let all = lives((7000..).map(killed).filter(busy).take(40));
    let met = (all.met, all.faults.of("three-in-conference"), all.faults.of("core-killed"));
    assert!(met.0 > 1000 && met.1 > 500 && met.2 > 50, "{met:?}: {all:?}");
}

#[test]
fn in_a_peaceful_world_every_call_leaves_its_record() {
    let peaceful = |seed| Life { kinds: Kinds::default(), ..Life::of(seed) };
    let all = lives((1000..1010).map(peaceful));
    assert!(all.records >= all.calls, "{all:?}");
    assert!(all.faults.of("keys-muted") > 0, "{all:?}");
}

#[test]
fn units_of_charge_reach_the_records_whenever_the_core_is_killed() {
    let killed = |seed| Life { kinds: Kinds::only(Fault::Core), ..Life::of(seed) };
    let charged = |life: &Life| life.mix.meters();
    let all = lives((5000..6000).map(killed).filter(charged).take(80));
    assert!(all.faults.of("r2-units") > 50 && all.faults.of("core-killed") > 50, "{all:?}");
}

#[test]
fn calls_on_a_span_of_a_group_that_is_dead_are_cleared_and_the_others_go_on() {
    for (fault, name) in [(Fault::Cut, "span-of-group-cut"), (Fault::Card, "card-gone")] {
        let alone = |seed| Life { kinds: Kinds::only(fault), ..Life::of(seed) };
        // One in two exchanges leaves it to the box.
        let groups = (1300..).map(alone).filter(|life| life.mix.group && !life.mix.backup);
        let all = lives(groups.take(60));
        assert!(all.faults.of(name) > 15, "{fault:?} was too rare: {all:?}");
    }
}

#[test]
fn a_group_with_a_backup_d_channel_keeps_the_calls_of_the_span_that_is_well() {
    for (fault, name) in [
        (Fault::Cut, "d-channel-one-cut"),
        (Fault::Cut, "d-channel-two-cut"),
        (Fault::Alarms, "alarm-los"),
        (Fault::Card, "card-gone"),
        (Fault::Core, "core-killed"),
    ] {
        let alone = |seed| Life { kinds: Kinds::only(fault), ..Life::of(seed) };
        let all = lives((3000..).map(alone).filter(|life| life.mix.backup).take(40));
        assert!(all.faults.of(name) > 8, "{name} was too rare: {all:?}");
    }
}

#[test]
fn each_kind_of_fault_alone_happens_and_keeps_every_invariant() {
    for (fault, seed) in Fault::all().zip((2000..).step_by(10)) {
        let alone = |seed| Life { kinds: Kinds::only(fault), ..Life::of(seed) };
        let all = lives((seed..seed + 5).map(alone));
        let names = happens_as(fault);
        let happened = names.iter().any(|name| all.faults.of(name) > 0);
        assert!(happened, "{fault:?} never happened: {all:?}");
    }
}

/// The names under which a kind of fault is counted.
fn happens_as(fault: Fault) -> &'static [&'static str] {
    match fault {
        Fault::Noise => &["bit-flipped", "block-lost"],
        Fault::Cut => &["line-cut"],
        Fault::Alarms => &["alarm-los", "alarm-rai"],
        Fault::Errors => &["crc-errors", "e-bits", "slips"],
        Fault::Mute => &["exchange-silent"],
        Fault::Wrong => &["wrong-octet"],
        Fault::Frames => &["frame-lost", "frame-doubled", "frame-overtaken"],
        Fault::Spoilt => &["frame-spoilt"],
        Fault::Odd => &["odd-state", "odd-type", "odd-reference", "odd-missing"],
        Fault::Late => &["late-release", "answer-at-end-of-timer", "answer-crosses-clearing"],
        Fault::Link => &["link-reset", "link-down"],
        Fault::Restart => &["restart-channel", "restart-interface"],
        Fault::Clock => &["calendar-forwards", "calendar-back"],
        Fault::Stall => &["line-thread-late"],
        Fault::Disk => &["disk-stands"],
        Fault::Daemon => &["daemon-killed"],
        Fault::Power => &["power-cut"],
        Fault::Core => &["core-killed"],
        Fault::Card => &["card-gone", "port-gone"],
    }
}

#[test]
fn the_core_is_killed_at_every_step_of_a_history_and_every_invariant_holds() {
    let mut lives = 0;
    for seed in 0..6 {
        // A third of the steps of each; `sim --killed` takes them all.
        match killed_at_every_step(seed, 3) {
            Ok(lived) => lives += lived.lives,
            Err((kills, violation)) => {
                panic!("seed {seed}, kills {kills:?}, commit {}: {violation}", commit())
            }
        }
    }
    assert!(lives > 200, "they died too seldom: {lives}");
}

#[test]
fn memory_does_not_grow_over_hours_of_traffic_faults_and_restarts() {
    let mut hours = vec![];
    let lived = long::live(0, 24, |hour| hours.push(*hour), None);
    assert!(lived.is_ok(), "{lived:?}, {hours:?}");
    let [.., last] = hours[..] else { panic!("{hours:?}") };
    assert!(last.at_rest > 100_000, "nothing was weighed: {hours:?}");
}

#[test]
fn a_seed_lives_the_same_life_twice() {
    for seed in 0..3 {
        let mut traces = [vec![], vec![]];
        for trace in &mut traces {
            let _ = Life::of(seed).live(Some(trace));
        }
        assert!(!traces[0].is_empty());
        assert_eq!(traces[0], traces[1]);
    }
}
