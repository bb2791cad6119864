//! Holds docs/spec/*.toml and docs/SPECIFICATION.md to the tests that they name.
//!
//! A clause that is met in full or in part names a test; one that is not says why. A promise (a
//! row of a table in SPECIFICATION.md) names a test in backticks, or says that it is pending.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::rust::{code_only, functions};
use crate::tree::{Source, sources, top};
use crate::{Outcome, say};

/// Checks the whole tree.
pub(crate) fn run(_: &[String]) -> Outcome {
    let all = sources(&top());
    let code: Vec<_> =
        all.iter().filter(|s| s.path.ends_with(".rs")).map(|s| code_only(&s.text)).collect();
    let tests: BTreeSet<&str> = code.iter().flat_map(|code| functions(code)).collect();
    let (mut faults, mut counts) = (vec![], BTreeMap::new());
    for Source { path, text } in &all {
        if path.starts_with("docs/spec/") && path.ends_with(".toml") {
            faults.extend(clauses(path, text, &tests));
            count(path, text, &mut counts);
        }
        if path == "docs/SPECIFICATION.md" {
            faults.extend(promises(path, text, &tests));
        }
    }
    say(&table(&counts));
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Clauses that are met, met in part and not met; those of them whose words were not at hand.
type Count = [usize; 4];

/// The Recommendation of a clause: its own name's, or that of the file.
fn recommendation(path: &str, clause: &str) -> String {
    let first = clause.split_whitespace().next().unwrap_or_default();
    let stem = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml");
    let named = first.starts_with("Q.") || first.starts_with("G.");
    if named { first.to_owned() } else { stem.to_uppercase().replacen('Q', "Q.", 1) }
}

fn count(path: &str, text: &str, counts: &mut BTreeMap<String, Count>) {
    let parsed = text.parse::<toml::Table>().unwrap_or_default();
    let clauses = parsed.get("clause").and_then(|clauses| clauses.as_table());
    for (name, clause) in clauses.into_iter().flatten() {
        let field = |field: &str| clause.get(field).and_then(toml::Value::as_str);
        let count = counts.entry(recommendation(path, name)).or_default();
        let states = ["yes", "partial", "no"];
        if let Some(place) = states.iter().position(|state| field("state") == Some(*state)) {
            count[place] += 1;
        }
        count[3] += usize::from(field("source").is_some_and(|from| from.starts_with("memory")));
    }
}

fn table(counts: &BTreeMap<String, Count>) -> String {
    let mut text = String::from("Recommendation  yes  partial  no  written from memory\n");
    for (name, [yes, partial, no, memory]) in counts {
        let _ = writeln!(text, "{name:<14} {yes:>4} {partial:>8} {no:>3}  {memory}");
    }
    text
}

fn clauses(path: &str, text: &str, tests: &BTreeSet<&str>) -> Vec<String> {
    let parsed = text.parse::<toml::Table>();
    let Some(table) = parsed.as_ref().ok().and_then(|t| t.get("clause")).and_then(|c| c.as_table())
    else {
        return vec![format!("{path}: it is no TOML table of clauses.")];
    };
    let check = |(name, clause): (&String, &toml::Value)| {
        let field = |field: &str| clause.get(field).and_then(toml::Value::as_str);
        let what = match (field("state"), field("test"), field("note")) {
            (Some("yes" | "partial"), None, _) => "names no test.".into(),
            (Some("yes" | "partial" | "no"), Some(test), _) if !tests.contains(test) => {
                format!("names the test {test}, which does not exist.")
            }
            (Some("partial" | "no"), _, None) => "does not say why in a note.".into(),
            (Some("yes" | "partial" | "no"), ..) => return None,
            _ => "has no state yes, partial or no.".into(),
        };
        Some(format!("{path}: clause {name} {what}"))
    };
    table.iter().filter_map(check).collect()
}

fn promises(path: &str, text: &str, tests: &BTreeSet<&str>) -> Vec<String> {
    let mut faults = vec![];
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    for (index, line) in lines.iter().enumerate() {
        let rule = |line: &str| line.starts_with('|') && line.contains("---");
        // The head of a table stands above its rule.
        let head = lines.get(index + 1).is_some_and(|next| rule(next));
        if !line.starts_with('|') || rule(line) || head {
            continue;
        }
        let named = line
            .split('`')
            .skip(1)
            .step_by(2)
            .any(|name| tests.contains(name.rsplit("::").next().unwrap_or(name)));
        if !named && !line.to_lowercase().contains("pending") {
            faults.push(format!("{path}: line {} names no test that exists: {line}", index + 1));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tests() -> BTreeSet<&'static str> {
        BTreeSet::from(["it_works"])
    }

    fn one(text: &str) -> Vec<String> {
        clauses("x.toml", text, &tests())
    }

    #[test]
    fn a_clause_with_its_test_and_one_with_its_reason_are_in_order() {
        let text = "[clause.\"1\"]\nstate = \"yes\"\ntest = \"it_works\"\n\
                    [clause.\"2\"]\nstate = \"no\"\nnote = \"not here\"\n";
        assert_eq!(one(text), Vec::<String>::new());
    }

    #[test]
    fn a_clause_without_test_state_or_reason_is_red() {
        assert!(one("[clause.\"1\"]\nstate = \"yes\"\n")[0].contains("names no test"));
        let gone = "[clause.\"1\"]\nstate = \"yes\"\ntest = \"it_worked\"\n";
        assert!(one(gone)[0].contains("does not exist"));
        assert!(one("[clause.\"1\"]\nstate = \"no\"\n")[0].contains("does not say why"));
        assert!(one("[clause.\"1\"]\nstate = \"maybe\"\n")[0].contains("has no state"));
        assert!(one("clauses = 1")[0].contains("no TOML table"));
    }

    #[test]
    fn clauses_are_counted_by_their_recommendation_and_by_where_their_words_are_from() {
        let text = "[clause.\"Q.422 3.2\"]\nstate = \"yes\"\nsource = \"memory\"\n\
                    [clause.\"Q.421 1\"]\nstate = \"no\"\n\
                    [clause.\"5.8.1\"]\nstate = \"partial\"\n";
        let mut counts = BTreeMap::new();
        count("docs/spec/q421.toml", text, &mut counts);
        assert_eq!(counts["Q.422"], [1, 0, 0, 1]);
        assert_eq!(counts["Q.421"], [0, 1, 1, 0]);
        assert_eq!(table(&counts).lines().nth(1), Some("Q.421             0        1   1  0"));
    }

    #[test]
    fn a_promise_names_a_test_that_exists_or_is_pending() {
        let text = "| promise | held by |\n|---|---|\n| a | `sim::it_works` |\n| b | pending |\n";
        assert_eq!(promises("S.md", text, &tests()), Vec::<String>::new());
        let text = "| promise | held by |\n|---|---|\n| a | `it_worked` |\n";
        assert!(promises("S.md", text, &tests())[0].contains("line 3 names no test"));
    }
}
