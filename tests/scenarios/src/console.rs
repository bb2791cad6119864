//! One command on the console's socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

/// Carries out one command to its end: whether it was done, and what it says.
///
/// # Errors
/// The daemon is not there, or goes.
pub fn console(socket: &Path, line: &str) -> Result<(bool, String), String> {
    let ask = || -> std::io::Result<UnixStream> {
        let mut stream = UnixStream::connect(socket)?;
        writeln!(stream, "{}", json!({"line": line}))?;
        Ok(stream)
    };
    let stream = ask().map_err(|fault| format!("{}: {fault}", socket.display()))?;
    let mut text = String::new();
    for reply in BufReader::new(stream).lines() {
        let reply = reply.map_err(|fault| fault.to_string())?;
        let reply: Value = serde_json::from_str(&reply).map_err(|fault| fault.to_string())?;
        text += reply["text"].as_str().unwrap_or_default();
        if reply["end"] == true {
            return Ok((reply["ok"] == true, text));
        }
    }
    Err(format!("no end of `{line}`; so far: {text}"))
}
