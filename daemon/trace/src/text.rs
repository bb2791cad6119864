//! Octets as text.

use std::fmt::Write as _;

/// Octets, each with a space before it.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        let _ = write!(text, " {octet:02x}");
        text
    })
}

/// Text in quotes, what is no letter escaped.
pub(crate) fn quoted(text: &[u8]) -> String {
    format!("\"{}\"", text.escape_ascii())
}
