//! The documents on disk: read, checked, compiled; or the last good ones.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use config::{Config, Fault, directory};
use flow::{Compiled, Prompts, compile, hash_of};
use link::Kind;
use plan::Wanted;

use crate::own_sounds;

/// The folders that documents come from.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    /// `config.toml`, `flows/*.toml` and `sounds/*`.
    pub(crate) config: PathBuf,
    /// `index.toml` and the prompts.
    pub(crate) prompts: PathBuf,
    /// Sounds that people brought, as the line plays them.
    pub(crate) sounds: PathBuf,
}

/// The document that names the sounds that people brought.
const SOUNDS: &str = "sounds.toml";

/// Documents that are good, and what follows from them.
#[derive(Clone, Debug)]
pub(crate) struct Documents {
    /// As they were read, by name: `config.toml`, `flows/main.toml`.
    pub(crate) texts: Vec<(String, String)>,
    pub(crate) config: Config,
    pub(crate) flows: BTreeMap<String, Compiled>,
    pub(crate) prompts: Prompts,
    pub(crate) wanted: Wanted,
}

/// A fault and the file that it is in.
pub(crate) fn at(file: &str, fault: &Fault) -> String {
    format!("{file}, {fault}")
}

/// Reads the texts of all documents, and makes what the line plays of sounds that are new.
pub(crate) fn read(folders: &Folders) -> Result<Vec<(String, String)>, String> {
    let folder = &folders.config;
    let read = |name: String| {
        let path = folder.join(&name);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok((name, text)),
            Err(fault) => Err(format!("{}: {fault}", path.display())),
        }
    };
    let mut texts = vec![read("config.toml".into())?];
    let flows = folder.join("flows");
    let entries =
        std::fs::read_dir(&flows).map_err(|fault| format!("{}: {fault}", flows.display()))?;
    let mut names: Vec<_> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".toml"))
        .collect();
    names.sort();
    for name in names {
        texts.push(read(format!("flows/{name}"))?);
    }
    let sounds = own_sounds::index(folder, &folders.sounds)?;
    if !sounds.is_empty() {
        texts.push((SOUNDS.into(), sounds));
    }
    Ok(texts)
}

/// The index of the prompts; without one there are none, and flows that name one are refused.
pub(crate) fn prompts(folder: &Path) -> Result<Prompts, String> {
    let path = folder.join("index.toml");
    let text = std::fs::read_to_string(&path)
        .map_err(|fault| format!("{}: {fault}; build the prompts first", path.display()))?;
    Prompts::parse(&text).map_err(|fault| format!("{}: {fault}", path.display()))
}

/// Checks and compiles.
/// Messages wait for the telephones with the numbers `waiting`.
pub(crate) fn check(
    texts: Vec<(String, String)>,
    prompts: Prompts,
    waiting: &BTreeSet<String>,
) -> Result<Documents, String> {
    let own = texts.iter().find(|(file, _)| file == SOUNDS).map_or("", |(_, text)| text);
    let prompts = prompts.with_own(own).map_err(|fault| format!("{SOUNDS}: {fault}"))?;
    let mut flows = BTreeMap::new();
    let mut config = None;
    for (file, text) in &texts {
        if file == "config.toml" {
            let parsed = Config::parse(text).map_err(|fault| at(file, &fault))?;
            config = Some((parsed, text));
        } else if file != SOUNDS {
            let name = file.trim_start_matches("flows/").trim_end_matches(".toml");
            let compiled = compile(name, text, &prompts).map_err(|fault| at(file, &fault))?;
            flows.insert(name.to_owned(), compiled);
        }
    }
    let (config, text) = config.ok_or("config.toml is missing")?;
    let mut table = directory(&config, text, |name| flows.get(name).map(|flow| flow.hash))
        .map_err(|fault| at("config.toml", &fault))?;
    table.extensions = config.extensions(waiting);
    table.music = config
        .music(text, |name| prompts.find_own(name))
        .map_err(|fault| at("config.toml", &fault))?;
    let octets = table.to_octets().ok_or("config.toml: more numbers than the core takes")?;
    let hash = hash_of(&octets);
    let used: Vec<_> = table.flows().collect();
    let programs = flows.values().filter(|flow| used.contains(&flow.hash));
    let mut documents: Vec<_> =
        programs.map(|flow| (Kind::Program, flow.hash, flow.octets.clone())).collect();
    documents.push((Kind::Table, hash, octets));
    let wanted = Wanted { table: Some(hash), documents };
    Ok(Documents { texts, config, flows, prompts, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = include_str!("../../../images/default/config.toml");

    #[test]
    fn a_fault_names_file_line_field_and_remedy() {
        let wrong = CONFIG.replace("span = 1", "span = 99");
        let flow = "title = \"x\"\nlanguages = []\nstart = \"a\"\n[[step]]\nid = \"a\"\n\
                    do = \"release\"\ncause = 16\n";
        let texts = |config: &str| {
            vec![
                ("config.toml".to_owned(), config.to_owned()),
                ("flows/main.toml".to_owned(), flow.to_owned()),
            ]
        };
        let none = BTreeSet::new();
        let fault = check(texts(&wrong), Prompts::default(), &none).expect_err("wrong");
        let line = wrong.lines().position(|l| l == "span = 99").expect("there") + 1;
        let start = format!("config.toml, line {line}, trunk[1].span:");
        assert!(fault.starts_with(&start), "{fault}");
        assert!(fault.contains("1 to 16"), "{fault}");
        let good = check(texts(CONFIG), Prompts::default(), &none).expect("good");
        assert_eq!(good.wanted.documents.len(), 2);
    }
}
