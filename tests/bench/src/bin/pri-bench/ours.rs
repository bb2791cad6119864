//! Two of our groups, joined in memory, with the journal of each or without.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::path::Path;

use bearer::{Access, Calling, Hunt, Indication, Request, Side};
use bench::own_ns;
use ha::{Gate, Journal, Key, Ledger, Transaction};
use hal_mapped::Mapped;
use machine::Machine;
use span::pri::Pri;
use span::{Input, Output};
use units::{BoxId, Cause, Digits, Instant, LegId, LineId, Mint, PortId, Timeslot};

use crate::capture::Capture;
use crate::wire::Wire;
use crate::{AT_ONCE, CALLED, CALLING};

/// The kind of a line's records, as in the core.
const LINE: u8 = 1;

/// What keeps the changes of one end, as the core's keeper does.
struct Keeping {
    ledger: Ledger,
    journal: Journal<Mapped>,
    gate: Gate<LineId, ()>,
    /// The frames that wait at the gate: all of one line, so they leave in their order.
    held: Wire,
    room: Vec<u8>,
    transaction: Transaction,
    changes: u64,
    /// What the journal refused.
    fault: Option<String>,
}

struct End {
    line: Pri,
    id: LineId,
    /// Frames on their way to it.
    wire: Wire,
    /// Requests that follow from what the line said.
    work: VecDeque<Request>,
    offered: Vec<LegId>,
    answered: usize,
    released: usize,
    keeping: Option<Keeping>,
    /// Nanoseconds of keeping, while it is watched.
    keeping_ns: Option<u64>,
}

/// Both ends: the user and the network.
pub(crate) struct Ours {
    ends: [End; 2],
    now: Instant,
    next_leg: u64,
    calling: Calling,
    called: Digits,
    capture: Option<Capture>,
}

fn end(role: q921::Role, journal: Option<&Path>) -> Result<End, String> {
    let id = LineId(if role == q921::Role::User { 1 } else { 2 });
    // Start 0: call references begin with 1, as libpri's.
    let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D);
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
                held: Wire::new(),
                room: vec![0; limits::SNAPSHOT_OCTETS],
                transaction: Transaction::new(),
                changes: 0,
                fault: None,
            })
        }
    };
    let mut line = Pri::new(id, role, Mint::new(BoxId(1), 0, id.0), slots.zip((0..).map(PortId)));
    // As libpri's pair, whoever calls.
    let side = if role == q921::Role::User { Side::User } else { Side::Network };
    let hunt = Some(Hunt::Down);
    line.configure(Instant::ZERO, &Access { side, hunt, ..Access::default() });
    Ok(End {
        line,
        id,
        wire: Wire::new(),
        work: VecDeque::new(),
        offered: vec![],
        answered: 0,
        released: 0,
        keeping_ns: None,
        keeping,
    })
}

/// Where the frames of an end go.
struct Way<'a> {
    wire: &'a mut Wire,
    from_network: bool,
    capture: &'a mut Option<Capture>,
}

impl Way<'_> {
    fn carry(&mut self, frame: &[u8]) {
        if let Some(capture) = self.capture {
            capture.push(self.from_network, frame);
        }
        self.wire.push(frame);
    }
}

impl End {
    /// The next frame comes; whether there was one.
    fn hear(&mut self, now: Instant, way: &mut Way<'_>) -> bool {
        let Some(frame) = self.wire.front() else { return false };
        self.line.take(now, Input::Frame(frame));
        self.wire.pop();
        self.settle(now, way);
        true
    }

    /// What follows from one input, as in the core: all work is done, what changed is kept as one
    /// change, and then the frames leave.
    fn settle(&mut self, now: Instant, way: &mut Way<'_>) {
        self.collect(way);
        while let Some(request) = self.work.pop_front() {
            self.line.take(now, Input::Request(request));
            self.collect(way);
        }
        if self.keeping.is_none() {
            return;
        }
        let begin = self.keeping_ns.map(|_| own_ns());
        self.keep(now, way);
        if let (Some(passed), Some(begin)) = (&mut self.keeping_ns, begin) {
            *passed += own_ns() - begin;
        }
    }

    fn collect(&mut self, way: &mut Way<'_>) {
        while let Some(output) = self.line.poll() {
            match output {
                Output::Transmit(frame) => match &mut self.keeping {
                    None => way.carry(frame),
                    Some(keeping) => {
                        keeping.held.push(frame);
                        keeping.gate.submit(self.id, ());
                    }
                },
                Output::Indication(Indication::Offered { leg, .. }) => {
                    self.offered.push(leg);
                    self.work.push_back(Request::Proceed { leg });
                    self.work.push_back(Request::Alert { leg });
                }
                Output::Indication(Indication::Answered { .. }) => self.answered += 1,
                Output::Indication(Indication::Released { .. }) => self.released += 1,
                _ => {}
            }
        }
    }

    fn keep(&mut self, now: Instant, way: &mut Way<'_>) {
        let Some(keeping) = &mut self.keeping else { return };
        let Keeping { ledger, journal, gate, held, room, transaction, changes, fault } = keeping;
        let id = u64::from(self.id.0) << 32;
        let written = self.line.changed(room, &mut |part, octets| {
            ledger.note(Key { kind: LINE, id: id | u64::from(part) }, octets);
        });
        if let Err(trouble) = written {
            *fault = Some(format!("{trouble:?}"));
        }
        if ledger.take_into(transaction) {
            let change = gate.change();
            if journal.append(now, transaction).is_err() {
                *fault = Some("the journal is full".into());
            }
            gate.safe_up_to(change);
            *changes += 1;
        } else {
            gate.no_change();
        }
        while gate.poll().is_some() {
            if let Some(frame) = held.front() {
                way.carry(frame);
                held.pop();
            }
        }
    }

    /// What went wrong beside the calls.
    fn trouble(&self) -> Option<String> {
        let held = self.keeping.as_ref().map_or(0, |keeping| keeping.held.lost);
        let lost = (self.wire.lost + held > 0).then(|| "the wire is full".into());
        lost.or_else(|| self.keeping.as_ref()?.fault.clone())
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
        };
        for at in [0, 1] {
            ours.input(at, Input::Layer1 { of: 0, up: true });
        }
        ours.run()?;
        Ok(ours)
    }

    /// One end, and the way from it to the other.
    fn end(&mut self, at: usize) -> (&mut End, Way<'_>) {
        let [user, network] = &mut self.ends;
        let (near, far) = if at == 0 { (user, network) } else { (network, user) };
        let capture = &mut self.capture;
        (near, Way { wire: &mut far.wire, from_network: at == 1, capture })
    }

    fn input(&mut self, at: usize, input: Input<&[u8]>) {
        let now = self.now;
        let (end, mut way) = self.end(at);
        end.line.take(now, input);
        end.settle(now, &mut way);
    }

    /// Passes frames until none is on its way.
    fn run(&mut self) -> Result<(), String> {
        let now = self.now;
        for _ in 0..10_000 {
            let mut busy = false;
            for at in [0, 1] {
                let (end, mut way) = self.end(at);
                while end.hear(now, &mut way) {
                    busy = true;
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
                self.input(from, Input::Request(place));
                self.run()?;
            }
            self.next_leg += AT_ONCE as u64;
            for leg in self.ends[to].offered.clone() {
                self.input(to, Input::Request(Request::Answer { leg }));
                self.run()?;
            }
            if self.ends[from].answered != AT_ONCE {
                return Err(format!("{} of {AT_ONCE} are answered", self.ends[from].answered));
            }
            for leg in (first..).take(AT_ONCE).map(LegId) {
                let cause = Cause::NORMAL_CLEARING;
                self.input(from, Input::Request(Request::Release { leg, cause }));
                self.run()?;
            }
            let released = self.ends.iter().map(|end| end.released).sum::<usize>();
            if released != 2 * AT_ONCE {
                return Err(format!("{released} of {} legs are released", 2 * AT_ONCE));
            }
            for at in [0, 1] {
                let next = self.ends[at].line.poll_timeout();
                if next.is_some_and(|next| next <= self.now) {
                    let now = self.now;
                    let (end, mut way) = self.end(at);
                    end.line.handle_timeout(now);
                    end.settle(now, &mut way);
                }
            }
            self.run()?;
            if let Some(trouble) = self.ends.iter().find_map(End::trouble) {
                return Err(trouble);
            }
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
        for end in &mut self.ends {
            end.keeping_ns = Some(0);
        }
        self.calls(calls)?;
        Ok(self.ends.iter_mut().filter_map(|end| end.keeping_ns.take()).sum())
    }
}
