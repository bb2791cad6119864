//! Tones as machines send them, at their limits, and what is like them.

#![expect(clippy::cast_possible_truncation, reason = "samples and counts made on purpose")]

extern crate std;

use std::f64::consts::TAU;
use std::vec;
use std::vec::Vec;

use units::Law;

use crate::{Event, Receiver};

struct Line {
    sound: Vec<i16>,
    phase: f64,
    noise: u64,
    /// Of a sine of 0 dBm0: 22827.
    hiss: f64,
}

impl Line {
    fn new(hiss_dbm0: f64) -> Self {
        let hiss = 22_827.0 / 2.0_f64.sqrt() * 10.0_f64.powf(hiss_dbm0 / 20.0);
        let mut line = Self { sound: vec![], phase: 0.0, noise: 9, hiss };
        line.tone(0.0, -99.0, 100);
        line
    }

    fn tone(&mut self, hz: f64, dbm0: f64, ms: usize) -> &mut Self {
        self.shaped(hz, dbm0, ms, |_| (1.0, 0.0))
    }

    /// `shape`: seconds since the beginning to a factor and a turn.
    fn shaped(&mut self, hz: f64, dbm0: f64, ms: usize, shape: fn(f64) -> (f64, f64)) -> &mut Self {
        for n in 0..ms * 8 {
            self.phase += hz / 8000.0 * TAU;
            let mut uniform = || {
                self.noise = self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (self.noise >> 33) as f64 / (1u64 << 31) as f64
            };
            let normal: f64 = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
            let (factor, turn) = shape(n as f64 / 8000.0);
            let size = 22_827.0 * 10.0_f64.powf(dbm0 / 20.0) * factor;
            let value = size * (self.phase + turn).sin() + self.hiss * normal;
            let value = value.clamp(-32_768.0, 32_767.0) as i16;
            self.sound.push(g711::decode(Law::A, g711::encode(Law::A, value)));
        }
        self
    }

    fn bits(&mut self, bits: &[u8], dbm0: f64) -> &mut Self {
        let (mut done, before) = (0, self.sound.len());
        for (n, bit) in bits.iter().enumerate() {
            // 26 and two thirds of a sample, rounded to whole ones.
            let end = (n + 1) * 80 / 3;
            let hz = if *bit == 1 { 1650.0 } else { 1850.0 };
            let mut one =
                Line { sound: vec![], phase: self.phase, noise: self.noise, hiss: self.hiss };
            one.tone(hz, dbm0, 4);
            one.sound.truncate(end - done);
            self.phase += hz / 8000.0 * TAU * (end - done) as f64;
            self.noise = one.noise;
            self.sound.append(&mut one.sound);
            done = end;
        }
        assert_eq!(self.sound.len() - before, done);
        self
    }

    fn heard(&self) -> Vec<Event> {
        let mut receiver = Receiver::new();
        self.sound.as_chunks::<16>().0.iter().filter_map(|block| receiver.push(block)).collect()
    }
}

const ANS: Event = Event::Answer { reversals: false, modulated: false };

// T.30 4.1.1: 1100 Hz within 38, on for 0.5 s within 15 %.
#[test]
fn a_calling_fax_is_heard_at_the_limits_of_its_frequency_and_level() {
    for hz in [1062.0, 1100.0, 1138.0] {
        for dbm0 in [0.0, -20.0, -40.0] {
            let mut line = Line::new(dbm0 - 15.0);
            line.tone(hz, dbm0, 425).tone(0.0, -99.0, 3000).tone(hz, dbm0, 575);
            line.tone(0.0, -99.0, 100);
            assert_eq!(line.heard(), [Event::Fax, Event::Fax], "{hz} Hz, {dbm0} dBm0");
        }
    }
    for hz in [1000.0, 1040.0, 1160.0, 1200.0] {
        assert_eq!(Line::new(-60.0).tone(hz, -10.0, 2000).heard(), [], "{hz} Hz");
    }
}

// V.25 3.2, V.8 4.1
#[test]
fn an_answer_is_heard_and_so_are_its_reversals_and_its_trembling() {
    let reversed = |t: f64| (1.0, if (t / 0.45) as i32 % 2 == 1 { TAU / 2.0 } else { 0.0 });
    let modulated = |t: f64| (1.0 + 0.2 * (t * 15.0 * TAU).sin(), 0.0);
    for hz in [2085.0, 2100.0, 2115.0] {
        for dbm0 in [-6.0, -40.0] {
            let line = || Line::new(dbm0 - 20.0);
            assert_eq!(line().tone(hz, dbm0, 3300).heard(), [ANS], "{hz} {dbm0}");
            let heard = line().shaped(hz, dbm0, 3300, reversed).heard();
            let wanted = Event::Answer { reversals: true, modulated: false };
            assert_eq!(heard.last(), Some(&wanted), "{hz} {dbm0}");
            let heard = line().shaped(hz, dbm0, 3300, modulated).heard();
            let wanted = Event::Answer { reversals: false, modulated: true };
            assert_eq!(heard.last(), Some(&wanted), "{hz} {dbm0}");
        }
    }
    for hz in [2000.0, 2050.0, 2150.0, 2225.0] {
        assert_eq!(Line::new(-60.0).tone(hz, -10.0, 2000).heard(), [], "{hz} Hz");
    }
}

#[test]
fn a_calling_modem_is_heard() {
    for hz in [1285.0, 1300.0, 1315.0] {
        let heard = Line::new(-40.0).tone(hz, -20.0, 550).tone(0.0, -99.0, 200).heard();
        assert_eq!(heard, [Event::Modem], "{hz} Hz");
    }
}

// T.30 5.3.1: a second of flags.
#[test]
fn a_preamble_is_flags_and_not_idle_or_other_bits() {
    for dbm0 in [-6.0, -26.0, -40.0] {
        let flags: Vec<u8> = [0, 1, 1, 1, 1, 1, 1, 0].repeat(37);
        let heard = Line::new(dbm0 - 15.0).bits(&flags, dbm0).heard();
        assert_eq!(heard, [Event::Preamble], "{dbm0} dBm0");
    }
    let idle = [1; 300];
    let turns: Vec<u8> = [0, 1].repeat(150);
    for bits in [&idle[..], &turns] {
        assert_eq!(Line::new(-60.0).bits(bits, -10.0).heard(), []);
    }
}

// E.180 6: 950, 1400 and 1800 Hz within 50, 330 ms within 70 each, at most 30 ms between.
#[test]
fn three_tones_before_an_announcement_are_heard_and_in_another_order_are_not() {
    for (off, ms, gap) in [(0.0, 330, 0), (45.0, 270, 30), (-45.0, 395, 10), (0.0, 330, 30)] {
        let tones = |order: [f64; 3]| {
            let mut line = Line::new(-45.0);
            for hz in order {
                line.tone(hz + off, -20.0, ms).tone(0.0, -99.0, gap);
            }
            line.tone(0.0, -99.0, 300).heard()
        };
        assert_eq!(tones([950.0, 1400.0, 1800.0]), [Event::Special], "{off} Hz, {ms} ms, {gap} ms");
        assert_eq!(tones([1400.0, 950.0, 1800.0]), []);
        assert_eq!(tones([950.0, 1400.0, 1400.0]), []);
    }
}

#[test]
fn digits_call_tones_and_broken_lines_are_no_machine() {
    let mut receiver = Receiver::new();
    for block in [[i16::MIN; 16], [i16::MAX; 16], [0; 16], [5000; 16]] {
        for _ in 0..1000 {
            assert_eq!(receiver.push(&block), None);
        }
    }
    for hz in [350.0, 425.0, 450.0, 697.0, 941.0, 1209.0, 1477.0, 2400.0, 3400.0] {
        assert_eq!(Line::new(-50.0).tone(hz, -10.0, 2000).heard(), [], "{hz} Hz");
    }
    let mut noise = Line::new(-10.0);
    assert_eq!(noise.tone(0.0, -99.0, 60_000).heard(), []);
}
