//! Whose echo canceller a port uses, and how long an echo it looks for.

use serde::Deserialize;

/// Whose echo canceller a port uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Echo {
    /// None.
    Off,
    /// The card's own, or the kernel's.
    Card,
    /// Ours for lines: a hybrid at the far end of two wires.
    #[default]
    Line,
    /// Ours for rooms: a loudspeaker before a microphone.
    Acoustic,
}

/// The canceller of a place of the matrix, if it is ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Canceller {
    /// None of ours.
    #[default]
    None,
    /// For a line whose echoes come within so many milliseconds.
    Line(u8),
    /// For a room.
    Acoustic,
}

/// Milliseconds of echo that are looked for if nothing is said: G.131's paths within a country.
pub(crate) const TAIL_MS: u8 = 64;
/// What may be chosen.
const TAILS_MS: [u8; 3] = [32, 64, 128];

/// For a field that is not there.
pub(crate) const fn tail_ms() -> u8 {
    TAIL_MS
}

/// That a line's choice can be.
pub(crate) fn check_line(field: &str, echo: Echo, tail_ms: u8) -> Result<(), String> {
    if echo == Echo::Acoustic {
        return Err(format!("{field}.echo: \"acoustic\" is for jacks; a line has \"line\""));
    }
    if !TAILS_MS.contains(&tail_ms) {
        return Err(format!("{field}.tail_ms is {tail_ms}; choose 32, 64 or 128"));
    }
    Ok(())
}

/// The canceller of a line.
pub(crate) const fn of_line(echo: Echo, tail_ms: u8) -> Canceller {
    match echo {
        Echo::Line => Canceller::Line(tail_ms),
        Echo::Off | Echo::Card | Echo::Acoustic => Canceller::None,
    }
}
