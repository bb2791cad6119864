//! Levels, frequencies and times of what comes out.

#![expect(clippy::approx_constant, reason = "3.14 dBm0 is no circle")]

extern crate std;

use std::vec::Vec;
use units::{Dbm0, Digit};

use crate::{CHINA_BUSY, CHINA_DIAL, CHINA_RING_BACK, DigitSender, Generator, TooMany};

fn play(generator: &mut Generator, count: usize) -> Vec<i16> {
    let mut samples = std::vec![0; count];
    samples.chunks_mut(16).for_each(|chunk| generator.fill(chunk));
    samples
}

fn level(samples: &[i16]) -> f64 {
    let mean = samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64;
    10.0 * (mean / 32768.0_f64.powi(2) * 2.0).log10() + 3.14
}

/// Power at one frequency, as the level of a sine.
fn at(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let phase = n as f64 * hz / 8000.0 * std::f64::consts::TAU;
        re += f64::from(*sample) * phase.cos();
        im += f64::from(*sample) * phase.sin();
    }
    let amplitude = 2.0 * re.hypot(im) / samples.len() as f64;
    20.0 * (amplitude / 32768.0).log10() + 3.14
}

#[test]
fn dial_tone_is_450_hz_at_its_level_even_after_ten_minutes() {
    let mut generator = Generator::new(&CHINA_DIAL);
    for _ in 0..600 * 500 {
        generator.fill(&mut [0; 16]);
    }
    let samples = play(&mut generator, 8000);
    assert!((level(&samples) + 10.0).abs() < 0.05, "{}", level(&samples));
    assert!((at(&samples, 450.0) + 10.0).abs() < 0.05);
}

#[test]
fn cadences_keep_their_times_to_the_sample() {
    for (tone, on, off) in [(CHINA_RING_BACK, 8000, 32000), (CHINA_BUSY, 2800, 2800)] {
        let samples = play(&mut Generator::new(&tone), 3 * (on + off));
        for round in samples.chunks(on + off) {
            assert!((level(&round[..on]) + 10.0).abs() < 0.1);
            assert!(round[on..].iter().all(|sample| *sample == 0));
        }
    }
}

#[test]
fn a_digit_is_two_sines_of_the_levels_asked_for() {
    let mut sender = DigitSender::new(80, 80, Dbm0(-9.0), Dbm0(-7.0));
    assert!(sender.idle());
    for digit in [b'1', b'D'] {
        sender.push(Digit::new(digit).expect("digit")).expect("room");
    }
    let mut samples = [0; 4 * 640];
    sender.fill(&mut samples);
    assert!((at(&samples[..640], 697.0) + 9.0).abs() < 0.2);
    assert!((at(&samples[..640], 1209.0) + 7.0).abs() < 0.2);
    assert!(samples[640..1280].iter().all(|sample| *sample == 0));
    assert!((at(&samples[1280..1920], 941.0) + 9.0).abs() < 0.2);
    assert!((at(&samples[1280..1920], 1633.0) + 7.0).abs() < 0.2);
    assert!(sender.idle());
}

#[test]
fn the_queue_of_digits_has_an_end() {
    let mut sender = DigitSender::new(50, 50, Dbm0(-9.0), Dbm0(-7.0));
    let five = Digit::new(b'5').expect("digit");
    let taken = (0..40).take_while(|_| sender.push(five) == Ok(())).count();
    assert_eq!(taken, 32);
    assert_eq!(sender.push(five), Err(TooMany));
}

#[test]
fn two_loud_sines_clip_and_do_not_wrap() {
    let mut sender = DigitSender::new(50, 50, Dbm0(3.0), Dbm0(3.0));
    sender.push(Digit::new(b'5').expect("digit")).expect("room");
    let mut samples = [0; 400];
    sender.fill(&mut samples);
    assert!(samples.contains(&32767) && samples.contains(&-32768));
    assert!(samples.windows(2).all(|w| (i32::from(w[0]) - i32::from(w[1])).abs() < 60000));
}
