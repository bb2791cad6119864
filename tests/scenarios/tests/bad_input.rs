//! Bad documents, second instances, stale sockets, full and read-only disks, missing prompts,
//! garbage on every socket: said plainly, and calls go on.
#![expect(clippy::expect_used, clippy::panic, reason = "a test")]

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use scenarios::{Figures, Pace, Program, Rig, Settings};

fn boxed() -> Rig {
    Rig::start(Settings::new(Pace::Free)).expect("a box")
}

/// A call through the main flow to the telephone, heard both ways.
fn a_call_works(rig: &Rig, id: &str) {
    if let Err(fault) = Figures::of_a_call(rig, id) {
        panic!("{fault}\n{}", rig.logs());
    }
    // The handset goes down before the next call.
    let rests = || {
        let idle = rig.console("show spans").is_ok_and(|(_, text)| text.contains(" 0/30 busy"));
        idle && rig.console("show calls").is_ok_and(|(_, text)| text.contains("No calls"))
    };
    until("the call is over", rests);
    std::thread::sleep(Duration::from_millis(300));
}

/// Waits for something that comes, at most ten seconds.
fn until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{what}: not within ten seconds");
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("a document");
    assert!(text.contains(from), "{} has no {from}", path.display());
    fs::write(path, text.replacen(from, to, 1)).expect("writes");
}

/// Runs a program of the rig to its end; its status and what it complained.
fn run_to_its_end(mut command: Command) -> (bool, String) {
    let output = command.stdin(Stdio::null()).output().expect("it runs");
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_malformed_document_is_told_by_file_line_field_and_remedy_and_the_last_good_one_stays() {
    let mut rig = boxed();
    let config = rig.path("config/config.toml");
    edit(&config, "telephone = 1", "telefone = 1");
    let line = fs::read_to_string(&config).expect("a document");
    let line = line.lines().position(|line| line.contains("telefone")).expect("there") + 1;
    let (done, text) = rig.console("load").expect("a console");
    assert!(!done && text.contains(&format!("config.toml, line {line}")), "{text}");
    assert!(text.contains("telefone") && text.contains("help config"), "{text}");
    assert!(text.contains("The last good configuration stays in force"), "{text}");
    a_call_works(&rig, "a");

    // A daemon that starts with it keeps the last good one too, and says so.
    rig.end(Program::Daemon, Signal::SIGTERM);
    rig.start_program(Program::Daemon).expect("a daemon");
    assert!(rig.logs().contains("the last good documents stay in force"), "{}", rig.logs());
    let (_, shown) = rig.console("show config").expect("a console");
    assert!(shown.starts_with(&format!("! config.toml, line {line}")), "{shown}");
    a_call_works(&rig, "b");

    edit(&config, "telefone = 1", "telephone = 1");
    edit(&rig.path("config/flows/main.toml"), "next = \"menu\"", "next = \"menue\"");
    let (done, text) = rig.console("load").expect("a console");
    assert!(!done && text.contains("flows/main.toml, line"), "{text}");
    assert!(text.contains("step `answer`, next") && text.contains("menue"), "{text}");

    edit(&rig.path("config/flows/main.toml"), "next = \"menue\"", "next = \"menu\"");
    let (done, text) = rig.console("load").expect("a console");
    assert!(done, "{text}");
}

#[test]
fn a_malformed_board_file_is_told_by_file_line_and_field() {
    let rig = Rig::new(Settings::new(Pace::Free)).expect("folders");
    let board = rig.path("board.toml");
    let text =
        fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../boards/virtual.toml"));
    fs::write(&board, text.expect("a board").replace("driver = ", "drivr = ")).expect("writes");
    let mut command = rig.command(Program::Core).expect("it is built");
    // The last one given counts.
    command.arg("--board").arg(&board);
    let (done, text) = run_to_its_end(command);
    assert!(!done && text.contains("board.toml") && text.contains("line"), "{text}");
    assert!(text.contains("drivr"), "{text}");
}

#[test]
fn a_second_instance_of_each_program_is_refused_with_the_process_of_the_first() {
    let rig = boxed();
    for program in [Program::Card, Program::City, Program::Core, Program::Daemon] {
        let first = rig.pid(program).expect("it runs");
        let (done, text) = run_to_its_end(rig.command(program).expect("it is built"));
        assert!(!done && text.contains(&format!("process {first}")), "{program:?}: {text}");
    }
    a_call_works(&rig, "a");
}

#[test]
fn programs_killed_at_once_leave_stale_sockets_and_start_again() {
    let mut rig = boxed();
    let all = [Program::Card, Program::City, Program::Core, Program::Daemon];
    for program in all {
        rig.end(program, Signal::SIGKILL);
    }
    for name in ["card.sock", "core.sock", "console.sock", "city.sock"] {
        assert!(rig.path("run").join(name).exists(), "{name} was left behind");
    }
    for program in all {
        rig.start_program(program).expect("it starts");
    }
    a_call_works(&rig, "a");
}

#[test]
fn a_missing_prompt_is_an_alarm_that_names_it_and_callers_go_on() {
    let mut rig = Rig::new(Settings::new(Pace::Free)).expect("folders");
    fs::remove_file(rig.prompt("en", "welcome").expect("a prompt")).expect("removes");
    for program in [Program::Card, Program::City, Program::Core, Program::Daemon] {
        rig.start_program(program).expect("it starts");
    }
    rig.wait_until_in_force().expect("in force");
    a_call_works(&rig, "a");
    let (_, alarms) = rig.console("show alarms").expect("a console");
    assert!(alarms.contains("The prompt welcome (en) is missing"), "{alarms}");
}

/// A folder as the process sees it, whose mounts are its own.
fn inside(rig: &Rig, program: Program, folder: &str) -> PathBuf {
    let pid = rig.pid(program).expect("it runs");
    let folder = rig.path(folder);
    let folder = folder.strip_prefix("/").expect("an absolute path");
    PathBuf::from(format!("/proc/{pid}/root")).join(folder)
}

/// Writes until the disk is full.
fn fill(folder: &Path) {
    let mut file = fs::File::create(folder.join("filler")).expect("a file");
    while file.write_all(&[0; 4096]).is_ok() {}
}

fn with_mount(program: Program, folder: &str, options: &str) -> Rig {
    let mounts = format!("mount -t tmpfs -o {options} tmpfs \"$DIR/{folder}\"");
    let settings = Settings { mounts: vec![(program, mounts)], ..Settings::new(Pace::Free) };
    let mut rig = Rig::new(settings).expect("folders");
    for program in [Program::Card, Program::City, Program::Core, Program::Daemon] {
        rig.start_program(program).expect("it starts (mounting needs root)");
    }
    rig
}

#[test]
fn with_the_daemons_disk_full_calls_go_on_and_their_records_arrive_when_there_is_room() {
    let rig = with_mount(Program::Daemon, "daemon", "size=2m");
    rig.wait_until_in_force().expect("in force");
    let folder = inside(&rig, Program::Daemon, "daemon");
    fill(&folder);
    if let Err(fault) = Figures::of_a_call(&rig, "a") {
        panic!("{fault}\n{}", rig.logs());
    }
    until("the full disk is told", || rig.logs().contains("database or disk is full"));
    let (_, records) = rig.console("show records json").expect("a console");
    assert!(records.is_empty(), "{records}");
    fs::remove_file(folder.join("filler")).expect("removes");
    until("the record arrives", || {
        rig.console("show records json").is_ok_and(|(_, text)| text.lines().count() == 1)
    });
}

#[test]
fn with_the_cores_disk_full_a_change_is_refused_aloud_and_calls_and_records_go_on() {
    let rig = with_mount(Program::Core, "core", "size=40m");
    let folder = inside(&rig, Program::Core, "core");
    until("the configuration is in force", || folder.join("current").exists());
    fill(&folder);
    edit(&rig.path("config/config.toml"), "number = \"801\"", "number = \"802\"");
    let (done, text) = rig.console("load").expect("a console");
    assert!(!done && text.contains("error 28") && text.contains("no space"), "{text}");
    // Calls go by the table in force, and their records have their place already.
    a_call_works(&rig, "a");
    until("the record", || {
        rig.console("show records json").is_ok_and(|(_, text)| text.lines().count() == 1)
    });
    fs::remove_file(folder.join("filler")).expect("removes");
    let (done, text) = rig.console("load").expect("a console");
    assert!(done, "{text}");
}

#[test]
fn a_disk_without_room_for_the_journal_is_told_and_calls_and_records_go_on() {
    let rig = with_mount(Program::Core, "core", "size=20m");
    let folder = inside(&rig, Program::Core, "core");
    until("the configuration is in force", || folder.join("current").exists());
    assert!(!folder.join("journal").exists(), "half a journal");
    assert!(rig.logs().contains("calls would not outlive the core"), "{}", rig.logs());
    let (_, alarms) = rig.console("show alarms").expect("a console");
    assert!(alarms.contains("error 28"), "{alarms}");
    let (_, shown) = rig.console("show core").expect("a console");
    assert!(shown.contains("would not outlive"), "{shown}");
    a_call_works(&rig, "a");
    until("the record", || {
        rig.console("show records json").is_ok_and(|(_, text)| text.lines().count() == 1)
    });
}

#[test]
fn a_state_folder_that_cannot_be_written_to_is_named() {
    for (program, folder) in [(Program::Core, "core"), (Program::Daemon, "daemon")] {
        let mounts = format!("mount -t tmpfs -o ro tmpfs \"$DIR/{folder}\"");
        let settings = Settings { mounts: vec![(program, mounts)], ..Settings::new(Pace::Free) };
        let rig = Rig::new(settings).expect("folders");
        let (done, text) = run_to_its_end(rig.command(program).expect("it is built"));
        assert!(!done, "{text}");
        assert!(text.contains(&*rig.path(folder).to_string_lossy()), "{text}");
    }
}

/// Octets that mean nothing, the same each time.
fn garbage(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

#[test]
fn garbage_on_every_socket_is_answered_or_dropped_and_nobody_falls_over() {
    let mut rig = boxed();
    let pids = |rig: &Rig| [Program::Card, Program::Core, Program::Daemon].map(|p| rig.pid(p));
    // The console: no JSON, half a line, a line without end.
    for seed in 0..20 {
        let mut stream = UnixStream::connect(rig.path("run/console.sock")).expect("a console");
        let mut octets = garbage(3000 * (1 + seed as usize % 3), seed);
        octets.retain(|octet| *octet != b'\n' || seed % 2 == 0);
        let _ = stream.write_all(&octets);
        let _ = stream.write_all(b"\n{\"line\": 7}\n{\"complete\": \"sh\"}\n");
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = vec![];
        let _ = stream.read_to_end(&mut answer);
    }
    // The core, in the place of a daemon, and beside one.
    for alone in [false, true] {
        if alone {
            rig.end(Program::Daemon, Signal::SIGTERM);
        }
        for seed in 0..20 {
            let mut stream = None;
            until("the core listens", || {
                stream = hal_socket::dial(&rig.path("run/core.sock")).ok();
                stream.is_some()
            });
            let stream = stream.expect("until it is");
            for n in 0..50 {
                let mut datagram = garbage(8 + n * 7, seed * 100 + u32::try_from(n).unwrap_or(0));
                if n % 2 == 0 {
                    // A head that is right and a message that is not.
                    datagram[..8].copy_from_slice(b"RM\0\x01\0\0\0\x01");
                }
                hal_socket::write(&stream, &datagram);
            }
        }
    }
    rig.start_program(Program::Daemon).expect("a daemon");
    // The card beside the core: nobody is let in.
    for seed in 0..5 {
        if let Ok(stream) = hal_socket::dial(&rig.path("run/card.sock")) {
            hal_socket::write(&stream, &garbage(600, seed));
        }
    }
    let before = pids(&rig);
    until("the daemon is connected", || {
        rig.console("show spans").is_ok_and(|(done, text)| done && text.contains("data link up"))
    });
    a_call_works(&rig, "a");
    assert_eq!(before, pids(&rig));
}
