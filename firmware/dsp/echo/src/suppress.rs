//! Takes away what the filter leaves of the echo, while nobody speaks at the near end, and puts
//! noise like that of the near end in its place (G.168 clause 3: non-linear processor).
//!
//! ```text
//!   what may be left = what the filter leaves of its estimate at best · the estimate now
//!   left more than that? ──► somebody speaks: open for 80 ms
//!        less ─────────────► closed, and comfort noise instead
//!   nothing sent? ─────────► open, and the noise is listened to
//! ```

use units::media::BLOCK_SAMPLES;

use crate::noise::Noise;

/// Mean squares of one tick.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Powers {
    /// Sent to the line.
    pub(crate) sent: f32,
    /// The estimated echo.
    pub(crate) echo: f32,
    /// Left of what came.
    pub(crate) left: f32,
}

/// Ticks for which it stays open behind somebody's voice: 80 ms.
const HOLD: u16 = 40;
/// What is left may be so much louder than at best.
const MARGIN: f32 = 5.0;
/// Nothing better than this is believed: sounds differ in what the filter leaves of them.
const BEST: f32 = 0.004;
/// Louder than that by this much again is a voice.
const VOICE: f32 = 1.6;
/// Of what is sent, this much may come back: 6 dB (G.168 clause 6.4).
const HYBRID: f32 = 0.25;
/// Mean square of the steps of the law near zero.
const STEPS: f32 = 40.0;
/// Ticks of something sent for which an echo is expected that nobody knows yet: 0.4 s. A line that
/// has none is left alone afterwards, and nobody's voice is taken for an echo.
const HUNT: u16 = 200;
/// -35 dBm0: what is louder and stays is no noise of a line, but something that is to be heard.
const NOISE_MOST: f32 = 82_000.0;
/// -60 dBm0: less than that sent makes no echo.
const SENT_NOTHING: f32 = 260.0;

#[derive(Clone, Debug)]
pub(crate) struct Suppressor {
    left: f32,
    echo: f32,
    sent: f32,
    /// What the filter leaves at best, of its estimate.
    leak: f32,
    hold: u16,
    gain: f32,
    noise: Noise,
    pub(crate) speaks: bool,
    pub(crate) far: bool,
    /// What is left of [`HUNT`].
    hunt: u16,
    slow_left: f32,
    slow_echo: f32,
}

impl Suppressor {
    pub(crate) fn new() -> Self {
        Self {
            left: 0.0,
            echo: 0.0,
            sent: 0.0,
            leak: 1.0,
            hold: 0,
            gain: 1.0,
            noise: Noise::new(),
            speaks: false,
            far: false,
            hunt: HUNT,
            slow_left: 0.0,
            slow_echo: 0.0,
        }
    }

    /// Learns from a tick who speaks.
    #[inline(always)]
    pub(crate) fn listen(&mut self, left: &[i16; BLOCK_SAMPLES], now: Powers, known: bool) {
        self.left += 0.3 * (now.left - self.left);
        self.echo = (self.echo * 0.88).max(now.echo);
        self.sent = (self.sent * 0.95).max(now.sent);
        self.slow_left += 0.03 * (now.left - self.slow_left);
        self.slow_echo += 0.03 * (now.echo - self.slow_echo);
        self.far = self.sent > SENT_NOTHING;
        let mut may_be =
            MARGIN * self.leak * self.echo + STEPS + 2.5 * self.noise.level().min(NOISE_MOST);
        if self.leak > 0.1 {
            may_be = may_be.max(HYBRID * self.sent);
        }
        self.hunt = self.hunt.saturating_sub(u16::from(self.far && !known));
        let no_echo = !known && self.hunt == 0;
        let speaks = no_echo || self.left > VOICE * may_be;
        self.hold = if speaks { HOLD } else { self.hold.saturating_sub(1) };
        self.speaks = self.hold > 0;
        self.learn();
        // What is heard besides echo, where echo is far below it.
        let alone = !self.far || 4.0 * self.leak * self.echo < now.left.min(self.left);
        self.noise.listen(left, now.left, alone && !(self.far && self.speaks));
    }

    fn learn(&mut self) {
        if self.slow_echo < 20.0 * STEPS || !self.far {
            return;
        }
        let ratio = (self.slow_left / self.slow_echo).min(1.0);
        // Quick to what is better, slow to what is worse: a voice is no leak.
        let rate = match (ratio < self.leak, self.speaks) {
            (true, _) => 0.006,
            (false, false) => 0.003,
            (false, true) => 0.0004,
        };
        self.leak = (self.leak + rate * (ratio - self.leak)).max(BEST);
    }

    /// Gives the tick as the far end is to hear it.
    #[inline(always)]
    pub(crate) fn apply(&mut self, left: &mut [i16; BLOCK_SAMPLES], comfort: bool) {
        let open = !self.far || self.speaks;
        let target = if open { 1.0 } else { 0.0 };
        let step = (target - self.gain) * if open { 0.7 } else { 0.5 } / 16.0;
        if open && self.gain > 0.99 {
            self.gain = 1.0;
            return;
        }
        if !open && self.gain < 0.002 {
            self.gain = 0.0;
        }
        let noise = if comfort { self.noise.make() } else { [0.0; BLOCK_SAMPLES] };
        for (sample, noise) in left.iter_mut().zip(noise) {
            if self.gain > 0.0 || open {
                self.gain += step;
            }
            let filled = libm::sqrtf((1.0 - self.gain * self.gain).max(0.0));
            *sample = crate::background::whole(f32::from(*sample) * self.gain + noise * filled);
        }
    }
}
