//! One line of the box: a span, or several under one D channel; its wires and the exchange at the
//! far end.

pub(crate) mod cable;
pub(crate) mod circuits;
pub(crate) mod exchange;
mod far;
mod odd;
pub(crate) mod wire;

use board::{Group, Layout, UnitKind};
use machine::check::Random;
use span::pri::Place;
use units::{LineId, PortId, SpanId, Timeslot};

use cable::Cable;
use exchange::{Exchange, Signalling};
use wire::LineFaults;

/// A line and all that is on it.
#[derive(Debug)]
pub(crate) struct Trunk {
    /// Its spans; the first has the D channel.
    pub(crate) cables: Vec<Cable>,
    /// Which of them has another one as backup.
    pub(crate) backup: Option<usize>,
    /// What happens to its frames.
    pub(crate) line: LineFaults,
    /// Something happened to all of it that may take calls.
    pub(crate) harmed: bool,
    pub(crate) exchange: Exchange,
    /// What R2 circuits carry.
    pub(crate) circuits: circuits::Circuits,
    /// Their places in the matrix.
    pub(crate) ports: Vec<PortId>,
}

impl Trunk {
    /// The trunk of a group of spans, perhaps of one.
    pub(crate) fn group(seed: u64, layout: &Layout, group: &Group) -> Self {
        let channels = (0..).zip(&group.spans).flat_map(|(of, (span, _))| {
            let place = move |(slot, port)| Some((Place::new(of, slot)?, port));
            channels(layout, *span).filter_map(place)
        });
        let channels: Vec<_> = channels.collect();
        let ports = channels.iter().map(|channel| channel.1).collect();
        let identifiers = group.spans.iter().map(|(_, identifier)| *identifier).collect();
        let signalling = Signalling::Pri { channels, identifiers, backup: group.backup };
        let exchange = Exchange::new(seed, group.line(), signalling);
        let spans = group.spans.iter().map(|(span, _)| *span);
        let trunk = Self::new(exchange, spans.map(|span| cable(layout, span)).collect(), ports);
        Self { backup: group.backup.map(usize::from), ..trunk }
    }

    /// The trunk of a span with R2 circuits.
    pub(crate) fn circuits(seed: u64, layout: &Layout, cas: &board::CasPlace) -> Self {
        let channels: Vec<_> = channels(layout, cas.span).collect();
        let ports = channels.iter().map(|channel| channel.1).collect();
        let signalling = Signalling::R2 { channels, config: ringmain_core::r2::config(cas) };
        let exchange = Exchange::new(seed, LineId::of_span(cas.span), signalling);
        Self::new(exchange, vec![cable(layout, cas.span)], ports)
    }

    fn new(exchange: Exchange, cables: Vec<Cable>, ports: Vec<PortId>) -> Self {
        Self {
            cables,
            backup: None,
            line: LineFaults::default(),
            harmed: false,
            exchange,
            circuits: circuits::Circuits::default(),
            ports,
        }
    }

    /// The span that it is named by, with the D channel.
    pub(crate) fn first(&self) -> &Cable {
        &self.cables[0]
    }

    /// Its name.
    pub(crate) fn span(&self) -> SpanId {
        self.first().span
    }

    /// Whether a fault of one of its cables leaves the calls of the others alone: the D channel is
    /// elsewhere, or both ends see at once that it has to be. If not, an answer may be on its way
    /// over the dead one.
    pub(crate) const fn is_apart(&self, of: usize) -> bool {
        match self.backup {
            None => of > 0,
            Some(_) => !self.exchange.blind,
        }
    }

    /// Whether something happened that may take the call at one of its ports.
    pub(crate) fn harmed_at(&self, layout: &Layout, port: Option<PortId>) -> bool {
        let span = port.and_then(|port| match layout.port(port)?.kind {
            board::PlaceKind::Bearer(span, _) => Some(span),
            _ => None,
        });
        let here = |cable: &Cable| cable.harmed && span.is_none_or(|span| cable.span == span);
        self.harmed || self.cables.iter().any(here)
    }

    /// Whether anything happened that may take a call of it.
    pub(crate) fn harmed_anywhere(&self) -> bool {
        self.harmed || self.cables.iter().any(|cable| cable.harmed)
    }

    /// The slot of somebody's call on its first span.
    pub(crate) fn used(&self, layout: &Layout, random: &mut Random) -> Option<Timeslot> {
        let ports: Vec<PortId> =
            self.exchange.people.values().filter_map(|person| person.port).collect();
        let port = (!ports.is_empty()).then(|| *random.pick(&ports))?;
        match layout.port(port)?.kind {
            board::PlaceKind::Bearer(span, slot) if span == self.span() => Some(slot),
            _ => None,
        }
    }

    /// Everything of it is mended.
    pub(crate) fn mend(&mut self) {
        self.line = LineFaults::default();
        for cable in &mut self.cables {
            cable.cut = false;
            cable.clear();
        }
        self.exchange.mute = false;
        (self.exchange.wrong, self.exchange.late) = (0, 0);
        self.circuits.mend();
    }
}

/// The slots of a span that carry calls, and their places in the matrix.
fn channels(layout: &Layout, span: SpanId) -> impl Iterator<Item = (Timeslot, PortId)> {
    layout.places.iter().filter_map(move |place| match place.kind {
        board::PlaceKind::Bearer(of, slot) if of == span => Some((slot, place.port)),
        _ => None,
    })
}

/// The cable of a span.
fn cable(layout: &Layout, span: SpanId) -> Cable {
    let is = |kind| matches!(kind, UnitKind::Pri(of) | UnitKind::Cas(of) if of == span);
    Cable::new(span, layout.units.iter().position(|unit| is(unit.kind)).unwrap_or(0))
}
