//! The line thread of the box: what it tells, what it is ordered.
//!
//! Fault model. It comes late, by up to some seconds: what cards say waits meanwhile, keys pressed
//! are not heard (their blocks are lost), and so does what it is ordered. A core that is killed
//! takes what waits with it.

use std::collections::VecDeque;

use hal_card::Frame;
use ringmain_core::control::{Heard, Order};
use units::{Duration, Instant, SpanId};

use crate::check::Violation;
use crate::telephone;
use crate::trunk::Trunk;
use crate::trunk::circuits::BOX;
use crate::world::{Happening, World};

/// Blocks of a second.
const BLOCKS: u32 = 500;

/// What waits for it.
#[derive(Debug, Default)]
pub(crate) struct LineThread {
    /// It sleeps until then.
    late_until: Option<Instant>,
    heard: VecDeque<Heard>,
    orders: VecDeque<Order>,
    /// When it woke up last.
    pub(crate) awake_since: Instant,
}

impl LineThread {
    /// Whether it sleeps.
    pub(crate) fn sleeps(&self) -> bool {
        self.late_until.is_some()
    }

    /// The core is dead.
    pub(crate) fn killed(&mut self) {
        *self = Self { awake_since: self.awake_since, ..Self::default() };
    }
}

impl World {
    /// It does not come for so long.
    pub(crate) fn line_thread_sleeps(&mut self, ms: u64) {
        if self.appliance.control.is_none() || self.line_thread.sleeps() {
            return;
        }
        self.tally.count("line-thread-late");
        let late = Duration::from_millis(ms);
        self.line_thread.late_until = Some(self.now + late);
        self.after(late, Happening::Awake);
    }

    /// It wakes up: does what it was ordered, then tells what there is to tell.
    pub(crate) fn line_thread_wakes(&mut self) -> Result<(), Violation> {
        if self.line_thread.late_until.is_none_or(|until| until > self.now) {
            return Ok(());
        }
        let LineThread { orders, heard, .. } = std::mem::take(&mut self.line_thread);
        self.line_thread.awake_since = self.now;
        for order in orders {
            self.order(order);
        }
        self.deliver(Heard::Missing(BLOCKS));
        for heard in heard {
            self.deliver(heard);
            self.carry()?;
        }
        Ok(())
    }

    /// The box hears something, if it lives; later, if the line thread is late.
    pub(crate) fn heard(&mut self, heard: Heard) {
        if self.line_thread.sleeps() {
            self.line_thread.heard.push_back(heard);
        } else {
            self.deliver(heard);
        }
    }

    fn deliver(&mut self, heard: Heard) {
        let clock = self.appliance.clock(self.now);
        let Some(control) = &mut self.appliance.control else { return };
        let span = match &heard {
            Heard::Frame(span, _)
            | Heard::BadFrame(span)
            | Heard::Alarms(span, _)
            | Heard::Counters(span, _) => Some(*span),
            _ => None,
        };
        let mut cables = self.trunks.iter_mut().flat_map(|trunk| &mut trunk.cables);
        if let Some(cable) = cables.find(|cable| Some(cable.span) == span) {
            let told = &mut cable.told;
            match &heard {
                Heard::Frame(..) => told.frames += 1,
                Heard::BadFrame(_) => told.bad_frames += 1,
                Heard::Alarms(_, alarms) => told.alarms = Some(*alarms),
                Heard::Counters(_, counters) => told.counters = *counters,
                _ => {}
            }
        }
        control.heard(clock, heard);
    }

    /// The line thread is ordered to do something.
    pub(crate) fn ordered(&mut self, order: Order) {
        if self.line_thread.sleeps() {
            self.line_thread.orders.push_back(order);
        } else {
            self.order(order);
        }
    }

    fn order(&mut self, order: Order) {
        match order {
            Order::Engine(command) => {
                self.note(|| format!("engine: {}", short(&command)));
                if let Some((port, generation, after)) = self.appliance.matrix.command(command) {
                    self.after(after, Happening::ClipEnd(port, generation));
                }
                self.register_ordered(command);
                self.line_ordered(command);
            }
            Order::Frame(span, frame) => self.frame_from_box(span, frame),
            Order::Ring(port, on) => {
                let Some(index) = self.telephones.iter().position(|of| of.port == port) else {
                    return;
                };
                let on = on && !self.is_gone(self.telephones[index].unit);
                let telephone = &mut self.telephones[index];
                telephone.ringing = on;
                if on && let Some(after) = telephone.rings() {
                    let lift = telephone::Act::Lift;
                    let generation = telephone.generation;
                    self.later(after, Happening::Telephone(index, generation, lift));
                }
            }
            Order::Cas(port, bits) => {
                if let Some(trunk) = self.trunk_at(port) {
                    self.bits_shown(trunk, BOX, port, bits);
                }
            }
            Order::Loop(port, closed) => self.loop_ordered(port, closed),
            Order::Reversed(..) => {}
        }
    }

    fn frame_from_box(&mut self, span: SpanId, frame: Frame) {
        const DISCONNECT: u8 = 0x45;
        self.note(|| format!("box -> exchange of {span} {frame:02x?}"));
        let now = self.now;
        let place = |(index, trunk): (usize, &Trunk)| {
            Some((index, trunk.cables.iter().position(|cable| cable.span == span)?))
        };
        let Some((index, of)) = self.trunks.iter().enumerate().find_map(place) else { return };
        let clears = frame.get(2).is_some_and(|control| control & 1 == 0)
            && frame.get(8) == Some(&DISCONNECT);
        if self.trunks[index].cables[of].up.send(frame) {
            self.later(2, Happening::Tick { trunk: index, of, to_box: false });
        }
        // While it is on its way, somebody answers.
        let exchange = &mut self.trunks[index].exchange;
        if clears && exchange.late > 0 {
            exchange.answer_all(now);
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
