//! How long one tone has been there, how steady it is, and what is done to it.

/// Blocks of something else that end a run: the turn of a phase takes six to be over.
const END: u8 = 9;
/// Louder over quieter of a steady tone: 4 dB.
const EVEN: f32 = 2.5;
/// Blocks from one turn of the phase to the next: 450 ms within 25 (V.25 3.2), and some.
const APART: u16 = 190;
/// Blocks over which trembling is measured: six periods of 15 Hz.
const TREMBLE: u16 = 200;
/// Cosine and sine of the turn of 15 Hz in 2 ms.
const TURN: [f32; 2] = [0.982_287_3, 0.187_381_31];
/// Least depth of the trembling; V.8 4.1 has 0.2.
const DEPTH: f32 = 0.1;

/// What one window holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) tone: usize,
    pub(crate) power: f32,
    pub(crate) off_hz: f32,
    /// By what angle it turned in 14 ms, from a window wholly before to one wholly behind.
    pub(crate) turned: (f32, f32),
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) tone: Option<usize>,
    pub(crate) blocks: u16,
    pub(crate) reversals: u8,
    /// Blocks without a tone.
    pub(crate) silence: u16,
    misses: u8,
    other: Option<usize>,
    others: u8,
    hits: f32,
    sum_hz: f32,
    least: f32,
    most: f32,
    since_reversal: u16,
    /// Of the present 400 ms: the level by 15 Hz, and in all.
    wheel: [f32; 2],
    around: [f32; 2],
    all: f32,
    counted: u16,
    depth: f32,
}

impl Run {
    pub(crate) const fn new() -> Self {
        Self {
            tone: None,
            blocks: 0,
            reversals: 0,
            silence: 0,
            misses: 0,
            other: None,
            others: 0,
            hits: 0.0,
            sum_hz: 0.0,
            least: f32::MAX,
            most: 0.0,
            since_reversal: 0,
            wheel: [1.0, 0.0],
            around: [0.0; 2],
            all: 0.0,
            counted: 0,
            depth: 0.0,
        }
    }

    /// Takes a window in; gives the tone, the length and the mean of hertz off of a run that is
    /// over.
    pub(crate) fn push(&mut self, seen: Option<&Seen>) -> Option<(usize, u16, f32)> {
        match seen {
            Some(seen) if self.tone == Some(seen.tone) => {
                self.blocks = self.blocks.saturating_add(1 + u16::from(self.misses));
                (self.misses, self.others) = (0, 0);
                self.go_on(seen);
                None
            }
            Some(seen) => {
                self.others = if self.other == Some(seen.tone) { self.others + 1 } else { 1 };
                self.other = Some(seen.tone);
                if self.others < END { self.miss() } else { self.change(Some(seen)) }
            }
            None => {
                self.others = 0;
                self.miss()
            }
        }
    }

    fn miss(&mut self) -> Option<(usize, u16, f32)> {
        self.silence = self.silence.saturating_add(1);
        self.misses = self.misses.saturating_add(1);
        if self.tone.is_some() && self.misses >= END { self.change(None) } else { None }
    }

    fn change(&mut self, seen: Option<&Seen>) -> Option<(usize, u16, f32)> {
        let ended = self.tone.map(|tone| (tone, self.blocks, self.off_hz()));
        *self = Self::new();
        if let Some(seen) = seen {
            (self.tone, self.blocks) = (Some(seen.tone), u16::from(END));
            self.go_on(seen);
        }
        ended
    }

    fn go_on(&mut self, seen: &Seen) {
        self.silence = 0;
        self.hits += 1.0;
        self.sum_hz += seen.off_hz;
        // The first windows hold the beginning, those beside a turn of the phase less.
        if self.blocks > 8 {
            self.most = self.most.max(seen.power);
            self.least = self.least.min(seen.power);
        }
        self.tremble(seen.power);
        self.since_reversal = self.since_reversal.saturating_add(1);
        let (cos, sin) = seen.turned;
        let angle = self.off_hz() * 0.014 * core::f32::consts::TAU;
        let straight = cos * libm::cosf(angle) + sin * libm::sinf(angle);
        let length = libm::sqrtf(cos * cos + sin * sin);
        if self.blocks > 16 && straight < -0.7 * length && self.since_reversal > APART {
            self.reversals = self.reversals.saturating_add(1);
            self.since_reversal = 0;
        }
    }

    fn tremble(&mut self, power: f32) {
        let level = libm::sqrtf(power);
        let [cos, sin] = self.wheel;
        self.around = [self.around[0] + level * cos, self.around[1] + level * sin];
        self.all += level;
        self.wheel = [cos * TURN[0] - sin * TURN[1], cos * TURN[1] + sin * TURN[0]];
        self.counted += 1;
        if self.counted == TREMBLE {
            let [re, im] = self.around;
            self.depth = 2.0 * libm::sqrtf(re * re + im * im) / (self.all + 1.0);
            (self.counted, self.all, self.around) = (0, 0.0, [0.0; 2]);
            self.wheel = [1.0, 0.0];
        }
    }

    /// Mean hertz off its place.
    pub(crate) fn off_hz(&self) -> f32 {
        self.sum_hz / self.hits.max(1.0)
    }

    pub(crate) fn even(&self) -> bool {
        self.most <= self.least * EVEN
    }

    pub(crate) fn trembles(&self) -> bool {
        self.depth > DEPTH
    }
}
