//! The card: its units in the order of the plan, one receive and one transmit for all of them.

use std::sync::Arc;

use hal_card::{Card, Channel, Command, Counters, Event, Fault, Kind, Octets, Received, Voltages};
use units::{Duration, SpanId, Timeslot};

use crate::attendant::Attendant;
use crate::bring_up::{Ports, bring_up};
use crate::kernel::Kernel;
use crate::plan::{Plan, SLOTS, Side, UnitPlan};
use crate::port::PortUnit;
use crate::sound::Sound;
use crate::span::SpanUnit;
use crate::unit::{Events, Got};

/// Blocks between two looks at a unit: a second, spread over the units.
const LOOK_EVERY: u64 = 500;
/// How often the attendant looks for what is missing.
pub(crate) const ATTEND_EVERY: Duration = Duration::from_secs(1);

enum Unit<P> {
    Span(SpanUnit<P>),
    Port(PortUnit<P>),
}

/// Spans and analog ports behind the kernel's telephony interface.
pub struct DahdiCard<K: Kernel> {
    kernel: Arc<K>,
    channels: Vec<Channel>,
    units: Vec<Unit<K::Port>>,
    attendant: Attendant<K::Port>,
    events: Box<Events>,
    clock: u64,
    ticks: u64,
}

impl<K> DahdiCard<K>
where
    K: Kernel + Send + Sync + 'static,
{
    /// Opens what the plan names. What is not there, or cannot be opened, is a
    /// [`hal_card::Trouble`] and comes later by itself.
    ///
    /// # Errors
    /// [`Fault::System`] if there can be no thread that attends to missing hardware.
    pub fn open(kernel: Arc<K>, plan: &Plan) -> Result<Self, Fault> {
        Self::open_attended(kernel, plan, ATTEND_EVERY)
    }

    /// As [`Self::open`]; looks for missing hardware every `interval`.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_attended(kernel: Arc<K>, plan: &Plan, interval: Duration) -> Result<Self, Fault> {
        let plan = plan.clone().settled();
        let attendant = Attendant::start(kernel.clone(), plan.clone(), interval)
            .map_err(|fault| Fault::System(fault.raw_os_error().unwrap_or(libc::EAGAIN)))?;
        let (mut channels, mut units) = (vec![], vec![]);
        for unit in &plan.units {
            let base = channels.len();
            channels.extend(kinds(unit).map(|kind| Channel {
                kind,
                law: plan.law,
                clock: plan.clock,
            }));
            let sound = Sound::of(&plan);
            units.push(match unit {
                UnitPlan::Span(span) => Unit::Span(SpanUnit::new(*span, base, sound)),
                UnitPlan::Port(port) => Unit::Port(PortUnit::new(*port, base, sound)),
            });
        }
        let events = Box::default();
        let mut card = Self { kernel, channels, units, attendant, events, clock: 0, ticks: 0 };
        for (index, unit) in plan.units.iter().enumerate() {
            let news = bring_up(&*card.kernel, &plan, unit);
            if news.is_err() {
                card.attendant.want(index, None);
            }
            card.take_news(index, news);
        }
        Ok(card)
    }
}

fn kinds(unit: &UnitPlan) -> impl Iterator<Item = Kind> {
    let (span, port) = match unit {
        UnitPlan::Span(span) => (Some(*span), None),
        UnitPlan::Port(port) => (None, Some(*port)),
    };
    let slots = span
        .into_iter()
        .flat_map(|plan| Timeslot::all().map(move |slot| plan.signalling.kind(plan.span, slot)));
    slots.chain(port.map(|plan| match plan.side {
        Side::Telephone => Kind::Fxs,
        Side::Exchange => Kind::Fxo,
    }))
}

impl<P> Unit<P> {
    fn first(&self) -> Option<&P> {
        match self {
            Self::Span(span) => span.first(),
            Self::Port(port) => port.first(),
        }
    }

    /// The port to wait for, if the unit delivers.
    fn pacing(&self) -> Option<&P> {
        match self {
            Self::Span(span) if span.watch.paces() => span.first(),
            Self::Port(port) if port.watch.paces() => port.first(),
            Self::Span(_) | Self::Port(_) => None,
        }
    }

    fn there(&self) -> bool {
        self.first().is_some()
    }
}

impl<K: Kernel> DahdiCard<K> {
    /// The attendant has opened a unit, or says why it cannot.
    fn take_news(&mut self, index: usize, news: Result<Ports<K::Port>, hal_card::Trouble>) {
        match (self.units.get_mut(index), news) {
            (Some(Unit::Span(span)), Ok(ports)) => {
                span.adopt(&*self.kernel, ports, &mut self.events);
            }
            (Some(Unit::Port(port)), Ok(ports)) => {
                port.adopt(&*self.kernel, ports, &mut self.events);
            }
            (Some(Unit::Span(span)), Err(trouble)) => span.watch.cannot_open(trouble),
            (Some(Unit::Port(port)), Err(trouble)) => port.watch.cannot_open(trouble),
            (None, _) => {}
        }
    }

    /// Waits for the first unit that delivers; if none does, for the first that is there.
    fn wait(&self, patience: Duration) {
        let pacing = || self.units.iter().find_map(Unit::pacing);
        if !patience.is_zero()
            && let Some(port) = pacing().or_else(|| self.units.iter().find_map(Unit::first))
        {
            self.kernel.wait(port, patience);
        }
    }

    /// The unit of a channel.
    fn unit(&self, channel: usize) -> Result<&Unit<K::Port>, Fault> {
        let unit = self.units.iter().find(|unit| match unit {
            Unit::Span(span) => (span.base..span.base + SLOTS).contains(&channel),
            Unit::Port(port) => port.base == channel,
        });
        unit.ok_or(Fault::NoSuchChannel)
    }

    fn port(&self, channel: usize) -> Result<&PortUnit<K::Port>, Fault> {
        match self.unit(channel)? {
            Unit::Port(port) => Ok(port),
            Unit::Span(_) => Err(Fault::NoSuchChannel),
        }
    }

    fn receive_unit(&mut self, index: usize, blocks: &mut [Octets]) -> Got {
        let (kernel, events) = (&*self.kernel, &mut *self.events);
        let got = match &mut self.units[index] {
            Unit::Span(span) => match blocks.get_mut(span.base..span.base + SLOTS) {
                Some(blocks) => span.receive(kernel, blocks, events),
                None => Got::default(),
            },
            Unit::Port(port) => match blocks.get_mut(port.base) {
                Some(block) => port.receive(kernel, block, events),
                None => Got::default(),
            },
        };
        if got.lost {
            let ports = match &mut self.units[index] {
                Unit::Span(span) => {
                    span.watch.saw(crate::io::Moved::Lost);
                    span.lose()
                }
                Unit::Port(port) => {
                    port.watch.saw(crate::io::Moved::Lost);
                    port.lose(&mut self.events)
                }
            };
            self.attendant.want(index, ports);
        }
        got
    }

    /// Each unit once a second, one at a time; and those with news at once.
    fn look(&mut self) {
        for (index, unit) in self.units.iter_mut().enumerate() {
            let turn = self.ticks % LOOK_EVERY == index as u64 % LOOK_EVERY;
            match unit {
                Unit::Span(span) => span.look(&*self.kernel, turn),
                Unit::Port(port) if turn => port.look(&*self.kernel),
                Unit::Port(_) => {}
            }
        }
    }
}

impl<K: Kernel> Card for DahdiCard<K> {
    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    fn receive(&mut self, blocks: &mut [Octets], patience: Duration) -> Result<Received, Fault> {
        while let Some((index, news)) = self.attendant.poll() {
            self.take_news(index, news);
        }
        if !self.units.iter().any(Unit::there) {
            return Err(Fault::Gone);
        }
        self.wait(patience);
        let mut received = Received::default();
        for index in 0..self.units.len() {
            let got = self.receive_unit(index, blocks);
            received.block |= got.block;
            received.missing = received.missing.max(got.missing);
        }
        if received.block {
            self.clock += 1 + u64::from(received.missing);
        }
        self.ticks += 1;
        self.look();
        received.clock = self.clock;
        Ok(received)
    }

    fn transmit(&mut self, blocks: &[Octets]) -> Result<(), Fault> {
        let (kernel, events) = (&*self.kernel, &mut *self.events);
        for unit in &mut self.units {
            match unit {
                Unit::Span(span) => {
                    if let Some(blocks) = blocks.get(span.base..span.base + SLOTS) {
                        span.transmit(kernel, blocks, events);
                    }
                }
                Unit::Port(port) => {
                    if let Some(block) = blocks.get(port.base) {
                        port.transmit(kernel, block, events);
                    }
                }
            }
        }
        if self.units.iter().any(Unit::there) { Ok(()) } else { Err(Fault::Gone) }
    }

    fn poll_event(&mut self) -> Option<Event> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        self.units.iter_mut().find_map(|unit| match unit {
            Unit::Span(span) => span.poll(),
            Unit::Port(port) => port.watch.poll(port.base),
        })
    }

    fn send_frame(&mut self, channel: usize, frame: &[u8]) -> Result<(), Fault> {
        let span = self.units.iter_mut().find_map(|unit| match unit {
            Unit::Span(span) if span.data() == Some(channel) => Some(span),
            Unit::Span(_) | Unit::Port(_) => None,
        });
        span.ok_or(Fault::NoSuchChannel)?.send_frame(frame)
    }

    fn command(&mut self, command: Command) -> Result<(), Fault> {
        let kernel = &*self.kernel;
        match command {
            Command::Ring { channel, on } => self.port(channel)?.ring(kernel, on),
            Command::Polarity { channel, reversed } => {
                self.port(channel)?.polarity(kernel, reversed)
            }
            Command::OnHookSound { channel, ms } => self.port(channel)?.on_hook_sound(kernel, ms),
            Command::Loop { channel, closed } => self.port(channel)?.close_loop(kernel, closed),
            Command::Flash { channel } => self.port(channel)?.flash(kernel),
            Command::Cas { channel, bits } => match self.unit(channel)? {
                Unit::Span(span) => span.set_bits(kernel, channel - span.base, bits),
                Unit::Port(_) => Err(Fault::NoSuchChannel),
            },
            Command::Echo { channel, on } => match self.unit(channel)? {
                Unit::Span(span) => span.echo(kernel, channel - span.base, on),
                Unit::Port(port) => port.echo(kernel, on),
            },
        }
    }

    fn counters(&self, span: SpanId) -> Option<Counters> {
        self.units.iter().find_map(|unit| match unit {
            Unit::Span(unit) if unit.plan.span == span => Some(unit.counters()),
            Unit::Span(_) | Unit::Port(_) => None,
        })
    }

    fn voltages(&mut self, channel: usize) -> Option<Voltages> {
        self.port(channel).ok()?.voltages(&*self.kernel)
    }
}
