//! Which prompts there are: the index that the build of the prompts writes, and the sounds that
//! people brought, which go before.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use units::ContentHash;

/// The language of a sound that is the same in all.
pub const ANY_LANGUAGE: &str = "any";

/// Prompts by name and language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompts {
    /// Those that people brought.
    own: Table,
    /// The box's.
    built: Table,
}

type Table = BTreeMap<(String, String), ContentHash>;

fn table(text: &str) -> Result<Table, String> {
    let index: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(text).map_err(|fault| fault.to_string())?;
    let mut prompts = Table::new();
    for (language, names) in index {
        for (name, hash) in names {
            let hash = ContentHash::parse(&hash)
                .ok_or_else(|| format!("{language}.{name}: not 64 hexadecimal digits"))?;
            prompts.insert((name, language.clone()), hash);
        }
    }
    Ok(prompts)
}

impl Prompts {
    /// Reads an index: for each language a table of names and hashes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { own: Table::new(), built: table(text)? })
    }

    /// These, and the sounds of another index before them.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn with_own(self, text: &str) -> Result<Self, String> {
        Ok(Self { own: table(text)?, ..self })
    }

    /// The sounds that people brought.
    pub fn own(&self) -> impl Iterator<Item = ContentHash> {
        self.own.values().copied()
    }

    /// The sound of a name that people brought, in any language.
    #[must_use]
    pub fn find_own(&self, name: &str) -> Option<ContentHash> {
        let mut own = self.own.iter().filter(|((own, _), _)| own == name);
        own.next().map(|(_, hash)| *hash)
    }

    /// The prompt of a name in a language.
    #[must_use]
    pub fn find(&self, name: &str, language: &str) -> Option<ContentHash> {
        let key = |language: &str| (name.to_owned(), language.to_owned());
        let own = self.own.get(&key(language)).or_else(|| self.own.get(&key(ANY_LANGUAGE)));
        own.or_else(|| self.built.get(&key(language))).copied()
    }

    /// The name and language of a prompt.
    #[must_use]
    pub fn name(&self, hash: ContentHash) -> Option<(&str, &str)> {
        let mut all = self.own.iter().chain(&self.built);
        let (key, _) = all.find(|(_, found)| **found == hash)?;
        Some((&key.0, &key.1))
    }

    /// All names, each once; words that things said are made of are left out.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let all = self.own.keys().chain(self.built.keys());
        let mut names: Vec<_> = all.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| !name.starts_with("say-"));
        names
    }
}

/// The name of a document or prompt by its content.
#[must_use]
pub fn hash_of(octets: &[u8]) -> ContentHash {
    ContentHash(Sha256::digest(octets).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_that_people_brought_goes_before_the_boxs_own() {
        let hash = |octet: u8| ContentHash([octet; 32]);
        let line = |name: &str, octet| format!("{name} = \"{}\"\n", hash(octet));
        let built = ["[en]\n", &line("welcome", 1), &line("menu", 2), "[zh]\n", &line("menu", 3)];
        let own = ["[any]\n", &line("spring", 4), &line("menu", 5), "[en]\n", &line("menu", 6)];
        let prompts = Prompts::parse(&built.concat()).expect("an index");
        let prompts = prompts.with_own(&own.concat()).expect("an index");
        let find = |name, language| prompts.find(name, language);
        assert_eq!(find("welcome", "en"), Some(hash(1)));
        assert_eq!((find("menu", "en"), find("menu", "zh")), (Some(hash(6)), Some(hash(5))));
        assert_eq!((find("spring", "zh"), find("welcome", "zh")), (Some(hash(4)), None));
        assert_eq!(
            (prompts.find_own("spring"), prompts.find_own("welcome")),
            (Some(hash(4)), None)
        );
        assert_eq!(prompts.names(), ["menu", "spring", "welcome"]);
        assert!(Prompts::default().with_own("[any]\nspring = \"x\"").is_err());
    }
}
