//! Cancels the echo of a line: what is sent comes back from the hybrid at its far end, up to 128 ms
//! later. No delay is added.
//!
//! ```text
//!  sent ──┬──────────────────────────────────────────────────────────────► to the line
//!         ├─► foreground: taps of 16 bits ──echo──┐
//!         │        ▲ taken when better            ▼
//!         └─► background: learns ◄─────────────── − ◄── level ◄──────────── heard
//!                                                 └─► suppressor, comfort noise ──► heard on
//! ```
//!
//! The foreground alone is heard. The background learns in the frequency domain, from what is left
//! of each block of 8 ms, and its taps are taken when they have left less than those of the
//! foreground by more than chance: what it learns wrongly while both ends speak is never heard.
//! A block's work is spread over the four ticks of the next one.
//!
//! The same samples give the same bits on every [`Level`], and on every run.
#![no_std]

mod background;
mod control;
mod disabler;
mod figures;
mod narrow;
mod noise;
mod sums;
mod suppress;
#[cfg(test)]
mod tests;
mod tick;
mod transform;

pub use dsp_simd::Level;
use units::media::BLOCK_SAMPLES;

use background::Background;
use control::Control;
use disabler::Disabler;
pub use figures::Figures;
use narrow::Narrow;
use suppress::Suppressor;
use tick::Blocks;
use transform::{BLOCK, Transform};

/// Partitions of the longest tail.
const PARTITIONS: usize = 16;
/// Taps of the longest tail.
const TAPS: usize = PARTITIONS * BLOCK;
/// A tap of one, as a whole number: taps lie in −4 to +4.
const TAP_ONE: f32 = 8192.0;

/// How late an echo may come, the line's own delay included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// 32 ms: a telephone on this box.
    Ms32,
    /// 64 ms: an exchange in the same country.
    Ms64,
    /// 128 ms: the longest.
    Ms128,
}

impl Tail {
    const fn partitions(self) -> usize {
        match self {
            Self::Ms32 => 4,
            Self::Ms64 => 8,
            Self::Ms128 => 16,
        }
    }
}

/// What a canceller does besides cancelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How late an echo may come.
    pub tail: Tail,
    /// Takes what is left of the echo away while nobody speaks at the near end.
    pub suppress: bool,
    /// Puts noise like that of the near end in its place.
    pub comfort_noise: bool,
    /// Leaves everything alone behind 2100 Hz with reversals of the phase.
    pub disable_for_modems: bool,
}

impl Settings {
    /// Everything on.
    #[must_use]
    pub const fn new(tail: Tail) -> Self {
        Self { tail, suppress: true, comfort_noise: true, disable_for_modems: true }
    }
}

/// What was learned of a line, for the next call on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hybrid {
    taps: [[i16; BLOCK]; PARTITIONS],
}

impl Hybrid {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self { taps: [[0; BLOCK]; PARTITIONS] };

    /// Taps, one for each sample of delay, in units of 2⁻¹³.
    pub fn taps(&self) -> impl Iterator<Item = i16> {
        self.taps.as_flattened().iter().copied()
    }
}

/// The canceller of one channel.
#[derive(Clone, Debug)]
pub struct Canceller {
    level: Level,
    settings: Settings,
    frozen: bool,
    /// Some echo of the line is known.
    known: bool,
    transform: &'static Transform,
    background: Background,
    control: Control,
    narrow: Narrow,
    blocks: Blocks,
    /// The foreground: its taps of the tail, the longest delay first.
    taps: [i16; TAPS],
    /// What was sent, the present tick last.
    history: [i16; TAPS + BLOCK_SAMPLES],
    /// What is heard when nothing is: in 2⁻¹⁶.
    offset: i32,
    /// The same over 2 s.
    offset_stays: i32,
    disabler: Disabler,
    suppressor: Suppressor,
    figures: Figures,
}

impl Canceller {
    /// Knows nothing of the line yet.
    #[must_use]
    pub fn new(settings: Settings, level: Level) -> Self {
        Self {
            level,
            settings,
            frozen: false,
            known: false,
            transform: Transform::TURNS,
            background: Background::new(settings.tail.partitions()),
            control: Control::default(),
            narrow: Narrow::default(),
            blocks: Blocks::new(),
            taps: [0; TAPS],
            history: [0; TAPS + BLOCK_SAMPLES],
            offset: 0,
            offset_stays: 0,
            disabler: Disabler::new(),
            suppressor: Suppressor::new(),
            figures: Figures::default(),
        }
    }

    /// Takes the echo out of what came in this tick; `sent` is what goes to the line in it.
    pub fn process(&mut self, sent: &[i16; BLOCK_SAMPLES], heard: &mut [i16; BLOCK_SAMPLES]) {
        self.level.run(tick::Tick { canceller: self, sent, heard });
    }

    /// Learns nothing while frozen; what is known goes on being used.
    pub const fn freeze(&mut self, frozen: bool) {
        self.frozen = frozen;
    }

    /// What does what besides.
    pub const fn settings(&self) -> Settings {
        self.settings
    }

    /// Switches suppressor, comfort noise or the disabler.
    pub fn set(&mut self, suppress: bool, comfort_noise: bool, disable_for_modems: bool) {
        let tail = self.settings.tail;
        self.settings = Settings { tail, suppress, comfort_noise, disable_for_modems };
    }

    /// What is known of the line.
    #[must_use]
    pub fn hybrid(&self) -> Hybrid {
        let mut known = Hybrid::UNKNOWN;
        let tail = self.taps[..self.background.partitions * BLOCK].iter().rev();
        for (to, tap) in known.taps.as_flattened_mut().iter_mut().zip(tail) {
            *to = *tap;
        }
        known
    }

    /// Begins with what is known of the line. Taps beyond the tail are left out, and a hybrid that
    /// would make more than eight times of what is sent is not believed.
    pub fn start_from(&mut self, hybrid: &Hybrid) {
        self.level.run(tick::Start { canceller: self, hybrid });
    }

    /// What was measured since it was made.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.figures.told(&self.taps, self.disabler.disabled)
    }
}
