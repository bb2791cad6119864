//! Reads words back, by other rules than those that made them: each word has a value, larger
//! units multiply what stands before them.

use std::vec::Vec;

use crate::{Language, Word};

/// A word that is a unit: what it multiplies by.
fn unit(word: Word, language: Language) -> Option<u64> {
    let power = match (word, language) {
        ("say-10", Language::Mandarin) => 1,
        ("say-hundred", _) => 2,
        ("say-thousand", _) => 3,
        ("say-wan", _) => 4,
        ("say-million", _) => 6,
        ("say-yi", _) => 8,
        ("say-billion", _) => 9,
        _ => return None,
    };
    Some(10u64.pow(power))
}

fn value(word: Word) -> Option<u64> {
    match word {
        "say-liang" => Some(2),
        "say-and" | "say-oh" => Some(0),
        _ => word.strip_prefix("say-")?.parse().ok(),
    }
}

/// The number that stands at the front, and the words behind it. A unit takes all that is smaller
/// than itself before it.
pub(crate) fn number(words: &[Word], language: Language) -> Option<(u64, &[Word])> {
    // Finished parts, each larger than those behind it.
    let mut parts: Vec<u64> = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        if let Some(unit) = unit(word, language) {
            let mut taken = 0;
            while parts.last().is_some_and(|part| *part < unit) {
                taken += parts.pop()?;
            }
            // 十五 begins with its unit.
            parts.push(taken.max(1) * unit);
        } else if let Some(value) = value(word) {
            parts.push(value);
        } else {
            break;
        }
        at += 1;
    }
    (at > 0).then(|| (parts.iter().sum(), &words[at..]))
}

/// A number with its sign and nothing behind it.
pub(crate) fn all(words: &[Word], language: Language) -> Option<i64> {
    let (sign, words) = match words {
        ["say-minus", rest @ ..] => (-1, rest),
        _ => (1, words),
    };
    let (number, rest) = number(words, language)?;
    rest.is_empty().then_some(sign * i64::try_from(number).ok()?)
}

/// Counts and what is counted, in order: "five pounds and one penny".
pub(crate) fn counts(mut words: &[Word], language: Language) -> Option<Vec<(u64, Word)>> {
    let mut found = Vec::new();
    while !words.is_empty() {
        let (count, rest) = number(words, language)?;
        let (unit, rest) = rest.split_first()?;
        found.push((count, *unit));
        words = rest;
    }
    Some(found)
}
