//! Files as people have them, made by sox, and files that are none.

use std::process::{Command, Stdio};

use dsp_level::level;
use g711::decode;
use units::Law;

use super::*;

/// A file of this format: two channels with tones of 1 kHz (left loud, right quiet), 44.1 kHz.
fn file(format: &str, seconds: &str) -> Vec<u8> {
    let made = Command::new("sox")
        .args(["-n", "-r", "44100", "-c", "2", "-t", format, "-"])
        .args(["synth", seconds, "sine", "1000", "sine", "1000", "remix", "1v0.5", "2v0.1"])
        .stderr(Stdio::null())
        .output()
        .expect("sox");
    assert!(made.status.success() && !made.stdout.is_empty(), "{format}");
    made.stdout
}

fn linear(sound: &[u8]) -> Vec<i16> {
    sound.iter().map(|octet| decode(Law::A, *octet)).collect()
}

/// How much of a second of sound is a tone of so many Hz, in dB below all of it.
fn share_db(samples: &[i16], hz: f64) -> f64 {
    let (mut re, mut im, mut all) = (0.0, 0.0, 0.0);
    for (n, sample) in (0i32..).zip(samples) {
        let phase = f64::from(n) * hz / 8000.0 * std::f64::consts::TAU;
        let value = f64::from(*sample);
        re += value * phase.cos();
        im += value * phase.sin();
        all += value * value;
    }
    let count = f64::from(u32::try_from(samples.len()).expect("short"));
    10.0 * (2.0 * (re * re + im * im) / count / all).log10()
}

#[test]
fn every_format_becomes_a_tone_of_the_same_length_at_the_level_of_sounds() {
    for format in ENDINGS {
        let sound =
            a_law(file(format, "1.5"), format).unwrap_or_else(|why| panic!("{format}: {why}"));
        // MP3 has no exact ends of its own; its frames are 26 ms.
        let spare = sound.len().abs_diff(12_000);
        assert!(spare <= if format == "mp3" { 420 } else { 1 }, "{format}: {}", sound.len());
        let samples = linear(&sound);
        let middle = &samples[2000..10_000];
        assert!((level(middle).0 - LEVEL.0).abs() < 0.2, "{format}: {:?}", level(middle));
        assert!(share_db(middle, 1000.0) > -0.1, "{format}: {}", share_db(middle, 1000.0));
    }
}

#[test]
fn the_ending_of_a_name_does_not_decide_what_a_file_is() {
    let named = a_law(file("flac", "1"), "wav").expect("a sound");
    assert_eq!(named.len(), 8000);
}

#[test]
fn what_a_line_cannot_carry_is_left_out_and_does_not_come_back_as_another_tone() {
    let made = Command::new("sox")
        .args(["-n", "-r", "48000", "-c", "1", "-t", "wav", "-"])
        .args(["synth", "2", "sine", "5000", "sine", "1130", "remix", "1v0.4,2v0.4"])
        .stderr(Stdio::null())
        .output()
        .expect("sox");
    let samples = linear(&a_law(made.stdout, "wav").expect("a sound"));
    let (alias, tone) =
        (share_db(&samples[4000..12_000], 3000.0), share_db(&samples[4000..12_000], 1130.0));
    // 5 kHz would be heard as 3 kHz.
    assert!(alias < -60.0 && tone > -0.1, "{alias} dB, {tone} dB");
}

#[test]
fn a_file_that_is_too_short_too_long_or_silent_is_refused_with_the_remedy() {
    assert_eq!(a_law(file("wav", "0.05"), "wav"), Err(Fault::Short));
    let long = ["-n", "-r", "8000", "-c", "1", "-t", "flac", "-", "synth", "601", "sine", "1000"];
    let long = Command::new("sox").args(long).output().expect("sox").stdout;
    assert_eq!(a_law(long, "flac"), Err(Fault::Long));
    let mut silent = file("wav", "1");
    silent[80..].fill(0);
    assert_eq!(a_law(silent, "wav"), Err(Fault::Silent));
    assert_eq!(Fault::Long.to_string(), "longer than 10 minutes; cut it into several files");
}

#[test]
fn a_file_that_is_cut_plays_as_far_as_it_goes_and_one_that_is_none_is_refused() {
    for format in ENDINGS {
        let whole = file(format, "3");
        let half = whole[..whole.len() / 2].to_vec();
        let sound = a_law(half, format);
        // Ogg says its length at its end.
        let refused = format == "ogg" && matches!(sound, Err(Fault::Format(_)));
        assert!(refused || sound.is_ok_and(|sound| sound.len() > 8000), "{format}");
        let mut state = 1u32;
        let mut noise = whole;
        for octet in &mut noise {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *octet = (state >> 24) as u8;
        }
        assert!(matches!(a_law(noise, format), Err(Fault::Format(_) | Fault::Short)), "{format}");
    }
}

#[test]
fn a_file_whose_octets_were_changed_never_harms() {
    for format in ENDINGS {
        let whole = file(format, "0.5");
        for seed in 0..40usize {
            let mut broken = whole.clone();
            for step in 0..4usize {
                let at = (seed * 7919 + step * 104_729) % broken.len();
                broken[at] ^= 0x55;
            }
            // It ends, and either fits or is refused.
            let length = a_law(broken, format).map_or(0, |sound| sound.len());
            assert!(length <= PROMPT_OCTETS);
        }
    }
}
