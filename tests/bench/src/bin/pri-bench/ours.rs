//! Two of our groups, joined in memory, with the journal of each or without.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::path::Path;

use bearer::{Calling, Indication, Request};
use bench::own_ns;
use ha::{Gate, Journal, Key, Ledger};
use hal_mapped::Mapped;
use machine::Machine;
use span::pri::Pri;
use span::{Frame, Input, Line, Output};
use units::{BoxId, Cause, Digits, Instant, LegId, LineId, Mint, PortId, Timeslot};

use crate::capture::Capture;
use crate::{AT_ONCE, CALLED, CALLING};

/// The kind of a line's records, as in the core.
const LINE: u8 = 1;

/// What keeps the changes of one end, as the core's keeper does.
struct Keeping {
    ledger: Ledger,
    journal: Journal<Mapped>,
    gate: Gate<LineId, Output>,
    room: Vec<u8>,
    changes: u64,
}

struct End {
    line: Line,
    id: LineId,
    to: VecDeque<Frame>,
    said: Vec<Output>,
    offered: Vec<LegId>,
    answered: usize,
    released: usize,
    keeping: Option<Keeping>,
}

/// Both ends: the user and the network.
pub(crate) struct Ours {
    ends: [End; 2],
    now: Instant,
    next_leg: u64,
    calling: Calling,
    called: Digits,
    capture: Option<Capture>,
    /// Nanoseconds of keeping, while [`Self::watch`] is on.
    keeping_ns: u64,
    watch: bool,
}

fn end(role: q921::Role, journal: Option<&Path>) -> Result<End, String> {
    let id = LineId(if role == q921::Role::User { 1 } else { 2 });
    let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D);
    let pri = Pri::new(id, role, Mint::new(BoxId(1), 1, id.0), slots.zip((0..).map(PortId)));
    let keeping = match journal {
        None => None,
        Some(folder) => {
            let octets = NonZeroUsize::new(limits::JOURNAL_OCTETS).ok_or("no octets")?;
            let path = folder.join(format!("journal-{id}"));
            let mapped = Mapped::open(&path, octets).map_err(|fault| fault.to_string())?;
            Some(Keeping {
                ledger: Ledger::new(),
                journal: Journal::fresh(mapped).map_err(|_| "the journal is too small")?,
                gate: Gate::guarded(),
                room: vec![0; limits::SNAPSHOT_OCTETS],
                changes: 0,
            })
        }
    };
    Ok(End {
        line: Line::Pri(Box::new(pri)),
        id,
        to: VecDeque::new(),
        said: vec![],
        offered: vec![],
        answered: 0,
        released: 0,
        keeping,
    })
}

impl End {
    /// What the line says about one input, after its change is kept.
    fn collect(&mut self, now: Instant) -> Result<(), String> {
        let Some(keeping) = &mut self.keeping else {
            while let Some(output) = self.line.poll_output() {
                self.said.push(output);
            }
            return Ok(());
        };
        let Keeping { ledger, journal, gate, room, changes } = keeping;
        while let Some(output) = self.line.poll_output() {
            gate.submit(self.id, output);
        }
        let id = u64::from(self.id.0) << 32;
        let written = self.line.changed(room, &mut |part, octets| {
            ledger.note(Key { kind: LINE, id: id | u64::from(part) }, octets);
        });
        written.map_err(|fault| format!("{fault:?}"))?;
        match ledger.take() {
            None => gate.no_change(),
            Some(transaction) => {
                let change = gate.change();
                journal.append(now, &transaction).map_err(|_| "the journal is full")?;
                gate.safe_up_to(change);
                *changes += 1;
            }
        }
        while let Some(output) = gate.poll() {
            self.said.push(output);
        }
        Ok(())
    }
}

impl Ours {
    /// With the link up; journals in `folder`, if there is one.
    pub(crate) fn new(folder: Option<&Path>) -> Result<Self, String> {
        let ends = [end(q921::Role::User, folder)?, end(q921::Role::Network, folder)?];
        let number = Digits::parse(CALLING).ok_or("no number")?;
        let mut ours = Self {
            ends,
            now: Instant::from_millis(1000),
            next_leg: 1 << 40,
            calling: Calling { number, ..Calling::default() },
            called: Digits::parse(CALLED).ok_or("no number")?,
            capture: None,
            keeping_ns: 0,
            watch: false,
        };
        for at in [0, 1] {
            ours.input(at, Input::Layer1 { up: true })?;
        }
        ours.run()?;
        Ok(ours)
    }

    fn input(&mut self, at: usize, input: Input) -> Result<(), String> {
        let end = &mut self.ends[at];
        end.line.handle(self.now, input);
        if self.watch {
            let begin = own_ns();
            end.collect(self.now)?;
            self.keeping_ns += own_ns() - begin;
        } else {
            end.collect(self.now)?;
        }
        let mut said = std::mem::take(&mut end.said);
        for output in said.drain(..) {
            match output {
                Output::Transmit(frame) => {
                    if let Some(capture) = &mut self.capture {
                        capture.push(at == 1, &frame);
                    }
                    self.ends[1 - at].to.push_back(frame);
                }
                Output::Indication(Indication::Offered { leg, .. }) => {
                    self.ends[at].offered.push(leg);
                    self.input(at, Input::Request(Request::Proceed { leg }))?;
                    self.input(at, Input::Request(Request::Alert { leg }))?;
                }
                Output::Indication(Indication::Answered { .. }) => self.ends[at].answered += 1,
                Output::Indication(Indication::Released { .. }) => self.ends[at].released += 1,
                _ => {}
            }
        }
        if self.ends[at].said.is_empty() {
            self.ends[at].said = said;
        }
        Ok(())
    }

    /// Passes frames until none is on its way.
    fn run(&mut self) -> Result<(), String> {
        for _ in 0..10_000 {
            let mut busy = false;
            for at in [0, 1] {
                while let Some(frame) = self.ends[at].to.pop_front() {
                    busy = true;
                    self.input(at, Input::Frame(frame))?;
                }
            }
            if !busy {
                return Ok(());
            }
        }
        Err("the two keep each other busy for ever".into())
    }

    /// As libpri's pair: all are placed, all are answered, all are cleared by the one who placed
    /// them; sides take turns.
    pub(crate) fn calls(&mut self, calls: usize) -> Result<(), String> {
        let mut from = 0;
        for _ in 0..calls.div_ceil(AT_ONCE) {
            let to = 1 - from;
            self.now = Instant(self.now.0 + 1000);
            for end in &mut self.ends {
                (end.answered, end.released) = (0, 0);
                end.offered.clear();
            }
            let first = self.next_leg;
            for leg in (first..).take(AT_ONCE).map(LegId) {
                let (line, calling) = (self.ends[from].id, self.calling.clone());
                let called = self.called.clone();
                let place = Request::Place { leg, line, calling, called };
                self.input(from, Input::Request(place))?;
                self.run()?;
            }
            self.next_leg += AT_ONCE as u64;
            for leg in self.ends[to].offered.clone() {
                self.input(to, Input::Request(Request::Answer { leg }))?;
                self.run()?;
            }
            if self.ends[from].answered != AT_ONCE {
                return Err(format!("{} of {AT_ONCE} are answered", self.ends[from].answered));
            }
            for leg in (first..).take(AT_ONCE).map(LegId) {
                let cause = Cause::NORMAL_CLEARING;
                self.input(from, Input::Request(Request::Release { leg, cause }))?;
                self.run()?;
            }
            let released = self.ends.iter().map(|end| end.released).sum::<usize>();
            if released != 2 * AT_ONCE {
                return Err(format!("{released} of {} legs are released", 2 * AT_ONCE));
            }
            for at in [0, 1] {
                let next = self.ends[at].line.poll_timeout();
                if next.is_some_and(|next| next <= self.now) {
                    self.ends[at].line.handle_timeout(self.now);
                    self.input(at, Input::Hook { off_hook: false })?;
                }
            }
            self.run()?;
            from = to;
        }
        Ok(())
    }

    /// The frames of some calls.
    pub(crate) fn capture(&mut self, calls: usize) -> Result<Capture, String> {
        self.capture = Some(Capture::default());
        let done = self.calls(calls);
        let capture = self.capture.take().unwrap_or_default();
        done.map(|()| capture)
    }

    /// Changes kept so far, by both ends.
    pub(crate) fn changes(&self) -> u64 {
        self.ends.iter().filter_map(|end| end.keeping.as_ref()).map(|k| k.changes).sum()
    }

    /// Nanoseconds of keeping in some calls, measured one by one.
    pub(crate) fn keeping_ns(&mut self, calls: usize) -> Result<u64, String> {
        (self.watch, self.keeping_ns) = (true, 0);
        let done = self.calls(calls);
        self.watch = false;
        done.map(|()| self.keeping_ns)
    }
}
