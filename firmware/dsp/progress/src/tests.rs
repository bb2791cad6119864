//! Tones of China as an exchange sends them, and what is like them and is none. Hours of speech
//! and music are in tests/progress.

#![expect(clippy::cast_possible_truncation, reason = "samples and counts made on purpose")]

extern crate std;

use std::f64::consts::TAU;
use std::vec::Vec;

use units::media::BLOCK_SAMPLES;
use units::{CallTone, Law};

use crate::{CADENCE, Detector, Pattern, Plan, Refused};

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

/// Changes the amplitude and the frequency: time since the edge in seconds to both factors.
type Shape = fn(f64) -> (f64, f64);

/// A tone, through A-law: `times` on, off ... in milliseconds, begun anew until `ms` are over.
struct Sent<'a> {
    hz: &'a [f64],
    dbm0: f64,
    noise_dbm0: f64,
    times: &'a [u32],
    ms: u32,
    shape: Shape,
}

fn plain(_: f64) -> (f64, f64) {
    (1.0, 1.0)
}

impl Sent<'_> {
    fn samples(&self, seed: u64) -> Vec<i16> {
        let mut random = Random(seed);
        let (size, noise) = (amplitude(self.dbm0), amplitude(self.noise_dbm0) / 2.0_f64.sqrt());
        let mut phases: Vec<f64> = self.hz.iter().map(|_| random.uniform()).collect();
        let cycle: u32 = self.times.iter().sum();
        let lead = (random.uniform() * 800.0) as u32 + 1600;
        (0..lead + self.ms * 8)
            .map(|n| {
                let mut sum = noise * random.normal();
                let at = n.checked_sub(lead).map(|n| if cycle > 0 { n % (cycle * 8) } else { n });
                if let Some((on, since)) = at.map(|at| self.place(at)) {
                    let (louder, higher) = (self.shape)(f64::from(since) / 8000.0);
                    for (phase, hz) in phases.iter_mut().zip(self.hz) {
                        *phase += hz * higher / 8000.0;
                        sum += if on { size * louder * (*phase * TAU).sin() } else { 0.0 };
                    }
                }
                let octet = g711::encode(Law::A, sum.clamp(-32_768.0, 32_767.0) as i16);
                g711::decode(Law::A, octet)
            })
            .collect()
    }

    /// On or off at this sample of the cycle, and samples since that began.
    fn place(&self, mut at: u32) -> (bool, u32) {
        for (n, ms) in self.times.iter().enumerate() {
            if at < ms * 8 {
                return (n % 2 == 0, at);
            }
            at -= ms * 8;
        }
        (true, at)
    }
}

/// What is said, and after how many milliseconds.
fn listen(plan: &Plan, samples: &[i16]) -> Vec<(u32, CallTone)> {
    let mut detector = Detector::new(plan);
    let blocks = samples.as_chunks::<BLOCK_SAMPLES>().0.iter();
    let said = blocks.enumerate().filter_map(|(n, b)| Some((n as u32 * 2, detector.push(b)?)));
    said.collect()
}

fn pattern(tone: CallTone, hz: [f32; 2], modulated_hz: f32, times: &[u16]) -> Pattern {
    let mut cadence_ms = [0; CADENCE];
    cadence_ms[..times.len()].copy_from_slice(times);
    Pattern { tone, hz, modulated_hz, cadence_ms }
}

const QUIET: Sent<'_> =
    Sent { hz: &[450.0], dbm0: -15.0, noise_dbm0: -65.0, times: &[], ms: 6000, shape: plain };

#[test]
fn every_tone_of_china_is_told_for_what_it_is() {
    let wanted: [(CallTone, &[u32], u32); 4] = [
        (CallTone::Busy, &[350, 350], 1750),
        (CallTone::Congestion, &[700, 700], 3500),
        (CallTone::Unobtainable, &[100, 100, 100, 100, 100, 100, 400, 400], 2900),
        (CallTone::RingBack, &[1000, 4000], 3400),
    ];
    for (tone, times, after) in wanted {
        for (dbm0, noise_dbm0) in [(-3.0, -65.0), (-15.0, -30.0), (-35.0, -50.0)] {
            for seed in 0..20 {
                let sent = Sent { dbm0, noise_dbm0, times, ms: after + 40, ..QUIET };
                let said = listen(&Plan::china(), &sent.samples(seed));
                let tones: Vec<_> = said.iter().map(|(_, tone)| *tone).collect();
                assert_eq!(tones, [tone], "{dbm0} dBm0, seed {seed}: {said:?}");
            }
        }
    }
}

#[test]
fn a_cadence_may_be_ten_percent_longer_or_shorter() {
    for (tone, ms) in [(CallTone::Busy, 350), (CallTone::Congestion, 700)] {
        for (on, off) in [(9, 9), (11, 11), (9, 11), (11, 9)] {
            let times = [ms * on / 10, ms * off / 10];
            let cycle = times[0] + times[1];
            let sent = Sent { times: &times, ms: 3 * cycle, ..QUIET };
            let said = listen(&Plan::china(), &sent.samples(7));
            assert_eq!(said.first().map(|(_, tone)| *tone), Some(tone), "{times:?}: {said:?}");
        }
    }
}

#[test]
fn dial_tone_is_told_when_it_is_longer_than_any_other_could_be_and_once() {
    let said = listen(&Plan::china(), &QUIET.samples(1));
    assert!(matches!(said[..], [(1300..=1500, CallTone::Dial)]), "{said:?}");
}

#[test]
fn a_frequency_15_hz_off_is_still_the_tone_and_one_40_hz_off_is_not() {
    for (hz, count) in [(435.0, 1), (465.0, 1), (410.0, 0), (490.0, 0)] {
        let sent = Sent { hz: &[hz], times: &[350, 350], ms: 2000, ..QUIET };
        assert_eq!(listen(&Plan::china(), &sent.samples(2)).len(), count, "{hz} Hz");
    }
}

#[test]
fn tones_of_two_frequencies_are_told_apart() {
    let mut plan = Plan::new();
    let close = pattern(CallTone::RingBack, [440.0, 480.0], 0.0, &[]);
    assert_eq!(plan.add(close), Err(Refused::TooClose));
    let tones: [(CallTone, [f32; 2], [u16; 2]); 3] = [
        (CallTone::Dial, [350.0, 440.0], [0, 0]),
        (CallTone::Busy, [480.0, 620.0], [500, 500]),
        (CallTone::Congestion, [480.0, 620.0], [250, 250]),
    ];
    for (tone, hz, [on, off]) in tones {
        plan.add(pattern(tone, hz, 0.0, &[on, off])).expect("few");
    }
    for (tone, hz, [on, off]) in tones {
        for dbm0 in [-10.0, -35.0] {
            let hz = hz.map(f64::from);
            let times = [u32::from(on), u32::from(off)];
            let times = if on == 0 { &[][..] } else { &times };
            let noise_dbm0 = dbm0 - 20.0;
            let sent = Sent { hz: &hz, dbm0, noise_dbm0, times, ..QUIET };
            let said = listen(&plan, &sent.samples(3));
            let all = said.iter().all(|(_, said)| *said == tone);
            assert!(!said.is_empty() && all, "{tone:?} at {dbm0}: {said:?}");
        }
    }
    // One of the two alone is neither.
    let sent = Sent { hz: &[480.0], times: &[500, 500], ..QUIET };
    assert_eq!(listen(&plan, &sent.samples(4)), []);
}

#[test]
fn a_plan_has_room_for_eight_tones_of_four_sets() {
    let busy = |hz| pattern(CallTone::Busy, [hz, 0.0], 0.0, &[350; 8]);
    let mut plan = Plan::new();
    for hz in [400.0, 425.0, 440.0, 450.0, 450.0, 450.0, 450.0, 450.0] {
        assert_eq!(plan.add(busy(hz)), Ok(()));
    }
    assert_eq!(plan.add(busy(450.0)), Err(Refused::Full));
    let mut plan = Plan::new();
    for (n, hz) in [400.0, 425.0, 440.0, 450.0, 480.0].into_iter().enumerate() {
        assert_eq!(plan.add(busy(hz)).is_ok(), n < 4);
    }
}

#[test]
fn what_beats_like_a_busy_tone_and_is_played_or_sung_is_none() {
    let shapes: [(&str, Shape); 5] = [
        ("plucked", |s| ((-s * 4.0).exp(), 1.0)),
        ("swelling", |s| ((s * 8.0).min(1.0), 1.0)),
        ("trembling", |s| (1.0 + 0.2 * (TAU * 6.0 * s).sin(), 1.0)),
        ("vibrato", |s| (1.0, 1.0 + 0.006 * (TAU * 5.5 * s).sin())),
        ("sliding", |s| (1.0, 0.99 + 0.03 * s)),
    ];
    for (name, shape) in shapes {
        let sent = Sent { times: &[350, 350], shape, ms: 20_000, ..QUIET };
        assert_eq!(listen(&Plan::china(), &sent.samples(5)), [], "{name}");
    }
}

#[test]
fn pauses_that_are_not_silent_are_none() {
    let sent = Sent { dbm0: -20.0, noise_dbm0: -26.0, times: &[350, 350], ms: 20_000, ..QUIET };
    assert_eq!(listen(&Plan::china(), &sent.samples(6)), []);
}

#[test]
fn times_that_change_from_cycle_to_cycle_are_none() {
    let sent = Sent { times: &[320, 380, 380, 320, 350, 320, 320, 350], ms: 20_000, ..QUIET };
    assert_eq!(listen(&Plan::china(), &sent.samples(6)), []);
}

#[test]
fn ten_minutes_of_noise_hold_no_tone() {
    let mut random = Random(8);
    let mut detector = Detector::new(&Plan::china());
    for block in 0..300_000 {
        let level = amplitude(-30.0 + f64::from(block % 20));
        let samples = [0; BLOCK_SAMPLES].map(|_: i16| (level * random.normal() / 1.5) as i16);
        assert_eq!(detector.push(&samples), None);
    }
}

/// India: dial and ring-back tone of 400×25, the others of 400 Hz.
fn india() -> Plan {
    let mut plan = Plan::new();
    let tones: [(CallTone, f32, &[u16]); 4] = [
        (CallTone::Dial, 25.0, &[]),
        (CallTone::RingBack, 25.0, &[400, 200, 400, 2000]),
        (CallTone::Busy, 0.0, &[750, 750]),
        (CallTone::Congestion, 0.0, &[250, 250]),
    ];
    for (tone, by, times) in tones {
        plan.add(pattern(tone, [400.0, 0.0], by, times)).expect("few");
    }
    plan
}

fn by(hz: f64, depth: f64, since: f64) -> (f64, f64) {
    (1.0 - depth * (TAU * hz * since).cos(), 1.0)
}

/// Name, what is listened for, frequency, times, what is told, and three ways to be modulated.
type Modulated<'a> = (&'a str, Plan, f64, &'a [u32], CallTone, [Shape; 3]);

#[test]
fn a_modulated_ring_back_and_dial_tone_are_told_in_noise_however_deep_they_are_modulated() {
    let twice: &[u32] = &[400, 200, 400, 2000];
    let of = |hz, modulated_hz, tone, times: &[u16]| {
        let mut plan = Plan::new();
        plan.add(pattern(tone, [hz, 0.0], modulated_hz, times)).expect("one");
        plan
    };
    let (ring, dial) = (CallTone::RingBack, CallTone::Dial);
    let singapore = of(425.0, 24.0, ring, &[400, 200, 400, 2000]);
    let japan = of(400.0, 15.0, ring, &[1000, 2000]);
    let thailand = of(400.0, 50.0, dial, &[]);
    let sent: [Modulated<'_>; 5] = [
        (
            "in ring",
            india(),
            400.0,
            twice,
            ring,
            [|s| by(25.0, 0.9, s), |s| by(25.0, 0.6, s), |s| by(26.0, 1.0, s)],
        ),
        (
            "in dial",
            india(),
            400.0,
            &[],
            dial,
            [|s| by(25.0, 0.9, s), |s| by(25.0, 0.6, s), |s| by(24.0, 1.0, s)],
        ),
        (
            "sg ring",
            singapore,
            425.0,
            twice,
            ring,
            [|s| by(24.0, 1.0, s), |s| by(26.0, 1.0, s), |s| by(22.0, 0.9, s)],
        ),
        (
            "jp ring",
            japan,
            400.0,
            &[1000, 2000],
            ring,
            [|s| by(15.0, 0.9, s), |s| by(15.0, 0.7, s), |s| by(16.0, 1.0, s)],
        ),
        (
            "th dial",
            thailand,
            400.0,
            &[],
            dial,
            [|s| by(50.0, 0.9, s), |s| by(50.0, 0.6, s), |s| by(52.0, 1.0, s)],
        ),
    ];
    for (name, plan, hz, times, wanted, shapes) in sent {
        for (n, shape) in shapes.into_iter().enumerate() {
            for (dbm0, noise_dbm0) in [(-12.0, -65.0), (-15.0, -32.0), (-33.0, -50.0)] {
                for off in [-1.0, 0.0, 1.0] {
                    let hz = [hz + off];
                    let sent = Sent { hz: &hz, dbm0, noise_dbm0, times, ms: 9000, shape };
                    let said = listen(&plan, &sent.samples(n as u64 + 20));
                    let right = said.iter().all(|(_, tone)| *tone == wanted);
                    let what = (name, n, dbm0, off);
                    assert!(!said.is_empty() && right, "{what:?}: {said:?}");
                }
            }
        }
    }
}

#[test]
fn an_even_tone_is_not_taken_for_a_modulated_one_nor_the_other_way_round() {
    for off in [-15.0, -8.0, -4.0, 0.0, 4.0, 8.0, 15.0] {
        let hz = [400.0 + off];
        let even = |times, ms| Sent { hz: &hz, times, ms, ..QUIET };
        let told = |sent: Sent<'_>| -> Vec<CallTone> {
            listen(&india(), &sent.samples(31)).into_iter().map(|(_, tone)| tone).collect()
        };
        assert_eq!(told(even(&[750, 750], 4000)), [CallTone::Busy], "{off}");
        assert_eq!(told(even(&[250, 250], 1350)), [CallTone::Congestion], "{off}");
        // India has no even dial tone, and no even ring-back tone.
        assert_eq!(told(even(&[], 8000)), [], "{off}");
        assert_eq!(told(even(&[400, 200, 400, 2000], 9000)), [], "{off}");
    }
    let shape: Shape = |s| by(25.0, 0.9, s);
    for times in [&[750, 750][..], &[250, 250]] {
        let sent = Sent { hz: &[400.0], times, ms: 6000, shape, ..QUIET };
        let said = listen(&india(), &sent.samples(32));
        let ends = |(_, tone): &(u32, CallTone)| *tone != CallTone::Dial;
        assert!(!said.iter().any(ends), "{times:?}: {said:?}");
    }
}

#[test]
fn what_a_tone_may_be_modulated_by_is_one_frequency_of_13_to_60_hz() {
    let of = |hz, by| pattern(CallTone::Dial, hz, by, &[]);
    let mut plan = Plan::new();
    for (hz, by) in [([400.0, 0.0], 12.0), ([400.0, 0.0], 61.0), ([400.0, 500.0], 25.0)] {
        assert_eq!(plan.add(of(hz, by)), Err(Refused::Modulated));
    }
    assert_eq!(plan.add(of([400.0, 0.0], 25.0)), Ok(()));
    assert_eq!(plan.add(of([450.0, 0.0], 25.0)), Ok(()));
    assert_eq!(plan.add(of([400.0, 0.0], 24.0)), Err(Refused::Modulated));
}
