//! What is seen of the sound of one place of the matrix.

use core::fmt;

use serde::{Deserialize, Serialize};
use units::{Findings, Gain, GainFrom, LineId, SpanId, Timeslot};

/// Whose sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SoundAt {
    /// A channel of a span.
    Channel(SpanId, Timeslot),
    /// An analog line or a jack.
    Line(LineId),
}

/// As files of its sound are called.
impl fmt::Display for SoundAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(span, slot) => write!(f, "channel-{}-{}", span.0, slot.get()),
            Self::Line(line) => write!(f, "line-{}", line.0),
        }
    }
}

/// A second of it. Levels are tenths of dBm0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoundStatus {
    /// Whose.
    pub at: SoundAt,
    /// What came, its echo included.
    pub came: i16,
    /// What is left of it without the echo.
    pub clean: i16,
    /// What was sent.
    pub sent: i16,
    /// Samples at the end of the scale in what came.
    pub clipped: u16,
    /// Of its echo canceller; `None`: it has none of ours.
    pub echo: Option<EchoStatus>,
    /// How much of the second was speech, in percent. Since version 5, as the next.
    pub speech: u8,
    /// Who or what was found there since the call began.
    pub found: Findings,
    /// The mean of what came, in samples of 16 bits.
    pub offset: i16,
    /// What came seems to be of the other law.
    pub other_law: bool,
    /// What came is a tone of so many Hz; 0: it is none. Since version 8, as the next.
    pub tone_hz: u16,
    /// It comes from an exchange, and no tone of the country set for the box is like it.
    pub foreign_tone: bool,
    /// How much louder it is made at its wires. Since version 8 too, as the next.
    pub gain: Gain,
    /// Who says so: of what comes, of what goes.
    pub gain_from: [GainFrom; 2],
}

/// What is seen of an echo canceller in the call that is, or was the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EchoStatus {
    /// How much weaker the echo is than what was sent, in tenths of a dB; 0: not known.
    pub erl: i16,
    /// How much of the echo is taken away, in tenths of a dB; 0: not known.
    pub erle: i16,
    /// Where the echo is strongest, in ms after what was sent.
    pub delay_ms: u16,
    /// Both talked at once, in ms.
    pub double_talk_ms: u32,
}
