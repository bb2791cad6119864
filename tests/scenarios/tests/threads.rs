//! The threads of the core keep out of each other's way: a stalled control thread leaves the sound
//! of calls clean, and the line thread asks nothing of the allocator once it runs.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use scenarios::play::{conversation, is, matched, place, quiet, talked, until};
use scenarios::{City, Core, Pace, Program, Settings, program, scene};
use serde_json::{Value, json};

/// Real time is for one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// Stalls in the call.
const STALLS: usize = 5;

/// The lowest correlation of the last 2 s at either end.
fn worst(city: &mut City) -> Result<f64, String> {
    city.command(&json!({"cmd": "status"}))?;
    city.mark();
    let status = city.seen("its status", |event| event["event"] == "status")?;
    let looks = [&status["calls"][0]["looks"], &status["telephones"][0]["looks"]];
    let looks = looks.iter().filter_map(|of| of.as_array()).flatten().filter_map(Value::as_f64);
    looks.reduce(f64::min).ok_or_else(|| format!("nobody talks: {status}"))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn a_control_thread_that_stalls_for_a_second_leaves_the_sound_of_a_call_clean() {
    let _alone = ALONE.lock();
    let settings = Settings { tests_allowed: true, ..Settings::new(Pace::Real) };
    scene(settings, |rig, city| {
        rig.end(Program::Daemon, Signal::SIGTERM);
        let mut core = Core::connect(&rig.path("run/core.sock"))?;
        city.telephone_answers(200)?;
        place(city, "a", "95588", &conversation(rig, "1", 1, 2, 26_000)?)?;
        matched(city, "caller", Some("a"))?;
        let mut at = matched(city, "telephone", Some("a"))?["at_us"].as_u64().unwrap_or(0);
        let (mut without, mut with) = (vec![], vec![]);
        for _ in 0..STALLS {
            at += 2_000_000;
            until(city, at)?;
            without.push(worst(city)?);
            core.stall(1000)?;
            // Looks of the last 2 s: each sees a part of the stall.
            at += 2_000_000;
            until(city, at)?;
            with.push(worst(city)?);
        }
        // The measure sees sound that is lost: here the whole core stands still.
        let pid = rig.pid(Program::Core).and_then(|pid| i32::try_from(pid).ok()).unwrap_or(0);
        kill(Pid::from_raw(pid), Signal::SIGSTOP).map_err(|errno| errno.to_string())?;
        // After a second of silence the telephone would hang up.
        let stopped = until(city, at + 500_000);
        kill(Pid::from_raw(pid), Signal::SIGCONT).map_err(|errno| errno.to_string())?;
        stopped?;
        let lost = worst(city)?;
        assert!(lost < 0.9, "a core that stands still is not noticed: {lost}");
        city.seen("the end of the call", |event| is(event, "call_passed", "a"))?;
        println!("worst correlations between stalls {without:.4?}, across stalls {with:.4?}");
        // A second of sound that is lost takes half of every look that sees it; what other programs
        // of a busy machine cost comes with stalls and without.
        let (with, without) = (median(with), median(without));
        assert!(with > 0.9 && with > without - 0.05, "with stalls {with}, without {without}");
        Ok(())
    });
}

/// Threads that are the line thread, their allocations, their releases.
fn counts(file: &Path) -> Result<[u64; 3], String> {
    let octets = std::fs::read(file).map_err(|fault| fault.to_string())?;
    let numbers = octets.as_chunks::<8>().0.iter().map(|eight| u64::from_ne_bytes(*eight));
    numbers.collect::<Vec<_>>().try_into().map_err(|_| "not three numbers".into())
}

#[test]
fn the_line_thread_allocates_nothing_through_calls_garbage_and_a_cut() {
    let _alone = ALONE.lock();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("counts");
    let mut settings = Settings { telephones: 2, ..Settings::new(Pace::Free) };
    settings.core_environment = vec![
        ("LD_PRELOAD".into(), env!("COUNT_LIBRARY").into()),
        ("ALLOCATION_COUNTS".into(), file.display().to_string()),
    ];
    scene(settings, |rig, city| {
        city.telephone_answers(5000)?;
        let garbage = json!({"cmd": "fault", "kind": "garbage", "ms": 2000});
        let script = conversation(rig, "1", 1, 2, 15_000)?;
        place(city, "a", "95588", &script)?;
        city.seen("ringing", |event| event["event"] == "ringing")?;
        city.command(&garbage)?;
        talked(city, "a")?;
        quiet(city)?;

        city.command(&json!({
            "cmd": "telephone", "port": 2, "answer_after_ms": 200,
            "talk": {"send": 3, "expect": 4},
        }))?;
        city.command(&json!({
            "cmd": "lift", "port": 1, "digits": "802", "talk": {"send": 4, "expect": 3},
        }))?;
        city.seen("two telephones", |event| event["event"] == "matched" && event["port"] == 2)?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        quiet(city)?;

        // Alarms, slips and missing blocks are told too.
        for kind in ["los", "slip", "lose_blocks", "bit_errors"] {
            city.set_strict(false);
            city.command(&json!({"cmd": "fault", "kind": kind, "ms": 500}))?;
            let at = city.seen("it", |event| event["event"] == "fault")?["at_us"].as_u64();
            until(city, at.unwrap_or(0) + 2_000_000)?;
            city.mark();
        }
        let [threads, allocations, releases] = counts(&file)?;
        assert_eq!((threads, allocations, releases), (1, 0, 0));
        Ok(())
    });
}

#[test]
fn the_count_of_allocations_finds_a_thread_that_allocates() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("counts");
    let status = Command::new(program("allocating-thread"))
        .env("LD_PRELOAD", env!("COUNT_LIBRARY"))
        .env("ALLOCATION_COUNTS", &file)
        .status()
        .expect("cargo build --workspace --bins");
    assert!(status.success());
    let [threads, allocations, releases] = counts(&file).expect("counts");
    assert_eq!(threads, 1);
    assert!(allocations >= 3 && releases >= 1, "{allocations} and {releases}");
}
