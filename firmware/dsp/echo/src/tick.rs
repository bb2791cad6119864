//! What is done in one tick, on the lanes that there are.

use dsp_simd::{Kernel, Lanes, filter};
use units::media::BLOCK_SAMPLES;

use crate::control::{Left, Verdict};
use crate::sums::product;
use crate::suppress::Powers;
use crate::transform::BLOCK;
use crate::{Canceller, Hybrid, PARTITIONS, TAPS};

/// Ticks of a block.
const TICKS: usize = BLOCK / BLOCK_SAMPLES;
/// Energy of a block at -55 dBm0: from less nothing is learned.
const SENT_NOTHING: f32 = 820.0 * 64.0;
/// The sum of all taps must be less than this, for the sums of 32 bits to hold.
const MOST: u32 = 60_000;
/// An offset from which on it is taken out: two steps of A-law near zero.
const OFFSET: u32 = 32;

/// Blocks of the three signals: one that fills, one that is worked on.
#[derive(Clone, Debug)]
pub(crate) struct Blocks {
    tick: usize,
    filling: [[f32; BLOCK]; 3],
    before: [f32; BLOCK],
    sent: [f32; BLOCK],
    heard: [f32; BLOCK],
    left: [f32; BLOCK],
    /// Something can be learned from the block under way.
    learns: bool,
    /// Blocks for which what was sent may still come back.
    echoes: usize,
    both: bool,
}

impl Blocks {
    pub(crate) const fn new() -> Self {
        Self {
            tick: 0,
            filling: [[0.0; BLOCK]; 3],
            before: [0.0; BLOCK],
            sent: [0.0; BLOCK],
            heard: [0.0; BLOCK],
            left: [0.0; BLOCK],
            learns: false,
            echoes: 0,
            both: false,
        }
    }

    fn fill(&mut self, signals: [&[i16; BLOCK_SAMPLES]; 3]) {
        let from = self.tick * BLOCK_SAMPLES;
        for (to, signal) in self.filling.iter_mut().zip(signals) {
            for (to, sample) in to[from..].iter_mut().zip(signal) {
                *to = f32::from(*sample);
            }
        }
    }

    const fn next(&mut self) {
        self.tick += 1;
        if self.tick == TICKS {
            self.tick = 0;
            self.before = self.sent;
            [self.sent, self.heard, self.left] = self.filling;
        }
    }
}

/// One tick of one canceller.
pub(crate) struct Tick<'a> {
    pub(crate) canceller: &'a mut Canceller,
    pub(crate) sent: &'a [i16; BLOCK_SAMPLES],
    pub(crate) heard: &'a mut [i16; BLOCK_SAMPLES],
}

/// A warm start.
pub(crate) struct Start<'a> {
    pub(crate) canceller: &'a mut Canceller,
    pub(crate) hybrid: &'a Hybrid,
}

impl Kernel for Start<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Canceller { background, transform, taps, known: foretells, .. } = self.canceller;
        let mut known = self.hybrid.taps;
        known[background.partitions..].fill([0; BLOCK]);
        if take(&known, background.partitions, taps) {
            background.start(lanes, transform, &known);
            *foretells = known.as_flattened().iter().any(|tap| *tap != 0);
        }
    }
}

impl Kernel for Tick<'_> {
    type Output = ();

    #[inline(always)]
    fn run<L: Lanes>(self, lanes: L) {
        let Tick { canceller, sent, heard } = self;
        let as_came = *heard;
        canceller.level_out(heard);
        let echo = canceller.echo(lanes, sent);
        let flat = *heard;
        for (sample, echo) in heard.iter_mut().zip(echo) {
            *sample = sample.saturating_sub(echo);
        }
        let left = *heard;
        canceller.blocks.fill([sent, &flat, &left]);
        // What has no echo and no offset goes on as it came.
        let offset = canceller.offset_heard();
        for ((sample, came), echo) in heard.iter_mut().zip(as_came).zip(echo) {
            *sample = came.saturating_sub(offset).saturating_sub(echo);
        }
        canceller.work(lanes);
        canceller.blocks.next();
        canceller.after(sent, &as_came, (&echo, &left), heard);
    }
}

/// Mean square of a tick.
#[inline(always)]
fn power(samples: &[i16; BLOCK_SAMPLES]) -> f32 {
    let samples = samples.map(f32::from);
    product(&samples, &samples) / 16.0
}

/// The foreground takes taps; `false` if there is too much of them.
#[inline(always)]
fn take(from: &[[i16; BLOCK]; PARTITIONS], partitions: usize, taps: &mut [i16; TAPS]) -> bool {
    let sum: u32 = from.as_flattened().iter().map(|tap| u32::from(tap.unsigned_abs())).sum();
    if sum > MOST {
        return false;
    }
    let tail = from[..partitions].as_flattened().iter().rev();
    for (to, tap) in taps.iter_mut().zip(tail) {
        *to = *tap;
    }
    true
}

impl Canceller {
    /// Takes a constant out of what came: G.168 test 15. It follows in 0.13 s.
    #[inline(always)]
    fn level_out(&mut self, heard: &mut [i16; BLOCK_SAMPLES]) {
        let sum: i32 = heard.iter().map(|sample| i32::from(*sample)).sum();
        // In 2⁻¹⁶: at most 2³¹, of which a 64th is added.
        let mean = (sum / 16).clamp(-32_767, 32_767) << 16;
        self.offset += mean / 64 - self.offset / 64;
        // Slowly to what may be one, quickly from what is none any more.
        let gone = self.offset.unsigned_abs() < self.offset_stays.unsigned_abs() / 2;
        let slow = if gone { 64 } else { 1024 };
        self.offset_stays += self.offset / slow - self.offset_stays / slow;
        let offset = self.offset >> 16;
        for sample in heard.iter_mut() {
            let flat = i32::from(*sample) - offset;
            *sample = i16::try_from(flat.clamp(-32_768, 32_767)).unwrap_or(0);
        }
    }

    /// The offset that is taken out of what is heard on: one that stays, not what a loud voice
    /// leaves of itself for a moment.
    fn offset_heard(&self) -> i16 {
        let offset = self.offset_stays >> 16;
        if offset.unsigned_abs() < OFFSET { 0 } else { i16::try_from(offset).unwrap_or(0) }
    }

    /// The echo that the foreground foretells.
    #[inline(always)]
    fn echo<L: Lanes>(&mut self, lanes: L, sent: &[i16; BLOCK_SAMPLES]) -> [i16; BLOCK_SAMPLES] {
        let tail = self.background.partitions * BLOCK;
        let history = &mut self.history[..tail + BLOCK_SAMPLES];
        history.copy_within(BLOCK_SAMPLES.., 0);
        history[tail..].copy_from_slice(sent);
        let sums = filter(lanes, &self.taps[..tail], history);
        sums.map(|sum| {
            let rounded = (sum >> 13) + ((sum >> 12) & 1);
            i16::try_from(rounded.clamp(-32_768, 32_767)).unwrap_or(0)
        })
    }

    /// A quarter of the work on the last block.
    #[inline(always)]
    fn work<L: Lanes>(&mut self, lanes: L) {
        let Self { background, blocks, transform, .. } = self;
        match blocks.tick {
            0 => {
                let sent = [&blocks.before, &blocks.sent];
                background.filter(lanes, transform, sent, &blocks.heard, self.control.settled);
                self.may_learn();
            }
            1 => {
                if blocks.learns {
                    background.judge(lanes, transform);
                }
            }
            2 => {
                if blocks.learns {
                    background.learn(lanes, false);
                    background.cut(lanes, transform, &self.taps);
                }
            }
            _ => {
                if blocks.learns {
                    background.learn(lanes, true);
                    background.cut(lanes, transform, &self.taps);
                    self.decide();
                }
            }
        }
    }

    #[inline(always)]
    fn may_learn(&mut self) {
        let Self { background, blocks, .. } = self;
        let loud = product(&blocks.sent, &blocks.sent) > SENT_NOTHING;
        blocks.echoes = if loud { background.partitions } else { blocks.echoes.saturating_sub(1) };
        let narrow = self.narrow.hear(&blocks.before, &blocks.sent);
        blocks.learns = blocks.echoes > 0 && !narrow && !self.frozen && !self.disabler.disabled;
        blocks.both = self.suppressor.speaks;
    }

    #[inline(always)]
    fn decide(&mut self) {
        let Self { background, blocks, figures, .. } = self;
        let (left, error) = (&blocks.left, &background.error);
        let (mut between, mut echo) = ([0.0; BLOCK], [0.0; BLOCK]);
        for n in 0..BLOCK {
            between[n] = left[n] - error[n];
            echo[n] = blocks.heard[n] - left[n];
        }
        let block = Left {
            heard: product(&blocks.heard, &blocks.heard),
            foreground: product(left, left),
            background: product(error, error),
            between: product(&between, &between),
            foretold: product(&echo, &echo),
            met: product(&echo, &blocks.heard),
        };
        if !blocks.both {
            figures.alone(block.heard, block.foreground);
        }
        match self.control.judge(block) {
            Verdict::Take => {
                let (from, partitions) = (&background.taps, background.partitions);
                if take(from, partitions, &mut self.taps) {
                    figures.taken = figures.taken.saturating_add(1);
                    self.known = true;
                } else {
                    background.to_restore = partitions;
                }
            }
            Verdict::Restore => {
                background.to_restore = background.partitions;
                figures.restored = figures.restored.saturating_add(1);
            }
            Verdict::Nothing => {}
        }
        if self.control.is_helpless(block) {
            background.doubt_all(1.0);
        }
        if self.known && self.control.is_wrong(block) {
            self.taps = [0; TAPS];
            self.known = false;
            background.to_restore = background.partitions;
        }
    }

    /// What stands behind the filter.
    #[inline(always)]
    fn after(
        &mut self,
        sent: &[i16; BLOCK_SAMPLES],
        as_came: &[i16; BLOCK_SAMPLES],
        (echo, left): (&[i16; BLOCK_SAMPLES], &[i16; BLOCK_SAMPLES]),
        heard: &mut [i16; BLOCK_SAMPLES],
    ) {
        let powers = Powers { sent: power(sent), echo: power(echo), left: power(left) };
        if self.settings.disable_for_modems {
            self.disabler.listen([(sent, powers.sent), (as_came, power(as_came))]);
            if self.disabler.disabled {
                *heard = *as_came;
                return;
            }
        }
        self.suppressor.listen(left, powers, self.known);
        if self.suppressor.far && self.suppressor.speaks {
            let figures = &mut self.figures;
            figures.double_talk_ticks = figures.double_talk_ticks.saturating_add(1);
        }
        if self.settings.suppress {
            self.suppressor.apply(heard, self.settings.comfort_noise);
        }
    }
}
