//! How calls are recorded, and how long recordings are kept.

use call::{RecordedKeys, Recording, RecordingFile};
use serde::Deserialize;

use crate::{Config, Fault};

/// What files are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The octets of the line.
    #[default]
    Wav,
    /// Ogg Opus.
    Opus,
}

/// What becomes of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keys {
    /// They are silent.
    #[default]
    Mute,
    /// They are heard.
    Keep,
}

/// How calls are recorded, and how long recordings are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recordings {
    /// What files are made.
    #[serde(default)]
    pub format: Format,
    /// What becomes of keys.
    #[serde(default)]
    pub keys: Keys,
    /// Days after which one is erased; without: never.
    pub keep_days: Option<u32>,
    /// Gigabytes that all take at most; without: what the disk has.
    pub most_gb: Option<u32>,
}

/// A century.
const MOST_DAYS: u32 = 36_500;
/// A petabyte.
const MOST_GB: u32 = 1_000_000;

impl Recordings {
    /// What of this is the core's.
    pub(crate) const fn terms(&self) -> Recording {
        let file = match self.format {
            Format::Wav => RecordingFile::Wav,
            Format::Opus => RecordingFile::Opus,
        };
        let keys = match self.keys {
            Keys::Mute => RecordedKeys::Muted,
            Keys::Keep => RecordedKeys::Kept,
        };
        Recording { file, keys }
    }
}

impl Config {
    pub(crate) fn check_recordings(&self, text: &str) -> Result<(), Fault> {
        let Recordings { keep_days, most_gb, .. } = self.recordings;
        for (field, value, most) in
            [("keep_days", keep_days, MOST_DAYS), ("most_gb", most_gb, MOST_GB)]
        {
            if value.is_some_and(|value| value == 0 || value > most) {
                let line = text.lines().position(|line| line.trim_start().starts_with(field));
                let what = format!("{} is not 1 to {most}", value.unwrap_or(0));
                let remedy = "leave it out to keep recordings as long as there is room";
                let field = format!("recordings.{field}");
                return Err(Fault::new(line.map_or(0, |line| line + 1), &field, &what, remedy));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(more: &str) -> Result<Config, Fault> {
        Config::parse(&format!("[box]\nname = \"x\"\n{more}"))
    }

    #[test]
    fn keys_are_muted_and_nothing_is_erased_by_age_unless_a_document_says_so() {
        let plain = parse("").expect("good").recordings;
        assert_eq!(plain, Recordings::default());
        assert_eq!(plain.terms(), Recording::default());
        assert_eq!(plain.terms().keys, RecordedKeys::Muted);
        let text =
            "[recordings]\nkeys = \"keep\"\nformat = \"opus\"\nkeep_days = 90\nmost_gb = 2\n";
        let found = parse(text).expect("good").recordings;
        assert_eq!((found.keep_days, found.most_gb), (Some(90), Some(2)));
        let terms = Recording { file: RecordingFile::Opus, keys: RecordedKeys::Kept };
        assert_eq!(found.terms(), terms);
        for (wrong, line, field) in [
            ("[recordings]\nkeep_days = 0\n", 4, "recordings.keep_days"),
            ("[recordings]\nmost_gb = 1000001\n", 4, "recordings.most_gb"),
        ] {
            let fault = parse(wrong).expect_err("wrong");
            assert_eq!((fault.line, fault.field.as_str()), (line, field), "{fault}");
        }
        let fault = parse("[recordings]\nkeys = \"loud\"\n").expect_err("wrong");
        assert_eq!((fault.line, fault.field.as_str()), (4, "keys"), "{fault}");
    }
}
