//! Sounds that people bring: an announcement of their own, music for who waits. Put beside the
//! configuration of a box that runs, heard by a caller, through a killed core too.

#![expect(clippy::expect_used, reason = "a test fails by it")]

use std::fs;
use std::path::{Path, PathBuf};

use scenarios::play::{WAITS_WITH_MUSIC as FLOW, is, link_up, matched, place, quiet};
use scenarios::{Pace, Program, Rig, Settings, scene};
use serde_json::{Value, json};

const NUMBERS: &str = "
[[number]]
called = \"95599\"
flow = \"wait\"
";

/// The announcement, which is not there at first.
const ANNOUNCED: &str = "next = \"hello\"
[[step]]
id = \"hello\"
do = \"play\"
prompts = [\"hello\"]
next = \"desk\"
";

fn settings() -> Settings {
    let more = vec![
        ("config/config.toml".to_owned(), NUMBERS.to_owned()),
        (
            "config/flows/wait.toml".to_owned(),
            FLOW.replace("languages = []", "languages = [\"en\"]")
                .replace("hear =", "seconds = 60\nhear ="),
        ),
    ];
    Settings { more, ..Settings::new(Pace::Free) }
}

/// A WAV file of A-law at 8 kHz, as an exchange's announcer gives it.
fn wav(octets: &[u8]) -> Vec<u8> {
    let length = u32::try_from(octets.len()).expect("short");
    let head: [&[u8]; 6] = [
        b"RIFF",
        &(length + 38).to_le_bytes(),
        b"WAVEfmt \x12\0\0\0\x06\0\x01\0\x40\x1F\0\0\x40\x1F\0\0\x01\0\x08\0\0\0",
        b"data",
        &length.to_le_bytes(),
        octets,
    ];
    head.concat()
}

/// The two longest prompts of the box, as files and as the line plays them.
fn two_sounds(rig: &Rig) -> [(Vec<u8>, PathBuf); 2] {
    let files = fs::read_dir(rig.prompts()).expect("prompts").filter_map(Result::ok);
    let mut prompts: Vec<_> = files
        .filter(|file| file.path().extension().is_some_and(|ending| ending == "alaw"))
        .map(|file| fs::read(file.path()).expect("a prompt"))
        .collect();
    prompts.sort_by_key(|octets| std::cmp::Reverse(octets.len()));
    let sound = |at: usize| {
        let file = wav(&prompts[at]);
        let played = rig.path(&format!("played-{at}.alaw"));
        fs::write(&played, sounds::a_law(file.clone(), "wav").expect("a sound")).expect("written");
        (file, played)
    };
    [sound(0), sound(1)]
}

fn change(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).expect("there");
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).expect("written");
}

#[test]
fn a_caller_hears_the_boxs_own_announcement_and_music_through_a_killed_core() {
    scene(settings(), |rig, city| {
        let [(hello, hello_played), (theme, theme_played)] = two_sounds(rig);
        let config = rig.path("config/config.toml");
        // Before the sound is there.
        change(&config, "[box]\n", "[box]\nmusic = [\"theme\"]\n");
        let (done, said) = rig.console("load")?;
        assert!(!done && said.contains("box.music") && said.contains("sounds/theme.wav"), "{said}");
        let folder = rig.path("config/sounds");
        fs::create_dir_all(&folder).expect("made");
        fs::write(folder.join("theme.wav"), theme).expect("written");
        fs::write(folder.join("hello.en.wav"), hello).expect("written");
        change(&rig.path("config/flows/wait.toml"), "next = \"desk\"\n", ANNOUNCED);
        let (done, said) = rig.console("load")?;
        assert!(done, "{said}");
        let lines: Vec<_> = said.lines().collect();
        assert!(lines[0].starts_with("sounds/hello.en.wav") && lines[0].contains('2'), "{said}");
        assert!(lines[1].starts_with("sounds/theme.wav"), "{said}");
        city.telephone_answers(40_000)?;
        let mut script = vec![
            json!({"wait": "answer", "ms": 20_000}),
            json!({"hear": hello_played, "ms": 6_000}),
        ];
        // Round after round, until the telephone answers.
        script.extend((0..10).map(|_| json!({"hear": theme_played, "ms": 6_000})));
        script.push(json!({"talk": {"send": 1, "expect": 2, "ms": 60_000}}));
        script.push(json!({"hangup": 16}));
        let script = json!(script);
        place(city, "a", "95599", &script)?;
        let played = |file: &'static str| {
            move |event: &Value| {
                let of = event["file"].as_str().is_some_and(|path| path.ends_with(file));
                of && is(event, "heard", "a")
            }
        };
        city.seen("the announcement", played("played-0.alaw"))?;
        city.seen("the music", played("played-1.alaw"))?;
        rig.end(Program::Core, nix::sys::signal::Signal::SIGKILL);
        rig.start_program(Program::Core)?;
        // Marks what it waits for: what is seen from here on is the new core's.
        link_up(rig, city)?;
        for round in ["the music once more", "its next round"] {
            let heard = city.seen(round, played("played-1.alaw"))?;
            city.mark();
            assert!(heard["correlation"].as_f64().is_some_and(|found| found > 0.8), "{heard}");
        }
        matched(city, "caller", Some("a"))?;
        city.seen("the end of the call", |event| is(event, "call_passed", "a"))?;
        quiet(city)?;
        let record = rig.records_when(1)?.remove(0);
        assert_eq!(record["path"], "E1 1 > wait > rang 801 > interrupted > 801", "{record}");
        Ok(())
    });
}
