//! Sines, cosines and turns that the receiver needs, computed by the compiler.

use core::f64::consts::TAU;

use dsp_bank::{short, sin};
use units::MfDirection;
use units::media::BLOCK_SAMPLES;

use crate::frequencies;

/// Steps of 2 ms in the longer window.
pub(crate) const LONG: usize = 6;
/// Steps in the shorter one.
pub(crate) const SHORT: u8 = 4;
/// Weights of the longer window's steps: one of 8 ms slid over one of 6 ms, which keeps everything
/// from 110 Hz on 25 dB down.
pub(crate) const WEIGHTS: [f32; LONG] = [1.0, 2.0, 3.0, 3.0, 2.0, 1.0];
/// Frequencies: the six that are listened for, then the six of the other direction.
pub(crate) const ALL: usize = 12;

/// For one direction of listening.
pub(crate) struct Table {
    /// For each sample of a step, of each frequency.
    pub(crate) cos: [[f32; ALL]; BLOCK_SAMPLES],
    pub(crate) sin: [[f32; ALL]; BLOCK_SAMPLES],
    /// Turn of a step by its age, so that all phases count from the newest step.
    pub(crate) turns: [[[f32; ALL]; 2]; LONG],
}

pub(crate) static FORWARD: Table = table(MfDirection::Forward);
pub(crate) static BACKWARD: Table = table(MfDirection::Backward);

/// Samples of a step.
pub(crate) const STEP: f32 = 16.0;
/// Squared length of the shorter window's vector to mean square of the sine that made it.
pub(crate) const SHORT_POWER: f32 = 2.0 / ((SHORT as f32 * STEP) * (SHORT as f32 * STEP));
/// The same for the longer one, whose weights sum up to 12.
pub(crate) const LONG_POWER: f32 = 2.0 / ((12.0 * STEP) * (12.0 * STEP));

const _: () = assert!(BLOCK_SAMPLES == 16, "a step is a block");

#[expect(clippy::cast_precision_loss, reason = "counts below 100")]
const fn table(direction: MfDirection) -> Table {
    let mut t = Table {
        cos: [[0.0; ALL]; BLOCK_SAMPLES],
        sin: [[0.0; ALL]; BLOCK_SAMPLES],
        turns: [[[0.0; ALL]; 2]; LONG],
    };
    let (own, other) = (frequencies(direction), frequencies(direction.other()));
    let mut k = 0;
    while k < ALL {
        let hz = if k < 6 { own[k] } else { other[k - 6] };
        let turn = hz as f64 * TAU / 8000.0;
        let mut n = 0;
        while n < BLOCK_SAMPLES {
            t.cos[n][k] = short(sin(turn * n as f64 + TAU / 4.0));
            t.sin[n][k] = short(-sin(turn * n as f64));
            n += 1;
        }
        let mut age = 0;
        while age < LONG {
            let back = turn * (age * BLOCK_SAMPLES) as f64;
            t.turns[age][0][k] = short(sin(back + TAU / 4.0));
            t.turns[age][1][k] = short(sin(back));
            age += 1;
        }
        k += 1;
    }
    t
}
