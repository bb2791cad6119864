//! The B channels of a group: which is free, which call has which, which are out of service.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use units::{PortId, Timeslot};

/// Which call of a group: its reference value and which side chose it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct Key {
    /// We chose the value.
    pub(crate) ours: bool,
    pub(crate) value: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Use {
    Free,
    Call(Key),
    /// The far side may think otherwise of it: it is restarted first.
    Suspect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Channel {
    port: PortId,
    state: Use,
}

/// All B channels of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Channels(BTreeMap<u8, Channel>);

impl Channels {
    pub(crate) fn new(channels: impl IntoIterator<Item = (Timeslot, PortId)>) -> Self {
        let free = |(slot, port): (Timeslot, _)| (slot.get(), Channel { port, state: Use::Free });
        Self(channels.into_iter().map(free).collect())
    }

    pub(crate) fn port(&self, slot: Timeslot) -> Option<PortId> {
        self.0.get(&slot.get()).map(|channel| channel.port)
    }

    pub(crate) fn exists(&self, slot: Timeslot) -> bool {
        self.0.contains_key(&slot.get())
    }

    /// Takes a channel for a call, if it is free.
    pub(crate) fn take(&mut self, slot: Timeslot, key: Key) -> bool {
        match self.0.get_mut(&slot.get()) {
            Some(channel) if channel.state == Use::Free => {
                channel.state = Use::Call(key);
                true
            }
            _ => false,
        }
    }

    /// A call leaves its channel for another one, if that is free.
    pub(crate) fn moves(&mut self, slot: Timeslot, key: Key) -> bool {
        let free = self.0.get(&slot.get()).is_some_and(|channel| channel.state == Use::Free);
        if free {
            self.free(key);
        }
        self.take(slot, key)
    }

    /// Takes a free channel: the highest for a call that we place, the lowest for one that came
    /// without; the other side does the opposite, so that the two seldom meet (5.7).
    pub(crate) fn take_any(&mut self, key: Key) -> Option<Timeslot> {
        let free = |(slot, channel): (&u8, &Channel)| {
            (channel.state == Use::Free).then(|| Timeslot::new(*slot)).flatten()
        };
        let slot = if key.ours {
            self.0.iter().rev().find_map(free)
        } else {
            self.0.iter().find_map(free)
        }?;
        self.take(slot, key).then_some(slot)
    }

    /// The call is gone.
    pub(crate) fn free(&mut self, key: Key) {
        for channel in self.0.values_mut() {
            if channel.state == Use::Call(key) {
                channel.state = Use::Free;
            }
        }
    }

    /// Nobody knows what the far side thinks of the call's channel; gives back its slot.
    pub(crate) fn suspect(&mut self, key: Key) -> Option<Timeslot> {
        let (slot, channel) =
            self.0.iter_mut().find(|(_, channel)| channel.state == Use::Call(key))?;
        channel.state = Use::Suspect;
        Timeslot::new(*slot)
    }

    /// As after [`Self::suspect`], for a channel that nobody has.
    pub(crate) fn distrust(&mut self, slot: Timeslot) {
        if let Some(channel) = self.0.get_mut(&slot.get())
            && channel.state == Use::Free
        {
            channel.state = Use::Suspect;
        }
    }

    /// A restart made a channel idle on both sides.
    pub(crate) fn trusted(&mut self, slot: Timeslot) {
        if let Some(channel) = self.0.get_mut(&slot.get())
            && channel.state == Use::Suspect
        {
            channel.state = Use::Free;
        }
    }

    pub(crate) fn suspects(&self) -> impl Iterator<Item = Timeslot> {
        let suspect = |(slot, channel): (&u8, &Channel)| {
            (channel.state == Use::Suspect).then(|| Timeslot::new(*slot)).flatten()
        };
        self.0.iter().filter_map(suspect)
    }

    pub(crate) fn holder(&self, slot: Timeslot) -> Option<Key> {
        match self.0.get(&slot.get()).map(|channel| channel.state) {
            Some(Use::Call(key)) => Some(key),
            Some(Use::Free | Use::Suspect) | None => None,
        }
    }

    /// All, busy and blocked channels.
    pub(crate) fn count(&self) -> (u8, u8, u8) {
        let count = |wanted: fn(&Use) -> bool| {
            let all = self.0.values().filter(|channel| wanted(&channel.state)).count();
            u8::try_from(all).unwrap_or(u8::MAX)
        };
        let busy = count(|state| matches!(state, Use::Call(_)));
        (count(|_| true), busy, count(|state| matches!(state, Use::Suspect)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_is_sent_to_a_busy_channel_keeps_its_own() {
        let slots = || Timeslot::all().take(3);
        let mut channels = Channels::new(slots().zip((0..).map(PortId)));
        let all: Vec<Timeslot> = slots().collect();
        let [a, b] = [1, 2].map(|value| Key { ours: true, value });
        assert!(channels.take(all[0], a) && channels.take(all[1], b));
        assert!(!channels.moves(all[1], a), "b has it");
        assert_eq!([all[0], all[1]].map(|slot| channels.holder(slot)), [Some(a), Some(b)]);
        assert!(channels.moves(all[2], a));
        assert_eq!([all[0], all[2]].map(|slot| channels.holder(slot)), [None, Some(a)]);
    }
}
