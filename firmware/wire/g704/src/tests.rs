//! A line from framer to deframer, with every kind of damage between them.

extern crate std;

use proptest::prelude::*;
use std::vec::Vec;

use crate::{Deframer, Delay, FRAME, Framer, Slip, SlipBuffer};

type Frame = [u8; FRAME];

/// A pseudo-random sequence without state of its own.
fn noise(seed: u64, index: u64) -> u8 {
    let mut x = seed.wrapping_add(index.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (x ^ (x >> 31)).to_be_bytes()[0]
}

fn payload(seed: u64, number: u64) -> Frame {
    let mut frame = [0; FRAME];
    for (index, octet) in frame.iter_mut().enumerate().skip(1) {
        *octet = noise(seed, number * 32 + index as u64);
    }
    frame
}

/// Frames `from..to` of the payload `seed`, framed.
fn line(framer: &mut Framer, seed: u64, range: core::ops::Range<u64>) -> Vec<u8> {
    range
        .flat_map(|number| {
            let mut frame = payload(seed, number);
            framer.frame(&mut frame);
            frame
        })
        .collect()
}

fn receive(deframer: &mut Deframer, octets: &[u8]) -> Vec<Frame> {
    let mut frames = Vec::new();
    deframer.push(octets, |frame| frames.push(*frame));
    frames
}

fn delay(bits: u8, octets: &[u8]) -> Vec<u8> {
    let mut delay = Delay::new(bits);
    octets.iter().map(|octet| delay.push(*octet)).collect()
}

/// A line in service, and the number of its next frame: the first of a multiframe.
fn in_service(crc4: bool, bits: u8) -> (Framer, Delay, Deframer, u64) {
    let (mut framer, mut shift, mut deframer) =
        (Framer::new(crc4), Delay::new(bits), Deframer::new(crc4));
    for octet in line(&mut framer, 7, 0..160) {
        receive(&mut deframer, &[shift.push(octet)]);
    }
    assert_eq!(deframer.alarms(), crate::Alarms::default());
    (framer, shift, deframer, 160)
}

#[test]
fn slot_0_is_what_table_5b_says() {
    let mut framer = Framer::new(true);
    let sent = line(&mut framer, 1, 0..32);
    let first: Vec<u8> = sent.iter().step_by(FRAME).copied().collect();
    for (number, octet) in first.iter().enumerate() {
        if number % 2 == 0 {
            assert_eq!(octet & 0x7F, 0x1B, "frame {number}");
        } else {
            assert_eq!(octet & 0x7F, 0x5F, "frame {number}");
        }
    }
    let odd: Vec<u8> = first.iter().skip(1).step_by(2).map(|octet| octet >> 7).collect();
    assert_eq!(odd[..8], [0, 0, 1, 0, 1, 1, 1, 1]);
    assert_eq!(odd[8..], [0, 0, 1, 0, 1, 1, 1, 1]);
}

/// The CRC by long division, as G.704 2.3.3.5 words it.
#[test]
fn the_crc_agrees_with_long_division() {
    let mut framer = Framer::new(true);
    let sent = line(&mut framer, 99, 0..16);
    let mut block: Vec<u8> = sent[..8 * FRAME].to_vec();
    block.iter_mut().step_by(2 * FRAME).for_each(|octet| *octet &= 0x7F);
    let mut bits: Vec<u8> =
        block.iter().flat_map(|octet| (0..8).rev().map(move |p| (octet >> p) & 1)).collect();
    let length = bits.len();
    bits.extend([0; 4]);
    for index in 0..length {
        if bits[index] == 1 {
            for (place, bit) in [1, 0, 0, 1, 1].into_iter().enumerate() {
                bits[index + place] ^= bit;
            }
        }
    }
    let said: Vec<u8> = [8, 10, 12, 14].iter().map(|n| sent[n * FRAME] >> 7).collect();
    assert_eq!(said, bits[length..]);
}

#[test]
fn three_bad_alignment_signals_lose_alignment_and_two_do_not() {
    for (bad, lost) in [(2, 0), (3, 1)] {
        let (mut framer, mut shift, mut deframer, next) = in_service(false, 3);
        let mut octets = line(&mut framer, 7, next..next + 64);
        for signal in 0..bad {
            octets[signal * 2 * FRAME] ^= 0x10;
        }
        for octet in octets {
            receive(&mut deframer, &[shift.push(octet)]);
        }
        assert_eq!(deframer.counters().losses_of_frame, lost);
        assert_eq!(deframer.counters().fas_errors, bad as u64);
        assert!(deframer.in_service(), "found again");
    }
}

#[test]
fn three_odd_frames_that_look_even_lose_alignment() {
    let (mut framer, _, mut deframer, next) = in_service(false, 0);
    let mut octets = line(&mut framer, 7, next..next + 16);
    for signal in 0..3 {
        octets[(signal * 2 + 1) * FRAME] &= !0x40;
    }
    receive(&mut deframer, &octets);
    assert_eq!(deframer.counters().losses_of_frame, 1);
}

#[test]
fn a_payload_that_imitates_the_alignment_signal_is_seen_through() {
    let (mut framer, mut deframer) = (Framer::new(true), Deframer::new(true));
    let mut sent = 0;
    let mut got = Vec::new();
    for number in 0..3200u32 {
        // Slots 3 and 9 carry a perfect copy of slot 0, multiframe excepted.
        let mut frame = [0xD5; FRAME];
        frame[3] = if number % 2 == 0 { 0x1B } else { 0x5F };
        frame[9] = frame[3] | 0x80;
        framer.frame(&mut frame);
        // The line begins in the middle of a frame, just before the imitation.
        let octets = if number == 0 { &frame[2..] } else { &frame[..] };
        got.extend(receive(&mut deframer, octets));
        sent += 1;
    }
    assert_eq!(deframer.alarms(), crate::Alarms::default());
    assert!(got.len() > sent - 300, "{} of {sent}", got.len());
    assert!(got.iter().all(|frame| frame[3] & 0x1B == 0x1B && frame[1] == 0xD5));
    assert_eq!(deframer.counters().crc_errors, 0);
}

#[test]
fn a_far_side_without_crc_is_taken_after_400_ms_and_lomf_is_told() {
    let (mut framer, mut deframer) = (Framer::new(false), Deframer::new(true));
    assert!(receive(&mut deframer, &line(&mut framer, 1, 0..3000)).is_empty());
    assert!(deframer.alarms().lof);
    let frames = receive(&mut deframer, &line(&mut framer, 1, 3000..4000));
    assert!(!frames.is_empty());
    let alarms = deframer.alarms();
    assert!(alarms.lomf && !alarms.lof && !alarms.down());
    // It turns CRC-4 on: lomf goes and not one frame is lost.
    let mut framer = Framer::new(true);
    let frames = receive(&mut deframer, &line(&mut framer, 1, 4000..4160));
    assert_eq!(frames.len(), 160);
    assert_eq!(deframer.alarms(), crate::Alarms::default());
}

#[test]
fn no_pulse_for_255_bits_is_loss_of_signal_and_a_signal_ends_it() {
    let (mut framer, _, mut deframer, next) = in_service(true, 0);
    deframer.push_no_signal(30, |_| {});
    assert!(!deframer.alarms().los);
    deframer.push_no_signal(300, |_| {});
    let alarms = deframer.alarms();
    assert!(alarms.los && !alarms.lof && !alarms.ais && !deframer.in_service());
    receive(&mut deframer, &line(&mut framer, 7, next..next + 64));
    assert_eq!(deframer.alarms(), crate::Alarms::default());
}

#[test]
fn all_ones_are_ais_and_two_zeros_in_512_bits_do_not_hide_it() {
    let (mut framer, _, mut deframer, next) = in_service(true, 0);
    framer.set_ais(true);
    let mut octets = line(&mut framer, 7, next..next + 64);
    octets.iter_mut().step_by(64).for_each(|octet| *octet = 0b1110_1011);
    receive(&mut deframer, &octets);
    let alarms = deframer.alarms();
    assert!(alarms.ais && !alarms.los && !alarms.lof);
    framer.set_ais(false);
    let frames = receive(&mut deframer, &line(&mut framer, 7, next + 64..next + 128));
    assert_eq!(deframer.alarms(), crate::Alarms::default());
    assert!(frames.len() > 20);
}

#[test]
fn the_remote_alarm_is_believed_after_four_odd_frames() {
    let (mut framer, _, mut deframer, next) = in_service(true, 0);
    framer.set_rai(true);
    receive(&mut deframer, &line(&mut framer, 7, next..next + 6));
    assert!(!deframer.alarms().rai);
    receive(&mut deframer, &line(&mut framer, 7, next + 6..next + 8));
    assert!(deframer.alarms().rai && !deframer.alarms().down());
    framer.set_rai(false);
    receive(&mut deframer, &line(&mut framer, 7, next + 8..next + 16));
    assert!(!deframer.alarms().rai);
}

#[test]
fn as_many_e_bits_come_as_errors_were_reported() {
    let (mut framer, _, mut deframer, next) = in_service(true, 0);
    framer.report_crc_errors(3);
    receive(&mut deframer, &line(&mut framer, 7, next..next + 160));
    assert_eq!(deframer.counters().far_crc_errors, 3);
    assert_eq!(deframer.counters().crc_errors, 0);
}

#[test]
fn a_line_of_wrong_crcs_is_a_false_alignment() {
    let (mut framer, _, mut deframer, next) = in_service(true, 0);
    let mut octets = line(&mut framer, 7, next..next + 7600);
    octets.iter_mut().skip(5).step_by(8 * FRAME).for_each(|octet| *octet ^= 1);
    receive(&mut deframer, &octets);
    assert_eq!(deframer.counters().losses_of_frame, 1);
    assert!(deframer.counters().crc_errors >= 915);
}

#[test]
fn a_faster_line_drops_frames_and_a_slower_one_repeats_them_one_at_a_time() {
    for (written, slip) in [(17, Slip::Dropped), (15, Slip::Repeated)] {
        let mut store = SlipBuffer::<34>::new([0xD5; FRAME], 18);
        let (mut number, mut slips) = (0, Vec::new());
        let mut read = Vec::new();
        for block in 0..40 {
            let count = if block % 4 == 3 { written } else { 16 };
            for _ in 0..count {
                slips.extend(store.write(&payload(3, number)));
                number += 1;
            }
            for _ in 0..16 {
                let (frame, slipped) = store.read();
                slips.extend(slipped);
                read.push(*frame);
            }
        }
        // Ten frames too many or too few; the first one or two found room in the store.
        assert!((8..=9).contains(&slips.len()), "{slips:?}");
        assert!(slips.iter().all(|now| *now == slip));
        assert_eq!(store.slips(), slips.len() as u64);
        let jumps = read.windows(2).skip(1).filter(|pair| pair[0] == pair[1]).count();
        assert_eq!(jumps, if slip == Slip::Repeated { slips.len() } else { 0 });
    }
}

proptest! {
    #[test]
    fn any_payload_comes_through_from_any_bit_phase(
        seed: u64, bits in 0u8..8, skip in 0usize..64, crc4: bool, junk in 0usize..40,
    ) {
        let (mut framer, mut deframer) = (Framer::new(crc4), Deframer::new(crc4));
        let octets = line(&mut framer, seed, 0..480);
        let mut stream: Vec<u8> = (0..junk).map(|i| noise(!seed, i as u64)).collect();
        stream.extend(delay(bits, &octets[skip..]));
        let frames = receive(&mut deframer, &stream);
        prop_assert!(frames.len() > 150, "{} frames", frames.len());
        // The delay holds the last bits back: the last frame seen is the last or next to last.
        let last = frames.len() as u64;
        let shift = if bits == 0 && frames[frames.len() - 1][1..] == payload(seed, 479)[1..] {
            480 - last
        } else {
            479 - last
        };
        // Without CRC-4 chance may align to an imitation first (1 payload in some hundreds).
        let sure = if crc4 { 0 } else { frames.len() - 100 };
        for (index, frame) in frames.iter().enumerate().skip(sure) {
            prop_assert_eq!(&frame[1..], &payload(seed, shift + index as u64)[1..]);
        }
        if crc4 {
            prop_assert_eq!(deframer.counters(), crate::Counters::default());
        }
        prop_assert_eq!(deframer.alarms(), crate::Alarms::default());
    }

    #[test]
    fn one_flipped_bit_is_one_crc_error_and_alignment_stays(
        bit in 0usize..16 * 256, phase in 0u8..8,
    ) {
        let (mut framer, mut shift, mut deframer, next) = in_service(true, phase);
        let mut octets = line(&mut framer, 7, next..next + 64);
        // The third multiframe behind the search.
        octets[16 * FRAME + bit / 8] ^= 0x80 >> (bit % 8);
        let octets: Vec<u8> = octets.into_iter().map(|octet| shift.push(octet)).collect();
        prop_assert_eq!(receive(&mut deframer, &octets).len(), 64);
        let counters = deframer.counters();
        prop_assert_eq!(counters.crc_errors, 1);
        prop_assert_eq!(counters.losses_of_frame, 0);
    }

    #[test]
    fn random_bits_are_survived_and_never_aligned_for_long(seed: u64, crc4: bool) {
        let mut deframer = Deframer::new(crc4);
        let (mut run, mut longest) = (0, 0);
        for index in 0..20_000 {
            receive(&mut deframer, &[noise(seed, index)]);
            run = if deframer.in_service() { run + 1 } else { 0 };
            longest = longest.max(run);
        }
        // Three wrong signals come soon: four chances in 128 are rare enough for 50 frames.
        prop_assert!(longest < 50 * FRAME, "{longest} octets");
    }

    #[test]
    fn any_octets_at_all_are_survived(
        octets in prop::collection::vec(any::<u8>(), 0..3000), crc4: bool,
    ) {
        let mut deframer = Deframer::new(crc4);
        receive(&mut deframer, &octets);
        deframer.push_no_signal(octets.len(), |_| {});
        receive(&mut deframer, &octets);
    }
}
