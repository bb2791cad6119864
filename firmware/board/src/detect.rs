//! A board file proposed from what the kernel shows.

use std::fmt::Write as _;

/// A span as the kernel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundSpan {
    /// The kernel's number.
    pub number: i32,
    /// What it is, in the driver's words.
    pub description: String,
    /// Where the card is plugged in: spans of one place are one card.
    pub location: String,
    /// Whether it is a digital line.
    pub digital: bool,
    /// Its analog ports; empty for a digital line.
    pub ports: Vec<FoundPort>,
}

/// An analog port as the kernel shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundPort {
    /// The kernel's channel.
    pub channel: i32,
    /// A telephone plugs in; else an exchange's line.
    pub telephone: bool,
}

/// The text of a board file with everything that was found. `jacks` are ALSA's names of devices
/// and what they call themselves.
#[must_use]
pub fn propose(spans: &[FoundSpan], jacks: &[(String, String)]) -> String {
    let mut text = String::from(
        "# Proposed from what the kernel shows. Set name, title and the labels on the case.\n\
         name = \"detected\"\ntitle = \"Detected hardware\"\ncountry = \"cn\"\n",
    );
    let mut cards: Vec<&str> = vec![];
    let (mut span_number, mut telephone, mut trunk) = (0, 0, 0);
    for found in spans {
        let place = found.location.as_str();
        let known = cards.iter().position(|card| *card == place && !place.is_empty());
        let card = known.unwrap_or_else(|| {
            cards.push(place);
            cards.len() - 1
        });
        let name = card_name(card);
        if known.is_none() {
            // Writing into a string cannot fail.
            let _ = write!(text, "\n[card.{name}]\n");
            let _ =
                writeln!(text, "# {}", format!("{} {}", found.description, found.location).trim());
            text.push_str("driver = \"dahdi\"\n");
        }
        if found.digital {
            span_number += 1;
            let _ = write!(
                text,
                "\n[card.{name}.span.{span_number}]\nlabel = \"E1 {span_number}\"\nkernel = {}\n\
                 clock = {span_number}\n",
                found.number
            );
        }
        for port in &found.ports {
            let (what, label, number) = if port.telephone {
                telephone += 1;
                ("telephone", "TEL", telephone)
            } else {
                trunk += 1;
                ("trunk", "LINE", trunk)
            };
            // Telephones and lines share their numbers: lines begin where telephones end.
            let key = if port.telephone { number } else { telephones(spans) + number };
            let _ = write!(
                text,
                "\n[card.{name}.{what}.{key}]\nlabel = \"{label} {number}\"\nkernel = {}\n",
                port.channel
            );
        }
    }
    for (index, (device, description)) in jacks.iter().enumerate() {
        let number = index + 1;
        let _ = write!(
            text,
            "\n# {description}\n[audio.{number}]\nlabel = \"AUDIO {number}\"\n\
             device = \"{device}\"\nrole = \"music\"\n"
        );
    }
    text
}

fn telephones(spans: &[FoundSpan]) -> usize {
    spans.iter().flat_map(|span| &span.ports).filter(|port| port.telephone).count()
}

/// `a`, `b`, ... `z`, then `z26`, ...: in the order in which cards are taken.
fn card_name(index: usize) -> String {
    let letter = u8::try_from(index).ok().filter(|index| *index < 26);
    letter.map_or_else(|| format!("z{index}"), |index| char::from(b'a' + index).to_string())
}
