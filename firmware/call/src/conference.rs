//! Conferences: who of the calls is in which, and what that makes them hear.
//!
//! ```text
//!   Call::seat ──► Rooms::settle ──┬─► one alone: the player, or nobody
//!   after each of its inputs       ├─► several: each other
//!                                  └─► a chime for who came or went
//! ```
//!
//! A conference is nothing but the calls that sit in it. So nothing of it is kept beside them: who
//! restores the calls has the conferences again.

use std::collections::BTreeMap;
use std::fmt;

use engine::{Chime, RoomId};
use serde::{Deserialize, Serialize};
use units::{CallId, Digits, Instant, PortId};

/// What is asked of whoever enters; empty: nothing. Its digits are never printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin(pub Digits);

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} masked digits", self.0.len())
    }
}

/// A conference as the directory knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Its number, which is also its name.
    pub number: Digits,
    /// What is asked of whoever enters.
    pub pin: Pin,
    /// How many may be in it: [`limits::ROOM_PARTIES_MIN`] to [`limits::ROOM_PARTIES`].
    pub most: u8,
    /// Whether it is heard when somebody comes or goes.
    pub tones: bool,
}

/// How loud a party is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    /// In dB, -20 to 12.
    pub gain_db: i8,
    /// Not at all.
    pub muted: bool,
}

impl Voice {
    /// For the engine.
    #[must_use]
    pub const fn level(self) -> Option<i8> {
        if self.muted { None } else { Some(self.gain_db) }
    }
}

/// The place of a call in a conference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat<'a> {
    /// Which.
    pub terms: &'a Terms,
    /// The caller's port.
    pub port: PortId,
    /// How loud it is heard.
    pub voice: Voice,
    /// When it entered; `None` while the pin is asked: the place is held.
    pub entered: Option<Instant>,
}

/// What has to be done in the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// What this party hears has changed: [`Rooms::hears`] tells.
    Hears(CallId, PortId),
    /// All of a room hear that somebody came or went; the call that did.
    Chime(CallId, RoomId, Chime),
    /// The one who is left alone hears that somebody went.
    Attention(CallId, PortId),
    /// There was no place for the call.
    Full(CallId),
}

/// What a party hears, and how loud it is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The room.
    pub room: RoomId,
    /// In dB; `None`: not at all.
    pub gain_db: Option<i8>,
    /// Nobody else is there.
    pub alone: bool,
}

#[derive(Debug)]
struct Party {
    call: CallId,
    port: PortId,
    voice: Voice,
    inside: bool,
}

#[derive(Debug)]
struct Room {
    id: RoomId,
    tones: bool,
    parties: Vec<Party>,
}

/// All conferences that go on.
#[derive(Debug, Default)]
pub struct Rooms(BTreeMap<Digits, Room>);

impl Rooms {
    /// Whether one more may come.
    #[must_use]
    pub fn has_place(&self, terms: &Terms) -> bool {
        match self.0.get(&terms.number) {
            Some(room) => room.has_place(terms),
            None => self.0.len() < limits::ROOMS,
        }
    }

    /// What a party hears.
    #[must_use]
    pub fn hears(&self, call: CallId) -> Option<Heard> {
        let mut found = self.0.values().filter_map(|room| {
            let party = room.parties.iter().find(|party| party.call == call && party.inside)?;
            let alone = room.inside().count() == 1;
            Some(Heard { room: room.id, gain_db: party.voice.level(), alone })
        });
        found.next()
    }

    /// A call has the seat that it tells, or none any more.
    pub fn settle(&mut self, call: CallId, seat: Option<Seat<'_>>) -> Vec<Change> {
        match seat {
            None => self.leave(call),
            Some(seat) => self.sit(call, &seat),
        }
    }

    fn leave(&mut self, call: CallId) -> Vec<Change> {
        let in_it = |room: &Room| room.parties.iter().position(|party| party.call == call);
        let mut rooms = self.0.iter_mut();
        let found = rooms.find_map(|(number, room)| Some((number.clone(), in_it(room)?, room)));
        let Some((number, place, room)) = found else { return vec![] };
        let gone = room.parties.remove(place);
        let changes = if gone.inside { room.went(call) } else { vec![] };
        if room.parties.is_empty() {
            self.0.remove(&number);
        }
        changes
    }

    fn sit(&mut self, call: CallId, seat: &Seat<'_>) -> Vec<Change> {
        let terms = seat.terms;
        if !self.0.contains_key(&terms.number) {
            let Some(id) = self.free() else { return vec![Change::Full(call)] };
            let room = Room { id, tones: terms.tones, parties: vec![] };
            self.0.insert(terms.number.clone(), room);
        }
        let Some(room) = self.0.get_mut(&terms.number) else { return vec![] };
        let (port, voice, inside) = (seat.port, seat.voice, seat.entered.is_some());
        let Some(party) = room.parties.iter_mut().find(|party| party.call == call) else {
            if !room.has_place(terms) {
                return vec![Change::Full(call)];
            }
            room.parties.push(Party { call, port, voice, inside });
            return if inside { room.came(call, port) } else { vec![] };
        };
        let other_voice = party.voice != voice;
        party.voice = voice;
        let enters = inside && !std::mem::replace(&mut party.inside, inside);
        match (enters, other_voice && inside) {
            (true, _) => room.came(call, port),
            (false, true) => vec![Change::Hears(call, port)],
            (false, false) => vec![],
        }
    }

    fn free(&self) -> Option<RoomId> {
        let used = |id: &RoomId| self.0.values().any(|room| room.id == *id);
        (0..=u8::MAX).map(RoomId).take(limits::ROOMS).find(|id| !used(id))
    }
}

impl Room {
    fn has_place(&self, terms: &Terms) -> bool {
        self.parties.len() < usize::from(terms.most).min(limits::ROOM_PARTIES)
    }

    fn inside(&self) -> impl Iterator<Item = &Party> {
        self.parties.iter().filter(|party| party.inside)
    }

    fn came(&self, call: CallId, port: PortId) -> Vec<Change> {
        let mut changes: Vec<_> = match self.inside().count() {
            // The one who was alone hears somebody from here on.
            2 => self.inside().map(|party| Change::Hears(party.call, party.port)).collect(),
            _ => vec![Change::Hears(call, port)],
        };
        if self.tones && self.inside().count() > 1 {
            changes.push(Change::Chime(call, self.id, Chime::Came));
        }
        changes
    }

    fn went(&self, call: CallId) -> Vec<Change> {
        let mut left = self.inside();
        match (left.next(), left.next()) {
            (Some(one), None) => {
                let (hears, tells) =
                    (Change::Hears(one.call, one.port), Change::Attention(one.call, one.port));
                if self.tones { vec![hears, tells] } else { vec![hears] }
            }
            (Some(_), Some(_)) if self.tones => {
                vec![Change::Chime(call, self.id, Chime::Went)]
            }
            _ => vec![],
        }
    }
}
