//! Lines of JSON to the daemon and back.

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

/// A word that may come next: the word, whether it may be filled in, what it does.
pub(crate) type Candidate = (String, bool, String);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reply {
    text: String,
    end: bool,
    ok: bool,
    candidates: Vec<Candidate>,
}

/// A connection to the daemon.
pub(crate) struct Client {
    reading: BufReader<UnixStream>,
    writing: UnixStream,
}

impl Client {
    /// Connects to the daemon's socket.
    pub(crate) fn connect(socket: &Path) -> io::Result<Self> {
        let writing = UnixStream::connect(socket)?;
        Ok(Self { reading: BufReader::new(writing.try_clone()?), writing })
    }

    fn send(&mut self, request: &Value) -> io::Result<()> {
        self.writing.write_all(format!("{request}\n").as_bytes())
    }

    fn reply(&mut self) -> io::Result<Reply> {
        let mut line = String::new();
        if self.reading.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        serde_json::from_str(&line).map_err(io::Error::other)
    }

    /// Carries out a command; what comes before its end goes to `meanwhile`. Gives back whether it
    /// was done and what it says.
    pub(crate) fn ask(
        &mut self,
        line: &str,
        mut meanwhile: impl FnMut(&str),
    ) -> io::Result<(bool, String)> {
        self.send(&json!({"line": line}))?;
        loop {
            let reply = self.reply()?;
            if reply.end {
                return Ok((reply.ok, reply.text));
            }
            meanwhile(&reply.text);
        }
    }

    /// Ends a command that tells things as they happen.
    pub(crate) fn interrupt(&self) -> io::Result<impl FnOnce() + use<>> {
        let mut writing = self.writing.try_clone()?;
        Ok(move || drop(writing.write_all(b"\n")))
    }

    /// What may come at the end of a line.
    pub(crate) fn candidates(&mut self, line: &str) -> io::Result<Vec<Candidate>> {
        self.send(&json!({"complete": line}))?;
        Ok(self.reply()?.candidates)
    }
}
