//! The places of the matrix and the ports of the box, as they follow from a board.
//!
//! For each card in the order of its name: the bearer slots of its spans, its telephones, its
//! exchange lines, each by number. Behind them the audio jacks by number: each is a card of its own
//! with one channel, because each has a clock of its own.

use units::{Gain, GainFrom, LineId, PortId, SpanId, Timeslot};

use crate::check::numbered;
use crate::country::Country;
use crate::document::{AudioEntry, Board, CardEntry, JackRole, PortEntry, Signalling, SpanEntry};
use crate::echo::{Canceller, Echo, of_line};
use crate::group::Group;
use crate::level::LevelPlan;
use crate::r2::R2;

/// One place of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub port: PortId,
    /// The card, by its index.
    pub card: usize,
    /// The channel, by its index on the card.
    pub channel: usize,
    /// What it is.
    pub kind: PlaceKind,
    /// Its echo canceller.
    pub echo: Canceller,
    /// How much louder its sound is made.
    pub gain: Gain,
    /// Where that is from: what comes, what goes.
    pub gain_from: [GainFrom; 2],
}

/// What a place of the matrix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// A B channel.
    Bearer(SpanId, Timeslot),
    /// A telephone port.
    Telephone(LineId),
    /// A line from an exchange.
    Trunk(LineId),
    /// An audio jack; music has no line of its own.
    Jack(LineId, JackRole),
}

/// A button that calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallButton {
    /// Its socket, by the index in [`Layout::units`].
    pub unit: usize,
    /// The line of the jack that it belongs to.
    pub line: LineId,
}

/// A D channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataPlace {
    /// Of which span.
    pub span: SpanId,
    /// The card, by its index.
    pub card: usize,
    /// The channel, by its index on the card.
    pub channel: usize,
}

/// A span with signalling bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasPlace {
    /// Which.
    pub span: SpanId,
    /// What its signals mean.
    pub r2: R2,
    /// Digits of a called number; 0: not known.
    pub digits: u8,
    /// Whether callers are asked for their numbers.
    pub caller: bool,
    /// After how many digits; 0: after all.
    pub caller_after: u8,
}

/// What is printed beside one socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitPlace {
    /// What is printed.
    pub label: String,
    /// What plugs in.
    pub kind: UnitKind,
    /// The card, by its index.
    pub card: usize,
    /// Its first channel, by the index on the card.
    pub channel: usize,
}

/// What plugs into a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitKind {
    /// An E1 with a D channel.
    Pri(SpanId),
    /// An E1 with signalling bits.
    Cas(SpanId),
    /// A telephone.
    Telephone(LineId),
    /// A line from an exchange.
    Trunk(LineId),
    /// The failover relay.
    Relay,
    /// An audio jack.
    Jack(LineId, JackRole),
    /// Thermometer, fan, lamp, button or the memory that names the board.
    Sensor,
}

/// What follows from a board.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The matrix.
    pub places: Vec<Place>,
    /// The D channels.
    pub data: Vec<DataPlace>,
    /// Spans that calls see as one line.
    pub groups: Vec<Group>,
    /// The spans with signalling bits.
    pub cas: Vec<CasPlace>,
    /// The sockets.
    pub units: Vec<UnitPlace>,
    /// The buttons that call.
    pub buttons: Vec<CallButton>,
    /// What the country does differently on them.
    pub country: Country,
}

impl CardEntry {
    /// Its spans by number.
    ///
    /// # Errors
    /// A sentence if a key is no number.
    pub fn spans(&self) -> Result<Vec<(u8, &SpanEntry)>, String> {
        let spans = self.span.iter().map(|(key, span)| {
            let number = numbered(key, limits::SPANS, "span")?;
            Ok((u8::try_from(number).map_err(|fault| fault.to_string())?, span))
        });
        let mut spans = spans.collect::<Result<Vec<_>, String>>()?;
        spans.sort_by_key(|(number, _)| *number);
        Ok(spans)
    }

    /// Its analog ports: telephones by number, then exchange lines (`true`) by number.
    ///
    /// # Errors
    /// A sentence if a key is no number.
    pub fn analog(&self) -> Result<Vec<(u16, bool, &PortEntry)>, String> {
        let telephones = self.telephone.iter().map(|(key, port)| (key, false, port));
        let trunks = self.trunk.iter().map(|(key, port)| (key, true, port));
        let ports = telephones.chain(trunks).map(|(key, trunk, port)| {
            let field = if trunk { "trunk" } else { "telephone" };
            Ok((numbered(key, limits::ANALOG_PORTS, field)?, trunk, port))
        });
        let mut ports = ports.collect::<Result<Vec<_>, String>>()?;
        ports.sort_by_key(|(number, trunk, _)| (*trunk, *number));
        Ok(ports)
    }
}

impl Board {
    /// The matrix, the D channels and the sockets.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let mut layout = Layout { country: self.in_country.clone(), ..Layout::default() };
        for (index, card) in self.card.values().enumerate() {
            layout.add(index, card, self);
        }
        for (index, (number, jack)) in self.jacks().into_iter().enumerate() {
            let card = self.card.len() + index;
            let (label, line) = (jack.label.clone(), LineId::of_jack(number));
            let kind = UnitKind::Jack(line, jack.role);
            layout.units.push(UnitPlace { label, kind, card, channel: 0 });
            let own = [jack.gain_in_db, jack.gain_out_db];
            let gain = LevelPlan::None.gain(&self.in_country, "jack", own);
            layout.place(card, 0, PlaceKind::Jack(line, jack.role), (of_jack(jack), gain));
        }
        layout.groups = self.groups();
        self.add_others(&mut layout);
        layout
    }
}

impl Board {
    /// The audio jacks by number; the first is the card after the last line card, and so on.
    #[must_use]
    pub fn jacks(&self) -> Vec<(u16, &AudioEntry)> {
        // Numbers were checked when the board was read.
        let mut jacks: Vec<_> =
            self.audio.iter().filter_map(|(key, jack)| Some((key.parse().ok()?, jack))).collect();
        jacks.sort_by_key(|(number, _)| *number);
        jacks
    }

    /// What has no place in the matrix; its card is [`NO_CARD`].
    fn add_others(&self, layout: &mut Layout) {
        let mut add = |label: &str, kind| {
            let label = label.to_owned();
            layout.units.push(UnitPlace { label, kind, card: NO_CARD, channel: 0 });
        };
        if let Some(relay) = &self.relay {
            add(&relay.label, UnitKind::Relay);
        }
        if self.thermometer.is_some() {
            add(THERMOMETER, UnitKind::Sensor);
        }
        if self.fan.is_some() {
            add(FAN, UnitKind::Sensor);
        }
        if self.eeprom.is_some() {
            add(EEPROM, UnitKind::Sensor);
        }
        for led in self.led.values() {
            add(&led.label, UnitKind::Sensor);
        }
        for button in self.button.values() {
            add(&button.label, UnitKind::Sensor);
        }
        let buttons = self.button.values().filter_map(|button| {
            // Only a button that calls has a jack: that was checked.
            Some(CallButton {
                unit: layout.labelled(&button.label)?,
                line: LineId::of_jack(button.audio?),
            })
        });
        layout.buttons = buttons.collect();
    }
}

/// A handset and a door phone are in a room.
const fn of_jack(jack: &AudioEntry) -> Canceller {
    match (jack.echo, jack.role) {
        (Some(Echo::Off), _) | (_, JackRole::Music | JackRole::Paging) => Canceller::None,
        _ => Canceller::Acoustic,
    }
}

/// The card of a socket that is on none.
pub const NO_CARD: usize = usize::MAX;
/// How the thermometer is called: nothing is printed beside it.
pub const THERMOMETER: &str = "thermometer";
/// How the fan is called.
pub const FAN: &str = "fan";
/// How the memory that names the board is called.
pub const EEPROM: &str = "board memory";

impl Layout {
    /// The socket with a label.
    #[must_use]
    pub fn labelled(&self, label: &str) -> Option<usize> {
        self.units.iter().position(|unit| unit.label == label)
    }

    fn add(&mut self, card: usize, entry: &CardEntry, board: &Board) {
        let mut channel = 0;
        // Numbers were checked when the board was read.
        for (number, entry) in entry.spans().unwrap_or_default() {
            let span = SpanId(number);
            let echo = of_line(entry.echo, entry.tail_ms);
            // A digital line is at 0 dBr.
            let own = [entry.gain_in_db, entry.gain_out_db];
            let gain = LevelPlan::None.gain(&self.country, "span", own);
            let pri = entry.signalling == Signalling::Pri;
            let kind = if pri { UnitKind::Pri(span) } else { UnitKind::Cas(span) };
            self.units.push(UnitPlace { label: entry.label.clone(), kind, card, channel });
            if let Some(r2) = board.in_r2.get(&entry.r2).filter(|_| !pri).cloned() {
                let SpanEntry { digits, caller, caller_after, .. } = *entry;
                self.cas.push(CasPlace { span, r2, digits, caller, caller_after });
            }
            for slot in Timeslot::all() {
                if entry.signalling_slot() != Some(slot) {
                    self.place(card, channel, PlaceKind::Bearer(span, slot), (echo, gain));
                } else if pri {
                    self.data.push(DataPlace { span, card, channel });
                }
                channel += 1;
            }
        }
        for (number, trunk, entry) in entry.analog().unwrap_or_default() {
            let line = LineId::of_analog(number);
            let (kind, place) = if trunk {
                (UnitKind::Trunk(line), PlaceKind::Trunk(line))
            } else {
                (UnitKind::Telephone(line), PlaceKind::Telephone(line))
            };
            self.units.push(UnitPlace { label: entry.label.clone(), kind, card, channel });
            let own = [entry.gain_in_db, entry.gain_out_db];
            let named = if trunk { "trunk" } else { "telephone" };
            let gain = board.plan.gain(&self.country, named, own);
            self.place(card, channel, place, (of_line(entry.echo, entry.tail_ms), gain));
            channel += 1;
        }
    }

    fn place(
        &mut self,
        card: usize,
        channel: usize,
        kind: PlaceKind,
        (echo, (gain, gain_from)): (Canceller, (Gain, [GainFrom; 2])),
    ) {
        // `check` keeps the count of places below 16 bits.
        let port = PortId(u16::try_from(self.places.len()).unwrap_or(u16::MAX));
        self.places.push(Place { port, card, channel, kind, echo, gain, gain_from });
    }

    /// The spans of the box whose calls a D channel controls.
    pub fn spans(&self) -> impl Iterator<Item = SpanId> {
        self.groups.iter().flat_map(|group| group.spans.iter().map(|(span, _)| *span))
    }

    /// The line of a span, and its place in that line's group.
    #[must_use]
    pub fn line_of(&self, span: SpanId) -> (LineId, u8) {
        let places = self.groups.iter().find_map(|group| Some((group.line(), group.place(span)?)));
        places.unwrap_or((LineId::of_span(span), 0))
    }

    /// The spans of a line.
    #[must_use]
    pub fn group_of(&self, line: LineId) -> Option<&Group> {
        self.groups.iter().find(|group| group.line() == line)
    }

    /// All spans of the box.
    pub fn all_spans(&self) -> impl Iterator<Item = SpanId> {
        self.spans().chain(self.cas.iter().map(|cas| cas.span))
    }

    /// The place of a B channel.
    #[must_use]
    pub fn bearer(&self, span: SpanId, slot: Timeslot) -> Option<PortId> {
        let kind = PlaceKind::Bearer(span, slot);
        self.places.iter().find(|place| place.kind == kind).map(|place| place.port)
    }

    /// Each telephone's line and place.
    pub fn telephones(&self) -> impl Iterator<Item = (LineId, PortId)> {
        self.places.iter().filter_map(|place| match place.kind {
            PlaceKind::Telephone(line) => Some((line, place.port)),
            PlaceKind::Bearer(..) | PlaceKind::Trunk(_) | PlaceKind::Jack(..) => None,
        })
    }

    /// Each exchange line and its place.
    pub fn trunks(&self) -> impl Iterator<Item = (LineId, PortId)> {
        self.places.iter().filter_map(|place| match place.kind {
            PlaceKind::Trunk(line) => Some((line, place.port)),
            PlaceKind::Bearer(..) | PlaceKind::Telephone(_) | PlaceKind::Jack(..) => None,
        })
    }

    /// Each audio jack's line, role and place.
    pub fn jacks(&self) -> impl Iterator<Item = (LineId, JackRole, PortId)> {
        self.places.iter().filter_map(|place| match place.kind {
            PlaceKind::Jack(line, role) => Some((line, role, place.port)),
            PlaceKind::Bearer(..) | PlaceKind::Trunk(_) | PlaceKind::Telephone(_) => None,
        })
    }

    /// The place of a channel of a card.
    #[must_use]
    pub fn at(&self, card: usize, channel: usize) -> Option<Place> {
        self.places.iter().copied().find(|p| p.card == card && p.channel == channel)
    }

    /// The place of a port.
    #[must_use]
    pub fn port(&self, port: PortId) -> Option<Place> {
        self.places.get(usize::from(port.0)).copied()
    }

    /// The socket to which a channel of a card belongs.
    #[must_use]
    pub fn unit(&self, card: usize, channel: usize) -> Option<usize> {
        let before = |unit: &UnitPlace| unit.card == card && unit.channel <= channel;
        self.units.iter().rposition(before)
    }
}
