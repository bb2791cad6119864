//! The board file: which cards the box has and what is printed beside their sockets.
//!
//! From it follow the places of the matrix: for each card in the order of the file, the bearer
//! slots of its spans, then its telephones.

use serde::Deserialize;
use units::{LineId, PortId, SpanId, Timeslot};

/// A board file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// The name by which other board files inherit it.
    pub name: String,
    /// For people.
    pub title: String,
    /// The cards.
    #[serde(rename = "card")]
    pub cards: Vec<CardEntry>,
}

/// One card.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardEntry {
    /// How it is driven.
    pub driver: Driver,
    /// The socket of a virtual card, in the run folder.
    pub socket: String,
    /// Its spans, in the order of the card.
    #[serde(default)]
    pub spans: Vec<SpanEntry>,
    /// Its telephone ports, in the order of the card.
    #[serde(default)]
    pub telephones: Vec<TelephoneEntry>,
}

/// How a card is driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Driver {
    /// The simulated card.
    Virtual,
}

/// One E1.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpanEntry {
    /// Its number, from 1.
    pub span: u8,
    /// What is printed on the case.
    pub label: String,
}

/// One telephone port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelephoneEntry {
    /// Its number, from 1.
    pub port: u16,
    /// What is printed on the case.
    pub label: String,
}

/// One place of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub port: PortId,
    /// The card, by its index in the file.
    pub card: usize,
    /// The channel, by its index on the card.
    pub channel: usize,
    /// What it is.
    pub kind: PlaceKind,
}

/// What a place of the matrix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// A B channel.
    Bearer(SpanId, Timeslot),
    /// A telephone port.
    Telephone(LineId),
}

/// A D channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataPlace {
    /// Of which span.
    pub span: SpanId,
    /// The card, by its index in the file.
    pub card: usize,
    /// The channel, by its index on the card.
    pub channel: usize,
}

/// What follows from a board file.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// The matrix.
    pub places: Vec<Place>,
    /// The D channels.
    pub data: Vec<DataPlace>,
}

impl Board {
    /// Reads a board file.
    ///
    /// # Errors
    /// A sentence that names line, field and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let board: Self = toml::from_str(text).map_err(|fault| fault.to_string())?;
        board.check()?;
        Ok(board)
    }

    fn check(&self) -> Result<(), String> {
        let spans: Vec<_> = self.cards.iter().flat_map(|c| &c.spans).map(|s| s.span).collect();
        let ports: Vec<_> = self.cards.iter().flat_map(|c| &c.telephones).map(|t| t.port).collect();
        if let Some(span) = spans.iter().find(|s| **s == 0 || usize::from(**s) > limits::SPANS) {
            return Err(format!("card.spans: span {span} is not 1 to {}", limits::SPANS));
        }
        if let Some(port) =
            ports.iter().find(|p| **p == 0 || usize::from(**p) > limits::ANALOG_PORTS)
        {
            let most = limits::ANALOG_PORTS;
            return Err(format!("card.telephones: port {port} is not 1 to {most}"));
        }
        if let Some(span) = twice(&spans) {
            return Err(format!("card.spans: span {span} is there twice; number spans once each"));
        }
        if let Some(port) = twice(&ports) {
            return Err(format!("card.telephones: port {port} is there twice"));
        }
        Ok(())
    }

    /// The matrix and the D channels.
    #[must_use]
    pub fn layout(&self) -> Layout {
        let mut layout = Layout::default();
        for (index, card) in self.cards.iter().enumerate() {
            layout.add(index, card);
        }
        layout
    }
}

fn twice<T: Ord + Copy>(numbers: &[T]) -> Option<T> {
    let mut seen = std::collections::BTreeSet::new();
    numbers.iter().copied().find(|number| !seen.insert(*number))
}

impl Layout {
    fn add(&mut self, card: usize, entry: &CardEntry) {
        let mut channel = 0;
        for span in &entry.spans {
            let span = SpanId(span.span);
            for slot in Timeslot::all() {
                if slot == Timeslot::D {
                    self.data.push(DataPlace { span, card, channel });
                } else {
                    self.place(card, channel, PlaceKind::Bearer(span, slot));
                }
                channel += 1;
            }
        }
        for telephone in &entry.telephones {
            let line = LineId::of_analog(telephone.port);
            self.place(card, channel, PlaceKind::Telephone(line));
            channel += 1;
        }
    }

    fn place(&mut self, card: usize, channel: usize, kind: PlaceKind) {
        // `check` keeps the count of places below 16 bits.
        let port = PortId(u16::try_from(self.places.len()).unwrap_or(u16::MAX));
        self.places.push(Place { port, card, channel, kind });
    }

    /// The spans of the box.
    pub fn spans(&self) -> impl Iterator<Item = SpanId> {
        self.data.iter().map(|data| data.span)
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
            PlaceKind::Bearer(..) => None,
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
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIRTUAL: &str = include_str!("../../../boards/virtual.toml");

    #[test]
    fn the_virtual_board_has_thirty_b_channels_one_d_channel_and_a_telephone() {
        let layout = Board::parse(VIRTUAL).expect("our own board").layout();
        assert_eq!(layout.places.len(), 31);
        assert_eq!(layout.data.len(), 1);
        assert_eq!(layout.data[0].channel, 15);
        let slot = Timeslot::new(31).expect("a slot");
        let port = layout.bearer(SpanId(1), slot).expect("there");
        assert_eq!(layout.port(port).expect("there").channel, 30);
        assert_eq!(layout.telephones().count(), 1);
    }

    #[test]
    fn a_malformed_board_is_refused_with_line_and_field() {
        let wrong = VIRTUAL.replace("driver", "drivr");
        let fault = Board::parse(&wrong).expect_err("unknown field");
        assert!(fault.contains("drivr") && fault.contains("line"), "{fault}");
        let fault = Board::parse(&VIRTUAL.replace("span = 1", "span = 17")).expect_err("range");
        assert!(fault.contains("span 17 is not 1 to 16"), "{fault}");
    }
}
