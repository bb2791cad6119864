//! What a machine wants, until its owner polls it: values in order, and the octets of those that
//! carry some, one behind the other.
//!
//! ```text
//!  items   │ UA │ established │ I frame │ I frame │
//!            │                  │         └──────────────┐
//!  octets  │ 0 1 73 │ 2 1 0 0 8 2 0 1 5 … │ 2 1 2 0 8 2 …
//! ```
//!
//! An owner drains it after every input, and then it begins anew: it stays small and warm, however
//! much may be put into it at once.

use heapless::{Vec, VecView};

/// Up to `COUNT` items of type `T`, with up to `OCTETS` octets together.
#[derive(Clone, Debug)]
pub struct Outbox<T, const COUNT: usize, const OCTETS: usize> {
    /// Polled ones are `None`.
    items: Vec<Option<(T, Extent)>, COUNT, u8>,
    /// The first that was not polled.
    next: u8,
    octets: Vec<u8, OCTETS>,
}

/// Where the octets of an item stand.
#[derive(Clone, Copy, Debug)]
struct Extent {
    begin: usize,
    end: usize,
}

impl<T, const COUNT: usize, const OCTETS: usize> Default for Outbox<T, COUNT, OCTETS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const COUNT: usize, const OCTETS: usize> Outbox<T, COUNT, OCTETS> {
    /// Nothing waits.
    #[must_use]
    pub const fn new() -> Self {
        Self { items: Vec::new(), next: 0, octets: Vec::new() }
    }

    /// Whether nothing waits.
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        usize::from(self.next) == self.items.len()
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.items.clear();
        self.next = 0;
        self.octets.clear();
    }

    /// Puts an item without octets. `COUNT` is the most that one input can bring: one that does
    /// not fit is lost, which no test has seen.
    #[inline]
    pub fn put(&mut self, item: T) {
        self.write(item, |_| Some(()));
    }

    /// Puts an item with octets.
    #[inline]
    pub fn put_with(&mut self, item: T, octets: &[u8]) {
        self.write(item, |room| room.extend_from_slice(octets).ok());
    }

    /// Puts an item with the octets that `write` appends to those there are; none of it if that
    /// gives back `None`.
    #[inline]
    pub fn write(&mut self, item: T, write: impl FnOnce(&mut VecView<u8>) -> Option<()>) {
        if let Some(extent) = self.append(write) {
            let full = self.items.push(Some((item, extent))).is_err();
            debug_assert!(!full, "an output was lost");
        }
    }

    /// Puts an item with octets before all that wait.
    pub fn put_first(&mut self, item: T, octets: &[u8]) {
        if let Some(extent) = self.append(|room| room.extend_from_slice(octets).ok()) {
            let full = self.items.insert(self.next.into(), Some((item, extent))).is_err();
            debug_assert!(!full, "an output was lost");
        }
    }

    #[inline]
    fn append(&mut self, write: impl FnOnce(&mut VecView<u8>) -> Option<()>) -> Option<Extent> {
        if self.is_empty() {
            self.clear();
        }
        let begin = self.octets.len();
        if write(self.octets.as_mut_view()).is_none() {
            self.octets.truncate(begin);
            return None;
        }
        Some(Extent { begin, end: self.octets.len() })
    }

    /// The next item, oldest first, and its octets.
    #[inline]
    pub fn poll(&mut self) -> Option<(T, &[u8])> {
        let (item, Extent { begin, end }) = self.items.get_mut(usize::from(self.next))?.take()?;
        self.next += 1;
        Some((item, self.octets.get(begin..end)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_out_in_order_each_with_its_octets() {
        let mut outbox = Outbox::<char, 4, 8>::new();
        for _ in 0..100 {
            outbox.put_with('a', b"123");
            outbox.put('b');
            outbox.put_with('c', b"45678");
            outbox.put_first('d', b"");
            assert_eq!(outbox.poll(), Some(('d', &b""[..])));
            assert_eq!(outbox.poll(), Some(('a', &b"123"[..])));
            assert_eq!(outbox.poll(), Some(('b', &b""[..])));
            assert!(!outbox.is_empty());
            assert_eq!(outbox.poll(), Some(('c', &b"45678"[..])));
            assert_eq!(outbox.poll(), None);
        }
    }
}
