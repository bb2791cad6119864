//! One span of the box, its wires and the exchange at the far end.
//!
//! Fault model of layer 1. The receiver of the box sees loss of signal or frame, or AIS: nothing
//! comes in then; or RAI: nothing that the box sends is understood; or it misses the multiframe of
//! CRC-4, which carries calls all the same; in any combination, which changes at any moment. The
//! far side sees it by its own alarms, or by nothing but silence. Errors are counted besides.

pub(crate) mod circuits;
pub(crate) mod exchange;
mod far;
mod odd;
pub(crate) mod wire;

use board::Layout;
use hal_card::{Alarms, Counters};
use machine::check::Random;
use units::{Instant, LineId, PortId, SpanId, Timeslot};

use exchange::Exchange;
use wire::{LineFaults, Wire};

/// What the box was told of a span since its core started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) alarms: Option<Alarms>,
    pub(crate) counters: Counters,
    pub(crate) frames: u64,
    pub(crate) bad_frames: u64,
}

/// A span and all that is on it.
#[derive(Debug)]
pub(crate) struct Trunk {
    pub(crate) span: SpanId,
    /// Its socket, by the index in the layout.
    pub(crate) unit: usize,
    /// What happens to its frames.
    pub(crate) line: LineFaults,
    /// Its wires are cut.
    pub(crate) cut: bool,
    /// What the box's receiver sees beside that.
    pub(crate) alarms: Alarms,
    /// The far side has no alarms of its own.
    pub(crate) unseen: bool,
    /// It has carried nothing, in one direction at least, for cable or card, since then.
    pub(crate) down_since: Option<Instant>,
    /// Something happened to it that may take calls.
    pub(crate) harmed: bool,
    /// What its card has counted since it was opened.
    pub(crate) counters: Counters,
    pub(crate) told: Told,
    /// To the box.
    pub(crate) down: Wire,
    /// From the box.
    pub(crate) up: Wire,
    pub(crate) exchange: Exchange,
    /// What R2 circuits carry.
    pub(crate) circuits: circuits::Circuits,
    /// Their places in the matrix.
    pub(crate) ports: Vec<PortId>,
}

impl Trunk {
    /// The trunk of a span.
    pub(crate) fn new(seed: u64, layout: &Layout, span: SpanId, unit: usize) -> Self {
        let channels = layout.places.iter().filter_map(|place| match place.kind {
            board::PlaceKind::Bearer(of, slot) if of == span => Some((slot, place.port)),
            _ => None,
        });
        let channels: Vec<_> = channels.collect();
        let ports = channels.iter().map(|channel| channel.1).collect();
        let r2 = layout.cas.iter().find(|cas| cas.span == span).map(ringmain_core::r2::config);
        Self {
            span,
            unit,
            line: LineFaults::default(),
            cut: false,
            alarms: Alarms::default(),
            unseen: false,
            down_since: None,
            harmed: false,
            counters: Counters::default(),
            told: Told::default(),
            down: Wire::new(),
            up: Wire::new(),
            exchange: Exchange::new(seed, LineId::of_span(span), channels.into_iter(), r2),
            circuits: circuits::Circuits::default(),
            ports,
        }
    }

    /// What the box's receiver sees.
    pub(crate) fn seen(&self, gone: bool) -> Alarms {
        Alarms { los: self.alarms.los || self.cut || gone, ..self.alarms }
    }

    /// Whether nothing comes in at the box, and whether nothing comes out of it.
    pub(crate) fn dead(&self, gone: bool) -> (bool, bool) {
        let cut = self.cut || gone;
        (cut || self.alarms.down(), cut || self.alarms.rai)
    }

    /// The slot of somebody's call.
    pub(crate) fn used(&self, layout: &Layout, random: &mut Random) -> Option<Timeslot> {
        let ports: Vec<PortId> =
            self.exchange.people.values().filter_map(|person| person.port).collect();
        let port = (!ports.is_empty()).then(|| *random.pick(&ports))?;
        match layout.port(port)?.kind {
            board::PlaceKind::Bearer(_, slot) => Some(slot),
            _ => None,
        }
    }

    /// Everything of it is mended.
    pub(crate) fn mend(&mut self) {
        self.line = LineFaults::default();
        (self.cut, self.unseen) = (false, false);
        self.alarms = Alarms::default();
        self.exchange.mute = false;
        (self.exchange.wrong, self.exchange.late) = (0, 0);
        self.circuits.mend();
    }
}
