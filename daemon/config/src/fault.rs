//! What is wrong with a document, so that a person can put it right.

use std::fmt;

/// What is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1; 0 if it is the document as a whole.
    pub line: usize,
    /// The field, as a path.
    pub field: String,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

impl Fault {
    /// A fault at a line.
    #[must_use]
    pub fn new(line: usize, field: &str, what: &str, remedy: &str) -> Self {
        Self { line, field: field.into(), what: what.into(), remedy: remedy.into() }
    }

    /// A fault in a field of the `index`th table `[[table]]`, from 0.
    #[must_use]
    pub fn in_table(
        text: &str,
        (table, index, field): (&str, usize, &str),
        what: &str,
        remedy: &str,
    ) -> Self {
        let line = locate(text, table, index, field);
        Self::new(line, &place(table, index, field), what, remedy)
    }

    /// What the TOML reader says, with the line found.
    #[must_use]
    pub fn of_toml(text: &str, fault: &toml::de::Error) -> Self {
        let line = fault.span().map_or(0, |span| line_of(text, span.start));
        let here = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let field = here.split('=').next().unwrap_or_default().trim();
        let what = fault.message().trim().replace('\n', "; ");
        let remedy = "see `help config` for the fields and their values";
        Self::new(line, if field.is_empty() { "document" } else { field }, &what, remedy)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: {}; {}", self.line, self.field, self.what, self.remedy)
    }
}

impl std::error::Error for Fault {}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|octet| *octet == b'\n').count() + 1
}

/// The path of a field in the `index`th table `[[table]]`, from 0: `trunk[1].span`.
#[must_use]
pub(crate) fn place(table: &str, index: usize, field: &str) -> String {
    format!("{table}[{}].{field}", index + 1)
}

/// The line of `field` in the `index`th table `[[table]]`; that of the table if it is not there.
#[must_use]
pub fn locate(text: &str, table: &str, index: usize, field: &str) -> usize {
    let head = format!("[[{table}]]");
    let mut tables = text.lines().enumerate().filter(|(_, line)| line.trim() == head);
    let Some((start, _)) = tables.nth(index) else { return 0 };
    let inside = text.lines().enumerate().skip(start + 1);
    let mut fields = inside.take_while(|(_, line)| !line.trim_start().starts_with('['));
    let found = fields.find(|(_, line)| line.split('=').next().is_some_and(|k| k.trim() == field));
    found.map_or(start, |(line, _)| line) + 1
}
