//! The hybrid of a telephone: what it hears comes back, weaker, bent and a little later.

use g711::{decode_a, encode_a};

use crate::BLOCK;

/// Where it comes back, in samples behind what came, and how: 5 ms of wire, then a few reflections.
const TAPS: [(usize, f32); 5] = [(40, 0.70), (41, 0.45), (44, -0.40), (49, 0.30), (61, -0.20)];
const LONGEST: usize = 64;

/// A hybrid of some loss.
#[derive(Clone, Debug)]
pub(crate) struct Hybrid {
    past: [f32; LONGEST],
    at: usize,
    gain: f32,
}

impl Hybrid {
    /// The echo of white noise is weaker by so many dB.
    pub(crate) fn new(loss_db: u8) -> Self {
        let taps: f32 = TAPS.iter().map(|(_, tap)| tap * tap).sum();
        let gain = 10f32.powf(-f32::from(loss_db) / 20.0) / taps.sqrt();
        Self { past: [0.0; LONGEST], at: 0, gain }
    }

    /// What goes to the box, when this came from it and that is said.
    pub(crate) fn turn(&mut self, came: &[u8; BLOCK], said: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut out = said;
        for (octet, came) in out.iter_mut().zip(came) {
            self.past[self.at % LONGEST] = f32::from(decode_a(*came));
            let tap = |(delay, tap): &(usize, f32)| {
                self.past[(self.at + LONGEST - delay) % LONGEST] * tap
            };
            let echo = TAPS.iter().map(tap).sum::<f32>() * self.gain;
            self.at += 1;
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
            let sum = (f32::from(decode_a(*octet)) + echo) as i16;
            *octet = encode_a(sum);
        }
        out
    }
}
