//! Sines and a low-pass filter, computed by the compiler.

use core::f64::consts::TAU;

use dsp_bank::{short, sin};

/// Samples in which 1700 Hz turns a whole number of times (17).
pub(crate) const TURN: usize = 80;
/// Coefficients of the low-pass filter.
pub(crate) const TAPS: usize = 17;
/// Where it lets half of the amplitude through, in hertz: the keying is 1100 Hz wide to each side.
const CUT_HZ: f64 = 1050.0;

/// Cosine and negative sine of 1700 Hz: what is turned by them moves down by 1700 Hz.
pub(crate) static DOWN: [[f32; 2]; TURN] = {
    let mut table = [[0.0; 2]; TURN];
    let mut n = 0;
    while n < TURN {
        let angle = TAU * 17.0 * (n as f64) / (TURN as f64);
        table[n] = [short(sin(angle + TAU / 4.0)), short(-sin(angle))];
        n += 1;
    }
    table
};

/// The low-pass filter, by a Hamming window; its coefficients sum up to 1.
pub(crate) static LOW_PASS: [f32; TAPS] = {
    let mut table = [0.0; TAPS];
    let (mut n, mut sum) = (0, 0.0);
    while n < TAPS {
        let place = n as f64 - (TAPS as f64 - 1.0) / 2.0;
        let angle = TAU * CUT_HZ * place / 8000.0;
        let sinc = if n == TAPS / 2 { 1.0 } else { sin(angle) / angle };
        let window = 0.54 - 0.46 * sin(TAU * (n as f64) / (TAPS as f64 - 1.0) + TAU / 4.0);
        table[n] = sinc * window;
        sum += table[n];
        n += 1;
    }
    let mut taps = [0.0; TAPS];
    n = 0;
    while n < TAPS {
        taps[n] = short(table[n] / sum);
        n += 1;
    }
    taps
};
