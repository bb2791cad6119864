//! What stands in the box's store, and its prompts by name.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Rig;

/// How long events have from the line to the store.
const PATIENCE: Duration = Duration::from_secs(30);

impl Rig {
    /// Waits until the daemon answers and is connected to the core.
    ///
    /// # Errors
    /// It does not come to that.
    pub fn console_ready(&self) -> Result<(), String> {
        crate::wait("the daemon and the core were not there", || {
            self.console("show spans").is_ok_and(|(done, _)| done)
        })
    }

    /// All records, oldest first.
    ///
    /// # Errors
    /// The daemon is not there.
    pub fn records(&self) -> Result<Vec<Value>, String> {
        let (_, text) = self.console("show records json 100000")?;
        text.lines().map(|line| serde_json::from_str(line).map_err(|e| e.to_string())).collect()
    }

    /// All records, when there are `count` of them.
    ///
    /// # Errors
    /// There are more, or fewer for too long.
    pub fn records_when(&self, count: usize) -> Result<Vec<Value>, String> {
        let begin = Instant::now();
        loop {
            let records = self.records()?;
            if records.len() == count {
                return Ok(records);
            }
            if records.len() > count || begin.elapsed() > PATIENCE {
                let shown: Vec<_> = records.iter().map(Value::to_string).collect();
                let found = records.len();
                return Err(format!("{found} records, not {count}:\n{}", shown.join("\n")));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits until what a command answers pleases; the answer.
    ///
    /// # Errors
    /// It never does; what it answered last.
    pub fn console_when(&self, line: &str, good: impl Fn(&str) -> bool) -> Result<String, String> {
        let begin = Instant::now();
        loop {
            let (_, text) = self.console(line)?;
            if good(&text) {
                return Ok(text);
            }
            if begin.elapsed() > PATIENCE {
                return Err(format!("`{line}` does not come to what is wanted but says:\n{text}"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The file of a prompt.
    ///
    /// # Errors
    /// The index does not name it.
    pub fn prompt(&self, language: &str, name: &str) -> Result<String, String> {
        let index = std::fs::read_to_string(self.prompts().join("index.toml"))
            .map_err(|fault| fault.to_string())?;
        let of_language = index.split(&format!("[{language}]")).nth(1).unwrap_or_default();
        let hash = of_language.lines().skip(1).take_while(|line| !line.starts_with('[')).find_map(
            |line| line.split_once(" = ").filter(|(found, _)| *found == name).map(|(_, hash)| hash),
        );
        let hash = hash.ok_or_else(|| format!("there is no prompt {name} in {language}"))?;
        let file = self.prompts().join(format!("{}.alaw", hash.trim_matches('"')));
        Ok(file.display().to_string())
    }
}
