//! What a call is told of its echo.

use crate::TAP_ONE;

/// Figures of one channel.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Echo return loss in dB: how much weaker the echo of white sound is than what is sent. 99 if
    /// none is known.
    pub erl_db: f32,
    /// Echo return loss enhancement in dB of about the last second in which only the far end
    /// spoke, the suppressor left out. 0 if there was none.
    pub erle_db: f32,
    /// How long both ends spoke at once.
    pub double_talk_ms: u32,
    /// How often the foreground took the taps of the background.
    pub taken: u32,
    /// How often the background began again.
    pub restored: u32,
    /// Left alone for a modem.
    pub disabled: bool,
    pub(crate) double_talk_ticks: u32,
    pub(crate) heard: f32,
    pub(crate) left: f32,
}

impl Figures {
    /// Counts a block in which only the far end spoke.
    pub(crate) fn alone(&mut self, heard: f32, left: f32) {
        self.heard += 0.01 * (heard - self.heard);
        self.left += 0.01 * (left - self.left);
    }

    pub(crate) fn told(&self, taps: &[i16], disabled: bool) -> Self {
        let squares = taps.iter().map(|tap| f32::from(*tap) * f32::from(*tap));
        let energy = squares.sum::<f32>() / (TAP_ONE * TAP_ONE);
        let db = |ratio: f32| 10.0 * libm::log10f(ratio);
        let is_measured = self.heard > 0.0 && self.left > 0.0;
        Self {
            erl_db: if energy > 1e-9 { -db(energy) } else { 99.0 },
            erle_db: if is_measured { db(self.heard / self.left) } else { 0.0 },
            double_talk_ms: self.double_talk_ticks.saturating_mul(2),
            disabled,
            ..*self
        }
    }
}
