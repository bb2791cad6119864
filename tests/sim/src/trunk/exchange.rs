//! The public exchange at the far end of a line, and the people behind it.
//!
//! Fault model. The exchange speaks Q.921 and Q.931 with our own machines in the network's role, or
//! R2 ([`super::circuits`] says what goes wrong with that). It
//! may stay silent for a while (as one that has failed), and one octet of a layer-3 message may be
//! wrong now and then (as from an exchange with a defect): any octet, so also another message,
//! another call, another channel. It says what none should ([`odd`]), holds signals back (to the
//! end of a timer, or for minutes) and says something meaningless instead, resets the data link or
//! takes it down, and restarts channels, all at any moment. The people call numbers that exist and
//! that do not, whole and in part, press keys, answer (also at the very end of a timer, or when
//! they are being cleared), refuse, let it ring, hang up. All of them hang up in the end. The box
//! must survive all of it; after wrong messages it need not agree with the exchange about who talks
//! to whom, but must become idle.

use std::collections::BTreeMap;

use bearer::{Calling, Indication, Presentation, Request};
use hal_card::Frame;
use machine::check::Random;
use span::pri::{Place, Pri};
use span::r2::R2;
use span::{Input, Output};
use units::{
    BoxId, CallId, Cause, Digits, Duration, Instant, LegId, LineId, MfSignal, Mint, Party, PortId,
    Timeslot,
};

use super::far::Far;
use super::odd::{self, References};
use crate::tally::Tally;

/// Someone behind the exchange.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Their number if they call; the number called if they are called.
    pub(crate) number: Digits,
    /// Whom they call.
    pub(crate) called: Option<Digits>,
    pub(crate) port: Option<PortId>,
    pub(crate) alerted: bool,
    pub(crate) answered: Option<Instant>,
    pub(crate) hung_up: bool,
    pub(crate) released: Option<(Cause, Party)>,
    /// Trunks at whose far end they talked with somebody, a bit for each.
    pub(crate) crossed: u8,
    /// The box's call in which they talked.
    pub(crate) call: Option<CallId>,
    /// When a unit of charge was sent for them, who are called.
    pub(crate) metered: Vec<Instant>,
    pub(crate) ended: Option<Instant>,
}

impl Person {
    /// How long their call was an answered one.
    pub(crate) fn lasted(&self) -> Duration {
        self.answered.zip(self.ended).map_or(Duration::ZERO, |(answered, ended)| ended - answered)
    }
}

/// What a person does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Progress,
    Alert,
    Answer,
    Press(u8),
    Meter,
    HangUp(Cause),
}

/// What the exchange wants of the world.
#[derive(Debug)]
pub(crate) enum Wish {
    /// On the D channel, or on the backup.
    Send(bool, Frame),
    /// A message was held back: it is said after so many milliseconds.
    Hold(u64, Vec<u8>),
    /// A person does something after so many milliseconds.
    Later(u64, LegId, Act),
    Told(LegId, Indication),
    /// Bits of a circuit.
    Bits(PortId, u8),
    /// A register at a circuit, or none.
    Register(PortId, bool),
    /// Its tone.
    Tone(PortId, Option<MfSignal>),
}

/// How it speaks to the box, on which channels.
pub(crate) enum Signalling {
    /// Q.931; the interface identifiers of its spans, and which has the backup D channel.
    Pri { channels: Vec<(Place, PortId)>, identifiers: Vec<u8>, backup: Option<u8> },
    /// R2.
    R2 { channels: Vec<(Timeslot, PortId)>, config: span::r2::Config },
}

impl Signalling {
    fn start(self, line: LineId, mint: Mint) -> Far {
        match self {
            Self::Pri { channels, identifiers, backup } => {
                let pri = Pri::new(line, q921::Role::Network, mint, channels);
                Far::Pri(Box::new(match (identifiers.len(), backup) {
                    (1, _) => pri,
                    (_, None) => pri.with_spans(&identifiers),
                    (_, Some(span)) => pri.with_spans(&identifiers).with_backup(span),
                }))
            }
            Self::R2 { channels, config } => {
                Far::R2(Box::new(R2::new(line, config, mint, channels)))
            }
        }
    }
}

/// The exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) far: Far,
    line: LineId,
    pub(crate) people: BTreeMap<LegId, Person>,
    /// Whose calls are over.
    pub(crate) gone: Vec<Person>,
    next: u32,
    /// One message in so many has a wrong octet; 0: none.
    pub(crate) wrong: u64,
    /// Signals come late, one message in so many; 0: none.
    pub(crate) late: u64,
    /// It does not look at the spans of a group that have no D channel, nor at those of two with a
    /// backup: calls on one that is dead are the box's to clear.
    pub(crate) blind: bool,
    /// It sends nothing.
    pub(crate) mute: bool,
    /// It has said wrong things: it may think otherwise than the box of who is where.
    pub(crate) confused: bool,
    /// And of numbers.
    pub(crate) garbled: bool,
    pub(crate) data_link: bool,
    references: References,
    pub(crate) tally: Tally,
    random: Random,
}

const ALERTING: u8 = 0x01;
const CALL_PROCEEDING: u8 = 0x02;
const SETUP: u8 = 0x05;
const CONNECT: u8 = 0x07;
const RELEASE: u8 = 0x4D;
const RELEASE_COMPLETE: u8 = 0x5A;
const SENDING_COMPLETE: u8 = 0xA1;
/// Where layer 3 begins in an I frame, and where its message type stands.
const LAYER_3: usize = 4;
const KIND: usize = 8;
/// What is said instead of a message that is held back: another protocol's word.
const MEANINGLESS: [u8; 4] = [0x03, 0x00, 0x00, 0x00];
/// References remembered.
const REFERENCES: usize = 8;
/// Ends of timers of Q.931 and of the flow, in milliseconds: T303, T310 of the network and the
/// user, the patience of whoever rings, T301.
const ENDS_MS: [u64; 5] = [4000, 10_000, 20_000, 30_000, 180_000];

impl Exchange {
    pub(crate) fn new(seed: u64, line: LineId, signalling: Signalling) -> Self {
        let mint = Mint::new(BoxId(200 + line.0.to_le_bytes()[0]), 1, 1);
        Self {
            far: signalling.start(line, mint),
            line,
            people: BTreeMap::new(),
            gone: vec![],
            next: 0,
            wrong: 0,
            late: 0,
            blind: seed % 2 == 1,
            mute: false,
            confused: false,
            garbled: false,
            data_link: false,
            references: References::new(),
            tally: Tally::default(),
            random: Random::new(seed ^ 0xE0 ^ u64::from(line.0) << 32),
        }
    }

    fn person(number: Digits, called: Option<Digits>) -> Person {
        Person {
            number,
            called,
            port: None,
            alerted: false,
            answered: None,
            hung_up: false,
            released: None,
            crossed: 0,
            call: None,
            metered: vec![],
            ended: None,
        }
    }

    /// Somebody calls `called`.
    pub(crate) fn call(&mut self, now: Instant, called: &str) -> Vec<Wish> {
        let overlap = self.random.one_in(5);
        self.next += 1;
        // The last digit says whether the SETUP goes out without Sending complete.
        let last = if overlap { 7 } else { 1 };
        let text = format!("138{}{:06}{last}", self.line.0, self.next % 1_000_000);
        let number = Digits::parse(&text).unwrap_or_default();
        let called = Digits::parse(called).unwrap_or_default();
        let leg = LegId((1 << 40) + (u64::from(self.line.0) << 32) + u64::from(self.next));
        self.people.insert(leg, Self::person(number.clone(), Some(called.clone())));
        let calling = Calling { number, presentation: Presentation::Allowed, category: None };
        let place = Request::Place { leg, line: self.line, calling, called };
        self.far.handle(now, Input::Request(place));
        let patience = 5000 + self.random.below(80_000);
        vec![Wish::Later(patience, leg, Act::HangUp(Cause::NORMAL_CLEARING))]
    }

    /// A person acts, if still there.
    pub(crate) fn act(&mut self, now: Instant, leg: LegId, act: Act) {
        let Some(person) = self.people.get_mut(&leg) else { return };
        let request = match act {
            Act::Progress => Request::Progress { leg },
            Act::Alert => Request::Alert { leg },
            Act::Answer => {
                person.answered = Some(now);
                Request::Answer { leg }
            }
            Act::HangUp(cause) => {
                person.hung_up = true;
                Request::Release { leg, cause }
            }
            Act::Meter => {
                let talks = person.answered.is_some() && !person.hung_up;
                let total = u32::try_from(person.metered.len() + 1).unwrap_or(u32::MAX);
                let sent = talks && self.far.charge(now, leg, total);
                if sent {
                    person.metered.push(now);
                    self.tally.count(if self.far.is_r2() { "r2-units" } else { "advices" });
                }
                return;
            }
            // Keys are heard in the voice channel.
            Act::Press(_) => return,
        };
        self.far.handle(now, Input::Request(request));
    }

    /// Whoever is rung answers at once: while the box gives up.
    pub(crate) fn answer_all(&mut self, now: Instant) {
        let rung = |(leg, person): (&LegId, &Person)| {
            let rung = person.called.is_none() && person.answered.is_none() && !person.hung_up;
            rung.then_some(*leg)
        };
        for leg in self.people.iter().filter_map(rung).collect::<Vec<_>>() {
            self.tally.count("answer-crosses-clearing");
            self.act(now, leg, Act::Answer);
        }
    }

    /// Says what none should.
    pub(crate) fn odd(&mut self, now: Instant) {
        let (what, message) = odd::odd(&mut self.random, &self.references);
        if self.far.say(now, &message) {
            self.confused = true;
            self.tally.count(what);
        }
    }

    /// Resets the data link, or takes it down.
    pub(crate) fn upset(&mut self, now: Instant) {
        let down = self.random.one_in(3);
        if self.far.upset(now, down) {
            self.tally.count(if down { "link-down" } else { "link-reset" });
        }
    }

    /// How often it did.
    pub(crate) fn upsets(&self) -> u64 {
        self.tally.of("link-reset") + self.tally.of("link-down")
    }

    /// Restarts a channel, mostly one that is used, or all.
    pub(crate) fn restart(&mut self, now: Instant, used: Option<Timeslot>) {
        let some = Timeslot::new(1 + u8::try_from(self.random.below(15)).unwrap_or(0));
        let slot = if self.random.one_in(4) { None } else { used.or(some) };
        if self.far.restart(now, slot) {
            let what = if slot.is_some() { "restart-channel" } else { "restart-interface" };
            self.tally.count(what);
        }
    }

    /// What the exchange wants, oldest first; empty when it is at rest.
    pub(crate) fn wishes(&mut self, now: Instant) -> Vec<Wish> {
        let mut wishes = vec![];
        while let Some(output) = self.far.poll_output() {
            match output {
                Output::Transmit(frame) if !self.mute => {
                    let frame = self.marred(frame, &mut wishes);
                    wishes.push(Wish::Send(false, frame));
                }
                Output::TransmitBackup(frame) if !self.mute => {
                    let frame = self.marred(frame, &mut wishes);
                    wishes.push(Wish::Send(true, frame));
                }
                Output::Cas(port, bits) => wishes.push(Wish::Bits(port, bits)),
                Output::Register(port, way) => wishes.push(Wish::Register(port, way.is_some())),
                Output::Mf(port, signal) => wishes.push(Wish::Tone(port, signal)),
                Output::Transmit(_)
                | Output::TransmitBackup(_)
                | Output::DChannel { .. }
                | Output::Ringing(..)
                | Output::Said { .. }
                | Output::Attention(_)
                | Output::Busy(..)
                | Output::Loop(..)
                | Output::Listen(..)
                | Output::CallerOctet(..)
                | Output::CallerKey(..)
                | Output::Caller(..)
                | Output::Key(..)
                | Output::Reversed(..) => {}
                Output::DataLink { up } => self.data_link = up,
                Output::Indication(indication) => self.told(now, indication, &mut wishes),
            }
        }
        wishes
    }

    fn told(&mut self, now: Instant, indication: Indication, wishes: &mut Vec<Wish>) {
        let leg = indication.leg();
        wishes.push(Wish::Told(leg, indication.clone()));
        if let Indication::Offered { port, called, .. } = indication {
            let mut person = Self::person(called, None);
            person.port = Some(port);
            self.people.insert(leg, person);
            return self.rung(leg, wishes);
        }
        let Some(person) = self.people.get_mut(&leg) else { return };
        match indication {
            Indication::Channel { port, .. } => person.port = Some(port),
            Indication::Alerting { .. } | Indication::Progress { .. } => person.alerted = true,
            Indication::Answered { .. } => {
                person.answered = Some(now);
                self.talk(leg, wishes);
            }
            Indication::Released { cause, by, .. } => {
                (person.released, person.ended) = (Some((cause, by)), Some(now));
                self.gone.extend(self.people.remove(&leg));
            }
            Indication::Offered { .. }
            | Indication::Digits { .. }
            | Indication::Notified { .. }
            | Indication::Charge { .. }
            | Indication::Served { .. } => {}
        }
    }

    /// A caller who was answered presses keys.
    fn talk(&mut self, leg: LegId, wishes: &mut Vec<Wish>) {
        let mut after = 500;
        for _ in 0..self.random.below(4) {
            after += self.random.below(8000);
            let key = *self.random.pick(b"11122394#*");
            wishes.push(Wish::Later(after, leg, Act::Press(key)));
        }
    }

    /// Somebody is called: what do they do?
    fn rung(&mut self, leg: LegId, wishes: &mut Vec<Wish>) {
        let random = &mut self.random;
        let soon = 50 + random.below(1000);
        let mut late = soon + random.below(15_000);
        let cause =
            *random.pick(&[Cause::USER_BUSY, Cause::CALL_REJECTED, Cause::UNALLOCATED_NUMBER]);
        if self.late > 0 && random.one_in(2) {
            // Just before the end of a timer, at it, just after it.
            late = *random.pick(&ENDS_MS) + 60 - random.below(120);
            self.tally.count("answer-at-end-of-timer");
            if random.one_in(2) {
                wishes.push(Wish::Later(soon, leg, Act::Alert));
            }
            wishes.push(Wish::Later(late, leg, Act::Answer));
        } else {
            match random.below(8) {
                // Silent: not one word comes.
                0 => {}
                1 => wishes.push(Wish::Later(soon, leg, Act::HangUp(cause))),
                2 => wishes.push(Wish::Later(soon, leg, Act::Alert)),
                3 => wishes.push(Wish::Later(soon, leg, Act::Answer)),
                4 => {
                    wishes.push(Wish::Later(soon, leg, Act::Progress));
                    wishes.push(Wish::Later(late, leg, Act::HangUp(cause)));
                }
                _ => {
                    wishes.push(Wish::Later(soon, leg, Act::Alert));
                    wishes.push(Wish::Later(late, leg, Act::Answer));
                }
            }
        }
        if random.one_in(2) {
            for unit in 1..=random.below(12) {
                wishes.push(Wish::Later(late + 800 * unit, leg, Act::Meter));
            }
        }
        let end = late + 1000 + random.below(60_000);
        wishes.push(Wish::Later(end, leg, Act::HangUp(Cause::NORMAL_CLEARING)));
    }

    /// A frame as this exchange sends it: perhaps in overlap, late or wrong.
    fn marred(&mut self, mut frame: Frame, wishes: &mut Vec<Wish>) -> Frame {
        let information = frame.len() > KIND && frame[2] & 1 == 0;
        if !information {
            return frame;
        }
        // Address 2, control 2, discriminator, reference 1 + 2, message type.
        self.references.push_back([frame[KIND - 2], frame[KIND - 1]]);
        if self.references.len() > REFERENCES {
            self.references.pop_front();
        }
        if frame[KIND..].contains(&SENDING_COMPLETE)
            && frame[KIND] == SETUP
            && calls_in_overlap(&frame)
        {
            frame = frame.iter().copied().filter(|octet| *octet != SENDING_COMPLETE).collect();
        }
        if self.late > 0 && self.random.one_in(self.late) {
            self.hold(&mut frame, wishes);
        }
        if self.wrong > 0 && self.random.one_in(self.wrong) {
            let place = LAYER_3 as u64 + self.random.below((frame.len() - LAYER_3) as u64);
            if let Some(octet) = usize::try_from(place).ok().and_then(|at| frame.get_mut(at)) {
                *octet = self.random.octet();
                (self.confused, self.garbled) = (true, true);
                self.tally.count("wrong-octet");
            }
        }
        frame
    }

    /// Holds a message back: to the end of a timer or for minutes.
    fn hold(&mut self, frame: &mut Frame, wishes: &mut Vec<Wish>) {
        let name = match frame[KIND] {
            ALERTING => "late-alerting",
            CALL_PROCEEDING => "late-proceeding",
            CONNECT => "late-connect",
            RELEASE => "late-release",
            RELEASE_COMPLETE => "late-release-complete",
            _ => return,
        };
        let random = &mut self.random;
        let after = match random.below(3) {
            0 => *random.pick(&ENDS_MS[..4]) + 60 - random.below(120),
            1 => random.below(5000),
            _ => random.below(300_000),
        };
        self.tally.count(name);
        self.confused = true;
        wishes.push(Wish::Hold(after, frame[LAYER_3..].to_vec()));
        frame.truncate(LAYER_3);
        // Shorter than what stood there.
        let _ = frame.extend_from_slice(&MEANINGLESS);
    }

    /// Who is at a port.
    pub(crate) fn at_port(&self, port: PortId) -> Option<&Person> {
        self.people.values().find(|person| person.port == Some(port))
    }

    /// The same, to note something.
    pub(crate) fn at_port_mut(&mut self, port: PortId) -> Option<&mut Person> {
        self.people.values_mut().find(|person| person.port == Some(port))
    }
}

/// Whether the calling number, 138 and eight digits, ends with 7.
fn calls_in_overlap(frame: &[u8]) -> bool {
    frame.windows(11).any(|number| {
        number.starts_with(b"138") && number.iter().all(u8::is_ascii_digit) && number[10] == b'7'
    })
}
