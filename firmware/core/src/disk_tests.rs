//! The disk thread's work on a real folder.

use link::{Alarm, Detail, Event};

use super::*;

fn folders(dir: &tempfile::TempDir) -> Folders {
    Folders {
        state: dir.path().join("state"),
        prompts: vec![dir.path().join("none"), dir.path().join("prompts")],
    }
}

fn perform(disk: &mut Disk, task: Task) -> Vec<Done> {
    let mut all = vec![];
    disk.perform(task, |done| all.push(done));
    all
}

#[test]
fn what_was_published_is_there_after_a_restart_and_foreign_octets_are_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut disk, known) = Disk::open(folders(&dir), 1).expect("opens");
    assert_eq!((known.boot, known.current), (1, None));
    let octets = b"a table".to_vec();
    let hash = hash_of(&octets);
    let kept = perform(&mut disk, Task::Keep { token: 4, hash, octets: octets.clone() });
    assert_eq!(kept, [Done::Command { token: 4, outcome: Outcome::Done }]);
    let wrong = perform(&mut disk, Task::Keep { token: 5, hash, octets: b"other".to_vec() });
    assert_eq!(wrong, [Done::Command { token: 5, outcome: Outcome::WrongHash }]);
    let current = Current { table: hash, generation: 3 };
    perform(&mut disk, Task::SetCurrent(current));
    let (mut disk, known) = Disk::open(folders(&dir), 2).expect("opens");
    assert_eq!((known.boot, known.current, known.spool), (2, Some(current), 1));
    assert_eq!(perform(&mut disk, Task::Fetch(hash)), [Done::Fetched(hash, Some(octets))]);
    fs::write(disk.published(hash), b"damaged").expect("writes");
    assert_eq!(perform(&mut disk, Task::Fetch(hash)), [Done::Fetched(hash, None)]);
}

#[test]
fn a_prompt_whose_file_is_missing_or_damaged_is_missing() {
    let dir = tempfile::tempdir().expect("a folder");
    let folders = folders(&dir);
    fs::create_dir_all(&folders.prompts[1]).expect("a folder");
    let (mut disk, _) = Disk::open(folders.clone(), 1).expect("opens");
    let hash = hash_of(b"sound");
    let missing = [Done::Prompt(hash, Err(PromptFault::Missing))];
    assert_eq!(perform(&mut disk, Task::LoadPrompt(hash)), missing);
    let path = folders.prompts[1].join(format!("{hash}.alaw"));
    fs::write(&path, b"noise").expect("writes");
    assert_eq!(perform(&mut disk, Task::LoadPrompt(hash)), missing);
    fs::write(&path, b"sound").expect("writes");
    assert_eq!(perform(&mut disk, Task::LoadPrompt(hash)), [Done::Prompt(hash, Ok(b"sound"))]);
}

#[test]
fn events_are_read_back_as_they_were_appended() {
    let dir = tempfile::tempdir().expect("a folder");
    let (mut disk, _) = Disk::open(folders(&dir), 1).expect("opens");
    let detail = Detail::Alarm(Alarm::CardGone);
    let event = Event { number: 1, at: Utc(5), detail: detail.clone() };
    // Not shown before it is safe.
    assert_eq!(perform(&mut disk, Task::Append { at: Utc(5), detail, origin: 0 }), []);
    let mut appended = vec![];
    disk.settle(|done| appended.push(done));
    assert_eq!(appended, [Done::Appended { event: event.clone(), origin: 0 }]);
    let read = perform(&mut disk, Task::Read { from: 1, count: 9 });
    assert_eq!(read, [Done::Read { from: 1, events: vec![event] }]);
    perform(&mut disk, Task::Acknowledge(1));
    let read = perform(&mut disk, Task::Read { from: 1, count: 9 });
    assert_eq!(read, [Done::Read { from: 1, events: vec![] }]);
}

#[test]
fn a_read_only_folder_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("file");
    fs::write(&file, b"").expect("writes");
    let folders = Folders { state: file.join("state"), prompts: vec![dir.path().into()] };
    let (path, _) = Disk::open(folders.clone(), 1).expect_err("not a folder");
    assert_eq!(path, folders.state);
}
