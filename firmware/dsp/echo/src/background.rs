//! The filter that learns: in the frequency domain, in partitions of 64 taps, with a step of its
//! own for every bin of every partition.
//!
//! ```text
//!   X of the last blocks ─┬─► Σ W·X ─► echo ─► e = heard − echo ─► E
//!                         │                                        │ Ψ: what E has besides echo
//!   P: how wrong W is ────┴─► K = P·X* / (Σ P·|X|² + 2Ψ) ──────────┴─► W += K·E
//!                             P shrinks by what was learned, grows with |W|²: lines change
//! ```
//!
//! This is the Kalman filter of Enzner and Vary (Signal Processing 86, 2006), in partitions as by
//! Kuech, Mabande and Enzner (ICASSP 2014): while somebody speaks at the near end Ψ is large and
//! the steps are small. A block's work is done in the four ticks of the next block.

use dsp_simd::{LANES, Lanes};

use crate::sums::product;
use crate::transform::{BLOCK, Rows, Spectrum, Transform};
use crate::{PARTITIONS, TAP_ONE};

/// How wrong a tap's bin may be at first: an echo 6 dB below, anywhere.
const UNKNOWN: f32 = 0.2;
/// What is left of certainty after a block.
const STAYS: f32 = 0.9985;
/// What of the energy of a filter may have changed after a block.
const CHANGES: f32 = 1.0 - STAYS;
/// Weight of the last block in what is heard besides echo.
const NEW: f32 = 0.5;
/// How much of the doubt goes where the echo is.
const SPARSE: f32 = 0.8;
/// The same when the line is known.
const SETTLED: f32 = 0.0;
/// How much of the expected echo is taken for echo.
const ECHO: f32 = 0.5;
/// At least this much of what is left is taken for something else.
const LEAST: f32 = 0.3;
/// A sum of squares that is nothing, of 128 samples of less than one.
const NOTHING: f32 = 64.0 * 64.0;
/// Partitions that are cut to their taps in each half of a block's work.
const CUT: usize = 2;

/// What it knows and what of a block is under way.
#[derive(Clone, Debug)]
pub(crate) struct Background {
    pub(crate) partitions: usize,
    /// Taps as whole numbers, as far as they have been cut.
    pub(crate) taps: [[i16; BLOCK]; PARTITIONS],
    /// What is left of the last block.
    pub(crate) error: [f32; BLOCK],
    sent: [Spectrum; PARTITIONS],
    weights: [Spectrum; PARTITIONS],
    doubt: [Rows; PARTITIONS],
    besides: Rows,
    expected: Rows,
    step: Spectrum,
    inverse: Rows,
    /// Energy of the taps of each partition when it was last cut, and the weight of its doubt.
    size: [f32; PARTITIONS],
    share: [f32; PARTITIONS],
    newest: usize,
    next_cut: usize,
    /// Partitions that are still to be taken from the foreground.
    pub(crate) to_restore: usize,
}

impl Background {
    pub(crate) fn new(partitions: usize) -> Self {
        let mut new = Self {
            partitions,
            taps: [[0; BLOCK]; PARTITIONS],
            error: [0.0; BLOCK],
            sent: [Spectrum::ZERO; PARTITIONS],
            weights: [Spectrum::ZERO; PARTITIONS],
            doubt: [[[0.0; LANES]; LANES]; PARTITIONS],
            besides: [[0.0; LANES]; LANES],
            expected: [[0.0; LANES]; LANES],
            step: Spectrum::ZERO,
            inverse: [[0.0; LANES]; LANES],
            size: [0.0; PARTITIONS],
            share: [1.0; PARTITIONS],
            newest: 0,
            next_cut: 0,
            to_restore: 0,
        };
        new.doubt_all(1.0);
        new
    }

    /// Everything may be wrong by so much of what it may be wrong at first.
    pub(crate) fn doubt_all(&mut self, share: f32) {
        let of = UNKNOWN * share;
        for doubt in self.doubt.iter_mut().flatten().flatten() {
            *doubt = if *doubt > of { *doubt } else { of };
        }
    }

    /// Begins with these taps, and with little doubt in them.
    pub(crate) fn start<L: Lanes>(&mut self, l: L, transform: &Transform, taps: &[[i16; BLOCK]]) {
        for (n, taps) in taps.iter().take(self.partitions).enumerate() {
            self.taps[n] = *taps;
            set(l, transform, taps, &mut self.weights[n]);
        }
        self.doubt = [[[UNKNOWN * 0.01; LANES]; LANES]; PARTITIONS];
    }

    /// Where the echo is, more is learned: doubt is weighed by what each partition has of all.
    fn weigh(&mut self, sparse: f32) {
        let all: f32 = self.size[..self.partitions].iter().sum();
        let even = 1.0 - sparse;
        #[expect(clippy::cast_precision_loss, reason = "16 at most")]
        let most = sparse * self.partitions as f32;
        for (share, size) in self.share.iter_mut().zip(&self.size) {
            *share = even + most * (size + 1e-4) / (all + 1.6e-3);
        }
    }

    fn place(&self, partition: usize) -> usize {
        (self.newest + self.partitions - partition) % self.partitions
    }

    /// First part of a block: what was sent, and what is left of what was heard.
    #[inline(always)]
    pub(crate) fn filter<L: Lanes>(
        &mut self,
        l: L,
        transform: &Transform,
        sent: [&[f32; BLOCK]; 2],
        heard: &[f32; BLOCK],
        settled: bool,
    ) {
        self.newest = (self.newest + 1) % self.partitions;
        transform.forward(l, sent[0], sent[1], &mut self.sent[self.newest]);
        let zero = [l.splat(0.0); LANES];
        let (mut re, mut im, mut expected) = (zero, zero, zero);
        self.weigh(if settled { SETTLED } else { SPARSE });
        for n in 0..self.partitions {
            let (x, w, p) = (&self.sent[self.place(n)], &self.weights[n], &self.doubt[n]);
            let share = l.splat(self.share[n]);
            for row in 0..LANES {
                let (a, b) = (l.load(&x.re[row]), l.load(&x.im[row]));
                let (c, d) = (l.load(&w.re[row]), l.load(&w.im[row]));
                re[row] = l.add(re[row], l.sub(l.mul(a, c), l.mul(b, d)));
                im[row] = l.add(im[row], l.add(l.mul(a, d), l.mul(b, c)));
                let power = l.mul(share, l.add(l.mul(a, a), l.mul(b, b)));
                expected[row] = l.add(expected[row], l.mul(power, l.load(&p[row])));
            }
        }
        let mut echo = Spectrum::ZERO;
        for row in 0..LANES {
            l.store(re[row], &mut echo.re[row]);
            l.store(im[row], &mut echo.im[row]);
            l.store(expected[row], &mut self.expected[row]);
        }
        transform.inverse(l, &echo, true, &mut self.error);
        let rows = self.error.as_chunks_mut::<LANES>().0;
        for (error, heard) in rows.iter_mut().zip(heard.as_chunks::<LANES>().0) {
            let left = l.sub(l.load(heard), l.load(error));
            l.store(left, error);
        }
    }

    /// Second part: how far to step in each bin.
    #[inline(always)]
    pub(crate) fn judge<L: Lanes>(&mut self, l: L, transform: &Transform) {
        let mut error = Spectrum::ZERO;
        transform.forward(l, &[0.0; BLOCK], &self.error, &mut error);
        let (new, old, one) = (l.splat(NEW), l.splat(1.0 - NEW), l.splat(1.0));
        let two = l.splat(2.0);
        let nothing = l.splat(NOTHING);
        for row in 0..LANES {
            let (re, im) = (l.load(&error.re[row]), l.load(&error.im[row]));
            let power = l.add(l.mul(re, re), l.mul(im, im));
            // Of what is left, part is the echo that the doubt expects.
            let expected = l.load(&self.expected[row]);
            let other = l.sub(power, l.mul(l.splat(ECHO), expected));
            let other = l.max(other, l.mul(l.splat(LEAST), power));
            let besides = l.add(l.mul(l.load(&self.besides[row]), old), l.mul(other, new));
            let besides = l.max(besides, l.splat(1.0));
            l.store(besides, &mut self.besides[row]);
            let all = l.add(l.add(expected, l.mul(two, besides)), nothing);
            let inverse = l.div(one, all);
            l.store(inverse, &mut self.inverse[row]);
            l.store(l.mul(re, inverse), &mut self.step.re[row]);
            l.store(l.mul(im, inverse), &mut self.step.im[row]);
        }
    }

    /// Third and fourth part, each for half of the partitions.
    #[inline(always)]
    pub(crate) fn learn<L: Lanes>(&mut self, l: L, second: bool) {
        let half = self.partitions / 2;
        let range = if second { half..self.partitions } else { 0..half };
        let (half, one) = (l.splat(0.5), l.splat(1.0));
        let (stays, changes) = (l.splat(STAYS), l.splat(CHANGES));
        let floor = l.splat(1e-12);
        for n in range {
            let place = self.place(n);
            let (x, w, p) = (&self.sent[place], &mut self.weights[n], &mut self.doubt[n]);
            let share = l.splat(self.share[n]);
            for (row, doubts) in p.iter_mut().enumerate() {
                let (a, b) = (l.load(&x.re[row]), l.load(&x.im[row]));
                let (c, d) = (l.load(&self.step.re[row]), l.load(&self.step.im[row]));
                let doubt = l.load(doubts);
                let weighed = l.mul(doubt, share);
                // conj(X) · E
                let re = l.add(l.mul(a, c), l.mul(b, d));
                let im = l.sub(l.mul(a, d), l.mul(b, c));
                let re = l.add(l.load(&w.re[row]), l.mul(weighed, re));
                let im = l.add(l.load(&w.im[row]), l.mul(weighed, im));
                l.store(re, &mut w.re[row]);
                l.store(im, &mut w.im[row]);
                let power = l.mul(l.add(l.mul(a, a), l.mul(b, b)), l.load(&self.inverse[row]));
                let learned = l.sub(one, l.mul(half, l.mul(weighed, power)));
                let size = l.add(l.mul(re, re), l.mul(im, im));
                let doubt = l.add(l.mul(stays, l.mul(doubt, learned)), l.mul(changes, size));
                l.store(l.max(doubt, floor), doubts);
            }
        }
    }

    /// Cuts some partitions to their 64 taps, in turn; or takes them from the foreground.
    #[inline(always)]
    pub(crate) fn cut<L: Lanes>(&mut self, l: L, transform: &Transform, foreground: &[i16]) {
        for _ in 0..CUT {
            let n = self.next_cut;
            self.next_cut = (n + 1) % self.partitions;
            let weights = &mut self.weights[n];
            if self.to_restore > 0 {
                self.to_restore -= 1;
                let first = (self.partitions - 1 - n) * BLOCK;
                let backwards = foreground[first..first + BLOCK].iter().rev();
                for (to, tap) in self.taps[n].iter_mut().zip(backwards) {
                    *to = *tap;
                }
                set(l, transform, &self.taps[n], weights);
                continue;
            }
            let mut taps = [0.0; BLOCK];
            transform.inverse(l, weights, false, &mut taps);
            transform.forward(l, &taps, &[0.0; BLOCK], weights);
            self.size[n] = product(&taps, &taps);
            for (to, tap) in self.taps[n].iter_mut().zip(taps) {
                *to = whole(tap * TAP_ONE);
            }
        }
    }
}

#[inline(always)]
fn set<L: Lanes>(l: L, transform: &Transform, taps: &[i16; BLOCK], to: &mut Spectrum) {
    let taps = taps.map(|tap| f32::from(tap) * (1.0 / TAP_ONE));
    transform.forward(l, &taps, &[0.0; BLOCK], to);
}

/// To the nearest, within 16 bits.
#[expect(clippy::cast_possible_truncation, reason = "a cast to 16 bits saturates")]
#[inline(always)]
pub(crate) fn whole(value: f32) -> i16 {
    let half = if value < 0.0 { -0.5 } else { 0.5 };
    (value + half) as i16
}
