//! The thread's work on a real folder, without its thread.

use std::sync::mpsc::channel;

use heapless::spsc::Queue;
use nix::sys::eventfd::EfdFlags;
use units::Law;

use super::*;

type Ring = Queue<Numbered, 2048>;

struct World {
    folder: tempfile::TempDir,
    recordings: Recordings,
    running: BTreeMap<u8, Running>,
    ring: heapless::spsc::Producer<'static, Numbered>,
    takes: Sender<Take>,
    done: Receiver<Done>,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let ring: &'static mut Ring = Box::leak(Box::default());
        let (ring, blocks) = ring.split();
        let (takes, from_control) = channel();
        let (to_control, done) = channel();
        let bell = EventFd::from_flags(EfdFlags::EFD_NONBLOCK).expect("a bell");
        let recordings = Recordings {
            folder: folder.path().into(),
            blocks,
            takes: from_control,
            done: to_control,
            bell: Arc::new(bell),
            log: |_| (),
            alone: true,
        };
        Self { folder, recordings, running: BTreeMap::new(), ring, takes, done }
    }

    fn begin(&mut self, tap: u8, seconds: u16) {
        let name = format!("tap-{tap}");
        self.takes.send(Take::Begin { tap, name, begun_us: 7, seconds, token: 1 }).expect("there");
        assert!(self.recordings.turn(&mut self.running));
        let begun = Done::Command { token: 1, outcome: Outcome::Done };
        assert_eq!(self.done.try_recv(), Ok(begun));
    }

    fn blocks(&mut self, tap: u8, numbers: std::ops::Range<u64>) {
        for number in numbers {
            let block = Tapped { tap, law: Law::A, came: [1; 16], sent: [2; 16] };
            assert!(self.ring.enqueue((number, block)).is_ok(), "the ring is full");
            if number % 100 == 0 {
                assert!(self.recordings.turn(&mut self.running));
            }
        }
        assert!(self.recordings.turn(&mut self.running));
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
    assert_eq!(world.done.try_recv(), Ok(Done::Taken(0)));
    let said = verify(&world.path("tap-0.wav")).expect("whole");
    assert!(said.starts_with("whole: 2 s, blocks that never came 0, hash "), "{said}");
    assert!(!world.path("tap-0.chain").exists());
}

#[test]
fn two_taps_go_to_two_files_and_one_may_be_ended_early() {
    let mut world = World::new();
    world.begin(0, 60);
    world.begin(1, 60);
    world.blocks(0, 0..600);
    world.blocks(1, 0..100);
    world.takes.send(Take::End { tap: 0, token: 9 }).expect("there");
    assert!(world.recordings.turn(&mut world.running));
    assert_eq!(world.done.try_recv(), Ok(Done::Taken(0)));
    assert_eq!(world.done.try_recv(), Ok(Done::Command { token: 9, outcome: Outcome::Done }));
    let said = verify(&world.path("tap-0.wav")).expect("whole");
    assert!(said.starts_with("whole: 2 s"), "{said}");
    assert_eq!(verify(&world.path("tap-1.wav")), Ok("open: it still goes on".into()));
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
    assert_eq!(world.done.try_recv(), Ok(Done::Taken(3)));
    assert!(world.running.is_empty());
}
