//! What people and disks do wrong, kind by kind: what is told, and that it is told where people
//! look. The first of each kind is in `bad_input.rs`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use scenarios::play::{conversation, place, quiet, talked};
use scenarios::{City, Pace, Program, Rig, Settings, scene};

fn free() -> Settings {
    Settings::new(Pace::Free)
}

/// A call through the box works, with sound both ways.
fn a_call_works(rig: &Rig, city: &mut City, id: &str) -> Result<(), String> {
    city.telephone_answers(300)?;
    place(city, id, "95588", &conversation(rig, "1", 1, 2, 3000)?)?;
    talked(city, id)?;
    quiet(city)?;
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|fault| format!("{}: {fault}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// Replaces a part of a document; the line, from 1, in which the first change is.
fn spoil(path: &Path, good: &str, bad: &str) -> Result<usize, String> {
    let text = read(path)?;
    let at = text.find(good).ok_or_else(|| format!("no `{good}` in {}", path.display()))?;
    write(path, &text.replacen(good, bad, 1))?;
    Ok(text[..at].lines().count() + usize::from(text[..at].ends_with('\n')))
}

/// A refusal names all of these.
fn names(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not said:\n{text}");
    }
}

#[test]
fn every_kind_of_fault_in_a_document_is_told_by_file_line_field_and_remedy() {
    scene(free(), |rig, city| {
        let config = rig.path("config/config.toml");
        let good = read(&config)?;
        let kept = "The last good configuration stays in force.";
        for (from, to, field, remedy) in [
            ("telephone = 1", "telephon = 1", "telephon", "help config"),
            ("telephone = 1", "telephone = 99", "extension[1].telephone", "from 1"),
            ("called = \"95588\"", "called = \"955x8\"", "number[1].called", "digits 0-9"),
            ("flow = \"main\"", "flow = \"mian\"", "number[1].flow", "flows/<name>.toml"),
        ] {
            let line = spoil(&config, from, to)?;
            let (done, text) = rig.console("load")?;
            assert!(!done, "{text}");
            names(&text, &[&format!("config.toml, line {line}, {field}: "), remedy, kept]);
            write(&config, &good)?;
        }
        let flow = rig.path("config/flows/main.toml");
        let good = read(&flow)?;
        for (from, to, field, remedy) in [
            ("next = \"menu\"", "nxt = \"menu\"", "nxt", "help flow"),
            ("next = \"menu\"", "next = \"manu\"", "next", "manu"),
            ("\"welcome\"", "\"welcom\"", "prompts", "welcom"),
        ] {
            let line = spoil(&flow, from, to)?;
            let (done, text) = rig.console("load")?;
            assert!(!done, "{text}");
            names(&text, &[&format!("flows/main.toml, line {line}, "), field, remedy, kept]);
            let (done, text) = rig.console("compare")?;
            assert!(!done && text.contains("flows/main.toml"), "{text}");
            write(&flow, &good)?;
        }
        a_call_works(rig, city, "kept")
    });
}

#[test]
fn every_kind_of_fault_in_a_board_file_is_told() {
    let mut rig = Rig::new(free()).expect("a rig");
    // The rig's board file inherits this one.
    let board = rig.path("virtual.toml");
    let good = read(&board).expect("a board");
    let told = rig.path("board.toml").display().to_string();
    for (from, to, parts) in [
        ("driver", "drivr", &["(virtual.toml, line 7)", "drivr"][..]),
        ("span.1]", "span.17]", &["span: \"17\" is not a number from 1 to 16"]),
        ("telephone.1]", "telephone.one]", &["telephone: \"one\" is not a number"]),
        ("label = \"E1 1\"", "label = \"\"", &["label"]),
        ("country = \"cn\"", "country = \"zz\"", &["country/zz.toml"]),
    ] {
        spoil(&board, from, to).expect("spoilt");
        let (done, said) = rig.run_program(Program::Core).expect("it ends");
        assert!(!done, "{said}");
        names(&said, parts);
        names(&said, &[&told]);
        write(&board, &good).expect("written");
    }
}

#[test]
fn a_card_that_is_not_as_the_board_file_says_is_an_alarm_and_the_box_starts() {
    let mut rig = Rig::new(free()).expect("a rig");
    let board = rig.path("board.toml");
    let good = read(&board).expect("a board");
    write(&board, &(good + "\n[card.a.telephone.2]\nlabel = \"DESK 2\"\n")).expect("written");
    for program in [Program::Card, Program::Core, Program::Daemon] {
        rig.start_program(program).expect("it comes up");
    }
    let missing = "the hardware is not there (check the plug";
    let lines = rig.console_when("show board", |text| text.matches(missing).count() == 3);
    let lines = lines.expect("all three sockets");
    names(&lines, &["E1 1", "TEL 1", "DESK 2"]);
    rig.console_when("show alarms", |text| text.contains(&format!("DESK 2: {missing}")))
        .expect("an alarm with its label");
}

#[test]
fn a_daemon_whose_folder_cannot_be_written_to_says_so_and_calls_go_on() {
    // The mount is there for each start of the daemon that finds the file.
    let mounts = "if test -e \"$DIR/read-only\"; then mount --bind \"$DIR/daemon\" \
                  \"$DIR/daemon\"; mount -o remount,ro,bind \"$DIR/daemon\"; fi";
    let settings = Settings { mounts: vec![(Program::Daemon, mounts.into())], ..free() };
    scene(settings, |rig, city| {
        a_call_works(rig, city, "before")?;
        rig.records_when(1)?;
        rig.end(Program::Daemon, Signal::SIGTERM);
        write(&rig.path("read-only"), "")?;
        let (done, said) = rig.run_program(Program::Daemon)?;
        assert!(!done, "{said}");
        let store = rig.path("daemon/store.db").display().to_string();
        names(&said, &[&store, "Read-only file system"]);
        a_call_works(rig, city, "without")?;
        fs::remove_file(rig.path("read-only")).map_err(|fault| fault.to_string())?;
        rig.start_program(Program::Daemon)?;
        rig.console_ready()?;
        rig.records_when(2)?;
        Ok(())
    });
}

/// Fills a disk up, to the last octet; the file that does it.
fn fill(folder: &Path) -> Result<PathBuf, String> {
    let path = folder.join("filler");
    let mut file = fs::File::create(&path).map_err(|fault| fault.to_string())?;
    let mut size = 65_536;
    while size > 0 {
        match file.write(&vec![0; size]) {
            Ok(written) if written > 0 => {}
            _ => size /= 2,
        }
    }
    Ok(path)
}

#[test]
fn a_full_disk_of_the_daemon_stands_among_the_alarms_until_there_is_room() {
    let mounts = "mount -t tmpfs -o size=512k tmpfs \"$DIR/daemon\"";
    let settings = Settings { mounts: vec![(Program::Daemon, mounts.into())], ..free() };
    scene(settings, |rig, city| {
        a_call_works(rig, city, "before")?;
        rig.records_when(1)?;
        let pid = rig.pid(Program::Daemon).ok_or("no daemon")?;
        let filler = fill(Path::new(&format!("/proc/{pid}/root{}", rig.path("daemon").display())))?;
        for number in 0..8 {
            a_call_works(rig, city, &format!("full-{number}"))?;
        }
        let told = "disk is full. Calls go on; records wait in the core.";
        rig.console_when("show alarms", |text| text.contains(told))?;
        assert_eq!(rig.logs().matches("disk is full").count(), 1, "{}", rig.logs());
        fs::remove_file(&filler).map_err(|fault| fault.to_string())?;
        rig.records_when(9)?;
        rig.console_when("show alarms", |text| !text.contains("disk is full"))?;
        Ok(())
    });
}
