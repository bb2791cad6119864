//! Lines: which there are, and what they want done.

use std::collections::BTreeMap;

use bearer::Request;
use board::{JackRole, Layout, PlaceKind, UnitKind};
use call::Call;
use engine::{Command, Ear, Lead};
use hal_card::Frame;
use link::Detail;
use machine::Machine;
use span::jack::Answering;
use span::pri::Place;
use span::{Exchange, Line, fxo};
use units::{BoxId, Instant, LineId, Mint, PortId, SpanId};

use super::{Control, Key, Order, Said, Work};
use crate::{country, r2};

impl Control {
    /// Something of the circuit at a port.
    pub(super) fn circuit(&mut self, port: PortId, input: span::Input) {
        if let Some(PlaceKind::Bearer(span, _)) = self.layout.port(port).map(|place| place.kind) {
            let (line, _) = self.layout.line_of(span);
            self.work.push_back(Work::Line(line, input));
        }
    }

    /// The device of a span is there or not. The driver of a card that is gone says nothing of its
    /// alarms: where calls do not end with the data link of the span, as those of circuits and in a
    /// group whose D channel is or may be elsewhere, nothing else tells that it is dead.
    pub(super) fn span_device(&mut self, socket: u16, there: bool) {
        let unit = self.layout.units.get(usize::from(socket));
        let (span, linked) = match unit.map(|unit| unit.kind) {
            Some(UnitKind::Cas(span)) => (span, false),
            Some(UnitKind::Pri(span)) => (span, self.is_alone(span)),
            _ => return,
        };
        if !linked {
            let (line, of) = self.layout.line_of(span);
            let dead = self.spans.get(&span).is_some_and(|facts| facts.alarms.mute());
            let up = there && !dead;
            self.work.push_back(Work::Line(line, span::Input::Layer1 { of, up }));
        }
    }

    /// Whether the calls of a span depend on its own D channel and on no other.
    fn is_alone(&self, span: SpanId) -> bool {
        let (line, of) = self.layout.line_of(span);
        let backup = self.layout.group_of(line).and_then(|group| group.backup);
        of == 0 && backup.is_none()
    }

    /// Whether who calls on it is one of us: a telephone or a jack, not the outside world.
    pub(super) fn is_ours(&self, line: LineId) -> bool {
        line.span().is_none() && !matches!(self.lines.get(&line), Some(Line::Trunk(_)))
    }

    /// The loop at a port closed or opened: a handset's, or an exchange's current in ours.
    pub(super) fn hook(&mut self, port: PortId, on: bool) {
        let (line, input) = match self.layout.port(port).map(|place| place.kind) {
            Some(PlaceKind::Telephone(line)) => (line, span::Input::Hook { off_hook: on }),
            Some(PlaceKind::Trunk(line)) => (line, span::Input::Exchange(Exchange::Current(on))),
            Some(PlaceKind::Bearer(..) | PlaceKind::Jack(..)) | None => return,
        };
        self.work.push_back(Work::Line(line, input));
    }

    /// A call is about to be placed on a line: whether it comes from outside.
    pub(super) fn comes_from(&mut self, id: LineId, input: &span::Input) {
        if let span::Input::Request(Request::Place { leg, .. }) = input {
            let call = self.legs.get(leg).and_then(|leg| self.calls.get(&leg.call));
            let outside = call.and_then(Call::line).is_some_and(|from| !self.is_ours(from));
            if let Some(line) = self.lines.get_mut(&id) {
                line.comes_from(outside);
            }
        }
    }

    pub(super) fn drain_line(&mut self, now: Instant, id: LineId) {
        self.keeper.line(id);
        loop {
            let Some(output) = self.lines.get_mut(&id).and_then(Machine::poll_output) else {
                break;
            };
            match output {
                span::Output::Indication(indication) => self.indication(now, id, indication),
                span::Output::Said { leg, elements } => self.elements(leg, &elements),
                span::Output::Transmit(frame) => self.transmit(now, id, 0, frame),
                span::Output::TransmitBackup(frame) => {
                    let of = self.layout.group_of(id).and_then(|group| group.backup);
                    self.transmit(now, id, of.unwrap_or(0), frame);
                }
                span::Output::Ringing(port, on) => {
                    self.feed_port(Key::Line(id), Order::Ring(port, on));
                }
                span::Output::Attention(port) => self.engine(id, Command::Attention(port)),
                span::Output::Cas(port, bits) => {
                    self.gate.submit(Key::Line(id), Said::Order(Order::Cas(port, bits)));
                }
                span::Output::Register(port, direction) => {
                    self.engine(id, Command::Register(port, direction));
                }
                span::Output::Mf(port, signal) => self.engine(id, Command::Mf(port, signal)),
                span::Output::Busy(port, true) => {
                    self.engine(id, Command::Tone(port, engine::Tone::Busy));
                }
                span::Output::Busy(port, false) => self.engine(id, Command::Silence(port)),
                span::Output::Reversed(port, on) => {
                    self.feed_port(Key::Line(id), Order::Reversed(port, on));
                }
                span::Output::Loop(port, closed) => {
                    self.gate.submit(Key::Line(id), Said::Order(Order::Loop(port, closed)));
                }
                span::Output::Listen(port, ear) => {
                    self.engine(id, Command::Exchange(port, hears(ear)));
                }
                span::Output::CallerOctet(port, octet) => {
                    self.engine(id, Command::CallerOctet(port, octet));
                }
                span::Output::CallerKey(port, digit) => {
                    self.engine(id, Command::CallerKey(port, digit));
                }
                span::Output::Caller(port, lead) => {
                    self.engine(id, Command::Caller(port, lead.map(before)));
                }
                span::Output::Key(port, digit) => self.engine(id, Command::Key(port, digit)),
                span::Output::DataLink { up } => {
                    if let Some(span) = id.span() {
                        self.facts(span, |facts| facts.data_link = up);
                        self.event(now, Detail::DataLink { span, up });
                    }
                }
                span::Output::DChannel { of, state } => {
                    if let (Some(span), Some(lead)) = (self.span_of(id, of), id.span()) {
                        self.event(now, Detail::DChannel { span, lead, state });
                    }
                }
            }
        }
    }

    /// A span of a line, by its place in the group.
    fn span_of(&self, line: LineId, of: u8) -> Option<SpanId> {
        let group = self.layout.group_of(line);
        group.map_or(line.span(), |group| group.span(of))
    }

    /// A frame leaves on the D channel of a span of a line.
    fn transmit(&mut self, now: Instant, line: LineId, of: u8, frame: Frame) {
        if let Some(span) = self.span_of(line, of) {
            self.facts(span, |facts| facts.frames_out += 1);
            self.capture(now, span, true, &frame);
            let order = Said::Order(Order::Frame(span, frame));
            self.gate.submit(Key::Line(line), order);
        }
    }

    /// A line's order to the engine.
    fn engine(&mut self, line: LineId, command: Command) {
        self.gate.submit(Key::Line(line), Said::Order(Order::Engine(command)));
    }
}

/// What the engine does before it tells who calls.
const fn before(lead: span::Lead) -> Lead {
    let span::Lead { wait_ms, alert_ms, gap_ms } = lead;
    Lead { wait_ms, alert_ms, gap_ms }
}

/// What the engine listens for on an exchange line.
const fn hears(ear: fxo::Ear) -> Ear {
    match ear {
        fxo::Ear::Nothing => Ear::Nothing,
        fxo::Ear::Caller => Ear::Caller,
        fxo::Ear::Tones => Ear::Tones,
    }
}

/// The lines that a layout makes: a group for each span, one for each telephone, exchange line
/// and jack.
pub(super) fn lines(box_id: BoxId, boot: u32, layout: &Layout) -> BTreeMap<LineId, Line> {
    let mint = |line: LineId| Mint::new(box_id, boot, 1 + line.0);
    let mut lines = BTreeMap::new();
    let channels = |span: SpanId| {
        layout.places.iter().filter_map(move |place| match place.kind {
            PlaceKind::Bearer(of, slot) if of == span => Some((slot, place.port)),
            PlaceKind::Bearer(..)
            | PlaceKind::Telephone(_)
            | PlaceKind::Trunk(_)
            | PlaceKind::Jack(..) => None,
        })
    };
    for group in &layout.groups {
        let line = group.line();
        let of_group = (0..).zip(&group.spans).flat_map(|(of, (span, _))| {
            channels(*span).filter_map(move |(slot, port)| Some((Place::new(of, slot)?, port)))
        });
        let made = if group.is_several() {
            let identifiers: Vec<_> =
                group.spans.iter().map(|(_, identifier)| *identifier).collect();
            Line::group_user(line, mint(line), &identifiers, group.backup, of_group)
        } else {
            Line::pri_user(line, mint(line), of_group)
        };
        lines.insert(line, made);
    }
    for cas in &layout.cas {
        let line = LineId::of_span(cas.span);
        lines.insert(line, Line::r2(line, r2::config(cas), mint(line), channels(cas.span)));
    }
    for (line, port) in layout.telephones() {
        let settings = country::telephones(&layout.country);
        lines.insert(line, Line::telephone(line, port, mint(line), settings));
    }
    for (line, port) in layout.trunks() {
        let timing = country::exchange_timing(&layout.country);
        lines.insert(line, Line::trunk(line, port, mint(line), timing));
    }
    for (line, role, port) in layout.jacks() {
        let answering = match role {
            JackRole::Music => continue,
            JackRole::Paging => Answering::AtOnce,
            JackRole::Handset | JackRole::Door => Answering::AfterTone,
        };
        lines.insert(line, Line::jack(line, port, mint(line), answering));
    }
    lines
}
