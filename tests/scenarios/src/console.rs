//! One command on the console's socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

/// Carries out one command: whether it was done, and what it says.
///
/// # Errors
/// The daemon is not there, or goes.
pub fn console(socket: &Path, line: &str) -> Result<(bool, String), String> {
    let talk = || -> std::io::Result<String> {
        let mut stream = UnixStream::connect(socket)?;
        writeln!(stream, "{}", json!({"line": line}))?;
        let mut reply = String::new();
        BufReader::new(stream).read_line(&mut reply)?;
        Ok(reply)
    };
    let reply = talk().map_err(|fault| format!("{}: {fault}", socket.display()))?;
    let reply: Value = serde_json::from_str(&reply).map_err(|fault| fault.to_string())?;
    let text = reply["text"].as_str().unwrap_or_default().to_owned();
    Ok((reply["ok"] == true, text))
}
