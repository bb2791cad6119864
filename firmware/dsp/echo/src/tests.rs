//! The canceller on what a line can bring, made from seeds.

#![expect(clippy::cast_possible_truncation, reason = "samples of a test are small")]

extern crate std;

use std::vec::Vec;

use dsp_simd::Level;
use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use units::media::BLOCK_SAMPLES;

use crate::{Canceller, Settings, Tail};

type Tick = [i16; BLOCK_SAMPLES];

struct Random(u32);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f32::from((self.0 >> 16) as u16) / 32_768.0 - 1.0
    }

    fn tick(&mut self, size: f32) -> Tick {
        core::array::from_fn(|_| (self.next() * size) as i16)
    }
}

/// A hybrid that gives back a third of what was sent, twice, 3 and 4 ms later.
#[derive(Default)]
struct Line {
    sent: Vec<i16>,
}

impl Line {
    fn echo(&mut self, sent: &Tick, near: &Tick) -> Tick {
        let at = self.sent.len();
        self.sent.extend(sent);
        core::array::from_fn(|n| {
            let before = |by: usize| (at + n).checked_sub(by).map_or(0, |n| self.sent[n]);
            before(24) / 3 - before(33) / 4 + near[n]
        })
    }
}

fn linear(level: Level) -> Canceller {
    Canceller::new(Settings { suppress: false, ..Settings::new(Tail::Ms32) }, level)
}

/// Runs noise over the line; energy of the echo over that of what is left, in dB, at the end.
fn erle(canceller: &mut Canceller, ticks: usize, near: f32) -> f32 {
    let (mut line, mut random, mut voice) = (Line::default(), Random(1), Random(77));
    let (mut echo, mut left) = (1.0, 1.0);
    for n in 0..ticks {
        let sent = random.tick(8000.0);
        let near = voice.tick(near);
        let mut heard = line.echo(&sent, &near);
        let came = heard;
        canceller.process(&sent, &mut heard);
        if n + 50 >= ticks {
            let square = |a: i16, b: i16| (f32::from(a) - f32::from(b)).powi(2);
            echo += came.iter().zip(near).map(|(a, b)| square(*a, b)).sum::<f32>();
            left += heard.iter().zip(near).map(|(a, b)| square(*a, b)).sum::<f32>();
        }
    }
    10.0 * (echo / left).log10()
}

#[test]
fn an_echo_is_gone_within_half_a_second_and_the_figures_say_so() {
    let mut canceller = linear(Level::detect());
    assert!(erle(&mut canceller, 250, 0.0) > 30.0);
    assert!(erle(&mut canceller, 2000, 0.0) > 30.0);
    let figures = canceller.figures();
    assert!((figures.erl_db - 7.6).abs() < 0.5, "{figures:?}");
    assert!(figures.erle_db > 20.0 && figures.taken > 0, "{figures:?}");
}

#[test]
fn double_talk_does_no_harm_to_what_is_known() {
    let mut canceller = linear(Level::detect());
    erle(&mut canceller, 500, 0.0);
    erle(&mut canceller, 1000, 12_000.0);
    canceller.freeze(true);
    let after = erle(&mut canceller, 100, 0.0);
    assert!(after > 25.0, "{after}");
    assert!(canceller.figures().double_talk_ms > 1000, "{:?}", canceller.figures());
}

#[test]
fn a_frozen_canceller_learns_nothing() {
    let mut canceller = linear(Level::detect());
    canceller.freeze(true);
    let before = canceller.hybrid();
    assert!(erle(&mut canceller, 500, 0.0).abs() < 0.1);
    assert_eq!(before, canceller.hybrid());
}

#[test]
fn a_warm_start_cancels_from_the_first_tick() {
    let mut canceller = linear(Level::detect());
    erle(&mut canceller, 500, 0.0);
    let known = canceller.hybrid();
    let mut warm = linear(Level::detect());
    warm.start_from(&known);
    assert!(erle(&mut warm, 50, 0.0) > 30.0);
    assert_eq!(known.taps().count(), 1024);
    // And goes on learning.
    assert!(erle(&mut warm, 500, 0.0) > 30.0);
}

#[test]
fn the_same_bits_come_on_every_level_and_in_every_run() {
    let run = |level| {
        let settings = Settings::new(Tail::Ms64);
        let (mut canceller, mut line, mut random) =
            (Canceller::new(settings, level), Line::default(), Random(9));
        let mut out = Vec::new();
        for n in 0..2000 {
            let far = random.tick(if n % 200 < 150 { 9000.0 } else { 0.0 });
            let near = random.tick(if n % 500 > 350 { 5000.0 } else { 60.0 });
            let mut heard = line.echo(&far, &near);
            canceller.process(&far, &mut heard);
            out.extend(heard);
        }
        out
    };
    assert!(run(Level::PORTABLE) == run(Level::detect()));
    assert!(run(Level::detect()) == run(Level::detect()));
}

/// 2100 Hz in a direction for so many ticks, its phase turned round every `every` of them.
fn answered(sent: bool, hz: f64, every: usize, ticks: usize) -> Canceller {
    let mut canceller = Canceller::new(Settings::new(Tail::Ms32), Level::detect());
    for tick in 0..ticks {
        let sign = if (tick / every).is_multiple_of(2) { 1.0 } else { -1.0 };
        let tone: Tick = core::array::from_fn(|n| {
            let angle = core::f64::consts::TAU * hz * (tick * 16 + n) as f64 / 8000.0;
            (sign * 4000.0 * angle.sin()) as i16
        });
        let (sent, mut heard) = if sent { (tone, [0; 16]) } else { ([0; 16], tone) };
        canceller.process(&sent, &mut heard);
    }
    canceller
}

#[test]
fn the_tone_of_a_modem_disables_in_both_directions_and_21_hz_off() {
    for hz in [2079.0, 2100.0, 2121.0] {
        for sent in [true, false] {
            assert!(answered(sent, hz, 225, 700).figures().disabled, "{hz} {sent}");
        }
    }
}

#[test]
fn no_other_tone_disables() {
    let all = [(2100.0, 10_000), (2100.0, 150), (1900.0, 225), (2350.0, 225), (1000.0, 225)];
    for (hz, every) in all {
        assert!(!answered(true, hz, every, 1500).figures().disabled, "{hz} {every}");
    }
}

#[test]
fn a_disabled_canceller_hands_everything_through_until_250_ms_of_quiet() {
    let mut canceller = answered(true, 2100.0, 225, 700);
    let mut random = Random(3);
    for _ in 0..100 {
        let came = random.tick(3000.0);
        let mut heard = came;
        canceller.process(&[0; 16], &mut heard);
        assert_eq!(came, heard);
    }
    let quiet = |canceller: &mut Canceller, ticks: usize| {
        (0..ticks).for_each(|_| canceller.process(&[0; 16], &mut [0; 16]));
        canceller.figures().disabled
    };
    assert!(quiet(&mut canceller, 60));
    assert!(!quiet(&mut canceller, 140));
}

#[test]
fn comfort_noise_is_as_loud_as_the_noise_of_the_near_end() {
    let mut canceller = Canceller::new(Settings::new(Tail::Ms32), Level::detect());
    let (mut line, mut random, mut noise) = (Line::default(), Random(5), Random(6));
    let (mut wanted, mut made) = (0.0, 0.0);
    for n in 0..3000 {
        let far = random.tick(if n < 1000 { 0.0 } else { 8000.0 });
        let near = noise.tick(150.0);
        let mut heard = line.echo(&far, &near);
        canceller.process(&far, &mut heard);
        if n >= 2000 {
            wanted += near.iter().map(|x| f32::from(*x).powi(2)).sum::<f32>();
            made += heard.iter().map(|x| f32::from(*x).powi(2)).sum::<f32>();
        }
    }
    let off = 10.0 * (made / wanted).log10();
    assert!(off.abs() < 2.0, "{off} dB");
}

#[test]
fn a_canceller_fits_into_32_kib() {
    assert!(size_of::<Canceller>() <= 32 * 1024, "{}", size_of::<Canceller>());
}

/// Every number that a canceller keeps is one, and its echo is bounded.
fn is_sound(canceller: &Canceller) -> bool {
    let figures = canceller.figures();
    let taps = canceller.hybrid().taps().map(|tap| u32::from(tap.unsigned_abs())).sum::<u32>();
    figures.erl_db.is_finite() && figures.erle_db.is_finite() && taps <= 60_000
}

#[test]
fn saturated_silent_constant_and_wrongly_encoded_sound_does_not_make_it_howl() {
    type Make = fn(usize, &mut Random) -> (Tick, Tick);
    let kinds: [Make; 6] = [
        |n, _| {
            if n.is_multiple_of(3) {
                ([i16::MIN; 16], [i16::MAX; 16])
            } else {
                ([i16::MAX; 16], [i16::MIN; 16])
            }
        },
        |_, _| ([0; 16], [0; 16]),
        |_, r| (r.tick(20.0), [i16::MAX; 16]),
        |_, r| ([i16::MIN; 16], r.tick(32_000.0)),
        |_, r| (r.tick(32_767.0), r.tick(32_767.0)),
        |_, r| {
            let sent = r.tick(9000.0);
            let wrong = |x| g711::decode_mu(g711::encode_a(x));
            (sent, sent.map(wrong))
        },
    ];
    let mut random = Random(8);
    for (kind, make) in kinds.into_iter().enumerate() {
        let mut canceller = linear(Level::detect());
        for n in 0..3000 {
            let (sent, mut heard) = make(n, &mut random);
            canceller.process(&sent, &mut heard);
            assert!(is_sound(&canceller), "{kind} {n}");
        }
        let after = erle(&mut canceller, 2000, 0.0);
        assert!(after > 20.0, "{kind}: {after} dB behind it");
    }
}

proptest! {
    #[test]
    fn any_samples_are_taken_and_give_the_same_on_every_level(
        ticks in proptest::collection::vec((any::<Tick>(), any::<Tick>()), 1..40)
    ) {
        let settings = Settings::new(Tail::Ms128);
        let mut one = Canceller::new(settings, Level::PORTABLE);
        let mut two = Canceller::new(settings, Level::detect());
        for (sent, heard) in ticks {
            let (mut a, mut b) = (heard, heard);
            one.process(&sent, &mut a);
            two.process(&sent, &mut b);
            prop_assert_eq!(a, b);
            prop_assert!(is_sound(&one));
        }
    }
}

#[test]
fn a_line_without_echo_is_left_alone_to_the_last_bit_whoever_speaks() {
    for (far, near) in [(8000.0, 8000.0), (8000.0, 2000.0), (500.0, 8000.0), (8000.0, 0.0)] {
        let mut canceller = Canceller::new(Settings::new(Tail::Ms64), Level::detect());
        let (mut random, mut voice) = (Random(1), Random(77));
        for n in 0..3000 {
            let sent = random.tick(far);
            let came = voice.tick(near);
            let mut heard = came;
            canceller.process(&sent, &mut heard);
            // For the first 0.4 s what is quieter might be an echo that nobody knows yet.
            assert!(n < 250 || heard == came, "far {far}, near {near}, tick {n}");
        }
    }
}

#[test]
fn what_garbage_taught_is_forgotten_and_the_line_is_left_alone_again() {
    for seed in 1..12 {
        let mut canceller = Canceller::new(Settings::new(Tail::Ms64), Level::detect());
        let (mut random, mut voice, mut garbage) = (Random(seed), Random(77), Random(seed + 90));
        let mut wrong = 0;
        for n in 0..8000 {
            // A tone in cadence, and garbage at full scale; then two who speak.
            let tone = |i: usize| {
                let at = (n * 16 + i) as f32;
                let on = (n / 500) % 5 == 0;
                if on { (6000.0 * libm::sinf(at * 0.353_429)) as i16 } else { 0 }
            };
            let early = n < 1500;
            let sent = if early { core::array::from_fn(tone) } else { random.tick(6000.0) };
            let came = if early { garbage.tick(32_000.0) } else { voice.tick(6000.0) };
            let mut heard = came;
            canceller.process(&sent, &mut heard);
            wrong += usize::from(n >= 4000 && heard != came);
        }
        assert!(wrong == 0, "seed {seed}: {wrong} of 4000 ticks are changed");
    }
}
