//! The line thread: each tick one block from every card, the engine, one block to every card.
//!
//! ```text
//!  cards ─ receive ─► rx ─► engine.tick ─► tx ─ transmit ─► cards
//!            events, keys ─► ring ─► control      orders ◄─ ring ◄─ control
//! ```
//!
//! The card that delivers paces the tick; when it goes away another one does, and when none is
//! there the processor's clock. A jack never paces: it has a clock of its own.
//!
//! It never blocks but in that card's `receive`, allocates nothing once it runs, takes no lock,
//! logs nothing. When the ring to control is full, what does not fit is counted and dropped: a
//! stalled control thread costs events, never sound.

#[cfg(test)]
mod exchange_tests;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use engine::{Engine, Fsk};
use hal_card::{Card, Command, Event, Kind, Octets, Voltages};
use heapless::spsc::{Consumer, Producer};
use link::Trouble;
use nix::sys::eventfd::EventFd;
use span::Exchange;
use units::{Duration, Law, PortId, SpanId};

use crate::clock;
use crate::control::{Heard, Order};
use crate::country;
use crate::echo::Cancellers;
use crate::recordings::Numbered;
use board::Layout;

/// Between control and line thread, beside the rings.
#[derive(Debug)]
pub struct Shared {
    /// Blocks that the pacing card has counted.
    pub blocks: AtomicU64,
    /// In lockstep: the last block that control has taken in.
    pub taken: AtomicU64,
    /// Things told to control that did not fit into the ring.
    pub dropped: AtomicU64,
    /// Ticks in which the card had nothing for us in its time.
    pub idle_ticks: AtomicU64,
    /// The line thread shall end.
    pub stop: AtomicBool,
    /// The line thread shall end, and its cards go on in another process.
    pub hand_over: AtomicBool,
    /// Wakes control.
    pub bell: EventFd,
}

/// The two ends of the rings that the line thread has.
pub struct Rings {
    /// To control.
    pub heard: Producer<'static, Heard>,
    /// From control.
    pub orders: Consumer<'static, Order>,
    /// To the thread of recordings.
    pub taps: Producer<'static, Numbered>,
}

/// How long the pacing card may be silent before the tick goes on without it.
const PATIENCE: Duration = Duration::from_millis(10);
/// How long a telephone on hook hears: longer than the longest message and what goes before it.
const ON_HOOK_MS: u16 = 6000;
/// Ticks between two reports of a span's counters: a second.
const COUNTERS_EVERY: u64 = 500;
/// Ticks without a block from the pacing card after which another one paces.
const PACER_PATIENCE: u32 = 3;

/// Where a card's channel stands in the matrix.
#[derive(Clone, Copy)]
enum Wire {
    Port(PortId),
    Data(SpanId),
    Nothing,
}

struct Slot {
    card: Box<dyn Card + Send>,
    wires: Vec<Wire>,
    blocks: Vec<Octets>,
    /// The socket of each channel, by its index in the layout.
    sockets: Vec<u16>,
    /// What the card's clock said last.
    clock: u64,
    /// It gave a block at the last tick.
    alive: bool,
}

/// Everything that the line thread touches.
pub struct LineThread {
    cards: Vec<Slot>,
    engine: Engine,
    rx: Vec<Octets>,
    tx: Vec<Octets>,
    spans: Vec<SpanId>,
    shared: Arc<Shared>,
    rings: Rings,
    lockstep: bool,
    ticks: u64,
    /// Blocks made: in lockstep fewer than ticks.
    made: u64,
    /// The card that paces.
    pacer: usize,
    /// Ticks for which it gave nothing.
    idle: u32,
    /// Blocks that the pacing cards have counted.
    blocks: u64,
    /// The socket whose voltages are asked next.
    asked: usize,
}

const _: () = assert!(size_of::<LineThread>() < 16 << 10, "it is moved to a thread's stack");

impl LineThread {
    /// Joins cards, in the order of the board file, with the matrix that the layout says, and
    /// echo cancellers with their ports.
    #[must_use]
    pub fn new(
        cards: Vec<Box<dyn Card + Send>>,
        layout: &Layout,
        cancellers: Cancellers,
        shared: Arc<Shared>,
        rings: Rings,
    ) -> Self {
        let mut laws = vec![Law::A; layout.places.len()];
        let lockstep = cards.first().is_some_and(|card| card.lockstep());
        let slots = cards.into_iter().enumerate().map(|(index, card)| {
            let channels = card.channels();
            let wires: Vec<_> = (0..channels.len()).map(|n| wire(layout, index, n)).collect();
            for (wire, channel) in wires.iter().zip(channels) {
                if let Wire::Port(port) = wire {
                    laws[usize::from(port.0)] = channel.law;
                }
            }
            let blocks = vec![[Law::A.idle(); 16]; channels.len()];
            let socket = |channel| layout.unit(index, channel).and_then(|n| u16::try_from(n).ok());
            let sockets = (0..channels.len()).map(|n| socket(n).unwrap_or(u16::MAX)).collect();
            Slot { card, wires, blocks, sockets, clock: 0, alive: false }
        });
        let cards: Vec<_> = slots.collect();
        let idle: Vec<Octets> = laws.iter().map(|law| [law.idle(); 16]).collect();
        Self {
            engine: engine(&laws, layout).with_echo(cancellers),
            rx: idle.clone(),
            tx: idle,
            spans: layout.all_spans().collect(),
            cards,
            shared,
            rings,
            lockstep,
            ticks: 0,
            made: 0,
            pacer: 0,
            idle: 0,
            blocks: 0,
            asked: 0,
        }
    }

    /// Ticks until told to stop.
    pub fn run(&mut self) {
        while !self.ended() {
            self.tick();
            if self.lockstep {
                self.wait_for_control();
            }
        }
    }

    fn ended(&self) -> bool {
        let ended = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        ended(&self.shared.stop) || ended(&self.shared.hand_over)
    }

    /// The cards of a thread that has ended.
    #[must_use]
    pub fn into_cards(self) -> Vec<Box<dyn Card + Send>> {
        self.cards.into_iter().map(|slot| slot.card).collect()
    }

    /// In lockstep time stands still until control has taken in what this block brought.
    fn wait_for_control(&self) {
        let block = self.shared.blocks.load(Ordering::Relaxed);
        while self.shared.taken.load(Ordering::Acquire) < block && !self.ended() {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    fn tick(&mut self) {
        self.ticks += 1;
        self.receive();
        self.obey();
        // In lockstep time moves by blocks only: what nobody takes is not made, however long the
        // card keeps us waiting.
        if !self.lockstep || self.idle == 0 {
            self.made += 1;
            self.engine.tick(&self.rx, &mut self.tx);
            self.transmit();
            self.tap();
        }
        let mut news = self.tell_events();
        while let Some(notice) = self.engine.poll_notice() {
            news |= self.tell(told(notice));
        }
        if self.ticks.is_multiple_of(COUNTERS_EVERY) {
            news |= self.tell_counters();
            self.tell_voltages();
        }
        if news || self.lockstep {
            // A full eventfd has been rung already.
            let _ = self.shared.bell.write(1);
        }
    }

    /// What is recorded. A ring that is full loses blocks, which the recording counts.
    fn tap(&mut self) {
        for block in self.engine.tapped() {
            let _ = self.rings.taps.enqueue((self.made, block));
        }
    }

    fn receive(&mut self) {
        let (mut missing, count) = (0, self.cards.len());
        let mut patience = PATIENCE;
        let mut there = false;
        for turn in 0..count {
            let index = (self.pacer + turn) % count;
            let slot = &mut self.cards[index];
            let mine = if slot.card.paces() { patience } else { Duration::ZERO };
            let received = slot.card.receive(&mut slot.blocks, mine);
            // A card that is gone has not waited: the next one may.
            if received.is_ok() && slot.card.paces() {
                patience = Duration::ZERO;
                there = true;
            }
            let received = received.unwrap_or_default();
            slot.alive = received.block;
            missing += received.missing;
            if received.block {
                let passed = received.clock.saturating_sub(slot.clock);
                slot.clock = received.clock;
                if index == self.pacer && slot.card.paces() {
                    self.blocks += passed;
                }
            }
            for (wire, block) in slot.wires.iter().zip(&slot.blocks) {
                if let Wire::Port(port) = wire {
                    self.rx[usize::from(port.0)] =
                        if received.block { *block } else { [Law::A.idle(); 16] };
                }
            }
        }
        self.pace(there);
        if missing > 0 {
            self.tell(Heard::Missing(missing));
        }
    }

    /// Who paces the next tick.
    fn pace(&mut self, there: bool) {
        let paces = |slot: &Slot| slot.alive && slot.card.paces();
        let alive = self.cards.get(self.pacer).is_some_and(paces);
        if alive {
            self.idle = 0;
            self.shared.blocks.store(self.blocks, Ordering::Release);
            return;
        }
        self.idle += 1;
        self.shared.idle_ticks.fetch_add(1, Ordering::Relaxed);
        if self.idle >= PACER_PATIENCE
            && let Some(other) = self.cards.iter().position(paces)
        {
            (self.pacer, self.idle) = (other, 0);
        }
        if !there {
            // Nobody waited.
            clock::pause(Duration::from_micros(limits::TICK_US));
        }
    }

    fn transmit(&mut self) {
        for slot in &mut self.cards {
            for (wire, block) in slot.wires.iter().zip(&mut slot.blocks) {
                if let Wire::Port(port) = wire {
                    *block = self.tx[usize::from(port.0)];
                }
            }
            // A card that is gone says so as an event.
            let _ = slot.card.transmit(&slot.blocks);
        }
    }

    /// Does what control ordered, at most one ring full.
    fn obey(&mut self) {
        for _ in 0..limits::COMMAND_RING {
            let Some(order) = self.rings.orders.dequeue() else { return };
            match order {
                Order::Engine(command) => {
                    if let engine::Command::Caller(port, Some(_)) = command {
                        let ms = ON_HOOK_MS;
                        self.at_port(port, |channel| Command::OnHookSound { channel, ms });
                    }
                    self.engine.command(command);
                }
                Order::Frame(span, frame) => {
                    self.on_card(
                        |wire| matches!(wire, Wire::Data(of) if *of == span),
                        |card, n| {
                            // A full queue is layer 2's to recover from: it repeats the frame.
                            let _ = card.send_frame(n, &frame);
                        },
                    );
                }
                Order::Ring(port, on) => {
                    self.at_port(port, |channel| Command::Ring { channel, on })
                }
                Order::Cas(port, bits) => {
                    self.at_port(port, |channel| Command::Cas { channel, bits });
                }
                Order::Loop(port, closed) => {
                    self.at_port(port, |channel| Command::Loop { channel, closed });
                }
                Order::Reversed(port, reversed) => {
                    self.at_port(port, |channel| Command::Polarity { channel, reversed });
                }
            }
        }
    }

    fn at_port(&mut self, port: PortId, command: impl Fn(usize) -> Command) {
        self.on_card(
            |wire| matches!(wire, Wire::Port(of) if *of == port),
            |card, channel| {
                let _ = card.command(command(channel));
            },
        );
    }

    fn on_card(&mut self, which: impl Fn(&Wire) -> bool, act: impl Fn(&mut dyn Card, usize)) {
        for slot in &mut self.cards {
            if let Some(channel) = slot.wires.iter().position(&which) {
                return act(&mut *slot.card, channel);
            }
        }
    }

    fn tell(&mut self, heard: Heard) -> bool {
        if self.rings.heard.enqueue(heard).is_err() {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
        true
    }

    fn tell_events(&mut self) -> bool {
        let mut news = false;
        for index in 0..self.cards.len() {
            while let Some(event) = self.cards[index].card.poll_event() {
                news |= self.tell_presence(index, &event);
                if let Some(heard) = heard(&self.cards[index], event) {
                    news |= self.tell(heard);
                }
            }
        }
        news
    }

    /// A card that is gone takes all its sockets with it.
    fn tell_presence(&mut self, index: usize, event: &Event) -> bool {
        let trouble = match event {
            Event::Gone => Some(Trouble::Missing),
            Event::Back => None,
            _ => return false,
        };
        let mut last = u16::MAX;
        for channel in 0..self.cards[index].sockets.len() {
            let socket = self.cards[index].sockets[channel];
            if socket != std::mem::replace(&mut last, socket) {
                self.tell(Heard::Trouble(socket, trouble));
            }
        }
        true
    }

    /// What a card measures at the next analog port: one port a second.
    fn tell_voltages(&mut self) {
        let ports = self.cards.iter().map(|slot| slot.wires.len()).sum::<usize>();
        for _ in 0..ports {
            self.asked = (self.asked + 1) % ports;
            let mut place = self.asked;
            let Some(slot) = self.cards.iter_mut().find(|slot| {
                let here = place < slot.wires.len();
                if !here {
                    place -= slot.wires.len();
                }
                here
            }) else {
                return;
            };
            if !matches!(slot.card.channels()[place].kind, Kind::Fxs | Kind::Fxo) {
                continue;
            }
            if let Some(Voltages { tip_mv, ring_mv, battery_mv }) = slot.card.voltages(place) {
                let socket = slot.sockets[place];
                self.tell(Heard::Voltages(socket, link::Voltages { tip_mv, ring_mv, battery_mv }));
            }
            return;
        }
    }

    fn tell_counters(&mut self) -> bool {
        for index in 0..self.spans.len() {
            let span = self.spans[index];
            let counters = self.cards.iter().find_map(|slot| slot.card.counters(span));
            if let Some(counters) = counters {
                self.tell(Heard::Counters(span, counters));
            }
        }
        true
    }
}

/// The matrix with the country's tones, and ears at the lines of exchanges.
fn engine(laws: &[Law], layout: &Layout) -> Engine {
    let exchanges = layout.trunks().map(|(_, port)| port);
    let engine = match country::caller_standard(&layout.country) {
        Some(standard) => {
            let telephones = layout.telephones().map(|(_, port)| port);
            Engine::new(laws).with_callers(telephones, standard)
        }
        None => Engine::new(laws),
    };
    engine
        .with_tones(country::tones(&layout.country))
        .with_exchanges(exchanges, &country::progress(&layout.country))
        .with_gains(layout.places.iter().map(|place| (place.port, place.gain)))
}

/// What a notice of the engine means to control.
fn told(notice: engine::Notice) -> Heard {
    let exchange = Heard::Exchange;
    match notice {
        engine::Notice::Digit(port, digit) => Heard::Digit(port, digit),
        engine::Notice::Played(port, token) => Heard::Played(port, token),
        engine::Notice::Found(port, finding) => Heard::Found(port, finding),
        engine::Notice::Mf(port, signal) => Heard::Mf(port, signal),
        engine::Notice::Tested(port, count, locked) => Heard::Tested(port, count, locked),
        engine::Notice::Sound(port, sound) => Heard::Sound(port, sound),
        engine::Notice::Key(port, digit) => exchange(port, Exchange::Key(digit)),
        engine::Notice::Progress(port, tone) => exchange(port, Exchange::Tone(tone)),
        engine::Notice::Fsk(port, Fsk::Mark) => exchange(port, Exchange::Mark),
        engine::Notice::Fsk(port, Fsk::Octet(octet)) => exchange(port, Exchange::Octet(octet)),
        engine::Notice::Fsk(port, Fsk::Broken | Fsk::Lost) => exchange(port, Exchange::Cut),
    }
}

fn wire(layout: &Layout, card: usize, channel: usize) -> Wire {
    if let Some(place) = layout.at(card, channel) {
        return Wire::Port(place.port);
    }
    let data = layout.data.iter().find(|data| data.card == card && data.channel == channel);
    data.map_or(Wire::Nothing, |data| Wire::Data(data.span))
}

/// What an event of a card means to control.
fn heard(slot: &Slot, event: Event) -> Option<Heard> {
    let wire = |channel: usize| slot.wires.get(channel).copied().unwrap_or(Wire::Nothing);
    match event {
        Event::Frame { channel, frame } => match wire(channel) {
            Wire::Data(span) => Some(Heard::Frame(span, frame)),
            Wire::Port(_) | Wire::Nothing => None,
        },
        Event::FrameError { channel, .. } => match wire(channel) {
            Wire::Data(span) => Some(Heard::BadFrame(span)),
            Wire::Port(_) | Wire::Nothing => None,
        },
        Event::Hook { channel, off_hook } => match wire(channel) {
            Wire::Port(port) => Some(Heard::Hook(port, off_hook)),
            Wire::Data(_) | Wire::Nothing => None,
        },
        Event::Cas { channel, bits } => match wire(channel) {
            Wire::Port(port) => Some(Heard::Cas(port, bits)),
            Wire::Data(_) | Wire::Nothing => None,
        },
        Event::Alarms { span, alarms } => Some(Heard::Alarms(span, alarms)),
        // A jack's loss is told by its socket.
        Event::Gone => slot.card.paces().then_some(Heard::CardGone),
        Event::Back => slot.card.paces().then_some(Heard::CardBack),
        Event::Trouble { channel, trouble } => {
            slot.sockets.get(channel).map(|socket| Heard::Trouble(*socket, trouble.map(as_told)))
        }
        Event::Ringing { channel, on } => match wire(channel) {
            Wire::Port(port) => Some(Heard::Exchange(port, Exchange::Ringing(on))),
            Wire::Data(_) | Wire::Nothing => None,
        },
        Event::Polarity { channel } => match wire(channel) {
            Wire::Port(port) => Some(Heard::Exchange(port, Exchange::Polarity)),
            Wire::Data(_) | Wire::Nothing => None,
        },
        // Slips come with the counters; flashes are for lines to come.
        Event::Slip { .. } | Event::Flash { .. } => None,
    }
}

/// A card's trouble as the daemon is told.
fn as_told(trouble: hal_card::Trouble) -> Trouble {
    match trouble {
        hal_card::Trouble::Missing => Trouble::Missing,
        hal_card::Trouble::Forbidden => Trouble::Forbidden,
        hal_card::Trouble::Busy => Trouble::Busy,
        hal_card::Trouble::Refused(errno) => Trouble::Refused(errno),
        hal_card::Trouble::Overridden => Trouble::Overridden,
        hal_card::Trouble::Failing(errno) => Trouble::Failing(errno),
        hal_card::Trouble::Silent => Trouble::Silent,
    }
}
