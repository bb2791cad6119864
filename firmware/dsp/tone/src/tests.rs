//! Levels, frequencies and times of what comes out.

#![expect(clippy::approx_constant, reason = "3.14 dBm0 is no circle")]

extern crate std;

use std::vec::Vec;
use units::{Dbm0, Digit};

use crate::{
    CHINA_BUSY, CHINA_DIAL, CHINA_RING_BACK, DigitSender, Form, Generator, PARTS, Part, Tone,
    TooMany,
};

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

/// 400 Hz or so, modulated, at -10 dBm0.
fn modulated(hz: f32, by: f32, depth: f32, cadence_ms: [u16; 8]) -> Tone {
    let form = Form::Modulated { hz: by, depth };
    Tone { form, cadence_ms, ..Tone::single(hz, Dbm0(-10.0), [0; 4]) }
}

#[test]
fn a_modulated_tone_has_its_carrier_and_two_sidebands_at_the_level_that_is_meant() {
    for (hz, by, depth) in
        [(400.0, 25.0, 0.9), (425.0, 24.0, 1.0), (400.0, 15.0, 0.85), (400.0, 50.0, 0.5)]
    {
        let mut generator = Generator::new(&modulated(hz, by, depth, [0; 8]));
        // Ten minutes do not change it.
        for _ in 0..600 * 500 {
            generator.fill(&mut [0; 16]);
        }
        let samples = play(&mut generator, 8000);
        assert!((level(&samples) + 10.0).abs() < 0.05, "{}", level(&samples));
        let (hz, by, depth) = (f64::from(hz), f64::from(by), f64::from(depth));
        let carrier = -10.0 - 10.0 * (1.0 + depth * depth / 2.0).log10();
        let side = carrier + 20.0 * (depth / 2.0).log10();
        assert!((at(&samples, hz) - carrier).abs() < 0.05, "{hz} {}", at(&samples, hz));
        for side_hz in [hz - by, hz + by] {
            assert!((at(&samples, side_hz) - side).abs() < 0.05, "{}", at(&samples, side_hz));
        }
        // Nothing else: not the second harmonic of what modulates, nor that alone.
        for other in [by, hz - 2.0 * by, hz + 2.0 * by, 2.0 * hz] {
            assert!(at(&samples, other) < -60.0, "{other}: {}", at(&samples, other));
        }
    }
}

#[test]
fn a_modulated_tone_has_no_jumps_and_begins_from_its_quietest_at_each_time_on() {
    let india = modulated(400.0, 25.0, 0.9, [400, 200, 400, 2000, 0, 0, 0, 0]);
    let samples = play(&mut Generator::new(&india), 2 * 24_000);
    // Of 400 Hz at its loudest from one sample to the next, and what the envelope adds.
    let loudest = samples.iter().map(|sample| sample.abs()).max().expect("some");
    let most = f64::from(loudest) * 0.33;
    for pair in samples.windows(2) {
        let step = (f64::from(pair[0]) - f64::from(pair[1])).abs();
        assert!(step < most, "{step} of {loudest}");
    }
    for round in samples.chunks(24_000) {
        assert_eq!(round[..3200], round[4800..8000], "both times on alike");
        assert!(round[..10].iter().all(|sample| f64::from(*sample).abs() < most / 2.0));
        assert!(round[3200..4800].iter().chain(&round[8000..]).all(|sample| *sample == 0));
    }
}

/// Three sines one after the other.
fn information(cadence_ms: [u16; 8]) -> Tone {
    let parts: [_; PARTS] = [950.0, 1400.0, 1800.0].map(|hz| Some(Part { hz, level: Dbm0(-10.0) }));
    Tone { parts, form: Form::InTurn, cadence_ms }
}

#[test]
fn special_information_tone_is_three_sines_in_turn_with_or_without_pauses_between() {
    for gap in [0, 15, 30] {
        let cadence_ms = [330, gap, 330, gap, 330, 1000, 0, 0];
        let mut generator = Generator::new(&information(cadence_ms));
        let each = 330 * 8 + usize::from(gap) * 8;
        for round in 0..3 {
            let samples = play(&mut generator, 2 * each + (330 + 1000) * 8);
            for (n, hz) in [950.0, 1400.0, 1800.0].into_iter().enumerate() {
                let on = &samples[n * each..][..330 * 8];
                assert!((at(on, hz) + 10.0).abs() < 0.05, "{round} {gap} {hz}: {}", at(on, hz));
                assert!((level(on) + 10.0).abs() < 0.05, "{round} {gap} {hz}");
                assert_eq!(on[0], 0, "begins at zero");
                let off = &samples[n * each + 330 * 8..][..usize::from(gap) * 8];
                assert!(off.iter().all(|sample| *sample == 0));
            }
            assert!(samples[2 * each + 330 * 8..].iter().all(|sample| *sample == 0));
        }
    }
}
