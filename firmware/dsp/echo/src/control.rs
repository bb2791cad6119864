//! Which of the two filters is better, told from what they leave of each block.
//!
//! The difference of what is left is noise where somebody speaks at the near end: it counts only
//! where it is large against what chance would make of the difference of the two filters' outputs
//! (as in Valin, IEEE Transactions on Audio, Speech and Language Processing 15(3), 2007).

/// What to do after a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Nothing,
    /// The background is better: the foreground takes its taps.
    Take,
    /// It is worse: it begins again with those of the foreground.
    Restore,
}

/// Sums over one block.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Left {
    pub(crate) heard: f32,
    pub(crate) foreground: f32,
    pub(crate) background: f32,
    /// Of the difference of both.
    pub(crate) between: f32,
    /// Of the echo that the foreground foretells, and of its products with what is heard.
    pub(crate) foretold: f32,
    pub(crate) met: f32,
}

/// Averages over a few blocks and over some more: weight of the last block, how far above chance.
const WINDOWS: [(f32, f32); 2] = [(0.4, 0.5), (0.15, 0.25)];
/// How much worse than chance the background must be.
const WORSE: f32 = 4.0;
/// The background is taken when it leaves this much of what the foreground leaves: so little is
/// not to be gained while somebody speaks at the near end.
const CLEARLY: f32 = 0.96;
/// And this much of what is heard, or of what the foreground makes of it where nothing comes.
const MUST: f32 = 0.3;
/// What is left of what is heard when a line is known: 20 dB below.
const KNOWN: f32 = 0.01;
/// And what is too much for a line that was known: 10 dB below.
const POOR: f32 = 0.1;
/// Blocks in which the foreground takes nothing away until all is doubted: 80 ms.
const HELPLESS: u16 = 10;
/// Energy of a block at -60 dBm0: what an echo so weak teaches may be chance.
const HEARD_NOTHING: f32 = 260.0 * 64.0;
/// Energy of a block of echo at -60 dBm0: less is not looked for.
const FORETOLD_NOTHING: f32 = 260.0 * 64.0;
/// Blocks after which it may be told: 0.8 s.
const LOOKED: u16 = 100;
/// A voice that is so much louder than the echo, in power, covers it.
const COVERED: f32 = 100.0;
/// The same where it foretells no echo at all: 0.5 s.
const IGNORANT: u16 = 60;

#[derive(Clone, Debug, Default)]
pub(crate) struct Control {
    difference: [f32; 2],
    chance: [f32; 2],
    /// What both leave and what was heard, over a few blocks.
    both: [f32; 3],
    helpless: u16,
    heard: f32,
    left: f32,
    foretold: f32,
    met: f32,
    /// The line is known.
    pub(crate) settled: bool,
    /// Of what is foretold and of what is met of it, over 1.6 s.
    long: [f32; 2],
    /// Blocks of them.
    looked: u16,
}

fn signed_square(value: f32) -> f32 {
    if value < 0.0 { -value * value } else { value * value }
}

impl Control {
    pub(crate) fn judge(&mut self, block: Left) -> Verdict {
        let difference = block.foreground - block.background;
        let chance = block.foreground * block.between;
        self.both[0] += 0.2 * (block.foreground - self.both[0]);
        self.both[1] += 0.2 * (block.background - self.both[1]);
        self.both[2] += 0.2 * (block.heard - self.both[2]);
        let mut better = signed_square(difference) > chance;
        let mut worse = signed_square(difference) < -WORSE * chance;
        for (n, (weight, above)) in WINDOWS.into_iter().enumerate() {
            self.difference[n] += weight * (difference - self.difference[n]);
            self.chance[n] *= (1.0 - weight) * (1.0 - weight);
            self.chance[n] += weight * weight * chance;
            let is = signed_square(self.difference[n]);
            better |= is > above * self.chance[n];
            worse |= is < -WORSE * self.chance[n];
        }
        let verdict = match (better, worse) {
            (true, _) if self.is_clear(block) => Verdict::Take,
            (false, true) => Verdict::Restore,
            _ => Verdict::Nothing,
        };
        if verdict != Verdict::Nothing {
            (self.difference, self.chance) = ([0.0; 2], [0.0; 2]);
            self.both = [0.0; 3];
        }
        verdict
    }

    /// Whether the background takes enough away for nobody to be speaking at the near end.
    fn is_clear(&self, block: Left) -> bool {
        // What makes an echo where none is, is to be replaced by anything.
        (self.both[2] > HEARD_NOTHING || self.both[0] > self.both[2])
            && self.both[1] < CLEARLY * self.both[0]
            && self.both[1] < MUST * self.both[2].max(self.both[0])
            && block.background < MUST * block.heard.max(self.both[2]).max(block.foreground)
    }

    /// Whether what is foretold is not found in what is heard: no echo of this line, but what was
    /// once learned of it wrongly, or of another. Nothing is told by what a voice at the near end
    /// covers.
    pub(crate) fn is_wrong(&mut self, block: Left) -> bool {
        if block.foretold < FORETOLD_NOTHING || block.heard > COVERED * block.foretold {
            return false;
        }
        self.long[0] += 0.005 * (block.foretold - self.long[0]);
        self.long[1] += 0.005 * (block.met - self.long[1]);
        self.looked = self.looked.saturating_add(1);
        let wrong = self.looked >= LOOKED && self.long[1] < 0.2 * self.long[0];
        if wrong {
            (self.long, self.looked, self.settled) = ([0.0; 2], 0, false);
        }
        wrong
    }

    /// Whether the line seems to be another one than the foreground believes. While somebody
    /// speaks at the near end nothing is taken away either; but what is foretold is still found in
    /// what is heard, once.
    pub(crate) fn is_helpless(&mut self, block: Left) -> bool {
        let follow = |to: &mut f32, value: f32| *to += 0.08 * (value - *to);
        follow(&mut self.heard, block.heard);
        follow(&mut self.left, block.foreground);
        follow(&mut self.foretold, block.foretold);
        follow(&mut self.met, block.met);
        self.settled |= self.left < KNOWN * self.heard;
        let knows = self.foretold > 0.003 * self.heard;
        let is_met = self.met > 0.4 * self.foretold && self.met < 1.8 * self.foretold;
        // Partly another line: a good estimate does no longer take much away.
        let poor = self.settled && self.left > POOR * self.heard && self.left < 0.5 * self.heard;
        let helpless = poor || self.left > 0.5 * self.heard && !(knows && is_met);
        self.helpless = if helpless { self.helpless + 1 } else { 0 };
        if self.helpless < if knows { HELPLESS } else { IGNORANT } {
            return false;
        }
        (self.helpless, self.settled) = (0, false);
        true
    }
}
