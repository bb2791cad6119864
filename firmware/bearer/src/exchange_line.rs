//! What an administrator decides of an analog line of an exchange.

use serde::{Deserialize, Serialize};

/// What the exchange at the far end of a line does and understands. Its default asks nothing of
/// the exchange.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeLine {
    /// It reverses the line on answer, and again on release (ES 203 021-3 4.7); without, a call
    /// counts as answered as soon as its number was sent.
    pub reversal: bool,
    /// It understands pulses only.
    pub pulses: bool,
    /// Nothing is dialled before its dial tone.
    pub dial_tone: bool,
}
