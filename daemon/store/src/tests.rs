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
        category: None,
        recording: None,
        recorded_seconds: None,
        recording_hash: None,
        charge_units: None,
        charge_thousandths: None,
        currency: None,
    }
}

#[test]
fn what_was_folded_is_there_after_a_restart_and_folding_it_again_changes_nothing() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("store.db");
    let mut store = Store::open(&path).expect("opens");
    let batch = Batch { spool: 9, number: 4, rows: vec![row("a"), row("b")], ..Batch::default() };
    store.fold(&batch).expect("folds");
    store.fold(&batch).expect("folds");
    let store = Store::open(&path).expect("opens");
    assert_eq!(store.records(10).expect("reads"), [row("a"), row("b")]);
    assert_eq!((store.folded(9).expect("reads"), store.folded(8).expect("reads")), (4, 0));
}

/// The tables of calls as schema 1 had them.
const SCHEMA_1: &str = include_str!("golden/schema-1.sql");

#[test]
fn a_store_of_schema_1_opens_and_keeps_its_rows() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("store.db");
    let old = Connection::open(&path).expect("opens");
    old.execute_batch(SCHEMA_1).expect("makes");
    old.execute_batch(
        "INSERT INTO calls VALUES ('a', 1, '01088886666', 'allowed', '95588', 'E1 1 > main', '1', \
         10, 11, NULL, 20, 16, 'caller'); INSERT INTO folded VALUES ('9', 4); \
         PRAGMA user_version = 1;",
    )
    .expect("fills");
    drop(old);
    let mut store = Store::open(&path).expect("opens");
    let charged =
        Row { category: Some("payphone".into()), charge_units: Some(7), ended: 21, ..row("b") };
    let paid =
        Row { charge_thousandths: Some(3450), currency: Some("EUR".into()), ended: 22, ..row("c") };
    let rows = vec![charged.clone(), paid.clone()];
    store.fold(&Batch { spool: 9, number: 5, rows, ..Batch::default() }).expect("folds");
    drop(store);
    let store = Store::open(&path).expect("opens again");
    assert_eq!(store.records(10).expect("reads"), [row("a"), charged, paid]);
    assert_eq!(store.folded(9).expect("reads"), 5);
}

#[test]
fn a_store_made_now_and_one_that_was_migrated_have_the_same_columns() {
    assert_eq!(usize::try_from(SCHEMA), Ok(MIGRATIONS.len() + 1), "each version has its step");
    let dir = tempfile::tempdir().expect("a folder");
    let (fresh, old) = (dir.path().join("fresh.db"), dir.path().join("old.db"));
    let sql = Connection::open(&old).expect("opens");
    sql.execute_batch(SCHEMA_1).expect("makes");
    sql.pragma_update(None, "user_version", 1).expect("writes");
    drop(sql);
    let columns = |path: &Path| -> Vec<(String, String, String, bool)> {
        let store = Store::open(path).expect("opens");
        let mut query = store
            .sql
            .prepare(
                "SELECT m.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema m, \
                 pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid",
            )
            .expect("reads");
        let rows = query
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .expect("reads");
        rows.collect::<Result<_, _>>().expect("reads")
    };
    assert_eq!(columns(&fresh), columns(&old));
}

#[test]
fn a_batch_with_a_wrong_row_leaves_nothing_behind() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&dir.path().join("store.db")).expect("opens");
    let wrong = Row { cause: 200, ..row("b") };
    let batch = Batch { spool: 9, number: 4, rows: vec![row("a"), wrong], ..Batch::default() };
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

fn recording(part: u8, seconds: u32, state: &str) -> RecordingRow {
    let hash = (state != "none").then(|| format!("{part:064}"));
    RecordingRow {
        number: 0,
        call: units::CallId(u64::MAX - 7),
        part,
        begun: 12,
        seconds,
        state: state.into(),
        hash,
        parties: None,
        held: false,
        erased: None,
    }
}

#[test]
fn a_record_says_what_became_of_its_recording_whichever_of_both_was_told_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&dir.path().join("store.db")).expect("opens");
    let call = recording(1, 0, "none").call.to_string();
    let recordings = vec![recording(1, 2, "cut"), recording(2, 5, "whole")];
    store.fold(&Batch { recordings, ..Batch::default() }).expect("folds");
    assert_eq!(store.recordings(9).expect("reads")[0].parties, None);
    store.fold(&Batch { rows: vec![row(&call), row("b")], ..Batch::default() }).expect("folds");
    // Told again it changes nothing.
    let recordings = vec![recording(2, 5, "whole"), recording(1, 9, "none")];
    store.fold(&Batch { recordings, ..Batch::default() }).expect("folds");
    let rows = store.records(9).expect("reads");
    let [plain, recorded] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&plain.recording, plain.recorded_seconds), (&None, None));
    assert_eq!((recorded.recording.as_deref(), recorded.recorded_seconds), (Some("cut"), Some(7)));
    assert_eq!(recorded.recording_hash, recording(2, 5, "whole").hash);
    let newest = store.recordings(9).expect("reads");
    assert_eq!(newest.iter().map(|row| row.part).collect::<Vec<_>>(), [2, 1]);
    let parties = Some(("01088886666".to_owned(), "95588".to_owned()));
    let wanted = RecordingRow { number: 2, parties, ..recording(2, 5, "whole") };
    assert_eq!(store.recording(2).expect("reads"), Some(wanted));
    assert_eq!(store.recording(3).expect("reads"), None);
}

#[test]
fn a_call_that_was_not_recorded_says_so_until_a_recording_is_found() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&dir.path().join("store.db")).expect("opens");
    let call = recording(1, 0, "none").call.to_string();
    for (told, wanted) in [
        (recording(1, 0, "none"), (Some("none"), None)),
        (recording(1, 4, "cut"), (Some("cut"), Some(4))),
    ] {
        let batch = Batch { rows: vec![row(&call)], recordings: vec![told], ..Batch::default() };
        store.fold(&batch).expect("folds");
        let found = &store.records(1).expect("reads")[0];
        assert_eq!((found.recording.as_deref(), found.recorded_seconds), wanted);
    }
}

#[test]
fn what_is_held_is_never_erased_and_what_is_erased_stays_in_the_record() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = Store::open(&dir.path().join("store.db")).expect("opens");
    let recordings =
        vec![recording(1, 2, "cut"), recording(2, 5, "whole"), recording(3, 0, "none")];
    store.fold(&Batch { recordings, ..Batch::default() }).expect("folds");
    let oldest = |store: &Store| -> Vec<u32> {
        store.oldest_recordings(9).expect("reads").iter().map(|row| row.number).collect()
    };
    assert_eq!(oldest(&store), [1, 2]);
    assert!(store.hold_recording(1, true).expect("writes"));
    assert!(!store.hold_recording(3, true).expect("writes"), "there is none");
    assert_eq!(oldest(&store), [2]);
    for number in [1, 2] {
        store.erase_recording(number, Utc(77), "keep_days").expect("writes");
    }
    let to_remove = store.recordings_to_remove().expect("reads");
    assert_eq!(to_remove.iter().map(|row| row.number).collect::<Vec<_>>(), [2]);
    assert!(!store.hold_recording(2, true).expect("writes"), "too late");
    store.recording_gone(2).expect("writes");
    assert_eq!(store.recordings_to_remove().expect("reads"), []);
    let found = store.recording(2).expect("reads").expect("there");
    assert_eq!(found.erased, Some((77, "keep_days".to_owned())));
    assert!(store.recording(1).expect("reads").expect("there").held);
    assert!(store.hold_recording(1, false).expect("writes"));
    assert_eq!(oldest(&store), [1]);
}
