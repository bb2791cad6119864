//! What the journal has, so that only what differs goes into it.

use crate::map::Map;
use crate::transaction::{Key, Transaction};

/// The records as the journal has them, and what changed since the last transaction.
///
/// The owner notes what a record is now, as often as it likes; what is as it was costs nothing in
/// the journal.
#[derive(Debug, Default)]
pub struct Ledger {
    known: Map<Vec<u8>>,
    /// Memory of records that are no more, for the next ones.
    spare: Vec<Vec<u8>>,
    transaction: Transaction,
}

/// Memory of so many records is kept for the next ones.
const SPARE: usize = 64;

impl Ledger {
    /// Nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A record as the journal has it already.
    pub fn found(&mut self, key: Key, octets: &[u8]) {
        self.known.insert(key, octets.to_vec());
    }

    /// What a record is now; `None` if it is no more.
    pub fn note(&mut self, key: Key, octets: Option<&[u8]>) {
        match octets {
            Some(octets) => {
                if let Some(before) = self.known.get_mut(&key) {
                    if before == octets {
                        return;
                    }
                    before.clear();
                    before.extend_from_slice(octets);
                } else {
                    let mut room = self.spare.pop().unwrap_or_default();
                    room.extend_from_slice(octets);
                    self.known.insert(key, room);
                }
                self.transaction.put(key, octets);
            }
            None => {
                if let Some(mut room) = self.known.remove(&key) {
                    room.clear();
                    if self.spare.len() < SPARE {
                        self.spare.push(room);
                    }
                    self.transaction.forget(key);
                }
            }
        }
    }

    /// All that changed since this was asked last, as one transaction; `None` if nothing did.
    pub fn take(&mut self) -> Option<Transaction> {
        let mut transaction = Transaction::new();
        self.take_into(&mut transaction).then_some(transaction)
    }

    /// The same into a transaction that is done with, for its memory; whether anything changed.
    pub fn take_into(&mut self, transaction: &mut Transaction) -> bool {
        if self.transaction.is_empty() {
            return false;
        }
        transaction.clear();
        std::mem::swap(&mut self.transaction, transaction);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { kind: 1, id: 7 };
    const OTHER: Key = Key { kind: 1, id: 8 };

    #[test]
    fn only_what_differs_from_the_journal_is_written() {
        let mut ledger = Ledger::new();
        ledger.found(KEY, b"as it is");
        ledger.note(KEY, Some(b"as it is"));
        ledger.note(OTHER, None);
        assert_eq!(ledger.take(), None, "nothing changed");
        ledger.note(KEY, Some(b"otherwise"));
        ledger.note(OTHER, Some(b""));
        ledger.note(OTHER, Some(b""));
        let mut wanted = Transaction::new();
        wanted.put(KEY, b"otherwise");
        wanted.put(OTHER, b"");
        assert_eq!(ledger.take(), Some(wanted), "an empty record is one too, written once");
        assert_eq!(ledger.take(), None);
    }

    #[test]
    fn what_is_no_more_is_forgotten_once() {
        let mut ledger = Ledger::new();
        ledger.found(KEY, b"there");
        ledger.note(KEY, None);
        ledger.note(KEY, None);
        let mut wanted = Transaction::new();
        wanted.forget(KEY);
        assert_eq!(ledger.take(), Some(wanted));
        ledger.note(KEY, Some(b"there"));
        assert!(ledger.take().is_some(), "it came back");
    }
}
