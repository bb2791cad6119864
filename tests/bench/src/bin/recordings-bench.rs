//! As many recordings at once as the core takes, in real time, on the disk of this folder.
//!
//! ```text
//!  prompts, another place for each side ── 64 taps, a block each 2 ms ──► the core's thread
//!                                                                          │ keys muted
//!  the disk itself: a file in one piece, 16 kB and a sync at a time        └► WAV, then Opus
//! ```
//!
//! Told are blocks that found the ring full, how far the thread was behind at most, and what
//! processor's time a recorded second of both sides takes.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use bench::clock_ns;
use engine::Tapped;
use limits::{TAPS, TICK_US};
use nix::sys::eventfd::{EfdFlags, EventFd};
use recorder::{Format, Keys, Terms};
use ringmain_core::recordings::{Recorders, Take, start};
use ringmain_core::task::Done;
use units::Law;
use units::media::BLOCK_SAMPLES;

/// Seconds of each.
const SECONDS: u64 = 20;
const TICKS: u64 = SECONDS * 1_000_000 / TICK_US;
/// What a second of a recording in WAV is written as.
const SECOND: usize = 16_000;

type Fault = String;

fn fault(what: &str) -> impl Fn(std::io::Error) -> Fault {
    move |fault| format!("{what}: {fault}")
}

/// Octets a second in one piece; the middle and the 95th of a hundred of 200 syncs, in ms.
fn disk(folder: &Path) -> Result<(f64, f64, f64), Fault> {
    let path = folder.join("disk");
    let mut file = File::create(&path).map_err(fault("the disk"))?;
    let (piece, begin) = (vec![0xd5; 1 << 20], clock_ns());
    for _ in 0..64 {
        file.write_all(&piece).map_err(fault("the disk"))?;
    }
    file.sync_data().map_err(fault("the disk"))?;
    let speed = 64.0 * 1_048_576.0 * 1000.0 / to_f64(clock_ns() - begin);
    let mut times = vec![];
    for _ in 0..200 {
        let begin = clock_ns();
        file.write_all(&piece[..SECOND]).map_err(fault("the disk"))?;
        file.sync_data().map_err(fault("the disk"))?;
        times.push(to_f64(clock_ns() - begin) / 1e6);
    }
    times.sort_by(f64::total_cmp);
    std::fs::remove_file(path).map_err(fault("the disk"))?;
    Ok((speed, times[100], times[190]))
}

#[expect(clippy::cast_precision_loss, reason = "figures")]
const fn to_f64(value: u64) -> f64 {
    value as f64
}

/// All prompts, one behind the other.
fn prompts() -> Result<Vec<u8>, Fault> {
    let mut sound = vec![];
    let mut files: Vec<_> = std::fs::read_dir("target/prompts")
        .map_err(fault("target/prompts"))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "alaw"))
        .collect();
    files.sort();
    for file in files {
        sound.extend(std::fs::read(file).map_err(fault("a prompt"))?);
    }
    if sound.len() < 1 << 18 { Err("there are too few prompts".into()) } else { Ok(sound) }
}

/// Nanoseconds of processor that the thread of recordings has had.
fn thread_ns() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let own = |path: &PathBuf| {
        std::fs::read_to_string(path.join("comm")).is_ok_and(|name| name == "recordings\n")
    };
    let found = tasks.map(|task| task.path()).find(own);
    let told = found.and_then(|path| std::fs::read_to_string(path.join("schedstat")).ok());
    told.and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0)
}

/// What came of recordings of one format.
#[derive(Default)]
struct Found {
    lost: u64,
    missing: u64,
    behind_ms: u64,
    close_ms: u64,
    us: f64,
    octets: u64,
}

struct World {
    recorders: Recorders,
    done: Receiver<Done>,
    sound: Vec<u8>,
    next_tap: u32,
    folder: PathBuf,
}

impl World {
    fn begin(&mut self, format: Format) -> Result<Vec<u32>, Fault> {
        let terms = Terms { format, keys: Keys::Mute };
        let mut taps = vec![];
        for _ in 0..TAPS {
            let (tap, takes): (u32, &Sender<Take>) = (self.next_tap, &self.recorders.1);
            self.next_tap += 1;
            let name = format!("tap-{tap}");
            let begin = Take::Begin { tap, name, begun_us: 7, most: None, terms, token: None };
            takes.send(begin).map_err(|_| "the thread is gone")?;
            taps.push(tap);
        }
        Ok(taps)
    }

    fn block(&self, tap: u32, tick: u64) -> Tapped {
        let place = |offset: u64| {
            let all = self.sound.len() as u64 - BLOCK_SAMPLES as u64;
            let at = (u64::from(tap) * 77_777 + offset + tick * BLOCK_SAMPLES as u64) % all;
            let at = usize::try_from(at).unwrap_or(0);
            let mut octets = [0; BLOCK_SAMPLES];
            octets.copy_from_slice(&self.sound[at..at + BLOCK_SAMPLES]);
            octets
        };
        Tapped { tap, law: Law::A, came: place(0), sent: place(400_000) }
    }

    fn record(&mut self, format: Format, first: u64) -> Result<Found, Fault> {
        let taps = self.begin(format)?;
        let (mut found, used, begin) = (Found::default(), thread_ns(), clock_ns());
        for tick in 0..TICKS {
            let at = begin + tick * TICK_US * 1000;
            std::thread::sleep(Duration::from_nanos(at.saturating_sub(clock_ns())));
            for tap in &taps {
                let block = self.block(*tap, tick);
                found.lost += u64::from(self.recorders.0.enqueue((first + tick, block)).is_err());
            }
            let behind = (self.recorders.0.len() / TAPS) as u64 * TICK_US / 1000;
            found.behind_ms = found.behind_ms.max(behind);
        }
        let end = clock_ns();
        for tap in &taps {
            let take = Take::End { tap: *tap, token: None };
            self.recorders.1.send(take).map_err(|_| "the thread is gone")?;
        }
        for _ in &taps {
            match self.done.recv_timeout(Duration::from_secs(60)) {
                Ok(Done::Taken { kept: Some(kept), fault: None, .. }) => {
                    found.missing += u64::from(kept.missing);
                }
                other => return Err(format!("a recording came to {other:?}")),
            }
        }
        found.close_ms = (clock_ns() - end) / 1_000_000;
        let seconds = to_f64(SECONDS * taps.len() as u64);
        found.us = to_f64(thread_ns() - used) / 1000.0 / seconds;
        for tap in &taps {
            let path = self.folder.join(format!("tap-{tap}")).with_extension(format.ending());
            ringmain_core::recordings::verify(&path)?;
            found.octets += std::fs::metadata(path).map_err(fault("a file"))?.len();
        }
        found.octets /= SECONDS * taps.len() as u64;
        Ok(found)
    }
}

#[expect(clippy::print_stdout, reason = "the figures")]
fn run() -> Result<bool, Fault> {
    let folder = tempfile::tempdir_in("target").map_err(fault("target"))?;
    let (speed, middle, late) = disk(folder.path())?;
    let (to_us, done) = channel();
    let bell = EventFd::from_flags(EfdFlags::EFD_NONBLOCK).map_err(|fault| fault.to_string())?;
    let recorders = start(folder.path().into(), to_us, Arc::new(bell), true)?;
    let folder_path = folder.path().to_owned();
    let mut world = World { recorders, done, sound: prompts()?, next_tap: 1, folder: folder_path };
    println!("disk: {speed:.0} MB/s in one piece; 16 kB and a sync {middle:.2} ms, 95th {late:.2}");
    let (mut good, mut line) = (true, format!("recordings: at_once={TAPS}"));
    for (format, first) in [(Format::Wav, 1), (Format::Opus, 10_000_000)] {
        let Found { lost, missing, behind_ms, close_ms, us, octets } =
            world.record(format, first)?;
        let name = format.ending();
        println!(
            "{name}: {us:.0} us of a processor for a recorded second, {:.1} % of one for all; \
             {octets} octets; {lost} blocks lost, {missing} missing; behind by {behind_ms} ms at \
             most; all closed within {close_ms} ms",
            us * to_f64(TAPS as u64) / 1e4
        );
        line += &format!(" {name}_us={us:.0} {name}_lost={lost} {name}_behind_ms={behind_ms}");
        good &= lost == 0 && missing == 0;
    }
    println!("{line} disk_mb_s={speed:.0} sync_ms={middle:.2}");
    Ok(good)
}

#[expect(clippy::print_stderr, reason = "why it failed")]
fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("recordings-bench: {fault}");
            ExitCode::FAILURE
        }
    }
}
