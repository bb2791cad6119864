//! The thread's work on a real folder, without its thread.

use std::sync::mpsc::channel;

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use heapless::spsc::Queue;
use link::RecordingStatus;
use nix::sys::eventfd::EfdFlags;
use recorder::{Format, Keys};
use units::Law;

use super::*;

type SmallRing = Queue<Numbered, 2048>;

struct World {
    terms: Terms,
    folder: tempfile::TempDir,
    recordings: Recordings,
    running: BTreeMap<u32, Running>,
    ring: Producer<'static, Numbered>,
    takes: Sender<Take>,
    done: Receiver<Done>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ring: &'static mut SmallRing = Box::leak(Box::default());
        let (ring, blocks) = ring.split();
        let (takes, from_control) = channel();
        let (to_control, done) = channel();
        let bell = EventFd::from_flags(EfdFlags::EFD_NONBLOCK).expect("a bell");
        let recordings = Recordings {
            folder: folder.path().into(),
            blocks,
            later: VecDeque::new(),
            takes: from_control,
            done: to_control,
            bell: Arc::new(bell),
            log: |_| (),
            alone: true,
            judging: None,
            room: |_| None,
            ask_in: 0,
            full: false,
        };
        Self {
            terms: Terms::default(),
            folder,
            recordings,
            running: BTreeMap::new(),
            ring,
            takes,
            done,
        }
    }

    fn begin(&mut self, tap: u32, seconds: u16) {
        let name = format!("tap-{tap}");
        let (terms, most, token) = (self.terms, Some(seconds), Some(1));
        self.takes.send(Take::Begin { tap, name, begun_us: 7, most, terms, token }).expect("there");
        assert!(self.recordings.turn(&mut self.running));
        let begun = Done::Command { token: 1, outcome: Outcome::Done };
        assert_eq!(self.done.try_recv(), Ok(begun));
    }

    fn blocks(&mut self, tap: u32, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let block = Tapped { tap, law: Law::A, came: [1; 16], sent: [2; 16] };
            assert!(self.ring.enqueue((number, block)).is_ok(), "the ring is full");
            if number % 100 == 0 {
                assert!(self.recordings.turn(&mut self.running));
            }
        }
        assert!(self.recordings.turn(&mut self.running));
    }

    /// The next word of the thread: the file of this tap is closed.
    fn taken(&self, wanted: u32) -> (Option<Kept>, Option<i32>) {
        match self.done.try_recv() {
            Ok(Done::Taken { tap, kept, fault }) if tap == wanted => (kept, fault),
            other => panic!("{other:?}"),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

#[test]
fn what_comes_from_a_tap_stands_in_a_file_for_as_long_as_was_wanted() {
    let mut world = World::new();
    world.begin(0, 2);
    world.blocks(0, 0..1200);
    world.taken(0);
    let said = verify(&world.path("tap-0.wav")).expect("whole");
    assert!(
        said.starts_with("whole: 2 s, blocks that never came 0, muted for keys 0, hash "),
        "{said}"
    );
    assert!(!world.path("tap-0.chain").exists());
}

#[test]
fn two_taps_go_to_two_files_and_one_may_be_ended_early() {
    let mut world = World::new();
    world.begin(0, 60);
    world.begin(1, 60);
    world.blocks(0, 0..600);
    world.blocks(1, 0..100);
    world.takes.send(Take::End { tap: 0, token: Some(9) }).expect("there");
    assert!(world.recordings.turn(&mut world.running));
    world.taken(0);
    assert_eq!(world.done.try_recv(), Ok(Done::Command { token: 9, outcome: Outcome::Done }));
    let said = verify(&world.path("tap-0.wav")).expect("whole");
    assert!(said.starts_with("whole: 2 s"), "{said}");
    assert_eq!(verify(&world.path("tap-1.wav")), Ok("open: it still goes on".into()));
}

#[test]
fn a_tap_whose_first_blocks_came_before_anybody_looked_loses_none_of_them() {
    let mut world = World::new();
    for tap in [3, 4] {
        let name = format!("tap-{tap}");
        let (terms, most, token) = (Terms::default(), Some(1), None);
        let begin = Take::Begin { tap, name, begun_us: 7, most, terms, token };
        world.takes.send(begin).expect("there");
        for number in 0..500 {
            let block = Tapped { tap, law: Law::A, came: [1; 16], sent: [2; 16] };
            assert!(world.ring.enqueue((number, block)).is_ok(), "the ring is full");
        }
    }
    assert!(world.recordings.turn(&mut world.running));
    for tap in [3, 4] {
        world.taken(tap);
        let said = verify(&world.path(&format!("tap-{tap}.wav"))).expect("whole");
        assert!(
            said.starts_with("whole: 1 s, blocks that never came 0, muted for keys 0, hash "),
            "{said}"
        );
    }
}

#[test]
fn a_core_that_was_killed_closes_its_recordings_when_it_starts_again() {
    let mut world = World::new();
    world.begin(0, 60);
    world.blocks(0, 0..1300);
    // The process is gone; the last octets of a second were on their way.
    drop(std::mem::take(&mut world.running));
    let path = world.path("tap-0.wav");
    let mut file = OpenOptions::new().append(true).open(&path).expect("there");
    file.write_all(&[9; 500]).expect("written");
    mend_all(world.folder.path(), |_| ());
    let said = verify(&path).expect("kept");
    assert!(said.starts_with("cut: the power went; 2 s are kept"), "{said}");
    let mut octets = fs::read(&path).expect("there");
    octets[20_000] ^= 1;
    fs::write(&path, octets).expect("written");
    let said = verify(&path).expect_err("changed");
    assert_eq!(said, "changed: from second 2 on it is not what was recorded");
}

#[test]
fn a_folder_that_is_gone_is_told_and_ends_the_recording() {
    let mut world = World::new();
    world.recordings.folder.push("gone");
    world.begin(3, 5);
    world.blocks(3, 0..10);
    assert_eq!(world.taken(3), (None, Some(2)), "there is no such folder");
    assert!(world.running.is_empty());
}

const ID: RecordingId = RecordingId { call: units::CallId(1), part: 1 };

impl World {
    fn turn(&mut self) {
        assert!(self.recordings.turn(&mut self.running));
    }

    fn judged(&mut self, name: &str) -> RecordingStatus {
        let judge = Take::Judge { id: ID, name: name.into(), token: 5 };
        self.takes.send(judge).expect("there");
        self.turn();
        if let Some(thread) = self.recordings.judging.take() {
            thread.join().expect("judged");
        }
        match self.done.try_recv() {
            Ok(Done::Judged { token: 5, status }) => status,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_file_is_judged_with_the_hash_that_was_told_when_it_was_closed() {
    let mut world = World::new();
    world.begin(0, 60);
    world.blocks(0, 0..1300);
    assert_eq!(world.judged("tap-0").verdict, link::Verdict::Open);
    world.takes.send(Take::End { tap: 0, token: None }).expect("there");
    world.turn();
    let (Some(kept), None) = world.taken(0) else { panic!("nothing kept") };
    assert_eq!((kept.seconds, kept.missing, kept.cut, kept.begun), (3, 0, false, Utc(7)));
    let found = world.judged("tap-0");
    assert_eq!((found.verdict, found.seconds), (link::Verdict::Whole, 3));
    assert_eq!(found.hash, Some(kept.hash));
    let path = world.path("tap-0.wav");
    let mut octets = fs::read(&path).expect("there");
    octets[58 + SECOND] ^= 1;
    fs::write(&path, octets).expect("written");
    assert_eq!(world.judged("tap-0").verdict, link::Verdict::Changed { second: 2 });
    assert_eq!(world.judged("tap-9").verdict, link::Verdict::Missing);
}

#[test]
fn what_another_process_left_open_is_closed_and_told_and_told_again_the_same() {
    let mut world = World::new();
    world.begin(0, 60);
    world.blocks(0, 0..1300);
    drop(std::mem::take(&mut world.running));
    let settle = || Take::Settle { id: ID, name: "tap-0".into() };
    let mut told = vec![];
    for _ in 0..2 {
        world.takes.send(settle()).expect("there");
        world.turn();
        told.push(world.done.try_recv());
    }
    let Ok(Done::Settled(ID, Some(kept))) = told[0] else { panic!("{told:?}") };
    assert_eq!((kept.seconds, kept.cut), (2, true));
    assert_eq!(told[0], told[1]);
    world.takes.send(Take::Settle { id: ID, name: "tap-8".into() }).expect("there");
    world.turn();
    assert_eq!(world.done.try_recv(), Ok(Done::Settled(ID, None)));
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let mut world = World::new();
    fs::write(world.path("tap-0.wav"), b"evidence").expect("written");
    world.begin(0, 60);
    world.blocks(0, 0..10);
    assert_eq!(world.taken(0), (None, Some(17)), "EEXIST");
    assert_eq!(fs::read(world.path("tap-0.wav")).expect("there"), b"evidence");
}

#[test]
fn a_recording_in_opus_is_closed_judged_and_mended_as_one_in_wav() {
    let mut world = World::new();
    world.terms = Terms { format: Format::Opus, keys: Keys::Mute };
    world.begin(0, 60);
    world.blocks(0, 0..1300);
    assert_eq!(world.judged("tap-0").verdict, link::Verdict::Open);
    world.takes.send(Take::End { tap: 0, token: None }).expect("there");
    world.turn();
    let (Some(kept), None) = world.taken(0) else { panic!("nothing kept") };
    assert_eq!((kept.seconds, kept.cut), (3, false));
    let found = world.judged("tap-0");
    let wanted = (link::Verdict::Whole, 3, Some(kept.hash));
    assert_eq!((found.verdict, found.seconds, found.hash), wanted);
    let path = world.path("tap-0.opus");
    let octets = fs::read(&path).expect("there");
    fs::write(&path, &octets[..octets.len() - 200]).expect("written");
    assert!(matches!(world.judged("tap-0").verdict, link::Verdict::Changed { .. }));
    world.begin(1, 60);
    world.blocks(1, 0..1300);
    drop(std::mem::take(&mut world.running));
    mend_all(world.folder.path(), |_| ());
    let said = verify(&world.path("tap-1.opus")).expect("kept");
    assert!(said.starts_with("cut: the power went; 2 s are kept"), "{said}");
}

#[test]
fn recordings_end_and_none_begins_while_the_disk_is_nearly_full_and_what_was_written_is_whole() {
    let mut world = World::new();
    world.begin(0, 60);
    world.blocks(0, 0..1300);
    world.recordings.room = |_| Some(limits::RECORDING_RESERVE - 1);
    for _ in 0..=ASK_EVERY {
        world.turn();
    }
    let (Some(kept), Some(errno)) = world.taken(0) else { panic!("it goes on") };
    assert_eq!((kept.seconds, errno), (3, libc::ENOSPC));
    assert_eq!(world.judged("tap-0").verdict, link::Verdict::Whole);
    let (terms, most) = (Terms::default(), None);
    let name = "tap-1".to_owned();
    world
        .takes
        .send(Take::Begin { tap: 1, name, begun_us: 7, most, terms, token: None })
        .expect("");
    world.blocks(1, 0..10);
    assert_eq!(world.taken(1), (None, Some(libc::ENOSPC)));
    assert!(!world.path("tap-1.wav").exists());
    world.recordings.room = |_| Some(limits::RECORDING_RESERVE);
    for _ in 0..=ASK_EVERY {
        world.turn();
    }
    world.begin(2, 1);
    world.blocks(2, 0..500);
    assert_eq!(world.taken(2).1, None);
}

#[test]
fn the_room_of_a_real_folder_is_told_and_that_of_none_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(free_room(folder.path()).is_some_and(|free| free > 0));
    assert_eq!(free_room(&folder.path().join("none")), None);
}
