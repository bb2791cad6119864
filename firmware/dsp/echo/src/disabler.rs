//! Hears the tone with which a modem or a fax machine asks that echo be left alone: 2100 Hz whose
//! phase turns round every 450 ms (G.168 clause 7, V.8, V.25), in either direction.
//!
//! ```text
//!   16 samples · e^(−2πi·2100·t) ─► sum z ─► |z|² is most of the energy: the tone
//!                                     └────► turned by 180° ± 45° from two ticks ago: a reversal
//!   two reversals 400 to 500 ms apart ─► disabled until both directions are quiet for 250 ms
//! ```

use units::media::BLOCK_SAMPLES;

/// Of all energy of a tick, what has to be in the tone.
const SHARE: f32 = 0.75;
/// -34 dBm0, for the tone: 3 dB below the weakest that has to be heard.
const WEAKEST: f32 = 104_000.0;
/// -36 dBm0: what is weaker does not hold it disabled.
const HOLDS: f32 = 65_400.0;
/// Ticks of quiet that end it: 250 ms.
const QUIET: u16 = 125;
/// Ticks between two reversals: 400 to 500 ms.
const APART: core::ops::RangeInclusive<u16> = 200..=250;
/// Ticks of tone before a reversal counts.
const STEADY: u16 = 25;

/// One direction.
#[derive(Clone, Debug)]
struct Ear {
    /// The last sums, the newest first, as one had them from the beginning on.
    last: [(f32, f32); 4],
    steady: u16,
    missing: u16,
    since: u16,
    turned: bool,
}

/// Both directions.
#[derive(Clone, Debug)]
pub(crate) struct Disabler {
    table: [(f32, f32); BLOCK_SAMPLES],
    /// How far 2100 Hz turns in a tick: 16 · 2100 / 8000 = 4.2 turns.
    ears: [Ear; 2],
    quiet: u16,
    pub(crate) disabled: bool,
}

impl Disabler {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a table")]
    pub(crate) fn new() -> Self {
        let turn = |n: usize| core::f64::consts::TAU * 2100.0 / 8000.0 * n as f64;
        let ear =
            Ear { last: [(0.0, 0.0); 4], steady: 0, missing: 0, since: u16::MAX, turned: false };
        Self {
            table: core::array::from_fn(|n| {
                (libm::cos(turn(n)) as f32, -libm::sin(turn(n)) as f32)
            }),
            ears: [ear.clone(), ear],
            quiet: 0,
            disabled: false,
        }
    }

    /// Takes a tick of both directions in.
    #[inline(always)]
    pub(crate) fn listen(&mut self, directions: [(&[i16; BLOCK_SAMPLES], f32); 2]) {
        let mut loud = false;
        for ((samples, power), ear) in directions.into_iter().zip(&mut self.ears) {
            loud |= power > HOLDS;
            if power < WEAKEST && ear.steady == 0 {
                ear.since = u16::MAX;
                continue;
            }
            let mut z = (0.0, 0.0);
            for (sample, (c, s)) in samples.iter().zip(&self.table) {
                z.0 += f32::from(*sample) * c;
                z.1 += f32::from(*sample) * s;
            }
            if ear.hear(z, power) {
                self.disabled = true;
            }
        }
        self.quiet = if loud { 0 } else { self.quiet.saturating_add(1) };
        if self.quiet >= QUIET {
            self.disabled = false;
        }
    }
}

/// cos and sin of 0.2 turns: what a tick adds to the phase of 2100 Hz.
const TICK: (f32, f32) = (0.309_017, 0.951_056_5);

fn turn(z: (f32, f32)) -> (f32, f32) {
    (z.0 * TICK.0 - z.1 * TICK.1, z.0 * TICK.1 + z.1 * TICK.0)
}

impl Ear {
    /// Takes a tick's sum in; `true` at the second of two reversals.
    #[inline(always)]
    fn hear(&mut self, z: (f32, f32), power: f32) -> bool {
        self.since = self.since.saturating_add(1);
        // All earlier ones, as if they had been now.
        self.last = self.last.map(turn);
        self.last.copy_within(..3, 1);
        self.last[0] = z;
        // A tone of amplitude A: |z|² = (8A)², and its mean square is A²/2.
        let is_tone = power > WEAKEST && z.0 * z.0 + z.1 * z.1 > SHARE * 128.0 * power;
        // The tick of a reversal itself is no tone.
        self.missing = if is_tone { 0 } else { self.missing + 1 };
        if self.missing > 2 {
            (self.steady, self.since, self.turned) = (0, u16::MAX, false);
            return false;
        }
        self.steady = self.steady.saturating_add(1);
        let then = self.last[3];
        let (along, across) = (z.0 * then.0 + z.1 * then.1, z.0 * then.1 - z.1 * then.0);
        // 180° ± 45°: ± 25° that must be heard, and 3 · 15° less what both ends share.
        let turned = is_tone && along < 0.0 && across.abs() < -along * 1.2;
        if !turned || self.turned {
            self.turned = turned;
            return false;
        }
        self.turned = true;
        if self.steady < STEADY {
            return false;
        }
        let second = APART.contains(&self.since);
        self.since = 0;
        second
    }
}
