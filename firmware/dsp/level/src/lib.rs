//! How loud a channel is: root mean square over a window, in dBm0; and how high, where it is a
//! tone ([`Pitch`]).
//!
//! The reference is that of A-law in 16 bits: a sine of 32768 is +3.14 dBm0 (G.711 clause 4), so
//! a sine of 0 dBm0 has an amplitude of 22827.
#![no_std]

mod pitch;

pub use pitch::Pitch;

use units::Dbm0;

/// Mean square of a sine of 0 dBm0: half of 32768 squared, less 3.14 dB.
const REFERENCE: f64 = 260_524_900.0;
/// What silence is called: below anything that 16 bits can carry.
pub const SILENCE: Dbm0 = Dbm0(-100.0);

/// The level of samples taken together.
#[must_use]
pub fn level(samples: &[i16]) -> Dbm0 {
    dbm0(energy(samples), samples.len())
}

fn energy(samples: &[i16]) -> u64 {
    samples.iter().map(|sample| u64::from(sample.unsigned_abs()).pow(2)).sum()
}

#[expect(clippy::cast_precision_loss, reason = "a level needs three digits")]
#[expect(clippy::cast_possible_truncation, reason = "the result lies in -100 to +7")]
fn dbm0(energy: u64, count: usize) -> Dbm0 {
    if energy == 0 || count == 0 {
        return SILENCE;
    }
    Dbm0((10.0 * libm::log10(energy as f64 / count as f64 / REFERENCE)) as f32)
}

/// Samples of which [`gain_to`] asks whether there is sound in them: 20 ms.
const PIECE: usize = 160;
/// What lies so far below the whole is a pause, in dB.
const PAUSE: f32 = 20.0;
/// No sample is made larger than this: clipping is heard more than a level that is missed.
const PEAK: f32 = 30_000.0;

/// The factor that brings a sound to this level, its pauses not counted; less where samples would
/// be clipped. `None`: nothing is to be heard in it (below −70 dBm0).
#[must_use]
pub fn gain_to(samples: &[i16], wanted: Dbm0) -> Option<f32> {
    let pause = level(samples).0 - PAUSE;
    let (mut energy_of, mut count) = (0, 0);
    for piece in samples.chunks(PIECE).filter(|piece| level(piece).0 >= pause) {
        energy_of += energy(piece);
        count += piece.len();
    }
    let level = dbm0(energy_of, count).0;
    let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or(0);
    let gain = libm::powf(10.0, (wanted.0 - level) / 20.0);
    (level > -70.0).then(|| gain.min(PEAK / f32::from(peak)))
}

/// A sample by a factor of [`gain_to`].
#[must_use]
pub fn amplified(sample: i16, gain: f32) -> i16 {
    let scaled = libm::roundf(f32::from(sample) * gain).clamp(-32768.0, 32767.0);
    #[expect(clippy::cast_possible_truncation, reason = "clamped to the range")]
    let sample = scaled as i16;
    sample
}

/// Says the level of each window of a stream.
#[derive(Clone, Debug)]
pub struct Meter {
    window: usize,
    count: usize,
    energy: u64,
}

impl Meter {
    /// With a window of so many samples, at least one.
    #[must_use]
    pub const fn new(window: usize) -> Self {
        Self { window: if window == 0 { 1 } else { window }, count: 0, energy: 0 }
    }

    /// Takes samples in; says the level of the last window that they complete, if they do.
    pub fn push(&mut self, samples: &[i16]) -> Option<Dbm0> {
        let mut said = None;
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.window - self.count));
            self.energy += energy(now);
            self.count += now.len();
            rest = later;
            if self.count == self.window {
                said = Some(dbm0(self.energy, self.count));
                self.energy = 0;
                self.count = 0;
            }
        }
        said
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::approx_constant, reason = "3.14 dBm0 is no circle")]
    #![expect(clippy::cast_possible_truncation, reason = "amplitudes below 32768")]

    extern crate std;

    use super::*;
    use std::vec::Vec;

    fn sine(amplitude: f64, hz: f64, count: usize) -> Vec<i16> {
        (0..count)
            .map(|n| (amplitude * (n as f64 * hz / 8000.0 * std::f64::consts::TAU).sin()) as i16)
            .collect()
    }

    #[test]
    fn a_full_scale_sine_is_3_14_dbm0_and_half_of_it_6_02_less() {
        assert!((level(&sine(32767.0, 1000.0, 8000)).0 - 3.14).abs() < 0.01);
        assert!((level(&sine(16384.0, 1000.0, 8000)).0 + 2.88).abs() < 0.01);
        assert!(level(&sine(22827.0, 450.0, 8000)).0.abs() < 0.01);
    }

    #[test]
    fn a_sound_is_brought_to_a_level_whatever_its_pauses_and_never_clipped() {
        let mut sound = sine(300.0, 1000.0, 1600);
        sound.extend([0; 8000]);
        sound.extend(sine(300.0, 1000.0, 1600));
        let gain = gain_to(&sound, Dbm0(-16.0)).expect("a sound");
        let louder: Vec<_> = sound.iter().map(|sample| amplified(*sample, gain)).collect();
        assert!((level(&louder[..1600]).0 + 16.0).abs() < 0.1);
        sound[400] = 20_000;
        let gain = gain_to(&sound, Dbm0(0.0)).expect("a sound");
        assert!((gain - 1.5).abs() < 1e-6, "{gain}");
        assert_eq!((gain_to(&[0; 800], Dbm0(0.0)), gain_to(&[], Dbm0(0.0))), (None, None));
    }

    #[test]
    fn silence_has_a_level_too() {
        assert_eq!(level(&[0; 100]), SILENCE);
        assert_eq!(level(&[]), SILENCE);
        assert!(level(&[-32768; 10]).0 > 6.0);
    }

    #[test]
    fn a_meter_speaks_once_a_window_however_the_samples_come() {
        let tone = sine(10000.0, 1000.0, 800);
        let mut meter = Meter::new(80);
        let said: Vec<Dbm0> = tone.chunks(16).filter_map(|chunk| meter.push(chunk)).collect();
        assert_eq!(said.len(), 10);
        assert!(said.iter().all(|now| (now.0 - level(&tone).0).abs() < 0.1));
        assert!(meter.push(&tone).is_some());
    }
}
