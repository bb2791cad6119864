//! The documents of a rig's box: those of a fresh box, with more telephones where asked.

use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;

/// Writes `board.toml` and `config/` into `folder`.
pub(crate) fn write(folder: &Path, sources: &Path, telephones: usize) -> io::Result<()> {
    let read = |name: &str| fs::read_to_string(sources.join(name));
    let mut board = read("boards/virtual.toml")?;
    let mut config = read("images/default/config.toml")?;
    let mut flow = read("images/default/flows/main.toml")?;
    let (mut ports, mut keys, mut steps) = (String::new(), String::new(), String::new());
    for port in 2..=telephones {
        let _ = write!(ports, ", {{ port = {port}, label = \"TEL {port}\" }}");
        let _ = write!(config, "\n[[extension]]\nnumber = \"80{port}\"\ntelephone = {port}\n");
        let _ = write!(keys, ", {port} = \"desk{port}\"");
        let _ = write!(
            steps,
            "\n[[step]]\nid = \"desk{port}\"\ndo = \"ring\"\nnumber = \"80{port}\"\n\
             seconds = 20\notherwise = \"nobody\"\n"
        );
    }
    board = board.replace("label = \"TEL 1\" }", &format!("label = \"TEL 1\" }}{ports}"));
    flow = flow.replace("1 = \"desk\"", &format!("1 = \"desk\"{keys}")) + &steps;
    fs::write(folder.join("board.toml"), board)?;
    fs::write(folder.join("config/config.toml"), config)?;
    fs::write(folder.join("config/flows/main.toml"), flow)
}
