//! Round trips, damage, and everything that a line may send.

extern crate std;

use proptest::prelude::*;
use std::vec::Vec;

use crate::{Decoder, Encoder, Fcs, Received, Refused};

const MAX: usize = 264;

#[derive(Debug, PartialEq, Eq, Clone)]
enum Got {
    Good(Vec<u8>),
    Bad(&'static str),
}

fn decode(octets: &[u8]) -> Vec<Got> {
    let mut decoder = Decoder::<MAX>::new();
    octets.iter().filter_map(|octet| decoder.push(*octet).map(own)).collect()
}

fn own(received: Received<'_>) -> Got {
    match received {
        Received::Good(frame) => Got::Good(frame.to_vec()),
        Received::Fcs => Got::Bad("fcs"),
        Received::Abort => Got::Bad("abort"),
        Received::TooLong => Got::Bad("long"),
        Received::TooShort => Got::Bad("short"),
        Received::NotAligned => Got::Bad("bits"),
    }
}

/// Frames back to back: each is given as soon as the encoder is ready.
fn encode(frames: &[Vec<u8>]) -> Vec<u8> {
    let mut encoder = Encoder::<MAX>::new();
    let mut octets = std::vec![];
    let mut waiting = frames.iter();
    let mut next = waiting.next();
    while next.is_some() || !encoder.idle() {
        if let Some(frame) = next.filter(|_| encoder.ready()) {
            encoder.send(frame).expect("ready");
            next = waiting.next();
        }
        octets.push(encoder.pull());
    }
    octets.extend([encoder.pull(), encoder.pull()]);
    octets
}

fn bits(octets: &[u8]) -> Vec<u8> {
    octets.iter().flat_map(|octet| (0..8).rev().map(move |place| (octet >> place) & 1)).collect()
}

fn octets(bits: &[u8]) -> Vec<u8> {
    bits.chunks(8)
        .map(|chunk| chunk.iter().enumerate().fold(0, |octet, (i, bit)| octet | (bit << (7 - i))))
        .collect()
}

/// A second, simple encoder of octets that may be damaged: flag, stuffed octets, flag.
fn stuff(content: &[u8]) -> Vec<u8> {
    let flag = [0, 1, 1, 1, 1, 1, 1, 0];
    let mut line = flag.to_vec();
    let mut ones = 0;
    for bit in content.iter().flat_map(|octet| (0..8).map(move |place| (octet >> place) & 1)) {
        line.push(bit);
        ones = if bit == 1 { ones + 1 } else { 0 };
        if ones == 5 {
            line.push(0);
            ones = 0;
        }
    }
    line.extend(flag);
    line.extend(flag);
    line.extend(flag);
    octets(&line)
}

fn with_fcs(frame: &[u8]) -> Vec<u8> {
    let mut fcs = Fcs::new();
    frame.iter().for_each(|octet| fcs.push(*octet));
    let mut content = frame.to_vec();
    content.extend(fcs.octets());
    content
}

fn frame() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 3..=MAX),
        prop::collection::vec(Just(0xFFu8), 3..20),
        prop::collection::vec(prop_oneof![Just(0x7Eu8), Just(0xF8), Just(0x1F)], 3..20),
    ]
}

#[test]
fn the_check_value_of_x25_is_that_of_its_recommendation() {
    let mut fcs = Fcs::new();
    b"123456789".iter().for_each(|octet| fcs.push(*octet));
    assert_eq!(fcs.octets(), 0x906E_u16.to_le_bytes());
}

#[test]
fn an_idle_line_is_flags_and_says_nothing() {
    let mut encoder = Encoder::<MAX>::new();
    let idle: Vec<u8> = (0..100).map(|_| encoder.pull()).collect();
    assert!(idle.iter().all(|octet| *octet == 0x7E));
    assert!(decode(&idle).is_empty());
    assert!(decode(&[0xFF; 100]).is_empty());
}

#[test]
fn a_sabme_goes_out_as_the_recommendation_draws_it() {
    // Address 00 01, SABME with P = 1: 0x7F; bit 1 of each octet first.
    let line = encode(&[std::vec![0x00, 0x01, 0x7F]]);
    let sent = bits(&line);
    let want = "01111110 00000000 10000000 111110110".replace(' ', "");
    let text: std::string::String = sent.iter().map(|bit| char::from(b'0' + bit)).collect();
    assert!(text.contains(&want), "{text}");
}

#[test]
fn frames_back_to_back_share_one_flag() {
    let frames = std::vec![std::vec![0x02, 0x01, 0x7F]; 10];
    let line = bits(&encode(&frames));
    let first = line.windows(8).position(|w| w == [0, 1, 1, 1, 1, 1, 1, 0]).expect("flag");
    let stuffed = bits(&stuff(&with_fcs(&frames[0]))).len() - 24;
    // Ten frames, each with its first flag, then the end.
    assert!(line.len() <= first + 10 * stuffed + 4 * 8, "{} bits", line.len());
}

#[test]
fn a_frame_too_short_too_long_or_ragged_is_named() {
    assert_eq!(decode(&stuff(&[1, 2, 3, 4])), [Got::Bad("short")]);
    assert_eq!(decode(&stuff(&with_fcs(&[7; MAX + 1]))), [Got::Bad("long")]);
    assert_eq!(decode(&stuff(&with_fcs(&[7; MAX]))), [Got::Good(std::vec![7; MAX])]);
    let mut line = bits(&stuff(&with_fcs(&[9; 5])));
    line.insert(8 + 3, 0);
    assert_eq!(decode(&octets(&line)), [Got::Bad("bits")]);
}

#[test]
fn a_sender_that_gives_up_is_heard_and_the_next_frame_arrives() {
    let mut encoder = Encoder::<MAX>::new();
    encoder.send(&[5; 50]).expect("ready");
    let mut line: Vec<u8> = (0..20).map(|_| encoder.pull()).collect();
    encoder.abort();
    encoder.send(&[6; 5]).expect("free again");
    line.extend((0..20).map(|_| encoder.pull()));
    assert_eq!(decode(&line), [Got::Bad("abort"), Got::Good(std::vec![6; 5])]);
}

#[test]
fn a_busy_encoder_and_a_frame_of_a_wrong_length_are_refused() {
    let mut encoder = Encoder::<8>::new();
    assert_eq!(encoder.send(&[0; 9]), Err(Refused::Length));
    assert_eq!(encoder.send(&[]), Err(Refused::Length));
    assert_eq!(encoder.send(&[0; 8]), Ok(()));
    assert_eq!(encoder.send(&[0; 8]), Err(Refused::Busy));
}

#[test]
fn flags_that_share_a_zero_are_no_frames() {
    let shared = [0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0];
    assert!(decode(&octets(&shared)).is_empty());
}

proptest! {
    #[test]
    fn frames_arrive_as_they_were_sent_at_any_bit_phase(
        frames in prop::collection::vec(frame(), 1..6),
        phase in 0usize..8,
    ) {
        let mut line = std::vec![1u8; phase];
        line.extend(bits(&encode(&frames)));
        let want: Vec<Got> = frames.into_iter().map(Got::Good).collect();
        prop_assert_eq!(decode(&octets(&line)), want);
    }

    // The X.25 polynomial finds any three wrong bits of a frame shorter than 4096 octets. Said of
    // the bits before zero insertion: on the line a flipped bit can also make or break a flag or
    // a stuffed zero and so shift many bits at once, against which 16 bits of check are 1:65536.
    #[test]
    fn a_frame_with_one_to_three_flipped_bits_is_never_delivered(
        frame in frame(),
        flips in prop::collection::btree_set(0usize..(MAX + 2) * 8, 1..=3),
    ) {
        let mut content = with_fcs(&frame);
        let flips: std::collections::BTreeSet<usize> =
            flips.into_iter().map(|flip| flip % (content.len() * 8)).collect();
        for flip in &flips {
            content[flip / 8] ^= 1 << (flip % 8);
        }
        prop_assert_eq!(decode(&stuff(&content)), std::vec![Got::Bad("fcs")]);
    }

    #[test]
    fn any_octets_at_all_are_survived(line in prop::collection::vec(any::<u8>(), 0..2000)) {
        for got in decode(&line) {
            if let Got::Good(frame) = got {
                prop_assert!((3..=MAX).contains(&frame.len()));
            }
        }
    }

    #[test]
    fn after_any_noise_the_second_frame_arrives(
        noise in prop::collection::vec(any::<u8>(), 0..50),
        frame in frame(),
    ) {
        let mut line = noise;
        line.extend(encode(&[std::vec![0; 3], frame.clone()]));
        let got = decode(&line);
        prop_assert_eq!(got.last(), Some(&Got::Good(frame)));
    }
}
