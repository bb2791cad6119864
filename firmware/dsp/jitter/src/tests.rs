//! Packets of a sine in any order, at any time.

use super::*;
use proptest::prelude::*;
extern crate std;
use std::vec::Vec;

#[expect(clippy::cast_possible_truncation, reason = "a sine")]
fn sine(place: u32) -> i16 {
    let turns = (f64::from(place) / 80.0) % 1.0;
    libm::rint(8000.0 * libm::sin(turns * core::f64::consts::TAU)) as i16
}

/// 20 ms of the sine, from a timestamp near the one at which it wraps.
fn packet(buffer: &mut Buffer, now: Instant, number: u32) {
    let samples: Vec<i16> = (0..160).map(|n| sine(number * 160 + n)).collect();
    let sequence = u16::try_from(number % 65_536).unwrap_or(0).wrapping_add(65_500);
    let timestamp = (number * 160).wrapping_add(u32::MAX - 20_000);
    buffer.put(now, Packet { sequence, timestamp, samples: &samples });
}

/// Runs `ms` milliseconds; packets as they come: when, in microseconds, and which.
fn run(ms: u64, mut coming: Vec<(u64, u32)>) -> (Buffer, Vec<i16>) {
    coming.sort_unstable();
    let (mut buffer, mut heard, mut next) = (Buffer::new(), Vec::new(), 0);
    for now in (0..ms * 1000).step_by(2000) {
        while let Some((at, number)) = coming.get(next).filter(|(at, _)| *at <= now) {
            packet(&mut buffer, Instant(*at), *number);
            next += 1;
        }
        let mut block = [0; BLOCK_SAMPLES];
        buffer.get(Instant(now), &mut block);
        heard.extend(block);
        assert!(buffer.delay_us(Instant(now)) <= DELAY_MAX_US + 2000);
    }
    (buffer, heard)
}

fn even(count: u32) -> Vec<(u64, u32)> {
    (0..count).map(|n| (10_000 + u64::from(n) * 20_000, n)).collect()
}

fn steepest(sound: &[i16]) -> i32 {
    sound.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap_or(0)
}

#[test]
fn packets_at_even_times_are_heard_whole_over_every_wrap_and_soon_with_little_delay() {
    let (buffer, heard) = run(20_000, even(1000));
    let counters = buffer.counters();
    assert_eq!((counters.concealed, counters.late, counters.doubled), (0, 0, 0), "{counters:?}");
    assert!(buffer.delay_us(Instant(19_998_000)) <= 14_000, "{buffer:?}");
    assert!(steepest(&heard[400..]) < 900, "{}", steepest(&heard[400..]));
}

#[test]
fn what_is_doubled_or_behind_a_later_one_is_heard_once_and_counted() {
    let mut coming = even(200);
    coming.extend((0..200).step_by(7).map(|n| (11_000 + u64::from(n) * 20_000, n)));
    coming.swap_remove(50);
    coming.push((10_000 + 50 * 20_000 + 21_000, 50));
    let (buffer, _) = run(4000, coming);
    let counters = buffer.counters();
    assert_eq!((counters.doubled, counters.reordered), (29, 1), "{counters:?}");
}

#[test]
fn one_lost_packet_is_concealed_once_and_makes_no_delay() {
    let mut coming = even(300);
    coming.remove(200);
    let (buffer, heard) = run(6000, coming);
    assert_eq!(buffer.counters().concealed, 160, "{:?}", buffer.counters());
    assert!(buffer.delay_us(Instant(5_998_000)) <= 24_000);
    assert!(steepest(&heard[400..]) < 1200);
}

#[test]
fn a_network_that_stands_still_for_100_ms_costs_delay_and_no_sound_and_the_delay_goes_again() {
    let mut coming = even(1000);
    for (at, number) in &mut coming {
        *at += if (300..305).contains(number) { u64::from(305 - *number) * 20_000 } else { 0 };
    }
    let (buffer, _) = run(20_000, coming);
    let counters = buffer.counters();
    assert_eq!(counters.late, 0, "{counters:?}");
    assert!((400..=1000).contains(&counters.concealed), "{counters:?}");
    assert!(buffer.delay_us(Instant(19_998_000)) <= 24_000);
}

#[test]
fn a_sender_that_begins_anew_elsewhere_is_heard_from_its_second_packet_on() {
    let mut coming = even(100);
    coming.extend((0..100).map(|n| (2_010_000 + u64::from(n) * 20_000, 5_000_000 + n)));
    let (buffer, heard) = run(4000, coming);
    assert_eq!(buffer.counters().strange, 1);
    assert!(steepest(&heard[20_000..]) > 500, "the sine is heard");
}

proptest! {
    #[test]
    fn any_order_loss_and_jitter_leaves_the_sound_without_jumps_and_the_delay_bounded(
        fates in prop::collection::vec((0..10_u8, 0..120_000_u64), 100..250)
    ) {
        let mut coming = Vec::new();
        for ((fate, jitter), n) in fates.iter().zip(0..) {
            let at = 10_000 + u64::from(n) * 20_000 + jitter;
            match fate {
                0 => {}
                1 => coming.extend([(at, n), (at + jitter, n)]),
                _ => coming.push((at, n)),
            }
        }
        let (buffer, heard) = run(fates.len() as u64 * 20 + 300, coming);
        // A crossfade of 20 samples from one end of the sine to the other.
        prop_assert!(steepest(&heard) < 2400, "{} {:?}", steepest(&heard), buffer.counters());
    }

    #[test]
    fn any_numbers_timestamps_lengths_and_times_are_taken(
        all in prop::collection::vec(
            (any::<u16>(), any::<u32>(), 0..400_usize, any::<u64>(), 0..30_usize), 0..60)
    ) {
        let mut buffer = Buffer::new();
        for (sequence, timestamp, count, now, gets) in all {
            let samples = [1000; 400];
            let now = Instant(now);
            buffer.put(now, Packet { sequence, timestamp, samples: &samples[..count] });
            for _ in 0..gets {
                let mut block = [i16::MAX; BLOCK_SAMPLES];
                buffer.get(now, &mut block);
                prop_assert!(block.iter().all(|sample| (-1..=1001).contains(sample)));
            }
        }
    }
}
