//! The city's control socket: commands as JSON, events as JSON.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// What is waited for on a busy machine, in time of the wall.
const PATIENCE: Duration = Duration::from_secs(90);

/// A client of the city.
#[derive(Debug)]
pub struct City {
    reading: BufReader<UnixStream>,
    writing: UnixStream,
    partial: String,
    /// Every event so far.
    pub events: Vec<Value>,
    /// From which event on [`Self::seen`] looks.
    mark: usize,
    /// Complaints of libpri and failed calls end the test.
    strict: bool,
}

impl City {
    /// Connects.
    ///
    /// # Errors
    /// Nobody listens.
    pub fn connect(socket: &Path) -> Result<Self, String> {
        let writing = UnixStream::connect(socket)
            .map_err(|fault| format!("{}: {fault}", socket.display()))?;
        let reading = writing.try_clone().map_err(|fault| fault.to_string())?;
        reading
            .set_read_timeout(Some(Duration::from_millis(50)))
            .map_err(|fault| fault.to_string())?;
        let reading = BufReader::new(reading);
        Ok(Self {
            reading,
            writing,
            partial: String::new(),
            events: vec![],
            mark: 0,
            strict: false,
        })
    }

    /// Gives a command.
    ///
    /// # Errors
    /// The city is gone.
    pub fn command(&mut self, command: &Value) -> Result<(), String> {
        writeln!(self.writing, "{command}").map_err(|fault| format!("the city: {fault}"))
    }

    /// The next event, if one comes soon.
    ///
    /// # Errors
    /// The city is gone.
    pub fn poll(&mut self) -> Result<Option<Value>, String> {
        match self.reading.read_line(&mut self.partial) {
            Ok(0) => Err("the city is gone".into()),
            Ok(_) => {
                let line = std::mem::take(&mut self.partial);
                let event: Value = serde_json::from_str(&line)
                    .map_err(|fault| format!("the city says `{}`: {fault}", line.trim()))?;
                self.events.push(event.clone());
                let kind = event["event"].as_str().unwrap_or_default();
                if self.strict && matches!(kind, "libpri_error" | "call_failed" | "refused") {
                    return Err(format!("the city says {event}; before that:\n{}", self.told()));
                }
                Ok(Some(event))
            }
            // What was read of a line so far stays in `partial`.
            Err(fault) if fault.kind() == std::io::ErrorKind::WouldBlock => Ok(None),
            Err(fault) => Err(format!("the city: {fault}")),
        }
    }

    /// Waits for an event that `wanted` accepts, at most `patience` on the wall.
    ///
    /// # Errors
    /// It does not come; all that did is told.
    pub fn wait(
        &mut self,
        what: &str,
        patience: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, String> {
        let begin = Instant::now();
        while begin.elapsed() < patience {
            if let Some(event) = self.poll()?
                && wanted(&event)
            {
                return Ok(event);
            }
        }
        Err(format!("{what} did not come within {patience:?}; the city told:\n{}", self.told()))
    }

    /// How long [`Self::poll`] waits for something to come.
    pub fn set_attention(&mut self, attention: Duration) {
        // It is not zero, which is all that could be wrong with it.
        let _ = self.reading.get_ref().set_read_timeout(Some(attention));
    }

    /// From here on complaints of libpri, calls that fail and commands that are refused are faults
    /// of whatever is waited for; `false`: no longer.
    pub fn set_strict(&mut self, strict: bool) {
        self.strict = strict;
    }

    /// What was told so far is not looked at again by [`Self::seen`].
    pub fn mark(&mut self) {
        self.mark = self.events.len();
    }

    /// Every event since the mark.
    pub fn since_mark(&self) -> impl Iterator<Item = &Value> {
        self.events[self.mark..].iter()
    }

    /// An event since the mark that `wanted` accepts, waited for if it is still to come.
    ///
    /// # Errors
    /// It does not come; all that did is told.
    pub fn seen(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value, String> {
        if let Some(event) = self.events[self.mark..].iter().find(|event| wanted(event)) {
            return Ok(event.clone());
        }
        self.wait(what, PATIENCE, wanted)
    }

    fn told(&self) -> String {
        let told: Vec<_> = self.events.iter().rev().take(120).rev().map(Value::to_string).collect();
        told.join("\n")
    }

    /// How the telephone behaves: it answers, says noise 2 and listens for noise 1.
    ///
    /// # Errors
    /// The city is gone.
    pub fn telephone_answers(&mut self, after_ms: u64) -> Result<(), String> {
        self.command(&json!({
            "cmd": "telephone", "port": 1, "answer_after_ms": after_ms,
            "talk": {"send": 2, "expect": 1},
        }))
    }
}
