//! Sums, and what is too much of them.

extern crate std;

use core::f64::consts::TAU;

use limits::ROOM_PARTIES;

use super::{Block, Mix};

/// A sine at so many samples, `amplitude` up to 32767.
fn sine(hz: f64, amplitude: f64, at: usize) -> i16 {
    let phase = TAU * hz * f64::from(u32::try_from(at).expect("short")) / 8000.0;
    #[expect(clippy::cast_possible_truncation, reason = "16 bits")]
    let sample = (amplitude * libm::sin(phase)) as i16;
    sample
}

fn block(at: usize, make: impl Fn(usize) -> i16) -> Block {
    core::array::from_fn(|i| make(16 * at + i))
}

fn room(parties: usize) -> Mix {
    let mut mix = Mix::new();
    for _ in 0..parties {
        assert!(mix.join());
    }
    mix
}

fn heard(mix: &mut Mix, party: usize) -> Block {
    let mut block = [1; 16];
    mix.hear(party, &mut block);
    block
}

#[test]
fn each_party_hears_the_sum_of_all_others_to_the_last_bit_and_not_itself() {
    let mut mix = room(ROOM_PARTIES);
    assert!(!mix.join());
    let of = |party: usize, at: usize| block(at, |n| sine(200.0 + 40.0 * party as f64, 500.0, n));
    for at in 0..50 {
        mix.begin(None);
        for party in 0..ROOM_PARTIES {
            mix.say(party, &of(party, at));
        }
        for listener in 0..ROOM_PARTIES {
            let others = (0..ROOM_PARTIES).filter(|party| *party != listener);
            let mut sum = [0i32; 16];
            for party in others {
                for (sum, sample) in sum.iter_mut().zip(of(party, at)) {
                    *sum += i32::from(sample);
                }
            }
            assert_eq!(heard(&mut mix, listener).map(i32::from), sum, "{listener} at {at}");
        }
    }
}

#[test]
fn one_who_speaks_is_heard_as_it_came_at_any_level_and_idle_lines_add_nothing() {
    let mut mix = room(3);
    for amplitude in [20.0, 1000.0, 32767.0] {
        for at in 0..20 {
            let speech = block(at, |n| sine(440.0, amplitude, n));
            mix.begin(None);
            mix.say(0, &speech);
            // What A-law and µ-law carry when nobody speaks.
            mix.say(1, &[8; 16]);
            mix.say(2, &[0; 16]);
            assert_eq!(heard(&mut mix, 0), [0; 16]);
            assert_eq!(heard(&mut mix, 1), speech);
            assert_eq!(heard(&mut mix, 2), speech);
        }
    }
}

/// How far what is heard lies from the sum times one gain, in dB below that.
fn distortion_db(sums: &[f64], heard: &[f64]) -> f64 {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let gain = dot(sums, heard) / dot(sums, sums);
    let wrong: f64 = sums.iter().zip(heard).map(|(sum, heard)| (heard - gain * sum).powi(2)).sum();
    10.0 * libm::log10(gain * gain * dot(sums, sums) / wrong)
}

#[test]
fn a_room_in_which_all_shout_is_less_loud_and_hardly_distorted() {
    let mut mix = room(9);
    let of = |party: usize, at| block(at, |n| sine(300.0 + 110.0 * party as f64, 20_000.0, n));
    let (mut sums, mut out, mut cut) = (std::vec![], std::vec![], std::vec![]);
    for at in 0..1000 {
        mix.begin(None);
        for party in 0..9 {
            mix.say(party, &of(party, at));
        }
        let block = heard(&mut mix, 8);
        for (i, sample) in block.into_iter().enumerate() {
            let sum: i32 = (0..8).map(|party| i32::from(of(party, at)[i])).sum();
            assert!(i32::from(sample) * sum.signum() >= 0, "{sample} of {sum} has wrapped");
            sums.push(f64::from(sum));
            cut.push(f64::from(sum.clamp(-32767, 32767)));
            out.push(f64::from(sample));
        }
    }
    // The first peaks are what the gain falls by.
    let steady = 16 * 250..;
    let limited = distortion_db(&sums[steady.clone()], &out[steady.clone()]);
    let clipped = distortion_db(&sums[steady.clone()], &cut[steady.clone()]);
    std::println!("limited {limited:.1} dB, clipped {clipped:.1} dB");
    assert!(limited > 25.0 && limited > clipped + 8.0, "{limited} against {clipped}");
    let loudest = out[steady].iter().fold(0.0, |most: f64, sample| most.max(sample.abs()));
    assert!(loudest > 28_000.0, "{loudest}: softer than need be");
}

#[test]
fn after_a_shout_the_gain_rises_slowly_to_what_it_was() {
    let mut mix = room(3);
    let mut say = |loud: i16| {
        mix.begin(None);
        mix.say(0, &[loud; 16]);
        mix.say(1, &[loud; 16]);
        heard(&mut mix, 2)[15]
    };
    assert!(say(32_000) >= i16::MAX - 1);
    // Half of what it was, 6 dB: 0.3 s at 20 dB in a second.
    let levels: std::vec::Vec<i16> = (0..200).map(|_| say(1000)).collect();
    assert!((1000..1100).contains(&levels[0]), "{}", levels[0]);
    assert!(levels.is_sorted());
    let back = levels.iter().position(|level| *level == 2000).expect("it comes back");
    assert!((130..160).contains(&back), "after {back} blocks of 2 ms");
}

#[test]
fn a_party_is_heard_louder_softer_or_not_at_all_as_it_is_set() {
    let mut mix = room(2);
    let mut at = |db| {
        mix.gain(0, db);
        mix.begin(None);
        mix.say(0, &[1000; 16]);
        heard(&mut mix, 1)[0]
    };
    let levels = [Some(0), Some(-20), Some(-6), Some(12), Some(100), Some(-100), None, Some(0)];
    assert_eq!(levels.map(&mut at), [1000, 100, 501, 3981, 3981, 100, 0, 1000]);
}

#[test]
fn one_who_left_is_not_heard_and_the_last_one_takes_its_number() {
    let mut mix = room(3);
    mix.gain(2, Some(-20));
    mix.leave(0);
    mix.leave(7);
    assert_eq!(mix.count(), 2);
    mix.begin(None);
    mix.say(0, &[1000; 16]);
    mix.say(1, &[500; 16]);
    mix.say(2, &[9999; 16]);
    assert_eq!((heard(&mut mix, 0), heard(&mut mix, 1)), ([500; 16], [100; 16]));
    assert_eq!(heard(&mut mix, 2), [0; 16]);
    // Whoever comes next is new.
    assert!(mix.join());
    mix.begin(Some(&[3; 16]));
    for (party, sample) in [(0, 0), (1, 8), (2, 40)] {
        mix.say(party, &[sample; 16]);
    }
    assert_eq!((heard(&mut mix, 0), heard(&mut mix, 2)), ([43; 16], [3; 16]));
}
