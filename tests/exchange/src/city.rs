//! The city as a whole: one loop over blocks and commands.

mod group;
mod incoming;
mod services;

use std::os::fd::AsFd;
use std::path::PathBuf;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde_json::{Value, json};
use units::Timeslot;

use crate::command::{Command, FaultKind, Stage, Step};
use crate::control::Control;
use crate::line::{Frame, Line};
use crate::pri::{self, CallRef, Pri, PriEvent, Side, Timers};
use crate::r2::Circuits;
use crate::script::Call;
use crate::signalling::Signalling;
use crate::subscriber::Subscriber;
use crate::telephone::Telephone;
use crate::trunk::{Kernel, Trunk};
use crate::{BLOCK, Error};
use incoming::{Dialling, Incoming};

/// What `--help` says.
pub const HELP: &str = include_str!("help.txt");

/// Milliseconds that the loop sleeps when nothing comes.
const IDLE_MS: u16 = 20;
/// Calls at once on a span: one for each slot, and those that are being cleared.
const MOST_CALLS: usize = 64;

/// What the city is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Directory of the sockets.
    pub dir: PathBuf,
    /// Which E1.
    pub span: usize,
    /// The slot of its D channel.
    pub data: Timeslot,
    /// More E1 that this D channel controls.
    pub group: Vec<usize>,
    /// The one of them that has the backup D channel, in the same slot.
    pub backup: Option<usize>,
    /// How many telephones.
    pub ports: usize,
    /// How many lines the exchange has for the box.
    pub lines: usize,
    /// Shift of the bits, 0 to 7.
    pub bit_offset: u8,
    /// CRC-4 multiframe.
    pub crc4: bool,
    /// QSIG instead of EuroISDN.
    pub qsig: bool,
    /// Network or user.
    pub side: Side,
    /// Seed of the random.
    pub seed: u64,
    /// libpri's messages.
    pub debug: i32,
    /// libpri's timers.
    pub timers: Timers,
    /// The kernel's span instead of the virtual card's line, and the channels of telephones.
    pub kernel: Option<(i32, Vec<i32>)>,
    /// R2 instead of ISDN.
    pub r2: Option<R2Settings>,
    /// Digits of a number that the box calls; one that has fewer is asked for more.
    pub wants: usize,
}

/// R2 at the city's end.
#[derive(Clone, Debug)]
pub struct R2Settings {
    /// The folder with `r2/NAME.toml`.
    pub boards: PathBuf,
    /// The name.
    pub name: String,
    /// Digits of the numbers that the box calls; 0: a signal or a pause ends them.
    pub digits: u8,
}

/// Exchange and telephones.
pub struct City {
    settings: Settings,
    line: Trunk,
    /// Other spans of the group.
    others: Vec<Line>,
    pri: Signalling,
    control: Control,
    telephones: Vec<Telephone>,
    lines: Vec<Subscriber>,
    calls: Vec<Call>,
    dialling: Vec<Dialling>,
    incoming: Incoming,
    /// Added to the card's numbers of blocks: a new card begins at 1 again.
    base: u64,
    block: u64,
    link: bool,
    minted: u64,
    /// The exchange does more than basic calls when it is asked.
    offers: bool,
    quit: bool,
    /// The telephones are at their ports.
    plugged: bool,
}

impl City {
    /// Listens for commands; the card may come later.
    ///
    /// # Errors
    /// If the control socket or libpri cannot be had.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        let path = settings.dir.join(format!("e1-{}.sock", settings.span));
        let telephones = (1..=settings.ports).map(|number| {
            Telephone::new(number, settings.dir.join(format!("analog-{number}.sock")))
        });
        let lines = (1..=settings.lines).map(|number| {
            Subscriber::new(number, settings.dir.join(format!("exchange-{number}.sock")))
        });
        let lines = lines.collect();
        let mut line = match &settings.kernel {
            Some((span, phones)) => {
                Trunk::Kernel(Box::new(Kernel::open(*span, phones, settings.data)?))
            }
            None => {
                let Settings { bit_offset, crc4, seed, .. } = settings;
                let line = Line::new(path, bit_offset, crc4, seed);
                Trunk::Framed(Box::new(line.with_data(Some(settings.data.get().into()))))
            }
        };
        let pri = match &settings.r2 {
            None => {
                let Settings { side, qsig, debug, timers, backup, .. } = settings;
                let mut pri = Pri::new(side, qsig, debug, timers, backup.is_some())?;
                if !settings.group.is_empty() {
                    pri.control_several();
                }
                Signalling::Pri(pri)
            }
            Some(r2) => {
                line.carry_bits()?;
                let circuits = Circuits::new(&r2.boards, &r2.name, r2.digits)?;
                Signalling::R2(Box::new(circuits))
            }
        };
        Ok(Self {
            line,
            others: group::lines(&settings),
            pri,
            control: Control::open(&settings.dir, settings.span)?,
            telephones: telephones.collect(),
            lines,
            calls: Vec::new(),
            dialling: Vec::new(),
            incoming: Incoming {
                answer_after_ms: Some(500),
                alerting: true,
                cause: None,
                talk: None,
                by_number: false,
                name: String::new(),
            },
            base: 0,
            block: 0,
            link: false,
            minted: 0,
            offers: true,
            quit: false,
            plugged: true,
            settings,
        })
    }

    /// Runs until told to quit.
    pub fn run(mut self) {
        while !self.quit {
            self.wait();
            self.turn();
        }
    }

    /// Does all that can be done now.
    pub fn turn(&mut self) {
        for command in self.control.commands() {
            let call = match &command {
                Command::Call { id, .. } => Some(id.clone()),
                _ => None,
            };
            if let Err(error) = self.command(command) {
                let why = error.to_string();
                self.emit(json!({"event": "refused", "why": why, "call": call}));
            }
        }
        self.line.connect();
        let kernel = matches!(self.line, Trunk::Kernel(_));
        while let Some(sequence) = self.line.receive() {
            self.line_block(sequence);
            if kernel {
                // It waits for the next block: commands come first.
                break;
            }
        }
        self.other_lines();
        for index in 0..self.telephones.len() {
            if !kernel {
                if self.plugged {
                    self.telephones[index].connect();
                }
                while self.telephones[index].block(self.base) {}
            }
            for mut event in self.telephones[index].take_events() {
                // Which call a telephone is in is told by the noise that it hears.
                let expect = event["expect"].as_u64();
                let call = expect.and_then(|seed| self.calls.iter().find(|c| c.sends(seed)));
                if let Some(call) = call {
                    event["call"] = json!(call.id);
                }
                self.emit(event);
            }
        }
        for index in 0..self.lines.len() {
            self.lines[index].connect();
            while self.lines[index].block(self.base) {}
            for event in self.lines[index].take_events() {
                self.emit(event);
            }
        }
    }

    /// Sleeps until something comes.
    fn wait(&self) {
        if matches!(self.line, Trunk::Kernel(_)) {
            return;
        }
        let others = self.others.iter().filter_map(Line::stream);
        let lines = self.line.stream().into_iter().chain(others).map(AsFd::as_fd);
        // The card serves its ports in order: when the last one has its block, all have.
        let ports = self.telephones.iter().rev().find_map(Telephone::stream);
        let exchange = self.lines.iter().rev().find_map(Subscriber::stream);
        let ports = exchange.or(ports).map(AsFd::as_fd);
        let mut fds: Vec<PollFd<'_>> = lines
            .chain(ports)
            .chain(self.control.fds())
            .map(|fd| PollFd::new(fd, PollFlags::POLLIN))
            .collect();
        // Interrupted or not: the turn that follows looks at everything.
        let _ = poll(&mut fds, PollTimeout::from(IDLE_MS));
    }

    const fn now_us(&self) -> u64 {
        self.block * limits::TICK_US
    }

    const fn after(&self, ms: u64) -> u64 {
        self.now_us().saturating_add(ms.saturating_mul(1000))
    }

    fn emit(&mut self, event: Value) {
        let mut event = event;
        if let Some(fields) = event.as_object_mut() {
            let now = self.now_us();
            fields.entry("at_us").or_insert_with(|| json!(now));
        }
        self.control.broadcast(&event);
    }

    fn line_block(&mut self, sequence: u64) {
        if self.base + sequence < self.block {
            self.base = self.block;
        }
        self.block = self.base + sequence;
        let now_us = self.now_us();
        self.pri.hear(&mut self.line, now_us);
        self.pri_events();
        let mut out = [[0xD5; g704::FRAME]; BLOCK];
        self.span_block(0, self.block, &mut out);
        self.calls.retain(|call| !call.finished());
        self.pri.speak(&mut self.line, &mut out);
        if let Trunk::Kernel(kernel) = &mut self.line {
            kernel.telephones(self.block, &mut self.telephones);
        }
        self.line.send(sequence, self.now_us(), &out);
        self.libpri_texts();
    }

    fn libpri_texts(&mut self) {
        while let Some((error, text)) = pri::next_text() {
            let event = if error { "libpri_error" } else { "libpri_message" };
            self.emit(json!({"event": event, "text": text}));
        }
    }

    /// Sound and script of one call.
    fn call_block(
        &mut self,
        index: usize,
        block: u64,
        heard: &[Frame; BLOCK],
        out: &mut [Frame; BLOCK],
    ) {
        let now_us = self.now_us();
        let call = &mut self.calls[index];
        let slot = usize::from(call.slot & 31);
        let heard = heard.map(|frame| frame[slot]);
        let spoken = call.block(block, &heard);
        let (events, wish) = (call.take_events(), call.take_wish());
        if call.handle.is_some() {
            out.iter_mut().zip(spoken).for_each(|(frame, octet)| frame[slot] = octet);
        }
        let answer = call.answer_at_us.filter(|at| now_us >= *at && !call.hung_up);
        if let (Some(_), Some(handle)) = (answer, call.handle) {
            call.answer_at_us = None;
            let (id, slot) = (call.id.clone(), call.slot);
            if let Some(talk) = call.answer_with.take() {
                call.talk(talk);
            }
            self.show(handle);
            self.pri.answer(handle, slot);
            self.emit(json!({"event": "incoming_answered", "call": id}));
        }
        for event in events {
            self.emit(event);
        }
        if let Some(cause) = wish {
            let call = &mut self.calls[index];
            if let Some(handle) = call.handle {
                call.hung_up = true;
                self.pri.hang_up(handle, cause);
            }
        }
    }

    fn pri_events(&mut self) {
        while let Some(event) = self.pri.poll_event() {
            self.pri_event(event);
        }
    }

    fn pri_event(&mut self, event: PriEvent) {
        match event {
            PriEvent::Up => {
                self.link = true;
                self.emit(json!({"event": "link_up"}));
            }
            PriEvent::Down => {
                self.link = false;
                self.emit(json!({"event": "link_down"}));
            }
            PriEvent::Setup { call, channel, calling, called, user, name } => {
                self.dialled(Dialling { handle: call, channel, calling, called, user, name });
            }
            PriEvent::Shown { .. }
            | PriEvent::Deflect { .. }
            | PriEvent::Join { .. }
            | PriEvent::Notified(..)
            | PriEvent::Identified(_) => self.asked(event),
            PriEvent::Digits(call, digits) => {
                self.emit(json!({"event": "digits_heard", "digits": digits}));
                let found = self.dialling.iter().position(|dialling| dialling.handle == call);
                if let Some(at) = found {
                    let mut dialling = self.dialling.swap_remove(at);
                    dialling.called.push_str(&digits);
                    self.dialled(dialling);
                }
            }
            PriEvent::Proceeding(call) => self.reach(call, Stage::Proceeding, "proceeding"),
            PriEvent::MoreDigits(call) => self.reach(call, Stage::Proceeding, "setup_ack"),
            PriEvent::Alerting(call) => self.reach(call, Stage::Alerting, "alerting"),
            PriEvent::Connect(call) => self.reach(call, Stage::Answer, "answered"),
            PriEvent::Disconnect(call, cause) => {
                self.pri.hang_up(call, cause);
                self.released(call, cause, false);
            }
            PriEvent::Released(call, cause) => {
                self.pri.hang_up(call, cause);
                self.released(call, cause, true);
            }
            PriEvent::Gone(call) => self.released(call, 16, true),
            PriEvent::Uses(d_channel) => {
                self.emit(json!({"event": "d_channel", "of": d_channel}));
            }
            PriEvent::Restart(channel) => self.restarted(channel),
            PriEvent::RestartDone(channel) => {
                self.emit(json!({"event": "restart_done", "slot": channel}));
                self.destroy(channel);
            }
            PriEvent::Other(kind, text) if !text.is_empty() => {
                self.emit(json!({"event": "libpri_error", "kind": kind, "text": text}));
            }
            PriEvent::Other(..) => {}
        }
    }

    fn find(&mut self, handle: CallRef) -> Option<&mut Call> {
        self.calls.iter_mut().find(|call| call.handle == Some(handle))
    }

    fn reach(&mut self, handle: CallRef, stage: Stage, event: &str) {
        if let Some(call) = self.find(handle) {
            call.reach(stage);
            let id = call.id.clone();
            self.emit(json!({"event": event, "call": id}));
        }
    }

    /// The call is over, or (`gone`) libpri has forgotten it too.
    fn released(&mut self, handle: CallRef, cause: u8, gone: bool) {
        let Some(call) = self.find(handle) else { return };
        let first = call.release(cause);
        let by = if call.hung_up { "city" } else { "box" };
        let id = call.id.clone();
        if gone {
            call.handle = None;
        }
        if first {
            self.emit(json!({"event": "released", "call": id, "cause": cause, "by": by}));
        }
    }

    /// The box restarted a channel, or all: libpri has confirmed it and leaves the calls to us.
    fn restarted(&mut self, channel: i32) {
        self.emit(json!({"event": "restart", "slot": channel, "by": "box"}));
        self.destroy(channel);
    }

    /// A channel, or all, is idle now: its calls are over without a word.
    fn destroy(&mut self, channel: i32) {
        let hit = |call: &Call| channel < 0 || i32::from(call.slot) == channel;
        let handles: Vec<CallRef> =
            self.calls.iter().filter(|call| hit(call)).filter_map(|call| call.handle).collect();
        for handle in handles {
            self.pri.destroy(handle);
            self.released(handle, 41, true);
        }
    }

    fn command(&mut self, command: Command) -> Result<(), Error> {
        match command {
            Command::Call { id, called, calling, user, name, slot, script } => {
                self.place(id, [&called, &calling, &user, &name], slot, script)?;
            }
            Command::Telephone { port, .. } => self.telephone(port)?.obey(&command),
            Command::Lift { port, digits, talk } => self.telephone(port)?.lift(&digits, talk)?,
            Command::HangUp { port } => self.telephone(port)?.hang_up(),
            Command::Finish { id } => {
                self.calls.iter_mut().filter(|call| call.id == id).for_each(Call::finish_talk);
            }
            Command::LineCall { line, .. } | Command::Line { line, .. } => {
                let now_us = self.now_us();
                self.exchange_line(line)?.obey(command, now_us)?;
            }
            Command::Incoming { answer_after_ms, alerting, cause, talk, by_number, name } => {
                self.incoming =
                    Incoming { answer_after_ms, alerting, cause, talk, by_number, name };
            }
            Command::Charge { id, count, currency, each_s, last } => {
                self.charge(&id, count, &currency, each_s, last)?;
            }
            Command::Notify { id, what } => self.notify(&id, what)?,
            Command::Services { offered } => {
                self.offers = offered;
                self.pri.isdn()?.identifies(offered);
            }
            Command::Fault { kind, ms, rate, of: of @ 1.. } => self.fault_of(of, kind, ms, rate)?,
            Command::Fault { kind, ms, rate, of: 0 } => {
                if kind == FaultKind::Deaf {
                    self.pri.circuits()?.set_deaf(ms > 0);
                } else {
                    self.line.fault(kind, self.after(ms), rate)?;
                }
                self.emit(json!({"event": "fault", "kind": format!("{kind:?}"), "ms": ms}));
            }
            Command::Block { slot, on } => self.pri.circuits()?.block(slot, on),
            Command::Meter { pulses, every_ms } => self.pri.circuits()?.meter(pulses, every_ms)?,
            Command::Category { is } => {
                let category = units::Category::of_word(&is);
                let category = category.ok_or_else(|| Error::new(format!("no kind is {is}")))?;
                self.pri.circuits()?.set_category(category);
            }
            Command::RestartChannel { slot } => self.pri.restart(slot)?,
            Command::Telephones { there } => {
                self.plugged = there;
                if !there {
                    self.telephones.iter_mut().for_each(Telephone::unplug);
                }
            }
            Command::Status => self.status(),
            Command::Quit => self.quit = true,
        }
        Ok(())
    }

    fn telephone(&mut self, port: usize) -> Result<&mut Telephone, Error> {
        let found = self.telephones.iter_mut().find(|telephone| telephone.number() == port);
        found.ok_or_else(|| Error::new(format!("there is no telephone at port {port}")))
    }

    fn exchange_line(&mut self, line: usize) -> Result<&mut Subscriber, Error> {
        let found = self.lines.iter_mut().find(|of| of.number() == line);
        found.ok_or_else(|| Error::new(format!("there is no exchange line {line}")))
    }

    fn place(
        &mut self,
        id: String,
        [called, calling, user, name]: [&str; 4],
        slot: Option<u8>,
        script: Vec<Step>,
    ) -> Result<(), Error> {
        if self.calls.len() >= MOST_CALLS * (1 + self.others.len())
            || self.calls.iter().any(|call| call.id == id)
        {
            return Err(Error::new(format!("too many calls, or {id} is one already")));
        }
        let slot = slot.or_else(|| self.free_slot()).filter(|slot| self.has(*slot));
        let slot = slot.ok_or_else(|| Error::new("no free slot"))?;
        let (handle, slot) = self.pri.call(slot, calling, called, [user, name])?;
        self.emit(json!({"event": "setup_sent", "call": id, "slot": slot}));
        self.calls.push(Call::new(id, slot, handle, self.now_us(), script));
        Ok(())
    }

    fn status(&mut self) {
        let alarms = self.line.alarms();
        let (counters, bad_frames) = self.line.counters();
        let calls: Vec<Value> = self.calls.iter().map(Call::status).collect();
        let telephones: Vec<Value> = self.telephones.iter().map(Telephone::status).collect();
        let lines: Vec<Value> = self.lines.iter().map(Subscriber::status).collect();
        let event = json!({
            "event": "status", "link": self.link, "connected": self.line.connected(),
            "side": format!("{:?}", self.settings.side), "blocks": self.block,
            "alarms": {"los": alarms.los, "lof": alarms.lof, "ais": alarms.ais, "rai": alarms.rai,
                "lomf": alarms.lomf},
            "counters": {"crc_errors": counters.crc_errors,
                "far_crc_errors": counters.far_crc_errors, "fas_errors": counters.fas_errors,
                "losses_of_frame": counters.losses_of_frame, "bad_frames": bad_frames,
                "slips": self.line.slips(), "missing": self.line.missing()},
            "calls": calls, "telephones": telephones, "lines": lines,
        });
        self.emit(event);
    }
}
