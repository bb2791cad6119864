//! The sounds that people put into `sounds/` beside `config.toml`: announcements of their own,
//! music on hold. They are made into what the line plays once, and kept.
//!
//! ```text
//!  sounds/spring.mp3     ─► sounds::a_law ─► STATE/sounds/<hash>.alaw, which the core reads
//!  sounds/welcome.en.wav     (only if        STATE/sounds/<hash of the file>.made: <hash>
//!                             it is new)     sounds.toml, with the other documents
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use flow::{ANY_LANGUAGE, hash_of};
use units::ContentHash;

/// A file that is larger is not read.
const MOST_OCTETS: u64 = 256 << 20;

/// One file.
#[derive(Clone, Debug)]
pub(crate) struct OwnSound {
    /// As people know it: `sounds/welcome.en.wav`.
    pub(crate) file: String,
    path: PathBuf,
    /// `welcome`.
    name: String,
    /// `en`, or [`ANY_LANGUAGE`].
    language: String,
    ending: String,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Brought {
    pub(crate) hash: ContentHash,
    /// It was not there before, and lasts so many seconds.
    pub(crate) new: Option<u32>,
}

fn fault(file: &str, fault: impl std::fmt::Display) -> String {
    format!("{file}: {fault}")
}

/// All files, in the order of their names.
pub(crate) fn list(config: &Path) -> Result<Vec<OwnSound>, String> {
    let folder = config.join("sounds");
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(reason) if reason.kind() == ErrorKind::NotFound => return Ok(vec![]),
        Err(reason) => return Err(fault(&folder.display().to_string(), reason)),
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names: BTreeSet<_> = names.filter(|name| !name.starts_with('.')).collect();
    names.into_iter().map(|name| OwnSound::of(&folder, &name)).collect()
}

impl OwnSound {
    fn of(folder: &Path, file: &str) -> Result<Self, String> {
        let shown = format!("sounds/{file}");
        let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
        let ending = ending.to_ascii_lowercase();
        if !sounds::ENDINGS.contains(&ending.as_str()) {
            let known = sounds::ENDINGS.join(", ");
            return Err(fault(&shown, format!("a name ends with one of {known}; convert it")));
        }
        let (name, language) = stem.split_once('.').unwrap_or((stem, ANY_LANGUAGE));
        let plain = |text: &str| {
            let octets = text.bytes();
            let mut good =
                octets.map(|o| o.is_ascii_lowercase() || o.is_ascii_digit() || o == b'-');
            !text.is_empty() && good.all(|good| good)
        };
        if !plain(name) || !plain(language) || name.starts_with("say-") {
            let remedy = "name it with a to z, 0 to 9 and -, such as spring.mp3 or welcome.en.wav";
            return Err(fault(&shown, remedy));
        }
        Ok(Self {
            path: folder.join(file),
            name: name.into(),
            language: language.into(),
            file: shown,
            ending,
        })
    }

    /// Makes what the line plays of it, unless that is there.
    pub(crate) fn bring(&self, kept: &Path) -> Result<Brought, String> {
        let at = |reason: std::io::Error| fault(&self.file, reason);
        if fs::metadata(&self.path).map_err(at)?.len() > MOST_OCTETS {
            return Err(fault(&self.file, "larger than 256 MiB; cut or compress it"));
        }
        let octets = fs::read(&self.path).map_err(at)?;
        let made = kept.join(format!("{}.made", hash_of(&octets)));
        if let Some(hash) =
            fs::read_to_string(&made).ok().and_then(|text| ContentHash::parse(&text))
            && kept.join(format!("{hash}.alaw")).is_file()
        {
            return Ok(Brought { hash, new: None });
        }
        let sound = sounds::a_law(octets, &self.ending).map_err(|why| fault(&self.file, why))?;
        let hash = hash_of(&sound);
        fs::create_dir_all(kept).map_err(at)?;
        keep(&kept.join(format!("{hash}.alaw")), &sound).map_err(at)?;
        keep(&made, hash.to_string().as_bytes()).map_err(at)?;
        let seconds = u32::try_from(sound.len() / limits::SECOND_OCTETS).unwrap_or(u32::MAX);
        Ok(Brought { hash, new: Some(seconds) })
    }
}

/// Writes a file so that it is there whole or not at all.
fn keep(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = fs::File::create(&beside)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// The document that names all of them, as the index of the prompts does: `sounds.toml`.
pub(crate) fn index(config: &Path, kept: &Path) -> Result<String, String> {
    let mut by_language = BTreeMap::<String, BTreeMap<String, ContentHash>>::new();
    for sound in list(config)? {
        let hash = sound.bring(kept)?.hash;
        let of_language = by_language.entry(sound.language).or_default();
        if of_language.insert(sound.name.clone(), hash).is_some() {
            return Err(fault(&sound.file, "another file has the same name; rename one"));
        }
    }
    let mut text = String::new();
    for (language, names) in by_language {
        let _ = writeln!(text, "[{language}]");
        for (name, hash) in names {
            let _ = writeln!(text, "{name} = \"{hash}\"");
        }
    }
    Ok(text)
}

/// Erases what no file and no document needs any more.
pub(crate) fn tidy(kept: &Path, needed: &BTreeSet<ContentHash>) {
    let Ok(entries) = fs::read_dir(kept) else { return };
    let hash = |text: &str| ContentHash::parse(text).filter(|hash| needed.contains(hash));
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let made = path.extension().is_some_and(|ending| ending == "made");
        let used = match made {
            true => fs::read_to_string(&path).is_ok_and(|text| hash(&text).is_some()),
            false => hash(stem).is_some(),
        };
        if !used {
            // Tried again at the next start.
            let _ = fs::remove_file(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A second of a sine in the simplest WAV, loud or not.
    fn wav(amplitude: f64) -> Vec<u8> {
        let samples = (0..8000).map(|n| {
            let phase = f64::from(n) * 440.0 / 8000.0 * std::f64::consts::TAU;
            #[expect(clippy::cast_possible_truncation, reason = "an amplitude below 32768")]
            let sample = (phase.sin() * amplitude) as i16;
            sample
        });
        let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
        let mut file =
            b"RIFF\xA4\x3E\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1F\0\0\x80\x3E\0\0\x02\0\
                         \x10\0data\x80\x3E\0\0"
                .to_vec();
        file.extend(data);
        file
    }

    fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("sounds")).expect("made");
        for (name, octets) in files {
            fs::write(folder.path().join("sounds").join(name), octets).expect("written");
        }
        folder
    }

    #[test]
    fn a_file_is_made_once_and_found_again() {
        let folder = folder(&[("spring.wav", &wav(9000.0)), ("welcome.en.WAV", &wav(500.0))]);
        let kept = folder.path().join("kept");
        let all = list(folder.path()).expect("good names");
        let first = all[0].bring(&kept).expect("a sound");
        assert_eq!(first.new, Some(1));
        assert_eq!(all[0].bring(&kept), Ok(Brought { hash: first.hash, new: None }));
        let text = index(folder.path(), &kept).expect("two sounds");
        assert!(
            text.starts_with("[any]\nspring = ") && text.contains("[en]\nwelcome = "),
            "{text}"
        );
        tidy(&kept, &BTreeSet::from([first.hash]));
        assert_eq!(fs::read_dir(&kept).expect("there").count(), 2, "the other is erased");
        fs::remove_file(kept.join(format!("{}.alaw", first.hash))).expect("erased");
        assert_eq!(all[0].bring(&kept), Ok(first), "what was lost is made again");
    }

    #[test]
    fn a_file_that_is_no_sound_is_named_with_the_remedy() {
        let kept = tempfile::tempdir().expect("a folder");
        let complaint = |name: &str, octets: &[u8]| {
            index(folder(&[(name, octets)]).path(), kept.path()).expect_err("no sound")
        };
        for (name, octets, wanted) in [
            ("spring.aac", &b"x"[..], "sounds/spring.aac: a name ends with one of wav"),
            ("My Song.wav", &wav(9000.0), "sounds/My Song.wav: name it with a to z"),
            ("noise.mp3", &[7; 5000], "sounds/noise.mp3: "),
            ("empty.wav", &[], "sounds/empty.wav: "),
            ("silent.wav", &wav(0.0), "nothing is to be heard in it"),
            ("say-one.wav", &wav(9000.0), "sounds/say-one.wav: name it"),
        ] {
            let told = complaint(name, octets);
            assert!(told.contains(wanted), "{told}");
        }
        let two = folder(&[("a.wav", &wav(9000.0)), ("a.ogg", &wav(9000.0))]);
        let told = index(two.path(), kept.path()).expect_err("two of one name");
        assert!(told.contains("the same name"), "{told}");
    }
}
