//! What survives: the gate now, the journal and the pair with later releases.
//!
//! What a machine wants to send leaves through the [`Gate`]. Each output names the change that it
//! follows from; it leaves when that change is safe. A call whose change is not safe yet holds up
//! its own outputs, in order, and no other call's.
//!
//! This release has no journal: its gate is [`Gate::open`], which says that every change is safe
//! at once. The order that the gate keeps, and the place where outputs pass it, are final.

use std::collections::{BTreeMap, VecDeque};

/// The number of a change of state; rises by one with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(pub u64);

/// Outputs of type `T` that wait for their changes, per key `K` (a call, a line).
#[derive(Debug)]
pub struct Gate<K, T> {
    open: bool,
    safe: Change,
    last: Change,
    waiting: BTreeMap<K, VecDeque<(Change, T)>>,
    ready: VecDeque<T>,
}

impl<K: Ord + Copy, T> Gate<K, T> {
    /// A gate that lets everything pass: nothing keeps changes.
    #[must_use]
    pub const fn open() -> Self {
        Self::with(true)
    }

    /// A gate that holds outputs until [`Self::safe_up_to`].
    #[must_use]
    pub const fn guarded() -> Self {
        Self::with(false)
    }

    const fn with(open: bool) -> Self {
        Self {
            open,
            safe: Change(0),
            last: Change(0),
            waiting: BTreeMap::new(),
            ready: VecDeque::new(),
        }
    }

    /// A machine's state has changed; what it says from here on follows from this change.
    pub fn change(&mut self) -> Change {
        self.last.0 += 1;
        if self.open {
            self.safe = self.last;
        }
        self.last
    }

    /// Something to send that follows from the last change.
    pub fn submit(&mut self, key: K, output: T) {
        let queue = self.waiting.get(&key);
        if self.last <= self.safe && queue.is_none_or(VecDeque::is_empty) {
            self.ready.push_back(output);
        } else {
            self.waiting.entry(key).or_default().push_back((self.last, output));
        }
    }

    /// All changes up to this one outlive the process.
    pub fn safe_up_to(&mut self, change: Change) {
        self.safe = self.safe.max(change);
        let safe = self.safe;
        for queue in self.waiting.values_mut() {
            while let Some((_, output)) = queue.pop_front_if(|(change, _)| *change <= safe) {
                self.ready.push_back(output);
            }
        }
        self.waiting.retain(|_, queue| !queue.is_empty());
    }

    /// The next output that may leave.
    pub fn poll(&mut self) -> Option<T> {
        self.ready.pop_front()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(gate: &mut Gate<u8, &'static str>) -> Vec<&'static str> {
        std::iter::from_fn(|| gate.poll()).collect()
    }

    #[test]
    fn an_open_gate_keeps_the_order() {
        let mut gate = Gate::open();
        gate.change();
        gate.submit(1, "a");
        gate.change();
        gate.submit(2, "b");
        assert_eq!(left(&mut gate), ["a", "b"]);
    }

    #[test]
    fn an_output_waits_for_its_change_and_for_those_of_its_call_before_it() {
        let mut gate = Gate::guarded();
        let first = gate.change();
        gate.submit(1, "a");
        let second = gate.change();
        gate.submit(2, "b");
        assert!(left(&mut gate).is_empty());
        gate.safe_up_to(first);
        assert_eq!(left(&mut gate), ["a"]);
        gate.safe_up_to(second);
        assert_eq!(left(&mut gate), ["b"]);
    }

    #[test]
    fn a_waiting_call_does_not_hold_up_another() {
        let mut gate = Gate::guarded();
        let first = gate.change();
        gate.safe_up_to(first);
        gate.submit(1, "safe");
        gate.change();
        gate.submit(2, "waits");
        assert_eq!(left(&mut gate), ["safe"]);
    }
}
