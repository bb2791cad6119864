//! The exchange of a span with R2 signalling: our own machines in the far end's role. It finds
//! what breaks between programs, tones and bits; how the Recommendation is to be read it does not
//! judge, for both ends read it alike.
//!
//! ```text
//!   City ── call, answer, hang_up ──► R2 ── bits ──► Line (slot 16)
//!        ◄──────── PriEvent ─────────  └── Register ── tones ──► the circuit's slot
//! ```

use std::collections::VecDeque;
use std::path::Path;

use bearer::{Calling, Indication, Presentation, Request};
use dsp_mf::{Generator, Receiver};
use g704::cas::{CIRCUITS, circuit_of_slot};
use g711::{decode_a, encode_a};
use machine::Machine;
use span::q421::Condition;
use span::r2::R2;
use span::{Input, Output};
use units::{
    BoxId, Category, Cause, Digits, Instant, LegId, LineId, MfDirection, Mint, Party, PortId,
    Timeslot,
};

use crate::line::Frame;
use crate::pri::{CallRef, PriEvent};
use crate::{BLOCK, Error};

/// Tones both ways at a circuit.
struct Register {
    receiver: Receiver,
    generator: Generator,
}

/// The circuits of a span.
pub struct Circuits {
    line: R2,
    now: Instant,
    registers: [Option<Register>; CIRCUITS],
    events: VecDeque<PriEvent>,
    bits: VecDeque<(usize, u8)>,
    /// The circuit that the call placed last has got.
    port: Option<PortId>,
    minted: u64,
    up: bool,
    deaf: bool,
    /// What kind of callers call.
    category: Option<Category>,
    meter: Option<Meter>,
}

/// Units of charge that are still to be sent for every call that was answered.
struct Meter {
    pulses: u32,
    every_us: u64,
    next: Instant,
}

/// From one unit of charge to the next at least: 150 ms of pulse and as much of rest.
const METER_MS_MIN: u64 = 300;
const LINE: LineId = LineId(1);

/// The slot of a circuit.
fn slot(port: PortId) -> u8 {
    let circuit = u8::try_from(port.0).unwrap_or(0);
    if circuit < 15 { circuit + 1 } else { circuit + 2 }
}

fn call(leg: LegId) -> CallRef {
    CallRef::named(usize::try_from(leg.0).unwrap_or(usize::MAX))
}

fn leg(call: CallRef) -> LegId {
    LegId(u64::try_from(call.name()).unwrap_or(u64::MAX))
}

fn digits(text: &str) -> Result<Digits, Error> {
    Digits::parse(text).ok_or_else(|| Error::new(format!("{text} is no number")))
}

impl Circuits {
    /// The variant `name` of the folder `boards`, with called numbers of so many digits.
    ///
    /// # Errors
    /// What is wrong with its file.
    pub fn new(boards: &Path, name: &str, digits: u8) -> Result<Self, Error> {
        let board = format!(
            "name = \"x\"\ntitle = \"X\"\n[card.a]\ndriver = \"virtual\"\nsocket = \"s\"\n\
             [card.a.span.1]\nlabel = \"E1\"\nsignalling = \"cas\"\nr2 = \"{name}\"\n\
             digits = {digits}\n"
        );
        let text = |file: &str| match file {
            "x.toml" => Ok(board.clone()),
            other => std::fs::read_to_string(boards.join(other))
                .map_err(|fault| format!("{other}: {fault}")),
        };
        let layout = board::read(&text, "x").map_err(Error::new)?.layout();
        let place = layout.cas.first().ok_or_else(|| Error::new("no circuits"))?;
        let slots = Timeslot::all().filter(|slot| *slot != Timeslot::D).zip((0..).map(PortId));
        let mut channels: Vec<_> = slots.collect();
        // The box takes the last one that is free: so calls of both ends rarely meet.
        channels.reverse();
        let mint = Mint::new(BoxId(9), 1, 1);
        Ok(Self {
            line: R2::new(LINE, ringmain_core::r2::config(place), mint, channels),
            now: Instant::ZERO,
            registers: [const { None }; CIRCUITS],
            events: VecDeque::new(),
            bits: VecDeque::new(),
            port: None,
            minted: 0,
            up: false,
            deaf: false,
            category: None,
            meter: None,
        })
    }

    /// Sets the time.
    pub const fn set_time_us(&mut self, us: u64) {
        self.now = Instant(us);
    }

    /// Whether the line carries a multiframe both ways.
    pub fn layer1(&mut self, up: bool) {
        if self.up != up {
            self.up = up;
            self.give(Input::Layer1 { of: 0, up });
        }
    }

    /// Whether it does as if bits that come did not change.
    pub const fn set_deaf(&mut self, deaf: bool) {
        self.deaf = deaf;
    }

    /// The bits of a circuit, 0 to 29, have changed.
    pub fn bits_came(&mut self, circuit: usize, bits: u8) {
        if !self.deaf {
            let port = PortId(u16::try_from(circuit).unwrap_or(u16::MAX));
            self.give(Input::Cas { port, bits });
        }
    }

    /// Bits of a circuit to send.
    pub fn poll_bits(&mut self) -> Option<(usize, u8)> {
        self.bits.pop_front()
    }

    /// Registers listen.
    pub fn hear(&mut self, heard: &[Frame; BLOCK]) {
        for circuit in 0..CIRCUITS {
            let Some(register) = &mut self.registers[circuit] else { continue };
            let port = PortId(u16::try_from(circuit).unwrap_or(u16::MAX));
            let slot = usize::from(slot(port));
            let samples = heard.map(|frame| decode_a(frame[slot]));
            let signal = match register.receiver.push(&samples) {
                None => continue,
                Some(dsp_mf::Event::Begin(signal)) => Some(signal),
                Some(dsp_mf::Event::End(_)) => None,
            };
            self.give(Input::Mf { port, signal });
        }
    }

    /// Registers speak.
    pub fn speak(&mut self, out: &mut [Frame; BLOCK]) {
        for (circuit, register) in self.registers.iter_mut().enumerate() {
            let Some(register) = register else { continue };
            let slot = usize::from(slot(PortId(u16::try_from(circuit).unwrap_or(u16::MAX))));
            let mut samples = [0; BLOCK];
            register.generator.fill(&mut samples);
            for (frame, sample) in out.iter_mut().zip(samples) {
                frame[slot] = encode_a(sample);
            }
        }
    }

    /// Callers are of this kind from now on.
    pub const fn set_category(&mut self, category: Category) {
        self.category = Some(category);
    }

    /// Sends so many units of charge for every call that the box has placed and that is answered,
    /// one each `every_ms`.
    ///
    /// # Errors
    /// So soon the box cannot tell one from the next.
    pub fn meter(&mut self, pulses: u32, every_ms: u64) -> Result<(), Error> {
        if every_ms < METER_MS_MIN {
            return Err(Error::new(format!("a unit of charge takes {METER_MS_MIN} ms")));
        }
        self.meter = Some(Meter { pulses, every_us: every_ms * 1000, next: self.now });
        Ok(())
    }

    fn run_meter(&mut self) {
        let Some(meter) = self.meter.as_mut().filter(|meter| meter.next <= self.now) else {
            return;
        };
        meter.next = Instant(self.now.0 + meter.every_us);
        meter.pulses = meter.pulses.saturating_sub(1);
        if meter.pulses == 0 {
            self.meter = None;
        }
        let answered = |(_, condition, leg): (_, Condition, Option<LegId>)| {
            leg.filter(|_| condition == Condition::AnsweredIn)
        };
        for leg in self.line.circuits().filter_map(answered).collect::<Vec<_>>() {
            self.line.meter(self.now, leg);
        }
        self.drain();
    }

    /// Runs the timers that are due.
    pub fn run(&mut self) {
        self.run_meter();
        while self.line.poll_timeout().is_some_and(|at| at <= self.now) {
            self.line.handle_timeout(self.now);
            self.drain();
        }
    }

    /// What happened, oldest first.
    pub fn poll_event(&mut self) -> Option<PriEvent> {
        self.events.pop_front()
    }

    /// Seizes a circuit and dials; its slot.
    ///
    /// # Errors
    /// No circuit is free, or a number is none.
    pub fn call(&mut self, calling: &str, called: &str) -> Result<(CallRef, u8), Error> {
        let calling = Calling {
            number: digits(calling)?,
            presentation: Presentation::Allowed,
            category: self.category,
        };
        let called = digits(called)?;
        self.minted += 1;
        let leg = LegId(self.minted);
        self.port = None;
        self.ask(Request::Place { leg, line: LINE, calling, called });
        match self.port {
            Some(port) => Ok((call(leg), slot(port))),
            None => {
                self.events.retain(|event| *event != PriEvent::Released(call(leg), 34));
                Err(Error::new("no free circuit"))
            }
        }
    }

    /// The called party's telephone rings.
    pub fn alerting(&mut self, call: CallRef) {
        self.ask(Request::Alert { leg: leg(call) });
    }

    /// It is answered.
    pub fn answer(&mut self, call: CallRef) {
        self.ask(Request::Answer { leg: leg(call) });
    }

    /// The call is over, as far as the city is concerned.
    pub fn hang_up(&mut self, call: CallRef, cause: u8) {
        let cause = Cause::new(cause).unwrap_or(Cause::NORMAL_CLEARING);
        self.ask(Request::Release { leg: leg(call), cause });
    }

    /// Blocks the circuit of a slot, or all (0), or opens them again.
    pub fn block(&mut self, slot: u8, on: bool) {
        for wanted in Timeslot::all().filter(|wanted| slot == 0 || wanted.get() == slot) {
            if circuit_of_slot(wanted.get()).is_some() {
                self.line.block(self.now, wanted, on);
            }
        }
        self.drain();
    }

    fn ask(&mut self, request: Request) {
        self.give(Input::Request(request));
    }

    fn give(&mut self, input: Input) {
        self.line.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.line.poll_output() {
            match output {
                Output::Cas(port, bits) => self.bits.push_back((port.0.into(), bits)),
                Output::Register(port, way) => self.register(port, way),
                Output::Mf(port, signal) => {
                    if let Some(Some(register)) = self.registers.get_mut(usize::from(port.0)) {
                        register.generator.send(signal);
                    }
                }
                Output::Indication(indication) => self.told(indication),
                Output::DataLink { up } => {
                    self.events.push_back(if up { PriEvent::Up } else { PriEvent::Down });
                }
                Output::Said { .. }
                | Output::Transmit(_)
                | Output::TransmitBackup(_)
                | Output::DChannel { .. }
                | Output::Ringing(..)
                | Output::Attention(_)
                | Output::Reversed(..)
                | Output::Busy(..)
                // What only analog lines want.
                | Output::Loop(..)
                | Output::Listen(..)
                | Output::CallerOctet(..)
                | Output::CallerKey(..)
                | Output::Caller(..)
                | Output::Key(..) => {}
            }
        }
    }

    fn register(&mut self, port: PortId, way: Option<MfDirection>) {
        if let Some(place) = self.registers.get_mut(usize::from(port.0)) {
            *place = way.map(|way| Register {
                receiver: Receiver::new(way),
                generator: Generator::new(way.other()),
            });
        }
    }

    fn told(&mut self, indication: Indication) {
        let event = match indication {
            Indication::Offered { leg, port, calling, called, .. } => PriEvent::Setup {
                call: call(leg),
                channel: Some(slot(port)),
                calling: text(&calling.number),
                called: text(&called),
                user: String::new(),
                name: String::new(),
            },
            Indication::Channel { port, .. } => {
                self.port = Some(port);
                return;
            }
            Indication::Alerting { leg, .. } => PriEvent::Alerting(call(leg)),
            Indication::Answered { leg } => PriEvent::Connect(call(leg)),
            Indication::Released { leg, by: Party::Box, .. } => PriEvent::Gone(call(leg)),
            Indication::Released { leg, cause, .. } => PriEvent::Released(call(leg), cause.get()),
            Indication::Digits { .. }
            | Indication::Progress { .. }
            | Indication::Notified { .. }
            | Indication::Charge { .. }
            | Indication::Served { .. } => return,
        };
        self.events.push_back(event);
    }
}

fn text(digits: &Digits) -> String {
    digits.as_slice().iter().map(|digit| char::from(digit.ascii())).collect()
}
