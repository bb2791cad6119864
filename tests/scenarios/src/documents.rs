//! The documents of a rig's box: those of a fresh box, with what a scenario asks for.

use std::fmt::Write;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// What differs from a fresh box on the virtual board.
pub(crate) struct Wanted<'a> {
    /// The board file to inherit.
    pub(crate) board: &'a str,
    /// Spans of the virtual board.
    pub(crate) spans: usize,
    /// One D channel controls all spans: that of the first.
    pub(crate) group: bool,
    /// The second has a D channel of its own.
    pub(crate) backup: bool,
    /// Telephones: extensions 801, 802 and so on, and keys of the menu for the first eight.
    pub(crate) telephones: usize,
    /// Lines of an exchange, numbered behind the telephones.
    pub(crate) lines: usize,
    /// A number outside that key 9 of the menu rings.
    pub(crate) outside: Option<&'a str>,
    /// The variant of R2 on all spans.
    pub(crate) r2: Option<&'a str>,
    /// What is written behind a document.
    pub(crate) more: &'a [(String, String)],
}

/// The number of a telephone: 801 to 864.
fn number_of(port: usize) -> String {
    format!("8{port:02}")
}

/// Writes `board.toml`, the boards that it inherits, and `config/` into `folder`.
pub(crate) fn write(folder: &Path, sources: &Path, wanted: &Wanted<'_>) -> io::Result<()> {
    let read = |name: &str| fs::read_to_string(sources.join(name));
    fs::create_dir_all(folder.join("country"))?;
    fs::create_dir_all(folder.join("r2"))?;
    for below in ["", "country/", "r2/"] {
        for entry in fs::read_dir(sources.join("boards").join(below))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".toml") {
                fs::copy(entry.path(), folder.join(format!("{below}{name}")))?;
            }
        }
    }
    let mut board = format!("name = \"board\"\ninherits = \"{}\"\n", wanted.board);
    let mut config = read("images/default/config.toml")?;
    let mut flow = read("images/default/flows/main.toml")?;
    let (mut keys, mut steps) = (String::new(), String::new());
    let mut ring = |key: usize, id: &str, number: &str| {
        let _ = write!(keys, ", {key} = \"{id}\"");
        let _ = write!(
            steps,
            "\n[[step]]\nid = \"{id}\"\ndo = \"ring\"\nnumber = \"{number}\"\nseconds = 20\n\
             otherwise = \"nobody\"\n"
        );
    };
    // The first is in the board file already, with a D channel.
    let first = if wanted.r2.is_some() { 1 } else { 2 };
    for span in first..=wanted.spans {
        let _ = write!(board, "\n[card.a.span.{span}]\nlabel = \"E1 {span}\"\n");
        if let Some(name) = wanted.r2 {
            let _ = write!(board, "signalling = \"cas\"\nr2 = \"{name}\"\ndigits = 5\n");
        }
        if wanted.group {
            let bare = if wanted.backup && span == 2 { "" } else { "d_channel = \"none\"\n" };
            let _ = write!(board, "group = 1\n{bare}");
        }
    }
    if wanted.group {
        board.push_str("\n[card.a.span.1]\ngroup = 1\n");
    }
    for port in 2..=wanted.telephones {
        let _ = write!(board, "\n[card.a.telephone.{port}]\nlabel = \"TEL {port}\"\n");
        let _ = write!(
            config,
            "\n[[extension]]\nnumber = \"{}\"\ntelephone = {port}\n",
            number_of(port)
        );
        if port < 9 {
            ring(port, &format!("desk{port}"), &number_of(port));
        }
    }
    for line in wanted.telephones + 1..=wanted.telephones + wanted.lines {
        let _ = write!(board, "\n[card.a.trunk.{line}]\nlabel = \"LINE {line}\"\n");
    }
    if let Some(outside) = wanted.outside {
        ring(9, "outside", outside);
    }
    flow = flow.replace("1 = \"desk\"", &format!("1 = \"desk\"{keys}")) + &steps;
    fs::write(folder.join("board.toml"), board)?;
    fs::write(folder.join("config/config.toml"), config)?;
    fs::write(folder.join("config/flows/main.toml"), flow)?;
    for (name, text) in wanted.more {
        let mut file = fs::File::options().create(true).append(true).open(folder.join(name))?;
        file.write_all(text.as_bytes())?;
    }
    Ok(())
}
