//! Speaks the prompts: from a text in each language to A-law, named by content hash.
//!
//! ```text
//!  images/default/prompts/*.toml ─ espeak-ng ─► 22 kHz ─ sox ─► 8 kHz ─ level, G.711 ─►
//!      target/prompts/<sha-256>.alaw and index.toml
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use sha2::{Digest, Sha256};
use units::{Dbm0, Law};

use crate::{Outcome, say};

const SOURCE: &str = "images/default/prompts";
const RESULT: &str = "target/prompts";
/// What prompts are brought to: loud enough for a mobile in the street, far from clipping.
const LEVEL: Dbm0 = Dbm0(-16.0);
/// The voice of each language.
const VOICES: &[(&str, &str)] = &[("zh", "cmn"), ("en", "en-gb")];

fn hash(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

/// The prompts by name, with their texts by language.
fn texts() -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
    let mut all = BTreeMap::new();
    let entries = fs::read_dir(SOURCE).map_err(|fault| format!("{SOURCE}: {fault}"))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|f| format!("{}: {f}", path.display()))?;
        let texts = toml::from_str(&text).map_err(|f| format!("{}: {f}", path.display()))?;
        all.insert(name, texts);
    }
    Ok(all)
}

/// Speaks a text: 16-bit samples at 8 kHz.
fn speak(voice: &str, text: &str) -> Result<Vec<i16>, String> {
    let mut speech = Command::new("espeak-ng")
        .args(["-v", voice, "-s", "150", "--stdout", text])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|fault| format!("espeak-ng: {fault}"))?;
    let sound = speech.stdout.take().ok_or("espeak-ng says nothing")?;
    let raw = Command::new("sox")
        // -R: the same noise in the dither each time; a hash is the name.
        .args(["-R", "-D", "-t", "wav", "-", "-t", "raw", "-r", "8000", "-c", "1"])
        .args(["-e", "signed-integer", "-b", "16", "-"])
        .stdin(sound)
        .stderr(Stdio::null())
        .output()
        .map_err(|fault| format!("sox: {fault}"))?;
    let status = speech.wait().map_err(|fault| format!("espeak-ng: {fault}"))?;
    if !status.success() || !raw.status.success() || raw.stdout.len() < 1600 {
        return Err(format!("`{text}` could not be spoken by voice {voice}"));
    }
    Ok(raw.stdout.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
}

/// Brings the spoken parts to [`LEVEL`] and encodes.
fn encode(samples: &[i16]) -> Vec<u8> {
    let spoken: Vec<i16> = samples
        .chunks(160)
        .filter(|part| dsp_level::level(part).0 > -45.0)
        .flatten()
        .copied()
        .collect();
    let gain = 10f32.powf((LEVEL.0 - dsp_level::level(&spoken).0) / 20.0);
    let peak = samples.iter().map(|sample| f32::from(*sample).abs()).fold(1.0, f32::max);
    // Not into clipping, whatever the level.
    let gain = gain.min(30_000.0 / peak);
    #[expect(clippy::cast_possible_truncation, reason = "limited to the peak above")]
    samples.iter().map(|s| g711::encode(Law::A, (f32::from(*s) * gain) as i16)).collect()
}

fn build() -> Result<(), String> {
    let texts = texts()?;
    let wanted = hash(format!("{texts:?} {VOICES:?} {}", LEVEL.0).as_bytes());
    let result = Path::new(RESULT);
    let stamp = result.join("made-from");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    fs::create_dir_all(result).map_err(|fault| format!("{RESULT}: {fault}"))?;
    let mut index = String::new();
    for (language, voice) in VOICES {
        let _ = writeln!(index, "[{language}]");
        for (name, by_language) in &texts {
            let Some(text) = by_language.get(*language) else {
                return Err(format!("{SOURCE}/{name}.toml: no text in language `{language}`"));
            };
            let sound = encode(&speak(voice, text)?);
            let name_of_sound = hash(&sound);
            let seconds = sound.len() / 8000;
            say(&format!("prompt {name} ({language}): {text} ({seconds} s)\n"));
            let path = result.join(format!("{name_of_sound}.alaw"));
            fs::write(&path, sound).map_err(|fault| format!("{}: {fault}", path.display()))?;
            let _ = writeln!(index, "{name} = \"{name_of_sound}\"");
        }
    }
    let path = result.join("index.toml");
    fs::write(&path, index).map_err(|fault| format!("{}: {fault}", path.display()))?;
    fs::write(&stamp, wanted).map_err(|fault| format!("{}: {fault}", stamp.display()))
}

/// `cargo xtask prompts`
pub(crate) fn run(_: &[String]) -> Outcome {
    build().map_err(|fault| vec![fault])
}
