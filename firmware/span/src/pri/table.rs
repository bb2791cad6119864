//! The calls of a group, by reference. A call that is gone leaves its place to the next one: a call
//! is large, and nothing of it is moved or allocated for each. What is said has one room for all
//! calls: it is polled empty before the next one has its turn.

use std::collections::BTreeMap;

use q931::wire::CallReference;
use q931::{Call, Config, Output, Outputs, Turn};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use units::{Digits, LegId};

use super::channels::Key;
use super::place::Place;

/// One call of the group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) call: Call,
    /// The leg; `None` while a call is refused before anybody heard of it.
    pub(crate) leg: Option<LegId>,
    pub(crate) place: Option<Place>,
    /// Digits that wait until the far side asks for more, and whether they are the last.
    pub(crate) to_dial: (Digits, bool),
    /// The number of ours that answers, once it is known.
    pub(crate) connected: Digits,
    /// The call has asked for its release; else it is the line that gives it up.
    pub(crate) asked: bool,
}

#[derive(Clone, Debug)]
struct Seat {
    /// `None`: free.
    key: Option<Key>,
    entry: Box<Entry>,
}

/// All calls of a group.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls {
    places: Vec<Seat>,
    /// Where a call was found last: most is asked of one call many times.
    last: usize,
    /// What the call that had its turn last has said, and whose it is.
    said: Outputs,
    speaker: Option<Key>,
}

impl Calls {
    fn find(&self, key: Key) -> Option<usize> {
        let is = |place: &Seat| place.key == Some(key);
        if self.places.get(self.last).is_some_and(is) {
            return Some(self.last);
        }
        self.places.iter().position(is)
    }

    pub(crate) fn len(&self) -> usize {
        self.places.iter().filter(|place| place.key.is_some()).count()
    }

    pub(crate) fn contains(&self, key: Key) -> bool {
        self.find(key).is_some()
    }

    pub(crate) fn get(&self, key: Key) -> Option<&Entry> {
        Some(&self.places[self.find(key)?].entry)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut Entry> {
        self.last = self.find(key)?;
        Some(&mut self.places[self.last].entry)
    }

    /// The turn of a call. What the one before it said has been polled.
    pub(crate) fn turn(&mut self, key: Key) -> Option<Turn<'_>> {
        self.last = self.find(key)?;
        self.speaker = Some(key);
        Some(self.places[self.last].entry.call.turn(&mut self.said))
    }

    /// The next that a call has said, and which.
    #[inline]
    pub(crate) fn poll(&mut self) -> Option<(Key, Output<&[u8]>)> {
        self.speaker.zip(self.said.poll())
    }

    /// The call of a leg.
    pub(crate) fn of_leg(&self, leg: LegId) -> Option<(Key, &Entry)> {
        self.iter().find(|(_, entry)| entry.leg == Some(leg))
    }

    /// A new call under a key that is free, with the reference that stands in what we send.
    pub(crate) fn insert(
        &mut self,
        key: Key,
        config: Config,
        reference: CallReference,
    ) -> &mut Entry {
        self.last = self.place(key);
        let entry = &mut self.places[self.last].entry;
        entry.call.renew(config, reference);
        (entry.leg, entry.place, entry.to_dial) = (None, None, Default::default());
        (entry.connected, entry.asked) = (Digits::new(), false);
        entry
    }

    /// A call that was read, and goes on.
    pub(crate) fn insert_read(&mut self, key: Key, entry: Box<Entry>) {
        let at = self.place(key);
        self.places[at].entry = entry;
    }

    /// A place for a key.
    fn place(&mut self, key: Key) -> usize {
        let free = self.places.iter().position(|place| place.key.is_none());
        let at = free.unwrap_or_else(|| {
            let call = Call::outgoing(Config::new(q931::Role::User), key.value);
            let entry = Box::new(Entry {
                call,
                leg: None,
                place: None,
                to_dial: Default::default(),
                connected: Digits::new(),
                asked: false,
            });
            self.places.push(Seat { key: None, entry });
            self.places.len() - 1
        });
        self.places[at].key = Some(key);
        at
    }

    pub(crate) fn remove(&mut self, key: Key) {
        if let Some(at) = self.find(key) {
            self.places[at].key = None;
        }
    }

    /// In no order that means anything.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &Entry)> {
        self.places.iter().filter_map(|place| Some((place.key?, &*place.entry)))
    }

    /// The keys of those that `wanted` picks, in order.
    pub(crate) fn keys(&self, wanted: impl Fn(&Entry) -> bool) -> Vec<Key> {
        let picked = self.iter().filter(|(_, entry)| wanted(entry));
        let mut keys: Vec<_> = picked.map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys
    }

    /// Gives calls that were read what the group knows.
    pub(crate) fn configure(&mut self, config: Config) {
        for place in &mut self.places {
            place.entry.call.configure(config);
        }
    }
}

impl Serialize for Calls {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.iter().collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Calls {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = BTreeMap::<Key, Box<Entry>>::deserialize(deserializer)?;
        let place = |(key, entry)| Seat { key: Some(key), entry };
        Ok(Self { places: all.into_iter().map(place).collect(), ..Self::default() })
    }
}
