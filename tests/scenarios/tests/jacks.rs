//! Jacks of a whole box on real ALSA: its sound cards are files that a clock moves. What is said to
//! the hall is looked for in its file, and what the player plays in what a waiting caller hears.

#![expect(clippy::expect_used, reason = "a test fails by it")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use exchange::ear::PromptEar;
use exchange::sound::noise_octets;
use g711::{decode_a, encode_a};
use scenarios::play::{WAITS_WITH_MUSIC, is, matched, place, quiet};
use scenarios::{Pace, Settings, scene};
use serde_json::json;

/// Samples of a jack for one of the line: 48 kHz and 8 kHz.
const UP: usize = 6;

const BOARD: &str = "
[audio]
1 = { label = \"HALL\", device = \"hall\", role = \"paging\" }
2 = { label = \"RADIO\", device = \"radio\", role = \"music\" }
3 = { label = \"CELLAR\", device = \"nobody\", role = \"paging\" }
";
const NUMBERS: &str = "
[[extension]]
number = \"810\"
jack = \"HALL\"
[[extension]]
number = \"812\"
jack = \"audio 3\"
[[number]]
called = \"95599\"
flow = \"wait\"
";

/// The sound cards of the box.
struct Cards {
    folder: tempfile::TempDir,
    settings: Settings,
}

impl Cards {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::new(Pace::Steady);
        let path = |name: &str| folder.path().join(name).display().to_string();
        let alsa = format!(
            "pcm_type.paced {{ lib \"{}\" }}\n\
             pcm.hall {{ type paced outfile \"{}\" }}\n\
             pcm.radio {{ type paced infile \"{}\" }}\n",
            env!("JACK_LIBRARY"),
            path("hall.raw"),
            path("radio.raw")
        );
        fs::write(path("alsa.conf"), alsa).expect("written");
        let music = a_prompt(&settings.sources.join("target/prompts"));
        fs::write(path("radio.alaw"), &music).expect("written");
        fs::write(path("radio.raw"), at_48_khz(&music)).expect("written");
        settings.core_environment = vec![("ALSA_CONFIG_PATH".into(), path("alsa.conf"))];
        settings.more = vec![
            ("board.toml".into(), BOARD.into()),
            ("config/config.toml".into(), NUMBERS.into()),
            ("config/flows/wait.toml".into(), WAITS_WITH_MUSIC.into()),
        ];
        Self { folder, settings }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// Three seconds of prompts, one behind the other: speech, whose sound is low enough to be found
/// again between samples.
fn a_prompt(folder: &Path) -> Vec<u8> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .expect("cargo xtask prompts")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "alaw"))
        .collect();
    names.sort();
    let sounds = names.iter().filter_map(|path| fs::read(path).ok());
    let long = sounds.filter(|octets| octets.len() >= 12_000);
    let octets: Vec<u8> = long.flatten().take(24_000).collect();
    assert_eq!(octets.len(), 24_000, "too few prompts");
    octets
}

/// A-law as a jack's frames, straight lines between the samples.
fn at_48_khz(octets: &[u8]) -> Vec<u8> {
    let ends = octets.iter().zip(octets.iter().cycle().skip(1));
    let between = |(from, to): (&u8, &u8)| {
        let (from, to) = (i32::from(decode_a(*from)), i32::from(decode_a(*to)));
        (0..6).map(move |step| from + (to - from) * step / 6)
    };
    let frames = ends.flat_map(between);
    frames.flat_map(|frame| i16::try_from(frame).unwrap_or(0).to_le_bytes()).collect()
}

/// What a jack has played, in A-law at 8 kHz, beginning with frame `phase`.
fn played(path: &Path, phase: usize) -> Vec<u8> {
    let octets = fs::read(path).expect("the hall's file");
    let frames = octets.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    frames.skip(phase).step_by(UP).map(encode_a).collect()
}

/// How well the first second of a sound is found in another.
fn found(sound: &[u8], there: &[u8]) -> f32 {
    let mut ear = PromptEar::new(sound).expect("long enough");
    for (at, block) in (0u64..).step_by(16).zip(there.chunks_exact(16)) {
        if ear.push(at, block).is_some() {
            break;
        }
    }
    ear.best()
}

/// How many pieces of 20 ms are a tone of 1 kHz, and in how many bursts they come.
fn beeps(octets: &[u8]) -> (usize, usize) {
    let is_tone = |piece: &[u8]| {
        let samples: Vec<f32> = piece.iter().map(|octet| f32::from(decode_a(*octet))).collect();
        let energy: f32 = samples.iter().map(|sample| sample * sample).sum();
        // Eight samples are one turn.
        let half = std::f32::consts::FRAC_1_SQRT_2;
        let turn = [1.0, half, 0.0, -half, -1.0, -half, 0.0, half];
        let project = |shift: usize| -> f32 {
            let turns = turn.iter().cycle().skip(shift);
            samples.iter().zip(turns).map(|(sample, turn)| sample * turn).sum()
        };
        let power = project(0).powi(2) + project(6).powi(2);
        energy > 1e7 && power > 0.8 * energy * 80.0
    };
    let pieces: Vec<_> = octets.chunks_exact(160).map(is_tone).collect();
    let bursts = pieces.windows(2).filter(|pair| pair[1] && !pair[0]).count();
    (pieces.iter().filter(|tone| **tone).count(), bursts)
}

#[test]
fn what_is_said_to_the_hall_comes_out_of_its_jack_behind_two_beeps() {
    let cards = Cards::new();
    scene(cards.settings.clone(), |rig, city| {
        let talk = json!({"send": 4, "expect": 3});
        city.command(&json!({"cmd": "lift", "port": 1, "digits": "810", "talk": talk}))?;
        city.seen("dial tone", |event| event["event"] == "dial_tone")?;
        let sent = city.seen("the digits", |event| event["event"] == "digits_sent")?;
        scenarios::play::until(city, sent["at_us"].as_u64().unwrap_or(0) + 5_000_000)?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        quiet(city)?;
        let record = rig.records_when(1)?.remove(0);
        assert_eq!((&record["caller"], &record["cause"]), (&json!("801"), &json!(16)), "{record}");
        assert_eq!(record["path"], "TEL 1 > rang 810 > 810");
        let noise = &noise_octets(4)[..8000];
        let heard: Vec<_> = (0..UP).map(|p| played(&cards.path("hall.raw"), p)).collect();
        let best = heard.iter().map(|heard| found(noise, heard)).fold(0.0, f32::max);
        assert!(best > 0.8, "the hall heard {best} of what was said");
        assert!(found(&noise_octets(3)[..8000], &heard[0]) < 0.3, "and of nobody else");
        let (pieces, bursts) = beeps(&heard[0]);
        // Two of 180 ms, in pieces of 20 ms.
        assert!(bursts == 2 && (14..=20).contains(&pieces), "{bursts} beeps, {pieces} pieces");
        Ok(())
    });
}

#[test]
fn a_caller_who_waits_hears_the_player_until_the_desk_answers() {
    let cards = Cards::new();
    scene(cards.settings.clone(), |rig, city| {
        // Four turns of the player: its clock is a real one, and a full machine may tear a turn.
        city.telephone_answers(14_000)?;
        let script = json!([
            {"wait": "answer", "ms": 20_000},
            {"hear": cards.path("radio.alaw"), "ms": 13_500},
            {"talk": {"send": 1, "expect": 2, "ms": 30_000}},
            {"hangup": 16},
        ]);
        place(city, "a", "95599", &script)?;
        city.seen("the player", |event| is(event, "heard", "a"))?;
        matched(city, "caller", Some("a"))?;
        matched(city, "telephone", Some("a"))?;
        city.seen("the end of the call", |event| is(event, "call_passed", "a"))?;
        quiet(city)?;
        let record = rig.records_when(1)?.remove(0);
        assert_eq!(record["path"], "E1 1 > wait > rang 801 > 801", "{record}");
        Ok(())
    });
}

#[test]
fn a_jack_without_its_sound_card_is_out_of_order_and_the_console_says_why() {
    let cards = Cards::new();
    scene(cards.settings.clone(), |rig, city| {
        let shown = rig.console_when("show board", |text| text.contains("CELLAR"))?;
        let line = |label: &str| shown.lines().find(|line| line.starts_with(label));
        assert!(
            line("CELLAR").is_some_and(|line| line.contains("hardware is not there")),
            "{shown}"
        );
        assert!(line("HALL").is_some_and(|line| line.contains("works")), "{shown}");
        city.command(&json!({"cmd": "lift", "port": 1, "digits": "812"}))?;
        let record = rig.records_when(1)?.remove(0);
        assert_eq!((&record["called"], &record["cause"]), (&json!("812"), &json!(27)), "{record}");
        // A number for the player, or for a jack that is not there, is refused by its field.
        let file = rig.path("config/config.toml");
        let good = fs::read_to_string(&file).map_err(|fault| fault.to_string())?;
        for (jack, remedy) in [("RADIO", "hear = \"music\""), ("ATTIC", "`HALL` (audio 1)")] {
            let mut wrong = good.clone();
            let _ = write!(wrong, "\n[[extension]]\nnumber = \"813\"\njack = \"{jack}\"\n");
            fs::write(&file, wrong).map_err(|fault| fault.to_string())?;
            let (done, said) = rig.console("load")?;
            assert!(!done && said.contains("extension[4].jack") && said.contains(remedy), "{said}");
        }
        Ok(())
    });
}
