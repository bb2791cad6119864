//! The console as a person meets it: the real program, its words in both languages, its exit
//! status, and a terminal with Tab and `?`.

#![expect(clippy::expect_used, reason = "a test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use scenarios::play::link_up;
use scenarios::{Figures, Pace, Rig, Settings, program};

/// Runs commands on the console: whether all were done, what it said, what it complained.
fn ringmain(rig: &Rig, commands: &[&str]) -> (bool, String, String) {
    let mut console = Command::new(program("ringmain"));
    console.arg("--run").arg(rig.path("run"));
    for command in commands {
        console.args(["-c", command]);
    }
    let output = console.stdin(Stdio::null()).output().expect("it runs");
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

/// Times and the numbers of calls and counters differ from run to run: digits become `#`.
fn masked(text: &str) -> String {
    let mut masked = String::new();
    for c in text.chars() {
        let c = if c.is_ascii_digit() { '#' } else { c };
        if c != '#' || !masked.ends_with('#') {
            masked.push(c);
        }
    }
    masked
}

#[test]
fn commands_are_answered_in_plain_words_and_the_exit_status_says_whether_all_were_done() {
    let rig = Rig::start(Settings::new(Pace::Free)).expect("a box");
    let done = |command: &str| {
        let (done, said, complained) = ringmain(&rig, &[command]);
        assert!(done && complained.is_empty(), "{command}: {complained}");
        said
    };
    let refused = |command: &str| {
        let (done, said, complained) = ringmain(&rig, &[command]);
        assert!(!done && said.is_empty(), "{command}: {said}");
        complained
    };
    assert_eq!(done("show calls"), "No calls.\n");
    assert_eq!(done("show records"), "No records yet.\n");
    assert_eq!(done("show alarms"), "No alarms.\n");
    assert_eq!(done("compare"), "Nothing to do: this is in force already.\n");
    assert!(done("show config").contains("--- flows/main.toml\n"));
    assert_eq!(done("help").lines().count(), 48);
    let sound = done("show channel 1/5 sound");
    assert!(sound.starts_with("Came -") && sound.lines().count() == 4, "{sound}");
    assert!(done("show port 1 sound").contains("dBm0"));
    assert!(done("diagnose port 1").contains("Nothing comes at all"));
    assert!(refused("show channel 2/5 sound").contains("not"));
    assert!(done("help config").contains("| `extension.telephone` | 1 to 64 |"));
    let walk = done("simulate flow main 1");
    assert!(
        walk.starts_with("the box answers\nthe caller hears welcome (zh), menu (zh)"),
        "{walk}"
    );
    assert!(walk.contains("the caller presses 1\n1 goes into the record\n801 is rung"), "{walk}");

    assert_eq!(
        refused("show spams"),
        "ringmain: `spams` is not known here. There may be: \
         spans, span, channel, port, board, core, calls, conferences, records, recordings, \
         alarms, config\n"
    );
    assert_eq!(
        refused("show"),
        "ringmain: The command is not complete. Next may be: \
         spans, span, channel, port, board, core, calls, conferences, records, recordings, \
         alarms, config\n"
    );
    assert_eq!(
        refused("c"),
        "ringmain: More than one command fits. There may be: compare, capture, clear, conference\n"
    );
    assert_eq!(refused("clear call c1-1-9999"), "ringmain: Not done: it is not there\n");
    assert_eq!(refused("simulate flow x"), "ringmain: `x` is not known here. There may be: main\n");
    // One that is refused does not keep those behind it from being done.
    let (all, said, _) = ringmain(&rig, &["shw", "show calls"]);
    assert_eq!((all, said.as_str()), (false, "No calls.\n"));

    Figures::of_a_call(&rig, "a").expect("a call");
    let record = rig.console_when("show records", |text| text.contains("ended by")).expect("it");
    assert_eq!(
        masked(&record),
        "#-#-# #:#:#Z  c#-#-#  # -> #  [E# # > main > rang # > #]  keys #  \
         talked for #.# s, ended by caller, cause #\n"
    );
    assert_eq!(
        masked(&done("show spans")),
        "E# #  up, data link up; #/# busy, # blocked\n      CRC # (far #), FAS #, code #, slips #, \
         losses of frame #; D: in #, out #, bad #, refused #\n"
    );
    let json = done("show records json");
    assert!(json.starts_with("{\"call\":\"c1-1-") && json.lines().count() == 1, "{json}");
}

#[test]
fn the_console_speaks_chinese_where_the_box_does() {
    let rig = Rig::start(Settings::new(Pace::Free)).expect("a box");
    let config = rig.path("config/config.toml");
    let text = std::fs::read_to_string(&config).expect("a document");
    std::fs::write(&config, text.replace("language = \"en\"", "language = \"zh\""))
        .expect("writes");
    let (done, said, _) = ringmain(&rig, &["load", "show calls", "show records"]);
    assert!(done && said.ends_with("当前没有呼叫。\n还没有话单。\n"), "{said}");
    let (done, said, _) = ringmain(&rig, &["show spans", "help"]);
    assert!(
        done && said.contains("正常, 链路已建立") && said.contains("显示正在进行的呼叫"),
        "{said}"
    );
    let (_, _, complained) = ringmain(&rig, &["show spams"]);
    assert!(complained.contains("不认识“spams”"), "{complained}");
}

#[test]
fn a_call_placed_from_the_console_is_told_as_it_happens() {
    let rig = Rig::start(Settings::new(Pace::Free)).expect("a box");
    let mut city = rig.city().expect("a city");
    link_up(&rig, &mut city).expect("a link");
    city.telephone_answers(500).expect("a telephone");
    let mut watching = Command::new(program("ringmain"))
        .arg("--run")
        .arg(rig.path("run"))
        .args(["-c", "watch calls"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut told = BufReader::new(watching.stdout.take().expect("a pipe")).lines();
    let begun = told.next().expect("a line").expect("text");
    assert_eq!(begun, "Telling calls as they happen; Enter ends it.");
    let (done, said, complained) = ringmain(&rig, &["place test call 95588"]);
    assert!(done, "{complained}");
    assert_eq!(said, "The simulated exchange was asked to dial 95588.\n");
    let mut story = vec![];
    while !story.last().is_some_and(|line: &String| line.contains("The call ends")) {
        story.push(told.next().expect("more to come").expect("text"));
    }
    let _ = watching.kill();
    let _ = watching.wait();
    let story = story.join("\n");
    for part in [
        "01088886666 calls 95588 on E1 1.",
        "The flow main takes the call.",
        "The box answers.",
        "The caller hears the prompt welcome (zh).",
        "The caller presses 1.",
        "Extension 801 rings.",
        "801 answers; both talk.",
        "cleared by caller, cause 16 (normal call clearing).",
    ] {
        assert!(story.contains(part), "{part} is missing:\n{story}");
    }
}

/// Reads what a terminal shows until `part` stands in it.
fn shown_until(screen: &mut impl Read, shown: &mut String, part: &str) {
    let mut room = [0; 1024];
    while !shown.contains(part) {
        let count = screen.read(&mut room).expect("a terminal");
        assert!(count > 0, "it ended without {part}:\n{shown}");
        shown.push_str(&String::from_utf8_lossy(&room[..count]));
    }
}

#[test]
fn at_a_terminal_tab_completes_and_a_question_mark_explains() {
    let rig = Rig::start(Settings::new(Pace::Free)).expect("a box");
    let run = format!("{} --run {}", program("ringmain").display(), rig.path("run").display());
    // script(1) gives the program a terminal of its own.
    let mut terminal = Command::new("script")
        .args(["-qfc", &run, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("script(1) of bsdutils");
    let mut keys = terminal.stdin.take().expect("a pipe");
    let mut screen = terminal.stdout.take().expect("a pipe");
    let mut shown = String::new();
    shown_until(&mut screen, &mut shown, "ringmain> ");
    keys.write_all(b"show cal\t").expect("types");
    shown_until(&mut screen, &mut shown, "show calls ");
    keys.write_all(b"\r").expect("types");
    shown_until(&mut screen, &mut shown, "No calls.");
    keys.write_all(b"show ?").expect("types");
    shown_until(&mut screen, &mut shown, "the calls in progress");
    // Control-U empties the line.
    keys.write_all(b"\x15quit\r").expect("types");
    drop(keys);
    assert!(terminal.wait().expect("it ends").success());
}
