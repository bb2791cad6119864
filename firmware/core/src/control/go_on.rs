//! Going on where the process before was ended: what the journal holds becomes machines again.
//!
//! The records are those of the last whole change, so they agree with each other; what left the
//! box followed from them. What may have been lost on the wire is found out with the far side
//! (`span::pri::keep`), what the wires are like now is told by the cards.

use std::fmt;

use bearer::{Indication, Request};
use call::Call;
use ha::Key as RecordKey;
use ivr::Flow;
use link::Detail;
use machine::{Restore, SnapshotFault};
use units::time::UtcMapping;
use units::{CallId, Cause, ContentHash, Instant, LegId, LineId, Party, PortId, SpanId};

use super::calls::broken_record;
use super::keep::{OLDEST, OutRecord, PortRecord, VERSION, kind, part_id};
use super::{Control, Identity, Leg, Work};
use crate::task::Known;
use board::Layout;

/// Why the records of a journal are not gone on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The kind of the record.
    pub kind: u8,
    /// What is wrong with it.
    pub fault: SnapshotFault,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.fault {
            SnapshotFault::Version { found, newest } => write!(
                f,
                "a record of kind {} has version {found}, this release reads up to {newest}",
                self.kind
            ),
            _ => write!(f, "a record of kind {} makes no sense", self.kind),
        }
    }
}

/// A journalled record as it is read.
pub type Record<'a> = (RecordKey, &'a [u8]);

impl Control {
    /// As [`Control::new`], with what the journal of the process before holds.
    ///
    /// # Errors
    /// [`Unreadable`]: nothing of it may be believed then.
    pub fn go_on(
        identity: Identity,
        layout: Layout,
        known: &Known,
        utc: UtcMapping,
        records: &[Record<'_>],
        fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    ) -> Result<Self, Unreadable> {
        let now = utc.at;
        let mut control = Self::bare(identity, layout, known, utc, true);
        control.settle_early(now, known.current, fetch);
        control.take_up(now, known, records)?;
        let calls = u16::try_from(control.calls.len()).unwrap_or(u16::MAX);
        control.sit_down_again();
        control.settle_owed();
        control.event(now, Detail::CoreWentOn { boot: known.boot, calls });
        control.load(now, known.current, fetch);
        control.agree(now);
        control.order_again();
        for (id, Leg { call, line }) in control.legs.clone() {
            control.trace_leg(now, call, id, line);
        }
        for id in control.calls.keys().copied().collect::<Vec<_>>() {
            control.work.push_back(Work::Call(id, call::Input::Interrupted));
        }
        for id in control.flows.keys().copied().collect::<Vec<_>>() {
            if let Some(flow) = control.flows.get_mut(&id) {
                flow.go_on();
            }
            control.drain_flow(id);
        }
        control.run(now);
        control.commit(now);
        Ok(control)
    }

    /// As [`Control::new`] after a start of the machine: its calls are gone with the power. Each of
    /// those that the journal knows leaves its record, ended when the journal ends (`last`).
    ///
    /// # Errors
    /// [`Unreadable`]: nothing of it may be believed then.
    pub fn after_power_cut(
        identity: Identity,
        layout: Layout,
        known: &Known,
        (utc, last): (UtcMapping, Instant),
        records: &[Record<'_>],
        fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    ) -> Result<Self, Unreadable> {
        let mut control = Self::bare(identity, layout, known, utc, true);
        // The record of a call that is cut off must not take the place of one that is on its way.
        let on_their_way = records.iter().filter(|(key, _)| key.kind == kind::OUT);
        let newest = on_their_way.map(|(key, _)| key.id).max();
        control.next_origin = control.next_origin.max(newest.unwrap_or(0));
        for (key, octets) in records {
            control.keeper.found(*key, octets);
            let unreadable = |fault| Unreadable { kind: key.kind, fault };
            match key.kind {
                kind::CALL => {
                    let call = Call::restore(octets).map_err(unreadable)?;
                    control.cut_off(last, &call);
                    control.keeper.forget(key.kind, key.id);
                }
                kind::OUT | kind::HELD | kind::TAKING => {
                    control.take_up_one(known, *key, octets).map_err(unreadable)?;
                }
                _ => control.keeper.forget(key.kind, key.id),
            }
        }
        control.event(utc.at, Detail::CoreStarted { boot: known.boot });
        control.settle_owed();
        control.load(utc.at, known.current, fetch);
        control.block_again(utc.at);
        control.run(utc.at);
        control.commit(utc.at);
        Ok(control)
    }

    /// The record of a call that cannot go on, unless it has told it.
    pub(super) fn cut_off(&mut self, last: Instant, call: &Call) {
        let broken = || broken_record(call, last, self.identity.tenant);
        let record = call.untold().or_else(|| (!call.is_over()).then(broken));
        if let Some(record) = record {
            let record = self.record(record);
            self.event(last, Detail::CallEnded(record));
        }
    }

    fn take_up(
        &mut self,
        now: Instant,
        known: &Known,
        records: &[Record<'_>],
    ) -> Result<(), Unreadable> {
        for (key, octets) in records {
            self.keeper.found(*key, octets);
            let unreadable = |fault| Unreadable { kind: key.kind, fault };
            let read = self.take_up_one(known, *key, octets);
            read.map_err(unreadable)?;
        }
        let of_line = |id: LineId| {
            let all = part_id(id, 0)..=part_id(id, u32::MAX);
            let mine =
                move |(key, _): &&Record<'_>| key.kind == kind::LINE && all.contains(&key.id);
            records.iter().filter(mine)
        };
        for (id, line) in &mut self.lines {
            let mut parts = of_line(*id)
                .filter_map(|(key, octets)| {
                    Some((u32::try_from(key.id & 0xFFFF_FFFF).ok()?, *octets))
                })
                .peekable();
            if parts.peek().is_some() {
                line.go_on(now, parts).map_err(|fault| Unreadable { kind: kind::LINE, fault })?;
            }
        }
        for id in self.lines.keys().copied().collect::<Vec<_>>() {
            self.drain_line(now, id);
        }
        self.block_again(now);
        Ok(())
    }

    fn take_up_one(
        &mut self,
        known: &Known,
        key: RecordKey,
        octets: &[u8],
    ) -> Result<(), SnapshotFault> {
        match key.kind {
            kind::CALL => {
                self.calls.insert(CallId(key.id), Call::restore(octets)?);
            }
            kind::FLOW => {
                self.flows.insert(CallId(key.id), Flow::restore(octets)?);
            }
            kind::LEG => {
                let (call, line) = machine::restore(OLDEST, VERSION, octets)?;
                self.legs.insert(LegId(key.id), Leg { call, line });
            }
            kind::PORT => {
                let record: PortRecord = machine::restore(OLDEST, VERSION, octets)?;
                let port = PortId(u16::try_from(key.id).map_err(|_| SnapshotFault::Malformed)?);
                if let Some(call) = record.call {
                    self.ports.insert(port, call);
                }
                self.sounds.set(port, record.sound);
            }
            kind::OUT => {
                let OutRecord { at, detail } = machine::restore(OLDEST, VERSION, octets)?;
                self.next_origin = self.next_origin.max(key.id);
                if known.origins.contains(&key.id) {
                    self.keeper.forget(kind::OUT, key.id);
                } else {
                    self.send_out(at, detail, key.id);
                }
            }
            kind::HELD => {
                let span = u8::try_from(key.id).map_err(|_| SnapshotFault::Malformed)?;
                self.held.insert(SpanId(span), machine::restore(OLDEST, VERSION, octets)?);
            }
            kind::TAKING => {
                let taking = machine::restore(OLDEST, VERSION, octets)?;
                self.recordings.restore(CallId(key.id), taking);
            }
            kind::CLOCK | kind::LINE => {}
            _ => return Err(SnapshotFault::Malformed),
        }
        Ok(())
    }

    /// Lines and calls that do not know of each other: the board has changed between.
    fn agree(&mut self, now: Instant) {
        let mut at_lines = std::collections::BTreeSet::new();
        for (id, line) in &self.lines {
            for leg in line.legs() {
                at_lines.insert(leg);
                if !self.legs.contains_key(&leg) {
                    let request = Request::Release { leg, cause: Cause::TEMPORARY_FAILURE };
                    self.work.push_back(Work::Line(*id, span::Input::Request(request)));
                }
            }
        }
        let lost: Vec<_> =
            self.legs.keys().filter(|leg| !at_lines.contains(leg)).copied().collect();
        for leg in lost {
            let (cause, by) = (Cause::DESTINATION_OUT_OF_ORDER, Party::Box);
            let Some(line) = self.legs.get(&leg).map(|leg| leg.line) else { continue };
            self.indication(now, line, Indication::Released { leg, cause, by });
        }
    }
}
