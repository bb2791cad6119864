//! Recordings that are erased: on a shelf of numbers, and on a real disk.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use records::RecordingRow;
use store::Batch;
use units::{CallId, ContentHash};

use super::*;

const DAY_US: i64 = 86_400_000_000;
const NO_RULE: Terms = Terms { keep_days: None, most: None };

/// A disk of 100 GB.
struct Numbers {
    free: Cell<u64>,
    files: RefCell<BTreeMap<String, u64>>,
    refuses: Cell<bool>,
}

impl Shelf for Numbers {
    fn room(&self, _: bool) -> io::Result<Room> {
        let used = self.files.borrow().values().sum();
        Ok(Room { free: self.free.get(), all: 100 * GB, used })
    }

    fn octets(&self, name: &str) -> Option<u64> {
        self.files.borrow().get(name).copied()
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        if self.refuses.get() {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let freed = self.files.borrow_mut().remove(name).unwrap_or(0);
        self.free.set(self.free.get() + freed);
        Ok(())
    }
}

struct World {
    _folder: tempfile::TempDir,
    store: Store,
    shelf: Numbers,
    told: Told,
}

/// The recording of a day.
fn row(day: u32) -> RecordingRow {
    RecordingRow {
        number: 0,
        call: CallId(day.into()),
        part: 1,
        begun: i64::from(day) * DAY_US,
        seconds: 60,
        state: "whole".into(),
        hash: Some(ContentHash([1; 32]).to_string()),
        parties: None,
        held: false,
        erased: None,
    }
}

impl World {
    /// Five days, each with a recording of 300 MB whose number is that of the day.
    fn new(free: u64) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(&folder.path().join("store.db")).expect("opens");
        let recordings: Vec<_> = (1..=5).map(row).collect();
        let files = recordings.iter().map(|row| (row.file(), 300_000_000)).collect();
        store.fold(&Batch { recordings, ..Batch::default() }).expect("folds");
        let shelf =
            Numbers { free: Cell::new(free), files: RefCell::new(files), refuses: false.into() };
        Self { _folder: folder, store, shelf, told: Told::Nothing }
    }

    fn round(&mut self, day: i64, terms: Terms) {
        let when = (Utc(day * DAY_US), terms);
        let before = (self.told, Language::En);
        self.told = round(&mut self.store, &self.shelf, when, before).expect("a store");
    }

    /// What is not erased, and what is, by which rule.
    fn left(&self) -> (Vec<u32>, Vec<(u32, String)>) {
        let rows = (1..=5).map(|n| self.store.recording(n).expect("reads").expect("there"));
        let (erased, left): (Vec<_>, Vec<_>) = rows.partition(|row| row.erased.is_some());
        let by = |row: RecordingRow| Some((row.number, row.erased?.1));
        let erased = erased.into_iter().filter_map(by).collect();
        (left.iter().map(|row| row.number).collect(), erased)
    }

    fn alarms(&self) -> Vec<String> {
        let alarms = self.store.alarms(99).expect("reads");
        alarms.into_iter().map(|(_, text)| text).collect()
    }
}

fn by(rule: &str, numbers: &[u32]) -> Vec<(u32, String)> {
    numbers.iter().map(|number| (*number, rule.to_owned())).collect()
}

#[test]
fn what_is_older_than_its_days_is_erased_and_what_is_held_is_not() {
    let mut world = World::new(50 * GB);
    assert!(world.store.hold_recording(1, true).expect("writes"));
    let week = Terms { keep_days: Some(7), ..NO_RULE };
    world.round(8, week);
    assert_eq!(world.left().1, [], "a week is not over");
    world.round(10, week);
    assert_eq!(world.left(), (vec![1, 3, 4, 5], by("keep_days", &[2])));
    assert_eq!(world.shelf.octets(&row(2).file()), None);
    assert_eq!(world.alarms(), Vec::<String>::new(), "a rule is no alarm");
    assert!(world.store.hold_recording(1, false).expect("writes"));
    world.round(10, week);
    assert_eq!(world.left(), (vec![3, 4, 5], by("keep_days", &[1, 2])));
}

#[test]
fn when_the_disk_runs_short_the_oldest_go_and_that_is_one_alarm() {
    let mut world = World::new(GB - 500_000_000);
    world.round(6, NO_RULE);
    assert_eq!(world.left(), (vec![3, 4, 5], by("room", &[1, 2])));
    world.shelf.free.set(GB - 1);
    world.round(6, NO_RULE);
    assert_eq!(world.left().0, [4, 5]);
    assert_eq!(world.alarms().len(), 1, "{:?}", world.alarms());
    assert!(world.alarms()[0].contains("500 MB"), "{:?}", world.alarms());
    for number in [4, 5] {
        assert!(world.store.hold_recording(number, true).expect("writes"));
    }
    world.shelf.free.set(GB - 2_000_000);
    for _ in 0..3 {
        world.round(6, NO_RULE);
    }
    assert_eq!(world.left().0, [4, 5]);
    let alarms = world.alarms();
    assert!(alarms.len() == 2 && alarms[1].contains("no recording may be erased"), "{alarms:?}");
    world.shelf.free.set(9 * GB);
    world.round(6, NO_RULE);
    assert_eq!(world.told, Told::Nothing);
}

#[test]
fn what_cannot_be_removed_is_told_once_and_goes_later_and_what_is_missing_is_no_rules_doing() {
    let mut world = World::new(50 * GB);
    let days = Terms { keep_days: Some(2), most: Some(GB) };
    world.shelf.refuses.set(true);
    world.shelf.files.borrow_mut().remove(&row(1).file());
    for _ in 0..3 {
        world.round(5, days);
    }
    assert_eq!(world.alarms().len(), 1, "{:?}", world.alarms());
    assert!(world.shelf.octets(&row(2).file()).is_some());
    world.shelf.refuses.set(false);
    world.round(5, days);
    assert_eq!(world.shelf.octets(&row(2).file()), None);
    assert_eq!(world.left(), (vec![1, 3, 4, 5], by("keep_days", &[2])));
}

#[test]
fn a_real_folder_tells_its_room_and_loses_what_is_removed() {
    let folder = tempfile::tempdir().expect("a folder");
    let shelf = Folder(folder.path().into());
    for (file, octets) in [("c0-0-1.wav", 100), ("c0-0-2.opus", 50), ("span-1-5.pcap", 9)] {
        std::fs::write(folder.path().join(file), vec![0; octets]).expect("written");
    }
    let room = shelf.room(true).expect("a disk");
    assert!(room.used == 150 && room.free > 0 && room.all >= room.free, "{room:?}");
    assert_eq!((shelf.octets("c0-0-2"), shelf.octets("c0-0-3")), (Some(50), None));
    shelf.remove("c0-0-2").expect("removed");
    shelf.remove("c0-0-2").expect("it is not there, and that is well");
    assert_eq!((shelf.octets("c0-0-2"), shelf.room(true).expect("a disk").used), (None, 100));
    assert!(Folder(folder.path().join("none")).room(false).is_err());
}
