//! Calls that are recorded: which, from when to when, and what their files came to.
//!
//! ```text
//!   talks, in a flow, in a conference ── begin ──► tap and file ── its end ──► Done::Taken ──┐
//!   the process before was killed ──► Take::Settle ──► Done::Settled ──┐                     │
//!                      another part begins                             └──► CallRecorded ◄───┘
//! ```
//!
//! A part that has begun is owed: the journal has it until its event is on its way to the spool, so
//! that each is told exactly once whatever is killed when.

use std::collections::BTreeMap;

use call::{Call, Phase};
use engine::Command;
use link::{Alarm, Detail, NotRecorded, Recording, RecordingId, RecordingStatus, Up};
use serde::{Deserialize, Serialize};
use units::{CallId, Instant, LineId, PortId};

use super::keep::kind;
use super::{Control, Key, Order, Said};
use crate::recordings::Take;
use crate::task::Kept;

/// What is recorded of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taking {
    /// The newest part; 0: none has begun.
    part: u8,
    /// Parts whose end has not been told.
    owed: Vec<u8>,
    /// It goes on without.
    without: bool,
    /// The tap that sounds, and where it is.
    #[serde(skip)]
    tap: Option<(u32, PortId)>,
}

/// All that is recorded.
#[derive(Debug, Default)]
pub(super) struct Recordings {
    calls: BTreeMap<CallId, Taking>,
    /// Files that are written.
    taps: BTreeMap<u32, RecordingId>,
    last_tap: u32,
}

impl Recordings {
    /// The number of a tap that no other has.
    pub(super) const fn new_tap(&mut self) -> u32 {
        self.last_tap = self.last_tap.wrapping_add(1);
        self.last_tap
    }

    /// Taps that sound.
    pub(super) fn sounding(&self) -> usize {
        self.calls.values().filter(|taking| taking.tap.is_some()).count()
    }

    pub(super) fn restore(&mut self, call: CallId, taking: Taking) {
        self.calls.insert(call, taking);
    }
}

/// The file of a recording, without folder and ending.
fn file_name(RecordingId { call, part }: RecordingId) -> String {
    if part == 1 { call.to_string() } else { format!("{call}-{part}") }
}

/// What the table says to the recorder.
const fn terms(recording: call::Recording) -> recorder::Terms {
    let format = match recording.file {
        call::RecordingFile::Wav => recorder::Format::Wav,
        call::RecordingFile::Opus => recorder::Format::Opus,
    };
    let keys = match recording.keys {
        call::RecordedKeys::Muted => recorder::Keys::Mute,
        call::RecordedKeys::Kept => recorder::Keys::Keep,
    };
    recorder::Terms { format, keys }
}

/// Whether somebody may be heard in it, now or later.
const fn goes_on(call: &Call) -> bool {
    match call.phase() {
        Phase::Routing
        | Phase::Dialling { .. }
        | Phase::Overlap
        | Phase::InFlow
        | Phase::Asking
        | Phase::Ringing { .. }
        | Phase::Talking
        | Phase::Pin { .. }
        | Phase::Conferring => true,
        Phase::New
        | Phase::Deflecting { .. }
        | Phase::Clearing { .. }
        | Phase::Howling { .. }
        | Phase::Ended => false,
    }
}

impl Control {
    /// Whether the calls of whoever is at `line` are recorded.
    fn records_line(&self, line: LineId) -> bool {
        let number = || self.directory.calling(line).number;
        self.has_line(&self.directory.recorded, line) || self.directory.records_number(&number())
    }

    /// Whether a recording of this call begins, if there is none.
    fn is_recorded(&self, call: &Call) -> bool {
        let line = |line: Option<LineId>| line.is_some_and(|line| self.records_line(line));
        let caller = || line(call.line()) || self.directory.records_number(call.parties().1);
        match call.phase() {
            Phase::Talking => line(call.other_line()) || caller(),
            Phase::Conferring => caller(),
            Phase::InFlow => call.times().1.is_some() && caller(),
            _ => false,
        }
    }

    /// A call may have come to where its recording begins, or ends.
    pub(super) fn settle_recording(&mut self, now: Instant, id: CallId) {
        let taking = self.recordings.calls.get(&id);
        if taking.is_none() && self.directory.recorded.is_empty() {
            return;
        }
        let call = self.calls.get(&id);
        let at = call.filter(|call| goes_on(call)).and_then(|call| call.ports().0);
        let without = taking.is_some_and(|taking| taking.without);
        match (taking.and_then(|taking| taking.tap), at) {
            (Some((tap, port)), Some(at)) if port != at => {
                self.tap(tap, at);
                self.recordings.calls.entry(id).or_default().tap = Some((tap, at));
            }
            (Some(_), None) => self.end_recording(id),
            (None, Some(at)) if !without && call.is_some_and(|call| self.is_recorded(call)) => {
                self.begin_recording(now, id, at);
            }
            (Some(_) | None, Some(_)) | (None, None) => {}
        }
    }

    pub(super) fn tap(&mut self, tap: u32, port: PortId) {
        let order = Order::Engine(Command::Tap(port, tap));
        self.gate.submit(Key::Box, Said::Order(order));
    }

    pub(super) fn untap(&mut self, tap: u32) {
        let order = Order::Engine(Command::Untap(tap));
        self.gate.submit(Key::Box, Said::Order(order));
    }

    /// Whether another place can be written to a file.
    pub(super) fn has_tap(&self) -> bool {
        self.listened.len() + self.recordings.sounding() < limits::TAPS
    }

    fn begin_recording(&mut self, now: Instant, call: CallId, port: PortId) {
        let room = self.has_tap();
        let tap = self.recordings.new_tap();
        let taking = self.recordings.calls.entry(call).or_default();
        let part = taking.part.saturating_add(1);
        let id = RecordingId { call, part };
        if !room || part == taking.part {
            taking.without = true;
            self.note_taking(call);
            let why = NotRecorded::Full;
            return self.event(now, Detail::CallNotRecorded { id, why });
        }
        (taking.part, taking.tap) = (part, Some((tap, port)));
        taking.owed.push(part);
        self.recordings.taps.insert(tap, id);
        self.note_taking(call);
        let begun_us = self.utc.utc(now).0.cast_unsigned();
        let (name, terms) = (file_name(id), terms(self.directory.recording));
        let begin = Take::Begin { tap, name, begun_us, most: None, terms, token: None };
        // The file is made with the first block, which comes when the journal has the part.
        self.said.push_back(Said::Take(begin));
        self.tap(tap, port);
    }

    /// A call is over, or nobody is heard in it any more.
    pub(super) fn end_recording(&mut self, id: CallId) {
        let taking = self.recordings.calls.get_mut(&id);
        if let Some((tap, _)) = taking.and_then(|taking| taking.tap.take()) {
            self.said.push_back(Said::Take(Take::End { tap, token: None }));
            self.untap(tap);
        }
    }

    /// All taps but those that sound are used from now on.
    #[cfg(test)]
    pub(super) fn use_up_taps(&mut self) {
        for number in self.recordings.sounding()..limits::TAPS {
            let tap = Some((self.recordings.new_tap(), PortId(0)));
            let call = CallId(u64::MAX - number as u64);
            self.recordings.calls.insert(call, Taking { tap, ..Taking::default() });
        }
    }

    /// What is recorded of a call stands in the journal until all of it is told.
    pub(super) fn note_taking(&mut self, id: CallId) {
        let Some(taking) = self.recordings.calls.get(&id) else { return };
        if taking.owed.is_empty() && !self.calls.contains_key(&id) {
            self.recordings.calls.remove(&id);
            return self.keeper.forget(kind::TAKING, id.0);
        }
        self.keeper.put(kind::TAKING, id.0, taking);
    }

    /// The file of a tap is closed.
    pub(super) fn taken(&mut self, now: Instant, tap: u32, kept: Option<Kept>, fault: Option<i32>) {
        let Some(id) = self.recordings.taps.remove(&tap) else { return self.heard_out(tap) };
        let taking = self.recordings.calls.entry(id.call).or_default();
        if taking.tap.is_some_and(|(of, _)| of == tap) {
            // By itself: the disk did not take it.
            (taking.tap, taking.without) = (None, true);
            self.untap(tap);
        }
        if let (Some(_), Some(errno)) = (&kept, fault) {
            self.event(now, Detail::Alarm(Alarm::StateUnwritable(errno)));
        }
        self.recorded(now, id, kept, fault);
    }

    /// Tells what a part came to.
    pub(super) fn recorded(
        &mut self,
        now: Instant,
        id: RecordingId,
        kept: Option<Kept>,
        fault: Option<i32>,
    ) {
        let Some(taking) = self.recordings.calls.get_mut(&id.call) else { return };
        taking.owed.retain(|part| *part != id.part);
        self.event(
            now,
            match kept {
                Some(Kept { begun, seconds, missing, cut, hash }) => {
                    Detail::CallRecorded(Recording { id, begun, seconds, missing, cut, hash })
                }
                None => {
                    let why = fault.map_or(NotRecorded::Lost, NotRecorded::Disk);
                    Detail::CallNotRecorded { id, why }
                }
            },
        );
        self.note_taking(id.call);
    }

    /// What the process before has begun is closed, and told.
    pub(super) fn settle_owed(&mut self) {
        for (call, taking) in &self.recordings.calls {
            for part in &taking.owed {
                let id = RecordingId { call: *call, part: *part };
                let settle = Take::Settle { id, name: file_name(id) };
                self.said.push_back(Said::Take(settle));
            }
        }
        for call in self.recordings.calls.keys().copied().collect::<Vec<_>>() {
            self.note_taking(call);
        }
    }

    /// The daemon asks what a file is; [`Self::judged`] answers.
    pub(super) fn asked_recording(&mut self, token: u32, id: RecordingId) {
        let name = file_name(id);
        self.said.push_back(Said::Take(Take::Judge { id, name, token }));
    }

    pub(super) fn judged(&mut self, token: u32, status: RecordingStatus) {
        self.up(Up::Recording { token, status });
        self.up(Up::Done { token, outcome: link::Outcome::Done });
    }
}
