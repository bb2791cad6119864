//! From names to numbers, with every fault told by line and field.

use std::collections::BTreeMap;

use call::app::Hear;
use config::{Fault, locate};
use ivr::{Choice, Item, Items, Program, Step, StepId, Vocabulary};
use say::Language;
use units::{Cause, ContentHash, Digit, Digits};

use crate::document::{Do, Document, HearDocument, ItemDocument, StepDocument};
use crate::prompts::{Prompts, hash_of};
use crate::saying::saying;

/// A compiled flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The program.
    pub program: Program,
    /// As it is published.
    pub octets: Vec<u8>,
    /// Its name.
    pub hash: ContentHash,
}

/// One document on its way.
struct Compiler<'a> {
    text: &'a str,
    document: &'a Document,
    prompts: &'a Prompts,
    ids: BTreeMap<&'a str, StepId>,
}

/// One step on its way.
struct Place<'a> {
    compiler: &'a Compiler<'a>,
    index: usize,
    step: &'a StepDocument,
}

/// Compiles a document.
///
/// # Errors
/// The first [`Fault`]: line, field, what is wrong and what to do.
pub fn compile(name: &str, text: &str, prompts: &Prompts) -> Result<Compiled, Fault> {
    let document = Document::parse(text)?;
    let mut ids = BTreeMap::new();
    for (index, step) in document.step.iter().enumerate() {
        let number = StepId(u16::try_from(index).unwrap_or(u16::MAX));
        if ids.insert(step.id.as_str(), number).is_some() {
            let line = locate(text, "step", index, "id");
            let what = format!("`{}` is used by an earlier step", step.id);
            return Err(Fault::new(line, "id", &what, "give each step a name of its own"));
        }
    }
    let Some(start) = ids.get(document.start.as_str()).copied() else {
        let line = text.lines().position(|line| line.starts_with("start")).map_or(0, |n| n + 1);
        let what = format!("there is no step `{}`", document.start);
        return Err(Fault::new(line, "start", &what, "name the id of a step"));
    };
    let compiler = Compiler { text, document: &document, prompts, ids };
    let mut steps = compiler.steps()?;
    move_to_front(&mut steps, start);
    let words = vocabularies(&steps, prompts)?;
    finish(Program { name: name.into(), steps, words })
}

/// The words of the languages in which something is said.
fn vocabularies(steps: &[Step<Items>], prompts: &Prompts) -> Result<Vec<Vocabulary>, Fault> {
    let said: Vec<_> = steps.iter().flat_map(Step::played).flatten().collect();
    let says = |of: &Language| {
        said.iter().any(|item| matches!(item, Item::Say(_, language) if language == of))
    };
    let mut all = vec![];
    for language in Language::ALL.into_iter().filter(says) {
        let word = |word: &str| match prompts.find(word, language.code()) {
            Some(prompt) => Ok((word.to_owned(), prompt)),
            None => {
                let what = format!("there is no word `{word}` in language `{}`", language.code());
                Err(Fault::new(0, "prompts", &what, "build the prompts again: words are missing"))
            }
        };
        let mut words = language.words().map(word).collect::<Result<Vec<_>, _>>()?;
        words.sort();
        all.push(Vocabulary { language, words });
    }
    Ok(all)
}

fn finish(program: Program) -> Result<Compiled, Fault> {
    let whole = |what: &str| Fault::new(0, "step", what, "make the flow smaller");
    program.validate().map_err(|fault| whole(&format!("the core would refuse it: {fault:?}")))?;
    let octets = program.to_octets().map_err(|_| whole("it is too large"))?;
    let hash = hash_of(&octets);
    Ok(Compiled { program, octets, hash })
}

/// The core begins at step 0.
fn move_to_front(steps: &mut [Step<Items>], start: StepId) {
    let swap = |id: &mut StepId| {
        if *id == start {
            *id = StepId(0);
        } else if *id == StepId(0) {
            *id = start;
        }
    };
    for step in steps.iter_mut() {
        match step {
            Step::Answer { next } | Step::Play { next, .. } => swap(next),
            Step::Menu { choices, otherwise, .. } => {
                choices.iter_mut().for_each(|choice| swap(&mut choice.next));
                swap(otherwise);
            }
            Step::Ring { otherwise, .. } => swap(otherwise),
            Step::Release { .. } => {}
        }
    }
    steps.swap(0, usize::from(start.0));
}

impl Compiler<'_> {
    fn steps(&self) -> Result<Vec<Step<Items>>, Fault> {
        let all = self.document.step.iter().enumerate();
        all.map(|(index, step)| Place { compiler: self, index, step }.compile()).collect()
    }
}

impl Place<'_> {
    fn fault(&self, field: &str, what: &str, remedy: &str) -> Fault {
        let line = locate(self.compiler.text, "step", self.index, field);
        Fault::new(line, &format!("step `{}`, {field}", self.step.id), what, remedy)
    }

    fn compile(&self) -> Result<Step<Items>, Fault> {
        let step = self.step;
        let allowed: &[&str] = match step.what {
            Do::Answer => &["next"],
            Do::Play => &["prompts", "next"],
            Do::Menu => &["prompts", "invalid", "keys", "wait_seconds", "attempts", "otherwise"],
            Do::Ring => &["number", "seconds", "hear", "otherwise"],
            Do::Release => &["cause"],
        };
        if let Some(field) = self.given().find(|field| !allowed.contains(field)) {
            let what = format!("a step that does `{:?}` has no such field", step.what);
            let remedy = format!("leave it out; it has {}", allowed.join(", "));
            return Err(self.fault(field, &what.to_lowercase(), &remedy));
        }
        Ok(match step.what {
            Do::Answer => Step::Answer { next: self.to("next", step.next.as_deref())? },
            Do::Play => Step::Play {
                prompts: self.prompts("prompts", self.need("prompts", step.prompts.as_deref())?)?,
                next: self.to("next", step.next.as_deref())?,
            },
            Do::Menu => self.menu()?,
            Do::Ring => self.ring()?,
            Do::Release => self.release()?,
        })
    }

    fn given(&self) -> impl Iterator<Item = &'static str> {
        let step = self.step;
        let fields = [
            ("next", step.next.is_some()),
            ("prompts", step.prompts.is_some()),
            ("invalid", step.invalid.is_some()),
            ("keys", step.keys.is_some()),
            ("wait_seconds", step.wait_seconds.is_some()),
            ("attempts", step.attempts.is_some()),
            ("otherwise", step.otherwise.is_some()),
            ("number", step.number.is_some()),
            ("seconds", step.seconds.is_some()),
            ("hear", step.hear.is_some()),
            ("cause", step.cause.is_some()),
        ];
        fields.into_iter().filter(|(_, there)| *there).map(|(field, _)| field)
    }

    fn need<T>(&self, field: &str, value: Option<T>) -> Result<T, Fault> {
        value.ok_or_else(|| {
            let what = format!("`{field}` is missing");
            self.fault(field, &what, &format!("write `{field} = ...` in this step"))
        })
    }

    fn to(&self, field: &str, id: Option<&str>) -> Result<StepId, Fault> {
        let id = self.need(field, id)?;
        self.compiler.ids.get(id).copied().ok_or_else(|| {
            self.fault(field, &format!("there is no step `{id}`"), "name the id of a step")
        })
    }

    /// All in each language, one language after the other.
    fn prompts(&self, field: &str, documents: &[ItemDocument]) -> Result<Items, Fault> {
        let mut items = Items::new();
        for language in &self.compiler.document.languages {
            for document in documents {
                items.push(match document {
                    ItemDocument::Prompt(name) => self.prompt(field, name, language)?,
                    ItemDocument::Say(entries) => {
                        let fault =
                            |(what, remedy): (String, String)| self.fault(field, &what, &remedy);
                        let language = Language::of(language).ok_or_else(|| {
                            let what = format!("nothing is said in language `{language}`");
                            fault((what, "there are rules for zh and en".into()))
                        })?;
                        Item::Say(saying(entries).map_err(fault)?, language)
                    }
                });
            }
        }
        let (longest, most) =
            (items.iter().map(Item::longest).sum::<usize>(), limits::PROMPTS_PER_STEP);
        if longest > most {
            let what = format!("up to {longest} prompts in a row, languages counted; {most} fit");
            return Err(self.fault(field, &what, "play them in two steps"));
        }
        Ok(items)
    }

    fn prompt(&self, field: &str, name: &str, language: &str) -> Result<Item, Fault> {
        let hash = self.compiler.prompts.find(name, language).ok_or_else(|| {
            let what = format!("there is no prompt `{name}` in language `{language}`");
            let known = self.compiler.prompts.names().join(", ");
            self.fault(field, &what, &format!("there are: {known}"))
        })?;
        Ok(Item::Prompt(hash))
    }

    fn millis(&self, field: &str, seconds: Option<f64>, default: f64) -> Result<u32, Fault> {
        let seconds = seconds.unwrap_or(default);
        if !(0.1..=600.0).contains(&seconds) {
            let what = format!("{seconds} is not 0.1 to 600");
            return Err(self.fault(field, &what, "give seconds in that range"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        Ok((seconds * 1000.0) as u32)
    }

    fn menu(&self) -> Result<Step<Items>, Fault> {
        let step = self.step;
        let mut choices = vec![];
        for (key, to) in self.need("keys", step.keys.as_ref())? {
            let digit = match key.as_bytes() {
                [octet] => Digit::new(*octet),
                _ => None,
            };
            let Some(digit) = digit else {
                let what = format!("`{key}` is no key");
                return Err(self.fault("keys", &what, "use one of 0-9 * # A-D"));
            };
            choices.push(Choice { digit, next: self.to("keys", Some(to))? });
        }
        let attempts = step.attempts.unwrap_or(3);
        if !(1..=20).contains(&attempts) {
            let what = format!("{attempts} is not 1 to 20");
            return Err(self.fault("attempts", &what, "give a number in that range"));
        }
        let invalid = step.invalid.as_deref().unwrap_or_default();
        Ok(Step::Menu {
            prompts: self.prompts("prompts", self.need("prompts", step.prompts.as_deref())?)?,
            invalid: self.prompts("invalid", invalid)?,
            choices,
            wait_ms: self.millis("wait_seconds", step.wait_seconds, 5.0)?,
            attempts,
            otherwise: self.to("otherwise", step.otherwise.as_deref())?,
        })
    }

    fn ring(&self) -> Result<Step<Items>, Fault> {
        let step = self.step;
        let number = self.need("number", step.number.as_deref())?;
        let digits = Digits::parse(number).filter(|digits| !digits.is_empty());
        let number = digits.ok_or_else(|| {
            self.fault("number", &format!("`{number}` is no number"), "use digits")
        })?;
        Ok(Step::Ring {
            number,
            patience_ms: self.millis("seconds", step.seconds, 20.0)?,
            otherwise: self.to("otherwise", step.otherwise.as_deref())?,
            hear: match step.hear {
                None | Some(HearDocument::RingBack) => Hear::RingBack,
                Some(HearDocument::Music) => Hear::Music,
            },
        })
    }

    fn release(&self) -> Result<Step<Items>, Fault> {
        let value = self.step.cause.unwrap_or(Cause::NORMAL_CLEARING.get());
        let cause = Cause::new(value).ok_or_else(|| {
            self.fault("cause", &format!("{value} is no cause"), "use a value of Q.850, 1 to 127")
        })?;
        Ok(Step::Release { cause })
    }
}
