//! The line thread: each tick one block from every card, the engine, one block to every card.
//!
//! ```text
//!  cards ─ receive ─► rx ─► engine.tick ─► tx ─ transmit ─► cards
//!            events, keys ─► ring ─► control      orders ◄─ ring ◄─ control
//! ```
//!
//! It never blocks but in the first card's `receive`, allocates nothing once it runs, takes no
//! lock, logs nothing. When the ring to control is full, what does not fit is counted and dropped:
//! a stalled control thread costs events, never sound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use engine::Engine;
use hal_card::{Card, Command, Event, Kind, Octets};
use heapless::spsc::{Consumer, Producer};
use nix::sys::eventfd::EventFd;
use units::{Duration, Law, PortId, SpanId};

use crate::board::Layout;
use crate::control::{Heard, Order};

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
    /// Wakes control.
    pub bell: EventFd,
}

/// The two ends of the rings that the line thread has.
pub struct Rings {
    /// To control.
    pub heard: Producer<'static, Heard>,
    /// From control.
    pub orders: Consumer<'static, Order>,
}

/// How long the pacing card may be silent before the tick goes on without it.
const PATIENCE: Duration = Duration::from_millis(10);
/// Ticks between two reports of a span's counters: a second.
const COUNTERS_EVERY: u64 = 500;

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
}

impl LineThread {
    /// Joins cards, in the order of the board file, with the matrix that the layout says.
    #[must_use]
    pub fn new(
        cards: Vec<Box<dyn Card + Send>>,
        layout: &Layout,
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
            Slot { card, wires, blocks }
        });
        let cards: Vec<_> = slots.collect();
        let idle: Vec<Octets> = laws.iter().map(|law| [law.idle(); 16]).collect();
        Self {
            engine: Engine::new(&laws),
            rx: idle.clone(),
            tx: idle,
            spans: layout.spans().collect(),
            cards,
            shared,
            rings,
            lockstep,
            ticks: 0,
        }
    }

    /// Ticks until told to stop.
    pub fn run(&mut self) {
        while !self.shared.stop.load(Ordering::Relaxed) {
            self.tick();
            if self.lockstep {
                self.wait_for_control();
            }
        }
    }

    /// In lockstep time stands still until control has taken in what this block brought.
    fn wait_for_control(&self) {
        let block = self.shared.blocks.load(Ordering::Relaxed);
        while self.shared.taken.load(Ordering::Acquire) < block
            && !self.shared.stop.load(Ordering::Relaxed)
        {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    fn tick(&mut self) {
        self.ticks += 1;
        self.receive();
        self.obey();
        self.engine.tick(&self.rx, &mut self.tx);
        self.transmit();
        let mut news = self.tell_events();
        while let Some(notice) = self.engine.poll_notice() {
            let heard = match notice {
                engine::Notice::Digit(port, digit) => Heard::Digit(port, digit),
                engine::Notice::Played(port, token) => Heard::Played(port, token),
            };
            news |= self.tell(heard);
        }
        if self.ticks.is_multiple_of(COUNTERS_EVERY) {
            news |= self.tell_counters();
        }
        if news || self.lockstep {
            // A full eventfd has been rung already.
            let _ = self.shared.bell.write(1);
        }
    }

    fn receive(&mut self) {
        let mut patience = PATIENCE;
        let mut missing = 0;
        for (index, slot) in self.cards.iter_mut().enumerate() {
            let received = slot.card.receive(&mut slot.blocks, patience).unwrap_or_default();
            patience = Duration::ZERO;
            missing += received.missing;
            if index == 0 {
                if received.block {
                    self.shared.blocks.store(received.clock, Ordering::Release);
                } else {
                    self.shared.idle_ticks.fetch_add(1, Ordering::Relaxed);
                }
            }
            for (wire, block) in slot.wires.iter().zip(&slot.blocks) {
                if let Wire::Port(port) = wire {
                    self.rx[usize::from(port.0)] =
                        if received.block { *block } else { [Law::A.idle(); 16] };
                }
            }
        }
        if missing > 0 {
            self.tell(Heard::Missing(missing));
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
                Order::Engine(command) => self.engine.command(command),
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
                if let Some(heard) = heard(&self.cards[index].wires, event) {
                    news |= self.tell(heard);
                }
            }
        }
        news
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

fn wire(layout: &Layout, card: usize, channel: usize) -> Wire {
    if let Some(place) = layout.at(card, channel) {
        return Wire::Port(place.port);
    }
    let data = layout.data.iter().find(|data| data.card == card && data.channel == channel);
    data.map_or(Wire::Nothing, |data| Wire::Data(data.span))
}

/// What an event of a card means to control.
fn heard(wires: &[Wire], event: Event) -> Option<Heard> {
    let wire = |channel: usize| wires.get(channel).copied().unwrap_or(Wire::Nothing);
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
        Event::Alarms { span, alarms } => Some(Heard::Alarms(span, alarms)),
        Event::Gone => Some(Heard::CardGone),
        Event::Back => Some(Heard::CardBack),
        // Slips come with the counters; CAS and ringing-in are for lines of later releases.
        Event::Slip { .. } | Event::Cas { .. } | Event::Ringing { .. } => None,
    }
}

/// Whether a card has the channels that the board file says.
///
/// # Errors
/// A sentence that says what is missing.
pub fn check(card: &dyn Card, layout: &Layout, index: usize) -> Result<(), String> {
    let wanted = layout.places.iter().filter(|place| place.card == index).count()
        + layout.data.iter().filter(|data| data.card == index).count();
    let found = card.channels().len();
    if found < wanted {
        return Err(format!(
            "card {} has {found} channels, the board file says {wanted}",
            index + 1
        ));
    }
    for data in layout.data.iter().filter(|data| data.card == index) {
        let kind = card.channels().get(data.channel).map(|channel| channel.kind);
        if !matches!(kind, Some(Kind::Data { .. })) {
            return Err(format!("card {}: {} has no D channel at its place", index + 1, data.span));
        }
    }
    Ok(())
}
