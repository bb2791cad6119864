//! What one input changed.
//!
//! ```text
//!  put     1 │ kind │ id: 8 │ length: 4 │ octets
//!  forget  0 │ kind │ id: 8
//! ```

/// Under which a record is kept: what kind of thing, and which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The kind.
    pub kind: u8,
    /// Which of its kind.
    pub id: u64,
}

/// Puts and forgets that are kept together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    octets: Vec<u8>,
    changes: usize,
}

const FORGET: u8 = 0;
const PUT: u8 = 1;
/// Tag, kind and id.
const HEAD: usize = 1 + 1 + 8;
const LENGTH: usize = 4;

/// One change as it stands in the octets of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    Put(Key, &'a [u8]),
    Forget(Key),
}

impl Transaction {
    /// Nothing changed yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { octets: Vec::new(), changes: 0 }
    }

    /// Whether nothing changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.changes == 0
    }

    /// How many records changed.
    #[must_use]
    pub const fn changes(&self) -> usize {
        self.changes
    }

    fn head(&mut self, tag: u8, key: Key) {
        let [a, b, c, d, e, f, g, h] = key.id.to_be_bytes();
        self.octets.extend_from_slice(&[tag, key.kind, a, b, c, d, e, f, g, h]);
        self.changes += 1;
    }

    /// A record is now these octets; at most 4 GiB.
    pub fn put(&mut self, key: Key, octets: &[u8]) {
        let Ok(length) = u32::try_from(octets.len()) else { return };
        self.head(PUT, key);
        self.octets.extend_from_slice(&length.to_be_bytes());
        self.octets.extend_from_slice(octets);
    }

    /// A record is no more.
    pub fn forget(&mut self, key: Key) {
        self.head(FORGET, key);
    }

    /// The octets that are kept.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Ready for the next change, in the same memory.
    pub fn clear(&mut self) {
        self.octets.clear();
        self.changes = 0;
    }
}

/// The changes in the octets of a transaction, and where each put's octets begin; `None` in place
/// of one that no transaction wrote, then the end.
pub(crate) fn entries(octets: &[u8]) -> impl Iterator<Item = Option<(Entry<'_>, usize)>> {
    let mut at = 0;
    let mut broken = false;
    std::iter::from_fn(move || {
        if broken || at >= octets.len() {
            return None;
        }
        let found = entry(octets, at);
        match found {
            Some((_, next, _)) => at = next,
            None => broken = true,
        }
        Some(found.map(|(entry, _, begin)| (entry, begin)))
    })
}

fn entry(octets: &[u8], at: usize) -> Option<(Entry<'_>, usize, usize)> {
    let head = octets.get(at..at + HEAD)?;
    let key = Key { kind: head[1], id: u64::from_be_bytes(head[2..].try_into().ok()?) };
    let at = at + HEAD;
    match head[0] {
        FORGET => Some((Entry::Forget(key), at, at)),
        PUT => {
            let length = octets.get(at..at + LENGTH)?.try_into().ok()?;
            let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
            let begin = at + LENGTH;
            let end = begin.checked_add(length)?;
            Some((Entry::Put(key, octets.get(begin..end)?), end, begin))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Key = Key { kind: 1, id: 7 };
    const B: Key = Key { kind: 2, id: u64::MAX };

    #[test]
    fn changes_read_back_in_order() {
        let mut transaction = Transaction::new();
        assert!(transaction.is_empty());
        transaction.put(A, b"abc");
        transaction.forget(B);
        transaction.put(B, b"");
        let read: Vec<_> =
            entries(transaction.octets()).map(|e| e.map(|(entry, _)| entry)).collect();
        let wanted =
            [Some(Entry::Put(A, b"abc")), Some(Entry::Forget(B)), Some(Entry::Put(B, b""))];
        assert_eq!(read, wanted);
        transaction.clear();
        assert!(transaction.is_empty() && transaction.octets().is_empty());
    }

    #[test]
    fn octets_that_no_transaction_wrote_end_in_a_fault() {
        let mut transaction = Transaction::new();
        transaction.put(A, b"abc");
        let octets = transaction.octets();
        for cut in 1..octets.len() {
            assert_eq!(entries(&octets[..cut]).last(), Some(None), "cut at {cut}");
        }
        assert_eq!(entries(&[9; 40]).last(), Some(None));
        let endless = [&[PUT, 1, 0, 0, 0, 0, 0, 0, 0, 0], &[0xFF; 4][..]].concat();
        assert_eq!(entries(&endless).last(), Some(None));
    }
}
