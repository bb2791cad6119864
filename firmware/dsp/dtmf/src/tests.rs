//! Q.24, limit by limit, and what must not be taken for a digit.

#![expect(clippy::cast_possible_truncation, reason = "samples and counts made on purpose")]

extern crate std;

use dsp_tone::frequencies;
use std::f64::consts::TAU;
use std::vec::Vec;
use units::{Digit, Law};

use crate::{Event, Muter, Receiver};

/// A sequence of numbers that repeats with its seed.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A normal one by the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn amplitude(dbm0: f64) -> f64 {
    22_827.0 * 10.0_f64.powf(dbm0 / 20.0)
}

/// How a digit is sent.
#[derive(Clone, Copy)]
struct Sent {
    low: f64,
    high: f64,
    off_low: f64,
    off_high: f64,
    on_ms: f64,
    off_ms: f64,
    noise: Option<f64>,
}

const USUAL: Sent = Sent {
    low: -9.0,
    high: -7.0,
    off_low: 0.0,
    off_high: 0.0,
    on_ms: 40.0,
    off_ms: 40.0,
    noise: None,
};

fn send(digits: &[Digit], sent: Sent, seed: u64) -> Vec<i16> {
    let mut random = Random(seed);
    let mut samples = Vec::new();
    let quiet = |random: &mut Random, ms: f64, samples: &mut Vec<f64>| {
        let count = (ms * 8.0) as usize + (random.uniform() * 16.0) as usize;
        samples.extend(core::iter::repeat_n(0.0, count));
    };
    quiet(&mut random, 40.0, &mut samples);
    for digit in digits {
        let (low, high) = frequencies(*digit);
        let low_hz = f64::from(low) * (1.0 + sent.off_low);
        let high_hz = f64::from(high) * (1.0 + sent.off_high);
        let phase = random.uniform() * TAU;
        samples.extend((0..(sent.on_ms * 8.0) as usize).map(|n| {
            let t = n as f64 / 8000.0 * TAU;
            amplitude(sent.low) * (t * low_hz).sin()
                + amplitude(sent.high) * (t * high_hz + phase).sin()
        }));
        quiet(&mut random, sent.off_ms, &mut samples);
    }
    quiet(&mut random, 60.0, &mut samples);
    let noise = sent.noise.map_or(0.0, |dbm0| amplitude(dbm0) / 2.0_f64.sqrt());
    samples.into_iter().map(|s| clip(s + noise * random.normal())).collect()
}

fn clip(value: f64) -> i16 {
    value.clamp(-32768.0, 32767.0) as i16
}

fn listen(samples: &[i16]) -> Vec<Event> {
    let mut receiver = Receiver::new();
    samples.as_chunks::<16>().0.iter().filter_map(|block| receiver.push(block)).collect()
}

fn begun(events: &[Event]) -> Vec<Digit> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Begin(digit) => Some(*digit),
            Event::End(_) => None,
        })
        .collect()
}

fn heard(sent: Sent) -> bool {
    (0..10).all(|seed| begun(&listen(&send(&Digit::ALL, sent, seed))) == Digit::ALL)
}

fn silent(sent: Sent) -> bool {
    (0..10).all(|seed| listen(&send(&Digit::ALL, sent, seed)).is_empty())
}

#[test]
fn all_digits_of_40_ms_are_heard_and_each_ends_before_the_next() {
    let events = listen(&send(&Digit::ALL, USUAL, 1));
    let want: Vec<Event> =
        Digit::ALL.iter().flat_map(|digit| [Event::Begin(*digit), Event::End(*digit)]).collect();
    assert_eq!(events, want);
    assert!(heard(USUAL));
}

#[test]
fn every_twist_of_the_recommendation_is_accepted() {
    for (low, high) in [
        (-10.0, -6.0),
        (-6.0, -14.0),
        (-20.0, -16.0),
        (-16.0, -24.0),
        (-15.0, -10.0),
        (-6.0, -14.5),
    ] {
        assert!(heard(Sent { low, high, ..USUAL }), "low {low} high {high}");
    }
}

#[test]
fn levels_from_0_to_minus_36_dbm0_are_accepted_and_whispers_are_not() {
    for level in [0.0, -1.0, -3.0, -10.0, -20.0, -29.0, -36.0] {
        assert!(heard(Sent { low: level, high: level, ..USUAL }), "{level}");
    }
    assert!(silent(Sent { low: -42.0, high: -42.0, ..USUAL }));
}

#[test]
fn frequencies_within_1_5_percent_are_accepted_and_beyond_3_5_refused() {
    for (off_low, off_high) in
        [(0.015, 0.015), (-0.015, -0.015), (0.015, -0.015), (-0.015, 0.015), (0.018, -0.018)]
    {
        assert!(heard(Sent { off_low, off_high, ..USUAL }), "{off_low} {off_high}");
    }
    for (off_low, off_high) in
        [(0.035, 0.0), (-0.035, 0.0), (0.0, 0.035), (0.0, -0.035), (0.04, 0.04), (-0.05, 0.05)]
    {
        for on_ms in [40.0, 200.0] {
            assert!(silent(Sent { off_low, off_high, on_ms, ..USUAL }), "{off_low} {off_high}");
        }
    }
}

#[test]
fn noise_15_db_below_the_digit_does_no_harm() {
    // One limit at a time beside the noise, as Q.24 states them; with all limits at once one digit
    // in some hundreds is missed.
    for (low, high, off) in [
        (-10.0, -6.0, 0.0),
        (-6.0, -14.0, 0.0),
        (-27.0, -27.0, 0.015),
        (-27.0, -27.0, -0.015),
        (0.0, 0.0, 0.015),
    ] {
        // Signal to noise: the two together against all of 0 to 4 kHz.
        let together = 10.0 * (10.0_f64.powf(low / 10.0) + 10.0_f64.powf(high / 10.0)).log10();
        let noise = Some(together - 15.0);
        let sent = Sent { low, high, off_low: off, off_high: -off, noise, ..USUAL };
        assert!(heard(sent), "{low} {high} {off}");
    }
}

#[test]
fn a_tone_of_23_ms_is_no_digit() {
    for on_ms in [10.0, 15.0, 20.0, 23.0] {
        for level in [-3.0, -10.0, -25.0] {
            assert!(silent(Sent { on_ms, low: level, high: level, ..USUAL }), "{on_ms} {level}");
        }
    }
}

#[test]
fn a_gap_of_10_ms_does_not_split_a_digit_and_40_ms_do() {
    let five = Digit::new(b'5').expect("digit");
    for seed in 0..50 {
        for (gap, digits) in [(8.0, 1), (40.0, 2)] {
            let mut one = send(&[five], Sent { on_ms: 50.0, off_ms: 0.0, ..USUAL }, seed);
            let end = one.iter().rposition(|sample| *sample != 0).expect("tone") + 1;
            one.truncate(end);
            one.extend(core::iter::repeat_n(0, (gap * 8.0) as usize));
            let second = send(&[five], Sent { on_ms: 50.0, off_ms: 60.0, ..USUAL }, seed + 1);
            let start = second.iter().position(|sample| *sample != 0).expect("tone");
            one.extend(&second[start..]);
            assert_eq!(begun(&listen(&one)).len(), digits, "gap of {gap} ms");
        }
    }
}

#[test]
fn digits_survive_a_law() {
    for (low, high) in [(0.0, 0.0), (-29.0, -29.0), (-10.0, -6.0), (-6.0, -14.0)] {
        let mut samples = send(&Digit::ALL, Sent { low, high, ..USUAL }, 3);
        for sample in &mut samples {
            *sample = g711::decode(Law::A, g711::encode(Law::A, *sample));
        }
        assert_eq!(begun(&listen(&samples)), Digit::ALL, "{low} {high}");
    }
}

#[test]
fn a_digit_of_a_telephone_is_said_within_38_ms() {
    let samples = send(&[Digit::ALL[0]], Sent { on_ms: 100.0, ..USUAL }, 5);
    let start = samples.iter().position(|sample| *sample != 0).expect("tone");
    let mut receiver = Receiver::new();
    let at = samples
        .as_chunks::<16>()
        .0
        .iter()
        .position(|block| receiver.push(block).is_some())
        .expect("digit");
    let ms = (at + 1) * 2 - start / 8;
    assert!((26..=38).contains(&ms), "{ms} ms");
}

#[test]
fn a_single_tone_and_call_progress_tones_are_no_digit() {
    let tone = |hz: f64, level: f64| -> Vec<i16> {
        (0..8000).map(|n| clip(amplitude(level) * (n as f64 / 8000.0 * TAU * hz).sin())).collect()
    };
    for hz in [350.0, 425.0, 440.0, 450.0, 697.0, 770.0, 941.0, 1209.0, 1400.0, 1633.0, 2100.0] {
        for level in [0.0, -10.0, -25.0] {
            assert!(listen(&tone(hz, level)).is_empty(), "{hz} Hz");
        }
    }
}

#[test]
fn ten_minutes_of_white_noise_hold_no_digit() {
    let mut random = Random(77);
    let mut receiver = Receiver::new();
    for level in [0.0, -10.0, -20.0, -30.0] {
        let amplitude = amplitude(level) / 2.0_f64.sqrt();
        for _ in 0..500 * 150 {
            let block = [(); 16].map(|()| clip(amplitude * random.normal()));
            assert_eq!(receiver.push(&block), None);
        }
    }
}

/// Voiced speech in outline: a glide of pulses through three moving resonances, syllables of
/// 150 ms, with pauses and noise between them.
fn babble(seconds: usize, seed: u64) -> Vec<i16> {
    let mut random = Random(seed);
    let mut samples = Vec::new();
    let mut memory = [[0.0f64; 2]; 3];
    let mut phase = 0.0;
    while samples.len() < seconds * 8000 {
        let pitch = 90.0 + random.uniform() * 200.0;
        let glide = 1.0 + (random.uniform() - 0.5) * 0.4;
        let formants = [
            250.0 + random.uniform() * 700.0,
            800.0 + random.uniform() * 1400.0,
            2200.0 + random.uniform() * 900.0,
        ];
        let voiced = random.uniform() < 0.8;
        let count = 600 + (random.uniform() * 1600.0) as usize;
        let loud = 300.0 + random.uniform() * 3000.0;
        for n in 0..count {
            let hz = pitch * (1.0 + (glide - 1.0) * n as f64 / count as f64);
            phase += hz / 8000.0;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase -= pulse;
            let mut sound = if voiced { pulse } else { 0.1 * random.normal() };
            for (hz, state) in formants.iter().zip(&mut memory) {
                let radius = 0.97;
                let next = sound * 0.3 + 2.0 * radius * (hz / 8000.0 * TAU).cos() * state[0]
                    - radius * radius * state[1];
                *state = [next, state[0]];
                sound = next;
            }
            samples.push(clip(loud * sound));
        }
    }
    samples
}

#[test]
fn ten_minutes_of_babble_hold_no_digit() {
    let events = listen(&babble(600, 5));
    assert!(events.is_empty(), "{events:?}");
}

#[test]
fn a_receiver_survives_anything_and_recovers_at_once() {
    let mut receiver = Receiver::new();
    for block in [[i16::MIN; 16], [i16::MAX; 16], [0; 16]] {
        for _ in 0..50 {
            assert_eq!(receiver.push(&block), None);
        }
    }
    let samples = send(&Digit::ALL, USUAL, 9);
    let events: Vec<Event> =
        samples.as_chunks::<16>().0.iter().filter_map(|block| receiver.push(block)).collect();
    assert_eq!(begun(&events), Digit::ALL);
}

#[test]
fn noise_12_db_below_the_digit_does_no_harm() {
    for (low, high) in [(-10.0, -10.0), (-30.0, -30.0), (-3.0, -5.0)] {
        let together = 10.0 * (10.0_f64.powf(low / 10.0) + 10.0_f64.powf(high / 10.0)).log10();
        assert!(heard(Sent { low, high, noise: Some(together - 12.0), ..USUAL }), "{low} {high}");
    }
}

/// Half a second of dial tone that goes on beneath all digits.
fn over_dial_tone(hz: &[f64], dbm0: f64, seed: u64) -> Vec<i16> {
    let mut samples = std::vec![0; 4000];
    samples.extend(send(&Digit::ALL, USUAL, seed));
    for (n, sample) in samples.iter_mut().enumerate() {
        let t = n as f64 / 8000.0 * TAU;
        let tone: f64 = hz.iter().map(|hz| amplitude(dbm0) * (t * hz).sin()).sum();
        let octet = g711::encode(Law::A, clip(f64::from(*sample) + tone));
        *sample = g711::decode(Law::A, octet);
    }
    samples
}

#[test]
fn dial_tone_as_loud_as_the_digits_does_no_harm() {
    for hz in [&[350.0, 440.0][..], &[425.0], &[440.0], &[450.0], &[400.0, 450.0]] {
        for dbm0 in [-25.0, -15.0, -8.0, -5.0] {
            for seed in 0..3 {
                let heard = begun(&listen(&over_dial_tone(hz, dbm0, seed)));
                assert_eq!(heard, Digit::ALL, "{hz:?} Hz, {dbm0} dBm0");
            }
        }
    }
}

#[test]
fn at_most_10_ms_of_a_digit_pass_a_muter() {
    for (seed, on_ms) in [(1, 40.0), (2, 100.0), (3, 55.0), (4, 40.0)] {
        let sound = send(&Digit::ALL, Sent { on_ms, off_ms: 80.0, ..USUAL }, seed);
        let mut muter = Muter::new();
        let (mut leaked, mut most) = (0, 0);
        for block in sound.as_chunks::<16>().0 {
            let mut now = *block;
            muter.push(&mut now);
            let passed = now.iter().filter(|sample| **sample != 0).count();
            leaked = if *block == [0; 16] { 0 } else { leaked + passed };
            most = most.max(leaked);
        }
        assert!((1..=80).contains(&most), "{most} samples");
    }
}

#[test]
fn noise_at_any_level_slips_and_the_wrong_law_bring_no_digit() {
    let mut random = Random(4);
    let mut receiver = Receiver::new();
    let speech = babble(60, 21);
    for (n, block) in speech.as_chunks::<16>().0.iter().enumerate() {
        // A-law heard as µ-law, a slip of some samples in each second, a constant beneath.
        let mut block = block.map(|s| g711::decode(Law::Mu, g711::encode(Law::A, s)));
        if n % 500 == 0 {
            block.rotate_left((random.uniform() * 16.0) as usize);
        }
        let block = block.map(|s| s.saturating_add(3000));
        assert_eq!(receiver.push(&block), None);
    }
}
