//! The gate: what a machine wants to send leaves when the change behind it is kept.
//!
//! Each output waits for the change that it follows from, and behind what its key (a call, a line)
//! said before; never for another key.

use std::collections::{BTreeMap, VecDeque};

/// The number of a change that is kept; rises by one with each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(pub u64);

/// Outputs of type `T` that wait for their changes, per key `K` (a call, a line).
///
/// Most changes are kept before anybody polls again, so outputs stand in one queue. Only those that
/// must wait when it is their turn are sorted by key.
#[derive(Debug)]
pub struct Gate<K, T> {
    safe: Change,
    last: Change,
    /// In the order said, each with the change that it follows from.
    said: VecDeque<(K, Change, T)>,
    /// How many of them, at the end, were said since the last change was told.
    fresh: usize,
    /// What had to wait when it was its turn.
    waiting: BTreeMap<K, VecDeque<(Change, T)>>,
}

/// The change of what was said since the last one.
const UNTOLD: Change = Change(u64::MAX);

impl<K: Ord + Copy, T> Gate<K, T> {
    /// A gate that lets everything pass at the next change: nothing keeps changes.
    #[must_use]
    pub const fn open() -> Self {
        Self::with(Change(UNTOLD.0 - 1))
    }

    /// A gate that holds outputs until [`Self::safe_up_to`].
    #[must_use]
    pub const fn guarded() -> Self {
        Self::with(Change(0))
    }

    const fn with(safe: Change) -> Self {
        Self { safe, last: Change(0), said: VecDeque::new(), fresh: 0, waiting: BTreeMap::new() }
    }

    /// From here on nothing keeps changes any more: what waits leaves.
    pub fn give_up(&mut self) {
        self.safe_up_to(Change(UNTOLD.0 - 1));
    }

    /// Something to send. It follows from the change that is told next.
    pub fn submit(&mut self, key: K, output: T) {
        self.said.push_back((key, UNTOLD, output));
        self.fresh += 1;
    }

    /// All that was submitted since the last call follows from this change.
    pub fn change(&mut self) -> Change {
        self.last.0 += 1;
        self.settle(self.last);
        self.last
    }

    /// What was submitted since the last change follows from none: it waits for nothing but what
    /// its key said before.
    pub fn no_change(&mut self) {
        self.settle(Change(0));
    }

    fn settle(&mut self, needs: Change) {
        for (_, change, _) in self.said.iter_mut().rev().take(std::mem::take(&mut self.fresh)) {
            *change = needs;
        }
    }

    /// All changes up to this one outlive the process.
    pub fn safe_up_to(&mut self, change: Change) {
        self.safe = self.safe.max(change);
    }

    /// The next output that may leave.
    pub fn poll(&mut self) -> Option<T> {
        if !self.waiting.is_empty()
            && let Some(output) = self.poll_waiting()
        {
            return Some(output);
        }
        while self.said.len() > self.fresh {
            let (key, change, output) = self.said.pop_front()?;
            if change <= self.safe && !self.waiting.contains_key(&key) {
                return Some(output);
            }
            self.waiting.entry(key).or_default().push_back((change, output));
        }
        None
    }

    /// The next of those that had to wait.
    fn poll_waiting(&mut self) -> Option<T> {
        let safe = self.safe;
        let is_safe = |queue: &VecDeque<(Change, T)>| queue.front().is_some_and(|w| w.0 <= safe);
        let key = *self.waiting.iter().find(|(_, queue)| is_safe(queue))?.0;
        let queue = self.waiting.get_mut(&key)?;
        let (_, output) = queue.pop_front()?;
        if queue.is_empty() {
            self.waiting.remove(&key);
        }
        Some(output)
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
        gate.submit(1, "a");
        gate.change();
        gate.submit(2, "b");
        gate.no_change();
        assert_eq!(left(&mut gate), ["a", "b"]);
    }

    #[test]
    fn nothing_leaves_before_the_change_that_it_follows_from_is_told_and_kept() {
        let mut gate = Gate::guarded();
        gate.submit(1, "a");
        assert!(left(&mut gate).is_empty(), "its change was not told");
        let first = gate.change();
        assert!(left(&mut gate).is_empty(), "its change is not kept");
        gate.safe_up_to(first);
        assert_eq!(left(&mut gate), ["a"]);
    }

    #[test]
    fn an_output_waits_for_those_of_its_call_before_it() {
        let mut gate = Gate::guarded();
        gate.submit(1, "first");
        let first = gate.change();
        gate.submit(1, "follows from nothing");
        gate.no_change();
        assert!(left(&mut gate).is_empty());
        gate.safe_up_to(first);
        assert_eq!(left(&mut gate), ["first", "follows from nothing"]);
    }

    #[test]
    fn a_waiting_call_does_not_hold_up_another() {
        let mut gate = Gate::guarded();
        gate.submit(1, "waits");
        gate.change();
        gate.submit(2, "follows from nothing");
        gate.no_change();
        assert_eq!(left(&mut gate), ["follows from nothing"]);
        gate.give_up();
        assert_eq!(left(&mut gate), ["waits"]);
    }
}
