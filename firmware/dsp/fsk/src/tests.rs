//! The limits of EN 300 659-1 for a receiver, one by one, and what is sent.

#![expect(clippy::cast_possible_truncation, reason = "samples and counts made on purpose")]

extern crate std;

use std::f64::consts::TAU;
use std::vec::Vec;

use units::media::BLOCK_SAMPLES;
use units::{Dbm0, Law};

use crate::{Demodulator, Event, Framing, Modulator, Standard};

const BOTH: [Standard; 2] = [Standard::Bell202, Standard::V23];

struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x >> 11) as f64 / (1u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

fn amplitude(dbm0: f64) -> f64 {
    22_827.0 * 10.0_f64.powf(dbm0 / 20.0)
}

/// A line that is not the one of the book.
#[derive(Clone, Copy)]
struct Line {
    mark_dbm0: f64,
    space_dbm0: f64,
    /// Both frequencies, as a share of what they should be.
    hz: f64,
    bit_rate: f64,
    /// Below the weaker of the two, in the band 0 to 4 kHz.
    noise_db: Option<f64>,
    /// Bits of mark behind each octet beside its stop bit.
    stuffing: usize,
}

impl Line {
    fn at(dbm0: f64) -> Self {
        Self {
            mark_dbm0: dbm0,
            space_dbm0: dbm0,
            hz: 1.0,
            bit_rate: 1200.0,
            noise_db: None,
            stuffing: 0,
        }
    }
}

/// A transmission, through A-law.
fn transmission(standard: Standard, octets: &[u8], line: Line, random: &mut Random) -> Vec<i16> {
    let mut bits: Vec<bool> = (0..300).map(|n| n % 2 == 1).collect();
    bits.extend([true; 180]);
    for octet in octets {
        bits.push(false);
        bits.extend((0..8).map(|bit| octet >> bit & 1 == 1));
        bits.extend(std::vec![true; 1 + line.stuffing]);
    }
    bits.extend([true; 5]);
    let length = (bits.len() as f64 * 8000.0 / line.bit_rate) as usize;
    let weaker = line.mark_dbm0.min(line.space_dbm0);
    let noise = line.noise_db.map_or(0.0, |db| amplitude(weaker - db) / 2.0_f64.sqrt());
    let lead = 400 + (random.uniform() * 50.0) as usize;
    let mut phase = random.uniform();
    (0..lead + length + 800)
        .map(|n| {
            let bit = n.checked_sub(lead).map(|n| (n as f64 * line.bit_rate / 8000.0) as usize);
            let mut sum = noise * random.normal();
            if let Some(mark) = bit.and_then(|bit| bits.get(bit)) {
                let (hz, dbm0) = match mark {
                    true => (standard.mark_hz(), line.mark_dbm0),
                    false => (standard.space_hz(), line.space_dbm0),
                };
                phase += f64::from(hz) * line.hz / 8000.0;
                sum += amplitude(dbm0) * (phase * TAU).sin();
            }
            let octet = g711::encode(Law::A, sum.clamp(-32_768.0, 32_767.0) as i16);
            g711::decode(Law::A, octet)
        })
        .collect()
}

fn listen(samples: &[i16]) -> Vec<Event> {
    let mut receiver = Demodulator::new();
    samples.as_chunks::<BLOCK_SAMPLES>().0.iter().filter_map(|block| receiver.push(block)).collect()
}

/// The octets between the mark and the end.
fn heard(samples: &[i16]) -> Option<Vec<u8>> {
    let said = listen(samples);
    let mark = said.iter().position(|event| *event == Event::Mark)?;
    let end = said.iter().skip(mark).position(|event| *event == Event::Lost)?;
    let octets = said[mark + 1..mark + end].iter().map(|event| match event {
        Event::Octet(octet) => Some(*octet),
        _ => None,
    });
    octets.collect()
}

fn octets(random: &mut Random) -> Vec<u8> {
    (0..60).map(|_| (random.uniform() * 256.0) as u8).collect()
}

fn all_arrive(what: &str, lines: &[Line]) {
    let mut random = Random(1);
    for standard in BOTH {
        for (place, line) in lines.iter().enumerate() {
            for round in 0..10 {
                let sent = octets(&mut random);
                let got = heard(&transmission(standard, &sent, *line, &mut random));
                assert_eq!(got, Some(sent), "{what}: {standard:?}, line {place}, round {round}");
            }
        }
    }
}

#[test]
fn octets_arrive_from_minus_3_to_minus_38_dbm0() {
    let levels = [-3.0, -8.0, -13.5, -20.0, -28.0, -32.0, -36.0, -38.0];
    all_arrive("level", &levels.map(Line::at));
}

#[test]
fn octets_arrive_with_6_db_between_mark_and_space() {
    let twists = [(-10.0, -16.0), (-16.0, -10.0), (-30.0, -36.0), (-36.0, -30.0)];
    all_arrive(
        "twist",
        &twists.map(|(mark_dbm0, space_dbm0)| Line { mark_dbm0, space_dbm0, ..Line::at(0.0) }),
    );
}

#[test]
fn octets_arrive_in_noise_20_db_below_them() {
    let noise = |level, db| Line { noise_db: Some(db), ..Line::at(level) };
    all_arrive("noise", &[noise(-13.5, 25.0), noise(-13.5, 20.0), noise(-32.0, 20.0)]);
}

#[test]
fn octets_arrive_with_frequencies_and_bit_rate_off_by_one_percent() {
    let off = [(0.99, 1200.0), (1.01, 1200.0), (1.0, 1188.0), (1.0, 1212.0), (1.01, 1188.0)];
    all_arrive("off", &off.map(|(hz, bit_rate)| Line { hz, bit_rate, ..Line::at(-20.0) }));
}

#[test]
fn octets_arrive_with_all_that_is_allowed_at_once() {
    let worst = Line {
        mark_dbm0: -36.0,
        space_dbm0: -30.0,
        hz: 1.01,
        bit_rate: 1188.0,
        noise_db: Some(20.0),
        stuffing: 0,
    };
    let other = Line { mark_dbm0: -30.0, space_dbm0: -36.0, hz: 0.99, bit_rate: 1212.0, ..worst };
    all_arrive("all", &[worst, other]);
}

#[test]
fn ten_bits_of_mark_between_octets_do_not_end_a_message() {
    let stuffed = |stuffing| Line { stuffing, ..Line::at(-20.0) };
    all_arrive("stuffing", &[stuffed(1), stuffed(5), stuffed(10)]);
}

#[test]
fn what_is_weaker_than_48_dbm0_is_nothing() {
    let mut random = Random(2);
    for standard in BOTH {
        let sent = octets(&mut random);
        let samples = transmission(standard, &sent, Line::at(-48.0), &mut random);
        assert_eq!(listen(&samples), []);
    }
}

#[test]
fn ten_minutes_of_noise_and_chords_hold_no_mark() {
    let mut random = Random(3);
    let mut receiver = Demodulator::new();
    let mut hz = [440.0, 554.0, 659.0];
    for block in 0..300_000_u32 {
        if block % 200 == 0 {
            hz = hz.map(|_: f64| 200.0 + 800.0 * random.uniform());
        }
        let level = amplitude(-30.0 + f64::from(block % 20));
        let samples = core::array::from_fn(|n| {
            let time = f64::from(block * 16 + n as u32) / 8000.0;
            let chord: f64 = hz.iter().map(|hz| (TAU * hz * time).sin()).sum();
            ((chord * 2000.0) + level * random.normal() / 1.5) as i16
        });
        assert_ne!(receiver.push(&samples), Some(Event::Mark));
    }
}

/// Amplitude of a frequency in samples.
fn at(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im) = (0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let angle = TAU * hz * n as f64 / 8000.0;
        re += f64::from(*sample) * angle.cos();
        im += f64::from(*sample) * angle.sin();
    }
    (re * re + im * im).sqrt() * 2.0 / samples.len() as f64
}

#[test]
fn a_mark_has_its_level_and_frequency_and_ends_after_its_bits() {
    for standard in BOTH {
        let mut modulator = Modulator::new(standard, Dbm0(-13.5));
        assert!(modulator.is_silent());
        let framing = Framing { seizure: 0, mark: 1200, tail: 0 };
        modulator.send(&[], framing).expect("short");
        let mut samples = std::vec![0; 8000];
        modulator.fill(&mut samples);
        assert!(modulator.is_silent());
        let dbm0 = 20.0 * (at(&samples, standard.mark_hz().into()) / 22_827.0).log10();
        assert!((dbm0 + 13.5).abs() < 0.1, "{standard:?}: {dbm0} dBm0");
        modulator.fill(&mut samples[..16]);
        assert_eq!(samples[..16], [0; 16]);
    }
}

#[test]
fn the_phase_goes_on_through_every_change_of_frequency() {
    for standard in BOTH {
        let mut modulator = Modulator::new(standard, Dbm0(-3.0));
        let framing = Framing { seizure: 600, mark: 0, tail: 0 };
        modulator.send(&[], framing).expect("short");
        let mut samples = std::vec![0; 4000];
        modulator.fill(&mut samples);
        // A sine of this amplitude and 2200 Hz moves by so much at most from sample to sample.
        let most = 2.0 * amplitude(-3.0) * (TAU * f64::from(standard.space_hz()) / 16_000.0).sin();
        let jump = samples.windows(2).map(|two| f64::from(two[1]) - f64::from(two[0]));
        let largest = jump.map(f64::abs).fold(0.0, f64::max);
        assert!(largest <= most + 2.0, "{standard:?}: {largest} of {most}");
    }
}

#[test]
fn what_one_sends_the_other_hears() {
    for standard in BOTH {
        for framing in [Framing::ON_HOOK, Framing::OFF_HOOK] {
            let mut modulator = Modulator::new(standard, Dbm0(-13.5));
            let sent: Vec<u8> = (0..=255).collect();
            modulator.send(&sent, framing).expect("not too long");
            let mut samples = std::vec![0; 16 * 1700];
            modulator.fill(&mut samples);
            assert!(modulator.is_silent());
            assert_eq!(heard(&samples), Some(sent));
        }
    }
    let mut modulator = Modulator::new(Standard::V23, Dbm0(-13.5));
    assert!(modulator.send(&[0; 259], Framing::ON_HOOK).is_err());
}
