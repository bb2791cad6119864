//! The B channels of a group: which is free, which call has which, which are out of service.

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
pub(crate) enum Use {
    Free,
    Call(Key),
    /// The far side may think otherwise of it: it is restarted first.
    Suspect,
    /// Its line is being tested.
    Test,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Channel {
    slot: Timeslot,
    port: PortId,
    state: Use,
}

/// All B channels of a group, by slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Channels([Option<Channel>; SLOTS]);

/// Slots of a span, slot 0 included: places are slot numbers.
const SLOTS: usize = 32;

impl Channels {
    pub(crate) fn new(channels: impl IntoIterator<Item = (Timeslot, PortId)>) -> Self {
        let mut all = Self([None; SLOTS]);
        for (slot, port) in channels {
            all.0[usize::from(slot.get())] = Some(Channel { slot, port, state: Use::Free });
        }
        all
    }

    fn get(&self, slot: Timeslot) -> Option<&Channel> {
        self.0[usize::from(slot.get())].as_ref()
    }

    /// The channel, if it is used as told.
    fn if_used(&mut self, slot: Timeslot, wanted: Use) -> Option<&mut Channel> {
        self.0[usize::from(slot.get())].as_mut().filter(|channel| channel.state == wanted)
    }

    /// The slots that are used as told, in ascending order.
    fn used(&self, wanted: Use) -> impl DoubleEndedIterator<Item = Timeslot> {
        let used = self.0.iter().flatten().filter(move |channel| channel.state == wanted);
        used.map(|channel| channel.slot)
    }

    pub(crate) fn port(&self, slot: Timeslot) -> Option<PortId> {
        self.get(slot).map(|channel| channel.port)
    }

    pub(crate) fn exists(&self, slot: Timeslot) -> bool {
        self.get(slot).is_some()
    }

    /// Takes a channel for a call, if it is free.
    pub(crate) fn take(&mut self, slot: Timeslot, key: Key) -> bool {
        let channel = self.if_used(slot, Use::Free);
        channel.map(|channel| channel.state = Use::Call(key)).is_some()
    }

    /// Takes another channel for a call in place of its own; if that is not free, it keeps it.
    pub(crate) fn moves(&mut self, from: Option<Timeslot>, to: Timeslot, key: Key) -> bool {
        let taken = self.take(to, key);
        if let Some(before) = from.filter(|_| taken) {
            self.free(before, key);
        }
        taken
    }

    /// Takes a free channel: the highest for a call that we place, the lowest for one that came
    /// without; the other side does the opposite, so that the two seldom meet (5.7).
    pub(crate) fn take_any(&mut self, key: Key) -> Option<Timeslot> {
        let mut free = self.used(Use::Free);
        let slot = if key.ours { free.next_back() } else { free.next() }?;
        drop(free);
        self.take(slot, key).then_some(slot)
    }

    /// The call that had this channel is gone.
    pub(crate) fn free(&mut self, slot: Timeslot, key: Key) {
        if let Some(channel) = self.if_used(slot, Use::Call(key)) {
            channel.state = Use::Free;
        }
    }

    /// Nobody knows what the far side thinks of the call's channel; whether it still had it.
    pub(crate) fn suspect(&mut self, slot: Timeslot, key: Key) -> bool {
        let channel = self.if_used(slot, Use::Call(key));
        channel.map(|channel| channel.state = Use::Suspect).is_some()
    }

    /// As after [`Self::suspect`], for a channel that nobody has.
    pub(crate) fn distrust(&mut self, slot: Timeslot) {
        if let Some(channel) = self.if_used(slot, Use::Free) {
            channel.state = Use::Suspect;
        }
    }

    /// A restart made a channel idle on both sides.
    pub(crate) fn trusted(&mut self, slot: Timeslot) {
        if let Some(channel) = self.if_used(slot, Use::Suspect) {
            channel.state = Use::Free;
        }
    }

    pub(crate) fn suspects(&self) -> impl Iterator<Item = Timeslot> {
        self.used(Use::Suspect)
    }

    /// All, by slot.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Timeslot, Use)> {
        self.0.iter().flatten().map(|channel| (channel.slot, channel.state))
    }

    /// What is free is tested from here on.
    pub(crate) fn begin_test(&mut self) -> Vec<PortId> {
        let free = self.0.iter_mut().flatten().filter(|channel| channel.state == Use::Free);
        free.map(|channel| {
            channel.state = Use::Test;
            channel.port
        })
        .collect()
    }

    pub(crate) fn end_test(&mut self) {
        for channel in self.0.iter_mut().flatten().filter(|c| c.state == Use::Test) {
            channel.state = Use::Free;
        }
    }

    pub(crate) fn holder(&self, slot: Timeslot) -> Option<Key> {
        match self.get(slot)?.state {
            Use::Call(key) => Some(key),
            Use::Free | Use::Suspect | Use::Test => None,
        }
    }

    /// All, busy and blocked channels.
    pub(crate) fn count(&self) -> (u8, u8, u8) {
        let count = |wanted: fn(&Use) -> bool| {
            let all = self.0.iter().flatten().filter(|channel| wanted(&channel.state)).count();
            u8::try_from(all).unwrap_or(u8::MAX)
        };
        let busy = count(|state| matches!(state, Use::Call(_)));
        (count(|_| true), busy, count(|state| matches!(state, Use::Suspect | Use::Test)))
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
        assert!(!channels.moves(Some(all[0]), all[1], a), "b has it");
        assert_eq!([all[0], all[1]].map(|slot| channels.holder(slot)), [Some(a), Some(b)]);
        assert!(channels.moves(Some(all[0]), all[2], a));
        assert_eq!([all[0], all[2]].map(|slot| channels.holder(slot)), [None, Some(a)]);
    }
}
