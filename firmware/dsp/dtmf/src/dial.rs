//! Notices dial tone, and takes what is below 500 Hz out while it lasts.
//!
//! A voice has its pitch there, which tells it from a digit: so nothing is taken out until one or
//! two sines of 330 to 480 Hz and nothing else have been there for 160 ms.

use dsp_bank::dot;
use units::media::BLOCK_SAMPLES as STEP;

/// Steps of a look: 16 ms.
const LOOK: u8 = 8;
/// Looks alike that make a dial tone.
const ALIKE: u8 = 10;
/// Looks for which it is remembered when it is not to be found: 160 ms.
const HOLD: u8 = 10;
/// Louder over quieter of two looks: two sines beat.
const EVEN: f32 = 2.0;
/// Least mean square: a sine of -36 dBm0.
const LEAST: f32 = 65_400.0;
/// Between these lies the cosine of the turn from sample to sample, from 480 to 330 Hz and a
/// little more: hiss and voice make it less.
const TURNS: (f32, f32) = (0.92, 0.9685);
/// High-pass filter of fourth order, elliptic: below 450 Hz 36 dB down, from 686 Hz on 1 dB at
/// most.
const SECTIONS: [[f32; 5]; 2] = [
    [0.472_927_8, -0.935_214_5, 0.472_927_8, -0.932_319_1, 0.382_071_83],
    [1.0, -1.894_320_7, 1.0, -1.650_684_4, 0.900_718_8],
];

/// What one channel's last 16 ms were.
#[derive(Clone, Debug)]
pub(crate) struct DialTone {
    steps: u8,
    energy: f32,
    turned: f32,
    before: f32,
    last: f32,
    alike: u8,
    hold: u8,
    /// Energy of a look of dial tone, and of what the filter took out of the present one.
    level: f32,
    taken: f32,
    memory: [[f32; 2]; 2],
}

impl DialTone {
    pub(crate) const fn new() -> Self {
        Self {
            steps: 0,
            energy: 0.0,
            turned: 0.0,
            before: 0.0,
            last: 0.0,
            alike: 0,
            hold: 0,
            level: 0.0,
            taken: 0.0,
            memory: [[0.0; 2]; 2],
        }
    }

    /// Takes 2 ms in; while there is dial tone, it is taken out of them. Gives the sum of squares
    /// of what is left.
    pub(crate) fn push(&mut self, samples: &mut [f32; STEP]) -> f32 {
        let mut earlier = [self.last; STEP];
        earlier[1..].copy_from_slice(&samples[..STEP - 1]);
        self.last = samples[STEP - 1];
        let mut energy = dot(samples, samples);
        self.energy += energy;
        self.turned += dot(samples, &earlier);
        if self.hold > 0 {
            self.filter(samples);
            let left = dot(samples, samples);
            self.taken += energy - left;
            energy = left;
        }
        self.steps += 1;
        if self.steps == LOOK {
            self.look();
        }
        energy
    }

    fn look(&mut self) {
        let (now, turn) = (self.energy, self.turned / (self.energy + 1.0));
        let even = now < self.before * EVEN && self.before < now * EVEN;
        let loud = now > LEAST * f32::from(LOOK) * 16.0;
        if loud && even && (TURNS.0..TURNS.1).contains(&turn) {
            self.alike = (self.alike + 1).min(ALIKE);
        } else {
            self.alike = 0;
        }
        if self.alike == ALIKE {
            if self.hold == 0 {
                self.memory = [[0.0; 2]; 2];
            }
            (self.level, self.hold) = (now, HOLD);
        } else if self.taken * EVEN > self.level && self.taken < self.level * EVEN {
            // Beneath a digit.
            self.hold = if self.hold > 0 { HOLD } else { 0 };
        } else {
            self.hold = self.hold.saturating_sub(1);
        }
        self.before = now;
        (self.energy, self.turned, self.taken, self.steps) = (0.0, 0.0, 0.0, 0);
    }

    fn filter(&mut self, samples: &mut [f32; STEP]) {
        for sample in samples {
            for ([b0, b1, b2, a1, a2], memory) in SECTIONS.iter().zip(&mut self.memory) {
                let value = b0 * *sample + memory[0];
                memory[0] = b1 * *sample - a1 * value + memory[1];
                memory[1] = b2 * *sample - a2 * value;
                *sample = value;
            }
        }
    }
}
