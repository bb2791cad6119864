//! Sines, pulses and any samples with holes in them.

use super::*;
use proptest::prelude::*;
extern crate std;
use std::vec::Vec;

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a sine")]
fn sine(hertz: f32, count: usize) -> Vec<i16> {
    (0..count)
        .map(|n| (8000.0 * (n as f32 * hertz * core::f32::consts::TAU / 8000.0).sin()) as i16)
        .collect()
}

/// What is heard, in pieces of this length; which pieces are lost is asked by their number.
fn heard(sound: &[i16], piece: usize, lost: impl Fn(usize) -> bool) -> Vec<i16> {
    let mut concealer = Concealer::new();
    let mut out = sound.to_vec();
    for (n, piece) in out.chunks_mut(piece).enumerate() {
        if lost(n) {
            piece.fill(i16::MIN);
            concealer.lost(piece);
        } else {
            concealer.arrived(piece);
        }
    }
    out
}

fn steepest(sound: &[i16]) -> i32 {
    sound.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max().unwrap_or(0)
}

#[test]
fn without_loss_everything_is_heard_as_it_came_and_3_75_ms_later() {
    let sound = sine(313.0, 1600);
    assert_eq!(DELAY, 30);
    assert_eq!(heard(&sound, 16, |_| false)[DELAY..], sound[..1600 - DELAY]);
}

#[test]
fn a_loss_of_10_ms_of_a_steady_voice_is_hardly_a_change() {
    for hertz in [80.0, 100.0, 160.0, 200.0, 320.0, 400.0] {
        let sound = sine(hertz, 1600);
        let out = heard(&sound, 80, |n| n == 10);
        let wrong = out[DELAY..].iter().zip(&sound).map(|(a, b)| (a - b).abs()).max();
        assert!(wrong < Some(160), "{hertz} Hz: {wrong:?} of 8000");
    }
}

#[test]
fn a_loss_told_in_blocks_of_2_ms_sounds_like_one_of_10_ms() {
    let sound = sine(171.0, 4000);
    for frames in [1, 2, 3, 5, 8] {
        let long = heard(&sound, 80, |n| (10..10 + frames).contains(&n));
        let short = heard(&sound, 16, |n| (50..50 + 5 * frames).contains(&n));
        assert_eq!(long, short, "{frames} frames");
    }
}

#[test]
fn what_replaces_a_loss_is_whole_for_10_ms_then_fades_by_a_fifth_and_is_silent_from_60_ms_on() {
    let sound = sine(100.0, 3200);
    let out = heard(&sound, 80, |n| n >= 20);
    let peak = |frame: usize| {
        let begin = (20 + frame) * 80 + DELAY;
        out[begin..begin + 80].iter().map(|s| i32::from(*s).abs()).max().unwrap_or(0)
    };
    assert!((7900..=8000).contains(&peak(0)), "{}", peak(0));
    for frame in 1..6_i32 {
        let at = usize::try_from(frame).unwrap_or(0);
        let (most, least) = (8000 - 1600 * (frame - 1), 8000 - 1600 * frame);
        assert!((least..=most).contains(&peak(at)), "frame {frame}: {}", peak(at));
    }
    assert_eq!((peak(6), peak(10)), (0, 0));
}

#[test]
fn the_loop_grows_to_two_and_three_periods() {
    // Pulses 50 samples apart, each as high as its number: which of them come again is seen.
    let mut sound: Vec<i16> = (0..1600).map(|_| 0).collect();
    for (n, sample) in sound.iter_mut().step_by(50).enumerate() {
        *sample = i16::try_from(10_000 + 10 * n).unwrap_or(0);
    }
    let mut concealer = Concealer::new();
    concealer.arrived(&mut sound[..1575]);
    let mut made = [0; 60 * 8];
    concealer.lost(&mut made);
    assert_eq!(concealer.looped.periods, 3);
    assert_eq!(concealer.looped.pitch % 50, 0);
}

#[test]
fn nothing_jumps_where_a_loss_begins_and_ends() {
    // A glide: pitch and phase are wrong at the end of each loss.
    let mut phase = 0.0_f32;
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a sine")]
    let glide: Vec<i16> = (0..16_000)
        .map(|n| {
            phase += (90.0 + n as f32 / 160.0) * core::f32::consts::TAU / 8000.0;
            (8000.0 * phase.sin()) as i16
        })
        .collect();
    let limit = 3 * steepest(&glide);
    for piece in [16, 40, 80] {
        for every in [3, 5, 7, 11] {
            let out = heard(&glide, piece, |n| n * piece / 80 % every == 1);
            assert!(steepest(&out) < limit, "{piece} {every}: {} {limit}", steepest(&out));
        }
    }
}

#[test]
fn the_period_of_a_voice_is_found_within_a_sample() {
    for hertz in [70.0_f32, 90.0, 123.0, 150.0, 190.0] {
        let mut voice = sine(hertz, WINDOW);
        for (a, b) in voice.iter_mut().zip(sine(3.0 * hertz, WINDOW)) {
            *a = *a / 2 + b / 3;
        }
        let found = pitch(voice.first_chunk().unwrap_or(&[0; WINDOW]));
        #[expect(clippy::cast_precision_loss, reason = "at most 120")]
        let periods = found.samples as f32 * hertz / 8000.0;
        let off = (periods - periods.round()).abs() * 8000.0 / hertz;
        assert!(off <= 1.0, "{hertz} Hz: {found:?}");
        assert!(found.likeness > 0.97 && !found.quiet, "{found:?}");
    }
    assert!(pitch(&[8; WINDOW]).quiet);
}

proptest! {
    #[test]
    fn any_samples_and_losses_in_pieces_of_any_length_are_taken(
        pieces in prop::collection::vec((any::<bool>(), any::<i16>(), any::<i16>(), 0..200_usize),
            0..60)
    ) {
        let mut concealer = Concealer::new();
        let mut loudest = 0;
        for (lost, a, b, count) in pieces {
            let mut sound: Vec<i16> = (0..count).map(|n| if n % 3 == 0 { a } else { b }).collect();
            if lost {
                concealer.lost(&mut sound);
            } else {
                let most = i32::from(a).abs().max(i32::from(b).abs());
                loudest = loudest.max(if count > 0 { most } else { 0 });
                concealer.arrived(&mut sound);
            }
            prop_assert!(sound.iter().all(|s| i32::from(*s).abs() <= loudest + 1));
        }
    }
}
