//! Moves one block of every port each tick: who hears whom, prompts, tones, keys, registers.
//!
//! ```text
//!            octets in ──► linear ──┬──► keys (DTMF) ──► Notice
//!   port p                          │
//!            octets out ◄─ linear ◄─┴─ what p hears: another port, a conference, clips, a tone,
//!                                      nothing
//! ```
//!
//! What comes from a port goes through its echo canceller first, if it has one ([`Echo`]).
//!
//! Inside, sound is linear; a port's law is met only at the port. A path between two ports of one
//! law hands every octet through as it came.
//!
//! Everything is allocated when the engine is made. `tick` runs on the line thread.

mod caller;
mod command;
mod echo;
#[cfg(test)]
mod echo_tests;
mod exchange;
mod gain;
mod hearing;
#[cfg(test)]
mod hearing_tests;
mod line_echo;
mod port;
mod room;
#[cfg(test)]
mod room_tests;
#[cfg(test)]
mod tests;
mod tones;

use heapless::Deque;
use units::media::BLOCK_SAMPLES;
use units::{Gain, Law, LinearBlock, PortId};

pub use dsp_bert::Count;

use caller::Caller;
pub use command::{Clip, Command, Ear, Fsk, Lead, Notice, Tone};
pub use dsp_fsk::Standard;
use dsp_progress::Plan;
pub use echo::{Echo, EchoFigures, Sound, Tapped, tenths};
use exchange::Exchange;
use hearing::Hearing;
pub use line_echo::LineEcho;
use port::{Port, Queued, Source};
use room::Room;
pub use room::{Chime, RoomId};
pub use tones::{ATTENTION, Causes, FAILURES, Failure, TonePlan, interrupted};

/// Notices that one tick can bring: a key or a register signal, an end of clips, a second of a
/// test and a finding for every port, what an exchange says, and the
/// sound that is looked at.
const NOTICES: usize = 4 * limits::PORTS + limits::ANALOG_PORTS + 1;

/// The octets of one port in one tick.
pub type Octets = [u8; BLOCK_SAMPLES];

/// The switching matrix and all that is heard and listened for in it.
#[derive(Debug)]
pub struct Engine {
    ports: Vec<Port>,
    exchanges: Vec<Exchange>,
    callers: Vec<Caller>,
    rooms: Vec<Room>,
    ears: Vec<echo::Ear>,
    gains: Vec<(usize, gain::Tables)>,
    hearing: Vec<Hearing>,
    watch: Option<echo::Watch>,
    taps: heapless::Vec<(PortId, u32), { limits::TAPS }>,
    /// What came in this tick, without echo.
    clean: Vec<Octets>,
    /// What went out at the last one.
    sent: Vec<Octets>,
    /// Large: whoever moves the engine moves no notices.
    notices: Box<Deque<Notice, NOTICES>>,
    refused: u64,
    tones: TonePlan,
}

impl Engine {
    /// An engine with one port for each law given, all silent.
    #[must_use]
    pub fn new(laws: &[Law]) -> Self {
        let laws = || laws.iter().take(limits::PORTS);
        let idle: Vec<Octets> = laws().map(|law| [law.idle(); BLOCK_SAMPLES]).collect();
        Self {
            ports: laws().map(|law| Port::new(*law)).collect(),
            exchanges: vec![],
            callers: vec![],
            rooms: Room::all(),
            ears: vec![],
            gains: vec![],
            hearing: laws().map(|_| Hearing::default()).collect(),
            watch: None,
            taps: heapless::Vec::new(),
            clean: idle.clone(),
            sent: idle,
            notices: Box::default(),
            refused: 0,
            tones: TonePlan::default(),
        }
    }

    /// Gives these tones from now on.
    #[must_use]
    pub fn with_tones(mut self, tones: TonePlan) -> Self {
        self.tones = tones;
        self
    }

    /// Exchange lines stand at these ports, and give the tones of `plan`.
    #[must_use]
    pub fn with_exchanges(mut self, ports: impl Iterator<Item = PortId>, plan: &Plan) -> Self {
        let there = ports.filter_map(|port| Some((port, self.ports.get(usize::from(port.0))?.law)));
        let lines = there.map(|(port, law)| Exchange::new(port, law, plan));
        self.exchanges = lines.take(limits::ANALOG_PORTS).collect();
        self
    }

    /// The telephones at these ports are told who calls.
    #[must_use]
    pub fn with_callers(mut self, ports: impl Iterator<Item = PortId>, standard: Standard) -> Self {
        let there = ports.filter_map(|port| Some((port, self.ports.get(usize::from(port.0))?.law)));
        let callers = there.map(|(port, law)| Caller::new(port, law, standard));
        self.callers = callers.take(limits::ANALOG_PORTS).collect();
        self
    }

    /// The echo of these ports is taken away.
    #[must_use]
    pub fn with_echo(mut self, cancellers: Vec<(PortId, Box<dyn Echo>)>) -> Self {
        let there = cancellers.into_iter().filter_map(|(port, echo)| {
            Some(echo::Ear::new(port, self.ports.get(usize::from(port.0))?.law, echo))
        });
        self.ears = there.collect();
        self
    }

    /// The sound of these ports is made louder or quieter at their wires.
    #[must_use]
    pub fn with_gains(mut self, gains: impl Iterator<Item = (PortId, Gain)>) -> Self {
        let wanted = gains.filter(|(_, gain)| !gain.is_none());
        let there = wanted.filter_map(|(port, gain)| {
            let at = usize::from(port.0);
            Some((at, gain::Tables::new(self.ports.get(at)?.law, gain)))
        });
        self.gains = there.collect();
        self
    }

    /// Commands that named a port that is not there, or a clip too many.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    /// Changes what ports hear, from the next tick on.
    pub fn command(&mut self, command: Command) {
        let done = match command {
            Command::Join(a, b) => self.join(a, b),
            Command::Hear(listener, source) => self.listen_in(listener, source),
            Command::Meet { port, room, gain_db } => self.meet(port, room, gain_db),
            Command::Chime(room, chime) => self.room(room, |room| {
                room.chime(chime);
                true
            }),
            Command::Attention(port) => {
                let generator = tones::attention();
                self.port(port, |port| port.attend(generator))
            }
            Command::Silence(port) => self.port(port, Port::silence),
            Command::Tone(port, tone) => {
                let generator = self.tones.generator(tone);
                self.port(port, |port| port.tone(generator, tone == Tone::Howler))
            }
            Command::Listen(port, on) => self.port(port, |port| port.listen(on)),
            Command::MuteKeys(port, on) => self.port(port, |port| port.mute_keys(on)),
            Command::Register(port, direction) => self.port(port, |port| port.register(direction)),
            Command::Mf(port, signal) => {
                let mut sent = false;
                self.port(port, |port| sent = port.send_mf(signal)) && sent
            }
            Command::Exchange(port, ear) => self.exchange(port, |line| {
                line.listen(ear);
                true
            }),
            Command::CallerOctet(port, octet) => self.caller(port, |caller| caller.octet(octet)),
            Command::CallerKey(port, digit) => self.caller(port, |caller| caller.key(digit)),
            Command::Caller(port, lead) => self.caller(port, |caller| caller.send(lead)),
            Command::Key(port, digit) => self.exchange(port, |line| line.key(digit)),
            Command::Test(port, on) => self.port(port, |port| port.test(on)),
            Command::Judge(port) => {
                self.hearing.get_mut(usize::from(port.0)).map(Hearing::judge).is_some()
            }
            Command::Watch(port) => self.look(port),
            Command::Tap(port, tap) => self.tap(port, tap),
            Command::Untap(tap) => self.untap(tap),
            Command::Play { port, token, clip, last } => {
                let mut taken = false;
                self.port(port, |port| taken = port.play(Queued { token, clip, last })) && taken
            }
        };
        self.refused += u64::from(!done);
    }

    fn port(&mut self, port: PortId, change: impl FnOnce(&mut Port)) -> bool {
        self.ports.get_mut(usize::from(port.0)).map(change).is_some()
    }

    fn exchange(&mut self, port: PortId, change: impl FnOnce(&mut Exchange) -> bool) -> bool {
        self.exchanges.iter_mut().find(|line| line.port == port).is_some_and(change)
    }

    fn caller(&mut self, port: PortId, change: impl FnOnce(&mut Caller) -> bool) -> bool {
        self.callers.iter_mut().find(|caller| caller.port == port).is_some_and(change)
    }

    fn room(&mut self, room: RoomId, change: impl FnOnce(&mut Room) -> bool) -> bool {
        self.rooms.get_mut(usize::from(room.0)).is_some_and(change)
    }

    fn meet(&mut self, port: PortId, room: RoomId, gain_db: Option<i8>) -> bool {
        let there = usize::from(port.0) < self.ports.len();
        let Some(room) = self.rooms.get_mut(usize::from(room.0)).filter(|_| there) else {
            return false;
        };
        room.take(&mut self.ports, port, gain_db)
    }

    fn look(&mut self, port: Option<PortId>) -> bool {
        let law = port.map(|port| self.ports.get(usize::from(port.0)).map(|at| (port, at.law)));
        self.watch = law.flatten().map(|(port, law)| echo::Watch::new(port, law));
        law.is_none() || self.watch.is_some()
    }

    fn tap(&mut self, port: PortId, tap: u32) -> bool {
        self.untap(tap);
        usize::from(port.0) < self.ports.len() && self.taps.push((port, tap)).is_ok()
    }

    fn untap(&mut self, tap: u32) -> bool {
        self.taps.retain(|(_, of)| *of != tap);
        true
    }

    /// What the taps have of the last tick.
    pub fn tapped(&self) -> impl Iterator<Item = Tapped> {
        self.taps.iter().filter_map(|(port, tap)| {
            let at = usize::from(port.0);
            let law = self.ports.get(at)?.law;
            Some(Tapped { tap: *tap, law, came: *self.clean.get(at)?, sent: *self.sent.get(at)? })
        })
    }

    fn join(&mut self, a: PortId, b: PortId) -> bool {
        let exists = |port: PortId| usize::from(port.0) < self.ports.len();
        let both = a != b && exists(a) && exists(b);
        both && self.port(a, |port| port.hear(b)) && self.port(b, |port| port.hear(a))
    }

    fn listen_in(&mut self, listener: PortId, source: PortId) -> bool {
        let there = listener != source && usize::from(source.0) < self.ports.len();
        there && self.port(listener, |port| port.hear_player(source))
    }

    /// One tick: `rx` and `tx` hold one block for each port.
    pub fn tick(&mut self, rx: &[Octets], tx: &mut [Octets]) {
        self.take_in(rx);
        self.find();
        self.look_at(rx);
        self.listen(rx);
        self.send(tx);
        for room in &mut self.rooms {
            room.tick(&self.ports, &self.clean, tx);
        }
        for line in &mut self.exchanges {
            let at = usize::from(line.port.0);
            if let Some(notice) = self.clean.get(at).and_then(|octets| line.hear(octets)) {
                push(&mut self.notices, notice);
            }
            if let Some(octets) = tx.get_mut(at) {
                line.send(octets);
            }
        }
        for (at, tables) in &self.gains {
            if let Some(octets) = tx.get_mut(*at).filter(|_| self.ports[*at].has_gain()) {
                *octets = tables.going(octets);
            }
        }
        // The level of what telephones on hook are told is said for the wires themselves.
        self.tell_callers(tx);
        for (sent, octets) in self.sent.iter_mut().zip(tx) {
            *sent = *octets;
        }
    }

    /// What came, without its echo, and its levels where somebody looks.
    fn take_in(&mut self, rx: &[Octets]) {
        for (clean, octets) in self.clean.iter_mut().zip(rx) {
            *clean = *octets;
        }
        for (at, tables) in &self.gains {
            if self.ports[*at].has_gain() {
                self.clean[*at] = tables.coming(&self.clean[*at]);
            }
        }
        for ear in &mut self.ears {
            let at = usize::from(ear.port.0);
            let (Some(port), Some(came)) = (self.ports.get(at), self.clean.get(at)) else {
                continue;
            };
            self.clean[at] = ear.clean(port.has_voice(), came, &self.sent[at]);
        }
    }

    /// Who or what is there.
    fn find(&mut self) {
        let there = self.ports.iter().zip(&self.clean).zip(&mut self.hearing);
        for (index, ((port, octets), hearing)) in there.enumerate() {
            if !port.has_voice() {
                hearing.rest();
                continue;
            }
            let mut block = LinearBlock::SILENCE;
            g711::decode_block(port.law, octets, &mut block.samples);
            if let Some(finding) = hearing.push(&block) {
                push(&mut self.notices, Notice::Found(port_id(index), finding));
            }
        }
    }

    /// The levels of the port that somebody looks at.
    fn look_at(&mut self, rx: &[Octets]) {
        let Some(watch) = &mut self.watch else { return };
        let at = usize::from(watch.port.0);
        let (Some(came), Some(hearing)) = (rx.get(at), self.hearing.get(at)) else { return };
        let heard = (came, &self.clean[at]);
        let Some(mut sound) = watch.push(heard, &self.sent[at], hearing) else { return };
        let mut ears = self.ears.iter();
        sound.echo = ears.find(|ear| ear.port == watch.port).map(echo::Ear::figures);
        push(&mut self.notices, Notice::Sound(watch.port, sound));
    }

    /// Keys, register signals and the test pattern in what came.
    fn listen(&mut self, rx: &[Octets]) {
        for (index, (port, came)) in self.ports.iter_mut().zip(rx).enumerate() {
            let octets = &mut self.clean[index];
            if port.looks_for_keys()
                && !port.has_register()
                && let Some(digit) = port.keys(octets)
                && port.listening
            {
                push(&mut self.notices, Notice::Digit(port_id(index), digit));
            }
            if let Some(signal) = port.signal(octets) {
                push(&mut self.notices, Notice::Mf(port_id(index), signal));
            }
            port.next_of_attention();
            if let Some((count, locked)) = port.tested(came) {
                push(&mut self.notices, Notice::Tested(port_id(index), count, locked));
            }
        }
    }

    /// Who calls, over what telephones on hook would hear.
    fn tell_callers(&mut self, tx: &mut [Octets]) {
        for caller in &mut self.callers {
            if let Some(octets) = tx.get_mut(usize::from(caller.port.0)) {
                caller.fill(octets);
            }
        }
    }

    /// What every port hears in this tick.
    fn send(&mut self, tx: &mut [Octets]) {
        let mut block = LinearBlock::SILENCE;
        for index in 0..self.ports.len().min(tx.len()) {
            let (source, law) = (self.ports[index].source, self.ports[index].law);
            if self.ports[index].make_mf(&mut block) {
                g711::encode_block(law, &block.samples, &mut tx[index]);
                continue;
            }
            if let Some(block) = self.attention(index, source) {
                g711::encode_block(law, &block.samples, &mut tx[index]);
                continue;
            }
            match source {
                Source::Port(other) => tx[index] = self.passed(usize::from(other.0), law),
                Source::Player(other) => tx[index] = self.played(usize::from(other.0), law),
                // Filled by its room.
                Source::Room(_) | Source::Silence => tx[index] = [law.idle(); BLOCK_SAMPLES],
                Source::Pattern => tx[index] = self.ports[index].pattern(),
                Source::Tone | Source::Clips => {
                    if let Some(token) = self.ports[index].make(&mut block) {
                        push(&mut self.notices, Notice::Played(port_id(index), token));
                    }
                    g711::encode_block(law, &block.samples, &mut tx[index]);
                }
            }
        }
    }

    /// The block of the attention tone that a port hears: its own, or that of whom it hears.
    fn attention(&self, index: usize, source: Source) -> Option<&LinearBlock> {
        let of = |index: usize| self.ports.get(index).and_then(Port::attention);
        match source {
            Source::Port(other) => of(index).or_else(|| of(usize::from(other.0))),
            Source::Player(_)
            | Source::Silence
            | Source::Tone
            | Source::Clips
            | Source::Room(_)
            | Source::Pattern => of(index),
        }
    }

    /// What a port of this law hears of another that it is joined with.
    fn passed(&self, other: usize, law: Law) -> Octets {
        let joined = self.ports.get(other);
        if joined.is_some_and(|port| port.source == Source::Silence && !port.listening) {
            // It was silenced: what still comes from it is of nobody.
            return [law.idle(); BLOCK_SAMPLES];
        }
        self.played(other, law)
    }

    /// What a port of this law hears of another: its octets as they came where the laws are the
    /// same, which costs a copy.
    fn played(&self, other: usize, law: Law) -> Octets {
        let idle = [law.idle(); BLOCK_SAMPLES];
        let (Some(port), Some(octets)) = (self.ports.get(other), self.clean.get(other)) else {
            return idle;
        };
        if port.law == law {
            return *octets;
        }
        let (mut block, mut out) = (LinearBlock::SILENCE, idle);
        g711::decode_block(port.law, octets, &mut block.samples);
        g711::encode_block(law, &block.samples, &mut out);
        out
    }

    /// What the ticks and commands so far brought, oldest first.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }
}

fn push(notices: &mut Deque<Notice, NOTICES>, notice: Notice) {
    // It is drained after every tick and holds what one tick can bring.
    let _ = notices.push_back(notice);
}

fn port_id(index: usize) -> PortId {
    PortId(u16::try_from(index).unwrap_or(u16::MAX))
}
