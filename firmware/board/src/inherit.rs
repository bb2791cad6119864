//! From files that inherit one another to one board.

use serde::Deserialize as _;
use toml::{Table, Value};

use crate::country::{self, Country};
use crate::document::{Board, Signalling};
use crate::r2;

/// How deep boards may inherit one another.
const MOST_GENERATIONS: usize = 8;

/// Where board files come from: `virtual.toml`, `country/cn.toml`.
pub trait Folder {
    /// The text of a file.
    ///
    /// # Errors
    /// A sentence that names the file.
    fn text(&self, name: &str) -> Result<String, String>;
}

impl<F: Fn(&str) -> Result<String, String>> Folder for F {
    fn text(&self, name: &str) -> Result<String, String> {
        self(name)
    }
}

/// Reads the board file `name` (without `.toml`) with all that it inherits and its country.
///
/// # Errors
/// A sentence that names file, field and remedy.
pub fn read(folder: &impl Folder, name: &str) -> Result<Board, String> {
    let mut files = vec![];
    let mut table = merged(folder, name, &mut files)?;
    table.remove("inherits");
    table.remove("remove");
    let in_file = |fault: String| format!("board {name}: {fault}");
    let mut board = Board::deserialize(Value::Table(table))
        .map_err(|fault| in_file(fault.to_string().trim_end().replace('\n', " ")))
        .map_err(|fault| format!("{fault}{}", place(&files, &fault)))?;
    board.in_country = if board.country.is_empty() {
        Country::default()
    } else {
        let path = format!("country/{}.toml", board.country);
        let text = folder.text(&path).map_err(|fault| in_file(format!("country: {fault}")))?;
        country::parse(&text).map_err(|fault| format!("{path}: {fault}"))?
    };
    let spans = board.card.values().flat_map(|card| card.span.values());
    let cas = spans.filter(|span| span.signalling == Signalling::Cas);
    for name in cas.map(|span| span.r2.clone()).collect::<Vec<_>>() {
        let path = format!("r2/{name}.toml");
        let text = folder.text(&path).map_err(|fault| in_file(format!("r2: {fault}")))?;
        board.in_r2.insert(name, r2::parse(&text).map_err(|fault| format!("{path}: {fault}"))?);
    }
    board.plan.check(&board.in_country).map_err(in_file)?;
    board.check().map_err(in_file)?;
    Ok(board)
}

/// Where the field that a fault names first stands: the merged table knows no lines.
fn place(files: &[(String, String)], fault: &str) -> String {
    let Some(word) = fault.split('`').nth(1).filter(|word| !word.is_empty()) else {
        return String::new();
    };
    let line = |text: &str| text.lines().position(|line| line.contains(word));
    let found = files.iter().find_map(|(path, text)| line(text).map(|line| (path, line + 1)));
    found.map_or_else(String::new, |(path, line)| format!(" ({path}, line {line})"))
}

fn merged(
    folder: &impl Folder,
    name: &str,
    files: &mut Vec<(String, String)>,
) -> Result<Table, String> {
    if files.len() == MOST_GENERATIONS {
        return Err(format!("board {name}: inherits more than {MOST_GENERATIONS} boards in a row"));
    }
    let path = format!("{name}.toml");
    let text = folder.text(&path)?;
    files.push((path.clone(), text.clone()));
    let mut own: Table = toml::from_str(&text).map_err(|fault| format!("{path}: {fault}"))?;
    let Some(parent) = own.get("inherits") else { return Ok(own) };
    let parent = parent.as_str().ok_or(format!("{path}: inherits is the name of a board"))?;
    let mut table = merged(folder, parent, files)?;
    for gone in removed(&own).map_err(|fault| format!("{path}: {fault}"))? {
        remove(&mut table, &gone).map_err(|fault| format!("{path}: remove: {fault}"))?;
    }
    own.remove("remove");
    lay_over(&mut table, own);
    Ok(table)
}

fn removed(own: &Table) -> Result<Vec<String>, String> {
    let Some(list) = own.get("remove") else { return Ok(vec![]) };
    let wrong = "remove is a list of paths such as \"card.a.span.2\"";
    let list = list.as_array().ok_or(wrong)?;
    list.iter().map(|path| path.as_str().map(Into::into).ok_or(wrong.into())).collect()
}

fn remove(table: &mut Table, path: &str) -> Result<(), String> {
    let nothing = || format!("the inherited board has no {path}");
    match path.split_once('.') {
        None => table.remove(path).map(drop).ok_or_else(nothing),
        Some((first, rest)) => {
            let inner = table.get_mut(first).and_then(Value::as_table_mut).ok_or_else(nothing)?;
            remove(inner, rest).map_err(|_| nothing())
        }
    }
}

/// Tables are joined, everything else is replaced.
fn lay_over(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => lay_over(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}
