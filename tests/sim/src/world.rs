//! The world: all devices, the time, and what is going to happen.
//!
//! ```text
//!   people ─ Exchange ═ Wire ═► ┌───────────┐ ◄─ Telephone ─ person
//!                    ◄═ Wire ═  │ Appliance │
//!            Disk ◄────────────►│ (Control) │◄──── link ────► Daemon ─ operator
//!                               └───────────┘
//! ```
//!
//! Time jumps from one happening to the next. After each, all that the devices say is carried to
//! where it belongs, and the invariants are checked.

use std::collections::{BTreeMap, VecDeque};

use link::{Down, Up};
use machine::Machine;
use machine::check::Random;
use ringmain_core::control::{Heard, Order, Said};
use ringmain_core::task::{Done, Task};
use units::{Duration, Instant, LegId, PortId};

use crate::appliance::Appliance;
use crate::cards::{Gone, Which};
use crate::check::{self, Violation};
use crate::daemon::Daemon;
use crate::exchange::{Exchange, Wish};
use crate::faults::{Fault, Kinds};
use crate::jacks::Jacks;
use crate::plant;
use crate::telephone::Telephone;
use crate::truth::Truth;
use crate::wire::{LineFaults, Wire};
use crate::{exchange, telephone};

/// Something that is going to happen.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    /// A block of the D channel; to the box or from it.
    Tick {
        to_box: bool,
    },
    /// The disk does its next task.
    Disk,
    /// What was said on the link arrives.
    ToDaemon(u32),
    ToCore(u32),
    Fold(u32),
    Acknowledge(u32, u64),
    ClipEnd(PortId, u32),
    Person(LegId, exchange::Act),
    Telephone(u32, telephone::Act),
    /// Somebody outside calls.
    Call,
    /// The person at the telephone thinks of calling.
    Whim,
    /// Something happens at an audio jack.
    Jacks,
    Operator,
    Fault(Fault),
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
    pub(crate) line: LineFaults,
    /// The card that is gone.
    pub(crate) gone: Option<Gone>,
    /// The line has carried no signal, for cable or card, since then.
    pub(crate) line_down_since: Option<Instant>,
    /// How the hook stands, as the box was told last.
    pub(crate) hook_told: Option<bool>,
    pub(crate) down: Wire,
    pub(crate) up: Wire,
    pub(crate) appliance: Appliance,
    pub(crate) exchange: Exchange,
    pub(crate) telephone: Telephone,
    pub(crate) jacks: Jacks,
    pub(crate) daemon: Daemon,
    pub(crate) truth: Truth,
    pub(crate) random: Random,
    pub(crate) calls_left: u32,
    pub(crate) evening: bool,
    /// The evening came later, because a card was gone.
    pub(crate) late: bool,
    /// Blocks moved: the number in their marks.
    pub(crate) blocks: u64,
    /// Blocks that were found to cross a bridge.
    pub(crate) bridged: u64,
    pub(crate) happened: u64,
    /// The last time that something went wrong or somebody went home.
    pub(crate) unrest: Instant,
    /// Things that the core did.
    pub(crate) steps: u64,
    /// Before which of them it is killed, first to last.
    pub(crate) kills: VecDeque<u64>,
    trace: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(
        seed: u64,
        calls: u32,
        kinds: Kinds,
        kills: &[u64],
        traced: bool,
    ) -> Result<Self, Violation> {
        let layout = plant::board().map_err(|fault| Violation::new("the board is read", fault))?;
        let mut world = Self {
            now: Instant::from_millis(1),
            queue: BTreeMap::new(),
            serial: 0,
            kinds,
            line: LineFaults::default(),
            gone: None,
            line_down_since: None,
            hook_told: None,
            down: Wire::new(),
            up: Wire::new(),
            appliance: Appliance::new(layout.layout(), plant::prompts()),
            exchange: Exchange::new(seed),
            telephone: Telephone::new(seed),
            jacks: Jacks::default(),
            daemon: Daemon::new(plant::wanted())?,
            truth: Truth::default(),
            random: Random::new(seed),
            calls_left: calls,
            evening: false,
            late: false,
            blocks: 0,
            bridged: 0,
            happened: 0,
            unrest: Instant::ZERO,
            steps: 0,
            kills: kills.iter().copied().collect(),
            trace: traced.then(Vec::new),
        };
        world.exchange.pri.handle(world.now, span::Input::Layer1 { up: true });
        world.power_on()?;
        world.daemon_start();
        world.later(5000, Happening::Call);
        world.later(7000, Happening::Whim);
        world.later(9000, Happening::Jacks);
        world.plan_faults();
        world.carry()?;
        Ok(world)
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
        self.trace.take().unwrap_or_default()
    }

    /// The next thing that happens, and all that follows from it. `false`: nothing before `until`.
    pub(crate) fn step(&mut self, until: Instant) -> Result<bool, Violation> {
        let queued = self.queue.first_key_value().map(|((at, _), _)| *at);
        let appliance = self.appliance.poll_timeout();
        let exchange = self.exchange.pri.poll_timeout();
        let next = [queued, appliance, exchange].into_iter().flatten().min();
        let Some(next) = next.filter(|next| *next <= until) else {
            self.now = until;
            return Ok(false);
        };
        self.now = self.now.max(next);
        self.happened += 1;
        if queued == Some(next) {
            if let Some((_, happening)) = self.queue.pop_first() {
                if !matches!(happening, Happening::Tick { .. } | Happening::Disk) {
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
            self.exchange.pri.handle_timeout(self.now);
        }
        self.carry()?;
        check::after_event(self)?;
        Ok(true)
    }

    /// The box hears something, if it lives.
    pub(crate) fn heard(&mut self, heard: Heard) {
        let clock = self.appliance.clock(self.now);
        if let Some(control) = &mut self.appliance.control {
            control.heard(clock, heard);
        }
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
    fn carry(&mut self) -> Result<(), Violation> {
        loop {
            let said = self.appliance.control.as_mut().and_then(|control| control.poll());
            if let Some(said) = said {
                self.box_said(said)?;
                continue;
            }
            let wishes = self.exchange.wishes(self.now);
            if wishes.is_empty() {
                return Ok(());
            }
            for wish in wishes {
                self.exchange_wishes(wish);
            }
        }
    }

    fn exchange_wishes(&mut self, wish: Wish) {
        match wish {
            Wish::Send(frame) => {
                self.note(|| format!("exchange -> box {frame:02x?}"));
                // A box without power hears nothing.
                if self.appliance.control.is_some() && self.down.send(frame) {
                    self.later(2, Happening::Tick { to_box: true });
                }
            }
            Wish::Later(after, leg, act) => self.later(after, Happening::Person(leg, act)),
            Wish::Told(leg, indication) => self.note(|| format!("exchange: {leg} {indication:?}")),
        }
    }

    fn box_said(&mut self, said: Said) -> Result<(), Violation> {
        if self.kill_comes() {
            self.note(|| "killed".into());
            self.unrest = self.now;
            self.power_off(false);
            let after = self.random.below(1000);
            self.later(after, Happening::Restart);
            return Ok(());
        }
        match said {
            Said::Keep(keep) => self.appliance.keep(&keep)?,
            Said::Order(order) => self.order(order),
            Said::Task(task) => {
                if let Task::Append { detail, .. } = &task {
                    self.note(|| format!("box: {detail:?}"));
                    self.truth.told(detail)?;
                }
                self.appliance.disk.queue.push_back(task);
                self.disk_soon();
            }
            Said::Up(message) => self.up_message(&message),
            Said::Upgrade(_) | Said::Stall(_) => {}
        }
        Ok(())
    }

    /// Whether the core is killed before it does the next thing.
    fn kill_comes(&mut self) -> bool {
        self.steps += 1;
        let at_random = self.kinds.core && !self.evening && self.random.one_in(400);
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
        let micros = 100 + self.random.below(slow);
        self.after(Duration::from_micros(micros), Happening::Disk);
    }

    fn up_message(&mut self, message: &Up) {
        if !self.daemon.running {
            return;
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
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Engine(command) => {
                self.note(|| format!("engine: {}", short(&command)));
                if let Some((port, generation, after)) = self.appliance.matrix.command(command) {
                    self.after(after, Happening::ClipEnd(port, generation));
                }
            }
            Order::Frame(_, frame) => {
                self.note(|| format!("box -> exchange {frame:02x?}"));
                if self.up.send(frame) {
                    self.later(2, Happening::Tick { to_box: false });
                }
            }
            Order::Ring(_, on) => {
                let on = on && !self.is_gone(Which::Telephone);
                self.telephone.ringing = on;
                if on && let Some(after) = self.telephone.rings() {
                    let generation = self.telephone.generation;
                    self.later(after, Happening::Telephone(generation, telephone::Act::Lift));
                }
            }
            Order::Reversed(..) | Order::Cas(..) => {}
        }
    }
}

/// A command without the octets of its clip.
fn short(command: &engine::Command) -> String {
    match command {
        engine::Command::Play { port, token, clip, last } => {
            format!("Play {port} token {token}, {} octets, last {last}", clip.len())
        }
        other => format!("{other:?}"),
    }
}
