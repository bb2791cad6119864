//! Which prompts there are: the index that the build of the prompts writes.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use units::ContentHash;

/// Prompts by name and language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prompts(BTreeMap<(String, String), ContentHash>);

impl Prompts {
    /// Reads an index: for each language a table of names and hashes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let index: BTreeMap<String, BTreeMap<String, String>> =
            toml::from_str(text).map_err(|fault| fault.to_string())?;
        let mut prompts = BTreeMap::new();
        for (language, names) in index {
            for (name, hash) in names {
                let hash = ContentHash::parse(&hash)
                    .ok_or_else(|| format!("{language}.{name}: not 64 hexadecimal digits"))?;
                prompts.insert((name, language.clone()), hash);
            }
        }
        Ok(Self(prompts))
    }

    /// The prompt of a name in a language.
    #[must_use]
    pub fn find(&self, name: &str, language: &str) -> Option<ContentHash> {
        self.0.get(&(name.to_owned(), language.to_owned())).copied()
    }

    /// The name and language of a prompt.
    #[must_use]
    pub fn name(&self, hash: ContentHash) -> Option<(&str, &str)> {
        let (key, _) = self.0.iter().find(|(_, found)| **found == hash)?;
        Some((&key.0, &key.1))
    }

    /// All names, each once; words that things said are made of are left out.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.0.keys().map(|(name, _)| name.as_str()).collect();
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
