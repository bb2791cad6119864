//! What must be true of the calls of a storm in the end.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Kind, Seen, Storm, index_of};
use crate::Rig;

/// A sound that stopped so shortly before the end of a call is the end's.
const END_US: u64 = 100_000;

/// What is wrong with records, each as a sentence.
#[derive(Debug, Default)]
pub struct Wrong {
    /// Calls without one.
    pub missing: Vec<String>,
    /// Calls with two, and records of no call.
    pub double: Vec<String>,
    /// Records that do not tell what was.
    pub untrue: Vec<String>,
}

impl Storm {
    /// Waits until nothing is left at any city and in the box.
    ///
    /// # Errors
    /// What is.
    pub fn come_to_rest(&mut self, rig: &Rig) -> Result<(), String> {
        self.until("the calls are not over", |storm| storm.calls.is_empty())?;
        let begin = Instant::now();
        while !self.at_rest()? {
            if begin.elapsed() > self.patience {
                return Err(format!("something is left: {}", self.left()));
            }
        }
        rig.console_when("show calls", |text| text.trim() == "No calls.")?;
        let spans = self.cities.len();
        let idle = |text: &str| text.matches("data link up; 0/30 busy, 0 blocked").count() == spans;
        rig.console_when("show spans", idle).map(drop)
    }

    /// How many things are left on either side: calls at the cities, telephones that are not on
    /// hook, calls of the box, spans with a slot that is busy or blocked.
    ///
    /// # Errors
    /// Somebody does not answer.
    pub fn left_over(&mut self, rig: &Rig) -> Result<usize, String> {
        self.ask()?;
        let list =
            |status: &Value, name: &str| status[name].as_array().cloned().unwrap_or_default();
        let outside: usize = (self.statuses.iter().flatten())
            .map(|status| {
                let telephones = list(status, "telephones").into_iter();
                let busy = telephones.filter(|telephone| telephone["state"] != "OnHook").count();
                busy + list(status, "calls").len()
            })
            .sum();
        let (_, calls) = rig.console("show calls")?;
        let inside = if calls.trim() == "No calls." { 0 } else { calls.lines().count().max(1) };
        let (_, spans) = rig.console("show spans")?;
        let idle = spans.matches("data link up; 0/30 busy, 0 blocked").count();
        Ok(outside + inside + (self.cities.len() - idle.min(self.cities.len())))
    }

    /// What is not at rest, and the calls that had to do with it.
    fn left(&self) -> String {
        let mut text = String::new();
        for status in self.statuses.iter().flatten() {
            let _ = writeln!(text, "calls: {}", status["calls"]);
            let all = status["telephones"].as_array().into_iter().flatten();
            for telephone in all.filter(|telephone| telephone["state"] != "OnHook") {
                let _ = writeln!(text, "{telephone}");
                let port = index_of(&telephone["port"]);
                let of = [Kind::Desk(port), Kind::Ringing(port), Kind::Menu(port)];
                for (id, seen) in self.done.iter().filter(|(_, seen)| of.contains(&seen.kind)) {
                    let _ = writeln!(text, "  {id}: {seen:?}");
                }
            }
        }
        text
    }

    fn at_rest(&mut self) -> Result<bool, String> {
        self.ask()?;
        Ok(self.statuses.iter().flatten().all(|status| {
            let calls = status["calls"].as_array().is_some_and(Vec::is_empty);
            let rests = |telephone: &Value| telephone["state"] == "OnHook";
            calls && status["telephones"].as_array().is_some_and(|all| all.iter().all(rests))
        }))
    }

    /// Asks every city how it is.
    fn ask(&mut self) -> Result<(), String> {
        self.statuses.fill(None);
        for city in &mut self.cities {
            city.command(&json!({"cmd": "status"}))?;
        }
        self.until("no status", |storm| storm.statuses.iter().all(Option::is_some))
    }

    /// Takes the telephones off their ports, which lets time pass faster, or puts them back.
    ///
    /// # Errors
    /// A city is gone.
    pub fn telephones(&mut self, there: bool) -> Result<(), String> {
        self.cities[0].command(&json!({"cmd": "telephones", "there": there}))
    }

    /// Lets the time of the line go on for so long, in microseconds.
    ///
    /// # Errors
    /// It stands still.
    pub fn let_pass(&mut self, length_us: u64) -> Result<(), String> {
        self.ask()?;
        let now = |storm: &Self| storm.statuses[0].as_ref().and_then(|s| s["at_us"].as_u64());
        let (mut last, end) = (now(self).unwrap_or(0), now(self).unwrap_or(0) + length_us);
        let mut moved = Instant::now();
        while last < end {
            std::thread::sleep(Duration::from_millis(100));
            self.ask()?;
            let at = now(self).unwrap_or(0);
            if at > last {
                (last, moved) = (at, Instant::now());
            } else if moved.elapsed() > self.patience {
                return Err("the line's time stands still".into());
            }
        }
        Ok(())
    }

    /// What is wrong with the records of all calls: each that was offered has one, which tells that
    /// it was answered, by whom it was ended and whether it was interrupted; no other has two.
    #[must_use]
    pub fn wrong_records(&self, records: &[Value]) -> Wrong {
        let mut by_caller: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for record in records {
            by_caller
                .entry(record["caller"].as_str().unwrap_or_default())
                .or_default()
                .push(record);
        }
        let mut wrong = Wrong::default();
        for (id, seen) in &self.done {
            let found = by_caller.remove(seen.number.as_str()).unwrap_or_default();
            if found.is_empty() && seen.offered {
                wrong.missing.push(format!("{id} has none: {seen:?}"));
            }
            if found.len() > 1 {
                wrong.double.push(format!("{id} has {found:?}"));
            }
            let Some(record) = found.first() else { continue };
            let path = record["path"].as_str().unwrap_or_default();
            let told = path.contains("interrupted") || !seen.interrupted;
            let answered = record["answered"].is_i64() || !seen.answered;
            let by = (record["cause"].as_i64(), record["by"].as_str());
            // A DISCONNECT that the exchange sends while the data link is set up anew is lost with
            // its queue: the audit finds the call cleared and nobody can say why.
            let unheard = path.contains("interrupted") && by == (Some(31), Some("network"));
            let ended = by == (Some(16), Some("caller")) || unheard || !seen.answered;
            if !(told && answered && ended) {
                wrong.untrue.push(format!("{id} has {record}: {seen:?}"));
            }
        }
        wrong.double.extend(by_caller.keys().map(|caller| format!("nobody was {caller}")));
        wrong
    }

    /// What the calls that are over came to: a sentence for each that was answered and ended before
    /// its script did, or whose ends did not hear each other at the end.
    #[must_use]
    pub fn lost(&self) -> Vec<String> {
        let all = self.done.iter().filter(|(_, seen)| seen.answered);
        all.filter_map(|(id, seen)| seen.fault().map(|why| format!("{id}: {why}"))).collect()
    }
}

impl Seen {
    /// What went wrong with a call that was answered.
    fn fault(&self) -> Option<String> {
        let Some(passed_us) = self.passed_us else {
            return Some(self.failed.clone().unwrap_or_else(|| "it is not over".into()));
        };
        if matches!(self.kind, Kind::Ringing(_)) {
            return None;
        }
        let heard = |(sounds, since): &(bool, u64)| *sounds || since + END_US >= passed_us;
        let both = self.ends.len() == 2 && self.ends.values().all(heard);
        (!both).then(|| format!("an end heard nothing at the end: {self:?}"))
    }
}
