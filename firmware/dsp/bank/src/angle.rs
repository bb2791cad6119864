//! Sine and cosine for tables that the compiler makes.

use core::f64::consts::TAU;

/// Sine of any angle: reduced to a half turn, then its series.
#[must_use]
pub const fn sin(angle: f64) -> f64 {
    let mut x = angle;
    while x > TAU / 2.0 {
        x -= TAU;
    }
    while x < -TAU / 2.0 {
        x += TAU;
    }
    let (mut term, mut sum, mut n) = (x, x, 1.0);
    while n < 30.0 {
        term = -term * x * x / ((n + 1.0) * (n + 2.0));
        sum += term;
        n += 2.0;
    }
    sum
}

/// Cosine of any angle.
#[must_use]
pub const fn cos(angle: f64) -> f64 {
    sin(angle + TAU / 4.0)
}

/// As a table has it.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "f64 to f32 loses digits, not range")]
pub const fn short(value: f64) -> f32 {
    value as f32
}
