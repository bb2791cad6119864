//! The journal: what was kept is there after a crash at any moment, and memory that anybody wrote
//! is read or refused.

use std::collections::BTreeMap;
use std::mem::discriminant;

use ha::{Journal, Key, Transaction};
use units::Instant;

use crate::script::Script;
use crate::seen;

/// Where the areas begin, and the octets of one: small, so that checkpoints come often.
const AREAS: usize = 4096;
const AREA: usize = 1200;
/// Heads stand at 0 and at this.
const SECOND_HEAD: usize = 64;
const HEAD: usize = 36;

type Records = BTreeMap<(u8, u64), Vec<u8>>;

fn records(journal: &Journal<Vec<u8>>) -> Records {
    journal.records().map(|(key, octets)| ((key.kind, key.id), octets.to_vec())).collect()
}

fn memory() -> Vec<u8> {
    vec![0; AREAS + 2 * AREA]
}

/// What a script changes, in octets for the journal and in a map.
fn change(script: &mut Script<'_>, model: &mut Records) -> Transaction {
    let mut transaction = Transaction::new();
    for _ in 0..script.below(4) {
        let key = Key { kind: script.octet() & 3, id: u64::from(script.octet() & 7) };
        if script.octet() & 3 == 0 {
            transaction.forget(key);
            model.remove(&(key.kind, key.id));
        } else {
            let octet = script.octet();
            let octets = vec![octet; usize::from(script.octet())];
            transaction.put(key, &octets);
            model.insert((key.kind, key.id), octets);
        }
    }
    transaction
}

/// Opens memory; what opens must open again to the same, and take a change.
fn open(memory: Vec<u8>) -> Option<Records> {
    let mut journal = match Journal::open(memory) {
        Ok(Some(opened)) => {
            seen::note(("torn", opened.torn));
            opened.journal
        }
        Ok(None) => {
            seen::note("never one");
            return None;
        }
        Err((_, refusal)) => {
            seen::note(discriminant(&refusal));
            return None;
        }
    };
    let found = records(&journal);
    seen::note(("records", found.len(), journal.sequence().min(40)));
    let (at, sequence) = (journal.at(), journal.sequence());
    let again = Journal::open(journal.into_memory()).map_err(|(_, refusal)| refusal);
    journal = again.expect("it opened before").expect("it was there").journal;
    assert_eq!((at, sequence), (journal.at(), journal.sequence()));
    assert_eq!(found, records(&journal), "opened twice");
    let mut transaction = Transaction::new();
    let key = Key { kind: 200, id: 1 };
    transaction.put(key, b"one more");
    let before = journal.sequence();
    let kept = journal.append(Instant(at.0.saturating_add(1)), &transaction).is_ok();
    let mut wanted = found.clone();
    if kept {
        assert!(journal.sequence() > before);
        wanted.insert((200, 1), b"one more".to_vec());
    }
    assert_eq!(wanted, records(&journal), "after a change");
    let last = Journal::open(journal.into_memory()).map_err(|(_, refusal)| refusal);
    let last = last.expect("it was written by us").expect("it was there");
    assert_eq!(wanted, records(&last.journal), "after a change and opened again");
    Some(found)
}

/// The memory of a process that died within a change: the octets of the areas as far as they were
/// written, then those of the heads in their turn.
fn torn(before: &[u8], after: &[u8], mut written: usize) -> Vec<u8> {
    let mut memory = before.to_vec();
    let serial =
        |memory: &[u8], at: usize| memory[at + 8..at + 16].try_into().map_or(0, u64::from_be_bytes);
    let (a, b) = (serial(after, 0), serial(after, SECOND_HEAD));
    let (first, second) = if a < b { (0, SECOND_HEAD) } else { (SECOND_HEAD, 0) };
    let order = (AREAS..memory.len()).chain(first..first + HEAD).chain(second..second + HEAD);
    for place in order.filter(|place| before[*place] != after[*place]) {
        if written == 0 {
            break;
        }
        written -= 1;
        memory[place] = after[place];
    }
    memory
}

/// A journal that we wrote, opened: it is never damaged.
fn reopened(memory: Vec<u8>) -> Journal<Vec<u8>> {
    let opened = Journal::open(memory).map_err(|(_, refusal)| refusal);
    opened.expect("never damaged").expect("it is there").journal
}

/// A journal that lives and dies by the script.
fn life(script: &mut Script<'_>) {
    let mut model = Records::new();
    let mut journal = Journal::fresh(memory()).expect("room enough");
    let mut now = Instant(script.long() >> 1);
    for _ in 0..40 {
        if script.is_empty() {
            break;
        }
        match script.octet() {
            0..=159 => {
                let mut next = model.clone();
                let transaction = change(script, &mut next);
                now += script.time();
                if journal.append(now, &transaction).is_ok() {
                    model = next;
                } else {
                    seen::note("full");
                }
                assert_eq!(model, records(&journal), "what is live");
            }
            160..=199 => {
                journal = reopened(journal.into_memory());
                assert_eq!(model, records(&journal), "opened again");
            }
            200..=204 => {
                // Whatever was in the memory: an empty one, and it stays so when it is opened.
                journal = Journal::fresh(journal.into_memory()).expect("room enough");
                model = Records::new();
                journal = reopened(journal.into_memory());
                assert_eq!(model, records(&journal), "a fresh one");
            }
            205..=239 => {
                // The process dies within a change.
                let before = reopened(journal.into_memory()).into_memory();
                journal = reopened(before.clone());
                let mut next = model.clone();
                let transaction = change(script, &mut next);
                let kept = journal.append(now, &transaction).is_ok();
                let after = journal.into_memory();
                let memory = torn(&before, &after, usize::from(script.word()) & 0x7FF);
                journal = reopened(memory);
                let found = records(&journal);
                assert!(found == model || kept && found == next, "one or the other");
                seen::note(("died", found == model, found == next));
                model = found;
            }
            _ => {
                // Octets go bad: it is what it was, or it is refused, or it is something before.
                let mut memory = journal.into_memory();
                for _ in 0..=script.below(4) {
                    let place = usize::from(script.word()) % memory.len();
                    memory[place] ^= script.octet();
                }
                open(memory);
                return;
            }
        }
    }
    assert_eq!(Some(model), open(journal.into_memory()), "at the end");
}

/// Memory that looks right: heads and records of any contents, with the right checksums.
fn made_up(script: &mut Script<'_>) {
    let mut memory = memory();
    for at in [0, SECOND_HEAD] {
        let mut head = b"RMJ\n".to_vec();
        head.extend([0, if script.octet() == 255 { script.octet() } else { 1 }]);
        head.extend([script.octet() & 3, 0]);
        for _ in 0..3 {
            head.extend(script.long().to_be_bytes());
        }
        head.extend(crc32fast::hash(&head).to_be_bytes());
        memory[at..at + HEAD].copy_from_slice(&head);
    }
    let mut at = AREAS + if script.flag() { AREA } else { 0 };
    let mut sequence = script.long();
    while !script.is_empty() {
        let mut body = vec![0];
        let mut model = Records::new();
        body.extend(change(script, &mut model).octets());
        if script.octet() & 7 == 0 {
            body.extend(script.some(64));
        }
        let mut record = u32::try_from(body.len()).unwrap_or(0).to_be_bytes().to_vec();
        record.extend(sequence.to_be_bytes());
        record.extend(script.long().to_be_bytes());
        record.extend(body);
        record.extend(crc32fast::hash(&record).to_be_bytes());
        let Some(place) = memory.get_mut(at..at + record.len()) else { break };
        place.copy_from_slice(&record);
        at += record.len();
        sequence = if script.octet() == 0 { script.long() } else { sequence.wrapping_add(1) };
    }
    open(memory);
}

/// What was appended is there, whatever happens to the process; memory of any octets is read or
/// refused, and what can be read can be written to.
pub fn journal(data: &[u8]) {
    let mut script = Script::new(data);
    match script.octet() {
        0..=149 => life(&mut script),
        150..=229 => made_up(&mut script),
        230.. => {
            let mut memory = memory();
            memory[..HEAD].copy_from_slice(&{
                let mut head = [0; HEAD];
                head[..4].copy_from_slice(b"RMJ\n");
                head
            });
            for octet in &mut memory {
                *octet ^= script.octet();
            }
            let length = if script.flag() { memory.len() } else { usize::from(script.word()) };
            memory.truncate(length);
            open(memory);
        }
    }
}
