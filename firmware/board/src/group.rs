//! Spans that one D channel controls (NFAS).

use std::collections::{BTreeMap, BTreeSet};

use units::{LineId, SpanId};

use crate::document::{Board, Signalling, SpanEntry};

/// Spans that calls see as one line: a primary access alone, or several under one D channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Each with its interface identifier; the first has the D channel, the others go by number.
    pub spans: Vec<(SpanId, u8)>,
    /// Which of them has the backup D channel, from 0.
    pub backup: Option<u8>,
}

impl Group {
    /// The line: that of its first span.
    #[must_use]
    pub fn line(&self) -> LineId {
        LineId::of_span(self.spans.first().map_or(SpanId(0), |(span, _)| *span))
    }

    /// Whether it is more than a primary access alone.
    #[must_use]
    pub const fn is_several(&self) -> bool {
        self.spans.len() > 1
    }

    /// The span at a place, from 0.
    #[must_use]
    pub fn span(&self, place: u8) -> Option<SpanId> {
        self.spans.get(usize::from(place)).map(|(span, _)| *span)
    }

    /// Where a span stands in it, from 0.
    #[must_use]
    pub fn place(&self, span: SpanId) -> Option<u8> {
        let place = self.spans.iter().position(|(of, _)| *of == span)?;
        u8::try_from(place).ok()
    }
}

impl Board {
    /// The spans with common channel signalling, by group: those of group 0 each alone.
    fn members(&self) -> BTreeMap<(u8, u8), Vec<(u8, &SpanEntry)>> {
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        // Numbers were checked when the board was read.
        let cards = self.card.values().flat_map(|card| card.spans().unwrap_or_default());
        for (number, span) in cards.filter(|(_, span)| span.signalling == Signalling::Pri) {
            let key = if span.group == 0 { (0, number) } else { (span.group, 0) };
            groups.entry(key).or_default().push((number, span));
        }
        for group in groups.values_mut() {
            // Of two D channels that of interface 0 leads, or the first.
            let rank = |(number, span): &(u8, &SpanEntry)| {
                (span.d_slot().is_none(), span.interface != Some(0), *number)
            };
            let lead = group.iter().min_by_key(|of| rank(of)).map(|(number, _)| *number);
            group.sort_by_key(|(number, _)| (Some(*number) != lead, *number));
        }
        groups
    }

    /// Its groups, by the number of the span that leads.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let group = |members: &Vec<(u8, &SpanEntry)>| Group {
            spans: (0..)
                .zip(members)
                .map(|(place, (number, span))| (SpanId(*number), span.interface.unwrap_or(place)))
                .collect(),
            backup: (0..)
                .zip(members)
                .skip(1)
                .find_map(|(place, (_, span))| span.d_slot().map(|_| place)),
        };
        let mut groups: Vec<_> = self.members().values().map(group).collect();
        groups.sort_by_key(Group::line);
        groups
    }

    /// Each group has one D channel or two, and as many spans as messages can name.
    pub(crate) fn check_groups(&self) -> Result<(), String> {
        for card in self.card.values() {
            for (number, span) in card.spans()? {
                let at = |field: &str| format!("span {number}: {field}");
                let alone = span.group == 0 || span.signalling == Signalling::Cas;
                if span.group != 0 && span.signalling == Signalling::Cas {
                    return Err(format!("{}: signalling bits are a span's own", at("group")));
                }
                if alone && span.interface.is_some() {
                    return Err(format!("{}: a span alone has none", at("interface")));
                }
                if span.interface.is_some_and(|identifier| identifier > 127) {
                    return Err(format!("{}: is not 0 to 127", at("interface")));
                }
            }
        }
        for ((group, number), members) in self.members() {
            let channels = members.iter().filter(|(_, span)| span.d_slot().is_some()).count();
            if group == 0 {
                if channels == 0 {
                    let why = "it is alone; name the group whose D channel controls it";
                    return Err(format!("span {number}: d_channel = \"none\": {why}"));
                }
                continue;
            }
            let most = limits::GROUP_SPANS;
            if members.len() > most {
                return Err(format!("group {group}: has more than {most} spans"));
            }
            if channels == 0 {
                let why = "give one of its spans a d_channel, or two, the second as backup";
                return Err(format!("group {group}: has no D channel; {why}"));
            }
            let mut with = members.iter().filter(|(_, span)| span.d_slot().is_some());
            if let Some((third, _)) = with.nth(2) {
                let why = "has one D channel, and one as backup; d_channel = \"none\" here";
                return Err(format!("span {third}: d_channel: group {group} {why}"));
            }
            let mut identifiers = BTreeSet::new();
            for (place, (number, span)) in (0..).zip(&members) {
                if !identifiers.insert(span.interface.unwrap_or(place)) {
                    return Err(format!("span {number}: interface: is there twice in its group"));
                }
            }
        }
        Ok(())
    }
}
