//! What a country's tones are.

use heapless::Vec;
use units::CallTone;

/// Times on and off of a cadence at most.
pub const CADENCE: usize = 8;
/// Tones of a plan at most, of those that are even and of those that are modulated.
pub const PATTERNS: usize = 8;
/// Sets of frequencies of a plan at most.
pub(crate) const SETS: usize = 4;

/// One tone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pattern {
    /// What it says.
    pub tone: CallTone,
    /// One frequency or two at once, in hertz; the second may be 0.
    pub hz: [f32; 2],
    /// How often a second it is louder and quieter, in hertz, 13 to 60, by half of its amplitude
    /// and more (E.180 supplement 2: `400×25`); 0: it is even. For one frequency only.
    pub modulated_hz: f32,
    /// Milliseconds on, off, on, off ...; ends at the first 0. All 0: always on.
    pub cadence_ms: [u16; CADENCE],
}

/// Two frequencies nearer than this cannot be told apart in 20 ms, in hertz.
const APART_HZ: f32 = 80.0;
/// What a tone may be modulated by, in hertz: slower would need a longer window than there is room
/// for, and faster is hardly seen in one that short.
const MODULATED_HZ: core::ops::RangeInclusive<f32> = 13.0..=60.0;

/// Why a tone cannot be listened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There are [`PATTERNS`] tones of its kind already, or four sets of frequencies.
    Full,
    /// Its two frequencies are less than 80 Hz apart.
    TooClose,
    /// It is modulated by less than 13 or more than 60 Hz, or has two frequencies and is modulated,
    /// or is modulated by another frequency than those before it.
    Modulated,
}

/// The tones to listen for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Those that are even.
    pub(crate) even: Tones,
    /// Those that are modulated.
    pub(crate) modulated: Tones,
}

/// Tones that are listened for with one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tones {
    /// What modulates them all; 0: nothing.
    pub(crate) modulated_hz: f32,
    pub(crate) sets: Vec<[f32; 2], SETS>,
    /// With the place of its set.
    pub(crate) patterns: Vec<(usize, Pattern), PATTERNS>,
}

impl Tones {
    const fn new() -> Self {
        Self { modulated_hz: 0.0, sets: Vec::new(), patterns: Vec::new() }
    }

    fn add(&mut self, pattern: Pattern) -> Result<(), Refused> {
        let known = self.sets.iter().position(|set| *set == pattern.hz);
        let set = match known {
            Some(set) => set,
            None => {
                self.sets.push(pattern.hz).map_err(|_| Refused::Full)?;
                self.sets.len() - 1
            }
        };
        self.patterns.push((set, pattern)).map_err(|_| Refused::Full)
    }
}

impl Plan {
    /// Listens for nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { even: Tones::new(), modulated: Tones::new() }
    }

    /// Adds a tone.
    ///
    /// # Errors
    /// [`Refused`]; then it is not listened for.
    pub fn add(&mut self, pattern: Pattern) -> Result<(), Refused> {
        let [one, other] = pattern.hz;
        if other > 0.0 && (one - other).abs() < APART_HZ {
            return Err(Refused::TooClose);
        }
        let by = pattern.modulated_hz;
        if by == 0.0 {
            return self.even.add(pattern);
        }
        let another = !self.modulated.patterns.is_empty() && by != self.modulated.modulated_hz;
        if another || other > 0.0 || !MODULATED_HZ.contains(&by) {
            return Err(Refused::Modulated);
        }
        self.modulated.modulated_hz = by;
        self.modulated.add(pattern)
    }

    /// The tones of China, all of 450 Hz (GB 3380).
    #[must_use]
    pub fn china() -> Self {
        let tones: [(CallTone, &[u16]); 5] = [
            (CallTone::Dial, &[]),
            (CallTone::RingBack, &[1000, 4000]),
            (CallTone::Busy, &[350, 350]),
            (CallTone::Congestion, &[700, 700]),
            (CallTone::Unobtainable, &[100, 100, 100, 100, 100, 100, 400, 400]),
        ];
        let mut plan = Self::new();
        for (tone, times) in tones {
            let mut cadence_ms = [0; CADENCE];
            cadence_ms[..times.len()].copy_from_slice(times);
            // Five tones of one set have room.
            let _ = plan.add(Pattern { tone, hz: [450.0, 0.0], modulated_hz: 0.0, cadence_ms });
        }
        plan
    }
}

impl Pattern {
    /// The times on and off in use.
    pub(crate) fn times(&self) -> &[u16] {
        let used = self.cadence_ms.iter().position(|ms| *ms == 0).unwrap_or(CADENCE);
        // A time on without one off cannot repeat.
        &self.cadence_ms[..used / 2 * 2]
    }
}
