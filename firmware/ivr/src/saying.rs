//! What a program plays: prompts, and what is said with words of the moment.

use say::words::UNKNOWN;
use say::{Language, Local, What};
use serde::{Deserialize, Serialize};
use units::{ContentHash, Digits};

/// What is played one after the other.
pub type Items = Vec<Item>;

/// One thing that is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Item {
    /// A prompt.
    Prompt(ContentHash),
    /// Words.
    Say(Saying, Language),
}

/// What is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Saying {
    /// The same to every caller.
    Fixed(What),
    /// What the call knows.
    Of(Source, Manner),
    /// The day.
    Today,
    /// The time of the day, by 12 hours.
    Now12,
    /// The time of the day, by 24 hours.
    Now24,
}

/// Digits that a call knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The number of the caller.
    Caller,
    /// The number that was called.
    Called,
    /// The keys that the caller chose with so far.
    Entered,
}

/// How digits are said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Manner {
    /// One by one.
    Digits,
    /// One by one, as telephone numbers are.
    Telephone,
    /// How many; one by one if they are no number that can be said.
    Number,
    /// Which in a row; one by one as above.
    Ordinal,
}

/// The words of one language: the prompt of each name, in the order of the names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vocabulary {
    /// Which.
    pub language: Language,
    /// At most [`limits::VOCABULARY`].
    pub words: Vec<(String, ContentHash)>,
}

/// What is known of a call at this moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The caller's number; none if there is none, or if the caller withholds it.
    pub caller: Digits,
    /// The number that was called.
    pub called: Digits,
    /// The keys that the caller chose with so far.
    pub entered: Digits,
    /// What the clock shows; `None` if nobody knows.
    pub now: Option<Local>,
}

impl Item {
    /// The prompts that a caller hears who meets this now.
    pub(crate) fn heard(&self, facts: &Facts, words: &[Vocabulary]) -> Vec<ContentHash> {
        match self {
            Self::Prompt(prompt) => vec![*prompt],
            Self::Say(saying, language) => {
                let of = words.iter().find(|of| of.language == *language);
                let find = |word: &str| of.and_then(|of| of.find(word));
                let said = saying.what(facts).and_then(|what| say::say(&what, *language).ok());
                match said {
                    Some(said) => said.iter().filter_map(|word| find(word)).collect(),
                    None => find(UNKNOWN).into_iter().collect(),
                }
            }
        }
    }

    /// The most prompts that a caller hears of it.
    #[must_use]
    pub fn longest(&self) -> usize {
        match self {
            Self::Prompt(_) => 1,
            Self::Say(Saying::Fixed(what), language) => {
                say::say(what, *language).map_or(limits::SAID_WORDS, |words| words.len())
            }
            Self::Say(Saying::Of(..), _) => say::DIGITS_WORDS,
            Self::Say(Saying::Today, _) => say::DATE_WORDS,
            Self::Say(Saying::Now12 | Saying::Now24, _) => say::TIME_WORDS,
        }
    }
}

impl Saying {
    /// `None` if it is not known.
    fn what(&self, facts: &Facts) -> Option<What> {
        match self {
            Self::Fixed(what) => Some(what.clone()),
            Self::Of(source, manner) => {
                let digits = match source {
                    Source::Caller => &facts.caller,
                    Source::Called => &facts.called,
                    Source::Entered => &facts.entered,
                };
                if digits.is_empty() { None } else { Some(manner.what(digits)) }
            }
            Self::Today => facts.now.map(|now| What::Date(now.date)),
            Self::Now12 => facts.now.map(|now| What::Time12(now.time)),
            Self::Now24 => facts.now.map(|now| What::Time24(now.time)),
        }
    }
}

impl Manner {
    /// What these digits are, said so.
    #[must_use]
    pub fn what(self, digits: &Digits) -> What {
        let number = || {
            digits.as_slice().iter().try_fold(0i64, |number, digit| {
                let value = digit.ascii().checked_sub(b'0').filter(|value| *value < 10)?;
                let number = number.checked_mul(10)?.checked_add(value.into())?;
                (number <= say::LARGEST).then_some(number)
            })
        };
        let counted = match self {
            Self::Digits => None,
            Self::Telephone => Some(What::Telephone(digits.clone())),
            Self::Number => number().map(What::Number),
            Self::Ordinal => number().filter(|number| *number > 0).map(What::Ordinal),
        };
        counted.unwrap_or_else(|| What::Digits(digits.clone()))
    }
}

impl Vocabulary {
    fn find(&self, word: &str) -> Option<ContentHash> {
        let at = self.words.binary_search_by(|(name, _)| name.as_str().cmp(word)).ok()?;
        self.words.get(at).map(|(_, prompt)| *prompt)
    }
}
