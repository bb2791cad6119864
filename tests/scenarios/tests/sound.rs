//! What an installer sees and keeps of the sound at a port.

use std::process::Command;

use dsp_level::level;
use scenarios::{Pace, Rig, Settings, program, scene};
use serde_json::json;
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
