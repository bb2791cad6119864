//! A user and a network on one D channel: calls, restart machines and data links of both, joined.
//! Every frame is kept, so that tshark can judge it.

use std::collections::VecDeque;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use machine::Machine;
use q921::{Frame, Input as Dl, Link, Output as DlOut};
use q931::wire::{Bearer, CallReference, ChannelId, Octets, PartyNumber, Received};
use q931::{
    Alone, Call, Config, Event, Input, Interface, InterfaceInput, InterfaceOutput, Output, Role,
    SetupParams, Stray, without_call,
};
use units::{Digits, Duration, Instant, Timeslot};

pub(crate) const USER: usize = 0;
pub(crate) const NETWORK: usize = 1;

/// The key of a call at one end: the value, and whether this end chose it.
pub(crate) type Key = (u16, bool);

pub(crate) struct End {
    pub(crate) config: Config,
    link: Link,
    pub(crate) calls: Vec<(Key, Alone)>,
    pub(crate) interface: Interface,
    pub(crate) events: Vec<(Key, Event)>,
    pub(crate) restarts: Vec<InterfaceOutput>,
    line: VecDeque<(Instant, Frame)>,
    next: u16,
    was_up: bool,
}

pub(crate) struct World {
    pub(crate) now: Instant,
    pub(crate) ends: [End; 2],
    pub(crate) cut: bool,
    frames: Vec<(Instant, usize, Frame)>,
}

pub(crate) fn digits(text: &str) -> Digits {
    Digits::parse(text).expect("digits")
}

pub(crate) fn slot(number: u8) -> Timeslot {
    Timeslot::new(number).expect("1 to 31")
}

pub(crate) fn params(called: &str) -> SetupParams {
    SetupParams {
        bearer: Bearer::SPEECH,
        channel: Some(ChannelId::exclusive(slot(1))),
        calling: Some(PartyNumber::unknown(digits("62551234"))),
        called: Some(PartyNumber::unknown(digits(called))),
        complete: true,
        display: None,
    }
}

impl End {
    /// The value that the next call of this end will have.
    pub(crate) fn next_value(&self) -> u16 {
        self.next
    }
}

impl World {
    /// Both ends with their link up.
    pub(crate) fn new() -> Self {
        let end = |role, dl| {
            let config = Config::new(role);
            End {
                config,
                link: Link::new(q921::Config::new(dl)),
                calls: vec![],
                interface: Interface::new(config),
                events: vec![],
                restarts: vec![],
                line: VecDeque::new(),
                next: 1,
                was_up: false,
            }
        };
        let ends = [end(Role::User, q921::Role::User), end(Role::Network, q921::Role::Network)];
        let now = Instant::from_millis(1000);
        let mut world = Self { now, ends, cut: false, frames: vec![] };
        world.data_link(USER, Dl::EstablishRequest);
        world.run(Duration::from_millis(100));
        world
    }

    pub(crate) fn place(&mut self, end: usize, params: SetupParams) -> Key {
        let this = &mut self.ends[end];
        let key = (this.next, true);
        this.next += 1;
        this.calls.push((key, Call::outgoing(this.config, key.0).into()));
        self.ask(end, key, Input::Setup(params));
        key
    }

    pub(crate) fn ask(&mut self, end: usize, key: Key, input: Input) {
        let Some((_, call)) = self.ends[end].calls.iter_mut().find(|(k, _)| *k == key) else {
            return;
        };
        call.handle(self.now, input);
        self.drain_calls(end);
    }

    pub(crate) fn restart(&mut self, end: usize, input: InterfaceInput) {
        self.ends[end].interface.handle(self.now, input);
        self.drain_interface(end);
    }

    pub(crate) fn data_link(&mut self, end: usize, input: Dl) {
        self.ends[end].link.handle(self.now, input);
        self.drain_link(end);
    }

    /// The events of an end since the last time.
    pub(crate) fn events(&mut self, end: usize) -> Vec<Event> {
        self.ends[end].events.drain(..).map(|(_, event)| event).collect()
    }

    fn drain_calls(&mut self, end: usize) {
        let mut index = 0;
        while let Some((key, call)) = self.ends[end].calls.get_mut(index) {
            let key = *key;
            match call.poll_output() {
                Some(Output::Transmit(octets)) => self.data_link(end, Dl::DataRequest(octets)),
                Some(Output::Event(event)) => self.ends[end].events.push((key, event)),
                None if call.is_alive() => index += 1,
                None => {
                    self.ends[end].calls.remove(index);
                }
            }
        }
    }

    fn drain_interface(&mut self, end: usize) {
        while let Some(output) = self.ends[end].interface.poll_output() {
            match &output {
                InterfaceOutput::Transmit(octets) => {
                    self.data_link(end, Dl::DataRequest(octets.clone()));
                    continue;
                }
                InterfaceOutput::RestartWanted { .. } => {
                    self.every_call(end, &Input::RestartChannel);
                    self.restart(end, InterfaceInput::Idle);
                }
                InterfaceOutput::Restarted { .. }
                | InterfaceOutput::RestartFailed { .. }
                | InterfaceOutput::IdleTooLate => {}
            }
            self.ends[end].restarts.push(output);
        }
    }

    fn every_call(&mut self, end: usize, input: &Input) {
        for (_, call) in &mut self.ends[end].calls {
            call.handle(self.now, input.clone());
        }
        self.drain_calls(end);
    }

    fn drain_link(&mut self, end: usize) {
        while let Some(output) = self.ends[end].link.poll_output() {
            match output {
                DlOut::Transmit(frame) => {
                    self.frames.push((self.now, end, frame.clone()));
                    if !self.cut {
                        let at = self.now + Duration::from_millis(5);
                        self.ends[1 - end].line.push_back((at, frame));
                    }
                }
                DlOut::Data(message) => self.message(end, &message),
                DlOut::EstablishIndication | DlOut::EstablishConfirm => {
                    let reset = core::mem::replace(&mut self.ends[end].was_up, true);
                    let input = if reset { Input::LinkReset } else { Input::LinkUp };
                    self.every_call(end, &input);
                }
                DlOut::ReleaseIndication => {
                    self.ends[end].was_up = false;
                    self.every_call(end, &Input::LinkDown);
                    self.restart(end, InterfaceInput::LinkDown);
                    self.ends[end].link.handle(self.now, Dl::EstablishRequest);
                }
                DlOut::ReleaseConfirm | DlOut::Error(_) | DlOut::Full | DlOut::NotEstablished => {}
            }
        }
    }

    fn message(&mut self, end: usize, octets: &Octets) {
        let Ok(received) = Received::parse(octets) else { return };
        let CallReference { value, flag, .. } = received.message.reference;
        if value == 0 {
            return self.restart(end, InterfaceInput::Message(received));
        }
        let key = (value, flag);
        if self.ends[end].calls.iter().any(|(k, _)| *k == key) {
            return self.ask(end, key, Input::Message(received));
        }
        match without_call(&self.ends[end].config, &received) {
            Stray::NewCall => {
                let config = self.ends[end].config;
                let call = Call::incoming(config, received.message.reference);
                self.ends[end].calls.push((key, call.into()));
                self.ask(end, key, Input::Message(received));
            }
            Stray::Ignore => {}
            Stray::Reply(octets) => self.data_link(end, Dl::DataRequest(octets)),
        }
    }

    fn next_event(end: &End) -> Option<Instant> {
        let timers = [end.link.poll_timeout(), end.interface.poll_timeout()];
        let calls = end.calls.iter().map(|(_, call)| call.poll_timeout());
        let line = end.line.front().map(|(at, _)| *at);
        timers.into_iter().chain(calls).fold(line, Instant::earliest)
    }

    /// Runs for a while.
    pub(crate) fn run(&mut self, time: Duration) {
        let until = self.now + time;
        for _ in 0..1_000_000 {
            let [a, b] = [0, 1].map(|end| Self::next_event(&self.ends[end]));
            let Some(at) = Instant::earliest(a, b).filter(|at| *at <= until) else {
                self.now = until;
                return;
            };
            self.now = self.now.max(at);
            for end in [USER, NETWORK] {
                self.step(end);
            }
        }
        panic!("the world does not come to rest");
    }

    fn step(&mut self, end: usize) {
        let now = self.now;
        if self.ends[end].line.front().is_some_and(|(at, _)| *at <= now)
            && let Some((_, frame)) = self.ends[end].line.pop_front()
        {
            self.data_link(end, Dl::Frame(frame));
        }
        self.ends[end].link.handle_timeout(now);
        self.drain_link(end);
        self.ends[end].interface.handle_timeout(now);
        self.drain_interface(end);
        for (_, call) in &mut self.ends[end].calls {
            call.handle_timeout(now);
        }
        self.drain_calls(end);
    }

    /// Puts a frame of the network into the capture that nobody sent.
    pub(crate) fn smuggle(&mut self, octets: &[u8]) {
        let frame = Frame::from_slice(octets).expect("short");
        self.frames.push((self.now, NETWORK, frame));
    }

    /// All frames as a capture of link type 177 (LINUX_LAPD).
    fn capture(&self) -> Vec<u8> {
        let mut file = vec![];
        for word in [0xA1B2_C3D4u32, 0x0002_0004, 0, 0, 65535, 177] {
            file.extend(word.to_le_bytes());
        }
        // Major and minor version stand the other way round in little endian.
        file[4..8].copy_from_slice(&[2, 0, 4, 0]);
        for (at, end, frame) in &self.frames {
            let length = u32::try_from(frame.len() + 16).expect("short");
            let seconds = u32::try_from(at.0 / 1_000_000).expect("short");
            let micros = u32::try_from(at.0 % 1_000_000).expect("short");
            for word in [seconds, micros, length, length] {
                file.extend(word.to_le_bytes());
            }
            // Packet type 4: sent; ARPHRD 8445 (LAPD); the first octet of the address says
            // which side sent it.
            let network = u8::from(*end == NETWORK);
            file.extend([0, 4, 0x20, 0xFD, 0, 0, network, 0, 0, 0, 0, 0, 0, 0, 0, 48]);
            file.extend(frame);
        }
        file
    }

    /// Shows all frames to tshark, and gives what it says of those that `filter` selects.
    pub(crate) fn ask_tshark(&self, name: &str, filter: &str) -> String {
        let path: PathBuf = [env!("CARGO_TARGET_TMPDIR"), name].iter().collect();
        fs::write(&path, self.capture()).expect("room for a capture");
        let answer = Command::new("tshark")
            .args(["-n", "-r"])
            .arg(&path)
            .args(["-Y", filter])
            .output()
            .expect("tshark is needed to judge the octets: install the package tshark");
        assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8_lossy(&answer.stdout).into_owned()
    }

    /// Fails if tshark finds fault with any frame.
    pub(crate) fn judge(&self, name: &str) {
        let faults = self.ask_tshark(name, "_ws.malformed || _ws.expert.severity >= 0x600000");
        assert!(faults.is_empty(), "{name}:\n{faults}");
    }
}
