//! Holds docs/spec/*.toml and docs/SPECIFICATION.md to the tests that they name.
//!
//! A clause that is met in full or in part names a test; one that is not says why. A promise (a
//! row of a table in SPECIFICATION.md) names a test in backticks, or says that it is pending.

use std::collections::BTreeSet;

use crate::Outcome;
use crate::rust::{code_only, functions};
use crate::tree::{Source, sources, top};

/// Checks the whole tree.
pub(crate) fn run(_: &[String]) -> Outcome {
    let all = sources(&top());
    let code: Vec<_> =
        all.iter().filter(|s| s.path.ends_with(".rs")).map(|s| code_only(&s.text)).collect();
    let tests: BTreeSet<&str> = code.iter().flat_map(|code| functions(code)).collect();
    let mut faults = vec![];
    for Source { path, text } in &all {
        if path.starts_with("docs/spec/") && path.ends_with(".toml") {
            faults.extend(clauses(path, text, &tests));
        }
        if path == "docs/SPECIFICATION.md" {
            faults.extend(promises(path, text, &tests));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
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
    fn a_promise_names_a_test_that_exists_or_is_pending() {
        let text = "| promise | held by |\n|---|---|\n| a | `sim::it_works` |\n| b | pending |\n";
        assert_eq!(promises("S.md", text, &tests()), Vec::<String>::new());
        let text = "| promise | held by |\n|---|---|\n| a | `it_worked` |\n";
        assert!(promises("S.md", text, &tests())[0].contains("line 3 names no test"));
    }
}
