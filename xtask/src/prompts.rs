//! Speaks the prompts: from a text in each language to A-law, named by content hash.
//!
//! ```text
//!  images/default/prompts/*.toml ─┬─ espeak-ng ─► 22 kHz ─ sox ─► 8 kHz ─ level, G.711 ─►
//!  images/default/words/*.toml  ──┘     target/prompts/<sha-256>.alaw and index.toml
//! ```
//!
//! Words are what numbers, money, days and times are put together from (`say`): their sound is cut
//! at both ends and fades there, so that they follow each other without a pause or a click.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Stdio};

use say::Language;
use sha2::{Digest, Sha256};
use units::{Dbm0, Law};

use crate::{Outcome, say as tell};

const SOURCE: &str = "images/default/prompts";
const WORDS: &str = "images/default/words";
const RESULT: &str = "target/prompts";
/// What prompts are brought to: loud enough for a mobile in the street, far from clipping.
const LEVEL: Dbm0 = Dbm0(-16.0);
/// The voice of each language. The voice `cmn` of espeak-ng 1.51 reads the pinyin of Mandarin as
/// if it were English.
const VOICES: &[(Language, &str)] =
    &[(Language::Mandarin, "cmn-latn-pinyin"), (Language::English, "en-gb")];
/// Below it the ends of a word are cut off, in dBm0.
const QUIET: f32 = -42.0;
/// Samples whose level is looked at in one piece there: 5 ms.
const PIECE: usize = 40;
/// Samples that are kept beside the word, and over which it fades: 10 ms.
const MARGIN: usize = 80;

fn hash(octets: &[u8]) -> String {
    Sha256::digest(octets).iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

fn read(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let text = fs::read_to_string(path).map_err(|f| format!("{}: {f}", path.display()))?;
    toml::from_str(&text).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// The prompts by name, with their texts by language.
fn texts() -> Result<BTreeMap<String, BTreeMap<String, String>>, String> {
    let mut all = BTreeMap::new();
    let entries = fs::read_dir(SOURCE).map_err(|fault| format!("{SOURCE}: {fault}"))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        all.insert(name, read(&path)?);
    }
    Ok(all)
}

/// The words of a language by name, all that can be said and no others.
fn words(folder: &Path, language: Language) -> Result<BTreeMap<String, String>, String> {
    let path = folder.join(format!("{}.toml", language.code()));
    let words = read(&path)?;
    let known: Vec<_> = language.words().collect();
    let missing = known.iter().find(|word| !words.contains_key(**word));
    let foreign = words.keys().find(|word| !known.contains(&word.as_str()));
    match (missing, foreign) {
        (Some(word), _) => Err(format!("{}: no text for {word}", path.display())),
        (None, Some(word)) => Err(format!("{}: nothing ever says {word}", path.display())),
        (None, None) => Ok(words),
    }
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

/// A word without the silence around it.
fn cut(samples: &[i16]) -> Vec<i16> {
    let loud = |part: &[i16]| dsp_level::level(part).0 > QUIET;
    let first = samples.chunks(PIECE).position(loud).unwrap_or(0) * PIECE;
    let last = samples.chunks(PIECE).rposition(loud).map_or(samples.len(), |at| (at + 1) * PIECE);
    let (from, to) = (first.saturating_sub(MARGIN), (last + MARGIN).min(samples.len()));
    let mut word = samples[from..to].to_vec();
    let length = word.len();
    for (at, sample) in word.iter_mut().enumerate() {
        let to_end = at.min(length - 1 - at).min(MARGIN);
        let faded = i32::from(*sample) * i32::try_from(to_end).unwrap_or(0);
        *sample = i16::try_from(faded / i32::try_from(MARGIN).unwrap_or(1)).unwrap_or(0);
    }
    word
}

/// Brings the spoken parts to [`LEVEL`] and encodes.
fn encode(samples: &[i16]) -> Vec<u8> {
    let gain = dsp_level::gain_to(samples, LEVEL).unwrap_or(1.0);
    let louder = samples.iter().map(|sample| dsp_level::amplified(*sample, gain));
    louder.map(|sample| g711::encode(Law::A, sample)).collect()
}

/// Makes the sound of one prompt and its line of the index; gives back its octets' number.
fn make(result: &Path, name: &str, sound: &[u8], index: &mut String) -> Result<usize, String> {
    let name_of_sound = hash(sound);
    let path = result.join(format!("{name_of_sound}.alaw"));
    fs::write(&path, sound).map_err(|fault| format!("{}: {fault}", path.display()))?;
    let _ = writeln!(index, "{name} = \"{name_of_sound}\"");
    Ok(sound.len())
}

fn build() -> Result<(), String> {
    let texts = texts()?;
    let words = VOICES
        .iter()
        .map(|(language, _)| words(Path::new(WORDS), *language))
        .collect::<Result<Vec<_>, _>>()?;
    let wanted =
        hash(format!("2 {texts:?} {words:?} {VOICES:?} {} {QUIET} {MARGIN}", LEVEL.0).as_bytes());
    let result = Path::new(RESULT);
    let stamp = result.join("made-from");
    if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
        return Ok(());
    }
    // Sounds of texts that are no more would be found by tests here, and nowhere else.
    match fs::remove_dir_all(result) {
        Err(fault) if fault.kind() != ErrorKind::NotFound => {
            return Err(format!("{RESULT}: {fault}"));
        }
        _ => {}
    }
    fs::create_dir_all(result).map_err(|fault| format!("{RESULT}: {fault}"))?;
    let mut index = String::new();
    for ((language, voice), words) in VOICES.iter().zip(&words) {
        let code = language.code();
        let _ = writeln!(index, "[{code}]");
        for (name, by_language) in &texts {
            let Some(text) = by_language.get(code) else {
                return Err(format!("{SOURCE}/{name}.toml: no text in language `{code}`"));
            };
            let octets = make(result, name, &encode(&speak(voice, text)?), &mut index)?;
            tell(&format!("prompt {name} ({code}): {text} ({} s)\n", octets / 8000));
        }
        let mut octets = 0;
        for (name, text) in words {
            let sound = encode(&cut(&speak(voice, text)?));
            octets += make(result, name, &sound, &mut index)?;
        }
        tell(&format!("{} words ({code}): {octets} octets\n", words.len()));
    }
    let path = result.join("index.toml");
    fs::write(&path, index).map_err(|fault| format!("{}: {fault}", path.display()))?;
    fs::write(&stamp, wanted).map_err(|fault| format!("{}: {fault}", stamp.display()))
}

/// `cargo xtask prompts`
pub(crate) fn run(_: &[String]) -> Outcome {
    build().map_err(|fault| vec![fault])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_can_be_said_has_a_text_in_its_language() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(WORDS);
        for language in Language::ALL {
            let texts = words(&folder, language).expect("all of them");
            assert_eq!(texts.len(), language.words().count());
        }
    }

    #[test]
    fn a_word_is_cut_to_what_is_heard_of_it_and_begins_and_ends_at_nothing() {
        let mut samples = vec![3i16; 4000];
        samples[1000..2200].fill(8000);
        let word = cut(&samples);
        assert_eq!(word.len(), 1200 + 2 * MARGIN);
        assert_eq!((word[0], word[MARGIN], word[word.len() - 1]), (0, 8000, 0));
        assert!(!cut(&[0; 800]).is_empty());
    }
}
