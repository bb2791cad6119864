//! The journal under everything that can happen to its memory.

use std::collections::BTreeMap;

use super::*;

type Records = BTreeMap<Key, Vec<u8>>;

fn key(id: u64) -> Key {
    Key { kind: 3, id }
}

fn records<M: AsRef<[u8]> + AsMut<[u8]>>(journal: &Journal<M>) -> Records {
    journal.records().map(|(key, octets)| (key, octets.to_vec())).collect()
}

fn open(memory: Vec<u8>) -> Result<Journal<Vec<u8>>, Refusal> {
    match Journal::open(memory) {
        Ok(opened) => Ok(opened.expect("there is one").journal),
        Err((_, refusal)) => Err(refusal),
    }
}

/// A journal with some changes, and what it must hold.
fn written(octets: usize, changes: u64) -> (Journal<Vec<u8>>, Records) {
    let mut journal = Journal::fresh(vec![0xAB; octets]).expect("room");
    let mut wanted = Records::new();
    for n in 0..changes {
        let mut change = Transaction::new();
        let body = vec![n.to_le_bytes()[0]; usize::try_from(n % 37).expect("small")];
        change.put(key(n % 7), &body);
        wanted.insert(key(n % 7), body);
        if n % 5 == 4 {
            change.forget(key(n % 3));
            wanted.remove(&key(n % 3));
        }
        journal.append(Instant(n), &change).expect("room");
    }
    (journal, wanted)
}

#[test]
fn what_was_kept_is_there_after_the_process_died() {
    for changes in [0, 1, 2, 50, 3000] {
        let (journal, wanted) = written(8192, changes);
        assert_eq!(records(&journal), wanted);
        let (sequence, at) = (journal.sequence(), journal.at());
        let again = open(journal.into_memory()).expect("whole");
        assert_eq!((records(&again), again.sequence(), again.at()), (wanted, sequence, at));
    }
}

#[test]
fn a_journal_turns_to_its_other_area_when_one_is_full_and_goes_on() {
    let (journal, wanted) = written(8192, 3000);
    assert!(journal.checkpoints() > 10, "{}", journal.checkpoints());
    let mut again = open(journal.into_memory()).expect("whole");
    let mut change = Transaction::new();
    change.put(key(99), b"after");
    again.append(Instant(5000), &change).expect("room");
    let found = records(&open(again.into_memory()).expect("whole"));
    assert_eq!(found.len(), wanted.len() + 1);
    assert_eq!(found[&key(99)], b"after");
}

#[test]
fn a_process_that_dies_in_the_middle_of_a_change_leaves_all_changes_before_it() {
    let mut change = Transaction::new();
    change.put(key(1), &[7; 50]);
    change.forget(key(2));
    // Near the end of an area too, where a checkpoint comes first.
    for changes in [10, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70] {
        let (journal, before) = written(4096 + 2 * 2048, changes);
        let old = journal.into_memory();
        let mut journal = open(old.clone()).expect("whole");
        journal.append(Instant(9999), &change).expect("room");
        let after = records(&journal);
        let new = journal.into_memory();
        // Memory changes octet by octet, areas before heads, as the program writes them.
        let order: Vec<usize> = (AREAS..old.len()).chain(0..AREAS).collect();
        let mut torn = old.clone();
        for at in order {
            if torn[at] == new[at] {
                continue;
            }
            torn[at] = new[at];
            let found = records(&open(torn.clone()).expect("whole"));
            assert!(found == before || found == after, "{changes} changes, at {at}");
        }
    }
}

#[test]
fn a_flipped_bit_is_never_believed() {
    let (journal, wanted) = written(4096 + 2 * 2048, 75);
    let memory = journal.into_memory();
    let (mut refused, mut same) = (0, 0);
    for bit in 0..memory.len() * 8 {
        let mut flipped = memory.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match open(flipped) {
            Ok(journal) => {
                assert_eq!(records(&journal), wanted, "bit {bit}");
                same += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 1000 && same > 1000, "{refused} refused, {same} in unused octets");
}

#[test]
fn what_a_power_cut_left_out_is_noticed_or_was_never_committed() {
    let (journal, _) = written(4096 + 2 * 8192, 20);
    let old = journal.into_memory();
    let mut journal = open(old.clone()).expect("whole");
    let mut states = vec![records(&journal)];
    for n in 0..40 {
        let mut change = Transaction::new();
        change.put(key(n % 7), &[9; 30]);
        journal.append(Instant(100 + n), &change).expect("room");
        states.push(records(&journal));
    }
    let new = journal.into_memory();
    // Pages of 512 octets reach the disk in any order, or do not.
    let mut random = 1u64;
    let mut believed = 0;
    for _ in 0..2000 {
        let mut disk = old.clone();
        for page in 0..disk.len() / 512 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if random >> 63 == 1 {
                let at = page * 512;
                disk[at..at + 512].copy_from_slice(&new[at..at + 512]);
            }
        }
        if let Ok(journal) = open(disk) {
            assert!(states.contains(&records(&journal)), "a state that never was");
            believed += 1;
        }
    }
    assert!(believed > 100, "{believed}");
}

#[test]
fn another_format_is_refused_with_its_number_and_zeros_are_no_journal() {
    let (journal, _) = written(8192, 3);
    let mut memory = journal.into_memory();
    for at in [0, 64] {
        memory[at + 5] = 9;
        let check = crc32fast::hash(&memory[at..at + 32]).to_be_bytes();
        memory[at + 32..at + 36].copy_from_slice(&check);
    }
    let refusal = open(memory).expect_err("format 9");
    assert_eq!(refusal, Refusal::Format { found: 9, oldest: 1, newest: 1 });
    assert!(refusal.to_string().contains("its format is 9"));
    assert!(Journal::open(vec![0; 8192]).expect("readable").is_none());
    assert_eq!(Journal::open(vec![0; 100]).expect_err("small").1, Refusal::TooSmall);
}

#[test]
fn a_journal_that_is_full_says_so_and_stays_as_it_was() {
    let (mut journal, wanted) = written(8192, 10);
    let mut change = Transaction::new();
    change.put(key(50), &[1; 4000]);
    assert_eq!(journal.append(Instant(20), &change), Err(Full));
    assert_eq!(records(&open(journal.into_memory()).expect("whole")), wanted);
}

#[test]
fn crashes_and_restores_are_counted_until_it_is_well() {
    let (mut journal, wanted) = written(8192, 10);
    journal.restoring();
    journal.restoring();
    let mut memory = journal.into_memory();
    memory[Journal::<Vec<u8>>::crash_mark()] += 1;
    let mut journal = open(memory).expect("whole");
    assert_eq!(journal.troubles(), (1, 2));
    journal.restored();
    assert_eq!(journal.troubles(), (1, 0));
    journal.is_well();
    assert_eq!(journal.troubles(), (0, 0));
    assert_eq!(records(&journal), wanted);
}

#[test]
fn a_fresh_journal_takes_nothing_from_the_one_before_in_the_same_memory() {
    let (journal, _) = written(8192, 3);
    let journal = Journal::fresh(journal.into_memory()).expect("room enough");
    let journal = open(journal.into_memory()).expect("whole");
    assert!(records(&journal).is_empty());
}

#[test]
fn numbers_that_no_journal_reaches_are_damage() {
    let (journal, _) = written(8192, 3);
    let mut memory = journal.into_memory();
    for at in [0, 64] {
        memory[at + 24] = 0xFF;
        let check = crc32fast::hash(&memory[at..at + 32]).to_be_bytes();
        memory[at + 32..at + 36].copy_from_slice(&check);
    }
    assert_eq!(open(memory).expect_err("a sequence beyond all"), Refusal::Damaged);
}

#[test]
fn a_change_that_a_power_cut_left_behind_a_torn_one_never_comes_back() {
    let change = |id: u64, octet: u8| {
        let mut change = Transaction::new();
        change.put(key(id), &[octet; 20]);
        change
    };
    let (journal, wanted) = written(8192, 3);
    let committed = journal.into_memory();
    let mut journal = open(committed.clone()).expect("whole");
    let (_, torn_at, _) = journal.sizes();
    journal.append(Instant(50), &change(60, 1)).expect("room");
    journal.append(Instant(51), &change(61, 1)).expect("room");
    // The disk has the last change, and neither the head nor all of the change before it.
    let mut disk = journal.into_memory();
    let area = AREAS + usize::from(committed[6] & 1) * 2048;
    let torn_at = area + usize::try_from(torn_at).expect("small");
    disk[torn_at + 10] ^= 1;
    disk[..128].copy_from_slice(&committed[..128]);
    let mut journal = open(disk).expect("whole up to the head");
    assert_eq!(records(&journal), wanted);
    journal.append(Instant(50), &change(62, 2)).expect("room");
    let journal = open(journal.into_memory()).expect("whole");
    assert!(records(&journal).contains_key(&key(62)));
    assert!(!records(&journal).contains_key(&key(61)), "a change of nobody");
}
