//! The public exchange at the far end of the line, and the people behind it.
//!
//! Fault model. The exchange speaks Q.921 and Q.931 with our own machines in the network's role. It
//! may stay silent for a while (as one that has failed), and where a run says so one octet of a
//! layer-3 message is wrong now and then (as from an exchange with a defect): any octet, so also
//! another message, another call, another channel. The people call numbers that exist and that do
//! not, whole and in part, press keys, answer, refuse, let it ring, hang up. All of them hang up in
//! the end. The box must survive all of it; after wrong messages it need not agree with the
//! exchange about who talks to whom, but must become idle.

use std::collections::BTreeMap;

use bearer::{Calling, Indication, Presentation, Request};
use hal_card::Frame;
use machine::Machine;
use machine::check::Random;
use span::pri::Pri;
use span::{Input, Output};
use units::{BoxId, Cause, Digits, Instant, LegId, LineId, Mint, Party, PortId, Timeslot};

/// Someone behind the exchange.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// In the blocks that they say.
    pub(crate) name: u32,
    /// Their number if they call; the number called if they are called.
    pub(crate) number: Digits,
    /// Whom they call.
    pub(crate) called: Option<Digits>,
    pub(crate) port: Option<PortId>,
    pub(crate) alerted: bool,
    pub(crate) answered: Option<Instant>,
    pub(crate) hung_up: bool,
    pub(crate) released: Option<(Cause, Party)>,
}

/// What a person does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Progress,
    Alert,
    Answer,
    Press(u8),
    HangUp(Cause),
}

/// What the exchange wants of the world.
#[derive(Debug)]
pub(crate) enum Wish {
    Send(Frame),
    /// A person does something after so many milliseconds.
    Later(u64, LegId, Act),
    Told(LegId, Indication),
}

/// The exchange.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) pri: Pri,
    pub(crate) people: BTreeMap<LegId, Person>,
    /// Whose calls are over.
    pub(crate) gone: Vec<Person>,
    next: u32,
    /// One message in so many has a wrong octet; 0: none.
    pub(crate) wrong_one_in: u64,
    /// It sends nothing.
    pub(crate) mute: bool,
    pub(crate) data_link: bool,
    random: Random,
}

const LINE: LineId = LineId(1);
const SETUP: u8 = 0x05;
const SENDING_COMPLETE: u8 = 0xA1;

impl Exchange {
    pub(crate) fn new(seed: u64) -> Self {
        let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D);
        let mint = Mint::new(BoxId(200), 1, 1);
        Self {
            pri: Pri::new(LINE, q921::Role::Network, mint, slots.zip((0..).map(PortId))),
            people: BTreeMap::new(),
            gone: vec![],
            next: 0,
            wrong_one_in: 0,
            mute: false,
            data_link: false,
            random: Random::new(seed ^ 0xE0),
        }
    }

    fn person(&mut self, number: Digits, called: Option<Digits>) -> Person {
        self.next += 1;
        let name = self.next;
        let (port, answered, released) = (None, None, None);
        Person { name, number, called, port, alerted: false, answered, hung_up: false, released }
    }

    /// Somebody calls `called`.
    pub(crate) fn call(&mut self, now: Instant, called: &str) -> Vec<Wish> {
        let overlap = self.random.one_in(5);
        // The last digit says whether the SETUP goes out without Sending complete.
        let text = format!("138{:07}{}", self.next + 1, if overlap { 7 } else { 1 });
        let number = Digits::parse(&text).unwrap_or_default();
        let called = Digits::parse(called).unwrap_or_default();
        let person = self.person(number.clone(), Some(called.clone()));
        let leg = LegId((1 << 40) + u64::from(person.name));
        self.people.insert(leg, person);
        let calling = Calling { number, presentation: Presentation::Allowed };
        let place = Request::Place { leg, line: LINE, calling, called };
        self.pri.handle(now, Input::Request(place));
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
            // Keys are heard in the voice channel.
            Act::Press(_) => return,
        };
        self.pri.handle(now, Input::Request(request));
    }

    /// What the exchange wants, oldest first; empty when it is at rest.
    pub(crate) fn wishes(&mut self, now: Instant) -> Vec<Wish> {
        let mut wishes = vec![];
        while let Some(output) = self.pri.poll_output() {
            match output {
                Output::Transmit(frame) if !self.mute => {
                    wishes.push(Wish::Send(self.marred(frame)))
                }
                Output::Transmit(_)
                | Output::Ringing(..)
                | Output::Attention(_)
                | Output::Reversed(..)
                | Output::Cas(..)
                | Output::Register(..)
                | Output::Mf(..)
                | Output::Busy(..) => {}
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
            let mut person = self.person(called, None);
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
                person.released = Some((cause, by));
                self.gone.extend(self.people.remove(&leg));
            }
            Indication::Offered { .. } | Indication::Digits { .. } => {}
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
        let late = soon + random.below(15_000);
        let cause =
            *random.pick(&[Cause::USER_BUSY, Cause::CALL_REJECTED, Cause::UNALLOCATED_NUMBER]);
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
        let end = late + 1000 + random.below(60_000);
        wishes.push(Wish::Later(end, leg, Act::HangUp(Cause::NORMAL_CLEARING)));
    }

    /// A frame as this exchange sends it: perhaps in overlap, perhaps wrong.
    fn marred(&mut self, mut frame: Frame) -> Frame {
        let information = frame.len() > 8 && frame[2] & 1 == 0;
        if !information {
            return frame;
        }
        // Address 2, control 2, discriminator, reference 1 + 2, message type.
        if frame[8.min(frame.len() - 1)..].contains(&SENDING_COMPLETE)
            && frame.get(8) == Some(&SETUP)
            && calls_in_overlap(&frame)
        {
            frame = frame.iter().copied().filter(|octet| *octet != SENDING_COMPLETE).collect();
        }
        if self.wrong_one_in > 0 && self.random.one_in(self.wrong_one_in) {
            let place = 4 + self.random.below(frame.len() as u64 - 4);
            if let Some(octet) = usize::try_from(place).ok().and_then(|at| frame.get_mut(at)) {
                *octet = self.random.octet();
            }
        }
        frame
    }

    /// Whether someone of this name is there.
    pub(crate) fn at_port(&self, port: PortId) -> Option<&Person> {
        self.people.values().find(|person| person.port == Some(port))
    }
}

/// Whether the calling number, 138 and eight digits, ends with 7.
fn calls_in_overlap(frame: &[u8]) -> bool {
    frame.windows(11).any(|number| {
        number.starts_with(b"138") && number.iter().all(u8::is_ascii_digit) && number[10] == b'7'
    })
}
