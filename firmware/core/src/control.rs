//! Everything that the control thread owns, as one plain machine of machines: lines, calls, flows,
//! the gate, the feed of events. No thread, socket, disk or clock; the simulator runs it as it is.
//!
//! ```text
//!  line thread ── Heard ──► ┌─────────────────────────────┐ ── Said::Order ──► line thread
//!  disk thread ── Done ───► │ lines ◄─► calls ◄─► flows   │ ── Said::Task ───► disk thread
//!  daemon ─────── Down ───► │        gate      feed       │ ── Said::Up ─────► daemon
//!                           └─────────────────────────────┘
//! ```
//!
//! It assembles and carries from one machine to the next; what is decided is decided in them. Work
//! that one machine makes for another waits in a queue, so that no machine is entered twice.

mod bench;
mod calls;
mod conferences;
#[cfg(test)]
mod conferences_tests;
mod daemon;
mod go_on;
#[cfg(test)]
mod go_on_tests;
#[cfg(test)]
mod golden_tests;
mod held;
mod jacks;
#[cfg(test)]
mod jacks_tests;
mod keep;
mod lines;
mod listen;
mod music;
mod muting;
#[cfg(test)]
mod muting_tests;
mod publish;
mod recording;
#[cfg(test)]
mod recording_tests;
mod sockets;
mod sound;
mod sounds;
mod status;
#[cfg(test)]
mod tests;
mod trace;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use call::{Call, Directory};
use engine::{Clip, Command};
use ha::Gate;
use hal_card::{Alarms, Counters, Frame};
use ivr::{Flow, Program};
use link::{Alarm, Detail, JournalStatus, Trouble, Up, Voltages};
use machine::Machine;
use span::performance::Performance;
use span::{Exchange, Line};
use units::time::UtcMapping;
use units::{
    BoxId, CallId, ContentHash, Digit, Finding, Instant, LegId, LineId, MfSignal, Mint, PortId,
    Slots, SpanId, Tenant,
};

use crate::feed::Feed;
use crate::recordings::Take;
use crate::task::{Current, Done, Known, PromptFault, Task};
use bench::Test;
use board::{Layout, PlaceKind};
pub use go_on::{Record, Unreadable};
use jacks::Players;
use keep::Keeper;
pub use keep::{Keep, calls, read_anchor};
use lines::lines;
use music::MUSIC;
use publish::Pending;
use sockets::Sockets;
use sounds::Sounds;
use status::Woke;
use trace::Trace;

/// What the line thread tells, and the threads of pins and buses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A frame came whole.
    Frame(SpanId, Frame),
    /// A frame came damaged and was dropped.
    BadFrame(SpanId),
    /// The alarms of a span changed.
    Alarms(SpanId, Alarms),
    /// What a span has counted.
    Counters(SpanId, Counters),
    /// A handset was lifted or hung up.
    Hook(PortId, bool),
    /// The signalling bits of a circuit changed.
    Cas(PortId, u8),
    /// A register signal began at a port, or ended.
    Mf(PortId, Option<MfSignal>),
    /// Something on the wires of an exchange line.
    Exchange(PortId, Exchange),
    /// A key was pressed.
    Digit(PortId, Digit),
    /// The clips of a token were played.
    Played(PortId, u16),
    /// Who or what is there was found in the sound of a port.
    Found(PortId, Finding),
    /// A second of a test at a port: what was counted, and whether the pattern is there.
    Tested(PortId, engine::Count, bool),
    /// A second of the sound that is looked at.
    Sound(PortId, engine::Sound),
    /// Blocks were lost.
    Missing(u32),
    /// A card stopped answering.
    CardGone,
    /// A card answers again.
    CardBack,
    /// What keeps a socket from working changed; by its index in the layout.
    Trouble(u16, Option<Trouble>),
    /// What the card measures at a socket.
    Voltages(u16, Voltages),
    /// The button of a socket was held to the end.
    ButtonHeld(u16),
    /// The button of a socket was pressed.
    ButtonPressed(u16),
}

/// What the line thread shall do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Change what is heard.
    Engine(Command),
    /// Send a frame.
    Frame(SpanId, Frame),
    /// Ringing current at a telephone port.
    Ring(PortId, bool),
    /// Reversed feeding at a telephone port.
    Reversed(PortId, bool),
    /// Signalling bits of a circuit.
    Cas(PortId, u8),
    /// The loop of an exchange line closed or open.
    Loop(PortId, bool),
}

/// What control wants of its surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// For the journal, before anything else; then [`Control::kept`].
    Keep(Keep),
    /// For the line thread.
    Order(Order),
    /// For the disk thread.
    Task(Task),
    /// For the thread of recordings.
    Take(Take),
    /// For the daemon.
    Up(Up),
    /// Start a new program and let it take over; then [`Control::upgraded`].
    Upgrade(u32),
    /// For tests that allow it: do nothing for so many milliseconds.
    Stall(u32),
}

/// Whose outputs wait for each other at the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Line(LineId),
    Call(CallId),
    /// The box itself.
    Box,
}

/// One thing that a machine has to be told.
#[derive(Debug)]
enum Work {
    Line(LineId, span::Input),
    Call(CallId, call::Input),
    Flow(CallId, ivr::Input),
    /// A flow wants a step.
    Fetch(CallId, ivr::StepId),
}

/// Who this box is and what it may do.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// Which box.
    pub box_id: BoxId,
    /// Whose calls these are, unless the directory says otherwise.
    pub tenant: Tenant,
    /// Whether commands that only tests need are obeyed.
    pub tests_allowed: bool,
}

/// What is known of a span beside its line.
#[derive(Clone, Debug, Default)]
struct SpanFacts {
    alarms: Alarms,
    counters: Counters,
    bad_frames: u64,
    frames_in: u64,
    frames_out: u64,
    capturing: bool,
    data_link: bool,
    /// There are counters of this start.
    counted: bool,
    performance: Performance,
}

#[derive(Clone, Copy, Debug)]
struct Leg {
    call: CallId,
    line: LineId,
}

/// All machines of one core.
#[derive(Debug)]
pub struct Control {
    identity: Identity,
    boot: u32,
    spool: u64,
    utc: UtcMapping,
    layout: Layout,
    sockets: Sockets,
    players: Players,
    rooms: call::Rooms,
    mint: Mint,
    lines: BTreeMap<LineId, Line>,
    spans: BTreeMap<SpanId, SpanFacts>,
    calls: BTreeMap<CallId, Call>,
    flows: BTreeMap<CallId, Flow>,
    legs: BTreeMap<LegId, Leg>,
    ports: BTreeMap<PortId, CallId>,
    directory: Directory,
    current: Option<Current>,
    programs: BTreeMap<ContentHash, Arc<Program>>,
    prompts: BTreeMap<ContentHash, Result<Clip, PromptFault>>,
    pending: Option<Pending>,
    gate: Gate<Key, Said>,
    keeper: Keeper,
    sounds: Sounds,
    /// Prompts that the start asked for and the disk has not brought.
    loading: BTreeSet<ContentHash>,
    woke: Woke,
    journal: Option<JournalStatus>,
    /// The origin of the last record told.
    next_origin: u64,
    feed: Feed,
    daemon: bool,
    room: bool,
    /// Records that the disk refused; tried again.
    unsaved: VecDeque<(units::Utc, Detail, u64)>,
    retry: Option<Instant>,
    missing: u64,
    test: Option<Test>,
    looked: Option<sound::Looked>,
    listened: Vec<listen::Listened>,
    recordings: recording::Recordings,
    muted: BTreeMap<CallId, muting::Muted>,
    /// What the operator has blocked.
    held: BTreeMap<SpanId, Slots>,
    trace: Trace,
    work: VecDeque<Work>,
    said: VecDeque<Said>,
}

/// Steps of work that one input may cause.
const WORK_PER_INPUT: usize = 10_000;
/// Records kept in memory while the disk refuses them.
const UNSAVED: usize = 1024;

impl Control {
    /// All machines of a box with this layout, with what the disk knew. `journal`: changes are
    /// kept, and [`Said::Keep`] is obeyed. `fetch` brings published documents.
    #[must_use]
    pub fn new(
        identity: Identity,
        layout: Layout,
        known: &Known,
        utc: UtcMapping,
        journal: bool,
        fetch: &mut dyn FnMut(ContentHash) -> Option<Vec<u8>>,
    ) -> Self {
        let mut control = Self::bare(identity, layout, known, utc, journal);
        control.event(utc.at, Detail::CoreStarted { boot: known.boot });
        control.load(utc.at, known.current, fetch);
        control.run(utc.at);
        control.commit(utc.at);
        control
    }

    fn bare(
        identity: Identity,
        layout: Layout,
        known: &Known,
        utc: UtcMapping,
        journal: bool,
    ) -> Self {
        Self {
            identity,
            boot: known.boot,
            spool: known.spool,
            utc,
            mint: Mint::new(identity.box_id, known.boot, 0),
            lines: lines(identity.box_id, known.boot, &layout),
            spans: layout.all_spans().map(|span| (span, SpanFacts::default())).collect(),
            sockets: Sockets::new(&layout),
            players: Players::new(&layout),
            rooms: call::Rooms::default(),
            layout,
            calls: BTreeMap::new(),
            flows: BTreeMap::new(),
            legs: BTreeMap::new(),
            ports: BTreeMap::new(),
            directory: Directory::default(),
            current: None,
            programs: BTreeMap::new(),
            prompts: BTreeMap::new(),
            pending: None,
            gate: if journal { Gate::guarded() } else { Gate::open() },
            keeper: Keeper::new(journal),
            sounds: Sounds::default(),
            loading: BTreeSet::new(),
            woke: Woke::default(),
            journal: None,
            next_origin: known.origins.last().copied().unwrap_or(0),
            feed: Feed::new(known.acknowledged, known.last),
            daemon: false,
            room: true,
            unsaved: VecDeque::new(),
            retry: None,
            missing: 0,
            test: None,
            looked: None,
            listened: vec![],
            recordings: recording::Recordings::default(),
            muted: BTreeMap::new(),
            held: BTreeMap::new(),
            trace: Trace::new(),
            work: VecDeque::new(),
            said: VecDeque::new(),
        }
    }

    /// What UTC is now, measured again.
    pub fn set_utc(&mut self, utc: UtcMapping) {
        self.utc = utc;
    }

    /// The line thread tells something.
    pub fn heard(&mut self, now: Instant, heard: Heard) {
        match heard {
            Heard::Frame(span, frame) => self.frame(now, span, frame),
            Heard::BadFrame(span) => self.facts(span, |facts| facts.bad_frames += 1),
            Heard::Alarms(span, alarms) => self.alarms(now, span, alarms),
            Heard::Counters(span, counters) => self.counters(now, span, counters),
            Heard::Hook(port, off_hook) => self.hook(port, off_hook),
            Heard::Exchange(port, exchange) => {
                if let Some(PlaceKind::Trunk(line)) = self.layout.port(port).map(|p| p.kind) {
                    self.work.push_back(Work::Line(line, span::Input::Exchange(exchange)));
                }
            }
            Heard::Cas(port, bits) => {
                self.circuit(port, span::Input::Cas { port, bits });
            }
            Heard::Mf(port, signal) => self.circuit(port, span::Input::Mf { port, signal }),
            Heard::Digit(port, digit) => {
                if let Some(call) = self.ports.get(&port) {
                    self.work.push_back(Work::Call(*call, call::Input::Digit(port, digit)));
                }
            }
            Heard::Played(port, MUSIC) if self.waits_with_music(port) => self.more_music(port),
            Heard::Played(port, token) => {
                self.played(port, token);
                if let Some(call) = self.ports.get(&port) {
                    self.work.push_back(Work::Call(*call, call::Input::Played(port, token)));
                }
            }
            Heard::Found(port, finding) => {
                if let Some(call) = self.ports.get(&port) {
                    self.work.push_back(Work::Call(*call, call::Input::Found(finding)));
                }
            }
            Heard::Tested(port, count, locked) => self.tested(port, count, locked),
            Heard::Sound(port, sound) => self.sounded(port, &sound),
            Heard::Missing(blocks) => self.missing_blocks(now, blocks),
            Heard::CardGone => self.event(now, Detail::Alarm(Alarm::CardGone)),
            Heard::CardBack => self.event(now, Detail::Alarm(Alarm::CardBack)),
            Heard::Trouble(socket, trouble) => self.trouble(now, socket, trouble),
            Heard::Voltages(socket, voltages) => self.sockets.measured(socket, voltages),
            Heard::ButtonHeld(socket) => self.button_held(now, socket),
            Heard::ButtonPressed(socket) => self.button_pressed(socket),
        }
        self.run(now);
        self.commit(now);
    }

    fn trouble(&mut self, now: Instant, socket: u16, trouble: Option<Trouble>) {
        if let Some(label) = self.sockets.trouble(socket, trouble) {
            self.event(now, Detail::Alarm(Alarm::Port { label, trouble }));
        }
        // Also when it is no news: a line that goes on after a restart may think otherwise.
        self.device(socket, trouble.is_none());
        self.span_device(socket, trouble.is_none());
    }

    fn button_held(&mut self, now: Instant, socket: u16) {
        if let Some(status) = self.sockets.status(socket.into()) {
            self.event(now, Detail::Alarm(Alarm::ButtonHeld { label: status.label }));
        }
    }

    /// Hardware that no socket of the board file is.
    pub fn unexpected(&mut self, now: Instant, what: &str) {
        let label = link::Label::try_from(what).unwrap_or_default();
        let trouble = Some(Trouble::Unexpected);
        self.event(now, Detail::Alarm(Alarm::Port { label, trouble }));
        self.commit(now);
    }

    fn missing_blocks(&mut self, now: Instant, blocks: u32) {
        let before = self.missing;
        self.missing += u64::from(blocks);
        // Told at the first and at every doubling: a bad hour is ten events, not a million.
        if before.next_power_of_two() != self.missing.next_power_of_two() || before == 0 {
            let total = self.missing;
            self.event(now, Detail::Alarm(Alarm::BlocksMissing { total }));
        }
    }

    fn facts(&mut self, span: SpanId, change: impl FnOnce(&mut SpanFacts)) {
        if let Some(facts) = self.spans.get_mut(&span) {
            change(facts);
        }
    }

    fn frame(&mut self, now: Instant, span: SpanId, frame: Frame) {
        self.facts(span, |facts| facts.frames_in += 1);
        self.capture(now, span, false, &frame);
        let (line, of) = self.layout.line_of(span);
        if let Some(of_span) = self.lines.get_mut(&line) {
            of_span.take(
                now,
                match of {
                    0 => span::Input::Frame(&frame),
                    _ => span::Input::FrameBackup(&frame),
                },
            );
        }
        self.drain_line(now, line);
    }

    fn capture(&mut self, now: Instant, span: SpanId, sent: bool, frame: &Frame) {
        let lead = self.layout.line_of(span).0.span().unwrap_or(span);
        self.trace.frame(now, (lead, span), sent, frame);
        if self.spans.get(&span).is_some_and(|facts| facts.capturing) {
            let (at, frame) = (self.utc.utc(now), frame.to_vec());
            let line = self.lines.get(&self.layout.line_of(span).0);
            let network = line.is_some_and(Line::is_network);
            let task = Task::Captured { span, at, sent, network, frame };
            self.said.push_back(Said::Task(task));
        }
    }

    fn alarms(&mut self, now: Instant, span: SpanId, alarms: Alarms) {
        self.facts(span, |facts| facts.alarms = alarms);
        let Alarms { los, lof, ais, rai, .. } = alarms;
        self.event(now, Detail::Span { span, los, lof, ais, rai });
        // While the far side does not understand us there is nobody to set a link up with.
        let up = !alarms.mute();
        let (line, of) = self.layout.line_of(span);
        self.work.push_back(Work::Line(line, span::Input::Layer1 { of, up }));
    }

    /// A timer of some machine has come.
    pub fn timeout(&mut self, now: Instant) {
        let due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        let lines: Vec<_> =
            self.lines.iter().filter(|(_, m)| due(m.poll_timeout())).map(|(id, _)| *id).collect();
        for id in lines {
            if let Some(line) = self.lines.get_mut(&id) {
                line.handle_timeout(now);
            }
            self.drain_line(now, id);
            self.run(now);
        }
        let calls: Vec<_> =
            self.calls.iter().filter(|(_, m)| due(m.poll_timeout())).map(|(id, _)| *id).collect();
        for id in calls {
            self.guard(now, id, |call| call.handle_timeout(now));
            self.run(now);
        }
        let flows: Vec<_> =
            self.flows.iter().filter(|(_, m)| due(m.poll_timeout())).map(|(id, _)| *id).collect();
        for id in flows {
            if let Some(flow) = self.flows.get_mut(&id) {
                flow.handle_timeout(now);
            }
            self.drain_flow(id);
            self.run(now);
        }
        if due(self.retry) {
            self.save_again();
        }
        self.commit(now);
    }

    /// When [`Self::timeout`] wants to be called.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        let lines = self.lines.values().filter_map(Machine::poll_timeout).min();
        let calls = self.calls.values().filter_map(Machine::poll_timeout).min();
        let flows = self.flows.values().filter_map(Machine::poll_timeout).min();
        [lines, calls, flows, self.retry].into_iter().flatten().min()
    }

    /// The next thing to do elsewhere.
    pub fn poll(&mut self) -> Option<Said> {
        if let Some(keep) = self.keeper.poll() {
            return Some(Said::Keep(keep));
        }
        self.gate.poll().or_else(|| self.said.pop_front())
    }

    /// The disk has done something.
    pub fn disk(&mut self, now: Instant, done: Done) {
        match done {
            Done::Appended { event, origin } => {
                self.keeper.forget(keep::kind::OUT, origin);
                let want = self.feed.appended(event);
                self.wants(now, want);
            }
            Done::NotAppended { at, detail, origin, reason, dropped } => {
                self.not_appended(now, (at, detail, origin), reason, dropped);
            }
            Done::Room { enough } => self.room_changed(now, enough),
            Done::Read { from, events } => {
                let wants = self.feed.read(from, events);
                self.wants(now, wants);
            }
            Done::Command { token, outcome } => self.up(Up::Done { token, outcome }),
            Done::Fetched(hash, octets) => self.fetched(now, hash, octets),
            Done::Prompt(hash, clip) => self.prompt_loaded(now, hash, clip),
            Done::Taken { tap, kept, fault } => self.taken(now, tap, kept, fault),
            Done::Settled(id, kept) => self.recorded(now, id, kept, None),
            Done::Judged { token, status } => self.judged(token, status),
            Done::Capturing(span, on) => self.facts(span, |facts| facts.capturing = on),
            Done::Fault(errno) => self.event(now, Detail::Alarm(Alarm::StateUnwritable(errno))),
        }
        self.run(now);
        self.commit(now);
    }

    fn event(&mut self, now: Instant, detail: Detail) {
        let at = self.utc.utc(now);
        if detail.is_record() {
            self.out(at, detail);
        } else {
            self.send_out(at, detail, 0);
        }
    }

    /// Carries work from machine to machine until there is none.
    fn run(&mut self, now: Instant) {
        for _ in 0..WORK_PER_INPUT {
            match self.work.pop_front() {
                None => return,
                Some(Work::Line(id, input)) => {
                    self.comes_from(id, &input);
                    if let Some(line) = self.lines.get_mut(&id) {
                        line.handle(now, input);
                    }
                    self.drain_line(now, id);
                }
                Some(Work::Call(id, input)) => self.guard(now, id, |call| call.handle(now, input)),
                Some(Work::Fetch(id, step)) => self.fetch(now, id, step),
                Some(Work::Flow(id, input)) => {
                    if let Some(flow) = self.flows.get_mut(&id) {
                        flow.handle(now, input);
                    }
                    self.drain_flow(id);
                }
            }
        }
        // Machines that keep each other busy for ever: what is left is dropped, calls time out.
        self.work.clear();
    }
}
