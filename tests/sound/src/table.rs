//! Tables for people, in Markdown.

/// A table with these heads.
#[derive(Clone, Debug)]
pub struct Table {
    columns: usize,
    text: String,
}

impl Table {
    /// Begins one.
    #[must_use]
    pub fn new(heads: &[&str]) -> Self {
        let rule = heads.iter().map(|_| "---").collect::<Vec<_>>().join("|");
        let text = format!("| {} |\n|{rule}|\n", heads.join(" | "));
        Self { columns: heads.len(), text }
    }

    /// Adds a row; cells that are missing are left empty.
    pub fn row(&mut self, cells: &[String]) {
        let cell = |n| cells.get(n).map_or("", String::as_str);
        let row = (0..self.columns).map(cell).collect::<Vec<_>>().join(" | ");
        self.text.push_str(&format!("| {row} |\n"));
    }

    /// The whole table.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}
