//! Whether what comes is a tone, and of how many Hz.
//!
//! A sine obeys x[n] + x[n−2] = 2 cos ω · x[n−1]; the ω that leaves least, and how much it leaves,
//! are found for each piece of 20 ms. Two tones close together (350 and 440 Hz) are taken for one
//! between them.

/// Samples of a piece.
const PIECE: u16 = 160;
/// Mean square below which a piece is a pause: −40 dBm0.
const AUDIBLE: f32 = 26_000.0;
/// Of its energy a piece of a tone leaves less than this. The steps of the law leave 0.001, two
/// tones of one plan half of that besides, two that lie as far apart as in a voice 0.005 and more.
const REST: f32 = 0.0025;
/// Pieces of a tone in a second, at least: 240 ms.
const PIECES: u16 = 12;
/// All of them lie within this part of their mean.
const SPREAD: f32 = 0.06;

/// Finds the tone of what comes, if it is one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pitch {
    last: [f32; 2],
    samples: u16,
    /// Of the piece: x[n−1]², (x[n] + x[n−2])·x[n−1], (x[n] + x[n−2])².
    sums: [f32; 3],
    pieces: u16,
    sum: f32,
    least: f32,
    most: f32,
}

impl Pitch {
    /// Takes samples at 8 kHz in.
    pub fn push(&mut self, samples: &[i16]) {
        for sample in samples.iter().map(|sample| f32::from(*sample)) {
            let [before, last] = self.last;
            let ends = sample + before;
            self.sums[0] += last * last;
            self.sums[1] += ends * last;
            self.sums[2] += ends * ends;
            self.last = [last, sample];
            self.samples += 1;
            if self.samples == PIECE {
                self.piece();
                (self.samples, self.sums) = (0, [0.0; 3]);
            }
        }
    }

    fn piece(&mut self) {
        let [middle, product, ends] = self.sums;
        if middle < AUDIBLE * f32::from(PIECE) {
            return;
        }
        let twice_cosine = product / middle;
        let rest = ends - twice_cosine * product;
        if rest > REST * middle || twice_cosine.abs() >= 2.0 {
            return;
        }
        let hz = libm::acosf(twice_cosine / 2.0) * 8000.0 / core::f32::consts::TAU;
        self.least = if self.pieces == 0 { hz } else { self.least.min(hz) };
        self.most = self.most.max(hz);
        self.sum += hz;
        self.pieces += 1;
    }

    /// The tone of what came since the last question, in Hz: one of 240 ms at least, louder than
    /// −40 dBm0. 0: none.
    pub fn take(&mut self) -> u16 {
        let Self { last, pieces, sum, least, most, .. } = *self;
        *self = Self { last, ..Self::default() };
        let mean = sum / f32::from(pieces.max(1));
        if pieces < PIECES || most - least > SPREAD * mean {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 4000")]
        let hz = libm::roundf(mean) as u16;
        hz
    }
}
