//! The configuration as the table that the core routes calls by.

use call::{Directory, Entry, Origin, Target, Whose};
use units::{ContentHash, Digits, LineId, Tenant};

use crate::zone::offsets;
use crate::{Config, Fault};

/// The table. `flow` gives the hash of a flow by its name.
///
/// # Errors
/// A number names a flow that is not there.
pub fn directory(
    config: &Config,
    text: &str,
    flow: impl Fn(&str) -> Option<ContentHash>,
) -> Result<Directory, Fault> {
    let digits = |text: &str| Digits::parse(text).unwrap_or_default();
    let entry = |prefix: &str, exact, origin, target| Entry {
        tenant: Tenant::default(),
        prefix: digits(prefix),
        exact,
        origin,
        target,
    };
    let mut entries = vec![];
    for (index, number) in config.number.iter().enumerate() {
        if let Some(conference) = config.conference(&number.conference) {
            entries.push(entry(&number.called, true, Origin::Anybody, conference.target()));
            continue;
        }
        let Some(hash) = flow(&number.flow) else {
            let what = format!("there is no flow `{}`", number.flow);
            let remedy = "write flows/<name>.toml, or name one that is there";
            return Err(Fault::in_table(text, ("number", index, "flow"), &what, remedy));
        };
        entries.push(entry(&number.called, true, Origin::Anybody, Target::Flow(hash)));
    }
    for extension in &config.extension {
        let telephone = |port| Target::Telephone(LineId::of_analog(port));
        let calls = digits(&extension.calls);
        let jack = extension.jack().map(|jack| Target::Jack { jack, calls });
        // One of them is there: that was checked.
        let Some(target) = extension.telephone.map(telephone).or(jack) else { continue };
        entries.push(entry(&extension.number, true, Origin::Inside, target));
    }
    for conference in &config.conference {
        entries.push(entry(&conference.number, true, Origin::Inside, conference.target()));
    }
    for trunk in &config.trunk {
        let origin = if trunk.open { Origin::Anybody } else { Origin::Inside };
        entries.push(entry(&trunk.prefix, false, origin, trunk.target()));
        let reached = trunk.lines().into_iter().filter(|_| !trunk.reaches.is_empty());
        for line in reached {
            let target = Target::Reached { line, number: digits(&trunk.reaches) };
            entries.push(entry("", true, Origin::Anybody, target));
        }
    }
    let (accesses, lines) = (config.accesses(), config.lines());
    let (hotlines, recorded, muted) = (config.hotlines(), recorded(config), muted(config));
    let offsets = offsets(&config.this_box.zone).unwrap_or_default();
    let recording = config.recordings.terms();
    Ok(Directory {
        entries,
        accesses,
        lines,
        hotlines,
        offsets,
        recorded,
        recording,
        muted,
        ..Directory::default()
    })
}

impl Config {
    /// What callers hear who wait with music. `find` gives a sound that people brought.
    ///
    /// # Errors
    /// A sound that is not there, or more of them than wait.
    pub fn music(
        &self,
        text: &str,
        find: impl Fn(&str) -> Option<ContentHash>,
    ) -> Result<Vec<ContentHash>, Fault> {
        let line = text.lines().position(|line| line.trim_start().starts_with("music"));
        let line = line.map_or(0, |line| line + 1);
        if self.this_box.music.len() > limits::MUSIC {
            let what = format!("more than {} pieces", limits::MUSIC);
            return Err(Fault::new(line, "box.music", &what, "leave some out"));
        }
        let found = |name: &String| {
            let missing = || {
                let what = format!("there is no sound `{name}`");
                let remedy =
                    format!("put sounds/{name}.wav (or mp3, flac, ogg) beside config.toml");
                Fault::new(line, "box.music", &what, &remedy)
            };
            find(name).ok_or_else(missing)
        };
        self.this_box.music.iter().map(found).collect()
    }
}

/// Who presses keys that nobody else hears.
fn muted(config: &Config) -> Vec<Whose> {
    let numbers = config.number.iter().filter(|one| one.mute_keys);
    let numbers = numbers.filter_map(|one| whose_number(&one.called));
    let lines = config.trunk.iter().filter(|trunk| trunk.mute_keys).flat_map(crate::Trunk::lines);
    numbers.chain(lines.map(Whose::Line)).collect()
}

fn whose_number(text: &str) -> Option<Whose> {
    Digits::parse(text).map(Whose::Number)
}

/// Whose calls are recorded.
fn recorded(config: &Config) -> Vec<Whose> {
    let numbers = config.number.iter().filter(|one| one.record).map(|one| &one.called);
    let extensions = config.extension.iter().filter(|one| one.record).map(|one| &one.number);
    let trunks = config.trunk.iter().filter(|trunk| trunk.record);
    let lines = trunks.flat_map(crate::Trunk::lines).map(Whose::Line);
    numbers.chain(extensions).filter_map(|text| whose_number(text)).chain(lines).collect()
}
