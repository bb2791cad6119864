//! The world: all devices, the time, and what is going to happen.
//!
//! ```text
//!   people ─ Exchange ═ Wire ═► ┌───────────┐ ◄─ Telephone ─ person
//!     1 to 4 trunks  ◄═ Wire ═  │ Appliance │ ◄─ ... up to 30
//!            Disk ◄────────────►│ (Control) │◄──── link ────► Daemon ─ operator
//!                               └───────────┘
//! ```
//!
//! Time jumps from one happening to the next. After each, all that the devices say is carried to
//! where it belongs, and the invariants are checked.

mod circuits;
mod happen;
mod line_thread;
mod lines;
mod people;

use std::collections::{BTreeMap, VecDeque};

use board::UnitKind;
use link::{Down, Up};
use machine::check::Random;
use ringmain_core::control::Said;
use ringmain_core::task::{Done, Task};
use units::{Duration, Instant, LegId, LineId, PortId};

use crate::Life;
use crate::appliance::cards::Gone;
use crate::appliance::{Appliance, jacks::Jacks, plant};
use crate::check::truth::Truth;
use crate::check::{self, Violation};
use crate::daemon::Daemon;
use crate::exchange_line::{self, ExchangeLine};
use crate::faults::kinds::{Fault, Kinds};
use crate::mix::Mix;
use crate::tally::Tally;
use crate::telephone::{self, Telephone};
use crate::trunk::Trunk;
use crate::trunk::circuits::EXCHANGE;
use crate::trunk::exchange::{self, Wish};
use line_thread::LineThread;

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A block of the D channel of a trunk; to the box or from it.
    Tick {
        trunk: usize,
        /// Of which cable.
        of: usize,
        to_box: bool,
    },
    /// The disk does its next task.
    Disk,
    /// It stands still for so many milliseconds.
    DiskStands(u64),
    /// What was said on the link arrives.
    ToDaemon(u32),
    ToCore(u32),
    Fold(u32),
    Acknowledge(u32, u64),
    ClipEnd(PortId, u32),
    Person(usize, LegId, exchange::Act),
    /// An exchange says what it held back.
    Signal(usize, Vec<u8>),
    /// Which telephone, in which generation.
    Telephone(usize, u32, telephone::Act),
    /// Somebody outside calls.
    Call,
    /// Something at an exchange line, in which generation.
    Line(usize, u32, exchange_line::Act),
    /// The person at a telephone thinks of calling.
    Whim(usize),
    /// An end of a trunk, the box or the exchange, looks at the bits of a circuit.
    Bits {
        trunk: usize,
        to: usize,
        port: PortId,
    },
    /// And listens for its tone.
    Tone {
        trunk: usize,
        to: usize,
        port: PortId,
    },
    /// An exchange puts a circuit back into service.
    Unblock(usize, units::Timeslot),
    /// Something happens at an audio jack.
    Jacks,
    Operator,
    /// A fault begins, at some trunk; or ends at one.
    Begin(Fault),
    End(Fault, usize),
    /// The line thread wakes up.
    Awake,
    /// The box looks at the calendar.
    Calendar,
    /// Power and daemon come back, if they were gone.
    Restart,
    /// Faults are lifted, people go home.
    Evening,
}

/// The world.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: Instant,
    queue: BTreeMap<(Instant, u64), Happening>,
    serial: u64,
    pub(crate) kinds: Kinds,
    pub(crate) mix: Mix,
    pub(crate) trunks: Vec<Trunk>,
    /// The card that is gone.
    pub(crate) gone: Option<Gone>,
    pub(crate) line_thread: LineThread,
    pub(crate) appliance: Appliance,
    pub(crate) telephones: Vec<Telephone>,
    /// Lines of an exchange at analog ports.
    pub(crate) lines: Vec<ExchangeLine>,
    pub(crate) jacks: Jacks,
    pub(crate) daemon: Daemon,
    pub(crate) truth: Truth,
    pub(crate) random: Random,
    pub(crate) calls_left: u32,
    /// Calls that came from outside.
    pub(crate) calls: u64,
    pub(crate) evening: bool,
    /// The evening came later, because a card was gone.
    pub(crate) late: bool,
    /// Blocks moved: the number in their marks.
    pub(crate) blocks: u64,
    /// Blocks that were found to cross a bridge.
    pub(crate) bridged: u64,
    /// Looks at conferences of several who heard each other.
    pub(crate) met: u64,
    pub(crate) happened: u64,
    /// The last time that something went wrong or somebody went home.
    pub(crate) unrest: Instant,
    /// Things that the core did.
    pub(crate) steps: u64,
    /// Before which of them it is killed, first to last.
    pub(crate) kills: VecDeque<u64>,
    /// Faults that really happened.
    pub(crate) tally: Tally,
    trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(life: &Life, traced: bool) -> Result<Self, Violation> {
        let Life { seed, mix, kinds, ref kills } = *life;
        let board =
            plant::board(mix).map_err(|fault| Violation::new("the board is read", fault))?;
        let layout = board.layout();
        let unit = |kind| layout.units.iter().position(|unit| unit.kind == kind).unwrap_or(0);
        let groups = layout.groups.iter().map(|group| Trunk::group(seed, &layout, group));
        let cas = layout.cas.iter().map(|cas| Trunk::circuits(seed, &layout, cas));
        let mut trunks: Vec<_> = groups.chain(cas).collect();
        trunks.sort_by_key(Trunk::span);
        let telephone = |(n, place): (u16, (LineId, PortId))| {
            Telephone::new(seed, mix, n, place, unit(UnitKind::Telephone(place.0)))
        };
        let telephones: Vec<_> = (1..).zip(layout.telephones()).map(telephone).collect();
        let lines = layout.trunks().map(|place| ExchangeLine::new(seed, place)).collect();
        let mut world = Self {
            now: Instant::from_millis(1),
            queue: BTreeMap::new(),
            serial: 0,
            kinds,
            mix,
            trunks,
            gone: None,
            line_thread: LineThread::default(),
            appliance: Appliance::new(layout, plant::prompts()),
            telephones,
            lines,
            jacks: Jacks::default(),
            daemon: Daemon::new(plant::wanted(mix))?,
            truth: Truth::default(),
            random: Random::new(seed),
            calls_left: 0,
            calls: 0,
            evening: true,
            late: false,
            blocks: 0,
            bridged: 0,
            met: 0,
            happened: 0,
            unrest: Instant::ZERO,
            steps: 0,
            kills: kills.iter().copied().collect(),
            tally: Tally::default(),
            trace: traced.then(Vec::new),
        };
        let now = world.now;
        for trunk in &mut world.trunks {
            for of in (0..).take(trunk.cables.len()) {
                trunk.exchange.far.handle(now, span::Input::Layer1 { of, up: true });
            }
        }
        world.power_on()?;
        world.daemon_start();
        world.later(60_000, Happening::Calendar);
        world.morning();
        world.carry()?;
        Ok(world)
    }

    /// People come, faults may happen.
    pub(crate) fn morning(&mut self) {
        (self.evening, self.late) = (false, false);
        self.calls_left = self.mix.calls;
        self.later(5000, Happening::Call);
        for telephone in 0..self.telephones.len() {
            let after = if telephone == 0 { 7000 } else { 6000 + self.random.below(60_000) };
            self.later(after, Happening::Whim(telephone));
        }
        for line in 0..self.lines.len() {
            let after = 5000 + self.random.below(30_000);
            self.later(after, Happening::Line(line, 0, exchange_line::Act::Call));
        }
        self.later(9000, Happening::Jacks);
        self.later(20_000, Happening::Operator);
        self.plan_faults();
    }

    pub(crate) fn later(&mut self, after_ms: u64, happening: Happening) {
        self.after(Duration::from_millis(after_ms), happening);
    }

    pub(crate) fn after(&mut self, after: Duration, happening: Happening) {
        self.serial += 1;
        self.queue.insert((self.now + after, self.serial), happening);
    }

    pub(crate) fn note(&mut self, text: impl FnOnce() -> String) {
        let now = self.now;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{now}  {}", text()));
        }
    }

    pub(crate) fn take_trace(&mut self) -> Vec<String> {
        self.trace.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// The next thing that happens, and all that follows from it. `false`: nothing before `until`.
    pub(crate) fn step(&mut self, until: Instant) -> Result<bool, Violation> {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        let appliance = self.appliance.poll_timeout();
        let exchanges = self.trunks.iter().filter_map(|trunk| trunk.exchange.far.poll_timeout());
        let exchange = exchanges.min();
        let next = [queued, appliance, exchange].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next <= until) else {
            self.now = until;
            return Ok(false);
        };
        self.now = self.now.max(next);
        self.happened += 1;
        if queued == Some(next) {
            if let Some((_, happening)) = self.queue.pop_first() {
                if !matches!(
                    happening,
                    Happening::Tick { .. }
                        | Happening::Disk
                        | Happening::Bits { .. }
                        | Happening::Tone { .. }
                ) {
                    self.note(|| format!("{happening:?}"));
                }
                self.happen(happening)?;
            }
        } else if appliance == Some(next) {
            let clock = self.appliance.clock(self.now);
            if let Some(control) = &mut self.appliance.control {
                control.timeout(clock);
            }
        } else {
            for trunk in &mut self.trunks {
                let far = &mut trunk.exchange.far;
                if far.poll_timeout().is_some_and(|at| at <= self.now) {
                    far.handle_timeout(self.now);
                }
            }
        }
        self.carry()?;
        check::after_event(self)?;
        Ok(true)
    }

    pub(crate) fn disk_done(&mut self, done: Done) -> Result<(), Violation> {
        if let Done::Appended { event, .. } = &done {
            self.truth.appended(event)?;
        }
        let clock = self.appliance.clock(self.now);
        if let Some(control) = &mut self.appliance.control {
            control.disk(clock, done);
        }
        Ok(())
    }

    pub(crate) fn daemon_says(&mut self, octets: &[u8]) {
        let clock = self.appliance.clock(self.now);
        if let Ok(message) = link::decode_down(octets)
            && let Some(control) = &mut self.appliance.control
        {
            if !matches!(message, Down::Ack { .. }) {
                let text = format!("{message:?}");
                let short: String = text.chars().take(100).collect();
                if let Some(trace) = &mut self.trace {
                    trace.push(format!("{}  daemon: {short}", self.now));
                }
            }
            control.daemon(clock, message);
        }
    }

    /// Carries what the devices say to where it belongs, until none says anything.
    pub(crate) fn carry(&mut self) -> Result<(), Violation> {
        loop {
            let said = self.appliance.control.as_mut().and_then(|control| control.poll());
            if let Some(said) = said {
                self.box_said(said)?;
                continue;
            }
            let mut quiet = true;
            for trunk in 0..self.trunks.len() {
                for wish in self.trunks[trunk].exchange.wishes(self.now) {
                    quiet = false;
                    self.exchange_wishes(trunk, wish);
                }
            }
            if quiet {
                return Ok(());
            }
        }
    }

    pub(crate) fn exchange_wishes(&mut self, trunk: usize, wish: Wish) {
        let name = self.trunks[trunk].span();
        match wish {
            Wish::Send(backup, frame) => {
                self.note(|| format!("exchange of {name} -> box {frame:02x?}, backup {backup}"));
                let of = self.trunks[trunk].backup.filter(|_| backup).unwrap_or(0);
                let wire = &mut self.trunks[trunk].cables[of].down;
                // A box without power hears nothing.
                if self.appliance.control.is_some() && wire.send(frame) {
                    self.later(2, Happening::Tick { trunk, of, to_box: true });
                }
            }
            Wish::Hold(after, message) => {
                self.note(|| format!("exchange of {name} holds back {message:02x?}"));
                self.trunks[trunk].harmed = true;
                self.later(after, Happening::Signal(trunk, message));
            }
            Wish::Later(after, leg, act) => self.later(after, Happening::Person(trunk, leg, act)),
            Wish::Bits(port, bits) => self.bits_shown(trunk, EXCHANGE, port, bits),
            Wish::Register(port, on) => self.listens(trunk, EXCHANGE, port, on),
            Wish::Tone(port, signal) => self.tone_sent(trunk, EXCHANGE, port, signal),
            Wish::Told(leg, indication) => {
                self.note(|| format!("exchange of {name}: {leg} {indication:?}"));
            }
        }
    }

    fn box_said(&mut self, said: Said) -> Result<(), Violation> {
        if self.kill_comes() {
            self.note(|| "killed".into());
            self.tally.count("core-killed");
            self.unrest = self.now;
            self.power_off(false);
            let after = self.random.below(1000);
            self.later(after, Happening::Restart);
            return Ok(());
        }
        match said {
            Said::Keep(keep) => self.appliance.keep(&keep)?,
            Said::Order(order) => self.ordered(order),
            Said::Task(task) => {
                if let Task::Append { detail, .. } = &task {
                    self.note(|| format!("box: {detail:?}"));
                    self.truth.told(self.now, detail)?;
                }
                self.appliance.disk.queue.push_back(task);
                self.disk_soon();
            }
            Said::Up(message) => self.up_message(&message)?,
            Said::Take(_) | Said::Upgrade(_) | Said::Stall(_) => {}
        }
        Ok(())
    }

    /// Whether the core is killed before it does the next thing.
    fn kill_comes(&mut self) -> bool {
        self.steps += 1;
        let at_random = self.kinds.has(Fault::Core) && !self.evening && self.random.one_in(400);
        let steps = self.steps;
        self.kills.pop_front_if(|at| *at <= steps).is_some() || at_random
    }

    pub(crate) fn disk_soon(&mut self) {
        let disk = &mut self.appliance.disk;
        if disk.busy || !disk.wants() {
            return;
        }
        disk.busy = true;
        // Slow now and then: another program has the disk.
        let slow = if self.random.one_in(200) { 300_000 } else { 3000 };
        let micros = Duration::from_micros(100 + self.random.below(slow));
        let stands = disk.stands_until - self.now;
        self.after(micros.max(stands), Happening::Disk);
    }

    fn up_message(&mut self, message: &Up) -> Result<(), Violation> {
        if let Up::Span { status, .. } = message {
            check::spans::status_is_what_the_card_told(self, status)?;
        }
        if !self.daemon.running {
            return Ok(());
        }
        let mut room = vec![0; link::chunk::MESSAGE];
        if let Ok(octets) = link::encode(message, &mut room) {
            self.daemon.to_daemon.push_back(octets.to_vec());
            if self.daemon.to_daemon.len() == 1 {
                let micros = 50 + self.random.below(2000);
                let session = self.daemon.session;
                self.after(Duration::from_micros(micros), Happening::ToDaemon(session));
            }
        }
        Ok(())
    }
}
