//! What really happened, as the world saw it beside the box's own records.

use std::collections::{BTreeMap, BTreeSet};

use link::{Alarm, CallRecord, Detail, Event};
use units::{CallId, Digits};

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
    /// Whom each call reached last.
    pub(crate) reached: BTreeMap<CallId, Digits>,
    /// Sockets with an alarm, of this start of the box.
    pub(crate) troubles: BTreeSet<String>,
    /// Cards told to be gone, of this start of the box.
    pub(crate) cards_gone: u32,
    /// Numbers of callers whose calls a power cut took.
    pub(crate) lost: BTreeSet<Digits>,
}

impl Truth {
    /// The box tells something, not on disk yet.
    pub(crate) fn told(&mut self, detail: &Detail) -> Result<(), Violation> {
        match detail {
            Detail::CallOffered { call, caller, .. } => {
                self.open.insert(*call, caller.clone());
            }
            Detail::CallConnected { call, number } => {
                self.reached.insert(*call, number.clone());
            }
            Detail::CallEnded(record) => {
                let was_open = self.open.remove(&record.call).is_some();
                let before = self.ended.insert(record.call, record.clone());
                if !was_open || before.is_some() {
                    let what = format!("{} ended, it was not open: {record:?}", record.call);
                    return Err(Violation::new("an ended call has exactly one record", what));
                }
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

    /// An event is on the disk.
    pub(crate) fn appended(&mut self, event: &Event) {
        if let Detail::CallEnded(record) = &event.detail {
            self.durable.insert(record.call);
        }
    }

    /// The box stopped: its calls are gone, and records that were on their way to the disk.
    pub(crate) fn stopped(&mut self) {
        self.troubles.clear();
        self.cards_gone = 0;
        self.lost.extend(std::mem::take(&mut self.open).into_values());
        let undurable = self.ended.values().filter(|record| !self.durable.contains(&record.call));
        let lost: Vec<_> = undurable.map(|record| (record.call, record.caller.clone())).collect();
        for (call, caller) in lost {
            self.ended.remove(&call);
            self.lost.insert(caller);
        }
    }
}
