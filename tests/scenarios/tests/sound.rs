//! What an installer sees and keeps of the sound at a port.

use std::process::Command;

use dsp_level::level;
use exchange::sound::{PERIOD, noise_octets};
use nix::sys::signal::Signal;
use scenarios::play::{greeted, is, link_up, place, quiet};
use scenarios::{City, Pace, Program, Rig, Settings, program, scene};
use serde_json::{Value, json};
use units::Law;

/// The only recording in the core's folder.
fn recording(rig: &Rig) -> Result<std::path::PathBuf, String> {
    let found = std::fs::read_dir(rig.path("core/captures")).map_err(|fault| fault.to_string())?;
    let mut files = found.flatten().map(|entry| entry.path());
    let mut waves = files.by_ref().filter(|path| path.extension().is_some_and(|end| end == "wav"));
    waves.next().ok_or_else(|| "no recording".to_owned())
}

/// What `ringmain-core verify` says, and whether it is content.
fn verified(path: &std::path::Path) -> Result<(bool, String), String> {
    let said = Command::new(program("ringmain-core")).arg("verify").arg(path).output();
    let said = said.map_err(|fault| fault.to_string())?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    Ok((said.status.success(), text + &String::from_utf8_lossy(&said.stderr)))
}

/// One channel of the first two seconds of a recording, linear.
fn channel(octets: &[u8], which: usize) -> Vec<i16> {
    channel_from(octets, which, 0)
}

/// What was heard in the last two whole seconds of a recording, linear.
fn heard_last(octets: &[u8]) -> Vec<i16> {
    channel_from(octets, 1, (octets.len() - 58) / 16_000 - 2)
}

/// One channel of two seconds of a recording from a second on, linear.
fn channel_from(octets: &[u8], which: usize, second: usize) -> Vec<i16> {
    let sound = &octets[58 + second * 16_000..][..32_000];
    let own: Vec<u8> = sound.iter().skip(which).step_by(2).copied().collect();
    let mut samples = vec![0; own.len()];
    g711::decode_block(Law::A, &own, &mut samples);
    samples
}

#[test]
fn what_a_telephone_says_and_hears_is_kept_in_a_file_that_proves_itself() {
    scene(Settings::new(Pace::Steady), |rig, city| {
        city.set_strict(false);
        let talk = json!({"send": 4, "expect": 3});
        city.command(&json!({"cmd": "lift", "port": 1, "digits": "", "talk": talk}))?;
        let (done, said) = rig.console("listen port 1 2")?;
        assert!(done && said.contains("line-") && said.ends_with("2 s are written.\n"), "{said}");
        let path = recording(rig)?;
        let (good, said) = verified(&path)?;
        assert!(good && said.starts_with("whole: 2 s, blocks that never came 0"), "{said}");
        let mut octets = std::fs::read(&path).map_err(|fault| fault.to_string())?;
        let (came, sent) = (level(&channel(&octets, 0)).0, level(&channel(&octets, 1)).0);
        assert!((-16.0..-5.0).contains(&sent), "dial tone or what follows it: {sent} dBm0");
        assert!((-20.0..-10.0).contains(&came), "who lifted it talks: {came} dBm0");
        octets[20_000] ^= 4;
        std::fs::write(&path, octets).map_err(|fault| fault.to_string())?;
        let (good, said) = verified(&path)?;
        assert!(!good && said.contains("from second 2 on"), "{said}");
        Ok(())
    });
}

/// How much of a second's sound is at this frequency, of 1.
fn share(samples: &[i16], hz: f64) -> f64 {
    let (mut cos, mut sin, mut all) = (0.0, 0.0, 1.0);
    for (n, sample) in (0_u32..).zip(samples) {
        let (angle, sample) =
            (f64::from(n) * hz / 8000.0 * std::f64::consts::TAU, f64::from(*sample));
        cos += sample * angle.cos();
        sin += sample * angle.sin();
        all += sample * sample;
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of samples")]
    let count = samples.len() as f64;
    2.0 * (cos * cos + sin * sin) / count / all
}

/// What a telephone that is lifted hears.
fn lifted(rig: &Rig, city: &mut City) -> Result<Vec<i16>, String> {
    let octets = dialled(rig, city, "", 2)?;
    let heard = channel(&octets, 1);
    Ok(heard[4000..12_000].to_vec())
}

/// A recording of so many seconds of a telephone that is lifted and dials.
fn dialled(rig: &Rig, city: &mut City, digits: &str, seconds: u8) -> Result<Vec<u8>, String> {
    city.command(&json!({"cmd": "lift", "port": 1, "digits": digits}))?;
    let (done, said) = rig.console(&format!("listen port 1 {seconds}"))?;
    assert!(done, "{said}");
    city.command(&json!({"cmd": "hang_up", "port": 1}))?;
    let path = recording(rig)?;
    let octets = std::fs::read(&path).map_err(|fault| fault.to_string())?;
    std::fs::remove_file(path).map_err(|fault| fault.to_string())?;
    Ok(octets)
}

/// How often a sound begins in these samples.
fn beginnings(samples: &[i16]) -> usize {
    let loud = |piece: &[i16]| level(piece).0 > -30.0;
    let on: Vec<_> = samples.chunks(160).map(loud).collect();
    on.windows(2).filter(|pair| !pair[0] && pair[1]).count()
}

/// Tenths of a second that are of this frequency alone.
fn tenths_of(samples: &[i16], hz: f64) -> usize {
    samples.chunks(800).filter(|piece| level(piece).0 > -30.0 && share(piece, hz) > 0.8).count()
}

#[test]
fn a_number_that_is_not_there_is_told_as_its_country_does_and_a_plan_holds_after_an_upgrade() {
    scene(Settings::new(Pace::Steady), |rig, city| {
        city.set_strict(false);
        let dial = lifted(rig, city)?;
        let vacant = heard_last(&dialled(rig, city, "7777", 8)?);
        assert!(tenths_of(&vacant, 450.0) > 2, "unobtainable tone");
        let begun = beginnings(&vacant);
        assert!((5..=7).contains(&begun), "three short, one long in 1.4 s: {begun}");
        let file = rig.path("board.toml");
        let text = std::fs::read_to_string(&file).map_err(|fault| fault.to_string())?;
        // The telephones of the city wait for a dial tone of 450 Hz, which Costa Rica has too.
        std::fs::write(&file, format!("country = \"cr\"\nplan = \"itu\"\n{text}"))
            .map_err(|fault| fault.to_string())?;
        let (done, said) = rig.console("upgrade core")?;
        assert!(done, "{said}");
        rig.console_when("show core", |text| text.contains("went on with 0 calls"))?;
        let less = level(&lifted(rig, city)?).0 - level(&dial).0;
        assert!((-7.6..-6.4).contains(&less), "the plan of the ITU: {less} dB");
        let told = heard_last(&dialled(rig, city, "7777", 8)?);
        let three = [950.0, 1400.0, 1800.0].map(|hz| tenths_of(&told, hz));
        assert!(three.iter().all(|tenths| (2..=4).contains(tenths)), "in turn: {three:?}");
        assert_eq!(tenths_of(&told, 450.0), 0, "no busy tone");
        let (done, said) = rig.console("show port 1 sound")?;
        assert!(done && said.contains("-7.0 dB") && said.contains("plan = \"itu\""), "{said}");
        Ok(())
    });
}

#[test]
fn another_country_clock_and_gain_of_the_board_file_hold_after_an_upgrade_and_calls_go_on() {
    scene(Settings::new(Pace::Steady), |rig, city| {
        city.set_strict(false);
        let dial = lifted(rig, city)?;
        assert!(share(&dial, 450.0) > 0.9 && share(&dial, 350.0) < 0.05, "China's dial tone");
        city.command(&json!({"cmd": "telephone", "port": 1, "answer_after_ms": 300}))?;
        let mut script = greeted(rig, "1")?;
        script.push(json!({"await": "release", "ms": 600_000}));
        place(city, "call", "95588", &Value::Array(script))?;
        city.seen("the answer", |event| event["event"] == "telephone_answered")?;
        let file = rig.path("board.toml");
        let text = std::fs::read_to_string(&file).map_err(|fault| fault.to_string())?;
        let text = format!(
            "country = \"gb\"\n{text}\n[card.a.span.1]\nclock = 7\n\
             [card.a.telephone.1]\ngain_out_db = -6\n"
        );
        std::fs::write(&file, text).map_err(|fault| fault.to_string())?;
        let (done, said) = rig.console("upgrade core")?;
        assert!(done, "{said}");
        rig.console_when("show core", |text| text.contains("went on with 1 calls"))?;
        city.command(&json!({"cmd": "hang_up", "port": 1}))?;
        city.seen("the end", |event| is(event, "call_passed", "call"))?;
        let quieter = lifted(rig, city)?;
        assert!(share(&quieter, 350.0) > 0.4 && share(&quieter, 440.0) > 0.4, "of the kingdom");
        let less = level(&quieter).0 - level(&dial).0;
        assert!((-7.0..-5.0).contains(&less), "{less} dB");
        Ok(())
    });
}

/// A box whose second telephone is recorded.
fn recorded(pace: Pace) -> Settings {
    // The last table of the document is that of the telephone.
    let more = vec![("config/config.toml".to_owned(), "record = true\n".to_owned())];
    Settings { telephones: 2, more, ..Settings::new(pace) }
}

/// A caller from outside who says noise 22 talks with the second telephone, which says noise 12.
fn talk(rig: &Rig, city: &mut City) -> Result<(), String> {
    talk_by("95588", rig, city)
}

/// The same, by this number.
fn talk_by(called: &str, rig: &Rig, city: &mut City) -> Result<(), String> {
    city.command(&json!({
        "cmd": "telephone", "port": 2, "answer_after_ms": 300, "patience_ms": 3_000,
        "talk": {"send": 12, "expect": 22, "gaps": true},
    }))?;
    let mut script = greeted(rig, "2")?;
    script.push(json!({"talk": {"send": 22, "expect": 12, "ms": 600_000, "gaps": true}}));
    script.push(json!({"hangup": 16}));
    place(city, "a", called, &json!(script))
}

/// Waits until caller and telephone hear each other, and for some seconds more.
fn hear_each_other(city: &mut City) -> Result<(), String> {
    let mut since = None;
    for _ in 0..2000 {
        city.mark();
        city.command(&json!({"cmd": "status"}))?;
        let status = city.seen("its status", |event| event["event"] == "status")?;
        let sounds = |list: &str, at: usize| status[list][at]["sounds"] == true;
        let now = status["at_us"].as_u64().unwrap_or(0);
        if sounds("calls", 0)
            && sounds("telephones", 1)
            && now > *since.get_or_insert(now) + 4_000_000
        {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Err("they do not hear each other".into())
}

fn hang_up(city: &mut City) -> Result<(), String> {
    city.command(&json!({"cmd": "finish", "id": "a"}))?;
    city.seen("its release", |event| is(event, "released", "a"))?;
    quiet(city).map(|_| ())
}

/// The record of the call, once its recordings are in it: so many lines of `show recordings`.
fn record_with(rig: &Rig, recordings: usize) -> Result<Value, String> {
    rig.records_when(1)?;
    rig.console_when("show recordings", |text| {
        text.matches("95588").count() == recordings && text.lines().count() == recordings
    })?;
    Ok(rig.records_when(1)?.remove(0))
}

/// The samples of one side.
fn side(octets: &[u8], which: usize) -> Vec<u8> {
    let sound = u32::from_le_bytes([octets[54], octets[55], octets[56], octets[57]]) as usize;
    octets[58..58 + sound].iter().skip(which).step_by(2).copied().collect()
}

/// Where in the noise of this seed the sample in the middle stands, and the longest stretch around
/// it that is the noise to the last octet.
fn stretch(side: &[u8], seed: u64) -> (usize, std::ops::Range<usize>) {
    let (noise, middle) = (noise_octets(seed), side.len() / 2);
    let is = |at: usize, phase: usize| side[at] == noise[(phase + at) % PERIOD];
    let Some(phase) = (0..PERIOD).find(|phase| (middle..middle + 64).all(|at| is(at, *phase)))
    else {
        return (0, 0..0);
    };
    let from = (0..middle).rev().find(|at| !is(*at, phase)).map_or(0, |at| at + 1);
    let to = (middle..side.len()).find(|at| !is(*at, phase)).unwrap_or(side.len());
    (phase, from..to)
}

/// Seconds of a stretch of samples.
fn whole_seconds(stretch: &std::ops::Range<usize>) -> usize {
    stretch.len() / 8000
}

#[test]
fn a_call_of_a_telephone_that_is_recorded_stands_in_a_file_octet_for_octet_and_in_its_record() {
    scene(recorded(Pace::Free), |rig, city| {
        talk(rig, city)?;
        hear_each_other(city)?;
        let (good, said) = rig.console("show recordings")?;
        assert!(good && said == "No recordings yet.\n", "it goes on: {said}");
        hang_up(city)?;
        let record = record_with(rig, 1)?;
        assert_eq!(record["recording"], "whole", "{record}");
        let path = recording(rig)?;
        assert_eq!(path.file_stem().and_then(|name| name.to_str()), record["call"].as_str());
        let mut octets = std::fs::read(&path).map_err(|fault| fault.to_string())?;
        let (caller, called) = (side(&octets, 0), side(&octets, 1));
        let (said, heard) = (stretch(&caller, 22), stretch(&called, 12));
        assert!(whole_seconds(&said.1) >= 3 && whole_seconds(&heard.1) >= 3, "{said:?} {heard:?}");
        // Both say their noise by the clock of the line: in the file they stand side by side.
        assert_eq!(said.0, heard.0, "not aligned");
        let seconds = record["recorded_seconds"].as_u64().unwrap_or(0);
        assert_eq!(seconds, caller.len().div_ceil(8000) as u64);
        let talked = record["ended"].as_i64().zip(record["connected"].as_i64());
        let talked = talked.map_or(0, |(ended, connected)| ended - connected);
        let lasted = i64::try_from(caller.len()).unwrap_or(0) * 125;
        assert!((lasted - talked).abs() < 100_000, "{lasted} us of {talked} us");
        let hash = record["recording_hash"].as_str().unwrap_or_default().to_owned();
        let (good, said) = verified(&path)?;
        assert!(good && said.starts_with("whole") && said.contains(&hash), "{said} {hash}");
        let (good, said) = rig.console("verify recording 1")?;
        assert!(good && said.contains("whole") && said.contains(&hash), "{said}");
        octets[58 + 16_000 + 5] ^= 1;
        std::fs::write(&path, octets).map_err(|fault| fault.to_string())?;
        let (good, said) = rig.console("verify recording 1")?;
        assert!(!good && said.contains("from second 2 on"), "{said}");
        std::fs::remove_file(&path).map_err(|fault| fault.to_string())?;
        let (good, said) = rig.console("verify recording 1")?;
        assert!(!good && said.contains("no file"), "{said}");
        Ok(())
    });
}

#[test]
fn a_call_that_outlives_its_core_is_recorded_in_two_parts_and_both_are_in_its_record() {
    scene(recorded(Pace::Steady), |rig, city| {
        city.set_strict(false);
        talk(rig, city)?;
        hear_each_other(city)?;
        rig.end(Program::Core, Signal::SIGKILL);
        rig.start_program(Program::Core)?;
        rig.console_ready()?;
        hear_each_other(city)?;
        hang_up(city)?;
        let record = record_with(rig, 2)?;
        assert_eq!(record["recording"], "cut", "{record}");
        let call = record["call"].as_str().unwrap_or_default();
        for (number, part, state) in
            [(1, call.to_owned(), "lost"), (2, format!("{call}-2"), "whole")]
        {
            let path = rig.path("core/captures").join(&part).with_extension("wav");
            let octets = std::fs::read(&path).map_err(|fault| format!("{part}: {fault}"))?;
            let (said, heard) = (stretch(&side(&octets, 0), 22), stretch(&side(&octets, 1), 12));
            // A busy machine lets the line slip: no more can be asked here.
            assert!(
                whole_seconds(&said.1) >= 1 && whole_seconds(&heard.1) >= 1,
                "{part} {said:?} {heard:?}"
            );
            let (good, text) = rig.console(&format!("verify recording {number}"))?;
            assert!(good && text.contains(state), "{text}");
            if number == 2 {
                assert!(text.contains(record["recording_hash"].as_str().unwrap_or("?")), "{text}");
            }
        }
        Ok(())
    });
}

/// A box whose second telephone is recorded, with more of the configuration behind.
fn recorded_by(rules: &str) -> Settings {
    let more = format!("record = true\n[recordings]\n{rules}\n");
    let more = vec![("config/config.toml".to_owned(), more)];
    Settings { telephones: 2, more, ..Settings::new(Pace::Free) }
}

#[test]
fn a_call_recorded_in_opus_lasts_as_long_as_it_did_proves_itself_and_is_played_by_others() {
    scene(recorded_by("format = \"opus\"\nkeys = \"keep\""), |rig, city| {
        talk(rig, city)?;
        hear_each_other(city)?;
        hang_up(city)?;
        let record = record_with(rig, 1)?;
        assert_eq!(record["recording"], "whole", "{record}");
        let call = record["call"].as_str().unwrap_or_default();
        let path = rig.path("core/captures").join(call).with_extension("opus");
        let hash = record["recording_hash"].as_str().unwrap_or_default();
        let (good, said) = verified(&path)?;
        assert!(good && said.starts_with("whole") && said.contains(hash), "{said}");
        let (good, said) = rig.console("verify recording 1")?;
        assert!(good && said.contains("whole") && said.contains(hash), "{said}");
        let played = rig.path("played.raw");
        let done = Command::new("opusdec")
            .args(["--quiet", "--rate", "8000", "--no-dither"])
            .args([&path, &played])
            .status();
        assert!(done.map_err(|fault| format!("opusdec: {fault}"))?.success(), "opusdec");
        let length = std::fs::metadata(&played).map_err(|fault| fault.to_string())?.len();
        let talked = record["ended"].as_i64().zip(record["connected"].as_i64());
        let talked = talked.map_or(0, |(ended, connected)| ended - connected);
        let lasted = i64::try_from(length / 4).unwrap_or(0) * 125;
        assert!((lasted - talked).abs() < 100_000, "{lasted} us of {talked} us");
        let mut octets = std::fs::read(&path).map_err(|fault| fault.to_string())?;
        let at = octets.len() / 2;
        octets[at] ^= 1;
        std::fs::write(&path, octets).map_err(|fault| fault.to_string())?;
        let (good, said) = rig.console("verify recording 1")?;
        assert!(!good && said.contains("on it is not what was recorded"), "{said}");
        Ok(())
    });
}

#[test]
fn recordings_over_the_limit_are_erased_the_oldest_first_but_those_that_are_kept() {
    scene(recorded_by("most_gb = 1"), |rig, city| {
        for count in 1..=3 {
            city.mark();
            talk(rig, city)?;
            hear_each_other(city)?;
            hang_up(city)?;
            rig.console_when("show recordings", |text| text.lines().count() == count)?;
        }
        let (done, said) = rig.console("keep recording 1")?;
        assert!(done, "{said}");
        let folder = rig.path("core/captures");
        let large = std::fs::File::create(folder.join("large.wav"));
        let grown = large.and_then(|file| file.set_len(2_000_000_000));
        grown.map_err(|fault| fault.to_string())?;
        let text =
            rig.console_when("show recordings", |text| text.matches("by most_gb").count() == 2)?;
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[2].contains(", kept"), "{text}");
        let (good, said) = rig.console("verify recording 2")?;
        assert!(!good && said.contains("was erased on") && said.contains("most_gb"), "{said}");
        let (good, said) = rig.console("verify recording 1")?;
        assert!(good && said.contains("whole"), "{said}");
        let left = std::fs::read_dir(&folder).map_err(|fault| fault.to_string())?;
        let left = left.flatten().filter(|e| e.path().extension().is_some_and(|e| e == "wav"));
        assert_eq!(left.count(), 2, "that of recording 1, and the large one");
        let records = rig.records_when(3)?;
        assert!(records.iter().all(|record| record["recording"] == "whole"), "{records:?}");
        Ok(())
    });
}

#[test]
fn on_a_disk_that_is_nearly_full_calls_go_on_without_their_recording_and_that_is_an_alarm() {
    let mounts = "mkdir -p \"$DIR/core/captures\"; \
                  mount -t tmpfs -o size=15m tmpfs \"$DIR/core/captures\"";
    let mounts = vec![(Program::Core, mounts.into())];
    scene(Settings { mounts, ..recorded(Pace::Free) }, |rig, city| {
        talk(rig, city)?;
        hear_each_other(city)?;
        hang_up(city)?;
        let record = rig.records_when(1)?.remove(0);
        assert_eq!(record["recording"], "none", "{record}");
        rig.console_when("show alarms", |text| text.contains("28"))?;
        Ok(())
    });
}

/// Keys that are heard on either side of the only recording.
fn keys(rig: &Rig) -> Result<String, String> {
    let octets = std::fs::read(recording(rig)?).map_err(|fault| fault.to_string())?;
    let mut heard = String::new();
    for side in [0, 1].map(|which| side(&octets, which)) {
        let mut ear = dsp_dtmf::Receiver::new();
        for block in side.as_chunks::<16>().0 {
            let mut samples = [0; 16];
            g711::decode_block(Law::A, block, &mut samples);
            if let Some(dsp_dtmf::Event::Begin(digit)) = ear.push(&samples) {
                heard.push(digit.ascii().into());
            }
        }
    }
    Ok(heard)
}

#[test]
fn the_key_that_a_caller_presses_in_a_recorded_flow_is_in_the_file_only_if_that_was_said() {
    let number = "[[number]]\ncalled = \"95599\"\nflow = \"main\"\nrecord = true\n";
    for (rules, wanted) in [("", ""), ("[recordings]\nkeys = \"keep\"\n", "2")] {
        let more = vec![("config/config.toml".to_owned(), format!("{number}{rules}"))];
        let settings = Settings { telephones: 2, more, ..Settings::new(Pace::Free) };
        scene(settings, |rig, city| {
            talk_by("95599", rig, city)?;
            hear_each_other(city)?;
            hang_up(city)?;
            rig.console_when("show recordings", |text| text.contains("95599"))?;
            assert_eq!(keys(rig)?, wanted);
            let (good, said) = verified(&recording(rig)?)?;
            assert!(good && said.contains("muted for keys 0,") != wanted.is_empty(), "{said}");
            Ok(())
        });
    }
}

/// How much weaker what the caller hears is than what it says, in dB, in two seconds near the end
/// of a call to the second telephone, whose hybrid gives back what it hears. It is the `count`th.
fn echo_of_a_call(rig: &Rig, city: &mut City, count: usize) -> Result<f32, String> {
    city.mark();
    city.command(&json!({
        "cmd": "telephone", "port": 2, "answer_after_ms": 300, "hangup_after_ms": 9_000,
        "hybrid_db": 10,
    }))?;
    let mut script = greeted(rig, "2")?;
    // Nobody says what it waits for.
    script.push(json!({"talk": {"send": 22, "expect": 12, "ms": 6_000}}));
    place(city, "a", "95588", &json!(script))?;
    city.seen("its end", |event| is(event, "call_failed", "a"))?;
    quiet(city)?;
    rig.console_when("show recordings", |text| text.matches("95588").count() == count)?;
    let path = recording(rig)?;
    let octets = std::fs::read(&path).map_err(|fault| fault.to_string())?;
    std::fs::remove_file(path).map_err(|fault| fault.to_string())?;
    let level = |which| {
        let side = side(&octets, which);
        let mut samples = vec![0; side.len()];
        g711::decode_block(Law::A, &side, &mut samples);
        let end = samples.len().saturating_sub(6_000);
        level(&samples[end.saturating_sub(16_000)..end]).0
    };
    Ok(level(0) - level(1))
}

#[test]
fn what_comes_back_from_the_hybrid_of_a_telephone_is_taken_away() {
    scene(recorded(Pace::Free), |rig, city| {
        city.set_strict(false);
        let taken = echo_of_a_call(rig, city, 1)?;
        assert!(taken > 35.0, "the echo is {taken} dB below the voice");
        let file = rig.path("board.toml");
        let text = std::fs::read_to_string(&file).map_err(|fault| fault.to_string())?;
        let port = "[card.a.telephone.2]\n";
        assert!(text.contains(port), "{text}");
        let text = text.replace(port, &format!("{port}echo = \"off\"\n"));
        std::fs::write(&file, text).map_err(|fault| fault.to_string())?;
        let (done, said) = rig.console("upgrade core")?;
        assert!(done, "{said}");
        link_up(rig, city)?;
        let left = echo_of_a_call(rig, city, 2)?;
        assert!((8.0..12.0).contains(&left), "without a canceller it is {left} dB below");
        Ok(())
    });
}

#[test]
fn the_keys_of_a_caller_reach_the_telephone_that_talks_with_it_unless_they_are_muted() {
    for (muted, wanted) in [(false, "159"), (true, "")] {
        let number =
            format!("[[number]]\ncalled = \"95599\"\nflow = \"main\"\nmute_keys = {muted}\n");
        let more = vec![("config/config.toml".to_owned(), number)];
        let settings = Settings { telephones: 2, more, ..Settings::new(Pace::Steady) };
        scene(settings, |rig, city| {
            city.set_strict(false);
            city.command(&json!({
                "cmd": "telephone", "port": 2, "answer_after_ms": 300, "patience_ms": 3_000,
                "talk": {"send": 12, "expect": 22},
            }))?;
            let mut script = greeted(rig, "2")?;
            script.push(json!({"pause_ms": 3000}));
            script.push(json!({"digits": "159"}));
            script.push(json!({"pause_ms": 6000}));
            script.push(json!({"hangup": 16}));
            place(city, "a", "95599", &json!(script))?;
            city.seen("an answer", |event| event["event"] == "telephone_answered")?;
            let (done, said) = rig.console("listen port 2 6")?;
            assert!(done, "{said}");
            assert_eq!(keys(rig)?, wanted);
            city.seen("its release", |event| is(event, "released", "a"))?;
            Ok(())
        });
    }
}
