//! What the types of a board file cannot say.

use std::collections::BTreeSet;

use units::Timeslot;

use crate::document::{
    AudioEntry, Blocks, Board, ButtonEntry, ButtonRole, CardEntry, DChannel, Driver, JackRole,
    PinsDriver, Signalling, Slots, SpanEntry,
};
use crate::echo::{Echo, check_line};

impl Board {
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut labels = BTreeSet::new();
        for label in self.labels() {
            if label.is_empty() || label.len() > 24 {
                return Err(format!("label \"{label}\" is not 1 to 24 octets long"));
            }
            if !labels.insert(label) {
                return Err(format!("label \"{label}\" is there twice; print each once"));
            }
        }
        let (mut spans, mut ports) = (BTreeSet::new(), BTreeSet::new());
        let (mut kernel_spans, mut channels) = (BTreeSet::new(), BTreeSet::new());
        for (name, card) in &self.card {
            card.check(name)?;
            for (number, span) in card.spans()? {
                let field = format!("card.{name}.span.{number}");
                once(&mut spans, number, &field)?;
                span.check_echo(&field)?;
                if card.driver == Driver::Dahdi {
                    once(&mut kernel_spans, span.kernel, &format!("{field}.kernel"))?;
                }
            }
            for (number, _, port) in card.analog()? {
                let field = format!("card.{name}: analog port {number}");
                once(&mut ports, number, &field)?;
                check_line(&field, port.echo, port.tail_ms)?;
                if card.driver == Driver::Dahdi {
                    once(&mut channels, port.kernel, &format!("{field}: kernel"))?;
                }
            }
        }
        self.check_groups()?;
        self.check_pins()
    }

    fn labels(&self) -> impl Iterator<Item = &str> {
        let cards = self.card.values().flat_map(|card| {
            let spans = card.span.values().map(|span| span.label.as_str());
            let ports = card.telephone.values().chain(card.trunk.values());
            spans.chain(ports.map(|port| port.label.as_str()))
        });
        let relay = self.relay.iter().map(|relay| relay.label.as_str());
        let leds = self.led.values().map(|led| led.label.as_str());
        let buttons = self.button.values().map(|button| button.label.as_str());
        let serial = self.serial.iter().map(|serial| serial.label.as_str());
        let audio = self.audio.values().map(|jack| jack.label.as_str());
        cards.chain(relay).chain(leds).chain(buttons).chain(serial).chain(audio)
    }

    fn check_pins(&self) -> Result<(), String> {
        let pinned = self.relay.is_some()
            || !self.led.is_empty()
            || !self.button.is_empty()
            || self.fan.is_some();
        if pinned && self.pins == PinsDriver::None {
            return Err("relay, led, button and fan need pins = \"rppal\" or \"linux\"".into());
        }
        if let Some(relay) = &self.relay
            && (relay.pet_every_ms == 0 || relay.pet_every_ms > 1000)
        {
            return Err("relay.pet_every_ms is not 1 to 1000".into());
        }
        if let Some(fan) = &self.fan
            && fan.off_below >= fan.on_above
        {
            return Err("fan.off_below must be below fan.on_above".into());
        }
        let mut jacks = BTreeSet::new();
        for (key, jack) in &self.audio {
            let field = format!("audio.{key}");
            once(&mut jacks, numbered(key, limits::JACKS, &field)?, &field)?;
            jack.check_echo(&field)?;
        }
        self.button.iter().try_for_each(|(name, button)| self.check_button(name, button))
    }

    /// A button that calls has a jack to speak and hear at, and no other has one.
    fn check_button(&self, name: &str, button: &ButtonEntry) -> Result<(), String> {
        let field = format!("button.{name}.audio");
        let jack = match (button.role, button.audio) {
            (ButtonRole::Hold, None) => return Ok(()),
            (ButtonRole::Hold, Some(_)) => {
                return Err(format!("{field}: only a button with role = \"call\" has a jack"));
            }
            (ButtonRole::Call, None) => {
                return Err(format!(
                    "{field}: is missing; name the number of a jack, N of audio.N"
                ));
            }
            (ButtonRole::Call, Some(number)) => {
                let mut jacks = self.jacks().into_iter();
                let found = jacks.find(|(of, _)| *of == number).map(|(_, jack)| jack);
                found.ok_or(format!("{field}: there is no audio.{number}"))?
            }
        };
        match jack.role {
            JackRole::Handset | JackRole::Door => Ok(()),
            JackRole::Music | JackRole::Paging => Err(format!(
                "{field}: {} has another role; a button calls from a handset or a door",
                jack.label
            )),
        }
    }
}

fn once<T: Ord + Copy + std::fmt::Display>(
    seen: &mut BTreeSet<T>,
    number: T,
    field: &str,
) -> Result<(), String> {
    if seen.insert(number) {
        Ok(())
    } else {
        Err(format!("{field}: {number} is there twice; number each once in the whole box"))
    }
}

/// A number that is the key of a table.
pub(crate) fn numbered(key: &str, most: usize, field: &str) -> Result<u16, String> {
    let number = key.parse::<u16>().ok().filter(|n| *n > 0 && usize::from(*n) <= most);
    number.ok_or(format!("{field}: \"{key}\" is not a number from 1 to {most}"))
}

impl CardEntry {
    fn check(&self, name: &str) -> Result<(), String> {
        let field = |what: &str| format!("card.{name}.{what}");
        if self.driver == Driver::Virtual && self.socket.is_empty() {
            return Err(format!("{}: a virtual card needs its socket's name", field("socket")));
        }
        if self.driver == Driver::Virtual && self.blocks == Blocks::Linear {
            return Err(format!("{}: a virtual card has octets of the law only", field("blocks")));
        }
        for (number, span) in &self.span {
            let at = |what: &str| field(&format!("span.{number}.{what}"));
            if self.driver == Driver::Dahdi && span.kernel <= 0 {
                let list = "/proc/dahdi lists the numbers of the spans";
                return Err(format!("{}: is missing; {list}", at("kernel")));
            }
            let why = match &span.d_channel {
                Some(_) if span.signalling == Signalling::Cas => {
                    Some("signalling bits are in slot 16 and need no D channel".to_owned())
                }
                Some(DChannel::Slot(slot)) if Timeslot::new(*slot).is_none() => {
                    Some(format!("{slot} is not a slot, 1 to 31"))
                }
                Some(DChannel::Word(word)) if word != "none" => {
                    Some(format!("\"{word}\" is neither a slot nor \"none\""))
                }
                Some(_) | None => None,
            };
            if let Some(why) = why {
                return Err(format!("{}: {why}", at("d_channel")));
            }
            let dahdi = self.driver == Driver::Dahdi;
            if dahdi && span.signalling == Signalling::Cas && span.slots == Slots::Together {
                let why = "signalling bits need slots = \"each\"";
                return Err(format!("{}: {why}", at("slots")));
            }
            if self.blocks == Blocks::Linear && span.slots == Slots::Together {
                let why = "blocks = \"linear\" need slots = \"each\": joined slots are octets";
                return Err(format!("{}: {why}", at("slots")));
            }
        }
        for (number, _, port) in self.analog()? {
            if self.driver == Driver::Dahdi && port.kernel <= 0 {
                let list = "/proc/dahdi lists the numbers of the channels";
                let at = field(&format!("port {number}.kernel"));
                return Err(format!("{at}: is missing; {list}"));
            }
        }
        Ok(())
    }
}

impl SpanEntry {
    fn check_echo(&self, field: &str) -> Result<(), String> {
        if self.echo == Echo::Card {
            return Err(format!("{field}.echo: \"card\" is for analog ports; choose line or off"));
        }
        check_line(field, self.echo, self.tail_ms)
    }
}

impl AudioEntry {
    fn check_echo(&self, field: &str) -> Result<(), String> {
        match (self.echo, self.role) {
            (Some(Echo::Line | Echo::Card), _) => {
                Err(format!("{field}.echo: a jack has \"acoustic\" or \"off\""))
            }
            (Some(Echo::Acoustic), JackRole::Music | JackRole::Paging) => Err(format!(
                "{field}.echo: music and paging have one direction and no echo; leave it out"
            )),
            _ => Ok(()),
        }
    }
}
