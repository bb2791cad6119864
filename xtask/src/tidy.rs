//! Sizes, heads and ends of files: what rustfmt and clippy do not look at.

use crate::Outcome;
use crate::rust::{code_only, has_word};
use crate::tree::{Source, sources, top};

/// Lines of a Rust file.
const LINES: usize = 600;
/// Columns of a line of Rust.
const COLUMNS: usize = 100;

/// Checks the whole tree.
pub(crate) fn run(_: &[String]) -> Outcome {
    let faults: Vec<_> = sources(&top()).iter().flat_map(check).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check(source: &Source) -> Vec<String> {
    let Source { path, text } = source;
    let mut faults = vec![];
    // Octets, even where they happen to be text.
    if path.starts_with("tests/fuzz/corpus/") {
        return faults;
    }
    let mut fault = |what: String| faults.push(format!("{path}: {what}"));
    for (number, line) in (1..).zip(text.lines()) {
        // Paths of the machine that somebody works on; an image has a /root of its own.
        let foreign = ["work", "root"].map(|folder| format!("/{folder}/"));
        if let Some(folder) =
            foreign.iter().find(|f| line.contains(*f) && !path.starts_with("images/"))
        {
            fault(format!("line {number} names {folder}, a folder of one machine."));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        fault("it does not end with a new line.".into());
    }
    if path.ends_with(".rs") {
        rust(text, &mut fault);
    }
    faults
}

fn rust(text: &str, fault: &mut impl FnMut(String)) {
    let lines = text.lines().count();
    if lines > LINES {
        fault(format!("it has {lines} lines, {LINES} are allowed: split it."));
    }
    if !text.starts_with("//!") {
        fault("it does not open with `//!`: what it is and why.".into());
    }
    for (number, line) in (1..).zip(text.lines()) {
        let columns = line.chars().count();
        if columns > COLUMNS {
            fault(format!("line {number} has {columns} columns, {COLUMNS} are allowed."));
        }
        if line.contains('\t') {
            fault(format!("line {number} has a tab."));
        }
        if line.ends_with(' ') {
            fault(format!("line {number} ends with a space."));
        }
    }
    for (number, line) in (1..).zip(code_only(text).lines()) {
        for word in ["todo", "unimplemented", "dbg"] {
            if has_word(line, word) && line.contains(&format!("{word}!")) {
                fault(format!("line {number} says {word}!: finish it."));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> Vec<String> {
        check(&Source { path: path.into(), text: text.into() })
    }

    #[test]
    fn a_tidy_file_has_no_fault() {
        let text = "//! What it is.\nfn main() { let _ = \"todo!()\"; }\n";
        assert_eq!(faults("a/src/lib.rs", text), Vec::<String>::new());
    }

    #[test]
    fn each_untidiness_is_seen() {
        let long = format!("//! x\n{}", "// y\n".repeat(LINES));
        assert!(faults("a.rs", &long)[0].contains("601 lines"));
        assert!(faults("a.rs", &format!("//! {}\n", "x".repeat(97)))[0].contains("101 columns"));
        assert!(faults("a.rs", "fn a() {}\n")[0].contains("does not open"));
        assert!(faults("a.rs", "//! x\nfn a() { todo!() }\n")[0].contains("todo!"));
        assert!(faults("a.rs", "//! x\nfn a() { dbg!(1); }\n")[0].contains("dbg!"));
        assert!(faults("a.rs", "//! x\n\tfn a() {}\n")[0].contains("tab"));
        assert!(faults("a.rs", "//! x\nfn a() {} \n")[0].contains("ends with a space"));
        assert!(faults("a.md", "no new line")[0].contains("does not end"));
        let home = format!("see /{}/notes\n", "work");
        assert!(faults("a.md", &home)[0].contains("of one machine"));
    }
}
