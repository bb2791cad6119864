//! What an installer sees and keeps of the sound at a port.

use std::process::Command;

use dsp_level::level;
use scenarios::play::{greeted, is, place};
use scenarios::{Pace, Rig, Settings, program, scene};
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

/// One channel of a recording, linear.
fn channel(octets: &[u8], which: usize) -> Vec<i16> {
    let sound = &octets[58..58 + 32_000];
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
fn lifted(rig: &Rig, city: &mut scenarios::City) -> Result<Vec<i16>, String> {
    city.command(&json!({"cmd": "lift", "port": 1, "digits": ""}))?;
    let (done, said) = rig.console("listen port 1 2")?;
    assert!(done, "{said}");
    city.command(&json!({"cmd": "hang_up", "port": 1}))?;
    let path = recording(rig)?;
    let octets = std::fs::read(&path).map_err(|fault| fault.to_string())?;
    std::fs::remove_file(path).map_err(|fault| fault.to_string())?;
    let heard = channel(&octets, 1);
    Ok(heard[4000..12_000].to_vec())
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
