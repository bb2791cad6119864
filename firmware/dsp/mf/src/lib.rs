//! Register signals of R2: two of six frequencies, sent and received (Q.441, Q.454, Q.455).
//!
//! ```text
//!  16 samples ─► sums with sine and cosine of our six frequencies, and of the other way's six
//!                 the last 4 ─► 8 ms:  the two loudest, their share of what is not the other
//!                                      way's: a hit?   four hits in a row ─► it begins
//!                 the last 6 ─► 12 ms: either of the two 15 dB below what it was, twice in a
//!                                      row ─► it ends
//! ```
//!
//! A compelled cycle waits four times for a receiver, so that each wait counts fourfold: a signal
//! is told 15 ms after its first sample, its end 14 ms after its last. A sound of 7 ms is no signal
//! and a gap of 7 ms ends none. Neighbours are 120 Hz apart, which is a period of 8.3 ms: a window
//! of 8 ms hardly lets one into the other's place. What we send ourselves comes back as an echo:
//! its six frequencies are taken out before shares are compared.
#![no_std]

mod generator;
mod receiver;
mod table;
#[cfg(test)]
mod tests;

pub use generator::Generator;
pub use receiver::{Event, Receiver};

use units::{MfDirection, MfSignal};

/// The six frequencies of a direction, in hertz, in the order of the code (Q.441 table 5).
#[must_use]
pub const fn frequencies(direction: MfDirection) -> [f32; 6] {
    match direction {
        MfDirection::Forward => [1380.0, 1500.0, 1620.0, 1740.0, 1860.0, 1980.0],
        MfDirection::Backward => [1140.0, 1020.0, 900.0, 780.0, 660.0, 540.0],
    }
}

/// Places in [`frequencies`] of the two of each signal (Q.441 table 6).
pub(crate) const PAIRS: [(usize, usize); MfSignal::COUNT] = [
    (0, 1),
    (0, 2),
    (1, 2),
    (0, 3),
    (1, 3),
    (2, 3),
    (0, 4),
    (1, 4),
    (2, 4),
    (3, 4),
    (0, 5),
    (1, 5),
    (2, 5),
    (3, 5),
    (4, 5),
];

/// The two frequencies of a signal, in hertz.
#[must_use]
pub const fn pair(direction: MfDirection, signal: MfSignal) -> (f32, f32) {
    let (low, high) = PAIRS[signal.index()];
    let all = frequencies(direction);
    (all[low], all[high])
}
