//! What a run met for the first time on this thread: the driver keeps the octets that met it.

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bits of the table: enough that two things seldom share one.
const BITS: usize = 1 << 18;

thread_local! {
    static TABLE: RefCell<Vec<u64>> = RefCell::new(vec![0; BITS / 64]);
    static FRESH: Cell<bool> = const { Cell::new(false) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

/// Something was met.
pub fn note(what: impl Hash) {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    let place = usize::try_from(hasher.finish() % BITS as u64).unwrap_or(0);
    TABLE.with_borrow_mut(|table| {
        let (word, bit) = (&mut table[place / 64], 1 << (place % 64));
        if *word & bit == 0 {
            *word |= bit;
            FRESH.set(true);
            COUNT.set(COUNT.get() + 1);
        }
    });
}

/// Whether something was met for the first time since this was asked last.
#[must_use]
pub fn fresh() -> bool {
    FRESH.replace(false)
}

/// How much was met in all.
#[must_use]
pub fn count() -> usize {
    COUNT.get()
}
