//! The B channels of a group: which is free, which call has which, which are out of service.

use bearer::Hunt;
use limits::GROUP_SPANS;
use serde::{Deserialize, Serialize};
use units::{PortId, Slots};

use super::place::Place;

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
    place: Place,
    port: PortId,
    state: Use,
}

/// All B channels of a group, by span and place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Channels {
    /// By [`Place::index`]; slot 0 of each span included.
    all: Vec<Option<Channel>>,
    /// Of each span, those that the administrator lets carry calls.
    allowed: [Slots; GROUP_SPANS],
    /// Those that the operator has blocked.
    held: [Slots; GROUP_SPANS],
    /// Spans that are down: nothing of them is taken.
    out: [bool; GROUP_SPANS],
    /// Which is taken first for a call of ours.
    hunt: Hunt,
}

impl Channels {
    pub(crate) fn new(channels: impl IntoIterator<Item = (Place, PortId)>, hunt: Hunt) -> Self {
        let mut all = vec![];
        for (place, port) in channels {
            let index = place.index();
            if all.len() <= index {
                all.resize(index + 1, None);
            }
            all[index] = Some(Channel { place, port, state: Use::Free });
        }
        let (allowed, held) = ([Slots::ALL; GROUP_SPANS], [Slots::default(); GROUP_SPANS]);
        Self { all, allowed, held, out: [false; GROUP_SPANS], hunt }
    }

    /// Which is taken first for a call of ours.
    pub(crate) const fn set_hunt(&mut self, hunt: Hunt) {
        self.hunt = hunt;
    }

    /// What the administrator decides of a span. A channel that is taken out of service keeps the
    /// call that it has.
    pub(crate) fn allow(&mut self, span: u8, allowed: Slots) {
        if let Some(of_span) = self.allowed.get_mut(usize::from(span)) {
            *of_span = allowed;
        }
        self.settle();
    }

    /// A span is down, or carries calls again.
    pub(crate) fn set_out(&mut self, span: u8, out: bool) {
        if let Some(of_span) = self.out.get_mut(usize::from(span)) {
            *of_span = out;
        }
    }

    pub(crate) fn is_out(&self, span: u8) -> bool {
        self.out.get(usize::from(span)).copied().unwrap_or(true)
    }

    /// Blocks a channel as soon as it has no call, or opens it again; `false`: there is none.
    pub(crate) fn hold(&mut self, place: Place, on: bool) -> bool {
        if let Some(held) = self.held.get_mut(usize::from(place.span())) {
            if on {
                held.insert(place.slot());
            } else {
                held.remove(place.slot());
            }
        }
        self.settle();
        self.exists(place)
    }

    fn settle(&mut self) {
        let idle = self.idle();
        for channel in self.all.iter_mut().flatten() {
            channel.state = match channel.state {
                Use::Free | Use::Off | Use::Held => idle(channel.place),
                other => other,
            };
        }
    }

    /// What a channel is that nobody uses.
    fn idle(&self) -> impl Fn(Place) -> Use + use<> {
        let (allowed, held) = (self.allowed, self.held);
        move |place| {
            let is = |all: &[Slots]| {
                let of_span = all.get(usize::from(place.span()));
                of_span.is_some_and(|slots| slots.contains(place.slot()))
            };
            match (is(&allowed), is(&held)) {
                (false, _) => Use::Off,
                (true, true) => Use::Held,
                (true, false) => Use::Free,
            }
        }
    }

    fn get(&self, place: Place) -> Option<&Channel> {
        self.all.get(place.index())?.as_ref()
    }

    /// The channel, if it is used as told.
    fn if_used(&mut self, place: Place, wanted: Use) -> Option<&mut Channel> {
        let channel = self.all.get_mut(place.index())?.as_mut();
        channel.filter(|channel| channel.state == wanted)
    }

    /// Those that are used as told, in ascending order.
    fn used(&self, wanted: Use) -> impl DoubleEndedIterator<Item = Place> {
        let used = self.all.iter().flatten().filter(move |channel| channel.state == wanted);
        used.map(|channel| channel.place)
    }

    pub(crate) fn port(&self, place: Place) -> Option<PortId> {
        self.get(place).map(|channel| channel.port)
    }

    pub(crate) fn exists(&self, place: Place) -> bool {
        self.get(place).is_some()
    }

    /// Takes a channel for a call, if it is free.
    pub(crate) fn take(&mut self, place: Place, key: Key) -> bool {
        if self.is_out(place.span()) {
            return false;
        }
        let channel = self.if_used(place, Use::Free);
        channel.map(|channel| channel.state = Use::Call(key)).is_some()
    }

    /// Takes another channel for a call in place of its own; if that is not free, it keeps it.
    pub(crate) fn moves(&mut self, from: Option<Place>, to: Place, key: Key) -> bool {
        let taken = self.take(to, key);
        if let Some(before) = from.filter(|_| taken) {
            self.free(before, key);
        }
        taken
    }

    /// Takes a free channel: from one end for a call that we place, from the other for one that
    /// came without; the other side does the opposite, so that the two seldom meet (5.7).
    pub(crate) fn take_any(&mut self, key: Key) -> Option<Place> {
        let down = (self.hunt == Hunt::Down) == key.ours;
        let mut free = self.used(Use::Free).filter(|place| !self.is_out(place.span()));
        let place = if down { free.next_back() } else { free.next() }?;
        drop(free);
        self.take(place, key).then_some(place)
    }

    /// The call that had this channel is gone.
    pub(crate) fn free(&mut self, place: Place, key: Key) {
        let free = self.idle()(place);
        if let Some(channel) = self.if_used(place, Use::Call(key)) {
            channel.state = free;
        }
    }

    /// Nobody knows what the far side thinks of the call's channel; whether it still had it.
    pub(crate) fn suspect(&mut self, place: Place, key: Key) -> bool {
        let channel = self.if_used(place, Use::Call(key));
        channel.map(|channel| channel.state = Use::Suspect).is_some()
    }

    /// As after [`Self::suspect`], for a channel that nobody has.
    pub(crate) fn distrust(&mut self, place: Place) {
        if let Some(channel) = self.if_used(place, Use::Free) {
            channel.state = Use::Suspect;
        }
    }

    /// A restart made a channel idle on both sides.
    pub(crate) fn trusted(&mut self, place: Place) {
        let free = self.idle()(place);
        if let Some(channel) = self.if_used(place, Use::Suspect) {
            channel.state = free;
        }
    }

    pub(crate) fn suspects(&self) -> impl Iterator<Item = Place> {
        self.used(Use::Suspect)
    }

    /// All, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Place, Use)> {
        self.all.iter().flatten().map(|channel| (channel.place, channel.state))
    }

    /// What is free is tested from here on.
    pub(crate) fn begin_test(&mut self, span: u8) -> Vec<PortId> {
        let mine =
            |channel: &&mut Channel| channel.state == Use::Free && channel.place.span() == span;
        let free = self.all.iter_mut().flatten().filter(mine);
        free.map(|channel| {
            channel.state = Use::Test;
            channel.port
        })
        .collect()
    }

    pub(crate) fn end_test(&mut self) {
        let idle = self.idle();
        for channel in self.all.iter_mut().flatten().filter(|c| c.state == Use::Test) {
            channel.state = idle(channel.place);
        }
    }

    pub(crate) fn holder(&self, place: Place) -> Option<Key> {
        match self.get(place)?.state {
            Use::Call(key) => Some(key),
            Use::Free | Use::Suspect | Use::Test | Use::Off | Use::Held => None,
        }
    }

    /// All, busy and blocked channels: of one span, or of all.
    pub(crate) fn count(&self, span: Option<u8>) -> (u8, u8, u8) {
        let count = |wanted: fn(&Use) -> bool| {
            let mine = |place: Place| span.is_none_or(|span| span == place.span());
            let wanted = |channel: &&Channel| mine(channel.place) && wanted(&channel.state);
            let all = self.all.iter().flatten().filter(wanted).count();
            u8::try_from(all).unwrap_or(u8::MAX)
        };
        let busy = count(|state| matches!(state, Use::Call(_)));
        let blocked = count(|state| !matches!(state, Use::Call(_) | Use::Free));
        (count(|_| true), busy, blocked)
    }
}

#[cfg(test)]
mod tests {
    use units::Timeslot;

    use super::*;

    fn place(slot: u8) -> Place {
        Timeslot::new(slot).expect("a slot").into()
    }

    #[test]
    fn a_channel_taken_out_of_service_keeps_its_call_and_gets_no_other() {
        let [one, two] = [1, 2].map(place);
        let mut channels = Channels::new([(one, PortId(1)), (two, PortId(2))], Hunt::Down);
        let [a, b] = [1, 2].map(|value| Key { ours: true, value });
        assert_eq!(channels.take_any(a), Some(two));
        channels.allow(0, Slots::from(one.slot()));
        assert_eq!(channels.holder(two), Some(a));
        channels.free(two, a);
        assert!(!channels.take(two, b));
        assert_eq!((channels.take_any(b), channels.count(None)), (Some(one), (2, 1, 1)));
        channels.free(one, b);
        channels.allow(0, Slots::ALL);
        channels.set_hunt(Hunt::Up);
        assert_eq!(channels.take_any(b), Some(one), "from below");
    }

    #[test]
    fn a_channel_that_the_operator_blocks_keeps_its_call_and_gets_no_other_until_it_is_opened() {
        let [one, two] = [1, 2].map(place);
        let mut channels = Channels::new([(one, PortId(1)), (two, PortId(2))], Hunt::Down);
        let [a, b] = [1, 2].map(|value| Key { ours: true, value });
        assert_eq!(channels.take_any(a), Some(two));
        assert!(channels.hold(two, true) && channels.holder(two) == Some(a));
        channels.free(two, a);
        assert!(!channels.take(two, b), "by the far side");
        assert_eq!((channels.take_any(b), channels.count(None)), (Some(one), (2, 1, 1)));
        assert_eq!(channels.take_any(a), None);
        channels.allow(0, Slots::ALL);
        assert!(!channels.take(two, a), "the configuration does not open it");
        assert!(channels.hold(two, false) && channels.take(two, a));
        assert!(!channels.hold(place(16), true), "there is no such channel");
    }

    #[test]
    fn a_call_that_is_sent_to_a_busy_channel_keeps_its_own() {
        let slots = || Timeslot::all().map(Place::from).take(3);
        let mut channels = Channels::new(slots().zip((0..).map(PortId)), Hunt::Down);
        let all: Vec<Place> = slots().collect();
        let [a, b] = [1, 2].map(|value| Key { ours: true, value });
        assert!(channels.take(all[0], a) && channels.take(all[1], b));
        assert!(!channels.moves(Some(all[0]), all[1], a), "b has it");
        assert_eq!([all[0], all[1]].map(|slot| channels.holder(slot)), [Some(a), Some(b)]);
        assert!(channels.moves(Some(all[0]), all[2], a));
        assert_eq!([all[0], all[2]].map(|slot| channels.holder(slot)), [None, Some(a)]);
    }
}
