//! The B channels of a group: which is free, which call has which, which are out of service.

use bearer::Hunt;
use serde::{Deserialize, Serialize};
use units::{PortId, Slots, Timeslot};

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
    /// The administrator has taken it out of service.
    Off,
    /// The operator has blocked it.
    Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Channel {
    slot: Timeslot,
    port: PortId,
    state: Use,
}

/// All B channels of a group, by slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Channels {
    all: [Option<Channel>; SLOTS],
    /// Those that the administrator lets carry calls.
    allowed: Slots,
    /// Those that the operator has blocked.
    held: Slots,
    /// Which is taken first for a call of ours.
    hunt: Hunt,
}

/// Slots of a span, slot 0 included: places are slot numbers.
const SLOTS: usize = 32;

impl Channels {
    pub(crate) fn new(channels: impl IntoIterator<Item = (Timeslot, PortId)>, hunt: Hunt) -> Self {
        let mut all = [None; SLOTS];
        for (slot, port) in channels {
            all[usize::from(slot.get())] = Some(Channel { slot, port, state: Use::Free });
        }
        Self { all, allowed: Slots::ALL, held: Slots::default(), hunt }
    }

    /// What the administrator decides. A channel that is taken out of service keeps the call that
    /// it has.
    pub(crate) fn configure(&mut self, allowed: Slots, hunt: Hunt) {
        (self.allowed, self.hunt) = (allowed, hunt);
        self.settle();
    }

    /// Blocks a channel as soon as it has no call, or opens it again; `false`: there is none.
    pub(crate) fn hold(&mut self, slot: Timeslot, on: bool) -> bool {
        if on {
            self.held.insert(slot);
        } else {
            self.held.remove(slot);
        }
        self.settle();
        self.exists(slot)
    }

    fn settle(&mut self) {
        let idle = self.idle();
        for channel in self.all.iter_mut().flatten() {
            channel.state = match channel.state {
                Use::Free | Use::Off | Use::Held => idle(channel.slot),
                other => other,
            };
        }
    }

    /// What a channel is that nobody uses.
    fn idle(&self) -> impl Fn(Timeslot) -> Use + use<> {
        let (allowed, held) = (self.allowed, self.held);
        move |slot| match (allowed.contains(slot), held.contains(slot)) {
            (false, _) => Use::Off,
            (true, true) => Use::Held,
            (true, false) => Use::Free,
        }
    }

    fn get(&self, slot: Timeslot) -> Option<&Channel> {
        self.all[usize::from(slot.get())].as_ref()
    }

    /// The channel, if it is used as told.
    fn if_used(&mut self, slot: Timeslot, wanted: Use) -> Option<&mut Channel> {
        self.all[usize::from(slot.get())].as_mut().filter(|channel| channel.state == wanted)
    }

    /// The slots that are used as told, in ascending order.
    fn used(&self, wanted: Use) -> impl DoubleEndedIterator<Item = Timeslot> {
        let used = self.all.iter().flatten().filter(move |channel| channel.state == wanted);
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

    /// Takes a free channel: from one end for a call that we place, from the other for one that
    /// came without; the other side does the opposite, so that the two seldom meet (5.7).
    pub(crate) fn take_any(&mut self, key: Key) -> Option<Timeslot> {
        let down = (self.hunt == Hunt::Down) == key.ours;
        let mut free = self.used(Use::Free);
        let slot = if down { free.next_back() } else { free.next() }?;
        drop(free);
        self.take(slot, key).then_some(slot)
    }

    /// The call that had this channel is gone.
    pub(crate) fn free(&mut self, slot: Timeslot, key: Key) {
        let free = self.idle()(slot);
        if let Some(channel) = self.if_used(slot, Use::Call(key)) {
            channel.state = free;
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
        let free = self.idle()(slot);
        if let Some(channel) = self.if_used(slot, Use::Suspect) {
            channel.state = free;
        }
    }

    pub(crate) fn suspects(&self) -> impl Iterator<Item = Timeslot> {
        self.used(Use::Suspect)
    }

    /// All, by slot.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Timeslot, Use)> {
        self.all.iter().flatten().map(|channel| (channel.slot, channel.state))
    }

    /// What is free is tested from here on.
    pub(crate) fn begin_test(&mut self) -> Vec<PortId> {
        let free = self.all.iter_mut().flatten().filter(|channel| channel.state == Use::Free);
        free.map(|channel| {
            channel.state = Use::Test;
            channel.port
        })
        .collect()
    }

    pub(crate) fn end_test(&mut self) {
        let idle = self.idle();
        for channel in self.all.iter_mut().flatten().filter(|c| c.state == Use::Test) {
            channel.state = idle(channel.slot);
        }
    }

    pub(crate) fn holder(&self, slot: Timeslot) -> Option<Key> {
        match self.get(slot)?.state {
            Use::Call(key) => Some(key),
            Use::Free | Use::Suspect | Use::Test | Use::Off | Use::Held => None,
        }
    }

    /// All, busy and blocked channels.
    pub(crate) fn count(&self) -> (u8, u8, u8) {
        let count = |wanted: fn(&Use) -> bool| {
            let all = self.all.iter().flatten().filter(|channel| wanted(&channel.state)).count();
            u8::try_from(all).unwrap_or(u8::MAX)
        };
        let busy = count(|state| matches!(state, Use::Call(_)));
        let blocked = count(|state| !matches!(state, Use::Call(_) | Use::Free));
        (count(|_| true), busy, blocked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_taken_out_of_service_keeps_its_call_and_gets_no_other() {
        let [one, two] = [1, 2].map(|slot| Timeslot::new(slot).expect("a slot"));
        let mut channels = Channels::new([(one, PortId(1)), (two, PortId(2))], Hunt::Down);
        let [a, b] = [1, 2].map(|value| Key { ours: true, value });
        assert_eq!(channels.take_any(a), Some(two));
        channels.configure(Slots::from(one), Hunt::Down);
        assert_eq!(channels.holder(two), Some(a));
        channels.free(two, a);
        assert!(!channels.take(two, b));
        assert_eq!((channels.take_any(b), channels.count()), (Some(one), (2, 1, 1)));
        channels.free(one, b);
        channels.configure(Slots::ALL, Hunt::Up);
        assert_eq!(channels.take_any(b), Some(one), "from below");
    }

    #[test]
    fn a_channel_that_the_operator_blocks_keeps_its_call_and_gets_no_other_until_it_is_opened() {
        let [one, two] = [1, 2].map(|slot| Timeslot::new(slot).expect("a slot"));
        let mut channels = Channels::new([(one, PortId(1)), (two, PortId(2))], Hunt::Down);
        let [a, b] = [1, 2].map(|value| Key { ours: true, value });
        assert_eq!(channels.take_any(a), Some(two));
        assert!(channels.hold(two, true) && channels.holder(two) == Some(a));
        channels.free(two, a);
        assert!(!channels.take(two, b), "by the far side");
        assert_eq!((channels.take_any(b), channels.count()), (Some(one), (2, 1, 1)));
        assert_eq!(channels.take_any(a), None);
        channels.configure(Slots::ALL, Hunt::Down);
        assert!(!channels.take(two, a), "the configuration does not open it");
        assert!(channels.hold(two, false) && channels.take(two, a));
        assert!(!channels.hold(Timeslot::D, true), "there is no such channel");
    }

    #[test]
    fn a_call_that_is_sent_to_a_busy_channel_keeps_its_own() {
        let slots = || Timeslot::all().take(3);
        let mut channels = Channels::new(slots().zip((0..).map(PortId)), Hunt::Down);
        let all: Vec<Timeslot> = slots().collect();
        let [a, b] = [1, 2].map(|value| Key { ours: true, value });
        assert!(channels.take(all[0], a) && channels.take(all[1], b));
        assert!(!channels.moves(Some(all[0]), all[1], a), "b has it");
        assert_eq!([all[0], all[1]].map(|slot| channels.holder(slot)), [Some(a), Some(b)]);
        assert!(channels.moves(Some(all[0]), all[2], a));
        assert_eq!([all[0], all[2]].map(|slot| channels.holder(slot)), [None, Some(a)]);
    }
}
