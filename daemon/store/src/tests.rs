//! The store on a real disk.

use super::*;

fn row(call: &str) -> Row {
    Row {
        call: call.into(),
        tenant: 1,
        caller: "01088886666".into(),
        presentation: "allowed".into(),
        called: "95588".into(),
        path: "E1 1 > main".into(),
        digits: "1".into(),
        offered: 10,
        answered: Some(11),
        connected: None,
        ended: 20,
        cause: 16,
        by: "caller".into(),
    }
}

#[test]
fn what_was_folded_is_there_after_a_restart_and_folding_it_again_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("store.db");
    let mut store = Store::open(&path).expect("opens");
    let batch = Batch { spool: 9, number: 4, rows: vec![row("a"), row("b")], alarms: vec![] };
    store.fold(&batch).expect("folds");
    store.fold(&batch).expect("folds");
    let store = Store::open(&path).expect("opens");
    assert_eq!(store.records(10).expect("reads"), [row("a"), row("b")]);
    assert_eq!((store.folded(9).expect("reads"), store.folded(8).expect("reads")), (4, 0));
}

#[test]
fn a_batch_with_a_wrong_row_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&dir.path().join("store.db")).expect("opens");
    let wrong = Row { cause: 200, ..row("b") };
    let batch = Batch { spool: 9, number: 4, rows: vec![row("a"), wrong], alarms: vec![] };
    store.fold(&batch).expect_err("refused");
    assert_eq!((store.count().expect("reads"), store.folded(9).expect("reads")), (0, 0));
}

#[test]
fn the_store_of_a_newer_release_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("store.db");
    let store = Store::open(&path).expect("opens");
    store.sql.pragma_update(None, "user_version", 99).expect("writes");
    let fault = Store::open(&path).expect_err("newer").to_string();
    assert!(fault.contains("schema 99") && fault.contains("backup"), "{fault}");
}

#[test]
fn generations_rise_above_all_before_and_above_what_the_core_has() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&dir.path().join("store.db")).expect("opens");
    assert_eq!(store.next_generation(1).expect("writes"), 1);
    assert_eq!(store.next_generation(1).expect("writes"), 2);
    assert_eq!(store.next_generation(50).expect("writes"), 50);
    assert_eq!(store.next_generation(3).expect("writes"), 51);
}

#[test]
fn messages_wait_for_a_telephone_until_they_do_not_whatever_restarts() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("store.db");
    let mut store = Store::open(&path).expect("opens");
    store.set_waiting("801", true).expect("writes");
    store.set_waiting("801", true).expect("writes");
    store.set_waiting("802", true).expect("writes");
    store.set_waiting("802", false).expect("writes");
    drop(store);
    let store = Store::open(&path).expect("opens");
    assert_eq!(store.waiting().expect("reads"), BTreeSet::from(["801".to_owned()]));
}
