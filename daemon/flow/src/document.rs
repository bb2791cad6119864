//! The document of a flow, as people write it.

use std::collections::BTreeMap;

use config::Fault;
use serde::Deserialize;

/// A flow.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// For people.
    pub title: String,
    /// The languages in which each prompt is spoken, one after the other.
    pub languages: Vec<String>,
    /// The step at which a caller begins.
    pub start: String,
    /// The steps.
    #[serde(default)]
    pub step: Vec<StepDocument>,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Do {
    /// Answers the caller. Needs `next`.
    Answer,
    /// Plays prompts. Needs `prompts`, `next`.
    Play,
    /// Plays prompts and waits for a key. Needs `prompts`, `keys`, `otherwise`.
    Menu,
    /// Rings an extension. Needs `number`, `otherwise`; may have `seconds`, `hear`.
    Ring,
    /// Ends the call. Needs `cause`.
    Release,
}

/// What a caller hears while a number is rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HearDocument {
    /// Ring-back tone.
    RingBack,
    /// The jack for music, if the box has one that works; ring-back tone otherwise. A caller on a
    /// trunk must have been answered: before, the exchange gives ring-back tone.
    Music,
}

/// One thing that is played.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum ItemDocument {
    /// A prompt, by its name.
    Prompt(String),
    /// What is said: `{ digits = "caller" }`; see [`crate::compile`].
    Say(BTreeMap<String, Scalar>),
}

/// A number or a text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// Without quotes.
    Number(i64),
    /// In quotes.
    Text(String),
}

/// One step. Which fields it needs follows from `do`; any other is a fault.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDocument {
    /// Its name in this document.
    pub id: String,
    /// What it does.
    #[serde(rename = "do")]
    pub what: Do,
    /// Where it goes on.
    pub next: Option<String>,
    /// What is played.
    pub prompts: Option<Vec<ItemDocument>>,
    /// What is played after a key that leads nowhere.
    pub invalid: Option<Vec<ItemDocument>>,
    /// The keys and the steps that they lead to.
    pub keys: Option<BTreeMap<String, String>>,
    /// How long a key is waited for after the prompts: 0.1 to 600; 5 unless said.
    pub wait_seconds: Option<f64>,
    /// How often the menu is offered in all: 1 to 20; 3 unless said.
    pub attempts: Option<u8>,
    /// Where it goes on if nothing came of it.
    pub otherwise: Option<String>,
    /// The number that is rung.
    pub number: Option<String>,
    /// How long it is rung: 1 to 600; 20 unless said.
    pub seconds: Option<f64>,
    /// What the caller hears while the number is rung; `ring-back` unless said.
    pub hear: Option<HearDocument>,
    /// Why the call is ended (Q.850), 1 to 127.
    pub cause: Option<u8>,
}

impl Document {
    /// Reads a document; [`crate::compile`] checks it.
    ///
    /// # Errors
    /// What the TOML reader says, with line and field.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        toml::from_str(text).map_err(|fault| Fault {
            remedy: "see `help flow` for the steps and their fields".into(),
            ..Fault::of_toml(text, &fault)
        })
    }
}
