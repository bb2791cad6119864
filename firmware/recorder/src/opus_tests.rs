//! Files in Ogg Opus: what is heard of them, and what a change is found by.

use units::Law;

use crate::file::Shape;
use crate::ogg;
use crate::proof::{Verdict, verify};
use crate::{Format, Recorder, Step, Terms};

const SHAPE: Shape = Shape { law: Law::A, begun_us: 1_800_000_000_000_003 };
const TERMS: Terms = Terms { format: Format::Opus, keys: crate::Keys::Keep };

/// Something like a voice, another one for each side: noise of few frequencies that comes and goes.
fn voice(seed: u32, count: usize) -> Vec<i16> {
    let (mut random, mut low, mut band) = (seed, 0.0_f64, 0.0_f64);
    (0..count)
        .map(|n| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let white = f64::from(random >> 16) / 32_768.0 - 1.0;
            low += 0.3 * (white - low);
            band += 0.1 * (low - band);
            let syllable = (n as f64 / 8000.0 * 4.0 * std::f64::consts::TAU).sin().max(0.0);
            #[expect(clippy::cast_possible_truncation, reason = "a sample")]
            let sample = ((low - band) * syllable * 20_000.0) as i16;
            sample
        })
        .collect()
}

fn octets(samples: &[i16]) -> [u8; 16] {
    let mut octets = [0; 16];
    g711::encode_block(Law::A, samples, &mut octets);
    octets
}

/// A file of so many blocks, and what was said on each side.
fn file(blocks: usize) -> (Vec<u8>, [Vec<i16>; 2]) {
    let said = [5, 77].map(|seed| voice(seed, blocks * 16));
    let (mut recorder, begin) = Recorder::begin(SHAPE, TERMS);
    let mut steps = vec![begin];
    for number in 0..blocks {
        let [left, right] = [0, 1].map(|side| octets(&said[side][number * 16..][..16]));
        steps.extend(recorder.push(number as u64, &left, &right));
    }
    steps.extend(recorder.end().0);
    let mut file = vec![];
    for step in steps {
        if let Step::Create(octets, _) | Step::Append(octets) = step {
            file.extend(octets);
        }
    }
    (file, said)
}

/// What a player makes of a file, by RFC 7845: both sides at 8 kHz.
fn played(file: &[u8]) -> [Vec<i16>; 2] {
    let mut decoder = ::opus::Decoder::new(8000, ::opus::Channels::Stereo).expect("a decoder");
    let (mut rest, mut sides, mut skip, mut end) = (file, [vec![], vec![]], 0, 0);
    while let Some((place, body, page)) = ogg::first(rest) {
        let segments = &page[27..page.len() - body.len()];
        rest = &rest[page.len()..];
        if let Some(head) = body.strip_prefix(b"OpusHead") {
            skip = usize::from(u16::from_le_bytes([head[2], head[3]]));
        }
        if place.serial & 1 == 1 || place.sequence < 2 {
            continue;
        }
        let (mut at, mut length) = (0, 0);
        for segment in segments {
            length += usize::from(*segment);
            if *segment < 255 {
                let mut room = [0; 2 * 960];
                let count = decoder.decode(&body[at..at + length], &mut room, false);
                for (n, sample) in room[..2 * count.expect("a packet")].iter().enumerate() {
                    sides[n % 2].push(*sample);
                }
                (at, length) = (at + length, 0);
            }
        }
        end = usize::try_from(place.granule).expect("short");
    }
    sides.map(|side| side[skip / 6..end / 6].to_vec())
}

/// By how many samples `heard` is behind `said`, and how alike they are there.
fn behind(said: &[i16], heard: &[i16]) -> (isize, f64) {
    let dot = |lag: isize| {
        let pairs = (100..said.len() - 100).map(|n| (said[n], heard[n.saturating_add_signed(lag)]));
        let (mut both, mut one, mut other) = (0.0, 1.0, 1.0);
        for (a, b) in pairs.map(|(a, b)| (f64::from(a), f64::from(b))) {
            (both, one, other) = (both + a * b, one + a * a, other + b * b);
        }
        both / (one * other).sqrt()
    };
    let all = (-80..=80).map(|lag| (lag, dot(lag)));
    all.max_by(|a, b| a.1.total_cmp(&b.1)).expect("many")
}

#[test]
fn both_sides_of_an_opus_file_are_as_long_as_the_call_and_aligned_to_the_sample() {
    // One that ends with its second, and one that does not.
    for blocks in [1500, 1730] {
        let (file, said) = file(blocks);
        let Ok(Verdict::Whole(proof)) = verify(&file) else { panic!("{:?}", verify(&file)) };
        assert_eq!(proof.seconds, blocks.div_ceil(500));
        let heard = played(&file);
        for (said, heard) in said.iter().zip(&heard) {
            assert_eq!(said.len(), heard.len());
            let (lag, alike) = behind(said, heard);
            assert!(lag == 0 && alike > 0.9, "{lag} samples, {alike}");
        }
        let (_, alike) = behind(&said[0], &heard[1]);
        assert!(alike < 0.2, "one side is heard on the other: {alike}");
        assert!(file.len() < blocks * 32 / 3, "{} octets", file.len());
    }
}

/// Where each second of sound begins in a file, and the end of the last with its hash.
fn seconds(file: &[u8]) -> Vec<usize> {
    let (mut at, mut found) = (0, vec![]);
    while let Some((place, body, page)) = ogg::first(&file[at..]) {
        if place.serial & 1 == 0 && place.sequence >= 2 || body.starts_with(b"rmpf") {
            found.push(at);
        }
        at += page.len();
    }
    found
}

#[test]
fn every_changed_octet_of_an_opus_file_is_found_with_its_second() {
    let (file, _) = file(1250);
    let starts = seconds(&file);
    assert_eq!(starts.len(), 4);
    for at in (0..file.len()).step_by(13) {
        let mut changed = file.clone();
        changed[at] ^= 4;
        let second = starts.iter().filter(|start| **start <= at).count();
        match verify(&changed) {
            Err(_) => assert_eq!(second, 0, "octet {at}"),
            Ok(verdict) => {
                assert_eq!(verdict, Verdict::Changed { second }, "octet {at}");
            }
        }
    }
}

#[test]
fn an_opus_file_that_is_shorter_longer_or_of_another_order_is_not_whole() {
    let (file, _) = file(1250);
    let starts = seconds(&file);
    for length in 0..file.len() {
        let verdict = verify(&file[..length]);
        assert!(!matches!(verdict, Ok(Verdict::Whole(_) | Verdict::Cut(_))), "{length}");
    }
    assert_eq!(verify(&file[..starts[1]]), Ok(Verdict::Open { second: 2 }));
    let longer = [&file[..], &file[starts[3]..]].concat();
    assert_eq!(verify(&longer), Ok(Verdict::Changed { second: 4 }));
    let swapped = [
        &file[..starts[0]],
        &file[starts[1]..starts[2]],
        &file[starts[0]..starts[1]],
        &file[starts[2]..],
    ];
    assert_eq!(verify(&swapped.concat()), Ok(Verdict::Changed { second: 1 }));
    let without = [&file[..starts[1]], &file[starts[2]..]].concat();
    assert_eq!(verify(&without), Ok(Verdict::Changed { second: 2 }));
}

proptest::proptest! {
    #[test]
    fn octets_of_any_kind_behind_good_heads_are_judged_and_mended(
        octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400),
    ) {
        let (_, begin) = Recorder::begin(SHAPE, TERMS);
        let Step::Create(heads, chain) = begin else { panic!("{begin:?}") };
        let found = [&heads[..], &octets].concat();
        let judged = verify(&found);
        proptest::prop_assert!(!matches!(judged, Ok(Verdict::Whole(_))), "{:?}", judged);
        for chain in [&chain[..], &octets[..]] {
            for found in [&found[..], &octets] {
                let _ = crate::mend(found, chain);
            }
        }
    }
}
