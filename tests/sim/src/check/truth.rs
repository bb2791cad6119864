//! What really happened, as the world saw it beside the box's own records.

use std::collections::{BTreeMap, BTreeSet};

use link::{Alarm, CallRecord, Detail, Event};
use units::{CallId, Digits, Instant};

use crate::check::Violation;

fn by_turns(what: &str) -> Violation {
    Violation::new("alarms are raised and cleared by turns", what.into())
}

/// The world's ledger.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Calls that the box took and has not told the end of.
    pub(crate) open: BTreeMap<CallId, Digits>,
    /// Calls whose end the box told.
    pub(crate) ended: BTreeMap<CallId, CallRecord>,
    /// Of those, whose record is on the disk.
    pub(crate) durable: BTreeSet<CallId>,
    /// When calls were offered and answered, as far as they were told since the core started.
    times: BTreeMap<CallId, (Instant, Option<Instant>)>,
    /// When calls began to end whose record has not been told.
    ending: BTreeMap<CallId, Instant>,
    /// Whom each call reached last.
    pub(crate) reached: BTreeMap<CallId, Digits>,
    /// Sockets with an alarm, of this start of the box.
    pub(crate) troubles: BTreeSet<String>,
    /// Cards told to be gone, of this start of the box.
    pub(crate) cards_gone: u32,
    /// Numbers of callers whose calls a power cut took.
    pub(crate) lost: BTreeSet<Digits>,
    /// When those were offered whose record a power cut took, by the calendar.
    pub(crate) lost_offers: BTreeSet<i64>,
    /// Calls that a power cut took: the journal may still tell of them.
    cut: BTreeSet<CallId>,
    /// The core was killed: details may not have been told.
    pub(crate) killed: bool,
    /// The power went.
    power_went: bool,
    /// When the core was dead; the last time may not be over.
    dead: Vec<(Instant, Option<Instant>)>,
    /// Calls that ended and were found to be in order before.
    settled: u64,
}

impl Truth {
    /// The box tells something, not on disk yet.
    pub(crate) fn told(&mut self, now: Instant, detail: &Detail) -> Result<(), Violation> {
        match detail {
            Detail::CallOffered { call, caller, .. } => {
                self.open.insert(*call, caller.clone());
                self.times.insert(*call, (now, None));
            }
            Detail::CallAnswered { call } => {
                if let Some((_, answered)) = self.times.get_mut(call) {
                    *answered = Some(now);
                }
            }
            Detail::CallConnected { call, number } => {
                self.reached.insert(*call, number.clone());
            }
            Detail::CallEnded(record) => {
                self.durations_are_true(now, record)?;
                self.told_end(record)?;
            }
            Detail::Alarm(alarm @ Alarm::MachineFault(_)) => {
                return Err(Violation::new(
                    "no call breaks a rule of its own",
                    format!("{alarm:?}"),
                ));
            }
            Detail::Alarm(Alarm::Port { label, trouble }) => {
                let label = label.to_string();
                let news = match trouble {
                    Some(_) => self.troubles.insert(label.clone()),
                    None => self.troubles.remove(&label),
                };
                if !news {
                    return Err(by_turns(&format!("{label}: {trouble:?} again")));
                }
            }
            Detail::Alarm(Alarm::CardGone) => self.cards_gone += 1,
            Detail::Alarm(Alarm::CardBack) => {
                let left = self.cards_gone.checked_sub(1);
                self.cards_gone = left.ok_or_else(|| by_turns("a card is back that was there"))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whatever the calendar did meanwhile.
    fn durations_are_true(&mut self, now: Instant, record: &CallRecord) -> Result<(), Violation> {
        let Some((offered, answered)) = self.times.remove(&record.call) else { return Ok(()) };
        let true_us = |at: Instant| i64::try_from((at - offered).as_micros()).unwrap_or(i64::MAX);
        let told_us = |at: units::Utc| at.0 - record.offered.0;
        // The record may wait for a leg that is still to tell what it cost.
        let end = self.ending.remove(&record.call).unwrap_or(now);
        let ended = told_us(record.ended) == true_us(end);
        let answered = answered.is_none_or(|at| record.answered.map(told_us) == Some(true_us(at)));
        if ended && answered {
            return Ok(());
        }
        let what = format!("{} us in truth, {record:?}", true_us(now));
        Err(Violation::new("durations are true whatever the calendar does", what))
    }

    /// When calls were offered that have not told their end.
    pub(crate) fn offers(&self) -> BTreeSet<Instant> {
        self.times.values().map(|(offered, _)| *offered).collect()
    }

    /// A call is being cleared.
    pub(crate) fn ends(&mut self, now: Instant, call: CallId) {
        if self.times.contains_key(&call) {
            self.ending.entry(call).or_insert(now);
        }
    }

    /// The core runs again.
    pub(crate) fn started(&mut self, now: Instant) {
        if let Some((_, end)) = self.dead.last_mut() {
            end.get_or_insert(now);
        }
    }

    /// How often the core was dead.
    pub(crate) fn deaths(&self) -> usize {
        self.dead.len()
    }

    /// Whether the core was dead at any time between.
    pub(crate) fn was_dead(&self, from: Instant, to: Instant) -> bool {
        self.dead.iter().any(|(dead, back)| *dead <= to && back.is_none_or(|back| back >= from))
    }

    /// All that ended was found in order: it need not be remembered.
    pub(crate) fn settle(&mut self) {
        self.settled += self.ended.len() as u64;
        self.ended.clear();
        self.durable.clear();
        self.reached.clear();
        self.times.clear();
        self.ending.clear();
        self.lost.clear();
        self.lost_offers.clear();
        self.dead.clear();
        self.cut.clear();
        (self.killed, self.power_went) = (false, false);
    }

    /// Calls that ended so far.
    pub(crate) fn all_ended(&self) -> u64 {
        self.settled + self.ended.len() as u64
    }

    /// Whether the power went since all was found in order.
    pub(crate) const fn power_went(&self) -> bool {
        self.power_went
    }

    fn told_end(&mut self, record: &CallRecord) -> Result<(), Violation> {
        let call = record.call;
        let was_open = self.open.remove(&call).is_some() || self.cut.remove(&call) || self.killed;
        let again = match self.ended.get(&call) {
            None => true,
            // On its way to the disk when the core was killed: told again, the same.
            Some(before) if before == record && !self.durable.contains(&call) => true,
            // The journal was older than the record: the daemon leaves it out.
            Some(_) => self.power_went,
        };
        if !was_open || !again {
            let what = format!("{call} ended, it was not open: {record:?}");
            return Err(Violation::new("an ended call has exactly one record", what));
        }
        self.ended.entry(call).or_insert_with(|| record.clone());
        Ok(())
    }

    /// An event is on the disk.
    pub(crate) fn appended(&mut self, event: &Event) -> Result<(), Violation> {
        if let Detail::CallEnded(record) = &event.detail
            && !self.durable.insert(record.call)
            && !self.power_went
        {
            let what = format!("twice on the disk: {record:?}");
            return Err(Violation::new("an ended call has exactly one record", what));
        }
        Ok(())
    }

    /// The core was killed; `power`: its calls are gone, and records that were on their way to the
    /// disk.
    pub(crate) fn stopped(&mut self, now: Instant, power: bool) {
        self.dead.push((now, None));
        self.troubles.clear();
        self.cards_gone = 0;
        self.times.clear();
        self.ending.clear();
        self.killed = true;
        if !power {
            return;
        }
        self.power_went = true;
        self.cut.extend(self.open.keys());
        self.lost.extend(std::mem::take(&mut self.open).into_values());
        let undurable = self.ended.values().filter(|record| !self.durable.contains(&record.call));
        let lost: Vec<_> = undurable.map(|record| record.call).collect();
        for record in lost.iter().filter_map(|call| self.ended.remove(call)) {
            self.lost_offers.insert(record.offered.0);
            self.lost.insert(record.caller);
        }
    }
}
