//! What of control outlives the process: after every input the records of what it changed, as one
//! transaction, before anything that follows from it leaves.
//!
//! ```text
//!  input ─► machines ─► touched ── commit ──► Said::Keep ──► journal
//!                 outputs ─► gate ◄──────────── kept ◄──────────┘
//! ```

use std::collections::{BTreeSet, VecDeque};

use ha::{Change, Key as RecordKey, Ledger, Transaction};
use machine::{Restore, SnapshotFault};
use serde::{Deserialize, Serialize};
use units::{CallId, Instant, LegId, LineId, PortId, Utc};

use super::sounds::Sound;
use super::{Control, Key, Leg, Said};
use crate::clock::Anchor;
use link::Detail;

/// The kinds of records.
pub(super) mod kind {
    /// When it was, by the clocks of the box.
    pub(in crate::control) const CLOCK: u8 = 0;
    /// A part of a line: the line's number, then the part's.
    pub(in crate::control) const LINE: u8 = 1;
    /// A call.
    pub(in crate::control) const CALL: u8 = 2;
    /// A caller in a flow, by the call's id.
    pub(in crate::control) const FLOW: u8 = 3;
    /// A port of the matrix.
    pub(in crate::control) const PORT: u8 = 4;
    /// A leg.
    pub(in crate::control) const LEG: u8 = 5;
    /// A record on its way to the spool, by its origin.
    pub(in crate::control) const OUT: u8 = 6;
    /// Slots that the operator has blocked, by their span. The operator's word is no setting: it
    /// holds until it is taken back, whatever configuration is loaded meanwhile.
    pub(in crate::control) const HELD: u8 = 7;
    /// What is recorded of a call, by its id. Since version 4.
    pub(in crate::control) const TAKING: u8 = 8;
}

/// The version of the records that no machine versions by itself; 5: what a port hears may be the
/// tone of a failed call.
pub(super) const VERSION: u16 = 5;
/// The oldest version of them that is read.
pub(super) const OLDEST: u16 = 2;

/// One transaction on its way to the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Its number, for [`Control::kept`].
    pub change: Change,
    /// When it was.
    pub at: Instant,
    /// What changed.
    pub transaction: Transaction,
}

/// The clocks of the process before, from the records of its journal.
#[must_use]
pub fn read_anchor(records: &[super::Record<'_>]) -> Option<Anchor> {
    let (_, octets) = records.iter().find(|(key, _)| key.kind == kind::CLOCK)?;
    machine::restore(OLDEST, VERSION, octets).ok()
}

/// How many calls the records of a journal hold.
#[must_use]
pub fn calls(records: &[super::Record<'_>]) -> usize {
    records.iter().filter(|(key, _)| key.kind == kind::CALL).count()
}

/// What is known of a port beside its line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PortRecord {
    /// The call that has it.
    pub(super) call: Option<CallId>,
    pub(super) sound: Sound,
}

/// A record on its way to the spool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OutRecord {
    pub(super) at: Utc,
    pub(super) detail: Detail,
}

/// What was touched since the last commit, and what the journal holds.
#[derive(Debug)]
pub(super) struct Keeper {
    /// There is a journal.
    on: bool,
    ledger: Ledger,
    lines: BTreeSet<LineId>,
    calls: BTreeSet<CallId>,
    legs: BTreeSet<LegId>,
    ports: BTreeSet<PortId>,
    room: Vec<u8>,
    waiting: VecDeque<Keep>,
}

impl Keeper {
    pub(super) fn new(on: bool) -> Self {
        Self {
            on,
            ledger: Ledger::new(),
            lines: BTreeSet::new(),
            calls: BTreeSet::new(),
            legs: BTreeSet::new(),
            ports: BTreeSet::new(),
            room: vec![0; limits::SNAPSHOT_OCTETS],
            waiting: VecDeque::new(),
        }
    }

    pub(super) const fn is_on(&self) -> bool {
        self.on
    }

    /// Nothing is kept from here on.
    pub(super) fn give_up(&mut self) {
        *self = Self::new(false);
    }

    /// What the journal held when the process started.
    pub(super) fn found(&mut self, key: RecordKey, octets: &[u8]) {
        self.ledger.found(key, octets);
    }

    pub(super) fn line(&mut self, line: LineId) {
        self.lines.insert(line);
    }

    pub(super) fn call(&mut self, call: CallId) {
        self.calls.insert(call);
    }

    pub(super) fn leg(&mut self, leg: LegId) {
        self.legs.insert(leg);
    }

    pub(super) fn port(&mut self, port: PortId) {
        self.ports.insert(port);
    }

    /// A record of a kind that is written as it happens.
    pub(super) fn put<T: Serialize>(&mut self, kind: u8, id: u64, value: &T) {
        if self.on {
            let key = RecordKey { kind, id };
            let octets = machine::snapshot(VERSION, value, &mut self.room);
            note(&mut self.ledger, key, octets.map(Some));
        }
    }

    pub(super) fn forget(&mut self, kind: u8, id: u64) {
        self.ledger.note(RecordKey { kind, id }, None);
    }

    pub(super) fn poll(&mut self) -> Option<Keep> {
        self.waiting.pop_front()
    }
}

/// Notes what a record is now. One that cannot be written is forgotten: it is better not restored
/// than restored as it was long ago.
fn note(ledger: &mut Ledger, key: RecordKey, octets: Result<Option<&[u8]>, SnapshotFault>) {
    debug_assert!(octets.is_ok(), "{key:?}: {octets:?}");
    ledger.note(key, octets.unwrap_or(None));
}

/// The id of a part of a line.
pub(super) const fn part_id(line: LineId, part: u32) -> u64 {
    (line.0 as u64) << 32 | part as u64
}

impl Control {
    /// All that was touched becomes one change; what was said follows from it.
    pub(super) fn commit(&mut self, now: Instant) {
        if self.keeper.on {
            self.write_down();
        }
        let Some(transaction) = self.keeper.ledger.take() else {
            return self.gate.no_change();
        };
        let change = self.gate.change();
        self.keeper.waiting.push_back(Keep { change, at: now, transaction });
    }

    fn write_down(&mut self) {
        let Self { keeper, lines, calls, flows, legs, ports, sounds, .. } = self;
        let Keeper { ledger, room, .. } = keeper;
        for id in std::mem::take(&mut keeper.lines) {
            let Some(line) = lines.get_mut(&id) else { continue };
            let written = line.changed(room, &mut |part, octets| {
                let key = RecordKey { kind: kind::LINE, id: part_id(id, part) };
                ledger.note(key, octets);
            });
            debug_assert!(written.is_ok(), "{id}: {written:?}");
        }
        for id in std::mem::take(&mut keeper.calls) {
            let call = calls.get(&id).map(|call| call.snapshot(room)).transpose();
            note(ledger, RecordKey { kind: kind::CALL, id: id.0 }, call);
            let flow = flows.get(&id).map(|flow| flow.snapshot(room)).transpose();
            note(ledger, RecordKey { kind: kind::FLOW, id: id.0 }, flow);
        }
        for id in std::mem::take(&mut keeper.legs) {
            let leg = legs.get(&id).map(|Leg { call, line }| (*call, *line));
            let octets = leg.map(|leg| machine::snapshot(VERSION, &leg, room)).transpose();
            note(ledger, RecordKey { kind: kind::LEG, id: id.0 }, octets);
        }
        for id in std::mem::take(&mut keeper.ports) {
            let call = ports.get(&id).copied();
            let sound = sounds.get(id);
            let record = PortRecord { call, sound };
            let key = RecordKey { kind: kind::PORT, id: id.0.into() };
            if record == PortRecord::default() {
                ledger.note(key, None);
            } else {
                let octets = machine::snapshot(VERSION, &record, room).map(Some);
                note(ledger, key, octets);
            }
        }
    }

    /// The journal has a change.
    pub fn kept(&mut self, change: Change) {
        self.gate.safe_up_to(change);
    }

    /// Nothing keeps changes any more: calls go on, and would not outlive the process.
    pub fn journal_gone(&mut self, now: Instant) {
        self.keeper.give_up();
        self.gate.give_up();
        self.event(now, Detail::Alarm(link::Alarm::JournalFull));
        self.commit(now);
    }

    /// There is no journal: the system gave no file for it (errno).
    pub fn without_journal(&mut self, now: Instant, errno: i32) {
        self.event(now, Detail::Alarm(link::Alarm::StateUnwritable(errno)));
        self.commit(now);
    }

    /// The journal before this one was not believed.
    pub fn journal_set_aside(&mut self, now: Instant, trouble: link::JournalTrouble) {
        self.event(now, Detail::Alarm(link::Alarm::JournalSetAside(trouble)));
        self.commit(now);
    }

    /// What the clocks of the box say, for the process after this one.
    pub fn anchor(&mut self, now: Instant, anchor: &Anchor) {
        self.keeper.put(kind::CLOCK, 0, anchor);
        self.commit(now);
    }

    /// A record that must reach the spool exactly once: it is in the journal until it is there.
    pub(super) fn out(&mut self, at: Utc, detail: Detail) {
        self.next_origin += 1;
        let origin = self.next_origin;
        if self.keeper.is_on() {
            self.keeper.put(kind::OUT, origin, &OutRecord { at, detail: detail.clone() });
        }
        self.send_out(at, detail, origin);
    }

    pub(super) fn send_out(&mut self, at: Utc, detail: Detail, origin: u64) {
        let task = crate::task::Task::Append { at, detail, origin };
        self.gate.submit(Key::Box, Said::Task(task));
    }
}
